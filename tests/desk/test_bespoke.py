"""Bespoke packages: advertised to a whole lot, priced freely, negotiated with each bidder, and led (A10, S20)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final
from uuid import UUID

import pytest

from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import (
    BeingOpened,
    CompetitionCancelled,
    NoSuchInvitation,
    NoSuchRound,
    NotBespoke,
    NothingOffered,
    NotNow,
    OthersRound,
    OwnRound,
    ReasonNeeded,
    RoundDecided,
    RoundOpen,
    StillSealed,
)
from brokerage.competitions.events import BidAwarded
from brokerage.competitions.model import RoundState, RoundVerb, Weights
from brokerage.demo.register import provider_id
from brokerage.desk import views
from brokerage.desk.flow import negotiations as flow
from brokerage.desk.flow import open_competition
from brokerage.desk.flow.decisions import give_up
from brokerage.desk.views.negotiations import negotiation_with
from brokerage.desk.work import Desk
from brokerage.people.errors import NotAllowed
from brokerage.reading import NotValid
from placements import rules as placement_rules
from placements import store as placement_store
from placements.model import AgreementId
from tests.desk.road import (
    DERBY,
    PEOPLE,
    STARTS,
    Door,
    Open,
    a_raised_referral,
    agree,
    an_open_competition,
    ask,
    award,
    bid,
    clock_of,
    close,
    decide,
    evaluate,
    eyes,
    open_again,
    record,
    referral_state,
    state_of,
    verified,
    withdraw,
)

ROUND_THE_CLOCK: Final = {"override": {"hours": 168, "reason": "Two adults at all hours for now"}}
ASKED: Final = {"hours": "150", "accommodation_weekly": "700.00", "support_hourly": "19.00"}
WORDS: Final = "Nobody is needed while at college"


def advertised(desk: Desk) -> Open:
    return open_again(desk, a_raised_referral(desk, **ROUND_THE_CLOCK))


def door(opened: Open, firm: str = "amberside") -> Door:
    return next(one for one in opened.doors if one.provider_id == provider_id(firm))


def offered(desk: Desk, firms: tuple[str, ...] = ("amberside", "brightwater")) -> Open:
    """Advertise a package of 168 hours, offer far above what was tendered, and open the offers."""
    opened = advertised(desk)
    for number, firm in enumerate(firms):
        bid(desk, door(opened, firm), f"{900 + number}.00", support_hourly=f"{60 + number}.00")
    close(desk, opened)
    return opened


def propose(desk: Desk, opened: Open, who: str = "coordinator", firm: str = "amberside", **changes: Any) -> UUID:
    with desk.work(PEOPLE[who]) as work:
        document = {**ASKED, "words": WORDS, **changes}
        return flow.propose_round(work, door(opened, firm).invitation_id, document).round_id


def answer(desk: Desk, round_id: UUID, who: str = "provider_a", verb: RoundVerb = RoundVerb.AGREE) -> str:
    with desk.work(PEOPLE[who]) as work:
        return flow.answer_round(work, round_id, verb).state


def bid_of(desk: Desk, opened: Open, firm: str) -> UUID:
    with eyes(desk) as db:
        return next(
            one.id for one in competition_store.bids(db, DERBY, opened.id) if one.provider_id == provider_id(firm)
        )


def test_a_package_round_the_clock_goes_from_raising_to_the_first_week_of_the_ledger(desk: Desk) -> None:
    referral_id = a_raised_referral(desk, **ROUND_THE_CLOCK)
    assert referral_state(desk, referral_id) == "bespoke"
    opened = open_again(desk, referral_id)
    assert (opened.event.bespoke, opened.event.profile.hours, opened.event.profile.bespoke) == (True, 168, True)
    assert referral_state(desk, referral_id) == "seeking"
    for number, firm in enumerate(("amberside", "brightwater")):
        bid(desk, door(opened, firm), f"{900 + number}.00", support_hourly=f"{60 + number}.00")
    close(desk, opened)
    answer(desk, propose(desk, opened))
    second = propose(desk, opened, "provider_a", hours="160", support_hourly="21.00", accommodation_weekly="720.00")
    answer(desk, second, "coordinator")
    evaluate(desk, opened)
    made = award(desk, opened, bid_of(desk, opened, "amberside"), "Agreed in two rounds, and the best plan")
    assert (made.round_id, made.weekly_cost) == (second, Decimal("160") * 21 + 720)
    decide(desk, made.award_id)
    decide(desk, made.award_id, who="approver_2")
    agreement_id = agree(desk, made.award_id)
    assert referral_state(desk, referral_id) == "placed"
    with eyes(desk) as db:
        found = placement_store.agreement(db, DERBY, AgreementId(agreement_id))
        (version,) = placement_store.versions(db, DERBY, AgreementId(agreement_id))
    terms = found.terms
    assert (terms.bespoke, terms.hours, terms.support_hourly, terms.accommodation_weekly) == (
        True,
        160,
        Decimal("21.00"),
        Decimal("720.00"),
    )
    assert (found.funded_weekly, version.limits.support_hourly) == (Decimal("4080.00"), Decimal("21.00"))
    week = placement_rules.ledger((version,), STARTS, STARTS + timedelta(days=6))
    assert [line.amount for line in week.lines] == [Decimal("4080.00")]
    assert verified(desk).first_bad is None


def test_everybody_in_standing_in_any_category_of_the_lot_is_invited_once(desk: Desk) -> None:
    opened = advertised(desk)
    rows = ask(desk, "SELECT DISTINCT provider_id FROM registration WHERE category IN ('1.1', '1.2', '1.3')")
    invited, out = set(opened.event.invited), {one for one, _ in opened.event.excluded}
    ordinary = set(an_open_competition(desk).event.invited)
    assert ordinary < invited <= {row[0] for row in rows}
    assert len(opened.event.invited) == len(invited)
    assert invited | out == {row[0] for row in ask(desk, "SELECT id FROM provider")}
    assert not invited & out
    assert all(one.reason for one in opened.event.reasons)


def test_the_invitation_says_bespoke_and_how_many_hours(desk: Desk) -> None:
    opened = advertised(desk)
    texts = ask(desk, "SELECT body FROM message WHERE subject_id = :id", id=door(opened).invitation_id)
    assert len(texts) == 2
    assert all("bespoke" in row[0] and "168" in row[0] for row in texts)


def test_without_an_offer_it_is_bespoke_again_and_can_be_advertised_again(desk: Desk) -> None:
    opened = advertised(desk)
    close(desk, opened)
    assert (state_of(desk, opened), referral_state(desk, opened.referral_id)) == ("unsuccessful", "bespoke")
    assert open_again(desk, opened.referral_id).event.bespoke


def test_given_up_it_is_bespoke_again(desk: Desk) -> None:
    opened = offered(desk)
    with desk.work(PEOPLE["coordinator"]) as work:
        give_up(work, opened.id, "None of them is right")
    assert referral_state(desk, opened.referral_id) == "bespoke"


def test_what_is_on_the_table_is_the_last_agreed_round_and_never_anothers(desk: Desk) -> None:
    opened = offered(desk)
    answer(desk, propose(desk, opened))
    answer(desk, propose(desk, opened, hours="100"), verb=RoundVerb.REFUSE)
    answer(desk, propose(desk, opened, hours="90"), "coordinator", RoundVerb.WITHDRAW)
    propose(desk, opened, "provider_b", "brightwater", hours="1")
    propose(desk, opened, "provider_a", hours="80")
    evaluate(desk, opened)
    with desk.work(PEOPLE["coordinator"]) as work:
        view = views.competition(work, opened.id)
    deals = [one.negotiated for one in view.offers or () if one.negotiated]
    assert sorted((one.package.hours, one.rounds, one.waits is not None) for one in deals) == [
        (Decimal(150), 4, True),
        (Decimal(168), 1, True),
    ]
    with pytest.raises(ReasonNeeded) as why:
        award(desk, opened, bid_of(desk, opened, "amberside"), "")
    assert why.value.why == "negotiated"
    made = award(desk, opened, bid_of(desk, opened, "brightwater"))
    assert (made.round_id, made.weekly_cost) == (None, Decimal("168") * 61 + 901)


def test_words_of_the_council_are_redacted_and_those_of_a_bidder_stay(desk: Desk) -> None:
    opened = offered(desk)
    (given,) = ask(desk, "SELECT given_name FROM young_person WHERE referral_id = :id", id=opened.referral_id)[0]
    said = f"{given} sleeps through the night"
    for who, kept in (("coordinator", "[young person] sleeps through the night"), ("provider_a", said)):
        round_id = propose(desk, opened, who, words=said)
        assert ask(desk, "SELECT words FROM negotiation_round WHERE id = :id", id=round_id) == [(kept,)]
        answer(desk, round_id, who, RoundVerb.WITHDRAW)
    assert all(given not in line.body for line in record(desk, opened.referral_id))


def test_a_bidder_sees_its_own_negotiation_and_no_other(desk: Desk) -> None:
    opened = offered(desk)
    mine, theirs = propose(desk, opened), propose(desk, opened, "coordinator", "brightwater")
    with desk.work(PEOPLE["provider_a"]) as work:
        seen = competition_store.rounds(work.db, DERBY, opened.id)
        assert [one.id for one in seen] == [mine]
        with pytest.raises(NoSuchInvitation):
            negotiation_with(work, door(opened, "brightwater").invitation_id)
    with pytest.raises(NoSuchRound):
        answer(desk, theirs)
    with pytest.raises(NoSuchRound):
        answer(desk, mine, "coordinator_county")
    with pytest.raises(NotAllowed):
        answer(desk, mine, "approver")


def test_each_side_answers_the_others_proposal_once(desk: Desk) -> None:
    opened = offered(desk)
    first = propose(desk, opened)
    for refusal, act in (
        (RoundOpen, lambda: propose(desk, opened, "provider_a")),
        (OwnRound, lambda: answer(desk, first, "coordinator")),
        (OthersRound, lambda: answer(desk, first, "provider_a", RoundVerb.WITHDRAW)),
    ):
        with pytest.raises(refusal):
            act()
    assert answer(desk, first) == "agreed"
    with pytest.raises(RoundDecided) as late:
        answer(desk, first, verb=RoundVerb.REFUSE)
    assert late.value.state is RoundState.AGREED


def test_nothing_is_negotiated_before_the_opening_after_the_award_or_where_it_is_not_bespoke(desk: Desk) -> None:
    opened = advertised(desk)
    bid(desk, door(opened), "900.00", support_hourly="60.00")
    with pytest.raises(StillSealed):
        propose(desk, opened)
    clock_of(desk).now = opened.event.closes_at
    with pytest.raises(BeingOpened):
        propose(desk, opened)
    close(desk, opened)
    with pytest.raises(NothingOffered):
        propose(desk, opened, "coordinator", "brightwater")
    waits = propose(desk, opened)
    evaluate(desk, opened)
    award(desk, opened, bid_of(desk, opened, "amberside"))
    for act in (lambda: answer(desk, waits), lambda: propose(desk, opened)):
        with pytest.raises(NotNow):
            act()
    ordinary = an_open_competition(desk)
    bid(desk, ordinary.doors[0])
    close(desk, ordinary)
    with pytest.raises(NotBespoke):
        propose(desk, ordinary)


def test_a_refused_funding_opens_the_negotiation_again(desk: Desk) -> None:
    opened = offered(desk)
    evaluate(desk, opened)
    made = award(desk, opened, bid_of(desk, opened, "amberside"))
    decide(desk, made.award_id, "refuse")
    last = propose(desk, opened, hours="140")
    answer(desk, last)
    again = award(desk, opened, bid_of(desk, opened, "amberside"))
    assert (again.round_id, again.weekly_cost) == (last, Decimal("140") * 19 + 700)


def test_a_withdrawn_referral_is_not_negotiated(desk: Desk) -> None:
    opened = offered(desk)
    waits = propose(desk, opened)
    withdraw(desk, opened.referral_id)
    with pytest.raises(CompetitionCancelled):
        answer(desk, waits)


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"hours": "0"}, {"/hours"}),
        ({"hours": "168.25"}, {"/hours"}),
        (
            {"hours": None, "support_hourly": None, "accommodation_weekly": None},
            {"/hours", "/support_hourly", "/accommodation_weekly"},
        ),
        ({"words": "short"}, {"/words"}),
        ({"reason": "unknown"}, {"/reason"}),
    ],
)
def test_a_proposal_is_whole(desk: Desk, changes: dict[str, Any], places: set[str]) -> None:
    opened = offered(desk)
    with pytest.raises(NotValid) as refused:
        propose(desk, opened, **changes)
    assert {fault.pointer for fault in refused.value.faults} == places


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    ready = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return act()
        except Exception as refused:  # what each answered or raised is what is looked at
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_of_two_answers_at_once_one_wins(desk: Desk) -> None:
    opened = offered(desk)
    for verbs in ((RoundVerb.AGREE, RoundVerb.REFUSE), (RoundVerb.AGREE, RoundVerb.AGREE)):
        waits = propose(desk, opened)
        came = at_once(*(partial(answer, desk, waits, verb=verb) for verb in verbs))
        assert sum(isinstance(one, RoundDecided) for one in came) == 1
        (state,) = ask(desk, "SELECT state FROM negotiation_round WHERE id = :id", id=waits)[0]
        assert state in came


def test_of_two_proposals_at_once_one_waits(desk: Desk) -> None:
    opened = offered(desk)
    came = at_once(lambda: propose(desk, opened), lambda: propose(desk, opened, "provider_a"))
    assert sum(isinstance(one, RoundOpen) for one in came) == 1
    assert len(ask(desk, "SELECT 1 FROM negotiation_round")) == 1


def test_an_award_takes_what_was_agreed_before_it_and_nothing_after(desk: Desk) -> None:
    opened = offered(desk)
    evaluate(desk, opened)
    chosen = bid_of(desk, opened, "amberside")
    waits = propose(desk, opened)
    made, said = at_once(lambda: award(desk, opened, chosen), lambda: answer(desk, waits))
    assert isinstance(made, BidAwarded)
    if isinstance(said, NotNow):
        assert (made.round_id, made.weekly_cost) == (None, Decimal("168") * 60 + 900)
    else:
        assert (said, made.round_id, made.weekly_cost) == ("agreed", waits, Decimal("150") * 19 + 700)
    (state,) = ask(desk, "SELECT state FROM negotiation_round WHERE id = :id", id=waits)[0]
    assert state == ("proposed" if isinstance(said, NotNow) else "agreed")


def test_who_may_not_publish_may_not_advertise(desk: Desk) -> None:
    referral_id = a_raised_referral(desk, **ROUND_THE_CLOCK)
    with desk.work(PEOPLE["approver"]) as work, pytest.raises(NotAllowed):
        open_competition(work, referral_id, Weights())
    assert referral_state(desk, referral_id) == "bespoke"
