"""The life cycle of a competition: its table is all there is."""

from __future__ import annotations

import pytest

from brokerage.competitions.errors import BeingOpened, NotNow, StillSealed
from brokerage.competitions.model import State, Verb
from brokerage.competitions.rules import MOVES, closing, move, unseal
from tests.pure.competitions.builders import CLOSES, OPENS, a_competition

FINAL = {State.UNSUCCESSFUL, State.CANCELLED}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_each_verb_is_allowed_exactly_where_the_table_has_it(state: State, verb: Verb) -> None:
    if (state, verb) in MOVES:
        assert move(state, verb) is MOVES[state, verb]
        return
    with pytest.raises(NotNow) as refused:
        move(state, verb)
    assert (refused.value.state, refused.value.verb) == (state, verb)


def test_every_state_can_be_reached_and_every_verb_is_used() -> None:
    reached = {State.OPEN}
    while more := {to for (origin, _), to in MOVES.items() if origin in reached} - reached:
        reached |= more
    assert reached == set(State)
    assert {verb for _, verb in MOVES} == set(Verb)


def test_nothing_leads_out_of_an_end_and_something_out_of_everything_else() -> None:
    assert {state for state in State if not any(origin is state for origin, _ in MOVES)} == FINAL


def test_nothing_leads_back_to_open() -> None:
    assert State.OPEN not in MOVES.values()


def test_an_award_is_only_made_of_a_closed_competition() -> None:
    assert [origin for (origin, verb), to in MOVES.items() if to is State.AWARDED or verb is Verb.AWARD] == [
        State.CLOSED
    ]


def test_a_window_ends_by_its_bids_and_never_early() -> None:
    running = a_competition(state=State.OPEN, closed_at=None)
    assert closing(running, 1, CLOSES) is Verb.CLOSE
    assert closing(running, 0, CLOSES) is Verb.CLOSE_EMPTY
    with pytest.raises(NotNow):
        closing(running, 1, OPENS)


@pytest.mark.parametrize("state", State)
def test_offers_stay_sealed_until_the_window_is_over_and_closed(state: State) -> None:
    with pytest.raises(StillSealed) as sealed:
        unseal(a_competition(state=state), OPENS)
    assert sealed.value.closes_at == CLOSES
    if state is State.OPEN:
        with pytest.raises(BeingOpened):
            unseal(a_competition(state=state), CLOSES)
    else:
        unseal(a_competition(state=state), CLOSES)
