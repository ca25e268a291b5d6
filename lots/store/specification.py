"""Read and keep changes of the specification and what providers said to them."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from lots.errors import NoSuchEntry
from lots.model import Answer, ChangeId, ChangeState, Clause, ProviderId, SpecificationChange, Stance
from lots.tables import SPECIFICATION_ANSWER, SPECIFICATION_CHANGE


def changes(db: Connection) -> tuple[SpecificationChange, ...]:
    """Read every change, the newest first."""
    rows = db.execute(select(SPECIFICATION_CHANGE).order_by(SPECIFICATION_CHANGE.c.proposed_at.desc()))
    return tuple(map(_change, rows))


def hold_change(db: Connection, change_id: ChangeId, *, share: bool = False) -> SpecificationChange:
    """Hold a change, alone to decide about it or shared with others to answer it; raise `NoSuchEntry`."""
    wanted = select(SPECIFICATION_CHANGE).where(SPECIFICATION_CHANGE.c.id == change_id)
    row = db.execute(wanted.with_for_update(read=share)).one_or_none()
    if row is None:
        raise NoSuchEntry("change of the specification", change_id)
    return _change(row)


def add_change(db: Connection, change: SpecificationChange) -> None:
    """Add a change."""
    clauses = json.dumps([[one.number, one.words] for one in change.clauses], ensure_ascii=False)
    values = asdict(change) | {"clauses": clauses, "state": change.state.value}
    db.execute(insert(SPECIFICATION_CHANGE).values(**values))


def save_change_decision(
    db: Connection, change_id: ChangeId, state: ChangeState, decided_by: UUID, note: str, now: datetime
) -> None:
    """Keep what became of a change."""
    db.execute(
        update(SPECIFICATION_CHANGE)
        .where(SPECIFICATION_CHANGE.c.id == change_id)
        .values(state=state.value, decided_by=decided_by, decided_at=now, note=note)
    )


def answers(db: Connection, change_id: ChangeId, provider_id: ProviderId | None = None) -> tuple[Answer, ...]:
    """Read the answers to a change, of one provider or of all, the oldest first."""
    wanted = select(SPECIFICATION_ANSWER).where(SPECIFICATION_ANSWER.c.change_id == change_id)
    if provider_id is not None:
        wanted = wanted.where(SPECIFICATION_ANSWER.c.provider_id == provider_id)
    rows = db.execute(wanted.order_by(SPECIFICATION_ANSWER.c.answered_at, SPECIFICATION_ANSWER.c.id))
    return tuple(
        Answer(
            row.id,
            ChangeId(row.change_id),
            ProviderId(row.provider_id),
            Stance(row.stance),
            row.words,
            row.answered_at,
        )
        for row in rows
    )


def add_answer(db: Connection, answer: Answer) -> None:
    """Add an answer beside earlier ones."""
    db.execute(insert(SPECIFICATION_ANSWER).values(**asdict(answer) | {"stance": answer.stance.value}))


def _change(row: Row[Any]) -> SpecificationChange:
    values = dict(row._mapping)
    values["clauses"] = tuple(Clause(number, words) for number, words in json.loads(row.clauses))
    return SpecificationChange(**values | {"state": ChangeState(row.state)})
