"""The register: joining, evidence, standing, prices, beds, nights.

Providers that are on the register already keep their standing: evidence that is missing counts against a provider only
from the day in `evidence_asked_from`, which stays empty until somebody sets it.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OFSTED_OUTCOME = (
    "ofsted_outcome IS NULL OR ofsted_urn IS NOT NULL AND ofsted_outcome IN"
    " ('consistently_strong', 'inconsistent', 'serious_weaknesses', 'not_inspected')"
)
LIFTED = (
    "(lifted_on IS NULL) = (lifted_reason IS NULL) AND (lifted_on IS NULL) = (lifted_at IS NULL)"
    " AND (lifted_reason IS NULL OR btrim(lifted_reason) <> '')"
)
NEW = (
    "night_call",
    "night_contact",
    "stay",
    "bed_hold",
    "bed",
    "room",
    "evidence",
    "property",
    "provider_removal",
    "provider_contact",
    "provider_area",
    "application_finding",
    "application_mobile",
    "application_section",
    "application",
    "ceiling",
    "uplift",
    "subcontractor",
)


def upgrade() -> None:
    """Add what an application, evidence, standing, prices, beds and nights are kept in."""
    op.add_column("provider", sa.Column("ofsted_outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("provider", sa.Column("evidence_asked_from", sa.Date(), nullable=True))
    op.add_column("provider_suspension", sa.Column("lifted_on", sa.Date(), nullable=True))
    op.add_column("provider_suspension", sa.Column("lifted_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("provider_suspension", sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_check_constraint("ck_provider_ofsted_outcome", "provider", OFSTED_OUTCOME)
    op.create_check_constraint("ck_provider_suspension_lifted", "provider_suspension", LIFTED)
    _homes()
    _standing()
    _joining()
    _prices()


def downgrade() -> None:
    """Take it away; a suspension that was lifted ends on the day before, and one lifted before it began is gone."""
    op.execute("DELETE FROM provider_suspension WHERE lifted_on <= starts_on")
    op.execute("UPDATE provider_suspension SET ends_on = least(ends_on, lifted_on - 1) WHERE lifted_on IS NOT NULL")
    for table in NEW:
        op.drop_table(table)
    op.drop_constraint("ck_provider_suspension_lifted", "provider_suspension")
    op.drop_constraint("ck_provider_ofsted_outcome", "provider")
    for column in ("lifted_at", "lifted_reason", "lifted_on"):
        op.drop_column("provider_suspension", column)
    for column in ("evidence_asked_from", "ofsted_outcome"):
        op.drop_column("provider", column)


def _homes() -> None:
    """Make homes, beds and the numbers that answer at night."""
    op.create_table(
        "property",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("outward_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ofsted_category", sa.SmallInteger(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_property_name"),
        sa.CheckConstraint("outward_code ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?$'", name="ck_property_outward_code"),
        sa.CheckConstraint("closed_on >= opened_on", name="ck_property_dates"),
        sa.CheckConstraint("ofsted_category BETWEEN 1 AND 4", name="ck_property_ofsted_category"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_property_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_property"),
        sa.UniqueConstraint("id", "provider_id", name="uq_property_of_provider"),
    )
    op.create_index("ix_property_provider", "property", ["provider_id"], unique=False)
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sharing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_room_name"),
        sa.CheckConstraint("sharing IN ('single', 'shared')", name="ck_room_sharing"),
        sa.ForeignKeyConstraint(["property_id"], ["property.id"], name="fk_room_property"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
    )
    op.create_index("ix_room_property", "room", ["property_id"], unique=False)
    op.create_table(
        "bed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_bed_number"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_bed_room"),
        sa.PrimaryKeyConstraint("id", name="pk_bed"),
        sa.UniqueConstraint("room_id", "number", name="uq_bed_number"),
    )
    op.create_table(
        "bed_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bed_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("bed_id"), "="),
            (sa.text("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist",
            name="ex_bed_hold_no_overlap",
        ),
        sa.CheckConstraint(
            "(kind = 'void') = (void_reason IS NOT NULL) AND void_reason IN ('repairs', 'maintenance', 'cooling_off', 'fewer_people', 'handing_back')",
            name="ck_bed_hold_void_reason",
        ),
        sa.CheckConstraint("kind IN ('stay', 'void')", name="ck_bed_hold_kind"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_bed_hold_dates"),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name="fk_bed_hold_bed"),
        sa.PrimaryKeyConstraint("id", name="pk_bed_hold"),
    )
    op.create_table(
        "stay",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["bed_hold.id"], name="fk_stay_hold"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_stay_provider"),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_stay"),
        sa.UniqueConstraint("hold_id", name="uq_stay_hold"),
    )
    op.create_index("ix_stay_about", "stay", ["authority", "about"], unique=False)
    op.create_table(
        "night_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.CheckConstraint("btrim(who) <> '' AND btrim(phone) <> ''", name="ck_night_contact_who"),
        sa.CheckConstraint("purpose IN ('young_people', 'emergency_places')", name="ck_night_contact_purpose"),
        sa.CheckConstraint(
            "weekdays <@ ARRAY[0, 1, 2, 3, 4, 5, 6]::smallint[] AND cardinality(weekdays) > 0",
            name="ck_night_contact_weekdays",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_night_contact_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_night_contact"),
        sa.UniqueConstraint("id", "provider_id", name="uq_night_contact_of_provider"),
    )
    op.create_index("ix_night_contact_provider", "night_contact", ["provider_id"], unique=False)
    op.create_table(
        "night_call",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("called_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind = 'real' OR (outcome NOT IN ('can_take', 'cannot_take') AND about IS NULL)",
            name="ck_night_call_test_asks_no_place",
        ),
        sa.CheckConstraint("kind IN ('real', 'test')", name="ck_night_call_kind"),
        sa.CheckConstraint(
            "outcome IN ('can_take', 'cannot_take', 'answered', 'no_answer', 'wrong_number')",
            name="ck_night_call_outcome",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id", "provider_id"],
            ["night_contact.id", "night_contact.provider_id"],
            name="fk_night_call_contact",
        ),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_night_call"),
    )
    op.create_index("ix_night_call_provider", "night_call", ["authority", "provider_id", "called_at"], unique=False)


def _standing() -> None:
    """Make what standing hangs on."""
    op.create_table(
        "provider_removal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("readmitted_on", sa.Date(), nullable=True),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_provider_removal_reason"),
        sa.CheckConstraint("readmitted_on >= removed_on", name="ck_provider_removal_dates"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_removal_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_provider_removal"),
    )
    op.create_index(
        "uq_provider_removal_open",
        "provider_removal",
        ["provider_id"],
        unique=True,
        postgresql_where=sa.text("readmitted_on IS NULL"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("offered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'offered') = (decided_at IS NULL)", name="ck_evidence_decided"),
        sa.CheckConstraint("btrim(kind) <> ''", name="ck_evidence_kind"),
        sa.CheckConstraint("state <> 'refused' OR btrim(note) <> ''", name="ck_evidence_note"),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'refused')", name="ck_evidence_state"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_evidence_dates"),
        sa.ForeignKeyConstraint(
            ["property_id", "provider_id"], ["property.id", "property.provider_id"], name="fk_evidence_property"
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_evidence_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_property", "evidence", ["property_id"], unique=False)
    op.create_index("ix_evidence_provider", "evidence", ["provider_id"], unique=False)
    op.create_table(
        "provider_contact",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mobile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("btrim(name) <> '' AND btrim(mobile) <> ''", name="ck_provider_contact_name"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_contact_provider"),
        sa.PrimaryKeyConstraint("provider_id", "place", name="pk_provider_contact"),
    )
    op.create_table(
        "provider_area",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("outward_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("outward_code ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?$'", name="ck_provider_area_outward_code"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_area_provider"),
        sa.PrimaryKeyConstraint("provider_id", "outward_code", name="pk_provider_area"),
    )


def _joining() -> None:
    """Make applications."""
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("profile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decide_by", sa.Date(), nullable=True),
        sa.Column("extended_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decision_note", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('admitted', 'refused')) = (decided_at IS NOT NULL)", name="ck_application_decided"
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (content IS NULL) AND (submitted_at IS NULL) = (decide_by IS NULL) AND (state <> 'draft' OR submitted_at IS NULL) AND (state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL)",
            name="ck_application_submitted",
        ),
        sa.CheckConstraint("btrim(extended_reason) <> ''", name="ck_application_extended_with_reason"),
        sa.CheckConstraint(
            "state <> 'refused' OR btrim(coalesce(decision_note, '')) <> ''", name="ck_application_refused_with_reason"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'assessed', 'admitted', 'refused', 'withdrawn')",
            name="ck_application_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
    )
    op.create_index("ix_application_due", "application", ["state", "decide_by"], unique=False)
    op.create_index(
        "uq_application_live",
        "application",
        ["provider_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'assessed')"),
    )
    op.create_table(
        "application_section",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("section", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("typed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("btrim(section) <> ''", name="ck_application_section_name"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_section_application"),
        sa.PrimaryKeyConstraint("application_id", "section", name="pk_application_section"),
    )
    op.create_table(
        "application_mobile",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("mobile", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("btrim(mobile) <> ''", name="ck_application_mobile_given"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_mobile_application"),
        sa.PrimaryKeyConstraint("application_id", "mobile", name="pk_application_mobile"),
    )
    op.create_table(
        "application_finding",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("met OR btrim(note) <> ''", name="ck_application_finding_note"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_finding_application"),
        sa.PrimaryKeyConstraint("application_id", "criterion", name="pk_application_finding"),
    )


def _prices() -> None:
    """Make ceilings, uplifts and sub-contractors."""
    op.create_table(
        "ceiling",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("accommodation_weekly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("support_hourly", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("authority"), "="),
            (sa.column("category"), "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_ceiling_no_overlap",
        ),
        sa.CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_ceiling_category"),
        sa.CheckConstraint("accommodation_weekly >= 0 AND support_hourly >= 0", name="ck_ceiling_money"),
        sa.CheckConstraint(
            "accommodation_weekly IS NOT NULL OR support_hourly IS NOT NULL", name="ck_ceiling_on_something"
        ),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_ceiling_dates"),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_ceiling"),
    )
    op.create_table(
        "uplift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decision_note", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ck_uplift_decided"),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_uplift_reason"),
        sa.CheckConstraint("category IN ('1.1', '1.2', '1.3', '2.1', '2.2', '2.3')", name="ck_uplift_category"),
        sa.CheckConstraint("state IN ('proposed', 'accepted', 'refused', 'withdrawn')", name="ck_uplift_state"),
        sa.CheckConstraint("percent > 0 AND percent <= 100", name="ck_uplift_percent"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_uplift_provider"),
        sa.PrimaryKeyConstraint("id", name="pk_uplift"),
    )
    op.create_index(
        "uq_uplift_open",
        "uplift",
        ["provider_id", "category"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "subcontractor",
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("share", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("cost_yearly", sa.Numeric(precision=11, scale=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("consent", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ck_subcontractor_ended"),
        sa.CheckConstraint(
            "(state IN ('consented', 'ended')) = (consented_on IS NOT NULL) AND consented_on <= starts_on AND (consented_on IS NULL OR (consent IS NOT NULL AND btrim(consent) <> ''))",
            name="ck_subcontractor_consent",
        ),
        sa.CheckConstraint("btrim(name) <> '' AND btrim(service) <> ''", name="ck_subcontractor_name"),
        sa.CheckConstraint("state IN ('asked', 'consented', 'refused', 'ended')", name="ck_subcontractor_state"),
        sa.CheckConstraint("cost_yearly >= 0", name="ck_subcontractor_cost"),
        sa.CheckConstraint("share > 0 AND share <= 100", name="ck_subcontractor_share"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_subcontractor_provider"),
        sa.PrimaryKeyConstraint("authority", "id", name="pk_subcontractor"),
    )
    op.create_index("ix_subcontractor_provider", "subcontractor", ["authority", "provider_id"], unique=False)
