"""Lay changes of the specification in Postgres; they are everybody's on the register (A19)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, Text
from sqlmodel import Field, SQLModel


class SpecificationChangeRow(SQLModel, table=True):
    """A change, its clauses as a JSON list of [number, words]; never authorised by who proposed it."""

    __tablename__ = "specification_change"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_specification_change"),
        CheckConstraint("btrim(title) <> '' AND btrim(reason) <> ''", name="ck_specification_change_title"),
        CheckConstraint("effective_on > answer_by", name="ck_specification_change_dates"),
        CheckConstraint(
            "state IN ('consulting', 'authorised', 'refused', 'withdrawn')", name="ck_specification_change_state"
        ),
        CheckConstraint(
            "(state = 'consulting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="ck_specification_change_decided",
        ),
        CheckConstraint(
            "state <> 'authorised' OR decided_by <> proposed_by", name="ck_specification_change_two_people"
        ),
    )

    id: UUID
    title: str
    reason: str
    clauses: str = Field(sa_column=Column(Text, nullable=False))
    answer_by: date
    effective_on: date
    proposed_by: UUID
    proposed_at: datetime
    state: str
    decided_by: UUID | None
    decided_at: datetime | None
    note: str


class SpecificationAnswerRow(SQLModel, table=True):
    """What a provider said to a change; every answer is kept."""

    __tablename__ = "specification_answer"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_specification_answer"),
        ForeignKeyConstraint(["change_id"], ["specification_change.id"], name="fk_specification_answer_change"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_specification_answer_provider"),
        CheckConstraint("stance IN ('agree', 'object', 'comment')", name="ck_specification_answer_stance"),
        CheckConstraint("stance = 'agree' OR btrim(words) <> ''", name="ck_specification_answer_words"),
        Index("ix_specification_answer_change", "change_id", "answered_at"),
    )

    id: UUID
    change_id: UUID
    provider_id: UUID
    stance: str
    words: str
    answered_at: datetime


SPECIFICATION_CHANGE: Final[Table] = SQLModel.metadata.tables["specification_change"]
SPECIFICATION_ANSWER: Final[Table] = SQLModel.metadata.tables["specification_answer"]
