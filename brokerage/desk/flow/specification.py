"""Changes of the specification: proposed, answered by providers, authorised by a chief officer (A19)."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from brokerage.desk.flow.prices import own_firm
from brokerage.desk.flow.standing import require_keeper
from brokerage.desk.work import Work
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Permission
from brokerage.people.rules import may
from lots import service as register
from lots.events import SpecificationAnswered, SpecificationDecided, SpecificationProposed
from lots.model import ChangeId, Clause, SpecificationChange, Stance


def propose_change(
    work: Work, title: str, reason: str, clauses: tuple[Clause, ...], answer_by: date, effective_on: date
) -> SpecificationProposed:
    """Put a change to every provider on the register. Raises KeptElsewhere, ConsultationTooShort."""
    work.require(Permission.CHANGE_SPECIFICATION)
    require_keeper(work)
    change = SpecificationChange(
        ChangeId(uuid4()), title, reason, clauses, answer_by, effective_on, work.person_id, work.now
    )
    event = register.propose_change(work.db, change)
    work.record(event, None)
    return event


def answer_change(work: Work, change_id: UUID, stance: Stance, words: str) -> SpecificationAnswered:
    """Answer for the own firm. Raises NoSuchEntry, NotNow, ConsultationOver, ReasonMissing."""
    work.require(Permission.MANAGE_FIRM)
    event = register.answer_change(work.db, ChangeId(change_id), own_firm(work), stance, words, work.now)
    work.record(event, None)
    return event


def authorise_change(work: Work, change_id: UUID, note: str) -> SpecificationDecided:
    """Authorise a change, as somebody else than its proposer, after the consultation.

    Raises KeptElsewhere, NoSuchEntry, NotNow, OwnChange, ConsultationRuns, ConsultationTooShort.
    """
    work.require(Permission.AUTHORISE_SPECIFICATION)
    require_keeper(work)
    event = register.authorise_change(work.db, ChangeId(change_id), work.person_id, note, work.now)
    work.record(event, None)
    return event


def refuse_change(work: Work, change_id: UUID, note: str) -> SpecificationDecided:
    """Refuse a change, with a reason. Raises KeptElsewhere, NoSuchEntry, NotNow, ReasonMissing."""
    work.require(Permission.AUTHORISE_SPECIFICATION)
    require_keeper(work)
    event = register.refuse_change(work.db, ChangeId(change_id), work.person_id, note, work.now)
    work.record(event, None)
    return event


def withdraw_change(work: Work, change_id: UUID, note: str) -> SpecificationDecided:
    """Take a change back, with a reason. Raises KeptElsewhere, NoSuchEntry, NotNow, ReasonMissing."""
    work.require(Permission.CHANGE_SPECIFICATION)
    require_keeper(work)
    event = register.withdraw_change(work.db, ChangeId(change_id), work.person_id, note, work.now)
    work.record(event, None)
    return event


def require_reader(work: Work) -> None:
    """Let everybody of a firm read the specification, and every council's staff with a view of the register."""
    if work.actor.provider_id is None and not may(work.actor, Permission.SEE_REGISTER):
        raise NotAllowed(Permission.SEE_REGISTER, work.actor.role)
