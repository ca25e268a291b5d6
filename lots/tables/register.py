"""Lay providers, their standing and their prices in Postgres; the authorities share them (A4)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
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
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field, SQLModel


class ProviderRow(SQLModel, table=True):
    """A firm on the register."""

    __tablename__ = "provider"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_provider"),
        CheckConstraint("btrim(name) <> ''", name="ck_provider_name"),
        CheckConstraint("btrim(ofsted_urn) <> ''", name="ck_provider_ofsted_urn"),
        CheckConstraint(
            "ofsted_categories <@ ARRAY[1, 2, 3, 4]::smallint[]"
            " AND (ofsted_urn IS NOT NULL OR cardinality(ofsted_categories) = 0)",
            name="ck_provider_ofsted_categories",
        ),
        CheckConstraint(
            "ofsted_outcome IS NULL OR ofsted_urn IS NOT NULL AND ofsted_outcome IN"
            " ('consistently_strong', 'inconsistent', 'serious_weaknesses', 'not_inspected')",
            name="ck_provider_ofsted_outcome",
        ),
    )

    id: UUID
    name: str
    email: str
    mobile: str
    phone: str
    out_of_hours: str
    ofsted_urn: str | None
    ofsted_categories: list[int] = Field(sa_column=Column(ARRAY(sa.SmallInteger), nullable=False))
    admitted_at: datetime
    ofsted_outcome: str | None
    evidence_asked_from: date | None


class SuspensionRow(SQLModel, table=True):
    """Days on which a provider gets no new work, both end days included (A15)."""

    __tablename__ = "provider_suspension"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_provider_suspension"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_suspension_provider"),
        CheckConstraint("ends_on >= starts_on", name="ck_provider_suspension_dates"),
        CheckConstraint("btrim(reason) <> ''", name="ck_provider_suspension_reason"),
        CheckConstraint(
            "(lifted_on IS NULL) = (lifted_reason IS NULL) AND (lifted_on IS NULL) = (lifted_at IS NULL)"
            " AND (lifted_reason IS NULL OR btrim(lifted_reason) <> '')",
            name="ck_provider_suspension_lifted",
        ),
        Index("ix_provider_suspension_provider", "provider_id"),
    )

    id: UUID
    provider_id: UUID
    starts_on: date
    ends_on: date | None
    reason: str
    suspended_at: datetime
    lifted_on: date | None
    lifted_reason: str | None
    lifted_at: datetime | None


class RemovalRow(SQLModel, table=True):
    """A provider taken off the register, until it is admitted again (A13, A15)."""

    __tablename__ = "provider_removal"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_provider_removal"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_removal_provider"),
        CheckConstraint("readmitted_on >= removed_on", name="ck_provider_removal_dates"),
        CheckConstraint("btrim(reason) <> ''", name="ck_provider_removal_reason"),
        Index(
            "uq_provider_removal_open", "provider_id", unique=True, postgresql_where=sa.text("readmitted_on IS NULL")
        ),
    )

    id: UUID
    provider_id: UUID
    removed_on: date
    reason: str
    readmitted_on: date | None
    removed_at: datetime


class RegistrationRow(SQLModel, table=True):
    """Tendered prices in one category for a time; two of one provider and category never share a day (A13)."""

    __tablename__ = "registration"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_registration"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_registration_provider"),
        CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_registration_category"),
        CheckConstraint("accommodation_weekly >= 0", name="ck_registration_accommodation_weekly"),
        CheckConstraint("support_hourly >= 0", name="ck_registration_support_hourly"),
        CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_registration_offers_something"
        ),
        CheckConstraint("block_discount BETWEEN 0 AND 100", name="ck_registration_block_discount"),
        CheckConstraint("valid_to >= valid_from", name="ck_registration_dates"),
        ExcludeConstraint(
            ("provider_id", "="),
            ("category", "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_registration_no_overlap",
        ),
        Index("ix_registration_provider", "provider_id"),
        Index("ix_registration_category", "category", "provider_id", "valid_from"),
    )

    id: UUID
    provider_id: UUID
    category: str
    accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    block_discount: Decimal = Field(max_digits=5, decimal_places=2)
    valid_from: date
    valid_to: date | None


class DocumentRow(SQLModel, table=True):
    """A file as it was kept, never changed (A14). No foreign key: an applicant is not on the register yet."""

    __tablename__ = "document"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_document"),
        UniqueConstraint("id", "provider_id", name="uq_document_of_provider"),
        CheckConstraint("media_type IN ('application/pdf', 'image/png', 'image/jpeg')", name="ck_document_media_type"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 10485760", name="ck_document_size"),
        CheckConstraint("sha256 = sha256(content)", name="ck_document_sha256"),
        CheckConstraint("btrim(uploaded_by) <> ''", name="ck_document_uploaded_by"),
        Index("ix_document_provider", "provider_id"),
    )

    id: UUID
    provider_id: UUID
    media_type: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    uploaded_by: str
    uploaded_at: datetime


class EvidenceRow(SQLModel, table=True):
    """A piece of evidence; only accepted ones count (A14)."""

    __tablename__ = "evidence"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_evidence"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_evidence_provider"),
        ForeignKeyConstraint(
            ["property_id", "provider_id"], ["property.id", "property.provider_id"], name="fk_evidence_property"
        ),
        ForeignKeyConstraint(
            ["document_id", "provider_id"], ["document.id", "document.provider_id"], name="fk_evidence_document"
        ),
        CheckConstraint("btrim(kind) <> ''", name="ck_evidence_kind"),
        CheckConstraint("valid_to >= valid_from", name="ck_evidence_dates"),
        CheckConstraint("state IN ('offered', 'accepted', 'refused')", name="ck_evidence_state"),
        CheckConstraint("(state = 'offered') = (decided_at IS NULL)", name="ck_evidence_decided"),
        CheckConstraint("state <> 'refused' OR btrim(note) <> ''", name="ck_evidence_note"),
        Index("ix_evidence_provider", "provider_id"),
        Index("ix_evidence_property", "property_id"),
        # Each publication asks of every provider what it holds, and is answered from here alone.
        Index(
            "ix_evidence_accepted",
            "provider_id",
            "kind",
            "valid_from",
            "valid_to",
            postgresql_where=sa.text("state = 'accepted' AND property_id IS NULL"),
        ),
    )

    id: UUID
    provider_id: UUID
    property_id: UUID | None
    kind: str
    reference: str
    valid_from: date
    valid_to: date | None
    state: str
    note: str
    document_id: UUID | None
    offered_at: datetime
    decided_at: datetime | None


class ContactRow(SQLModel, table=True):
    """Somebody at a provider, whose mobile is confirmed (A13)."""

    __tablename__ = "provider_contact"
    __table_args__ = (
        PrimaryKeyConstraint("provider_id", "place", name="pk_provider_contact"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_contact_provider"),
        CheckConstraint("btrim(name) <> '' AND btrim(mobile) <> ''", name="ck_provider_contact_name"),
    )

    provider_id: UUID
    place: int
    name: str
    role: str
    email: str
    mobile: str


class AreaRow(SQLModel, table=True):
    """An area that a provider works in, by its outward code (A13)."""

    __tablename__ = "provider_area"
    __table_args__ = (
        PrimaryKeyConstraint("provider_id", "outward_code", name="pk_provider_area"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_area_provider"),
        CheckConstraint("outward_code ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?$'", name="ck_provider_area_outward_code"),
    )

    provider_id: UUID
    outward_code: str


PROVIDER: Final[Table] = SQLModel.metadata.tables["provider"]
SUSPENSION: Final[Table] = SQLModel.metadata.tables["provider_suspension"]
REGISTRATION: Final[Table] = SQLModel.metadata.tables["registration"]
REMOVAL: Final[Table] = SQLModel.metadata.tables["provider_removal"]
DOCUMENT: Final[Table] = SQLModel.metadata.tables["document"]
EVIDENCE: Final[Table] = SQLModel.metadata.tables["evidence"]
CONTACT: Final[Table] = SQLModel.metadata.tables["provider_contact"]
AREA: Final[Table] = SQLModel.metadata.tables["provider_area"]
