"""Lay what stands beside hours in Postgres: reasons, links to sign by, alarms (A4, A35)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel


class HoursReasonRow(SQLModel, table=True):
    """Why more hours were given in a week than were bought (A35)."""

    __tablename__ = "hours_reason"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "week", name="pk_hours_reason"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_reason_agreement"
        ),
        CheckConstraint("extract(isodow FROM week) = 1", name="ck_hours_reason_monday"),
        CheckConstraint("btrim(reason) <> ''", name="ck_hours_reason_words"),
    )

    authority: str
    agreement_id: UUID
    week: date
    reason: str
    recorded_by: UUID
    recorded_at: datetime


class HoursLinkRow(SQLModel, table=True):
    """A link by which the young person answers for a week's hours; one of a week is alive (A35)."""

    __tablename__ = "hours_link"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_hours_link"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_link_agreement"
        ),
        UniqueConstraint("token_hash", name="uq_hours_link_token"),
        CheckConstraint("extract(isodow FROM week) = 1", name="ck_hours_link_monday"),
        CheckConstraint("expires_at > made_at", name="ck_hours_link_lasts"),
        CheckConstraint("NOT answered OR ended_at IS NOT NULL", name="ck_hours_link_answered"),
        Index(
            "ix_hours_link_alive",
            "authority",
            "agreement_id",
            "week",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    authority: str
    id: UUID
    agreement_id: UUID
    week: date
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_by: UUID
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    answered: bool


class HoursAlarmRow(SQLModel, table=True):
    """A week that was found short or unsigned; it goes when the hours or the signature come (A35)."""

    __tablename__ = "hours_alarm"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "week", "kind", name="pk_hours_alarm"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_alarm_agreement"
        ),
        CheckConstraint("kind IN ('short', 'unsigned')", name="ck_hours_alarm_kind"),
        CheckConstraint("in_a_row >= 1", name="ck_hours_alarm_in_a_row"),
        Index("ix_hours_alarm_week", "authority", "week"),
    )

    authority: str
    agreement_id: UUID
    week: date
    kind: str
    commissioned: Decimal = Field(max_digits=6, decimal_places=2)
    delivered: Decimal = Field(max_digits=6, decimal_places=2)
    in_a_row: int
    raised_at: datetime


HOURS_REASON: Final[Table] = SQLModel.metadata.tables["hours_reason"]
HOURS_LINK: Final[Table] = SQLModel.metadata.tables["hours_link"]
HOURS_ALARM: Final[Table] = SQLModel.metadata.tables["hours_alarm"]
