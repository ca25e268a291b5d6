"""Questions asked during a window, and their answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from brokerage.competitions.errors import NoSuchQuestion
from brokerage.competitions.model import Asked, Gate, InvitationId, QuestionId
from brokerage.competitions.tables import QUESTION


def add_question(db: Connection, at: Gate, question_id: QuestionId, words: str) -> None:
    db.execute(
        insert(QUESTION).values(
            authority=at.authority,
            id=question_id,
            competition_id=at.competition_id,
            invitation_id=at.invitation_id,
            words=words,
            asked_at=at.now,
        )
    )


def questions_of_invitation(db: Connection, at: Gate) -> tuple[Asked, ...]:
    """List what one invitation asked, the oldest first."""
    rows = db.execute(
        select(QUESTION)
        .where(QUESTION.c.authority == at.authority, QUESTION.c.invitation_id == at.invitation_id)
        .order_by(QUESTION.c.asked_at, QUESTION.c.id)
    ).mappings()
    return tuple(_asked(row) for row in rows)


def questions(db: Connection, authority: str, competition_id: UUID) -> tuple[Asked, ...]:
    """List what was asked in a competition, the oldest first."""
    rows = db.execute(
        select(QUESTION)
        .where(QUESTION.c.authority == authority, QUESTION.c.competition_id == competition_id)
        .order_by(QUESTION.c.asked_at, QUESTION.c.id)
    ).mappings()
    return tuple(_asked(row) for row in rows)


def question(db: Connection, authority: str, competition_id: UUID, question_id: UUID) -> Asked:
    """Give one question of a competition. Raises NoSuchQuestion."""
    found = db.execute(
        select(QUESTION).where(
            QUESTION.c.authority == authority,
            QUESTION.c.competition_id == competition_id,
            QUESTION.c.id == question_id,
        )
    ).mappings()
    row = found.one_or_none()
    if row is None:
        raise NoSuchQuestion
    return _asked(row)


def save_answer(
    db: Connection, authority: str, question_id: UUID, shown: str, answer: str, by: UUID, now: datetime
) -> None:
    db.execute(
        update(QUESTION)
        .where(QUESTION.c.authority == authority, QUESTION.c.id == question_id)
        .values(shown=shown, answer=answer, answered_at=now, answered_by=by)
    )


def open_questions(db: Connection, authority: str, competition_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Count what waits for an answer in each of these competitions."""
    rows = db.execute(
        select(QUESTION.c.competition_id, func.count())
        .where(
            QUESTION.c.authority == authority,
            QUESTION.c.competition_id.in_(competition_ids),
            QUESTION.c.answered_at.is_(None),
        )
        .group_by(QUESTION.c.competition_id)
    )
    return {row[0]: row[1] for row in rows}


def _asked(row: RowMapping) -> Asked:
    return Asked(
        QuestionId(row["id"]),
        InvitationId(row["invitation_id"]),
        row["words"],
        row["asked_at"],
        row["shown"],
        row["answer"],
        row["answered_at"],
        row["answered_by"],
    )
