"""Before the start: meetings, full information, release of the identity; ends that came by themselves; calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_meeting"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_meeting_provider"),
        sa.CheckConstraint("kind IN ('meeting', 'visit')", name="ck_meeting_kind"),
        sa.CheckConstraint("state IN ('planned', 'held', 'called_off')", name="ck_meeting_state"),
    )
    op.create_index("ix_meeting_award", "meeting", ["authority", "award_id"])
    op.create_table(
        "full_information",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("shared_at", _INSTANT, nullable=True),
        sa.Column("shared_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "agreement_id", name="pk_full_information"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_full_information_agreement"
        ),
        sa.CheckConstraint("warned BETWEEN 0 AND 3", name="ck_full_information_warned"),
        sa.CheckConstraint("(shared_at IS NULL) = (shared_by IS NULL)", name="ck_full_information_shared"),
    )
    op.create_table(
        "identity_release",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("released_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("authority", "agreement_id", name="pk_identity_release"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_identity_release_agreement"
        ),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="calendar_feed_pkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="calendar_feed_person_fk"),
        sa.UniqueConstraint("secret_hash", name="calendar_feed_secret_once"),
    )
    op.alter_column("ending", "recorded_by", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    op.execute(f"UPDATE ending SET recorded_by = '{nobody}' WHERE recorded_by IS NULL")  # noqa: S608 - a constant
    op.alter_column("ending", "recorded_by", existing_type=sa.Uuid(), nullable=False)
    for table in ("calendar_feed", "identity_release", "full_information", "meeting"):
        op.drop_table(table)
