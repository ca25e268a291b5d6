"""How referrals lie in Postgres. The young person has a table of their own, apart from everything else."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

STATES: Final = "('draft','raised','seeking','placed','bespoke','withdrawn')"
CATEGORIES: Final = "('1.1','1.2','1.3','2.1','2.2','2.3')"


class ReferralRow(SQLModel, table=True):
    __tablename__ = "referral"
    __table_args__ = (
        ForeignKeyConstraint(["authority"], ["authority.key"], name="referral_authority_fk"),
        CheckConstraint(f"state IN {STATES}", name="referral_state_known"),
        CheckConstraint(f"category IS NULL OR category IN {CATEGORIES}", name="referral_category_known"),
        CheckConstraint("hours IS NULL OR hours >= 0", name="referral_hours_positive"),
        # Above 25 hours it is advertised as bespoke, and only so: its competition says it (A10).
        CheckConstraint(
            "state IN ('draft','bespoke','withdrawn') OR hours BETWEEN 0 AND 25 OR (bespoke AND state <> 'raised')",
            name="referral_hours_0_to_25",
        ),
        CheckConstraint("category IS DISTINCT FROM '2.3' OR hours = 0", name="referral_2_3_has_no_hours"),
        CheckConstraint(
            "state IN ('draft','withdrawn') OR num_nulls(assessment, market, category, hours) = 0",
            name="referral_complete_once_raised",
        ),
        UniqueConstraint("authority", "reference", name="referral_reference_once"),
        ForeignKeyConstraint(
            ["authority", "from_agreement"], ["agreement.authority", "agreement.id"], name="referral_from_agreement_fk"
        ),
        CheckConstraint("num_nulls(from_agreement, from_reason, from_why) IN (0, 3)", name="referral_origin_whole"),
        Index(
            "referral_one_from_agreement",
            "authority",
            "from_agreement",
            unique=True,
            postgresql_where=text("state IN ('draft','raised','seeking','bespoke') AND from_agreement IS NOT NULL"),
        ),
    )

    authority: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    reference: str
    state: str
    document: str = Field(sa_column=Column(Text, nullable=False))
    assessment: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    category: str | None = None
    hours: Decimal | None = Field(default=None, sa_column=Column(Numeric(5, 2), nullable=True))
    urgency: str | None = None
    market: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    withdrawn_reason: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    exception: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    started_at: datetime
    started_by: UUID | None = None
    raised_at: datetime | None = None
    raised_by: UUID | None = None
    changed_at: datetime
    from_agreement: UUID | None = None
    from_reason: str | None = None
    from_why: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    bespoke: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class YoungPersonRow(SQLModel, table=True):
    __tablename__ = "young_person"
    __table_args__ = (
        ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="young_person_referral_fk"
        ),
    )

    authority: str = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    given_name: str
    family_name: str
    typed: str = Field(sa_column=Column(Text, nullable=False))


REFERRAL: Final[Table] = SQLModel.metadata.tables["referral"]
YOUNG_PERSON: Final[Table] = SQLModel.metadata.tables["young_person"]
