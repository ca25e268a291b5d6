"""Sealed bids."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NONE_OPEN = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM competition WHERE state = 'open') THEN
    RAISE EXCEPTION 'a competition is open: migrate again after its close, when its offers may be read';
  END IF;
END $$
"""
NONE_SEALED = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM competition WHERE state = 'open' OR (state = 'closed' AND unsealed_at IS NULL)) THEN
    RAISE EXCEPTION 'a competition holds sealed offers: go back after they were opened';
  END IF;
END $$
"""

# Who writes past the application still may not write what was not received, change it, or read it early.
KEEP_AS_WRITTEN = """
CREATE FUNCTION kept_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is kept as it was written: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
TABLES_KEPT = ("seal", "opened_bid", "late_offer")
KEEP_ONE = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION kept_as_written();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION kept_as_written();
"""
KEEP_THE_BIDS = """
CREATE FUNCTION bid_is_in_its_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM competition WHERE authority = NEW.authority AND id = NEW.competition_id
                    AND state = 'open' AND NEW.received_at >= opens_at AND NEW.received_at < closes_at) THEN
    RAISE EXCEPTION 'a bid is received inside the window of its competition'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bid_in_window BEFORE INSERT ON bid FOR EACH ROW EXECUTE FUNCTION bid_is_in_its_window();

CREATE FUNCTION standing_is_settled_at_the_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.standing_bid IS DISTINCT FROM OLD.standing_bid
     AND NOT EXISTS (SELECT FROM competition WHERE authority = NEW.authority AND id = NEW.competition_id
                        AND state = 'open') THEN
    RAISE EXCEPTION 'which bid stands is settled at the close' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER invitation_standing BEFORE UPDATE OF standing_bid ON invitation
  FOR EACH ROW EXECUTE FUNCTION standing_is_settled_at_the_close();

CREATE FUNCTION bid_is_opened_after_the_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM bid JOIN competition c ON c.authority = bid.authority AND c.id = bid.competition_id
                  WHERE bid.authority = NEW.authority AND bid.id = NEW.bid_id
                    AND c.closed_at IS NOT NULL AND NEW.opened_at >= c.closed_at) THEN
    RAISE EXCEPTION 'a bid is opened after the close' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER opened_bid_after_close BEFORE INSERT ON opened_bid
  FOR EACH ROW EXECUTE FUNCTION bid_is_opened_after_the_close();

CREATE FUNCTION unsealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.unsealed_at IS NOT NULL AND NEW.unsealed_at IS DISTINCT FROM OLD.unsealed_at THEN
    RAISE EXCEPTION 'a seal is opened once' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER competition_unsealed_once BEFORE UPDATE OF unsealed_at ON competition
  FOR EACH ROW EXECUTE FUNCTION unsealed_once();
"""


def upgrade() -> None:
    """Add them. What stood at a close is kept readable; what was replaced or never opened is not carried over."""
    op.execute(NONE_OPEN)
    op.add_column("competition", sa.Column("unsealed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute("UPDATE competition SET unsealed_at = closed_at WHERE state <> 'unsuccessful'")
    op.create_check_constraint(
        "competition_never_unsealed_early",
        "competition",
        "unsealed_at IS NULL OR (closed_at IS NOT NULL AND unsealed_at >= closed_at)",
    )
    op.create_table(
        "seal",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_for_recovery", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(public_key) = 32", name="seal_public_key_32_bytes"),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"], ["competition.authority", "competition.id"], name="seal_competition_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "competition_id"),
    )
    op.create_table(
        "opened_bid",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "bid_id"], ["bid.authority", "bid.id"], name="opened_bid_bid_fk"),
        sa.PrimaryKeyConstraint("authority", "bid_id"),
    )
    op.create_table(
        "late_offer",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="late_offer_invitation_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "id"),
    )
    op.create_index("late_offer_of_competition", "late_offer", ["authority", "competition_id", "received_at"])
    op.create_index("late_offer_of_invitation", "late_offer", ["authority", "invitation_id"])
    op.execute(
        "INSERT INTO opened_bid (authority, bid_id, content, opened_at)"
        " SELECT b.authority, b.id, b.content, c.closed_at FROM bid b"
        " JOIN invitation i ON i.authority = b.authority AND i.standing_bid = b.id"
        " JOIN competition c ON c.authority = b.authority AND c.id = b.competition_id"
        " WHERE c.unsealed_at IS NOT NULL"
    )
    op.drop_column("bid", "content")
    op.add_column("bid", sa.Column("sealed", sa.LargeBinary(), nullable=False, server_default=""))
    op.alter_column("bid", "sealed", server_default=None)
    op.create_check_constraint(
        "bid_sealed_in_steps", "bid", "octet_length(sealed) = 0 OR octet_length(sealed) % 4096 = 48"
    )
    op.execute(KEEP_AS_WRITTEN)
    for table in TABLES_KEPT:
        op.execute(KEEP_ONE.format(table=table))
    op.execute(KEEP_THE_BIDS)


def downgrade() -> None:
    """Take them away. Offers that were replaced or withdrawn were never opened, so they come back empty."""
    op.execute(NONE_SEALED)
    op.execute("DROP TRIGGER bid_in_window ON bid; DROP FUNCTION bid_is_in_its_window()")
    op.execute("DROP TRIGGER invitation_standing ON invitation; DROP FUNCTION standing_is_settled_at_the_close()")
    op.execute("DROP TRIGGER competition_unsealed_once ON competition; DROP FUNCTION unsealed_once()")
    op.drop_constraint("bid_sealed_in_steps", "bid", type_="check")
    op.add_column("bid", sa.Column("content", sa.Text(), nullable=False, server_default="{}"))
    op.alter_column("bid", "content", server_default=None)
    op.execute("ALTER TABLE bid DISABLE TRIGGER bid_no_change")
    op.execute(
        "UPDATE bid SET content = o.content FROM opened_bid o WHERE o.authority = bid.authority AND o.bid_id = bid.id"
    )
    op.execute("ALTER TABLE bid ENABLE TRIGGER bid_no_change")
    op.drop_column("bid", "sealed")
    op.drop_table("late_offer")
    op.drop_table("opened_bid")
    op.drop_table("seal")
    op.execute("DROP FUNCTION bid_is_opened_after_the_close(); DROP FUNCTION kept_as_written()")
    op.drop_constraint("competition_never_unsealed_early", "competition", type_="check")
    op.drop_column("competition", "unsealed_at")
