"""Lay the register in Postgres; the four authorities share it, so no table here has an authority (A4)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table
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


class SuspensionRow(SQLModel, table=True):
    """Days on which a provider gets no new work, both end days included (A15)."""

    __tablename__ = "provider_suspension"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_provider_suspension"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_suspension_provider"),
        CheckConstraint("ends_on >= starts_on", name="ck_provider_suspension_dates"),
        CheckConstraint("btrim(reason) <> ''", name="ck_provider_suspension_reason"),
        Index("ix_provider_suspension_provider", "provider_id"),
    )

    id: UUID
    provider_id: UUID
    starts_on: date
    ends_on: date | None
    reason: str
    suspended_at: datetime


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
    )

    id: UUID
    provider_id: UUID
    category: str
    accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    block_discount: Decimal = Field(max_digits=5, decimal_places=2)
    valid_from: date
    valid_to: date | None


PROVIDER: Final[Table] = SQLModel.metadata.tables["provider"]
SUSPENSION: Final[Table] = SQLModel.metadata.tables["provider_suspension"]
REGISTRATION: Final[Table] = SQLModel.metadata.tables["registration"]
