"""Lay reviews and their minutes in Postgres (A4, A31, A32)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlmodel import SQLModel

WAITING: Final = "review.state IN ('planned', 'due', 'overdue', 'escalated')"
"""Said of a review that is still to be held; with it the first few of many are found by an index."""


class ReviewRow(SQLModel, table=True):
    """A review of an agreement (A31)."""

    __tablename__ = "review"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_review"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_review_agreement"
        ),
        UniqueConstraint("authority", "agreement_id", "number", name="uq_review_number"),
        CheckConstraint("number >= 1", name="ck_review_number"),
        CheckConstraint("kind IN ('first', 'quarterly', 'extra')", name="ck_review_kind"),
        CheckConstraint(
            "state IN ('planned', 'due', 'overdue', 'escalated', 'held', 'dropped')", name="ck_review_state"
        ),
        CheckConstraint("cause IN ('young_person_asked', 'significant_change')", name="ck_review_cause"),
        CheckConstraint("(kind = 'extra') = (cause IS NOT NULL)", name="ck_review_extra_has_cause"),
        Index("ix_review_due", "authority", "state", "due_on"),
        Index("ix_review_waiting", "authority", "due_on", "agreement_id", "number", postgresql_where=text(WAITING)),
    )

    authority: str
    id: UUID
    agreement_id: UUID
    number: int
    due_on: date
    kind: str
    state: str
    cause: str | None


class MinutesRow(SQLModel, table=True):
    """What a review found and decided (A32)."""

    __tablename__ = "review_minutes"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "review_id", name="pk_review_minutes"),
        ForeignKeyConstraint(
            ["authority", "review_id"], ["review.authority", "review.id"], name="fk_review_minutes_review"
        ),
        CheckConstraint(
            "decision IN ('same', 'reduce', 'increase', 'move_on', 'end')", name="ck_review_minutes_decision"
        ),
    )

    authority: str
    review_id: UUID
    held_on: date
    attendance: str
    progress: str
    score: str
    decision: str
    plans: str
    recorded_by: UUID
    recorded_at: datetime


REVIEW: Final[Table] = SQLModel.metadata.tables["review"]
MINUTES: Final[Table] = SQLModel.metadata.tables["review_minutes"]
