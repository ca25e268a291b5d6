"""Two parts of one referral, and two agreements of one placement (A23)."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString

RUNNING = "state IN ('open','closed','awarded')"
PARTS = {"accommodation": "support", "support": "accommodation"}


def upgrade() -> None:
    """Let a referral run in two parts, and an agreement know its other part."""
    op.add_column("competition", sa.Column("part", TEXT(), nullable=True))
    op.create_check_constraint("competition_part_known", "competition", "part IN ('accommodation','support')")
    op.drop_index("competition_one_running", "competition")
    op.drop_index("competition_followed_once", "competition")
    for part, other in PARTS.items():
        mine = f"part IS DISTINCT FROM '{other}'"
        op.create_index(
            f"competition_one_running_{part}",
            "competition",
            ["authority", "referral_id"],
            unique=True,
            postgresql_where=sa.text(f"{RUNNING} AND {mine}"),
        )
        op.create_index(
            f"competition_followed_once_{part}",
            "competition",
            ["authority", "follows"],
            unique=True,
            postgresql_where=sa.text(f"follows IS NOT NULL AND {mine}"),
        )
    for column in (
        sa.Column("part", TEXT(), nullable=True),
        sa.Column("sibling_id", sa.Uuid(), nullable=True),
        sa.Column("sibling_provider_id", sa.Uuid(), nullable=True),
        sa.Column("apart_reason", TEXT(), nullable=True),
    ):
        op.add_column("agreement", column)
    op.create_check_constraint("ck_agreement_part", "agreement", "part IN ('accommodation', 'support')")
    op.create_check_constraint(
        "ck_agreement_sibling", "agreement", "(sibling_id IS NULL) = (sibling_provider_id IS NULL)"
    )
    op.create_check_constraint(
        "ck_agreement_whole", "agreement", "part IS NOT NULL OR num_nulls(sibling_id, apart_reason) = 2"
    )


def downgrade() -> None:
    """Take it away; fails where two parts of one referral run, which one index cannot hold."""
    for name in ("ck_agreement_whole", "ck_agreement_sibling", "ck_agreement_part"):
        op.drop_constraint(name, "agreement")
    for name in ("apart_reason", "sibling_provider_id", "sibling_id", "part"):
        op.drop_column("agreement", name)
    for part in PARTS:
        op.drop_index(f"competition_followed_once_{part}", "competition")
        op.drop_index(f"competition_one_running_{part}", "competition")
    op.create_index(
        "competition_followed_once",
        "competition",
        ["authority", "follows"],
        unique=True,
        postgresql_where=sa.text("follows IS NOT NULL"),
    )
    op.create_index(
        "competition_one_running",
        "competition",
        ["authority", "referral_id"],
        unique=True,
        postgresql_where=sa.text(RUNNING),
    )
    op.drop_constraint("competition_part_known", "competition")
    op.drop_column("competition", "part")
