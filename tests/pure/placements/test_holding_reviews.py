"""Holding reviews: who takes part, what is recorded, what follows for the series (A31, A32, S17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import CategoryCode
from matrix.model import Assessment, Line, Outcome
from placements.errors import AgreementOver, NotNow, OutcomesDiffer, OutsideStay, ReviewersMissing, StillToCome
from placements.model import (
    AgreementId,
    AgreementState,
    Attendance,
    Decision,
    Minutes,
    Plan,
    Progress,
    Review,
    ReviewCause,
    ReviewId,
    ReviewKind,
    ReviewState,
    ReviewVerb,
    Role,
)
from placements.rules import (
    beyond,
    check_minutes,
    distances,
    escalated_from,
    extra_review_day,
    fall_late,
    is_working_day,
    move_review,
    overdue_from,
    rebased_dates,
    replan,
    review_dates,
    score_change,
    series_of,
)
from tests.pure.placements.builders import DAY, END, START, agreement, noon

HELD_ON = date(2026, 12, 15)
THREE = (
    Attendance(Role.YOUNG_PERSON, False, "At work that day; spoke to the worker the evening before"),
    Attendance(Role.PROVIDER, True),
    Attendance(Role.COUNCIL, True),
)
STATES = list(ReviewState)


def score(*lines: tuple[str, str], category: CategoryCode = CategoryCode.TRANSITION) -> Assessment:
    working = tuple(Line(rule, f"{rule} says {hours}", Decimal(hours)) for rule, hours in lines)
    hours = sum((line.hours for line in working), Decimal(0))
    return Assessment("test-1", True, Outcome.CATEGORY, category.lot, category, hours, "planned", ("Planned",), working)


def minutes(cooking: int = 2, college: int = 1, held_on: date = HELD_ON) -> Minutes:
    return Minutes(
        held_on,
        THREE,
        (Progress("cooking", cooking, "Cooked twice"), Progress("college", college, "Went on most days")),
        score(("sleep", "8")),
        Decision.SAME,
        frozenset({Plan.PATHWAY}),
    )


def review(due_on: date, state: ReviewState = ReviewState.PLANNED, number: int = 1, *, extra: bool = False) -> Review:
    kind = ReviewKind.EXTRA if extra else ReviewKind.QUARTERLY
    cause = ReviewCause.SIGNIFICANT_CHANGE if extra else None
    return Review(ReviewId(UUID(int=number)), AgreementId(UUID(int=1)), number, due_on, kind, state, cause)


def test_minutes_say_something_of_the_three_and_of_each_outcome() -> None:
    check_minutes(agreement(), minutes(), HELD_ON)
    with pytest.raises(ReviewersMissing) as left_out:
        check_minutes(agreement(), replace(minutes(), attendance=THREE[1:2]), HELD_ON)
    assert left_out.value.roles == (Role.YOUNG_PERSON, Role.COUNCIL)
    strange = Progress("football", 1, "Plays")
    with pytest.raises(OutcomesDiffer) as differing:
        check_minutes(agreement(), replace(minutes(), progress=(minutes().progress[0], strange)), HELD_ON)
    assert (differing.value.missing, differing.value.unknown) == (("college",), ("football",))


def test_a_review_is_of_a_stay_that_runs_and_of_a_day_that_came() -> None:
    with pytest.raises(AgreementOver):
        check_minutes(agreement(AgreementState.ENDED, ended_on=HELD_ON), minutes(), HELD_ON)
    with pytest.raises(StillToCome):
        check_minutes(agreement(), minutes(), HELD_ON - DAY)
    for on in (START - DAY, END + DAY):
        with pytest.raises(OutsideStay):
            check_minutes(agreement(), minutes(held_on=on), END + 9 * DAY)


def test_who_is_absent_has_a_reason_and_who_is_there_has_none() -> None:
    for present, reason in ((True, "ill"), (False, None), (False, " ")):
        with pytest.raises(ValueError, match="present"):
            Attendance(Role.COUNCIL, present, reason)
    with pytest.raises(ValueError, match="named twice"):
        replace(minutes(), attendance=(*THREE, Attendance(Role.COUNCIL, True)))
    for level in (-1, 5):
        with pytest.raises(ValueError, match="progress"):
            Progress("cooking", level, "")


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8))
def test_distance_is_from_the_first_review_to_the_last(held: list[tuple[int, int, int]]) -> None:
    found = distances(minutes(one, two, START + day * DAY) for day, one, two in held)
    by_day = sorted(held, key=lambda each: each[0])
    for place, distance in enumerate(found, start=1):
        levels = [each[place] for each in by_day]
        assert (distance.baseline, distance.now) == (levels[0], levels[-1])
        assert distance.travelled == levels[-1] - levels[0]
        assert distance.before == (levels[-2] if len(levels) > 1 else None)
    assert [one.outcome for one in found] == ["cooking", "college"]


def test_the_new_score_is_compared_line_by_line() -> None:
    before = score(("sleep", "8"), ("money", "2.5"))
    after = replace(minutes(), score=score(("sleep", "6"), ("cooking", "1")))
    found = score_change(before, after)
    assert {line.rule: line.hours for line in found} == {
        "sleep": Decimal(-2),
        "money": Decimal("-2.5"),
        "cooking": Decimal(1),
    }
    assert sum(line.hours for line in found) == (after.score.hours or 0) - (before.hours or 0)
    assert score_change(None, after) == ()


@given(st.sampled_from(STATES), st.integers(-10, 30))
def test_a_review_is_late_the_day_after_and_escalated_a_week_after(state: ReviewState, ahead: int) -> None:
    due = date(2026, 12, 15)
    one = review(due, state)
    found = fall_late(AgreementState.STARTED, one, noon(due + ahead * DAY))
    waiting = state in (ReviewState.PLANNED, ReviewState.DUE, ReviewState.OVERDUE)
    if waiting and ahead >= 7:
        assert found is ReviewState.ESCALATED
    elif state in (ReviewState.PLANNED, ReviewState.DUE) and ahead >= 1:
        assert found is ReviewState.OVERDUE
    else:
        assert found is None
    assert fall_late(AgreementState.ENDED, one, noon(due + ahead * DAY)) is None
    assert (overdue_from(due), escalated_from(due)) == (due + DAY, due + 7 * DAY)


def test_a_held_review_is_not_held_again() -> None:
    for state in (ReviewState.HELD, ReviewState.DROPPED):
        with pytest.raises(NotNow):
            move_review(state, ReviewVerb.HOLD)
    for state in (ReviewState.PLANNED, ReviewState.DUE, ReviewState.OVERDUE, ReviewState.ESCALATED):
        assert move_review(state, ReviewVerb.HOLD) is ReviewState.HELD


@given(st.integers(0, 273), st.integers(0, 273))
def test_an_extra_review_is_on_a_working_day_of_the_stay_still_to_come(today_at: int, wanted_at: int) -> None:
    today, wanted = START + today_at * DAY, START + wanted_at * DAY
    if not today <= wanted <= END:
        with pytest.raises(OutsideStay):
            extra_review_day(agreement(), wanted, today)
        return
    found = extra_review_day(agreement(), wanted, today)
    assert today <= found <= wanted
    assert is_working_day(found) or not any(is_working_day(today + n * DAY) for n in range((wanted - today).days + 1))


def test_an_ended_agreement_has_no_extra_review() -> None:
    with pytest.raises(AgreementOver):
        extra_review_day(agreement(AgreementState.ENDED, ended_on=HELD_ON), HELD_ON, HELD_ON)


@given(st.dates(date(2026, 1, 1), date(2031, 12, 31)), st.integers(0, 500))
def test_a_series_begun_anew_counts_from_the_day_it_was_held(held_on: date, length: int) -> None:
    end = held_on + length * DAY
    found = rebased_dates(held_on, end)
    assert list(found) == sorted(set(found))
    assert all(held_on < on <= end and is_working_day(on) for on in found)
    assert found == review_dates(held_on, end)[1:]


def test_the_series_of_an_agreement_counts_from_its_start_or_from_where_it_began_anew() -> None:
    made = agreement()
    assert series_of(made) == review_dates(START, END)
    anew = replace(made, reviews_from=date(2027, 1, 20))
    assert series_of(anew) == (date(2027, 4, 20), date(2027, 7, 20))


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(STATES), st.booleans()), max_size=8),
    st.frozensets(st.integers(0, 40), max_size=6),
    st.integers(0, 40),
)
def test_replanning_touches_only_what_is_planned_and_to_come(
    had: list[tuple[int, ReviewState, bool]], wanted: frozenset[int], from_day: int
) -> None:
    reviews = [
        review(START + on * DAY, state, number, extra=extra) for number, (on, state, extra) in enumerate(had, start=1)
    ]
    from_on = START + from_day * DAY
    days = tuple(sorted(START + on * DAY for on in wanted))
    dropped, new = replan(reviews, days, from_on)
    for one in dropped:
        assert one.state is ReviewState.PLANNED
        assert one.kind is ReviewKind.QUARTERLY
        assert one.due_on >= from_on
        assert one.due_on not in days
    standing = [one.due_on for one in reviews if one not in dropped and one.state is not ReviewState.DROPPED]
    assert not set(new) & set(standing), "no day gets a second review"
    assert {on for on in days if on >= from_on} <= set(new) | set(standing)
    assert all(on >= from_on for on in new)


def test_a_new_last_day_leaves_planned_reviews_behind() -> None:
    last = START + timedelta(days=10)
    kept = [review(last), review(last + DAY, ReviewState.DUE, 2), review(last + DAY, ReviewState.HELD, 3)]
    gone = [review(last + DAY, number=4), review(last + 30 * DAY, number=5, extra=True)]
    assert beyond([*kept, *gone], last) == tuple(gone)


def test_an_extra_review_and_only_that_has_a_cause() -> None:
    with pytest.raises(ValueError, match="cause"):
        replace(review(START), cause=ReviewCause.YOUNG_PERSON_ASKED)
    with pytest.raises(ValueError, match="cause"):
        replace(review(START, extra=True), cause=None)
