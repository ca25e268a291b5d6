"""Reports and replies: what became of messages, texts that came in, who wants none, links made again."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; the links of the invitations sent so far move to their own table and go on working."""
    op.add_column("message", sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    # Nobody is written to about what failed before there was anybody to tell.
    op.execute("UPDATE message SET told_at = settled_at WHERE status IN ('failed', 'expired')")
    op.create_index("message_to", "message", ["to_address", "created_at"], unique=False)
    op.create_index(
        "message_untold",
        "message",
        ["kind", "settled_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('failed', 'expired') AND told_at IS NULL"),
    )
    op.create_table(
        "message_report",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("provider_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority", "message_id"], ["message.authority", "message.id"], name="message_report_message_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "message_id", "provider_ref", "status", name="message_report_pkey"),
    )
    op.create_index("message_report_ref", "message_report", ["provider_ref"], unique=False)
    op.create_table(
        "inbound_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sid", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("did", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "did IN ('nothing', 'link', 'decline', 'help', 'stopped', 'started')",
            name="inbound_text_did_check",
        ),
        sa.PrimaryKeyConstraint("id", name="inbound_text_pkey"),
        sa.UniqueConstraint("sid", name="inbound_text_sid_key"),
    )
    op.create_index("inbound_text_provider", "inbound_text", ["provider_id", "at"], unique=False)
    op.create_table(
        "opt_out",
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("lifted_at IS NULL OR lifted_at >= since", name="opt_out_lifted_check"),
        sa.PrimaryKeyConstraint("number", name="opt_out_pkey"),
    )
    op.create_table(
        "invitation_link",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"],
            ["invitation.authority", "invitation.id"],
            name="invitation_link_invitation_fk",
        ),
        sa.PrimaryKeyConstraint("authority", "invitation_id", "token_hash"),
        sa.UniqueConstraint("token_hash", name="invitation_link_token_once"),
    )
    op.execute(
        "INSERT INTO invitation_link (authority, invitation_id, token_hash, made_at)"
        " SELECT i.authority, i.id, i.token_hash, c.opens_at FROM invitation i"
        " JOIN competition c ON c.authority = i.authority AND c.id = i.competition_id"
    )
    op.drop_constraint("invitation_token_once", "invitation")
    op.drop_column("invitation", "token_hash")


def downgrade() -> None:
    """Take them away; of an invitation's links the first goes on working."""
    op.add_column("invitation", sa.Column("token_hash", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE invitation i SET token_hash = (SELECT l.token_hash FROM invitation_link l"
        " WHERE l.authority = i.authority AND l.invitation_id = i.id ORDER BY l.made_at, l.token_hash LIMIT 1)"
    )
    op.alter_column("invitation", "token_hash", nullable=False)
    op.create_unique_constraint("invitation_token_once", "invitation", ["token_hash"])
    for table in ("invitation_link", "opt_out", "inbound_text", "message_report"):
        op.drop_table(table)
    op.drop_index("message_untold", "message")
    op.drop_index("message_to", "message")
    op.drop_column("message", "told_at")
