"""Lay meetings, the clock of full information and the release of an identity in Postgres (A4, A25, A26, S7)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table
from sqlmodel import SQLModel


class MeetingRow(SQLModel, table=True):
    """A meeting or a visit before the start (A26). The award lies in a package above: no foreign key."""

    __tablename__ = "meeting"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_meeting"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_meeting_provider"),
        CheckConstraint("kind IN ('meeting', 'visit')", name="ck_meeting_kind"),
        CheckConstraint("state IN ('planned', 'held', 'called_off')", name="ck_meeting_state"),
        Index("ix_meeting_award", "authority", "award_id"),
    )

    authority: str
    id: UUID
    award_id: UUID
    provider_id: UUID
    kind: str
    on_day: date
    state: str
    note: str
    recorded_by: UUID
    recorded_at: datetime


class InformationRow(SQLModel, table=True):
    """By when the full information of an emergency is shared, and when it was (A25)."""

    __tablename__ = "full_information"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", name="pk_full_information"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_full_information_agreement"
        ),
        CheckConstraint("warned BETWEEN 0 AND 3", name="ck_full_information_warned"),
        CheckConstraint("(shared_at IS NULL) = (shared_by IS NULL)", name="ck_full_information_shared"),
    )

    authority: str
    agreement_id: UUID
    due_at: datetime
    warned: int
    shared_at: datetime | None
    shared_by: UUID | None


class ReleaseRow(SQLModel, table=True):
    """That the provider was told the identity: once an agreement (S7)."""

    __tablename__ = "identity_release"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", name="pk_identity_release"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_identity_release_agreement"
        ),
    )

    authority: str
    agreement_id: UUID
    reason: str
    released_by: UUID
    released_at: datetime


MEETING: Final[Table] = SQLModel.metadata.tables["meeting"]
INFORMATION: Final[Table] = SQLModel.metadata.tables["full_information"]
RELEASE: Final[Table] = SQLModel.metadata.tables["identity_release"]
