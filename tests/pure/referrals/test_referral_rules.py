"""The life cycle of a referral, and time in care (A2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from brokerage.referrals.errors import NotNow
from brokerage.referrals.model import CarePeriod, State, Verb
from brokerage.referrals.rules import MOVES, move, new_reference, time_in_care_since_14
from matrix.rules import birthday

BORN = date(2008, 2, 29)
DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2027, 12, 31))
periods = st.lists(
    st.builds(
        lambda since, length: CarePeriod(since, None if length is None else since + timedelta(days=length)),
        days,
        st.none() | st.integers(0, 500),
    ),
    max_size=6,
)


def counted(born: date, held: list[CarePeriod], on: date) -> int:
    """Count the days one by one."""
    first = birthday(born, 14)
    span = (first + timedelta(days=number) for number in range(max(0, (on - first).days + 1)))
    return sum(any(one.since <= day and (one.until is None or day <= one.until) for one in held) for day in span)


@given(st.dates(date(2002, 1, 1), date(2014, 1, 1)), periods, days)
@example(BORN, [CarePeriod(date(2020, 1, 1), None), CarePeriod(date(2023, 1, 1), date(2023, 2, 1))], date(2023, 5, 1))
def test_each_day_in_care_since_14_counts_once(born: date, held: list[CarePeriod], on: date) -> None:
    assert time_in_care_since_14(born, held, on).days == counted(born, held, on)


@given(periods, days)
def test_the_order_of_the_periods_and_saying_one_twice_change_nothing(held: list[CarePeriod], on: date) -> None:
    once = time_in_care_since_14(BORN, held, on)
    assert time_in_care_since_14(BORN, [*reversed(held), *held], on) == once


def test_a_long_life_is_counted_at_once() -> None:
    ages = [CarePeriod(date(1, 1, 1), None)] * 30
    assert time_in_care_since_14(date(1, 1, 1), ages, date(2026, 1, 1)) > timedelta(days=700_000)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_each_verb_is_allowed_exactly_where_the_table_has_it(state: State, verb: Verb) -> None:
    if (state, verb) in MOVES:
        assert move(state, verb) is MOVES[state, verb]
        return
    with pytest.raises(NotNow) as refused:
        move(state, verb)
    assert (refused.value.state, refused.value.verb) == (state, verb)


def test_every_state_can_be_reached_from_a_draft_and_only_two_are_ends() -> None:
    reached = {State.DRAFT}
    while more := {to for (origin, _), to in MOVES.items() if origin in reached} - reached:
        reached |= more
    assert reached == set(State)
    assert {verb for _, verb in MOVES} == set(Verb)
    assert {state for state in State if not any(origin is state for origin, _ in MOVES)} == {
        State.PLACED,
        State.WITHDRAWN,
    }


def test_nobody_is_placed_but_from_a_search() -> None:
    assert [origin for (origin, _), to in MOVES.items() if to is State.PLACED] == [State.SEEKING]


def test_references_are_random_and_spell_no_words() -> None:
    made = {new_reference("R") for _ in range(500)}
    assert len(made) > 495
    assert all(len(one) == 8 and not set(one[2:]) & set("AEIOU01") for one in made)
