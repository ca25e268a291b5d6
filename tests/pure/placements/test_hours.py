"""Hours: bought against given, week by week, and the clocks of concerns (A35, A38)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.errors import AboveCommissioned, AlreadyAcknowledged, NothingToSign, OutsideStay, StillToCome
from placements.model import (
    Agreement,
    AgreementId,
    AgreementState,
    Changes,
    Concern,
    ConcernId,
    ConcernKind,
    HoursEntry,
    HoursKind,
    SignOff,
    TimesheetRow,
    Version,
    Week,
)
from placements.rules import (
    LONDON,
    acknowledge_by,
    acknowledge_concern,
    check_entries,
    check_reasons,
    check_sign_off,
    commissioned,
    cut_versions,
    due_by,
    escalate_concern,
    hours_digest,
    is_short,
    london_day,
    monday_of,
    row_faults,
    under_delivered,
    weeks,
)
from tests.pure.placements.builders import ANNA, DAY, END, NOW, START, agreement, first_version, histories, terms, vary

MONDAY = date(2027, 1, 4)
K = HoursKind
instants = st.datetimes(datetime(2026, 1, 1), datetime(2031, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def entry(on: date, hours: str, kind: HoursKind = K.INDIVIDUAL) -> HoursEntry:
    return HoursEntry(on, Decimal(hours), kind)


def test_a_week_is_compared_with_what_was_bought() -> None:
    made = agreement(bought=terms(hours="10"))
    given_ = [
        entry(MONDAY, "4"),
        entry(MONDAY + 6 * DAY, "3.5"),
        entry(MONDAY, "6", K.SHARED),
        entry(MONDAY, "9", K.NIGHT),
        entry(MONDAY + 7 * DAY, "1"),
    ]
    first, second = weeks((first_version(made),), given_, MONDAY, MONDAY + 7 * DAY)
    assert first == Week(MONDAY, Decimal("10.00"), Decimal("7.5"), Decimal(6), Decimal(9))
    assert first.short_by == Decimal("2.5")
    assert (second.individual, second.shared, second.night) == (1, 0, 0)


def test_a_week_with_a_change_and_a_week_with_a_start_are_bought_by_their_days() -> None:
    made = agreement(bought=terms(hours="14"))
    versions = vary(made, (first_version(made),), MONDAY + 3 * DAY, Changes(hours=Decimal(7)))
    assert commissioned(versions, MONDAY) == Decimal("10.00")  # 3 days of 14, 4 days of 7
    assert commissioned(versions, monday_of(START)) == Decimal("12.00")  # from Tuesday
    assert commissioned(versions, MONDAY + 7 * DAY) == Decimal("7.00")
    assert commissioned(cut_versions(versions, MONDAY), MONDAY) == Decimal("2.00")
    assert commissioned(versions, monday_of(END) + 7 * DAY) == 0


@given(histories(), st.integers(-3, 60))
def test_hours_bought_are_those_of_each_day(history: tuple[Agreement, tuple[Version, ...]], ahead: int) -> None:
    made, versions = history
    monday = monday_of(made.starts_on) + ahead * 7 * DAY
    daily = [
        Fraction(one.terms.hours) / 7
        for n in range(7)
        for one in versions
        if one.from_on <= monday + n * DAY <= one.until_on
    ]
    assert abs(Fraction(commissioned(versions, monday)) - sum(daily)) <= Fraction(1, 200)


def test_a_short_week_alone_is_no_alarm_and_two_are() -> None:
    def week(number: int, individual: str) -> Week:
        return Week(MONDAY + number * 7 * DAY, Decimal(10), Decimal(individual), Decimal(0), Decimal(0))

    assert not is_short(week(0, "9"))
    assert is_short(week(0, "8.99"))
    assert under_delivered((week(0, "5"), week(1, "9"), week(2, "5"))) == ()
    found = (week(0, "10"), week(1, "5"), week(2, "0"), week(3, "8"), week(4, "10"), week(5, "1"))
    assert under_delivered(found) == found[1:4]
    nothing_bought = Week(MONDAY, Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    assert under_delivered((nothing_bought, nothing_bought)) == ()


@given(st.lists(st.booleans(), max_size=20))
def test_every_run_of_short_weeks_is_told_whole(short: list[bool]) -> None:
    found = tuple(
        Week(MONDAY + n * 7 * DAY, Decimal(10), Decimal(0 if one else 10), Decimal(0), Decimal(0))
        for n, one in enumerate(short)
    )
    told = {week.monday for week in under_delivered(found)}
    for n, one in enumerate(short):
        neighbours = short[max(n - 1, 0) : n] + short[n + 1 : n + 2]
        assert (found[n].monday in told) == (one and any(neighbours))


def test_hours_belong_to_days_of_the_stay_that_have_come() -> None:
    over = agreement(AgreementState.ENDED, ended_on=MONDAY)
    check_entries(over, [entry(MONDAY, "2")], END)
    for on in (START - DAY, MONDAY + DAY):
        with pytest.raises(OutsideStay) as outside:
            check_entries(over, [entry(on, "2")], END)
        assert (outside.value.first, outside.value.last) == (START, MONDAY)
    with pytest.raises(StillToCome):
        check_entries(agreement(), [entry(MONDAY, "2")], MONDAY - DAY)
    for hours in ("0", "-1", "24.25", "0.3", "NaN"):
        with pytest.raises(ValueError, match="quarters"):
            entry(MONDAY, hours)


def test_a_week_is_signed_when_it_has_hours() -> None:
    check_sign_off(MONDAY, [entry(MONDAY + 6 * DAY, "1")])
    with pytest.raises(NothingToSign):
        check_sign_off(MONDAY, [entry(MONDAY + 7 * DAY, "1")])
    with pytest.raises(ValueError, match="Monday"):
        SignOff(MONDAY + DAY, True, None, ANNA, NOW)
    for signed, reason in ((True, "away"), (False, None)):
        with pytest.raises(ValueError, match="signed"):
            SignOff(MONDAY, signed, reason, ANNA, NOW)


@given(instants)
def test_a_safeguarding_concern_is_told_the_same_day_in_london(known_at: datetime) -> None:
    due = due_by(ConcernKind.SAFEGUARDING, known_at)
    assert london_day(due - timedelta(microseconds=1)) == london_day(known_at)
    assert london_day(due) == london_day(known_at) + DAY
    assert due.astimezone(LONDON).time() == datetime.min.time()
    assert timedelta(0) < due - known_at <= timedelta(hours=25)


@given(instants)
def test_a_serious_incident_is_told_within_24_elapsed_hours(known_at: datetime) -> None:
    assert due_by(ConcernKind.SERIOUS_INCIDENT, known_at) - known_at == timedelta(hours=24)
    assert acknowledge_by(known_at) - known_at == timedelta(hours=24)


@pytest.mark.parametrize(
    ("known", "hours"),
    [(datetime(2027, 3, 28, 0, 0, tzinfo=UTC), 23), (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), 25)],
)
def test_the_day_the_clocks_change_is_shorter_or_longer(known: datetime, hours: int) -> None:
    assert due_by(ConcernKind.SAFEGUARDING, known) - known == timedelta(hours=hours)


def told(at: datetime) -> Concern:
    due = due_by(ConcernKind.SAFEGUARDING, NOW)
    return Concern(
        "derby-city", ConcernId(UUID(int=5)), AgreementId(UUID(int=1)), ConcernKind.SAFEGUARDING, NOW, due, at,
        ANNA, "Something was said", acknowledge_by(at),
    )  # fmt: skip


def test_a_concern_is_late_at_the_instant_it_is_due_and_acknowledged_once() -> None:
    due = due_by(ConcernKind.SAFEGUARDING, NOW)
    assert not told(due - timedelta(microseconds=1)).late
    assert told(due).late
    done = acknowledge_concern(told(NOW), ANNA, NOW)
    with pytest.raises(AlreadyAcknowledged) as again:
        acknowledge_concern(done, ANNA, NOW + DAY)
    assert again.value.at == NOW


def test_more_hours_than_were_bought_need_a_reason() -> None:
    made = agreement(bought=terms(hours="10"))
    (over,) = weeks((first_version(made),), [entry(MONDAY, "10.25")], MONDAY, MONDAY)
    (even,) = weeks((first_version(made),), [entry(MONDAY, "10"), entry(MONDAY, "9", K.NIGHT)], MONDAY, MONDAY)
    check_reasons((even,), {})
    check_reasons((over,), {MONDAY: "Moved flat"})
    for reasons in ({}, {MONDAY: " "}, {MONDAY + 7 * DAY: "Moved flat"}):
        with pytest.raises(AboveCommissioned) as refused:
            check_reasons((over,), reasons)
        assert (refused.value.week, refused.value.delivered) == (MONDAY, Decimal("10.25"))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 96), st.sampled_from(list(K))), max_size=8), st.randoms())
def test_the_digest_of_hours_is_that_of_the_hours_whatever_their_order(
    drawn: list[tuple[int, int, K]], dice: Random
) -> None:
    entries = [HoursEntry(MONDAY + day * DAY, Decimal(quarters) / 4, kind) for day, quarters, kind in drawn]
    mixed = entries[:]
    dice.shuffle(mixed)
    assert hours_digest(entries) == hours_digest(mixed)
    assert hours_digest(entries) != hours_digest([*entries, HoursEntry(MONDAY, Decimal("0.25"), K.NIGHT)])


def test_rows_that_a_stay_does_not_allow_are_named_by_their_lines() -> None:
    made = agreement(bought=terms(hours="10"))
    today = MONDAY + 9 * DAY
    rows = [
        TimesheetRow(2, "A1", entry(MONDAY, "6")),
        TimesheetRow(3, "A1", entry(MONDAY + DAY, "4.25")),
        TimesheetRow(4, "A1", entry(MONDAY + 7 * DAY, "12"), "Exams"),
        TimesheetRow(5, "A1", entry(START - DAY, "1")),
        TimesheetRow(6, "A1", entry(today + DAY, "1")),
    ]
    found = row_faults(rows, START, END, (first_version(made),), [], {}, today)
    assert [(one.line, one.code) for one in found] == [
        (2, "above"),
        (3, "above"),
        (5, "outside_stay"),
        (6, "still_to_come"),
    ]
    kept = [entry(MONDAY + DAY, "9")]
    again = row_faults(rows[:1], START, END, (first_version(made),), kept, {MONDAY: "Said before"}, today)
    assert again == ()


@given(st.integers(0, 60 * 30))
def test_a_concern_is_escalated_once_two_hours_after_it_was_told(minutes: int) -> None:
    concern = told(NOW)
    now = concern.told_at + timedelta(minutes=minutes)
    escalated = escalate_concern(concern, now)
    assert (escalated is None) == (minutes < 120)
    if escalated is not None:
        assert escalate_concern(escalated, now) is None
    assert escalate_concern(acknowledge_concern(concern, ANNA, now), now) is None
