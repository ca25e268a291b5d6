"""Homes, beds and the Careline: who called and who was placed on which call, and the page of each evening."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHECKS = {
    "ck_night_call_outcome": (
        "outcome IN ('can_take', 'full', 'cannot_take', 'answered', 'no_answer', 'wrong_number')",
        "outcome IN ('can_take', 'cannot_take', 'answered', 'no_answer', 'wrong_number')",
    ),
    "ck_night_call_test_asks_no_place": (
        "kind = 'real' OR (outcome NOT IN ('can_take', 'full', 'cannot_take') AND about IS NULL)",
        "kind = 'real' OR (outcome NOT IN ('can_take', 'cannot_take') AND about IS NULL)",
    ),
}

# Due at once: the worker makes the first page and sets the evenings that follow. The subject is the council's own.
FIRST_SHEETS = """
INSERT INTO timer (authority, id, kind, subject_id, due_at, not_before, failures)
SELECT key, gen_random_uuid(), 'night_sheet', md5('night sheets of ' || key)::uuid, at, at, 0
  FROM authority, (VALUES (timestamptz '2026-11-01 17:00:00+00')) AS first (at)
"""


def upgrade() -> None:
    for name, (after, _) in CHECKS.items():
        op.drop_constraint(name, "night_call")
        op.create_check_constraint(name, "night_call", after)
    op.add_column("night_call", sa.Column("called_by", sa.Uuid(), nullable=True))
    op.add_column("night_call", sa.Column("placed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    placed = "placed_at IS NULL OR (outcome = 'can_take' AND about IS NOT NULL)"
    op.create_check_constraint("ck_night_call_placed_on_a_yes", "night_call", placed)
    op.create_index("ix_night_call_at", "night_call", ["authority", "called_at"])
    op.create_table(
        "night_sheet",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("for_on", sa.Date(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("html", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_night_sheet"),
    )
    op.create_index("ix_night_sheet_made", "night_sheet", ["authority", "made_at"])
    op.execute(FIRST_SHEETS)


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE kind = 'night_sheet'")
    op.drop_table("night_sheet")
    op.drop_index("ix_night_call_at", "night_call")
    op.drop_constraint("ck_night_call_placed_on_a_yes", "night_call")
    op.drop_column("night_call", "placed_at")
    op.drop_column("night_call", "called_by")
    op.execute("UPDATE night_call SET outcome = 'cannot_take' WHERE outcome = 'full'")
    for name, (_, before) in CHECKS.items():
        op.drop_constraint(name, "night_call")
        op.create_check_constraint(name, "night_call", before)
