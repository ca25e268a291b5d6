"""The life of a placement."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AGREEMENT_STATES = "state IN ('opened', 'part_accepted', 'accepted', 'started', 'under_notice', 'ended')"
REVIEW_KINDS = "kind IN ('first', 'quarterly', 'extra')"
REVIEW_STATES = "state IN ('planned', 'due', 'overdue', 'escalated', 'held', 'dropped')"

FIRST_VERSIONS = """
INSERT INTO agreement_version (authority, agreement_id, number, from_on, until_on, ends_on, category, hours,
  accommodation_weekly, support_hourly, housing_benefit_weekly, beds, block_discount, weekly_cost, bespoke, services,
  limit_accommodation_weekly, limit_support_hourly, variation_id, made_at)
SELECT authority, id, 1, starts_on, ends_on, ends_on, category, hours, accommodation_weekly, support_hourly,
  housing_benefit_weekly, beds, block_discount, weekly_cost, bespoke, '[]', accommodation_weekly, support_hourly, NULL,
  agreed_at
FROM agreement
"""


def upgrade() -> None:
    """Give agreements their versions, acceptances and ends; add variations, minutes, plans, hours and concerns.

    What was agreed becomes opened: nobody recorded who accepted it. Its one version holds the prices it was made with.
    """
    op.create_table(
        "agreement_acceptance",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("party", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("party IN ('provider', 'council')", name="ck_agreement_acceptance_party"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"],
            ["agreement.authority", "agreement.id"],
            name="fk_agreement_acceptance_agreement",
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "party", name="pk_agreement_acceptance"),
    )
    op.create_table(
        "concern",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("acknowledge_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(words) <> ''", name="ck_concern_words"),
        sa.CheckConstraint("kind IN ('safeguarding', 'serious_incident')", name="ck_concern_kind"),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="ck_concern_acknowledged"),
        sa.CheckConstraint("known_at <= told_at AND known_at < due_by", name="ck_concern_clock"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_concern_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_concern"),
    )
    op.create_index("ix_concern_agreement", "concern", ["authority", "agreement_id"], unique=False)
    op.create_table(
        "ending",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ended_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("national", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("options", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("move_on", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'end') = (move_on IS NOT NULL)", name="ck_ending_move_on"),
        sa.CheckConstraint("ended_by IN ('plan', 'provider', 'council', 'young_person')", name="ck_ending_by"),
        sa.CheckConstraint("kind <> 'notice' OR served_on IS NOT NULL", name="ck_ending_notice_served"),
        sa.CheckConstraint("kind IN ('notice', 'end')", name="ck_ending_kind"),
        sa.CheckConstraint("last_on <= planned_on", name="ck_ending_days"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_ending_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "kind", name="pk_ending"),
    )
    op.create_table(
        "hours_given",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('individual', 'shared', 'night')", name="ck_hours_given_kind"),
        sa.CheckConstraint("hours > 0 AND hours <= 24 AND hours % 0.25 = 0", name="ck_hours_given_hours"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_given_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "given_on", "kind", name="pk_hours_given"),
    )
    op.create_table(
        "hours_sign_off",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name="ck_hours_sign_off_monday"),
        sa.CheckConstraint("signed = (reason IS NULL)", name="ck_hours_sign_off_reason"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_hours_sign_off_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "week", name="pk_hours_sign_off"),
    )
    op.create_table(
        "support_plan",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("goals", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("weekly", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("with_young_person", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_support_plan_number"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_support_plan_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "number", name="pk_support_plan"),
    )
    op.create_table(
        "variation",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("housing_benefit_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("services", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("differences", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("expertise", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("weekly_before", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("weekly_after", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("proposed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("proposed_by IN ('provider', 'council')", name="ck_variation_party"),
        sa.CheckConstraint(
            "state IN ('proposed', 'awaiting_funding', 'agreed', 'refused', 'withdrawn')", name="ck_variation_state"
        ),
        sa.CheckConstraint(
            "state NOT IN ('awaiting_funding', 'agreed') OR agreed_by IS NOT NULL", name="ck_variation_both_agreed"
        ),
        sa.CheckConstraint("(agreed_by IS NULL) = (agreed_at IS NULL)", name="ck_variation_agreed_together"),
        sa.CheckConstraint("(differences IS NULL) = (expertise IS NULL)", name="ck_variation_difference"),
        sa.CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0 AND housing_benefit_weekly >= 0 AND weekly_before >= 0 AND weekly_after >= 0",
            name="ck_variation_money",
        ),
        sa.CheckConstraint("ends_on >= effective_on", name="ck_variation_days"),
        sa.CheckConstraint("hours >= 0 AND hours % 0.25 = 0", name="ck_variation_hours"),
        sa.CheckConstraint(
            "num_nonnulls(hours, accommodation_weekly, support_hourly, housing_benefit_weekly, services, ends_on) > 0",
            name="ck_variation_changes_something",
        ),
        sa.CheckConstraint("number >= 1", name="ck_variation_number"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"], ["agreement.authority", "agreement.id"], name="fk_variation_agreement"
        ),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_variation"),
        sa.UniqueConstraint("authority", "agreement_id", "number", name="uq_variation_number"),
    )
    op.create_index(
        "uq_variation_one_open",
        "variation",
        ["authority", "agreement_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'awaiting_funding')"),
    )
    op.create_table(
        "agreement_version",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("housing_benefit_weekly", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("block_discount", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("weekly_cost", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("bespoke", sa.Boolean(), nullable=False),
        sa.Column("services", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("limit_accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("limit_support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("variation_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("authority"), "="),
            (sa.column("agreement_id"), "="),
            (sa.text("daterange(from_on, until_on + 1, '[)')"), "&&"),
            using="gist",
            name="ex_agreement_version_no_overlap",
        ),
        sa.CheckConstraint("category <> '2.3' OR hours = 0", name="ck_agreement_version_no_hours_in_2_3"),
        sa.CheckConstraint(
            "category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_agreement_version_category"
        ),
        sa.CheckConstraint("(number = 1) = (variation_id IS NULL)", name="ck_agreement_version_first"),
        sa.CheckConstraint(
            "accommodation_weekly <= coalesce(limit_accommodation_weekly, -1) AND support_hourly <= coalesce(limit_support_hourly, -1)",
            name="ck_agreement_version_limits",
        ),
        sa.CheckConstraint(
            "accommodation_weekly >= 0 AND support_hourly >= 0 AND housing_benefit_weekly >= 0 AND weekly_cost >= 0",
            name="ck_agreement_version_money",
        ),
        sa.CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_agreement_version_buys_something"
        ),
        sa.CheckConstraint("beds >= 1", name="ck_agreement_version_beds"),
        sa.CheckConstraint("block_discount BETWEEN 0 AND 100", name="ck_agreement_version_block_discount"),
        sa.CheckConstraint("hours % 0.25 = 0", name="ck_agreement_version_hours_in_quarters"),
        sa.CheckConstraint("hours >= 0 AND (hours <= 25 OR bespoke)", name="ck_agreement_version_hours"),
        sa.CheckConstraint("number >= 1", name="ck_agreement_version_number"),
        sa.CheckConstraint("until_on >= from_on - 1", name="ck_agreement_version_days"),
        sa.ForeignKeyConstraint(
            ["authority", "agreement_id"],
            ["agreement.authority", "agreement.id"],
            name="fk_agreement_version_agreement",
        ),
        sa.ForeignKeyConstraint(
            ["authority", "variation_id"],
            ["variation.authority", "variation.id"],
            name="fk_agreement_version_variation",
        ),
        sa.PrimaryKeyConstraint("authority", "agreement_id", "number", name="pk_agreement_version"),
        sa.UniqueConstraint("authority", "variation_id", name="uq_agreement_version_variation"),
    )
    op.create_table(
        "review_minutes",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("attendance", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("progress", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("score", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decision", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("plans", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('same', 'reduce', 'increase', 'move_on', 'end')", name="ck_review_minutes_decision"
        ),
        sa.ForeignKeyConstraint(
            ["authority", "review_id"], ["review.authority", "review.id"], name="fk_review_minutes_review"
        ),
        sa.PrimaryKeyConstraint("authority", "review_id", name="pk_review_minutes"),
    )
    op.create_table(
        "variation_funding",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("variation_id", sa.Uuid(), nullable=False),
        sa.Column("approver", sa.Uuid(), nullable=False),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority", "variation_id"],
            ["variation.authority", "variation.id"],
            name="fk_variation_funding_variation",
        ),
        sa.PrimaryKeyConstraint("authority", "variation_id", "approver", name="pk_variation_funding"),
    )
    op.add_column("agreement", sa.Column("services", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("agreement", sa.Column("funded_weekly", sa.Numeric(precision=9, scale=2), nullable=True))
    op.add_column("agreement", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("agreement", sa.Column("reviews_from", sa.Date(), nullable=True))
    op.add_column("agreement", sa.Column("notice_on", sa.Date(), nullable=True))
    op.add_column("review", sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.drop_constraint("ck_agreement_state", "agreement")
    op.drop_constraint("ck_review_kind", "review")
    op.drop_constraint("ck_review_state", "review")
    op.execute(
        "UPDATE agreement SET services = '[]', funded_weekly = weekly_cost,"
        " state = CASE state WHEN 'agreed' THEN 'opened' ELSE state END,"
        " ended_on = CASE state WHEN 'ended' THEN ends_on END"
    )
    op.execute(FIRST_VERSIONS)
    op.alter_column("agreement", "services", nullable=False)
    op.alter_column("agreement", "funded_weekly", nullable=False)
    op.create_check_constraint("ck_agreement_state", "agreement", AGREEMENT_STATES)
    op.create_check_constraint("ck_agreement_ended", "agreement", "(state = 'ended') = (ended_on IS NOT NULL)")
    op.create_check_constraint("ck_agreement_ended_on", "agreement", "ended_on >= starts_on - 1")
    op.create_check_constraint("ck_agreement_notice", "agreement", "state <> 'under_notice' OR notice_on IS NOT NULL")
    op.create_check_constraint("ck_agreement_funded", "agreement", "funded_weekly >= 0")
    op.create_check_constraint("ck_review_kind", "review", REVIEW_KINDS)
    op.create_check_constraint("ck_review_state", "review", REVIEW_STATES)
    op.create_check_constraint("ck_review_cause", "review", "cause IN ('young_person_asked', 'significant_change')")
    op.create_check_constraint("ck_review_extra_has_cause", "review", "(kind = 'extra') = (cause IS NOT NULL)")


def downgrade() -> None:
    """Take them away, and with them what the first tables have no room for: extra and dropped reviews."""
    op.drop_table("variation_funding")
    op.drop_table("review_minutes")
    op.drop_table("agreement_version")
    op.drop_table("variation")
    op.drop_table("support_plan")
    op.drop_table("hours_sign_off")
    op.drop_table("hours_given")
    op.drop_table("ending")
    op.drop_table("concern")
    op.drop_table("agreement_acceptance")
    for name in ("ck_review_extra_has_cause", "ck_review_cause", "ck_review_state", "ck_review_kind"):
        op.drop_constraint(name, "review")
    for name in (
        "ck_agreement_funded",
        "ck_agreement_notice",
        "ck_agreement_ended_on",
        "ck_agreement_ended",
        "ck_agreement_state",
    ):
        op.drop_constraint(name, "agreement")
    op.execute("DELETE FROM review WHERE kind = 'extra' OR state = 'dropped'")
    op.execute("UPDATE review SET state = 'due' WHERE state IN ('overdue', 'escalated')")
    op.execute("UPDATE agreement SET state = 'agreed' WHERE state <> 'ended'")
    op.drop_column("review", "cause")
    for name in ("notice_on", "reviews_from", "ended_on", "funded_weekly", "services"):
        op.drop_column("agreement", name)
    op.create_check_constraint("ck_agreement_state", "agreement", "state IN ('agreed', 'ended')")
    op.create_check_constraint("ck_review_kind", "review", "kind IN ('first', 'quarterly')")
    op.create_check_constraint("ck_review_state", "review", "state IN ('planned', 'due', 'held')")
