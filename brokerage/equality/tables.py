"""Lay equality answers in Postgres, apart from everything that places a young person (A45)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, Table
from sqlmodel import SQLModel


class EqualityAnswersRow(SQLModel, table=True):
    """One young person's answers, by consent to the purpose named; gone when the consent is."""

    __tablename__ = "equality_answers"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "referral_id", name="pk_equality_answers"),
        ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="fk_equality_answers_referral"
        ),
        CheckConstraint("btrim(purpose) <> ''", name="ck_equality_answers_purpose"),
    )

    authority: str
    referral_id: UUID
    ethnic_group: str
    gender: str
    disability: str
    religion: str
    orientation: str
    purpose: str
    recorded_by: UUID
    recorded_at: datetime


EQUALITY_ANSWERS: Final[Table] = EqualityAnswersRow.metadata.tables["equality_answers"]
