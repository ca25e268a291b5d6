"""Lay variations and the word of those who fund them in Postgres (A4, A11, A33, S16)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel


class VariationRow(SQLModel, table=True):
    """A change of an agreement from a day on; one at a time is undecided (A33)."""

    __tablename__ = "variation"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_variation"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_variation_agreement"
        ),
        UniqueConstraint("authority", "agreement_id", "number", name="uq_variation_number"),
        CheckConstraint("number >= 1", name="ck_variation_number"),
        CheckConstraint(
            "state IN ('proposed', 'awaiting_funding', 'agreed', 'refused', 'withdrawn')", name="ck_variation_state"
        ),
        CheckConstraint("proposed_by IN ('provider', 'council')", name="ck_variation_party"),
        CheckConstraint("(agreed_by IS NULL) = (agreed_at IS NULL)", name="ck_variation_agreed_together"),
        CheckConstraint(
            "state NOT IN ('awaiting_funding', 'agreed') OR agreed_by IS NOT NULL", name="ck_variation_both_agreed"
        ),
        CheckConstraint("(differences IS NULL) = (expertise IS NULL)", name="ck_variation_difference"),
        CheckConstraint(
            "num_nonnulls(hours, accommodation_weekly, support_hourly, housing_benefit_weekly, services, ends_on) > 0",
            name="ck_variation_changes_something",
        ),
        CheckConstraint("hours >= 0 AND hours % 0.25 = 0", name="ck_variation_hours"),
        CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0 AND housing_benefit_weekly >= 0"
            " AND weekly_before >= 0 AND weekly_after >= 0",
            name="ck_variation_money",
        ),
        CheckConstraint("ends_on >= effective_on", name="ck_variation_days"),
        Index(
            "uq_variation_one_open",
            "authority",
            "agreement_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'awaiting_funding')"),
        ),
    )

    authority: str
    id: UUID
    agreement_id: UUID
    number: int
    reason: str
    effective_on: date
    hours: Decimal | None = Field(max_digits=5, decimal_places=2)
    accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    housing_benefit_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    services: str | None
    ends_on: date | None
    differences: str | None
    expertise: str | None
    weekly_before: Decimal = Field(max_digits=9, decimal_places=2)
    weekly_after: Decimal = Field(max_digits=9, decimal_places=2)
    state: str
    proposed_by: str
    proposer_id: UUID
    proposed_at: datetime
    agreed_by: UUID | None
    agreed_at: datetime | None


class VariationFundingRow(SQLModel, table=True):
    """One approver's word on the weekly cost of a variation (S16)."""

    __tablename__ = "variation_funding"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "variation_id", "approver", name="pk_variation_funding"),
        ForeignKeyConstraint(
            ["authority", "variation_id"],
            ["variation.authority", "variation.id"],
            name="fk_variation_funding_variation",
        ),
    )

    authority: str
    variation_id: UUID
    approver: UUID
    said_at: datetime


VARIATION: Final[Table] = SQLModel.metadata.tables["variation"]
VARIATION_FUNDING: Final[Table] = SQLModel.metadata.tables["variation_funding"]
