"""Decide about changes of the specification (3.11, A19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from lots.errors import ConsultationOver, ConsultationRuns, ConsultationTooShort, NotNow, OwnChange
from lots.model import ChangeState, SpecificationChange

CONSULT_DAYS: Final = 14
"""Providers have so many days at least to answer; the specification asks for consultation and names no time (A19)."""

CHANGE_MOVES: Final[Mapping[tuple[ChangeState, str], ChangeState]] = {
    (ChangeState.CONSULTING, "authorise"): ChangeState.AUTHORISED,
    (ChangeState.CONSULTING, "refuse"): ChangeState.REFUSED,
    (ChangeState.CONSULTING, "withdraw"): ChangeState.WITHDRAWN,
}
"""Consultation comes first, then a chief officer's word; both ends are final."""


def move_change(state: ChangeState, verb: str) -> ChangeState:
    """Give the change's next state; raise `NotNow`."""
    if (state, verb) not in CHANGE_MOVES:
        raise NotNow("change of the specification", state.value, verb)
    return CHANGE_MOVES[state, verb]


def check_consultation(answer_by: date, effective_on: date, today: date) -> None:
    """Check that providers have time to answer and the change holds only afterwards; raise `ConsultationTooShort`."""
    earliest = today + timedelta(days=CONSULT_DAYS)
    if answer_by < earliest:
        raise ConsultationTooShort("answer_by", earliest)
    if effective_on <= answer_by:
        raise ConsultationTooShort("effective_on", answer_by + timedelta(days=1))


def check_answer(change: SpecificationChange, today: date) -> None:
    """Check that a provider may still answer, on the last day too; raise `NotNow` or `ConsultationOver`."""
    if change.state is not ChangeState.CONSULTING:
        raise NotNow("change of the specification", change.state.value, "answer")
    if today > change.answer_by:
        raise ConsultationOver(change.answer_by)


def check_authorise(change: SpecificationChange, person_id: UUID, today: date) -> ChangeState:
    """Give the state of a change that somebody else than its proposer authorises after the consultation.

    Raise `NotNow`, `OwnChange`, `ConsultationRuns`, or `ConsultationTooShort` where the first day has gone by.
    """
    state = move_change(change.state, "authorise")
    if person_id == change.proposed_by:
        raise OwnChange
    if today <= change.answer_by:
        raise ConsultationRuns(change.answer_by)
    if change.effective_on < today:
        raise ConsultationTooShort("effective_on", today)
    return state
