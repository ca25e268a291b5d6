"""Lay ends, support plans, hours and concerns in Postgres (A4, A34, A35, A36, A38)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, text
from sqlmodel import Field, SQLModel


class EndingRow(SQLModel, table=True):
    """The notice and the end of an agreement, one of each (A34)."""

    __tablename__ = "ending"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "kind", name="pk_ending"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_ending_agreement"
        ),
        CheckConstraint("kind IN ('notice', 'end')", name="ck_ending_kind"),
        CheckConstraint("ended_by IN ('plan', 'provider', 'council', 'young_person')", name="ck_ending_by"),
        CheckConstraint("kind <> 'notice' OR served_on IS NOT NULL", name="ck_ending_notice_served"),
        CheckConstraint("(kind = 'end') = (move_on IS NOT NULL)", name="ck_ending_move_on"),
        CheckConstraint("last_on <= planned_on", name="ck_ending_days"),
    )

    authority: str
    agreement_id: UUID
    kind: str
    ended_by: str
    reason: str
    national: str
    expected: bool
    served_on: date | None
    options: str
    planned_on: date
    last_on: date
    move_on: str | None
    recorded_by: UUID | None
    recorded_at: datetime


class SupportPlanRow(SQLModel, table=True):
    """One version of the person-centred plan (A36)."""

    __tablename__ = "support_plan"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "number", name="pk_support_plan"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_support_plan_agreement"
        ),
        CheckConstraint("number >= 1", name="ck_support_plan_number"),
    )

    authority: str
    agreement_id: UUID
    number: int
    goals: str
    weekly: str
    with_young_person: bool
    made_by: UUID
    made_at: datetime


class HoursRow(SQLModel, table=True):
    """Hours of one kind on one day (A35)."""

    __tablename__ = "hours_given"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "given_on", "kind", name="pk_hours_given"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_given_agreement"
        ),
        CheckConstraint("kind IN ('individual', 'shared', 'night')", name="ck_hours_given_kind"),
        CheckConstraint("hours > 0 AND hours <= 24 AND hours % 0.25 = 0", name="ck_hours_given_hours"),
        CheckConstraint(
            "shared_with IS NULL OR (kind = 'shared' AND shared_with >= 1)", name="ck_hours_given_shared_with"
        ),
        Index("ix_hours_given_on", "authority", "given_on"),
    )

    authority: str
    agreement_id: UUID
    given_on: date
    kind: str
    hours: Decimal = Field(max_digits=4, decimal_places=2)
    shared_with: int | None
    recorded_by: UUID
    recorded_at: datetime


class SignOffRow(SQLModel, table=True):
    """The young person's signature for a week of hours, or why there is none (A35)."""

    __tablename__ = "hours_sign_off"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "week", name="pk_hours_sign_off"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_sign_off_agreement"
        ),
        CheckConstraint("extract(isodow FROM week) = 1", name="ck_hours_sign_off_monday"),
        CheckConstraint("signed = (reason IS NULL)", name="ck_hours_sign_off_reason"),
    )

    authority: str
    agreement_id: UUID
    week: date
    signed: bool
    reason: str | None
    recorded_by: UUID | None
    recorded_at: datetime


class ConcernRow(SQLModel, table=True):
    """Something the provider told the council of, with its clocks (A38)."""

    __tablename__ = "concern"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_concern"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_concern_agreement"
        ),
        CheckConstraint("kind IN ('safeguarding', 'serious_incident')", name="ck_concern_kind"),
        CheckConstraint("btrim(words) <> ''", name="ck_concern_words"),
        CheckConstraint("known_at <= told_at AND known_at < due_by", name="ck_concern_clock"),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="ck_concern_acknowledged"),
        Index("ix_concern_agreement", "authority", "agreement_id"),
        Index("ix_concern_open", "authority", "told_at", postgresql_where=text("acknowledged_at IS NULL")),
    )

    authority: str
    id: UUID
    agreement_id: UUID
    kind: str
    known_at: datetime
    due_by: datetime
    told_at: datetime
    told_by: UUID
    words: str
    acknowledge_by: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    action: str
    next_step: str
    escalated_at: datetime | None


ENDING: Final[Table] = SQLModel.metadata.tables["ending"]
SUPPORT_PLAN: Final[Table] = SQLModel.metadata.tables["support_plan"]
HOURS: Final[Table] = SQLModel.metadata.tables["hours_given"]
SIGN_OFF: Final[Table] = SQLModel.metadata.tables["hours_sign_off"]
CONCERN: Final[Table] = SQLModel.metadata.tables["concern"]
