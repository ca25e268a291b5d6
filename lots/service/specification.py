"""Propose, consult on and decide changes of the specification (A19)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from lots import store
from lots.errors import ReasonMissing
from lots.events import SpecificationAnswered, SpecificationDecided, SpecificationProposed
from lots.model import Answer, ChangeId, ChangeState, ProviderId, SpecificationChange, Stance
from lots.rules import check_answer, check_authorise, check_consultation, london_day, move_change


def propose_change(db: Connection, change: SpecificationChange) -> SpecificationProposed:
    """Put a change to every provider that is not off the register. Raise `ConsultationTooShort`."""
    check_consultation(change.answer_by, change.effective_on, london_day(change.proposed_at))
    store.add_change(db, change)
    asked = _everybody(db, change.proposed_at)
    return SpecificationProposed(
        change.id, change.answer_by, change.effective_on, change.proposed_by, asked, change.title
    )


def answer_change(
    db: Connection, change_id: ChangeId, provider_id: ProviderId, stance: Stance, words: str, now: datetime
) -> SpecificationAnswered:
    """Keep a provider's answer, beside those it gave before.

    Raise `NoSuchEntry`, `NotNow`, `ConsultationOver`, or `ReasonMissing` for an objection without words.
    """
    change = store.hold_change(db, change_id, share=True)
    check_answer(change, london_day(now))
    if stance is not Stance.AGREE and not words.strip():
        raise ReasonMissing("object to the change" if stance is Stance.OBJECT else "comment on the change")
    answer = Answer(uuid4(), change_id, provider_id, stance, words, now)
    store.add_answer(db, answer)
    return SpecificationAnswered(change_id, answer.id, provider_id, stance.value)


def authorise_change(
    db: Connection, change_id: ChangeId, person_id: UUID, note: str, now: datetime
) -> SpecificationDecided:
    """Authorise a change after its consultation, as somebody else than its proposer.

    Raise `NoSuchEntry`, `NotNow`, `OwnChange`, `ConsultationRuns` or `ConsultationTooShort`.
    """
    change = store.hold_change(db, change_id)
    return _decided(db, change, check_authorise(change, person_id, london_day(now)), person_id, note, now)


def refuse_change(
    db: Connection, change_id: ChangeId, person_id: UUID, note: str, now: datetime
) -> SpecificationDecided:
    """Refuse a change, with a reason that providers read. Raise `NoSuchEntry`, `NotNow` or `ReasonMissing`."""
    if not note.strip():
        raise ReasonMissing("refuse the change")
    change = store.hold_change(db, change_id)
    return _decided(db, change, move_change(change.state, "refuse"), person_id, note, now)


def withdraw_change(
    db: Connection, change_id: ChangeId, person_id: UUID, note: str, now: datetime
) -> SpecificationDecided:
    """Take a change back, with a reason that providers read. Raise `NoSuchEntry`, `NotNow` or `ReasonMissing`."""
    if not note.strip():
        raise ReasonMissing("withdraw the change")
    change = store.hold_change(db, change_id)
    return _decided(db, change, move_change(change.state, "withdraw"), person_id, note, now)


def _decided(
    db: Connection, change: SpecificationChange, state: ChangeState, person_id: UUID, note: str, now: datetime
) -> SpecificationDecided:
    store.save_change_decision(db, change.id, state, person_id, note, now)
    told = _everybody(db, now)
    return SpecificationDecided(change.id, state.value, change.effective_on, person_id, told, change.title)


def _everybody(db: Connection, now: datetime) -> tuple[ProviderId, ...]:
    today = london_day(now)
    return tuple(one.id for one in store.providers(db) if not any(removal.holds_on(today) for removal in one.removals))
