"""Lay what councils decide about lost standing in Postgres."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table
from sqlmodel import SQLModel


class StandingTouchRow(SQLModel, table=True):
    """A suspension or removal that a council was told of, once."""

    __tablename__ = "standing_touch"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "cause_id", name="pk_standing_touch"),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_standing_touch_provider"),
    )

    authority: str
    cause_id: UUID
    provider_id: UUID
    touched_at: datetime


class StandingDecisionRow(SQLModel, table=True):
    """Whether a placement stays, moves or ends after its provider lost its standing, with the reason."""

    __tablename__ = "standing_decision"
    __table_args__ = (
        PrimaryKeyConstraint("authority", "id", name="pk_standing_decision"),
        ForeignKeyConstraint(
            ["authority", "agreement_id"],
            ["agreement.authority", "agreement.id"],
            name="fk_standing_decision_agreement",
        ),
        ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_standing_decision_provider"),
        CheckConstraint("choice IN ('keep', 'move', 'end')", name="ck_standing_decision_choice"),
        CheckConstraint("btrim(reason) <> ''", name="ck_standing_decision_reason"),
        Index("ix_standing_decision_agreement", "authority", "agreement_id"),
    )

    authority: str
    id: UUID
    agreement_id: UUID
    referral_id: UUID
    provider_id: UUID
    cause_id: UUID
    choice: str
    reason: str
    decided_by: UUID
    decided_at: datetime


STANDING_TOUCH: Final[Table] = StandingTouchRow.metadata.tables["standing_touch"]
STANDING_DECISION: Final[Table] = StandingDecisionRow.metadata.tables["standing_decision"]
