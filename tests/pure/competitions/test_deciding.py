"""A window is moved later or not at all; what comes next is decided once it brought nothing (A29, S27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import (
    CompetitionCancelled,
    NothingToDecide,
    NotLater,
    NoWiderCategory,
    TooFar,
    WindowOver,
)
from brokerage.competitions.model import Choice, State
from brokerage.competitions.rules.deciding import LONGEST, decide_next, extend_window, wider
from brokerage.competitions.rules.reading import read_closing, read_next
from brokerage.reading import NotValid
from lots.model import CategoryCode
from lots.rules import nearest_categories
from lots.store import catalogue
from tests.pure.competitions.builders import CLOSES, OPENS, a_competition

STEP = timedelta(microseconds=1)
RUNNING = replace(a_competition(), state=State.OPEN, closed_at=None)
spans = st.timedeltas(-timedelta(days=30), timedelta(days=30))


@given(asked=spans.map(lambda span: CLOSES + span), now=spans.map(lambda span: CLOSES + span))
def test_a_window_moves_later_before_its_close_or_stays(asked: datetime, now: datetime) -> None:
    try:
        moved = extend_window(RUNNING, asked, now)
    except WindowOver:
        assert now >= CLOSES
    except NotLater:
        assert now < CLOSES
        assert asked <= CLOSES
    except TooFar as refused:
        assert now < CLOSES
        assert asked > refused.latest
    else:
        assert now < CLOSES < asked <= max(now, OPENS) + LONGEST
        assert (moved.opens_at, moved.closes_at) == (OPENS, asked)


def test_at_the_closing_instant_it_is_too_late_to_extend() -> None:
    assert extend_window(RUNNING, CLOSES + STEP, CLOSES - STEP).closes_at == CLOSES + STEP
    with pytest.raises(WindowOver) as refused:
        extend_window(RUNNING, CLOSES + timedelta(hours=1), CLOSES)
    assert refused.value.closed_at == CLOSES


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_what_is_not_open_is_not_extended(state: State) -> None:
    with pytest.raises(CompetitionCancelled if state is State.CANCELLED else WindowOver):
        extend_window(a_competition(state=state), CLOSES + timedelta(hours=1), OPENS)


@pytest.mark.parametrize("state", State)
def test_what_comes_next_is_decided_only_where_nothing_was_suitable(state: State) -> None:
    found = a_competition(state=state)
    if state is State.UNSUCCESSFUL:
        decide_next(found)
    else:
        with pytest.raises(NothingToDecide):
            decide_next(found)


@given(
    present=st.sampled_from(CategoryCode),
    age=st.integers(16, 24),
    hours=st.decimals(0, 25, places=2),
)
def test_wider_stays_in_the_lot_and_within_what_the_categories_allow(
    present: CategoryCode, age: int, hours: object
) -> None:
    near = nearest_categories(catalogue().values(), present, age, hours)  # type: ignore[arg-type]
    assert present not in near
    assert len(set(near)) == len(near)
    for code in near:
        one = catalogue()[code]
        assert one.lot == present.lot
        assert one.support_hours or not hours
        assert one.ends_by_age is None or age < one.ends_by_age


def test_the_nearest_is_the_most_alike() -> None:
    def near(code: str, age: int, hours: int) -> list[str]:
        return [one.value for one in nearest_categories(catalogue().values(), CategoryCode(code), age, hours)]  # type: ignore[arg-type]

    assert near("1.1", 17, 12) == ["1.2", "1.3"]
    assert near("1.2", 17, 12) == ["1.3", "1.1"]
    assert near("2.2", 17, 12) == ["2.1"]
    assert near("2.3", 17, 0) == ["2.2", "2.1"]
    assert near("2.1", 19, 12) == []


def test_a_category_that_is_not_possible_is_refused_with_those_that_are() -> None:
    possible = (CategoryCode.INDEPENDENCE, CategoryCode.EMERGENCY)
    assert wider(None, possible, CategoryCode.TRANSITION) is CategoryCode.INDEPENDENCE
    assert wider(CategoryCode.EMERGENCY, possible, CategoryCode.TRANSITION) is CategoryCode.EMERGENCY
    with pytest.raises(NoWiderCategory) as refused:
        wider(CategoryCode.SHORT_TERM, possible, CategoryCode.TRANSITION)
    assert refused.value.possible == ("1.3", "1.1")
    with pytest.raises(NoWiderCategory):
        wider(None, (), CategoryCode.SHORT_STAY)


@pytest.mark.parametrize("raw", [None, "", "tomorrow", "2026-11-21T18:00:00", "2026-02-30T18:00:00Z", 5])
def test_a_closing_time_without_zone_or_sense_is_refused(raw: object) -> None:
    with pytest.raises(NotValid):
        read_closing(raw)


def test_a_closing_time_is_an_instant_whatever_its_zone() -> None:
    assert read_closing("2026-11-21T18:00:00+01:00") == read_closing("2026-11-21T17:00:00Z")


@pytest.mark.parametrize(
    "document",
    [
        {"choice": "rerun", "reason": "short"},
        {"choice": "give_up", "reason": "None of them is suitable"},
        {"choice": "rerun", "category": "1.3", "reason": "Nobody offered in this one"},
        {"choice": "wider", "category": "9.9", "reason": "Nobody offered in this one"},
        {"reason": "Nobody offered in this one"},
        {"choice": "rerun", "reason": "Nobody offered in this one", "closes_at": "now"},
    ],
)
def test_a_next_step_that_cannot_be_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(NotValid):
        read_next(document)


def test_a_next_step_is_read_whole() -> None:
    read = read_next({"choice": "wider", "category": "1.3", "reason": "  Nobody offered in 1.2  "})
    assert read == (Choice.WIDER, CategoryCode.INDEPENDENCE, "Nobody offered in 1.2")
