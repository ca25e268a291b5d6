"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEEP_THE_RECORD = """
CREATE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the record is append-only: % is refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON record
  FOR EACH ROW EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER record_no_truncate BEFORE TRUNCATE ON record
  FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only();
"""

KEEP_THE_WINDOW = """
CREATE FUNCTION window_only_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.opens_at <> OLD.opens_at OR NEW.closes_at < OLD.closes_at
     OR (NEW.closes_at <> OLD.closes_at AND OLD.state <> 'open') THEN
    RAISE EXCEPTION 'a window may only be moved later, and only while it is open'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (NEW.state = 'open' AND OLD.state <> 'open')
     OR (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at) THEN
    RAISE EXCEPTION 'what has closed is not opened again' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.weight_price <> OLD.weight_price OR NEW.weight_quality <> OLD.weight_quality
     OR NEW.profile <> OLD.profile OR NEW.questions <> OLD.questions OR NEW.budget_weekly <> OLD.budget_weekly THEN
    RAISE EXCEPTION 'what was published is not changed afterwards' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER competition_window BEFORE UPDATE ON competition
  FOR EACH ROW EXECUTE FUNCTION window_only_later();
"""

KEEP_THE_BIDS = """
CREATE FUNCTION bid_is_as_received() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP IN ('DELETE', 'TRUNCATE') OR (to_jsonb(NEW) - 'withdrawn_at') <> (to_jsonb(OLD) - 'withdrawn_at') THEN
    RAISE EXCEPTION 'a bid stays as it was received' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bid_no_change BEFORE UPDATE OR DELETE ON bid
  FOR EACH ROW EXECUTE FUNCTION bid_is_as_received();
CREATE TRIGGER bid_no_truncate BEFORE TRUNCATE ON bid
  FOR EACH STATEMENT EXECUTE FUNCTION bid_is_as_received();
"""


def upgrade() -> None:
    """Make every table of the first house, and the triggers that hold its promises."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "authority",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("legal_basis", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("offer_code", sa.Boolean(), nullable=False),
        sa.Column("urgent_waits_for_morning", sa.Boolean(), nullable=False),
        sa.Column("office_phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "clock_shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", sa.Interval(), nullable=False),
        sa.CheckConstraint("shift >= interval '0'", name="clock_shift_forward"),
        sa.CheckConstraint("id = 1", name="clock_shift_one_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("worker", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("beat_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("worker"),
    )
    op.create_table(
        "message",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("medium", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("link", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("dedupe_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("provider_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("(medium = 'email') = (subject IS NOT NULL)", name="message_subject_check"),
        sa.CheckConstraint("(status = 'sending') = (lease_until IS NOT NULL)", name="message_lease_check"),
        sa.CheckConstraint(
            "(status IN ('delivered', 'failed', 'expired')) = (settled_at IS NOT NULL)", name="message_settled_check"
        ),
        sa.CheckConstraint("medium IN ('sms', 'email')", name="message_medium_check"),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired')", name="message_status_check"
        ),
        sa.CheckConstraint("attempts >= 0", name="message_attempts_check"),
        sa.PrimaryKeyConstraint("authority", "id", name="message_pkey"),
        sa.UniqueConstraint("authority", "dedupe_key", name="message_dedupe_key"),
        sa.UniqueConstraint("id", name="message_id_key"),
        sa.UniqueConstraint("sequence", name="message_sequence_key"),
    )
    op.create_index(
        "message_due",
        "message",
        ["expires_at", "sequence"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'sending')"),
    )
    op.create_index("message_subject", "message", ["subject_id", "sequence"], unique=False)
    op.create_table(
        "provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mobile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("out_of_hours", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ofsted_urn", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("ofsted_categories", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("admitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_provider_name"),
        sa.CheckConstraint("btrim(ofsted_urn) <> ''", name="ck_provider_ofsted_urn"),
        sa.CheckConstraint(
            "ofsted_categories <@ ARRAY[1, 2, 3, 4]::smallint[] AND (ofsted_urn IS NOT NULL OR cardinality(ofsted_categories) = 0)",
            name="ck_provider_ofsted_categories",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_provider"),
    )
    op.create_table(
        "request",
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key"),
    )
    op.create_table(
        "agreement",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("housing_benefit_weekly", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("block_discount", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("weekly_cost", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("bespoke", sa.Boolean(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("waiver_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("outcomes", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("under_18", sa.Boolean(), nullable=False),
        sa.Column("ofsted_urn", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint(
            "category <> '2.1' OR ends_on - starts_on BETWEEN 1 AND 7", name="ck_agreement_nights_in_2_1"
        ),
        sa.CheckConstraint("category <> '2.3' OR hours = 0", name="ck_agreement_no_hours_in_2_3"),
        sa.CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_agreement_category"),
        sa.CheckConstraint(
            "met_on IS NOT NULL OR (waiver_reason IS NOT NULL AND btrim(waiver_reason) <> '')",
            name="ck_agreement_introduced",
        ),
        sa.CheckConstraint("state IN ('agreed', 'ended')", name="ck_agreement_state"),
        sa.CheckConstraint("NOT under_18 OR ofsted_urn IS NOT NULL", name="ck_agreement_under_18_ofsted"),
        sa.CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0 AND housing_benefit_weekly >= 0 AND weekly_cost >= 0",
            name="ck_agreement_money",
        ),
        sa.CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_agreement_buys_something"
        ),
        sa.CheckConstraint("beds >= 1", name="ck_agreement_beds"),
        sa.CheckConstraint("block_discount BETWEEN 0 AND 100", name="ck_agreement_block_discount"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_agreement_dates"),
        sa.CheckConstraint("hours % 0.25 = 0", name="ck_agreement_hours_in_quarters"),
        sa.CheckConstraint("hours >= 0 AND (hours <= 25 OR bespoke)", name="ck_agreement_hours"),
        sa.CheckConstraint("met_on <= starts_on", name="ck_agreement_met_before_start"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_agreement_provider"),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_agreement"),
        sa.UniqueConstraint("authority", "award_id", name="uq_agreement_award"),
        sa.UniqueConstraint("authority", "reference", name="uq_agreement_reference"),
    )
    op.create_index("ix_agreement_provider", "agreement", ["provider_id"], unique=False)
    op.create_index("ix_agreement_referral", "agreement", ["authority", "referral_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("weekly_limit", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("left_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(role = 'provider') = (authority IS NULL)", name="person_authority_role"),
        sa.CheckConstraint("(role = 'provider') = (provider_id IS NOT NULL)", name="person_provider_role"),
        sa.CheckConstraint(
            "role IN ('placements','coordinator','approver','auditor','provider')", name="person_role_known"
        ),
        sa.CheckConstraint("weekly_limit IS NULL OR weekly_limit >= 0", name="person_limit_positive"),
        sa.ForeignKeyConstraint(["authority"], ["authority.key"], name="person_authority_fk"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="person_provider_fk"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash", name="person_key_hash_once"),
    )
    op.create_table(
        "provider_suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("suspended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_provider_suspension_reason"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_provider_suspension_dates"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_suspension_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_provider_suspension"),
    )
    op.create_index("ix_provider_suspension_provider", "provider_suspension", ["provider_id"], unique=False)
    op.create_table(
        "record_head",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("highest_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["authority.key"], name="record_head_authority_fk"),
        sa.PrimaryKeyConstraint("authority"),
    )
    op.create_table(
        "referral",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("urgency", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("exception", sa.Text(), nullable=True),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("raised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("raised_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("category IS DISTINCT FROM '2.3' OR hours = 0", name="referral_2_3_has_no_hours"),
        sa.CheckConstraint(
            "category IS NULL OR category IN ('1.1','1.2','1.3','2.1','2.2','2.3')", name="referral_category_known"
        ),
        sa.CheckConstraint(
            "state IN ('draft','bespoke','withdrawn') OR hours BETWEEN 0 AND 25", name="referral_hours_0_to_25"
        ),
        sa.CheckConstraint(
            "state IN ('draft','raised','seeking','placed','bespoke','withdrawn')", name="referral_state_known"
        ),
        sa.CheckConstraint(
            "state IN ('draft','withdrawn') OR num_nulls(assessment, market, category, hours) = 0",
            name="referral_complete_once_raised",
        ),
        sa.CheckConstraint("hours IS NULL OR hours >= 0", name="referral_hours_positive"),
        sa.ForeignKeyConstraint(["authority"], ["authority.key"], name="referral_authority_fk"),
        sa.PrimaryKeyConstraint("authority", "id"),
        sa.UniqueConstraint("authority", "reference", name="referral_reference_once"),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("block_discount", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("provider_id"), "="),
            (sa.column("category"), "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_registration_no_overlap",
        ),
        sa.CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_registration_category"),
        sa.CheckConstraint("accommodation_weekly >= 0", name="ck_registration_accommodation_weekly"),
        sa.CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_registration_offers_something"
        ),
        sa.CheckConstraint("block_discount BETWEEN 0 AND 100", name="ck_registration_block_discount"),
        sa.CheckConstraint("support_hourly >= 0", name="ck_registration_support_hourly"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_registration_dates"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_registration_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_registration"),
    )
    op.create_index("ix_registration_provider", "registration", ["provider_id"], unique=False)
    op.create_table(
        "timer",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rang_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("failures >= 0", name="timer_failures_positive"),
        sa.ForeignKeyConstraint(["authority"], ["authority.key"], name="timer_authority_fk"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "subject_id", "due_at", name="timer_once"),
    )
    op.create_index("timer_due", "timer", ["not_before"], unique=False, postgresql_where=sa.text("rang_at IS NULL"))
    op.create_table(
        "competition",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("urgency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opens_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("weight_price", sa.Integer(), nullable=False),
        sa.Column("weight_quality", sa.Integer(), nullable=False),
        sa.Column("weight_social", sa.Integer(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("age", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("budget_weekly", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("housing_benefit_weekly", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("legal_basis", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("scores", sa.Text(), nullable=True),
        sa.Column("evaluated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("evaluated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open','closed','unsuccessful','awarded','cancelled')", name="competition_state_known"
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed','awarded') OR closed_at IS NOT NULL", name="competition_closed_has_instant"
        ),
        sa.CheckConstraint("urgency IN ('urgent','standard')", name="competition_urgency_known"),
        sa.CheckConstraint("closed_at IS NULL OR closed_at >= closes_at", name="competition_never_closed_early"),
        sa.CheckConstraint("closes_at > opens_at", name="competition_window_forward"),
        sa.CheckConstraint("hours BETWEEN 0 AND 25", name="competition_hours_0_to_25"),
        sa.CheckConstraint(
            "least(weight_price, weight_quality, weight_social) >= 0", name="competition_weights_positive"
        ),
        sa.CheckConstraint("weight_price + weight_quality + weight_social = 100", name="competition_weights_100"),
        sa.ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="competition_referral_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "id"),
    )
    op.create_index(
        "competition_due", "competition", ["closes_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(
        "competition_one_running",
        "competition",
        ["authority", "referral_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open','closed','awarded')"),
    )
    op.create_table(
        "record",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["record_head.authority"], name="record_head_fk"),
        sa.PrimaryKeyConstraint("authority", "seq"),
    )
    op.create_index("record_about", "record", ["authority", "about", "seq"], unique=False)
    op.create_table(
        "review",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("kind IN ('first', 'quarterly')", name="ck_review_kind"),
        sa.CheckConstraint("state IN ('planned', 'due', 'held')", name="ck_review_state"),
        sa.CheckConstraint("number >= 1", name="ck_review_number"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_review_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_review"),
        sa.UniqueConstraint("authority", "agreement_id", "number", name="uq_review_number"),
    )
    op.create_index("ix_review_due", "review", ["authority", "state", "due_on"], unique=False)
    op.create_table(
        "session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="session_person_fk"),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_table(
        "young_person",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("family_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority", "referral_id"], ["referral.authority", "referral.id"], name="young_person_referral_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "referral_id"),
    )
    op.create_table(
        "exclusion",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="exclusion_competition_fk",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="exclusion_provider_fk"),
        sa.PrimaryKeyConstraint("authority", "competition_id", "provider_id"),
    )
    op.create_table(
        "invitation",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("block_discount", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("standing_bid", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("declined_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decline_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decline_note", sa.Text(), nullable=True),
        sa.CheckConstraint("(declined_at IS NULL) = (decline_reason IS NULL)", name="invitation_decline_has_reason"),
        sa.CheckConstraint("versions >= 0", name="invitation_versions_positive"),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"],
            ["competition.authority", "competition.id"],
            name="invitation_competition_fk",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="invitation_provider_fk"),
        sa.PrimaryKeyConstraint("authority", "id"),
        sa.UniqueConstraint("authority", "competition_id", "provider_id", name="invitation_once_a_provider"),
        sa.UniqueConstraint("id", name="invitation_id_once"),
        sa.UniqueConstraint("token_hash", name="invitation_token_once"),
    )
    op.create_index("invitation_of_provider", "invitation", ["provider_id", "competition_id"], unique=False)
    op.create_table(
        "bid",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("request_key", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("version >= 1", name="bid_version_positive"),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="bid_invitation_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "id"),
        sa.UniqueConstraint("authority", "invitation_id", "version", name="bid_version_once"),
    )
    op.create_index("bid_of_competition", "bid", ["authority", "competition_id"], unique=False)
    op.create_index(
        "bid_request_once",
        "bid",
        ["authority", "invitation_id", "request_key"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "offer_code",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name="offer_code_five_tries"),
        sa.ForeignKeyConstraint(
            ["authority", "invitation_id"], ["invitation.authority", "invitation.id"], name="offer_code_invitation_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "invitation_id"),
    )
    op.create_table(
        "award",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("weekly_cost", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("awarded_by", sa.Uuid(), nullable=False),
        sa.Column("awarded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('awaiting_funding','funded','refused','agreed')", name="award_state_known"),
        sa.ForeignKeyConstraint(["authority", "bid_id"], ["bid.authority", "bid.id"], name="award_bid_fk"),
        sa.ForeignKeyConstraint(
            ["authority", "competition_id"], ["competition.authority", "competition.id"], name="award_competition_fk"
        ),
        sa.PrimaryKeyConstraint("authority", "id"),
    )
    op.create_index(
        "award_one_live",
        "award",
        ["authority", "competition_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "funding",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("approver", sa.Uuid(), nullable=False),
        sa.Column("decision", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("decision IN ('support','authorise','refuse')", name="funding_decision_known"),
        sa.ForeignKeyConstraint(["authority", "award_id"], ["award.authority", "award.id"], name="funding_award_fk"),
        sa.PrimaryKeyConstraint("authority", "award_id", "approver"),
    )
    for promise in (KEEP_THE_RECORD, KEEP_THE_WINDOW, KEEP_THE_BIDS):
        op.execute(promise)
