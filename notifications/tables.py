"""How messages lie in PostgreSQL."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
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


MESSAGE: Final[Table] = SQLModel.metadata.tables["message"]
