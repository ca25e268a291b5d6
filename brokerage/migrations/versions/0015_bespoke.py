"""Bespoke packages: advertised as competitions of their own, and negotiated with each bidder."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    """Mark competitions, let a bespoke referral be looked for, and keep the rounds."""
    op.add_column("competition", sa.Column("bespoke", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    _hours("competition", "hours BETWEEN 0 AND 25 OR (bespoke AND hours <= 168)")
    op.add_column("referral", sa.Column("bespoke", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute("UPDATE referral SET bespoke = true WHERE state = 'bespoke'")
    _hours(
        "referral",
        "state IN ('draft','bespoke','withdrawn') OR hours BETWEEN 0 AND 25 OR (bespoke AND state <> 'raised')",
    )
    op.create_table(
        "negotiation_round",
        sa.Column("authority", TEXT(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Numeric(5, 2), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(9, 2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(9, 2), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("by_provider", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", INSTANT(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", INSTANT(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "id"),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="negotiation_round_competition_fk",
        ),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"],
            ["invitation.authority", "invitation.id"],
            name="negotiation_round_invitation_fk",
        ),
        sa.UniqueConstraint("authority", "invitation_id", "number", name="negotiation_round_number_once"),
        sa.CheckConstraint("number >= 1", name="negotiation_round_number_positive"),
        sa.CheckConstraint(
            "state IN ('proposed','agreed','refused','withdrawn')", name="negotiation_round_state_known"
        ),
        sa.CheckConstraint("hours BETWEEN 0 AND 168", name="negotiation_round_hours_of_a_week"),
        sa.CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="negotiation_round_has_a_price"
        ),
        sa.CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0", name="negotiation_round_money_positive"
        ),
        sa.CheckConstraint("btrim(words) <> ''", name="negotiation_round_says_something"),
        sa.CheckConstraint("(answered_by IS NULL) = (answered_at IS NULL)", name="negotiation_round_answer_whole"),
        sa.CheckConstraint(
            "(state = 'proposed') = (answered_at IS NULL)", name="negotiation_round_answered_once_decided"
        ),
    )
    op.create_index(
        "negotiation_round_one_open",
        "negotiation_round",
        ["authority", "invitation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index("negotiation_round_of_competition", "negotiation_round", ["authority", "competition_id"])
    op.add_column("award", sa.Column("round_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "award_round_fk", "award", "negotiation_round", ["authority", "round_id"], ["authority", "id"]
    )


def downgrade() -> None:
    """Forget the rounds. Refused by the database where a bespoke package was advertised: it would be lost."""
    op.drop_constraint("award_round_fk", "award")
    op.drop_column("award", "round_id")
    op.drop_table("negotiation_round")
    _hours("referral", "state IN ('draft','bespoke','withdrawn') OR hours BETWEEN 0 AND 25")
    _hours("competition", "hours BETWEEN 0 AND 25")
    op.drop_column("competition", "bespoke")
    op.drop_column("referral", "bespoke")


def _hours(table: str, rule: str) -> None:
    name = f"{table}_hours_0_to_25"
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, rule)
