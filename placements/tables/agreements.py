"""Lay agreements and what they say from day to day in Postgres (A4, A30, A33)."""

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
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel


class AgreementRow(SQLModel, table=True):
    """An individual placement agreement, one an award (A30).

    Its terms are those it was opened with; `agreement_version` says what holds on a day. `ends_on` is the last
    day agreed at present. Award and referral lie in a package above, so their ids stand here without a foreign key.
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
        CheckConstraint(
            "state IN ('opened', 'part_accepted', 'accepted', 'started', 'under_notice', 'ended')",
            name="ck_agreement_state",
        ),
        CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ck_agreement_ended"),
        CheckConstraint("ended_on >= starts_on - 1", name="ck_agreement_ended_on"),
        CheckConstraint("state <> 'under_notice' OR notice_on IS NOT NULL", name="ck_agreement_notice"),
        CheckConstraint("funded_weekly >= 0", name="ck_agreement_funded"),
        # The last line for S5: no agreement under 18 without an Ofsted number, whoever writes it.
        CheckConstraint("NOT under_18 OR ofsted_urn IS NOT NULL", name="ck_agreement_under_18_ofsted"),
        CheckConstraint("part IN ('accommodation', 'support')", name="ck_agreement_part"),
        CheckConstraint("(sibling_id IS NULL) = (sibling_provider_id IS NULL)", name="ck_agreement_sibling"),
        CheckConstraint("part IS NOT NULL OR num_nulls(sibling_id, apart_reason) = 2", name="ck_agreement_whole"),
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
    services: str
    funded_weekly: Decimal = Field(max_digits=9, decimal_places=2)
    ended_on: date | None
    reviews_from: date | None
    notice_on: date | None
    part: str | None
    sibling_id: UUID | None
    sibling_provider_id: UUID | None
    apart_reason: str | None


class AcceptanceRow(SQLModel, table=True):
    """A party's acceptance of an agreement, once (A30)."""

    __tablename__ = "agreement_acceptance"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "party", name="pk_agreement_acceptance"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"],
            ["agreement.authority", "agreement.id"],
            name="fk_agreement_acceptance_agreement",
        ),
        CheckConstraint("party IN ('provider', 'council')", name="ck_agreement_acceptance_party"),
    )

    authority: str
    agreement_id: UUID
    party: str
    person_id: UUID
    accepted_at: datetime


class VersionRow(SQLModel, table=True):
    """What an agreement says from one day to another; one that never held ends on the eve of its first day (A33)."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "agreement_id", "number", name="pk_agreement_version"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"],
            ["agreement.authority", "agreement.id"],
            name="fk_agreement_version_agreement",
        ),
        ForeignKeyConstraint(
            ["authority", "variation_id"],
            ["variation.authority", "variation.id"],
            name="fk_agreement_version_variation",
        ),
        UniqueConstraint("authority", "variation_id", name="uq_agreement_version_variation"),
        ExcludeConstraint(
            ("authority", "="),
            ("agreement_id", "="),
            (text("daterange(from_on, until_on + 1, '[)')"), "&&"),
            using="gist",
            name="ex_agreement_version_no_overlap",
        ),
        CheckConstraint("number >= 1", name="ck_agreement_version_number"),
        CheckConstraint("(number = 1) = (variation_id IS NULL)", name="ck_agreement_version_first"),
        CheckConstraint("until_on >= from_on - 1", name="ck_agreement_version_days"),
        CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_agreement_version_category"),
        CheckConstraint("hours >= 0 AND (hours <= 25 OR bespoke)", name="ck_agreement_version_hours"),
        CheckConstraint("hours % 0.25 = 0", name="ck_agreement_version_hours_in_quarters"),
        CheckConstraint("category <> '2.3' OR hours = 0", name="ck_agreement_version_no_hours_in_2_3"),
        CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL",
            name="ck_agreement_version_buys_something",
        ),
        CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0 AND housing_benefit_weekly >= 0 AND weekly_cost >= 0",
            name="ck_agreement_version_money",
        ),
        CheckConstraint(
            "accommodation_weekly <= coalesce(limit_accommodation_weekly, -1)"
            " AND support_hourly <= coalesce(limit_support_hourly, -1)",
            name="ck_agreement_version_limits",
        ),
        CheckConstraint("beds >= 1", name="ck_agreement_version_beds"),
        CheckConstraint("block_discount BETWEEN 0 AND 100", name="ck_agreement_version_block_discount"),
    )

    authority: str
    agreement_id: UUID
    number: int
    from_on: date
    until_on: date
    ends_on: date
    category: str
    hours: Decimal = Field(max_digits=5, decimal_places=2)
    accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    housing_benefit_weekly: Decimal = Field(max_digits=9, decimal_places=2)
    beds: int
    block_discount: Decimal = Field(max_digits=5, decimal_places=2)
    weekly_cost: Decimal = Field(max_digits=9, decimal_places=2)
    bespoke: bool
    services: str
    limit_accommodation_weekly: Decimal | None = Field(max_digits=9, decimal_places=2)
    limit_support_hourly: Decimal | None = Field(max_digits=9, decimal_places=2)
    variation_id: UUID | None
    made_at: datetime


AGREEMENT: Final[Table] = SQLModel.metadata.tables["agreement"]
ACCEPTANCE: Final[Table] = SQLModel.metadata.tables["agreement_acceptance"]
VERSION: Final[Table] = SQLModel.metadata.tables["agreement_version"]
