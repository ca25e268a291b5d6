"""Lay agreements and reviews in Postgres; every row is one authority's own (A4)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlmodel import Field, SQLModel


class AgreementRow(SQLModel, table=True):
    """An individual placement agreement, one an award (A30).

    Award and referral lie in a package above this one, so their ids stand here without a foreign key.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_agreement"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_agreement_provider"),
        UniqueConstraint("authority", "award_id", name="uq_agreement_award"),
        UniqueConstraint("authority", "reference", name="uq_agreement_reference"),
        CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_agreement_category"),
        CheckConstraint("hours >= 0 AND (hours <= 25 OR bespoke)", name="ck_agreement_hours"),
        CheckConstraint("hours % 0.25 = 0", name="ck_agreement_hours_in_quarters"),
        CheckConstraint("category <> '2.3' OR hours = 0", name="ck_agreement_no_hours_in_2_3"),
        CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_agreement_buys_something"
        ),
        CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0 AND housing_benefit_weekly >= 0 AND weekly_cost >= 0",
            name="ck_agreement_money",
        ),
        CheckConstraint("beds >= 1", name="ck_agreement_beds"),
        CheckConstraint("block_discount BETWEEN 0 AND 100", name="ck_agreement_block_discount"),
        CheckConstraint("ends_on >= starts_on", name="ck_agreement_dates"),
        CheckConstraint("category <> '2.1' OR ends_on - starts_on BETWEEN 1 AND 7", name="ck_agreement_nights_in_2_1"),
        CheckConstraint(
            "met_on IS NOT NULL OR (waiver_reason IS NOT NULL AND btrim(waiver_reason) <> '')",
            name="ck_agreement_introduced",
        ),
        CheckConstraint("met_on <= starts_on", name="ck_agreement_met_before_start"),
        CheckConstraint("state IN ('agreed', 'ended')", name="ck_agreement_state"),
        # The last line for S5: no agreement under 18 without an Ofsted number, whoever writes it.
        CheckConstraint("NOT under_18 OR ofsted_urn IS NOT NULL", name="ck_agreement_under_18_ofsted"),
        Index("ix_agreement_provider", "provider_id"),
        Index("ix_agreement_referral", "authority", "referral_id"),
    )

    authority: str
    id: UUID
    reference: str
    award_id: UUID
    referral_id: UUID
    provider_id: UUID
    category: str
    hours: Decimal = Field(max_digits=5, decimal_places=2)
    accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    housing_benefit_weekly: Decimal = Field(max_digits=9, decimal_places=2)
    beds: int
    block_discount: Decimal = Field(max_digits=5, decimal_places=2)
    weekly_cost: Decimal = Field(max_digits=9, decimal_places=2)
    bespoke: bool
    met_on: date | None
    waiver_reason: str | None
    starts_on: date
    ends_on: date
    state: str
    agreed_at: datetime
    outcomes: str
    under_18: bool
    ofsted_urn: str | None


class ReviewRow(SQLModel, table=True):
    """A review of an agreement (A31)."""

    __tablename__ = "review"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_review"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_review_agreement"
        ),
        UniqueConstraint("authority", "agreement_id", "number", name="uq_review_number"),
        CheckConstraint("number >= 1", name="ck_review_number"),
        CheckConstraint("kind IN ('first', 'quarterly')", name="ck_review_kind"),
        CheckConstraint("state IN ('planned', 'due', 'held')", name="ck_review_state"),
        Index("ix_review_due", "authority", "state", "due_on"),
    )

    authority: str
    id: UUID
    agreement_id: UUID
    number: int
    due_on: date
    kind: str
    state: str


AGREEMENT: Final[Table] = SQLModel.metadata.tables["agreement"]
REVIEW: Final[Table] = SQLModel.metadata.tables["review"]
