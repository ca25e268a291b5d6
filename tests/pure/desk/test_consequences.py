"""What follows from each event, and how the desk writes a time."""

# ruff: noqa: DTZ001 (hypothesis wants its bounds without a zone)

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions import events as competition_events
from brokerage.competitions.events import BidAwarded, CodeSent, CompetitionOpened, TextAnswered
from brokerage.desk import consequences
from brokerage.desk.clock import StoppedClock, day_in_london, instants_in_london, morning_of, short_time
from brokerage.desk.consequences import Consequences, TimerKind
from brokerage.people import events as people_events
from brokerage.people.events import LinkSent, LoginCodeSent
from brokerage.people.model import Role
from brokerage.referrals import events as referral_events
from lots import events as lot_events
from lots.events import ApplicantCodeSent, ApplicantLinkSent
from placements import events as placement_events
from placements.events import AgreementOpened, AgreementStarted, ConcernRaised
from tests.pure.desk.samples import AT, EVENTS, SECRET_CODE, SECRET_NAME, SECRET_TOKEN, sample

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_has_its_consequences(kind: type) -> None:
    assert isinstance(consequences.of(sample(kind)), Consequences)


@pytest.mark.parametrize("module", [competition_events, referral_events, placement_events, lot_events, people_events])
def test_no_event_is_forgotten(module: ModuleType) -> None:
    name = module.__name__
    declared = {
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if one.__module__ == name or one.__module__.startswith(f"{name}.")
    }
    assert declared <= set(EVENTS)


def test_something_that_is_no_event_has_no_consequences() -> None:
    with pytest.raises(AssertionError):
        consequences.of(object())  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_no_message_holds_a_name_and_no_link_or_code_but_its_own(kind: type) -> None:
    for notice in consequences.of(sample(kind)).notices:
        said = " ".join(notice.params.values())
        assert SECRET_NAME not in said
        assert SECRET_TOKEN not in said
        assert SECRET_CODE not in said
        assert SECRET_CODE not in repr(notice)
        coded = {CodeSent, LoginCodeSent, ApplicantCodeSent}
        assert (notice.code is not None) == (kind in coded)
        linked = {CompetitionOpened, TextAnswered, LinkSent, ApplicantLinkSent}
        assert (SECRET_TOKEN in (notice.path or "")) == (kind in linked)


def test_an_opened_competition_closes_by_a_timer_and_tells_each_provider_its_own_link() -> None:
    event = sample(CompetitionOpened)
    follows = consequences.of(event)
    assert [(one.kind, one.subject_id, one.due_at) for one in follows.timers] == [
        (TimerKind.CLOSE_COMPETITION, event.competition_id, event.closes_at)
    ]
    assert [notice.to for notice in follows.notices] == [invited.provider_id for invited, _ in event.links]
    assert {notice.path for notice in follows.notices} == {f"/b/{SECRET_TOKEN}"}
    assert {notice.expires_at for notice in follows.notices} == {event.closes_at}


def test_an_award_tells_each_bidder_its_own_scores_and_the_approvers_the_cost() -> None:
    event = replace(sample(BidAwarded), beside=Decimal(0))
    told = {notice.kind: notice for notice in consequences.of(event).notices}
    assert told["outcome_awarded"].to == event.provider_id
    assert told["funding_needed"].to is Role.APPROVER
    assert told["funding_needed"].params["weekly_cost"] == "£500.00"
    of_two = {one.kind: one for one in consequences.of(replace(event, beside=Decimal("250.00"))).notices}
    assert of_two["funding_needed"].params["weekly_cost"] == "£500.00, £750.00 with the other part"
    lost = told["outcome_not_awarded"]
    assert lost.to == event.ranking[0].provider_id
    assert "Total: 75.00 of 100" in lost.params["scores"]


def test_an_agreement_sets_a_timer_for_each_review_at_nine_in_london() -> None:
    event = sample(AgreementOpened)
    timers = [one for one in consequences.of(event).timers if one.kind is TimerKind.REVIEW_DUE]
    assert [timer.subject_id for timer in timers] == list(event.review_ids)
    assert all(timer.due_at.astimezone(LONDON).strftime("%H:%M") == "09:00" for timer in timers)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_short_time_is_london_clock_time_with_zone_and_day(instant: datetime) -> None:
    said = short_time(instant)
    match = re.fullmatch(r"(\d{1,2}):(\d\d)(am|pm) (GMT|BST) (\w{3}) (\d{1,2}) (\w{3})", said)
    assert match is not None
    local = instant.astimezone(LONDON)
    hour = int(match[1]) % 12 + (12 if match[3] == "pm" else 0)
    assert (hour, int(match[2]), int(match[6])) == (local.hour, local.minute, local.day)
    assert 1 <= int(match[1]) <= 12
    assert len(said) <= 24


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 11, 21, 15, 42, tzinfo=UTC), "3:42pm GMT Sat 21 Nov"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "1:30am BST Sun 25 Oct"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "1:30am GMT Sun 25 Oct"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "2:00am BST Sun 28 Mar"),
        (datetime(2026, 6, 30, 23, 5, tzinfo=UTC), "12:05am BST Wed 1 Jul"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "12:00pm GMT Sat 21 Nov"),
    ],
)
def test_a_short_time_says_which_of_two_one_thirties_it_is(instant: datetime, said: str) -> None:
    assert short_time(instant) == said


def test_the_day_is_londons() -> None:
    assert day_in_london(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert morning_of(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_a_stopped_clock_moves_only_when_pushed() -> None:
    clock = StoppedClock(AT)
    assert clock.sql == clock.sql
    clock.push(timedelta(hours=1))
    assert clock.now == AT + timedelta(hours=1)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)))
def test_every_instant_is_found_again_from_what_londons_clocks_showed(instant: datetime) -> None:
    local = instant.astimezone(LONDON)
    found = instants_in_london(local.date(), local.time())
    assert instant in found
    assert len(found) in {1, 2}
    assert {one.astimezone(LONDON).strftime("%F %T.%f") for one in found} == {local.strftime("%F %T.%f")}


@pytest.mark.parametrize(
    ("day", "clock", "count"),
    [
        (date(2026, 10, 25), time(0, 59, 59), 1),
        (date(2026, 10, 25), time(1, 0), 2),
        (date(2026, 10, 25), time(1, 59, 59), 2),
        (date(2026, 10, 25), time(2, 0), 1),
        (date(2027, 3, 28), time(0, 59, 59), 1),
        (date(2027, 3, 28), time(1, 0), 0),
        (date(2027, 3, 28), time(1, 59, 59), 0),
        (date(2027, 3, 28), time(2, 0), 1),
    ],
)
def test_a_night_of_changing_clocks_has_a_time_twice_or_not_at_all(day: date, clock: time, count: int) -> None:
    found = instants_in_london(day, clock)
    assert len(found) == count
    assert len(found) < 2 or found[1] - found[0] == timedelta(hours=1)


def test_the_first_day_of_a_stay_sets_one_look_at_hours_a_council_and_week() -> None:
    event = replace(sample(AgreementStarted), starts_on=date(2027, 3, 24))
    (timer,) = consequences.of(event).timers
    assert (timer.kind, timer.due_at) == (TimerKind.HOURS_WEEK, datetime(2027, 3, 29, 8, tzinfo=UTC))
    another = replace(event, agreement_id=sample(AgreementStarted).agreement_id, starts_on=date(2027, 3, 28))
    assert consequences.of(another).timers == (timer,)
    (elsewhere,) = consequences.of(replace(event, authority="nottingham-city")).timers
    assert elsewhere.subject_id != timer.subject_id


def test_a_concern_is_told_at_once_and_looked_at_again_after_two_hours() -> None:
    event = sample(ConcernRaised)
    follows = consequences.of(event)
    assert [(one.kind, one.due_at - event.told_at) for one in follows.timers] == [
        (TimerKind.CONCERN_WAITS, timedelta(hours=2))
    ]
    assert {notice.to for notice in follows.notices} == {Role.COORDINATOR, Role.QUALITY}
