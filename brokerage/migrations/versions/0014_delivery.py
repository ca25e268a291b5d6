"""Hours, links to sign them by, alarms; concerns with what was done and what comes next."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    """Add them."""
    op.add_column("hours_given", sa.Column("shared_with", sa.Integer(), nullable=True))
    op.create_check_constraint(
        "ck_hours_given_shared_with", "hours_given", "shared_with IS NULL OR (kind = 'shared' AND shared_with >= 1)"
    )
    op.create_index("ix_hours_given_on", "hours_given", ["authority", "given_on"])
    op.alter_column("hours_sign_off", "recorded_by", nullable=True)
    for name in ("action", "next_step"):
        op.add_column("concern", sa.Column(name, TEXT(), nullable=False, server_default=""))
        op.alter_column("concern", name, server_default=None)
    op.add_column("concern", sa.Column("escalated_at", INSTANT(), nullable=True))
    op.create_index(
        "ix_concern_open", "concern", ["authority", "told_at"], postgresql_where=sa.text("acknowledged_at IS NULL")
    )
    op.create_index(
        "ix_review_waiting",
        "review",
        ["authority", "due_on", "agreement_id", "number"],
        postgresql_where=sa.text("review.state IN ('planned', 'due', 'overdue', 'escalated')"),
    )
    op.create_table(
        "hours_reason",
        sa.Column("authority", TEXT(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT(), nullable=False),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name="ck_hours_reason_monday"),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_hours_reason_words"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_reason_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "week", name="pk_hours_reason"),
    )
    op.create_table(
        "hours_link",
        sa.Column("authority", TEXT(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", INSTANT(), nullable=False),
        sa.Column("expires_at", INSTANT(), nullable=False),
        sa.Column("ended_at", INSTANT(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name="ck_hours_link_monday"),
        sa.CheckConstraint("expires_at > made_at", name="ck_hours_link_lasts"),
        sa.CheckConstraint("NOT answered OR ended_at IS NOT NULL", name="ck_hours_link_answered"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_link_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_hours_link"),
        sa.UniqueConstraint("token_hash", name="uq_hours_link_token"),
    )
    op.create_index(
        "ix_hours_link_alive",
        "hours_link",
        ["authority", "agreement_id", "week"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "hours_alarm",
        sa.Column("authority", TEXT(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("commissioned", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("delivered", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("raised_at", INSTANT(), nullable=False),
        sa.CheckConstraint("kind IN ('short', 'unsigned')", name="ck_hours_alarm_kind"),
        sa.CheckConstraint("in_a_row >= 1", name="ck_hours_alarm_in_a_row"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_alarm_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "week", "kind", name="pk_hours_alarm"),
    )
    op.create_index("ix_hours_alarm_week", "hours_alarm", ["authority", "week"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("hours_alarm")
    op.drop_table("hours_link")
    op.drop_table("hours_reason")
    op.drop_index("ix_review_waiting", "review")
    op.drop_index("ix_concern_open", "concern")
    for name in ("escalated_at", "next_step", "action"):
        op.drop_column("concern", name)
    op.execute("DELETE FROM hours_sign_off WHERE recorded_by IS NULL")
    op.alter_column("hours_sign_off", "recorded_by", nullable=False)
    op.drop_index("ix_hours_given_on", "hours_given")
    op.drop_constraint("ck_hours_given_shared_with", "hours_given")
    op.drop_column("hours_given", "shared_with")
