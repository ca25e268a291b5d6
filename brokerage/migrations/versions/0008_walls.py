"""Sights of a young person's record, and referrals shared with another council. The walls follow every upgrade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEPT = """
CREATE TRIGGER sight_no_change BEFORE UPDATE OR DELETE ON sight FOR EACH ROW EXECUTE FUNCTION kept_as_written();
CREATE TRIGGER sight_no_truncate BEFORE TRUNCATE ON sight FOR EACH STATEMENT EXECUTE FUNCTION kept_as_written();
"""


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "sight",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", at, nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "id", name="sight_pkey"),
        sa.ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="sight_referral_fk"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="sight_person_fk"),
        sa.CheckConstraint(
            "relation IN ('raised', 'acted', 'role', 'shared', 'placed', 'reason')", name="sight_relation_known"
        ),
        sa.CheckConstraint(
            "(relation = 'reason') = (reason IS NOT NULL) AND (reason IS NULL OR btrim(reason) <> '')",
            name="sight_reason_given",
        ),
    )
    op.create_index("sight_of_referral", "sight", ["authority", "referral_id", "at"])
    op.create_index("sight_of_person", "sight", ["authority", "person_id", "at"])
    op.create_table(
        "share",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("with_authority", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", at, nullable=False),
        sa.Column("ended_at", at, nullable=True),
        sa.PrimaryKeyConstraint("authority", "id", name="share_pkey"),
        sa.ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="share_referral_fk"
        ),
        sa.ForeignKeyConstraint(["with_authority"], ["authority.key"], name="share_with_fk"),
        sa.CheckConstraint("with_authority <> authority", name="share_with_another"),
        sa.CheckConstraint("btrim(reason) <> ''", name="share_reason"),
    )
    op.create_index(
        "share_once",
        "share",
        ["authority", "referral_id", "with_authority"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.execute(KEPT)


def downgrade() -> None:
    op.drop_table("share")
    op.drop_table("sight")
