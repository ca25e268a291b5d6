"""Lay ceilings, uplifts and sub-contractors in Postgres."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel

CATEGORIES: Final = "('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')"


class CeilingRow(SQLModel, table=True):
    """The most one council pays in a category; two of one council and category never share a day."""

    __tablename__ = "ceiling"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_ceiling"),
        CheckConstraint(f"category IN {CATEGORIES}", name="ck_ceiling_category"),
        CheckConstraint("accommodation_weekly >= 0 AND support_hourly >= 0", name="ck_ceiling_money"),
        CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_ceiling_on_something"
        ),
        CheckConstraint("valid_to >= valid_from", name="ck_ceiling_dates"),
        ExcludeConstraint(
            ("authority", "="),
            ("category", "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_ceiling_no_overlap",
        ),
    )

    authority: str
    id: UUID
    category: str
    accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    valid_from: date
    valid_to: date | None
    set_at: datetime


class UpliftRow(SQLModel, table=True):
    """A proposal to raise prices; one is open at a time for each provider and category."""

    __tablename__ = "uplift"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="pk_uplift"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_uplift_provider"),
        CheckConstraint(f"category IN {CATEGORIES}", name="ck_uplift_category"),
        CheckConstraint("percent > 0 AND percent <= 100", name="ck_uplift_percent"),
        CheckConstraint("btrim(reason) <> ''", name="ck_uplift_reason"),
        CheckConstraint("state IN ('proposed', 'accepted', 'refused', 'withdrawn')", name="ck_uplift_state"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ck_uplift_decided"),
        Index(
            "uq_uplift_open",
            "provider_id",
            "category",
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: UUID
    provider_id: UUID
    category: str
    percent: Decimal = Field(max_digits=5, decimal_places=2)
    starts_on: date
    reason: str
    state: str
    decision_note: str | None
    proposed_at: datetime
    decided_at: datetime | None


class SubcontractorRow(SQLModel, table=True):
    """A firm that does part of a provider's work for one council, by its written consent (A18)."""

    __tablename__ = "subcontractor"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_subcontractor"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_subcontractor_provider"),
        CheckConstraint("btrim(name) <> '' AND btrim(service) <> ''", name="ck_subcontractor_name"),
        CheckConstraint("share > 0 AND share <= 100", name="ck_subcontractor_share"),
        CheckConstraint("cost_yearly >= 0", name="ck_subcontractor_cost"),
        CheckConstraint("state IN ('asked', 'consented', 'refused', 'ended')", name="ck_subcontractor_state"),
        # Prior and written: the consent is there, and its day is not after the work's first (DPS spec 3.4.4).
        CheckConstraint(
            "(state IN ('consented', 'ended')) = (consented_on IS NOT NULL) AND consented_on <= starts_on"
            " AND (consented_on IS NULL OR (consent IS NOT NULL AND btrim(consent) <> ''))",
            name="ck_subcontractor_consent",
        ),
        CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ck_subcontractor_ended"),
        Index("ix_subcontractor_provider", "authority", "provider_id"),
    )

    authority: str
    id: UUID
    provider_id: UUID
    name: str
    service: str
    share: Decimal = Field(max_digits=5, decimal_places=2)
    cost_yearly: Decimal = Field(max_digits=11, decimal_places=2)
    starts_on: date
    state: str
    consent: str | None
    consented_on: date | None
    ended_on: date | None
    document_id: UUID | None


CEILING: Final[Table] = SQLModel.metadata.tables["ceiling"]
UPLIFT: Final[Table] = SQLModel.metadata.tables["uplift"]
SUBCONTRACTOR: Final[Table] = SQLModel.metadata.tables["subcontractor"]
