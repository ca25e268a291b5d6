"""Everything that may not be done, and that nothing changes when it is tried."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from brokerage.competitions.errors import (
    AlreadyAwarded,
    AlreadySupported,
    BeingOpened,
    BidTooLate,
    CodeNeeded,
    CodeWrong,
    CompetitionCancelled,
    FundingNotOpen,
    NobodyEligible,
    NoSuchAward,
    NoSuchBid,
    NoSuchCompetition,
    NoSuchInvitation,
    NotEvaluated,
    NotFunded,
    NothingToWithdraw,
    NotOpenYet,
    OutOfStanding,
    OverTendered,
    ReasonNeeded,
    SamePerson,
    StillSealed,
    TooManyCodes,
    WindowOver,
)
from brokerage.competitions.events import FundingAuthorised, FundingSupported
from brokerage.competitions.model import DeclineReason, Receipt
from brokerage.desk import flow
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.errors import NotAllowed, NotSignedIn
from brokerage.people.model import Actor, Role
from brokerage.reading import NotValid
from brokerage.referrals.errors import NoSuchReferral, NotEligible
from brokerage.referrals.errors import NotNow as ReferralNotNow
from placements.errors import NotInStanding
from tests.desk.road import (
    DERBY,
    PEOPLE,
    START,
    Door,
    a_code,
    a_raised_referral,
    agree,
    an_offer,
    an_open_competition,
    ask,
    award,
    awarded,
    bid,
    bid_by_link,
    clock_of,
    close,
    decide,
    evaluate,
    look,
    open_again,
    record,
    referral_state,
    state_of,
    suspend_today,
    sweep,
    verified,
    withdraw,
)
from tests.pure.referrals.documents import a_document, answers

MICRO = timedelta(microseconds=1)
COUNTY = "coordinator_county"


def bids_kept(desk: Desk) -> int:
    return int(ask(desk, "SELECT count(*) FROM bid")[0][0])


# Late, early, over


def test_an_offer_at_the_very_instant_of_the_close_is_late_and_one_microsecond_before_is_in(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door, other = opened.doors[:2]
    clock_of(desk).now = opened.event.closes_at - MICRO
    assert bid(desk, door).received_at == opened.event.closes_at - MICRO
    clock_of(desk).now = opened.event.closes_at
    with pytest.raises(BidTooLate) as late:
        bid(desk, other)
    assert late.value.received_at == late.value.closed_at == opened.event.closes_at
    assert len(late.value.digest) == 64
    with pytest.raises(BidTooLate):
        bid(desk, door, "1.00")
    close(desk, opened)
    with pytest.raises(BidTooLate):
        bid(desk, other)
    assert bids_kept(desk) == 1


def test_a_late_offer_by_link_is_told_so_with_its_digest_before_any_code_is_asked_for(desk: Desk) -> None:
    opened = an_open_competition(desk)
    clock_of(desk).now = opened.event.closes_at
    with pytest.raises(BidTooLate) as late:
        bid_by_link(desk, opened.doors[0], None)
    assert len(late.value.digest) == 64
    with pytest.raises(BidTooLate):
        a_code(desk, opened.doors[0])


def test_the_deadline_needs_no_worker_and_the_opening_does(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    clock_of(desk).push(timedelta(days=2))
    with pytest.raises(BidTooLate):
        bid(desk, opened.doors[1])
    with pytest.raises(BeingOpened) as waiting:
        evaluate(desk, opened)
    assert waiting.value.closed_at == opened.event.closes_at
    assert sweep(desk) == 2, "closed and opened"
    assert len(evaluate(desk, opened)) == 1
    kinds = [line.kind for line in record(desk) if line.kind != "bid_refused_late"]
    assert kinds[-3:] == ["competition_closed", "bids_opened", "bids_evaluated"]


def test_a_clock_that_steps_back_after_the_close_opens_nothing(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    close(desk, opened)
    clock_of(desk).now = START + timedelta(hours=1)
    with pytest.raises(BidTooLate):
        bid(desk, opened.doors[1])
    with pytest.raises(StillSealed):
        evaluate(desk, opened)


def test_an_offer_over_the_tendered_price_is_refused_naming_both(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = next(one for one in opened.doors if one.provider == "Amberside Homes")
    with pytest.raises(OverTendered) as over:
        bid(desk, door, "410.01")
    assert (over.value.item, over.value.offered, over.value.tendered) == (
        "accommodation", Decimal("410.01"), Decimal("410.00"),
    )  # fmt: skip
    with pytest.raises(OverTendered) as over:
        bid(desk, door, "410.00", support_hourly="23.51")
    assert (over.value.item, over.value.tendered) == ("support", Decimal("23.50"))
    assert bid(desk, door, "410.00", support_hourly="23.50").version == 1


def test_an_offer_before_the_window_opens_is_told_when_it_opens(desk: Desk) -> None:
    ask(desk, "UPDATE authority SET urgent_waits_for_morning = true WHERE key = 'derby-city' RETURNING key")
    clock_of(desk).now = START.replace(hour=23)
    opened = an_open_competition(desk, urgency="urgent")
    assert opened.event.opens_at == START.replace(day=22, hour=8)
    door = opened.doors[0]
    acts: list[Callable[[], object]] = [
        lambda: bid(desk, door), lambda: a_code(desk, door), lambda: decline(desk, door), lambda: take_back(desk, door),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(NotOpenYet) as early:
            act()
        assert early.value.opens_at == opened.event.opens_at
    clock_of(desk).now = opened.event.opens_at
    assert bid(desk, door).version == 1


def decline(desk: Desk, door: Door) -> object:
    with desk.work(SYSTEM) as work:
        return flow.decline(work, door.token, DeclineReason.NO_ROOM, "")


def take_back(desk: Desk, door: Door) -> object:
    with desk.work(door.actor) as work:
        return flow.withdraw_bid(work, door.invitation_id)


def test_nothing_is_taken_back_or_declined_after_the_close(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    bid(desk, door)
    clock_of(desk).now = opened.event.closes_at
    for act in (take_back, decline):
        with pytest.raises(WindowOver):
            act(desk, door)
    close(desk, opened)
    for act in (take_back, decline):
        with pytest.raises(WindowOver):
            act(desk, door)
    assert len(evaluate(desk, opened)) == 1


def test_an_offer_taken_back_or_declined_does_not_stand_and_a_new_one_may(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door, other = opened.doors[:2]
    with pytest.raises(NothingToWithdraw):
        take_back(desk, door)
    bid(desk, door)
    take_back(desk, door)
    with pytest.raises(NothingToWithdraw):
        take_back(desk, door)
    bid(desk, other)
    decline(desk, other)
    assert bid(desk, door).version == 2
    rows = ask(desk, "SELECT declined_at, standing_bid FROM invitation WHERE id = :id", id=other.invitation_id)
    assert rows == [(START, None)]
    assert bid(desk, other).version == 2


def test_a_cancelled_competition_says_so_to_whoever_comes(desk: Desk) -> None:
    opened = an_open_competition(desk)
    withdraw(desk, opened.referral_id)
    door = opened.doors[0]
    for act in (bid, a_code, decline, take_back):
        with pytest.raises(CompetitionCancelled):
            act(desk, door)
    with pytest.raises(ReferralNotNow):
        withdraw(desk, opened.referral_id)


# Codes and links


def test_an_offer_by_link_needs_a_code_and_the_right_one(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    with pytest.raises(CodeNeeded):
        bid_by_link(desk, door, None)
    with pytest.raises(CodeWrong):
        bid_by_link(desk, door, "123456")  # none was sent
    code = a_code(desk, door)
    with pytest.raises(CodeWrong) as wrong:
        bid_by_link(desk, door, other_than(code))
    assert wrong.value.tries_left == 4
    assert bid_by_link(desk, door, code).version == 1
    with pytest.raises(CodeWrong) as used:
        bid_by_link(desk, door, code, "349.00")
    assert used.value.tries_left == 0
    assert bids_kept(desk) == 1


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_lasts_ten_minutes_and_serves_one_provider(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door, other = opened.doors[:2]
    code, theirs = a_code(desk, door), a_code(desk, other)
    if code != theirs:
        with pytest.raises(CodeWrong):
            bid_by_link(desk, other, code)
    clock_of(desk).push(timedelta(minutes=10) - MICRO)
    assert bid_by_link(desk, other, theirs).version == 1
    clock_of(desk).push(MICRO)
    with pytest.raises(CodeWrong) as old:
        bid_by_link(desk, door, code)
    assert old.value.tries_left == 0


def test_only_the_last_code_serves_and_only_so_many_are_sent(desk: Desk) -> None:
    door = an_open_competition(desk).doors[0]
    codes = []
    for _ in range(5):
        codes.append(a_code(desk, door))
        clock_of(desk).push(timedelta(seconds=30))
    with pytest.raises(TooManyCodes):
        a_code(desk, door)
    if codes[0] != codes[-1]:
        with pytest.raises(CodeWrong):
            bid_by_link(desk, door, codes[0])
    assert bid_by_link(desk, door, codes[-1]).version == 1
    sent = ask(desk, "SELECT code FROM message WHERE kind = 'code' ORDER BY sequence")
    assert [row.code for row in sent] == codes
    clock_of(desk).push(timedelta(minutes=10))
    a_code(desk, door)


def test_a_refused_offer_costs_no_try(desk: Desk) -> None:
    door = an_open_competition(desk).doors[0]
    code = a_code(desk, door)
    for _ in range(6):
        with pytest.raises(OverTendered):
            bid_by_link(desk, door, code, "9999.00")
        with pytest.raises(NotValid):
            bid_by_link(desk, door, code, "NaN")
    assert bid_by_link(desk, door, code).version == 1


def test_five_tries_are_five_even_when_guessed_at_once(desk: Desk) -> None:
    door = an_open_competition(desk).doors[0]
    code = a_code(desk, door)
    offer = an_offer(look(desk, door))
    wrong = [guess for guess in (f"{number:06d}" for number in range(20)) if guess != code][:16]

    def guess(typed: str) -> int:
        try:
            flow.place_bid(desk, SYSTEM, door.token, offer, code=typed, request_key=None)
        except CodeWrong as refused:
            return refused.tries_left
        raise AssertionError(typed)

    with ThreadPoolExecutor(8) as pool:
        left = sorted(pool.map(guess, wrong), reverse=True)
    assert left == [4, 3, 2, 1] + [0] * 12
    with pytest.raises(CodeWrong):
        bid_by_link(desk, door, code)
    assert bids_kept(desk) == 0


def test_an_authority_may_do_without_codes(desk: Desk) -> None:
    ask(desk, "UPDATE authority SET offer_code = false WHERE key = 'derby-city' RETURNING key")
    assert bid_by_link(desk, an_open_competition(desk).doors[0], None).version == 1


def test_a_link_opens_its_own_competition_and_no_other(desk: Desk) -> None:
    first, second = an_open_competition(desk), an_open_competition(desk)
    assert look(desk, first.doors[0]).competition_id == first.id
    with desk.work(SYSTEM) as work, pytest.raises(NoSuchInvitation):
        flow.look_at_invitation(work, "a-token-that-nobody-made")
    mixed = replace(second.doors[0], token=first.doors[0].token)
    code = a_code(desk, second.doors[0])
    with pytest.raises(CodeWrong):
        bid_by_link(desk, mixed, code)


def test_a_provider_gets_in_only_by_its_own_invitation(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door, other = opened.doors[:2]
    thief = replace(door, invitation_id=other.invitation_id)
    with pytest.raises(NoSuchInvitation):
        bid(desk, thief)
    with pytest.raises(NoSuchInvitation):
        take_back(desk, thief)
    offer = an_offer(look(desk, door))
    for actor in (SYSTEM, PEOPLE["coordinator"], PEOPLE["auditor"]):
        with pytest.raises(NotAllowed):
            flow.place_bid(desk, actor, door.invitation_id, offer, code=None, request_key=None)
    nobody = Actor(Role.PROVIDER, "Nobody")
    with pytest.raises(NoSuchInvitation):
        flow.place_bid(desk, nobody, door.invitation_id, offer, code=None, request_key=None)


# Double clicks


def test_a_double_click_bids_once_and_gets_the_same_receipt(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    code = a_code(desk, door)
    first = bid_by_link(desk, door, code, request_key="click")
    clock_of(desk).push(timedelta(minutes=20))
    assert bid_by_link(desk, door, code, request_key="click") == first
    assert bid_by_link(desk, door, None, request_key="click") == first
    clock_of(desk).now = opened.event.closes_at
    assert bid_by_link(desk, door, code, request_key="click") == first
    assert bids_kept(desk) == 1
    assert [line.kind for line in record(desk)].count("bid_placed") == 1


def test_two_clicks_at_once_get_the_same_receipt(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for door in opened.doors[:5]:
        code = a_code(desk, door)
        with ThreadPoolExecutor(2) as pool:
            receipts: list[Receipt] = list(
                pool.map(lambda _, door=door, code=code: bid_by_link(desk, door, code, request_key="click"), range(2))
            )
        assert receipts[0] == receipts[1]
        assert receipts[0].version == 1
    assert bids_kept(desk) == 5


def test_a_changed_offer_under_the_same_key_is_another_offer_and_never_lost_in_silence(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    first = bid(desk, door, "350.00", request_key="page")
    second = bid(desk, door, "340.00", request_key="page")
    assert (first.version, second.version) == (1, 2)
    assert bid(desk, door, "350.00", request_key="page") == first
    clock_of(desk).now = opened.event.closes_at
    with pytest.raises(BidTooLate):
        bid(desk, door, "330.00", request_key="page")


def test_the_same_key_of_two_providers_is_two_requests(desk: Desk) -> None:
    first, second = an_open_competition(desk).doors[:2]
    assert bid(desk, first, request_key="k").bid_id != bid(desk, second, request_key="k").bid_id


# Closing


def test_closing_twice_closes_once(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    early = Actor(Role.SYSTEM, "The system", DERBY)
    with desk.work(early) as work:
        assert flow.close_competition(work, opened.id) is None, "a timer of a window that was extended does nothing"
    close(desk, opened)
    assert sweep(desk) == 0
    with desk.work(early) as work:
        assert flow.close_competition(work, opened.id) is None
    assert [line.kind for line in record(desk)].count("competition_closed") == 1


def test_a_timer_that_fails_is_kept_and_tried_again_and_stops_no_other(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    ask(
        desk,
        "INSERT INTO timer (authority, id, kind, subject_id, due_at, not_before, failures)"
        " SELECT 'derby-city', gen_random_uuid(), 'close_competition', gen_random_uuid(),"
        " :at ::timestamptz + n * interval '1 microsecond', :at, 0 FROM generate_series(1, 60) n RETURNING id",
        at=START,
    )
    clock_of(desk).now = opened.event.closes_at
    for _ in range(3):
        sweep(desk)
    assert state_of(desk, opened) == "closed"
    failed = ask(desk, "SELECT failures, last_error, not_before FROM timer WHERE rang_at IS NULL")
    assert {(row.failures, row.last_error) for row in failed} == {(1, "NoSuchCompetition")}
    assert len(failed) == 60
    assert {row.not_before for row in failed} == {opened.event.closes_at + timedelta(seconds=1)}


# Evaluation and award


def test_nothing_is_evaluated_or_awarded_before_the_close(desk: Desk) -> None:
    opened = an_open_competition(desk)
    receipt = bid(desk, opened.doors[0])
    for act in (lambda: evaluate(desk, opened), lambda: award(desk, opened, receipt.bid_id)):
        with pytest.raises(StillSealed) as sealed:
            act()
        assert sealed.value.closes_at == opened.event.closes_at
    close(desk, opened)
    with pytest.raises(NotEvaluated):
        award(desk, opened, receipt.bid_id)


def test_scores_that_are_missing_or_out_of_range_change_nothing(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    close(desk, opened)
    for points in (6, -1):
        with pytest.raises(NotValid):
            evaluate(desk, opened, {opened.doors[0].provider_id: points})
    with desk.work(PEOPLE["coordinator"]) as work, pytest.raises(NotValid):
        flow.evaluate(work, opened.id, {})
    assert ask(desk, "SELECT scores FROM competition WHERE id = :id", id=opened.id) == [(None,)]


def test_a_choice_that_is_not_plain_needs_a_reason(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for door, price in zip(opened.doors, ("340.00", "350.00"), strict=False):
        bid(desk, door, price)
    close(desk, opened)
    ranking = evaluate(desk, opened)
    with pytest.raises(ReasonNeeded) as asked:
        award(desk, opened, ranking[1].bid_id, "ok       ")
    assert (asked.value.why, asked.value.rank) == ("not_top", 2)
    with pytest.raises(NoSuchBid):
        award(desk, opened, uuid4())
    made = award(desk, opened, ranking[1].bid_id, "Nearer to college")
    assert (made.rank, made.out_of_order) == (2, True)


def test_the_only_offer_needs_a_reason(desk: Desk) -> None:
    opened = an_open_competition(desk)
    receipt = bid(desk, opened.doors[0])
    close(desk, opened)
    evaluate(desk, opened)
    with pytest.raises(ReasonNeeded):
        award(desk, opened, receipt.bid_id, "")
    assert award(desk, opened, receipt.bid_id, "Meets every outcome").rank == 1


def test_a_second_award_hears_who_was_first(desk: Desk) -> None:
    opened, made = awarded(desk)
    with pytest.raises(AlreadyAwarded) as second:
        award(desk, opened, made.ranking[1].bid_id)
    assert (second.value.awarded_by, second.value.awarded_at) == (PEOPLE["coordinator"].person_id, made.at)


def test_of_two_awards_at_once_exactly_one_is_made(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for door in opened.doors[:2]:
        bid(desk, door)
    close(desk, opened)
    ranking = evaluate(desk, opened)

    def choose(bid_id: UUID) -> str:
        try:
            return str(award(desk, opened, bid_id).bid_id)
        except AlreadyAwarded:
            return "already"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(choose, [row.bid_id for row in ranking] * 2))
    assert results.count("already") == 3
    assert ask(desk, "SELECT count(*) FROM award") == [(1,)]
    assert [line.kind for line in record(desk)].count("bid_awarded") == 1


def test_a_provider_suspended_during_the_competition_cannot_be_awarded(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for door, price in zip(opened.doors, ("340.00", "350.00"), strict=False):
        bid(desk, door, price)
    close(desk, opened)
    ranking = evaluate(desk, opened)
    suspend_today(desk, ranking[0].provider_id)
    with pytest.raises(OutOfStanding) as out:
        award(desk, opened, ranking[0].bid_id)
    assert out.value.rule == "A15.suspended"
    assert (state_of(desk, opened), ask(desk, "SELECT count(*) FROM award")) == ("closed", [(0,)])
    assert award(desk, opened, ranking[1].bid_id, "The first is suspended").rank == 2


def test_a_provider_suspended_after_the_award_gets_no_agreement(desk: Desk) -> None:
    _, made = awarded(desk)
    decide(desk, made.award_id)
    suspend_today(desk, made.provider_id)
    with pytest.raises(NotInStanding):
        agree(desk, made.award_id)
    assert ask(desk, "SELECT state FROM award") == [("funded",)]


def test_a_suspended_provider_is_not_invited_and_the_reason_is_kept(desk: Desk) -> None:
    opened = an_open_competition(desk)
    reasons = {one.provider: one.rule for one in opened.event.reasons}
    assert reasons["Larkrise Care Leavers"] == "A15.suspended"
    assert reasons["Hawthorn House"] == "S5.no_ofsted_urn"


def test_a_referral_that_nobody_may_take_stays_raised(desk: Desk) -> None:
    for door in an_open_competition(desk).doors:
        suspend_today(desk, door.provider_id)
    referral_id = a_raised_referral(desk)
    with pytest.raises(NobodyEligible) as nobody:
        open_again(desk, referral_id)
    assert len(nobody.value.excluded) == 12
    assert referral_state(desk, referral_id) == "raised"


def test_a_referral_has_one_running_competition(desk: Desk) -> None:
    opened = an_open_competition(desk)
    with pytest.raises(ReferralNotNow):
        open_again(desk, opened.referral_id)


# Money


def test_the_money_is_authorised_by_somebody_else_than_who_chose(desk: Desk) -> None:
    _, made = awarded(desk)
    coordinator = PEOPLE["coordinator"]
    with desk.work(replace(coordinator, role=Role.APPROVER)) as work, pytest.raises(SamePerson):
        flow.decide_funding(work, made.award_id, "authorise", "")
    with desk.work(coordinator) as work, pytest.raises(NotAllowed):
        flow.decide_funding(work, made.award_id, "authorise", "")
    nobody = Actor(Role.APPROVER, "Nobody", DERBY)
    with desk.work(nobody) as work, pytest.raises(NotSignedIn):
        flow.decide_funding(work, made.award_id, "authorise", "")


def test_above_the_limit_a_second_approver_decides(desk: Desk) -> None:
    ask(desk, "UPDATE person SET weekly_limit = 100 WHERE role = 'approver' RETURNING id")
    _, made = awarded(desk)
    assert isinstance(decide(desk, made.award_id, who="approver"), FundingSupported)
    with pytest.raises(NotFunded):
        agree(desk, made.award_id)
    with pytest.raises(AlreadySupported):
        decide(desk, made.award_id, who="approver")
    assert isinstance(decide(desk, made.award_id, who="approver_2"), FundingAuthorised)
    with pytest.raises(FundingNotOpen):
        decide(desk, made.award_id, who="approver_2")


def test_an_approver_without_a_limit_cannot_decide_alone(desk: Desk) -> None:
    ask(desk, "UPDATE person SET weekly_limit = NULL WHERE role = 'approver' RETURNING id")
    _, made = awarded(desk)
    assert isinstance(decide(desk, made.award_id), FundingSupported)


@pytest.mark.parametrize("decision", ["", "Authorise", "yes", "support", "refused"])
def test_a_decision_that_is_neither_is_no_decision(desk: Desk, decision: str) -> None:
    _, made = awarded(desk)
    with pytest.raises(NotValid):
        decide(desk, made.award_id, decision)
    assert ask(desk, "SELECT state FROM award") == [("awaiting_funding",)]


def test_of_two_approvers_at_once_one_decides(desk: Desk) -> None:
    _, made = awarded(desk)

    def act(step: tuple[str, str]) -> str:
        try:
            return type(decide(desk, made.award_id, step[1], step[0])).__name__
        except FundingNotOpen:
            return "FundingNotOpen"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(act, [("approver", "authorise"), ("approver_2", "refuse")]))
    assert "FundingNotOpen" in results
    assert len(set(results)) == 2


def test_no_agreement_before_the_money_and_only_one_after_it(desk: Desk) -> None:
    _, made = awarded(desk)
    with pytest.raises(NotFunded):
        agree(desk, made.award_id)
    decide(desk, made.award_id)
    agree(desk, made.award_id)
    with pytest.raises(NotFunded):
        agree(desk, made.award_id)
    with pytest.raises(FundingNotOpen):
        decide(desk, made.award_id, "refuse")
    assert ask(desk, "SELECT count(*) FROM agreement") == [(1,)]


def test_refused_money_reopens_the_choice_and_the_next_can_be_awarded(desk: Desk) -> None:
    opened, made = awarded(desk)
    decide(desk, made.award_id, "refuse")
    assert state_of(desk, opened) == "closed"
    assert ask(desk, "SELECT provider_id FROM message WHERE kind = 'funding_refused'") == [(made.provider_id,)]
    with pytest.raises(NotFunded):
        agree(desk, made.award_id)
    second = award(desk, opened, made.ranking[1].bid_id, "The first was refused its funding")
    decide(desk, second.award_id)
    agree(desk, second.award_id)
    assert referral_state(desk, opened.referral_id) == "placed"
    with pytest.raises(FundingNotOpen):
        decide(desk, made.award_id)


def test_a_referral_withdrawn_after_the_award_stops_the_money_and_tells_the_chosen(desk: Desk) -> None:
    opened, made = awarded(desk)
    withdraw(desk, opened.referral_id)
    assert state_of(desk, opened) == "cancelled"
    for act in (lambda: decide(desk, made.award_id), lambda: agree(desk, made.award_id)):
        with pytest.raises(CompetitionCancelled):
            act()
    told = ask(desk, "SELECT provider_id FROM message WHERE kind = 'referral_cancelled' AND medium = 'sms'")
    assert made.provider_id in {row.provider_id for row in told}


def test_a_referral_that_is_placed_is_not_withdrawn(desk: Desk) -> None:
    opened, made = awarded(desk)
    decide(desk, made.award_id)
    agree(desk, made.award_id)
    with pytest.raises(ReferralNotNow):
        withdraw(desk, opened.referral_id)
    assert (state_of(desk, opened), referral_state(desk, opened.referral_id)) == ("awarded", "placed")


# Other authorities, and who may do what


def test_another_authority_finds_nothing_of_this_one(desk: Desk) -> None:
    opened, made = awarded(desk)
    county = PEOPLE[COUNTY]
    foreign_approver = Actor(Role.APPROVER, "Elsewhere", "derbyshire", PEOPLE["approver"].person_id)

    def act(actor: Actor, verb: Callable[..., object], *given: Any) -> None:
        with desk.work(actor) as work:
            verb(work, *given)

    lines = len(record(desk))
    tries: list[tuple[type[Exception], Actor, Callable[..., object], tuple[Any, ...]]] = [
        (NoSuchReferral, county, flow.withdraw_referral, (opened.referral_id, "x")),
        (NoSuchReferral, county, flow.raise_draft, (opened.referral_id,)),
        (NoSuchReferral, county, flow.save_section, (opened.referral_id, "budget", {})),
        (NoSuchReferral, foreign_approver, flow.admit_exception, (opened.referral_id, "A1.over_24", "x" * 20)),
        (NoSuchReferral, county, flow.refusal_of, (opened.referral_id,)),
        (NoSuchCompetition, county, flow.close_competition, (opened.id,)),
        (NoSuchCompetition, county, flow.evaluate, (opened.id, {})),
        (NoSuchCompetition, county, flow.award, (opened.id, made.bid_id, "x" * 20)),
        (NoSuchAward, foreign_approver, flow.decide_funding, (made.award_id, "authorise", "x")),
        (NoSuchAward, county, flow.open_agreement, (made.award_id, date(2026, 12, 10), date(2027, 4, 20), None, "x")),
    ]
    from brokerage.competitions.model import Weights

    tries.append((NoSuchReferral, county, flow.open_competition, (opened.referral_id, Weights())))
    for refusal, actor, verb, given in tries:
        with pytest.raises(refusal):
            act(actor, verb, *given)
    assert len(record(desk)) == lines
    assert record(desk, authority="derbyshire") == []


WORK = {
    "raise": lambda work: flow.raise_referral(work, {}),
    "start": lambda work: flow.start_referral(work),
    "withdraw": lambda work: flow.withdraw_referral(work, uuid4(), ""),
    "evaluate": lambda work: flow.evaluate(work, uuid4(), {}),
    "award": lambda work: flow.award(work, uuid4(), uuid4(), ""),
    "funding": lambda work: flow.decide_funding(work, uuid4(), "authorise", ""),
    "agreement": lambda work: flow.open_agreement(work, uuid4(), START.date(), START.date(), None, None),
    "exception": lambda work: flow.admit_exception(work, uuid4(), "", ""),
}


@pytest.mark.parametrize("verb", WORK)
def test_who_may_not_is_refused_before_anything_is_looked_at(desk: Desk, verb: str) -> None:
    for actor in (PEOPLE["auditor"], PEOPLE["provider_a"], SYSTEM):
        with desk.work(actor) as work, pytest.raises(NotAllowed):
            WORK[verb](work)


# Referrals as they come


@pytest.mark.parametrize(
    "changes",
    [
        {"urgency": {"a": 1}}, {"urgency": 7}, {"urgency": ["urgent"]}, {"surprise": "x"},
        {"young_person": {"given_name": "Nul\x00", "family_name": "Half\ud800"}}, {"young_person": 7},
        {"pathway_plan": "Nul \x00 and half \ud800"}, {"answers": answers(money=5)}, {"beds": 10**30},
    ],
)  # fmt: skip
def test_a_referral_with_anything_wrong_is_refused_and_leaves_nothing(desk: Desk, changes: dict[str, Any]) -> None:
    with pytest.raises(NotValid):
        a_raised_referral(desk, **changes)
    assert ask(desk, "SELECT count(*) FROM referral") == [(0,)]


def test_a_refused_referral_leaves_nothing_behind(desk: Desk) -> None:
    for refusal, changes in ((NotEligible, {"date_of_birth": "2011-11-21"}), (NotValid, {"wants": []})):
        with pytest.raises(refusal):
            a_raised_referral(desk, **changes)
    assert ask(desk, "SELECT count(*) FROM referral") == [(0,)]
    assert record(desk) == []


def test_a_draft_keeps_what_was_typed_even_what_cannot_be_stored_plainly(desk: Desk) -> None:
    typed = {"young_person": {"given_name": "Nul\x00l", "family_name": "Half\ud800"}, "date_of_birth": "x"}
    with desk.work(PEOPLE["placements"]) as work:
        started = flow.start_referral(work)
        flow.save_section(work, started.referral_id, "young_person", typed)
    with desk.work(PEOPLE["placements"]) as work:
        from brokerage.referrals import store

        assert store.draft(work.db, DERBY, started.referral_id).document == typed
        with pytest.raises(NotValid):
            flow.save_section(work, started.referral_id, "budget", {"young_person": {}, "surprise": 1})
    with desk.work(PEOPLE["placements"]) as work, pytest.raises(NotValid):
        flow.raise_draft(work, started.referral_id)


def test_a_draft_written_section_by_section_is_raised_as_a_whole(desk: Desk) -> None:
    from brokerage.referrals.rules.reading import SECTIONS

    document = a_document()
    with desk.work(PEOPLE["placements"]) as work:
        started = flow.start_referral(work)
    for section, names in SECTIONS.items():
        with desk.work(PEOPLE["placements"]) as work:
            values = {name: document[name] for name in names if name in document}
            flow.save_section(work, started.referral_id, section, values)
    with desk.work(PEOPLE["placements"]) as work:
        assert flow.raise_draft(work, started.referral_id).category == "1.2"
    with desk.work(PEOPLE["placements"]) as work, pytest.raises(ReferralNotNow):
        flow.raise_draft(work, started.referral_id)
    with desk.work(PEOPLE["placements"]) as work, pytest.raises(ReferralNotNow):
        flow.save_section(work, started.referral_id, "budget", {})


def test_somebody_a_rule_refuses_is_admitted_for_that_rule_on_a_named_word_but_nobody_under_16(desk: Desk) -> None:
    def draft(rule: str, **changes: Any) -> UUID:
        document = {name: value for name, value in a_document(**changes).items() if name != "on"}
        with desk.work(PEOPLE["placements"]) as work:
            started = flow.start_referral(work)
            from brokerage.referrals import store

            store.save_document(work.db, DERBY, started.referral_id, document, work.now)
        with desk.work(PEOPLE["approver"]) as work:
            flow.admit_exception(work, started.referral_id, rule, "Known to the team for years")
        return started.referral_id

    grown = {
        "date_of_birth": "2001-01-01",
        "status": "former_relevant",
        "care_periods": [{"since": "2015-01-01", "until": "2018-01-01"}],
    }
    admitted = draft("A1.over_24", **grown)
    with desk.work(PEOPLE["placements"]) as work:
        assert flow.raise_draft(work, admitted).category == "1.2"
    for other in (draft("A1.21_24_not_in_education", **grown), draft("A1.over_24", date_of_birth="2011-01-01")):
        with desk.work(PEOPLE["placements"]) as work, pytest.raises(NotEligible):
            flow.raise_draft(work, other)
    with pytest.raises(NotEligible):
        draft("A1.under_16", date_of_birth="2011-01-01")


def test_above_25_hours_a_referral_is_bespoke_and_put_to_no_ordinary_competition(desk: Desk) -> None:
    referral_id = a_raised_referral(desk, answers=answers(4))
    assert referral_state(desk, referral_id) == "bespoke"
    assert open_again(desk, referral_id).event.bespoke
    with pytest.raises(ReferralNotNow):
        open_again(desk, referral_id)


def test_a_case_of_another_day_can_still_be_read_when_it_is_opened(desk: Desk) -> None:
    opened = an_open_competition(desk, on="2026-11-01", status="eligible",
                                 care_periods=[{"since": "2020-01-01", "until": None}])  # fmt: skip
    assert state_of(desk, opened) == "open"


def test_after_all_refusals_the_record_is_sound(desk: Desk) -> None:
    opened, made = awarded(desk)
    for act in (lambda: agree(desk, made.award_id), lambda: award(desk, opened, made.bid_id)):
        with pytest.raises((NotFunded, AlreadyAwarded)):
            act()
    found = verified(desk)
    assert (found.first_bad, found.lines) == (None, len(record(desk)))
    with desk.engine.begin() as db:
        assert db.execute(text("SELECT count(*) FROM record")).scalar_one() == found.lines
