"""Every statement about equality answers; nothing gives back what one young person said."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.equality.model import QUESTIONS, EqualityAnswers, Given
from brokerage.equality.tables import EQUALITY_ANSWERS


def given(db: Connection, authority: str, referral_id: UUID) -> Given | None:
    """Say whether answers are kept, without reading them."""
    columns = EQUALITY_ANSWERS.c
    row = db.execute(
        select(columns.referral_id, columns.purpose, columns.recorded_by, columns.recorded_at).where(
            columns.authority == authority, columns.referral_id == referral_id
        )
    ).one_or_none()
    return Given(*row) if row else None


def save_answers(
    db: Connection,
    authority: str,
    referral_id: UUID,
    answers: EqualityAnswers,
    purpose: str,
    by: UUID,
    now: datetime,
) -> None:
    """Keep answers in place of earlier ones."""
    said = {name: str(value.value) for name, value in asdict(answers).items()}
    facts = said | {"purpose": purpose, "recorded_by": by, "recorded_at": now}
    wanted = upsert(EQUALITY_ANSWERS).values(authority=authority, referral_id=referral_id, **facts)
    db.execute(wanted.on_conflict_do_update(constraint="pk_equality_answers", set_=facts))


def delete_answers(db: Connection, authority: str, referral_id: UUID) -> bool:
    """Delete answers; say whether there were any."""
    wanted = delete(EQUALITY_ANSWERS).where(
        EQUALITY_ANSWERS.c.authority == authority, EQUALITY_ANSWERS.c.referral_id == referral_id
    )
    return db.execute(wanted).rowcount > 0


def counts(db: Connection, authority: str, before: datetime) -> dict[str, dict[str, int]]:
    """Count each choice of each question in answers given before an instant; choices nobody made count 0."""
    found = {}
    for question, choices in QUESTIONS.items():
        column = EQUALITY_ANSWERS.c[question]
        rows = db.execute(
            select(column, func.count())
            .where(EQUALITY_ANSWERS.c.authority == authority, EQUALITY_ANSWERS.c.recorded_at < before)
            .group_by(column)
        )
        made: dict[str, int] = {str(choice): count for choice, count in rows}
        found[question] = {choice.value: made.get(choice.value, 0) for choice in choices}
    return found
