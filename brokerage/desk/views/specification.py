"""Changes of the specification with what providers said (A19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.desk.flow.specification import require_reader
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from lots import store as lots
from lots.errors import NoSuchEntry
from lots.model import Answer, ChangeId, ProviderId, SpecificationChange


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change; a firm sees its own answers, a council everybody's. `proposer` is empty for a firm."""

    change: SpecificationChange
    answers: tuple[tuple[Answer, str], ...]
    proposer: str
    decider: str
    today: date


def changes(work: Work) -> tuple[SpecificationChange, ...]:
    """List every change, the newest first."""
    require_reader(work)
    return lots.changes(work.db)


def change(work: Work, change_id: UUID) -> ChangeView:
    """Show one change. Raises NoSuchEntry."""
    require_reader(work)
    found = next((one for one in lots.changes(work.db) if one.id == change_id), None)
    if found is None:
        raise NoSuchEntry("change of the specification", change_id)
    own = ProviderId(work.actor.provider_id) if work.actor.provider_id is not None else None
    firms = {one.id: one.name for one in lots.providers(work.db)}
    answers = tuple((one, firms[one.provider_id]) for one in lots.answers(work.db, ChangeId(change_id), own))
    if own is not None:
        return ChangeView(found, answers, "", "", work.today)
    names = {UUID(str(key)): name for key, name in people_store.names(work.db, work.keeper).items()}
    gone = "somebody who has left"
    decider = names.get(found.decided_by, gone) if found.decided_by else ""
    return ChangeView(found, answers, names.get(found.proposed_by, gone), decider, work.today)
