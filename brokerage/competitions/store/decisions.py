"""Windows moved later, and what was decided about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from brokerage.competitions.model import Choice, CompetitionId, Decision
from brokerage.competitions.tables import COMPETITION, DECISION
from lots.model import CategoryCode


def save_closing(db: Connection, authority: str, competition_id: UUID, closes_at: datetime) -> None:
    db.execute(
        update(COMPETITION)
        .where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
        .values(closes_at=closes_at)
    )


def add_decision(db: Connection, authority: str, competition_id: UUID, decision: Decision) -> None:
    """Keep a decision about a held competition: the lock makes the next number nobody else's."""
    taken = select(func.coalesce(func.max(DECISION.c.number), 0)).where(
        DECISION.c.authority == authority, DECISION.c.competition_id == competition_id
    )
    before, after = decision.moved or (None, None)
    db.execute(
        insert(DECISION).values(
            authority=authority,
            competition_id=competition_id,
            number=taken.scalar_subquery() + 1,
            choice=decision.choice.value,
            reason=decision.reason,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
            closed_before=before,
            closes_at=after,
            category=decision.category.value if decision.category else None,
        )
    )


def decisions(db: Connection, authority: str, competition_id: UUID) -> tuple[Decision, ...]:
    """List what was decided about a competition, the oldest first."""
    rows = db.execute(
        select(DECISION)
        .where(DECISION.c.authority == authority, DECISION.c.competition_id == competition_id)
        .order_by(DECISION.c.number)
    )
    return tuple(
        Decision(
            Choice(row.choice),
            row.reason,
            row.decided_by,
            row.decided_at,
            (row.closed_before, row.closes_at) if row.closes_at else None,
            CategoryCode(row.category) if row.category else None,
        )
        for row in rows
    )


def follower(db: Connection, authority: str, competition_id: UUID) -> CompetitionId | None:
    """Give the competition that follows this one; of two parts the accommodation, which shows the other."""
    found = db.execute(
        select(COMPETITION.c.id)
        .where(COMPETITION.c.authority == authority, COMPETITION.c.follows == competition_id)
        .order_by(COMPETITION.c.part)
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else CompetitionId(found)
