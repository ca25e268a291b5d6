"""Questions, and competitions that follow another."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEEP_THE_ANSWERS = """
CREATE FUNCTION answer_is_as_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.answered_at IS NOT NULL OR NEW.words <> OLD.words OR NEW.asked_at <> OLD.asked_at THEN
    RAISE EXCEPTION 'a question stays as it was asked and an answer as it was given'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER question_no_change BEFORE UPDATE ON question
  FOR EACH ROW EXECUTE FUNCTION answer_is_as_given();
"""


def upgrade() -> None:
    """Add them."""
    op.add_column("competition", sa.Column("follows", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "competition_follows_fk", "competition", "competition", ["authority", "follows"], ["authority", "id"]
    )
    op.create_index(
        "competition_followed_once",
        "competition",
        ["authority", "follows"],
        unique=True,
        postgresql_where=sa.text("follows IS NOT NULL"),
    )
    op.create_table(
        "decision",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("choice", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint(
            "choice IN ('extend','give_up','rerun','wider','negotiate','bespoke')", name="decision_choice_known"
        ),
        sa.CheckConstraint("(choice = 'extend') = (closes_at IS NOT NULL)", name="decision_extension_has_instants"),
        sa.CheckConstraint("closes_at > closed_before", name="decision_only_later"),
        sa.CheckConstraint("(choice = 'wider') = (category IS NOT NULL)", name="decision_wider_has_category"),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="decision_competition_fk",
        ),
        sa.CheckConstraint("number >= 1", name="decision_number_positive"),
        sa.PrimaryKeyConstraint("authority", "competition_id", "number"),
    )
    op.create_table(
        "question",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 1000", name="question_1_to_1000"),
        sa.CheckConstraint(
            "num_nulls(shown, answer, answered_at, answered_by) IN (0, 4)", name="question_answer_whole"
        ),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="question_competition_fk",
        ),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="question_invitation_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "id"),
    )
    op.create_index("question_of_competition", "question", ["authority", "competition_id"])
    op.execute(KEEP_THE_ANSWERS)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("question")
    op.execute("DROP FUNCTION answer_is_as_given")
    op.drop_table("decision")
    op.drop_column("competition", "follows")
