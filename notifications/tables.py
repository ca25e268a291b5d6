"""How messages lie in PostgreSQL."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel


class MessageRow(SQLModel, table=True):
    __tablename__ = "message"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="message_pkey"),
        # A worker, and a provider's status report, know a message by its id alone.
        UniqueConstraint("id", name="message_id_key"),
        UniqueConstraint("sequence", name="message_sequence_key"),
        UniqueConstraint("authority", "dedupe_key", name="message_dedupe_key"),
        CheckConstraint("medium IN ('sms', 'email')", name="message_medium_check"),
        CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired')", name="message_status_check"
        ),
        CheckConstraint("attempts >= 0", name="message_attempts_check"),
        CheckConstraint("(status = 'sending') = (lease_until IS NOT NULL)", name="message_lease_check"),
        CheckConstraint(
            "(status IN ('delivered', 'failed', 'expired')) = (settled_at IS NOT NULL)", name="message_settled_check"
        ),
        CheckConstraint("(medium = 'email') = (subject IS NOT NULL)", name="message_subject_check"),
        Index(
            "message_due",
            "expires_at",
            "sequence",
            postgresql_where=text("status IN ('queued', 'sending')"),
        ),
        Index("message_subject", "subject_id", "sequence"),
        Index("message_to", "to_address", "created_at"),
        Index(
            "message_untold",
            "kind",
            "settled_at",
            postgresql_where=text("status IN ('failed', 'expired') AND told_at IS NULL"),
        ),
    )

    authority: str
    id: UUID
    sequence: int = Field(sa_column=Column("sequence", BigInteger, Identity(always=True), nullable=False))
    kind: str
    medium: str
    to_address: str
    provider_id: UUID | None
    person_id: UUID | None
    subject_id: UUID
    subject: str | None
    body: str
    link: str | None
    code: str | None
    dedupe_key: str
    status: str
    attempts: int
    doubtful: bool
    not_before: datetime
    expires_at: datetime
    lease_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    provider_ref: str | None
    last_error: str | None
    told_at: datetime | None = None


class MessageReportRow(SQLModel, table=True):
    __tablename__ = "message_report"
    __table_args__ = (
        # The provider repeats itself; each thing it says counts once.
        PrimaryKeyConstraint("authority", "message_id", "provider_ref", "status", name="message_report_pkey"),
        ForeignKeyConstraint(
            ["authority", "message_id"], ["message.authority", "message.id"], name="message_report_message_fk"
        ),
        Index("message_report_ref", "provider_ref"),
    )

    authority: str
    message_id: UUID
    provider_ref: str
    status: str
    received_at: datetime


class InboundTextRow(SQLModel, table=True):
    """A text that came in: never its words, and its number only as the provider that it belongs to."""

    __tablename__ = "inbound_text"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="inbound_text_pkey"),
        UniqueConstraint("sid", name="inbound_text_sid_key"),
        CheckConstraint(
            "did IN ('nothing', 'link', 'decline', 'help', 'stopped', 'started')",
            name="inbound_text_did_check",
        ),
        Index("inbound_text_provider", "provider_id", "at"),
    )

    id: UUID
    sid: str
    provider_id: UUID | None
    did: str
    at: datetime


class OptOutRow(SQLModel, table=True):
    __tablename__ = "opt_out"
    __table_args__ = (
        PrimaryKeyConstraint("number", name="opt_out_pkey"),
        CheckConstraint("lifted_at IS NULL OR lifted_at >= since", name="opt_out_lifted_check"),
    )

    number: str
    since: datetime
    lifted_at: datetime | None


MESSAGE_REPORT: Final[Table] = SQLModel.metadata.tables["message_report"]
INBOUND_TEXT: Final[Table] = SQLModel.metadata.tables["inbound_text"]
OPT_OUT: Final[Table] = SQLModel.metadata.tables["opt_out"]
MESSAGE: Final[Table] = SQLModel.metadata.tables["message"]
