"""How offers are weighed (A24, S12, S13), scored, chosen (S14) and funded (A26, S16)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import (
    AlreadySupported,
    CompetitionCancelled,
    FundingNotOpen,
    NotFunded,
    ReasonNeeded,
    SamePerson,
)
from brokerage.competitions.model import AwardState, Bid, Competition, FundingStep, Ranked, State, Weights
from brokerage.competitions.rules import (
    check_choice,
    check_funded,
    check_funding,
    check_scores,
    check_wanted,
    funded_by,
    rank,
)
from lots.model import Price
from tests.pure.competitions.builders import CLOSES, OPENS, a_bid, a_competition, a_profile, an_award, invitations_of

CENT = Decimal("0.01")
pounds = st.integers(0, 90_000).map(lambda pence: Decimal(pence) / 100)
weights = st.integers(0, 100).flatmap(
    lambda price: st.integers(0, 100 - price).map(lambda quality: Weights(price, quality, 100 - price - quality))
)
Scored = tuple[Competition, list[Bid], dict[UUID, dict[str, int]]]


@st.composite
def fields(draw: st.DrawFn, least: int = 1) -> Scored:
    """Draw a competition with its bids, few distinct figures among them so that ties are common."""
    competition = a_competition(weights=draw(weights), budget_weekly=draw(pounds))
    few = draw(st.lists(pounds, min_size=1, max_size=3))
    bids: list[Bid] = []
    scores: dict[UUID, dict[str, int]] = {}
    for _ in range(draw(st.integers(least, 4))):
        price = Price(draw(st.sampled_from(few)), Decimal(draw(st.integers(0, 2))))
        bid = a_bid(competition, price, OPENS + timedelta(seconds=draw(st.integers(0, 2))))
        bids.append(bid)
        scores[bid.id] = {question.key: draw(st.integers(0, 5)) for question in competition.questions}
    return competition, bids, scores


def ranked(field: Scored, bids: list[Bid] | None = None) -> tuple[Ranked, ...]:
    competition, standing, scores = field
    return rank(competition, standing if bids is None else bids, invitations_of(standing), scores)


@given(fields())
def test_scores_lie_between_nothing_and_their_weight_and_add_up_in_hundredths(field: Scored) -> None:
    weighed = field[0].weights
    for row in ranked(field):
        assert 0 <= row.price_score <= weighed.price
        assert 0 <= row.quality_score <= weighed.quality
        assert 0 <= row.social_value_score <= weighed.social_value
        assert row.total == row.price_score + row.quality_score + row.social_value_score
        assert 0 <= row.total <= 100
        assert all(part == part.quantize(CENT) for part in (row.price_score, row.quality_score, row.social_value_score))
        assert row.within_budget == (row.weekly_cost <= field[0].budget_weekly)


@given(fields())
def test_the_working_shows_every_part_and_the_total(field: Scored) -> None:
    for row in ranked(field):
        price, quality, social, total = row.working[-4:]
        assert price.startswith("Price: ")
        assert price.endswith(f"= {row.price_score}")
        assert quality.startswith("Quality: ")
        assert social.startswith("Social value: ")
        assert total == (f"Total: {row.price_score} + {row.quality_score} + {row.social_value_score} = {row.total}")
        cost = sum((Decimal(line.rpartition("£")[2]) for line in row.working[:-4]), Decimal(0))
        assert cost == row.weekly_cost


@given(fields(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(field: Scored, dice: random.Random) -> None:
    shuffled = list(field[1])
    dice.shuffle(shuffled)
    assert ranked(field, shuffled) == ranked(field)


@given(fields(least=2))
def test_ranks_follow_total_then_quality_then_cost_then_receipt(field: Scored) -> None:
    rows = ranked(field)
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    keys = [(-row.total, -row.quality_score, row.weekly_cost, row.received_at) for row in rows]
    assert keys == sorted(keys)


@given(fields())
def test_the_lowest_price_has_the_full_weight_of_price(field: Scored) -> None:
    rows = ranked(field)
    lowest = min(row.weekly_cost for row in rows)
    for row in rows:
        if row.weekly_cost == lowest:
            assert row.price_score == field[0].weights.price
        elif lowest == 0:
            assert row.price_score == 0


@given(fields(least=2))
def test_a_lower_price_never_scores_less(field: Scored) -> None:
    rows = sorted(ranked(field), key=lambda row: row.weekly_cost)
    assert [row.price_score for row in rows] == sorted((row.price_score for row in rows), reverse=True)


@given(fields())
def test_one_more_point_never_lowers_an_offer(field: Scored) -> None:
    competition, bids, scores = field
    better = {**scores, bids[0].id: {key: min(5, given + 1) for key, given in scores[bids[0].id].items()}}
    before = next(row for row in ranked(field) if row.bid_id == bids[0].id)
    after = next(row for row in ranked((competition, bids, better)) if row.bid_id == bids[0].id)
    assert after.total >= before.total
    assert after.rank <= before.rank


def test_a_cost_of_nothing_divides_nothing() -> None:
    competition = a_competition(housing_benefit_weekly=Decimal("400.00"), profile=a_profile(hours=Decimal("0.00")))
    bids = [a_bid(competition, Price(Decimal(pence), None)) for pence in ("350.00", "400.00", "500.00")]
    scores = {UUID(str(bid.id)): {question.key: 3 for question in competition.questions} for bid in bids}
    rows = {row.bid_id: row for row in ranked((competition, bids, scores))}
    assert [rows[bid.id].weekly_cost for bid in bids] == [0, 0, 100]
    assert [rows[bid.id].price_score for bid in bids] == [40, 40, 0]


def test_a_ranking_of_nobody_is_empty() -> None:
    assert rank(a_competition(), [], {}, {}) == ()


def test_each_tie_is_broken_by_the_next_rule() -> None:
    # Price 50, quality 50, and only two questions: so that a total can tie on purpose.
    competition = a_competition(weights=Weights(0, 50, 50))
    same = Price(Decimal("300.00"), Decimal(10))
    early, late = OPENS, OPENS + timedelta(seconds=1)
    quality = a_bid(competition, Price(Decimal("390.00"), Decimal(10)), late)
    cheap, first, second = a_bid(competition, Price(Decimal("200.00"), Decimal(10)), late), None, None
    first, second = a_bid(competition, same, early), a_bid(competition, same, late)
    # quality questions: home, education, risk (15 points make 50); social value: 5 points make 50
    even = {"home": 0, "education": 0, "risk": 0, "social_value": 5}
    scores: Mapping[UUID, Mapping[str, int]] = {
        quality.id: {"home": 5, "education": 5, "risk": 5, "social_value": 0},
        cheap.id: even,
        first.id: even,
        second.id: even,
    }
    bids = [second, cheap, first, quality]
    order = [row.bid_id for row in rank(competition, bids, invitations_of(bids), scores)]
    assert order == [quality.id, cheap.id, first.id, second.id]


@pytest.mark.parametrize("bad", [-1, 6, True, "5", 3.0, None, [3]])
def test_a_score_is_a_whole_number_from_0_to_5(bad: Any) -> None:
    competition = a_competition()
    bid = a_bid(competition, Price(Decimal(1), Decimal(1)))
    good = {question.key: 3 for question in competition.questions}
    assert check_scores(competition, [bid], {bid.id: good}) == ()
    (fault,) = check_scores(competition, [bid], {bid.id: good | {"risk": bad}})
    assert fault[0] == f"/scores/{bid.id}/risk"


def test_every_answer_of_every_standing_offer_is_scored_and_nothing_else() -> None:
    competition = a_competition()
    bid, other = (a_bid(competition, Price(Decimal(1), Decimal(1))) for _ in range(2))
    good = {question.key: 3 for question in competition.questions}
    assert len(check_scores(competition, [bid, other], {bid.id: good})) == len(competition.questions)
    stranger = uuid4()
    faults = check_scores(competition, [bid], {bid.id: good | {"beauty": 3}, stranger: good})
    assert {place for place, _ in faults} == {f"/scores/{bid.id}/beauty", f"/scores/{stranger}"}


@given(fields(), st.text(max_size=30))
def test_a_choice_needs_a_reason_where_it_is_not_the_plain_one(field: Scored, reason: str) -> None:
    rows = ranked(field)
    for row in rows:
        needed = len(rows) == 1 or row.rank != 1
        if needed and len(reason.strip()) < 10:
            with pytest.raises(ReasonNeeded) as asked:
                check_choice(rows, row, reason)
            assert asked.value.why == ("only_offer" if len(rows) == 1 else "not_top")
        else:
            check_choice(rows, row, reason)


def test_the_money_is_decided_once_by_somebody_else_once_each() -> None:
    award, approver = an_award(), uuid4()
    check_funding(award, approver)
    with pytest.raises(SamePerson):
        check_funding(award, award.awarded_by)
    for state in AwardState:
        if state is not AwardState.AWAITING_FUNDING:
            with pytest.raises(FundingNotOpen):
                check_funding(an_award(state=state), approver)
    supported = an_award(funding=(FundingStep(approver, "support", "", CLOSES),))
    with pytest.raises(AlreadySupported):
        check_funding(supported, approver)
    check_funding(supported, uuid4())


@given(pounds, pounds)
def test_one_approver_is_enough_exactly_within_the_limit(cost: Decimal, limit: Decimal) -> None:
    award = an_award(weekly_cost=cost)
    assert funded_by(award, limit) == (cost <= limit)
    assert funded_by(an_award(weekly_cost=cost, funding=(FundingStep(uuid4(), "support", "", CLOSES),)), limit)


@pytest.mark.parametrize("state", AwardState)
def test_a_start_is_agreed_only_of_a_funded_award(state: AwardState) -> None:
    if state is AwardState.FUNDED:
        check_funded(an_award(state=state))
        return
    with pytest.raises(NotFunded):
        check_funded(an_award(state=state))


@pytest.mark.parametrize("state", State)
def test_an_award_whose_competition_was_cancelled_goes_nowhere(state: State) -> None:
    if state is State.CANCELLED:
        with pytest.raises(CompetitionCancelled):
            check_wanted(a_competition(state=state))
    else:
        check_wanted(a_competition(state=state))
