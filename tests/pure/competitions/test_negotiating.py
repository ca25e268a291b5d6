"""Negotiation of a bespoke package: who answers, what an award takes, and when it may be (A10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import (
    BeingOpened,
    CompetitionCancelled,
    NotBespoke,
    NotNow,
    OthersRound,
    OverTendered,
    OwnRound,
    ReasonNeeded,
    RoundDecided,
    StillSealed,
)
from brokerage.competitions.model import (
    Bid,
    Competition,
    Package,
    Ranked,
    Round,
    RoundId,
    RoundState,
    RoundVerb,
    State,
)
from brokerage.competitions.rules import check_choice, check_price, cost_of, cost_of_package, offered, rank
from brokerage.competitions.rules.negotiating import ROUND_MOVES, answer_round, holding, negotiate
from brokerage.competitions.rules.reading import read_offer, read_round
from brokerage.reading import NotValid
from lots.model import Price, Wants
from tests.pure.competitions.builders import (
    CLOSES,
    OPENS,
    TODAY,
    a_bid,
    a_competition,
    a_document,
    a_gate,
    a_profile,
    an_invitation,
    invitations_of,
)

AFTER = CLOSES + timedelta(minutes=5)
pounds = st.integers(0, 9_000_000).map(lambda pennies: Decimal(pennies) / 100)
quarters = st.integers(1, 168 * 4).map(lambda quarter: Decimal(quarter) / 4)
prices = st.builds(Price, pounds, pounds)
packages = st.builds(Package, quarters, prices)


def a_bespoke(**changes: object) -> Competition:
    return a_competition(profile=a_profile(hours=Decimal(168), bespoke=True), **changes)


def a_round(bid: Bid, number: int, package: Package, state: RoundState, *, by_provider: bool = False) -> Round:
    return Round(
        "derby-city",
        RoundId(uuid4()),
        bid.competition_id,
        bid.invitation_id,
        bid.provider_id,
        number,
        package,
        "A night worker is enough",
        state,
        by_provider,
        UUID(int=1),
        AFTER,
    )


@given(
    offers=st.lists(prices, min_size=1, max_size=4),
    said=st.lists(st.tuples(st.integers(0, 3), packages, st.sampled_from(RoundState), st.booleans()), max_size=12),
    shuffled=st.randoms(use_true_random=False),
)
def test_an_award_takes_the_last_agreed_round_of_its_own_offer_else_the_offer(
    offers: list[Price], said: list[tuple[int, Package, RoundState, bool]], shuffled: Random
) -> None:
    competition = a_bespoke()
    bids = [a_bid(competition, price) for price in offers]
    rounds: list[Round] = []
    expected = {bid.id: (Package(Decimal(168), bid.offer.price), None) for bid in bids}
    for whose, package, state, by_provider in said:
        bid = bids[whose % len(bids)]
        number = 1 + sum(one.invitation_id == bid.invitation_id for one in rounds)
        made = a_round(bid, number, package, state, by_provider=by_provider)
        rounds.append(made)
        if state is RoundState.AGREED:
            expected[bid.id] = (package, made.id)
    shuffled.shuffle(rounds)
    for bid in bids:
        package, agreed = holding(competition, bid, rounds)
        assert (package, agreed.id if agreed else None) == expected[bid.id]


@given(packages, st.integers(1, 6), pounds)
def test_the_cost_is_reckoned_of_what_was_agreed(package: Package, beds: int, benefit: Decimal) -> None:
    competition = a_bespoke(housing_benefit_weekly=benefit)
    competition = replace(competition, profile=replace(competition.profile, beds=beds))
    bid = a_bid(competition, package.price)
    invitation = an_invitation(bid, Decimal(5))
    total, lines = cost_of_package(competition, package, invitation)
    assert total >= 0
    assert any(f"£{package.price.accommodation_weekly:,.2f}" in line for line in lines)
    assert cost_of(competition, bid, invitation) == cost_of_package(competition, offered(competition, bid), invitation)


@given(st.sampled_from(RoundState), st.sampled_from(RoundVerb), st.booleans(), st.booleans())
def test_each_is_answered_once_by_the_other_party_or_taken_back_by_its_own(
    state: RoundState, verb: RoundVerb, proposed_by_provider: bool, asked_by_provider: bool
) -> None:
    bid = a_bid(a_bespoke(), Price(Decimal(1), Decimal(1)))
    found = a_round(bid, 1, Package(Decimal(1), bid.offer.price), state, by_provider=proposed_by_provider)
    own = proposed_by_provider == asked_by_provider
    refusal: type[Exception] | None = None
    if state is not RoundState.PROPOSED:
        refusal = RoundDecided
    elif verb is RoundVerb.WITHDRAW and not own:
        refusal = OthersRound
    elif verb is not RoundVerb.WITHDRAW and own:
        refusal = OwnRound
    if refusal is not None:
        with pytest.raises(refusal):
            answer_round(found, verb, UUID(int=2), AFTER, by_provider=asked_by_provider)
        return
    answered = answer_round(found, verb, UUID(int=2), AFTER, by_provider=asked_by_provider)
    assert answered == replace(found, state=ROUND_MOVES[state, verb], answered_by=UUID(int=2), answered_at=AFTER), (
        "an answer changes nothing of what was proposed"
    )


@pytest.mark.parametrize(
    ("found", "now", "refusal"),
    [
        (a_competition(), AFTER, NotBespoke),
        (a_bespoke(state=State.OPEN, closed_at=None, unsealed_at=None), CLOSES - timedelta(seconds=1), StillSealed),
        (a_bespoke(state=State.OPEN, closed_at=None, unsealed_at=None), AFTER, BeingOpened),
        (a_bespoke(unsealed_at=None), AFTER, BeingOpened),
        (a_bespoke(state=State.AWARDED), AFTER, NotNow),
        (a_bespoke(state=State.UNSUCCESSFUL), AFTER, NotNow),
        (a_bespoke(state=State.CANCELLED), AFTER, CompetitionCancelled),
    ],
)
def test_it_is_negotiated_between_the_opening_and_the_award(
    found: Competition, now: datetime, refusal: type[Exception]
) -> None:
    negotiate(a_bespoke(), AFTER)
    with pytest.raises(refusal):
        negotiate(found, now)


@given(offer=prices, tendered=prices)
def test_no_tendered_price_holds_a_bespoke_package(offer: Price, tendered: Price) -> None:
    gate = a_gate(hours=Decimal(168), tendered=tendered)
    document = a_document(
        gate, accommodation_weekly=f"{offer.accommodation_weekly:.2f}", support_hourly=f"{offer.support_hourly:.2f}"
    )
    read = read_offer(document, gate, TODAY)
    check_price(replace(gate, bespoke=True), read)
    if any(
        asked > most
        for asked, most in (
            (offer.accommodation_weekly, tendered.accommodation_weekly),
            (offer.support_hourly, tendered.support_hourly),
        )
    ):
        with pytest.raises(OverTendered):
            check_price(gate, read)


def test_the_ranking_stays_that_of_the_offers_and_a_negotiated_choice_has_a_reason() -> None:
    competition = a_bespoke()
    bids = [a_bid(competition, Price(Decimal(number), Decimal(number)), OPENS) for number in (900, 800)]
    scores = {UUID(str(one.id)): {question.key: 3 for question in competition.questions} for one in bids}
    ranked: tuple[Ranked, ...] = rank(competition, bids, invitations_of(bids), scores)
    assert [row.weekly_cost for row in ranked] == [Decimal("135200.00"), Decimal("152100.00")]
    check_choice(ranked, ranked[0], "")
    with pytest.raises(ReasonNeeded) as why:
        check_choice(ranked, ranked[0], "", negotiated=True)
    assert why.value.why == "negotiated"
    check_choice(ranked, ranked[0], "Agreed in two rounds", negotiated=True)


@given(
    st.dictionaries(
        st.sampled_from(["hours", "accommodation_weekly", "support_hourly", "words", "extra"]),
        st.none()
        | st.text(max_size=20)
        | st.integers()
        | st.booleans()
        | st.floats()
        | st.just("ten letters and more"),
    ),
    st.sampled_from([frozenset({Wants.SUPPORT}), frozenset({Wants.ACCOMMODATION}), frozenset(Wants)]),
)
def test_whatever_is_sent_is_read_whole_or_refused_with_its_places(
    document: dict[str, object], wants: frozenset[Wants]
) -> None:
    try:
        package, words = read_round(document, a_profile(wants=wants, bespoke=True))
    except NotValid as refused:
        assert refused.faults
        return
    assert (package.price.support_hourly is not None) == (Wants.SUPPORT in wants) == (package.hours > 0)
    assert (package.price.accommodation_weekly is not None) == (Wants.ACCOMMODATION in wants)
    assert len(words) >= 10
