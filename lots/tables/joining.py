"""Lay applications to join in Postgres (A13, S25)."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class ApplicationRow(SQLModel, table=True):
    """An application; `provider_id` has no foreign key, because a new firm is not on the register yet."""

    __tablename__ = "application"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_application"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'assessed', 'admitted', 'refused', 'withdrawn')",
            name="ck_application_state",
        ),
        CheckConstraint(
            "(submitted_at IS NULL) = (content IS NULL) AND (submitted_at IS NULL) = (decide_by IS NULL)"
            " AND (state <> 'draft' OR submitted_at IS NULL)"
            " AND (state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL)",
            name="ck_application_submitted",
        ),
        CheckConstraint("(state IN ('admitted', 'refused')) = (decided_at IS NOT NULL)", name="ck_application_decided"),
        CheckConstraint(
            "state <> 'refused' OR btrim(coalesce(decision_note, '')) <> ''", name="ck_application_refused_with_reason"
        ),
        CheckConstraint("btrim(extended_reason) <> ''", name="ck_application_extended_with_reason"),
        Index(
            "uq_application_live",
            "provider_id",
            unique=True,
            postgresql_where=sa.text("state IN ('draft', 'submitted', 'assessed')"),
        ),
        Index("ix_application_due", "state", "decide_by"),
    )

    id: UUID
    provider_id: UUID
    profile: str
    state: str
    content: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    begun_at: datetime
    submitted_at: datetime | None
    decide_by: date | None
    extended_reason: str | None
    decided_at: datetime | None
    decision_note: str | None


class SectionRow(SQLModel, table=True):
    """One section of an application as it was typed."""

    __tablename__ = "application_section"
    __table_args__ = (
        PrimaryKeyConstraint("application_id", "section", name="pk_application_section"),
        ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_section_application"),
        CheckConstraint("btrim(section) <> ''", name="ck_application_section_name"),
    )

    application_id: UUID
    section: str
    typed: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    saved_at: datetime


class ConfirmedMobileRow(SQLModel, table=True):
    """A mobile from which the code that was sent to it came back."""

    __tablename__ = "application_mobile"
    __table_args__ = (
        PrimaryKeyConstraint("application_id", "mobile", name="pk_application_mobile"),
        ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_mobile_application"),
        CheckConstraint("btrim(mobile) <> ''", name="ck_application_mobile_given"),
    )

    application_id: UUID
    mobile: str
    confirmed_at: datetime


class FindingRow(SQLModel, table=True):
    """What was found on one published criterion."""

    __tablename__ = "application_finding"
    __table_args__ = (
        PrimaryKeyConstraint("application_id", "criterion", name="pk_application_finding"),
        ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_finding_application"),
        CheckConstraint("met OR btrim(note) <> ''", name="ck_application_finding_note"),
    )

    application_id: UUID
    criterion: str
    met: bool
    note: str


class ApplicantLinkRow(SQLModel, table=True):
    """A link that was e-mailed; only its hash is kept. The application begins when the link is used with its code."""

    __tablename__ = "applicant_link"
    __table_args__ = (
        PrimaryKeyConstraint("token_hash", name="pk_applicant_link"),
        ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_applicant_link_application"),
        CheckConstraint("btrim(email) <> '' AND btrim(firm) <> ''", name="ck_applicant_link_given"),
        Index("ix_applicant_link_email", "email"),
    )

    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    email: str
    firm: str
    application_id: UUID | None
    made_at: datetime
    expires_at: datetime


class ApplicantCodeRow(SQLModel, table=True):
    """The newest code of one purpose: a link's, or a mobile's in one application."""

    __tablename__ = "applicant_code"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_applicant_code"),
        CheckConstraint("tries >= 0 AND sends >= 1", name="ck_applicant_code_counts"),
    )

    id: UUID
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sent_at: datetime
    expires_at: datetime
    tries: int
    sends: int
    used: bool


class ApplicantVisitRow(SQLModel, table=True):
    """A browser in which the code of a link was entered; only the hash of its secret is kept."""

    __tablename__ = "applicant_visit"
    __table_args__ = (
        PrimaryKeyConstraint("id_hash", name="pk_applicant_visit"),
        ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_applicant_visit_application"),
        Index("ix_applicant_visit_application", "application_id"),
    )

    id_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    application_id: UUID
    made_at: datetime
    seen_at: datetime


APPLICATION: Final[Table] = SQLModel.metadata.tables["application"]
SECTION: Final[Table] = SQLModel.metadata.tables["application_section"]
CONFIRMED_MOBILE: Final[Table] = SQLModel.metadata.tables["application_mobile"]
FINDING: Final[Table] = SQLModel.metadata.tables["application_finding"]
APPLICANT_LINK: Final[Table] = SQLModel.metadata.tables["applicant_link"]
APPLICANT_CODE: Final[Table] = SQLModel.metadata.tables["applicant_code"]
APPLICANT_VISIT: Final[Table] = SQLModel.metadata.tables["applicant_visit"]
