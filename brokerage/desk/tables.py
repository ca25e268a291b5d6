"""How the desk's own things lie in Postgres: record, timers, answered requests, the demo's clock."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Interval,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel


class RecordHeadRow(SQLModel, table=True):
    """The end of an authority's chain: its lock puts lines into commit order."""

    __tablename__ = "record_head"
    __table_args__ = (ForeignKeyConstraint(["authority"], ["authority.key"], name="record_head_authority_fk"),)

    authority: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    highest_at: datetime


class RecordRow(SQLModel, table=True):
    """Append-only: a trigger refuses update, delete and truncate."""

    __tablename__ = "record"
    __table_args__ = (
        ForeignKeyConstraint(["authority"], ["record_head.authority"], name="record_head_fk"),
        Index("record_about", "authority", "about", "seq"),
    )

    authority: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime
    actor: str
    kind: str
    about: UUID | None = None
    body: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class TimerRow(SQLModel, table=True):
    __tablename__ = "timer"
    __table_args__ = (
        ForeignKeyConstraint(["authority"], ["authority.key"], name="timer_authority_fk"),
        UniqueConstraint("kind", "subject_id", "due_at", name="timer_once"),
        CheckConstraint("failures >= 0", name="timer_failures_positive"),
        Index("timer_due", "not_before", postgresql_where=text("rang_at IS NULL")),
    )

    authority: str
    id: UUID = Field(primary_key=True)
    kind: str
    subject_id: UUID
    due_at: datetime
    not_before: datetime
    rang_at: datetime | None = None
    failures: int
    last_error: str | None = None


class RequestRow(SQLModel, table=True):
    """A write that was answered, so that the same Idempotency-Key is answered the same again."""

    __tablename__ = "request"

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: int
    body: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime


class ClockShiftRow(SQLModel, table=True):
    """How far the demo's clock was moved; production never has a row here."""

    __tablename__ = "clock_shift"
    __table_args__ = (
        CheckConstraint("id = 1", name="clock_shift_one_row"),
        CheckConstraint("shift >= interval '0'", name="clock_shift_forward"),
    )

    id: int = Field(primary_key=True)
    shift: timedelta = Field(sa_column=Column(Interval, nullable=False))


class HeartbeatRow(SQLModel, table=True):
    """When a worker last did its round, so that a dead one is seen."""

    __tablename__ = "heartbeat"

    worker: str = Field(primary_key=True)
    beat_at: datetime


class SightRow(SQLModel, table=True):
    """That somebody saw a young person's record, why they may, and where (A47): append-only, as the record is."""

    __tablename__ = "sight"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="sight_referral_fk"
        ),
        ForeignKeyConstraint(["person_id"], ["person.id"], name="sight_person_fk"),
        CheckConstraint(
            "relation IN ('raised', 'acted', 'role', 'shared', 'placed', 'reason')", name="sight_relation_known"
        ),
        CheckConstraint(
            "(relation = 'reason') = (reason IS NOT NULL) AND (reason IS NULL OR btrim(reason) <> '')",
            name="sight_reason_given",
        ),
        Index("sight_of_referral", "authority", "referral_id", "at"),
        Index("sight_of_person", "authority", "person_id", "at"),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    person_id: UUID
    referral_id: UUID
    at: datetime
    relation: str
    reason: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    what: str


class ShareRow(SQLModel, table=True):
    """One council lets another read one referral until a day; one live grant a referral and council (A4)."""

    __tablename__ = "share"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="share_referral_fk"
        ),
        ForeignKeyConstraint(["with_authority"], ["authority.key"], name="share_with_fk"),
        CheckConstraint("with_authority <> authority", name="share_with_another"),
        CheckConstraint("btrim(reason) <> ''", name="share_reason"),
        Index(
            "share_once",
            "authority",
            "referral_id",
            "with_authority",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    referral_id: UUID
    with_authority: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    until_on: date
    made_by: UUID
    made_at: datetime
    ended_at: datetime | None = None


RECORD_HEAD: Final[Table] = SQLModel.metadata.tables["record_head"]
RECORD: Final[Table] = SQLModel.metadata.tables["record"]
TIMER: Final[Table] = SQLModel.metadata.tables["timer"]
REQUEST: Final[Table] = SQLModel.metadata.tables["request"]
CLOCK_SHIFT: Final[Table] = SQLModel.metadata.tables["clock_shift"]
HEARTBEAT: Final[Table] = SQLModel.metadata.tables["heartbeat"]
SIGHT: Final[Table] = SQLModel.metadata.tables["sight"]
SHARE: Final[Table] = SQLModel.metadata.tables["share"]
