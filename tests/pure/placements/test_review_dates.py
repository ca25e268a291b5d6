"""Reviews: two weeks after the start, then every three months, on working days, without drift (A31, S17)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.errors import NotNow, ReviewNotDueYet
from placements.model import AgreementId, AgreementState, AgreementVerb, Review, ReviewId, ReviewKind, ReviewState
from placements.rules import (
    MOVES,
    REVIEW_MOVES,
    add_months,
    fall_due,
    is_working_day,
    london_day,
    move,
    move_review,
    review_dates,
    working_day_on_or_before,
)

DAY = timedelta(days=1)
STARTS = [date(2026, 1, 1) + n * DAY for n in range((date(2028, 12, 31) - date(2026, 1, 1)).days + 1)]
dates = st.dates(date(2024, 1, 1), date(2032, 12, 31))

# From https://www.gov.uk/bank-holidays (England and Wales), typed in so that the library is held to them.
BANK_HOLIDAYS_2026 = {
    date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4),
    date(2026, 5, 25), date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28),
}  # fmt: skip
BANK_HOLIDAYS_2027 = {
    date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3),
    date(2027, 5, 31), date(2027, 8, 30), date(2027, 12, 27), date(2027, 12, 28),
}  # fmt: skip


def months_on(start: date, months: int) -> date:
    """Count months the slow way: walk them one by one, then step back to a day that is there."""
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, start.day)


def test_the_working_days_of_two_years_are_those_of_england() -> None:
    for year, holidays in ((2026, BANK_HOLIDAYS_2026), (2027, BANK_HOLIDAYS_2027)):
        for n in range(365):
            on = date(year, 1, 1) + n * DAY
            assert is_working_day(on) == (on.isoweekday() <= 5 and on not in holidays), on


def test_every_start_in_three_years_has_its_reviews_where_they_belong() -> None:
    for start in STARTS:
        end = months_on(start, 12)
        found = review_dates(start, end)
        nominal = [start + 14 * DAY, *(months_on(start, months) for months in (3, 6, 9, 12))]
        assert len(found) == len(nominal), start
        for on, due in zip(found, nominal, strict=True):
            assert is_working_day(on), (start, on)
            assert start < on <= end
            assert on <= due, "a review is never late"
            assert not any(is_working_day(on + n * DAY) for n in range(1, (due - on).days + 1)), (start, on, due)
            assert due - on <= 4 * DAY, "Easter and Christmas are the longest gaps"


@given(dates, st.integers(0, 800))
def test_reviews_lie_inside_the_stay_in_order(start: date, length: int) -> None:
    end = start + length * DAY
    found = review_dates(start, end)
    assert list(found) == sorted(set(found))
    assert all(start <= on <= end for on in found)
    assert all(on <= start + 14 * DAY for on in found[:1])


@given(dates, st.integers(0, 400), st.integers(0, 400))
def test_a_longer_stay_keeps_the_reviews_it_had(start: date, length: int, more: int) -> None:
    short = review_dates(start, start + length * DAY)
    assert review_dates(start, start + (length + more) * DAY)[: len(short)] == short


@given(dates, st.integers(0, 400), st.frozensets(st.integers(-30, 430), max_size=60))
def test_local_closure_days_move_reviews_back_but_never_before_the_start(
    start: date, length: int, closed: set[int]
) -> None:
    closures = frozenset(start + n * DAY for n in closed)
    found = review_dates(start, start + length * DAY, closures)
    assert list(found) == sorted(set(found))
    assert all(start <= on <= start + length * DAY for on in found)


def test_a_closure_that_swallows_every_day_since_the_start_leaves_the_day_as_it_is() -> None:
    start = date(2026, 6, 1)
    closures = frozenset(start + n * DAY for n in range(-30, 21))
    assert review_dates(start, date(2026, 9, 1), closures) == (date(2026, 6, 15), date(2026, 9, 1))


def test_a_local_closure_day_moves_a_review() -> None:
    start, end = date(2026, 6, 1), date(2026, 6, 30)
    assert review_dates(start, end) == (date(2026, 6, 15),)
    assert review_dates(start, end, frozenset({date(2026, 6, 15)})) == (date(2026, 6, 12),)


@given(dates, st.integers(1, 7))
def test_a_stay_of_one_to_seven_nights_has_no_review(start: date, nights: int) -> None:
    assert review_dates(start, start + nights * DAY) == ()


@pytest.mark.parametrize(("ends", "count"), [(date(2026, 6, 14), 0), (date(2026, 6, 15), 1), (date(2026, 8, 31), 1)])
def test_only_reviews_up_to_the_last_day_are_planned(ends: date, count: int) -> None:
    assert len(review_dates(date(2026, 6, 1), ends)) == count


def test_a_review_that_moves_into_the_stay_from_just_after_its_end_is_held() -> None:
    # Six months on is Sunday 6 December, its Friday is the last day.
    assert review_dates(date(2026, 6, 6), date(2026, 12, 4))[-1] == date(2026, 12, 4)


def test_month_ends_are_clamped_and_do_not_drift() -> None:
    # 30 November, 28 February, 31 May, 31 August; chaining would give 30 May and 30 August.
    assert [add_months(date(2026, 8, 31), n) for n in (3, 6, 9, 12)] == [
        date(2026, 11, 30),
        date(2027, 2, 28),
        date(2027, 5, 31),
        date(2027, 8, 31),
    ]


def test_the_29th_of_february_is_met_and_left() -> None:
    assert add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert add_months(date(2028, 2, 29), 48) == date(2032, 2, 29)
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)


@given(dates, st.integers(0, 60))
def test_months_are_counted_as_by_hand(start: date, months: int) -> None:
    assert add_months(start, months) == months_on(start, months)


@given(dates, st.integers(0, 30))
def test_months_can_be_counted_back(start: date, months: int) -> None:
    back = add_months(start, -months)
    there = add_months(back, months)
    assert there <= start
    assert (start - there).days <= 3
    assert (there.year, there.month) == (start.year, start.month)


@given(dates)
def test_the_working_day_before_is_the_nearest_one(on: date) -> None:
    found = working_day_on_or_before(on)
    assert is_working_day(found)
    assert not any(is_working_day(found + n * DAY) for n in range(1, (on - found).days + 1))
    assert found <= on


def planned(due_on: date, state: ReviewState = ReviewState.PLANNED) -> Review:
    return Review(ReviewId(UUID(int=2)), AgreementId(UUID(int=1)), 1, due_on, ReviewKind.FIRST, state)


def test_a_review_falls_due_from_midnight_in_london() -> None:
    review = planned(date(2026, 6, 15))
    before, after = datetime(2026, 6, 14, 22, 59, 59, tzinfo=UTC), datetime(2026, 6, 14, 23, 0, tzinfo=UTC)
    with pytest.raises(ReviewNotDueYet) as refused:
        fall_due(AgreementState.STARTED, review, before)
    assert (refused.value.due_on, refused.value.on, refused.value.rule) == (
        date(2026, 6, 15),
        date(2026, 6, 14),
        "A31",
    )
    assert fall_due(AgreementState.STARTED, review, after) is ReviewState.DUE
    assert london_day(after) == date(2026, 6, 15)


@pytest.mark.parametrize("state", [ReviewState.DUE, ReviewState.HELD])
def test_a_review_falls_due_once(state: ReviewState) -> None:
    assert fall_due(AgreementState.STARTED, planned(date(2026, 6, 15), state), datetime(2026, 7, 1, tzinfo=UTC)) is None


def test_the_reviews_of_an_ended_agreement_do_not_fall_due() -> None:
    assert fall_due(AgreementState.ENDED, planned(date(2026, 6, 15)), datetime(2026, 7, 1, tzinfo=UTC)) is None


def test_what_the_tables_of_moves_leave_out_is_refused() -> None:
    for state in AgreementState:
        for verb in AgreementVerb:
            if (state, verb) in MOVES:
                assert move(state, verb) is MOVES[state, verb]
                continue
            with pytest.raises(NotNow):
                move(state, verb)
    assert {pair for pair in REVIEW_MOVES if pair[0] in (ReviewState.HELD, ReviewState.DROPPED)} == set()
    for from_state, review_verb in REVIEW_MOVES:
        assert move_review(from_state, review_verb) is REVIEW_MOVES[from_state, review_verb]
        with pytest.raises(NotNow):
            move_review(ReviewState.HELD, review_verb)
