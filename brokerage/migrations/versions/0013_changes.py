"""Variations, ends and going back to the market."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Link a referral to the agreement that it goes back to the market from."""
    op.add_column("referral", sa.Column("from_agreement", sa.Uuid(), nullable=True))
    op.add_column("referral", sa.Column("from_reason", sa.String(), nullable=True))
    op.add_column("referral", sa.Column("from_why", sa.Text(), nullable=True))
    op.create_foreign_key(
        "referral_from_agreement_fk", "referral", "agreement", ["authority", "from_agreement"], ["authority", "id"]
    )
    op.create_check_constraint(
        "referral_origin_whole", "referral", "num_nulls(from_agreement, from_reason, from_why) IN (0, 3)"
    )
    op.create_index(
        "referral_one_from_agreement",
        "referral",
        ["authority", "from_agreement"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft','raised','seeking','bespoke') AND from_agreement IS NOT NULL"),
    )
    op.create_table(
        "difference",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("expertise", sa.Text(), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(9, 2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(9, 2), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by_provider", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("authority", "id"),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="difference_competition_fk",
        ),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="difference_invitation_fk"
        ),
        sa.CheckConstraint("state IN ('proposed','agreed','refused','withdrawn')", name="difference_state_known"),
        sa.CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="difference_has_a_price"
        ),
        sa.CheckConstraint("accommodation_weekly >= 0 AND support_hourly >= 0", name="difference_money_positive"),
        sa.CheckConstraint("btrim(differences) <> '' AND btrim(expertise) <> ''", name="difference_says_something"),
        sa.CheckConstraint("(answered_by IS NULL) = (answered_at IS NULL)", name="difference_answer_whole"),
        sa.CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name="difference_answered_once_decided"),
    )
    op.create_index(
        "difference_one_an_invitation",
        "difference",
        ["authority", "invitation_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed','agreed')"),
    )
    op.create_index("difference_of_competition", "difference", ["authority", "competition_id"])


def downgrade() -> None:
    """Forget the links and the differences."""
    op.drop_table("difference")
    op.drop_index("referral_one_from_agreement", "referral")
    op.drop_constraint("referral_origin_whole", "referral")
    op.drop_constraint("referral_from_agreement_fk", "referral")
    for name in ("from_why", "from_reason", "from_agreement"):
        op.drop_column("referral", name)
