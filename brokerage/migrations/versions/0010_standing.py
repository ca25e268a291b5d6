"""Standing, prices and what else the register keeps of a firm.

What councils decide when a provider loses its standing, changes of the specification, and equality answers.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NEW = ("equality_answers", "specification_answer", "specification_change", "standing_decision", "standing_touch")


def upgrade() -> None:
    """Add the five tables."""
    _standing()
    _specification()
    op.create_table(
        "equality_answers",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False)
            for name in ("ethnic_group", "gender", "disability", "religion", "orientation", "purpose")
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("btrim(purpose) <> ''", name="ck_equality_answers_purpose"),
        sa.ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="fk_equality_answers_referral"
        ),
        sa.PrimaryKeyConstraint("authority", "referral_id", name="pk_equality_answers"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in NEW:
        op.drop_table(table)


def _standing() -> None:
    op.create_table(
        "standing_touch",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("touched_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_standing_touch_provider"),
        sa.PrimaryKeyConstraint("authority", "cause_id", name="pk_standing_touch"),
    )
    op.create_table(
        "standing_decision",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("id", "agreement_id", "referral_id", "provider_id", "cause_id")
        ),
        sa.Column("choice", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("choice IN ('keep', 'move', 'end')", name="ck_standing_decision_choice"),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_standing_decision_reason"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"],
            ["agreement.authority", "agreement.id"],
            name="fk_standing_decision_agreement",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_standing_decision_provider"),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_standing_decision"),
    )
    op.create_index("ix_standing_decision_agreement", "standing_decision", ["authority", "agreement_id"])


def _specification() -> None:
    op.create_table(
        "specification_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("btrim(title) <> '' AND btrim(reason) <> ''", name="ck_specification_change_title"),
        sa.CheckConstraint("effective_on > answer_by", name="ck_specification_change_dates"),
        sa.CheckConstraint(
            "state IN ('consulting', 'authorised', 'refused', 'withdrawn')", name="ck_specification_change_state"
        ),
        sa.CheckConstraint(
            "(state = 'consulting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="ck_specification_change_decided",
        ),
        sa.CheckConstraint(
            "state <> 'authorised' OR decided_by <> proposed_by", name="ck_specification_change_two_people"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_specification_change"),
    )
    op.create_table(
        "specification_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("stance", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("stance IN ('agree', 'object', 'comment')", name="ck_specification_answer_stance"),
        sa.CheckConstraint("stance = 'agree' OR btrim(words) <> ''", name="ck_specification_answer_words"),
        sa.ForeignKeyConstraint(["change_id"], ["specification_change.id"], name="fk_specification_answer_change"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_specification_answer_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_specification_answer"),
    )
    op.create_index("ix_specification_answer_change", "specification_answer", ["change_id", "answered_at"])
