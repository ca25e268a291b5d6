"""Documents shown as evidence, the doors of applicants, a council's legal profile, and the daily watch on evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STRING = AutoString


def upgrade() -> None:
    _documents()
    _doors()
    profile: sa.Column[str] = sa.Column("legal_profile", STRING(), nullable=False, server_default="pcr2015_light_touch")
    op.add_column("authority", profile)
    op.alter_column("authority", "legal_profile", server_default=None)
    # A register that is kept already is watched from now on; a new one from its first council on.
    op.execute(
        "INSERT INTO timer (authority, id, kind, subject_id, due_at, not_before, failures)"
        " SELECT key, gen_random_uuid(), 'watch_evidence', 'e71de4ce-0000-4000-8000-000000000001',"
        " clock_timestamp(), clock_timestamp(), 0"
        " FROM authority WHERE keeps_register"
    )


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE kind = 'watch_evidence'")
    op.drop_column("authority", "legal_profile")
    op.drop_constraint("fk_evidence_document", "evidence")
    op.execute("UPDATE evidence SET document_id = NULL")
    for table in ("applicant_visit", "applicant_code", "applicant_link", "document"):
        op.drop_table(table)


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", STRING(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", STRING(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('application/pdf', 'image/png', 'image/jpeg')", name="ck_document_media_type"
        ),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 10485760", name="ck_document_size"),
        sa.CheckConstraint("sha256 = sha256(content)", name="ck_document_sha256"),
        sa.CheckConstraint("btrim(uploaded_by) <> ''", name="ck_document_uploaded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("id", "provider_id", name="uq_document_of_provider"),
    )
    op.create_index("ix_document_provider", "document", ["provider_id"])
    # Compressed already as PDF or image: trying again costs time and gains nothing.
    op.execute("ALTER TABLE document ALTER COLUMN content SET STORAGE EXTERNAL")
    columns = (["document_id", "provider_id"], ["id", "provider_id"])
    op.create_foreign_key("fk_evidence_document", "evidence", "document", *columns)


def _doors() -> None:
    op.create_table(
        "applicant_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", STRING(), nullable=False),
        sa.Column("firm", STRING(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("btrim(email) <> '' AND btrim(firm) <> ''", name="ck_applicant_link_given"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_applicant_link_application"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_applicant_link"),
    )
    op.create_index("ix_applicant_link_email", "applicant_link", ["email"])
    op.create_table(
        "applicant_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.CheckConstraint("tries >= 0 AND sends >= 1", name="ck_applicant_code_counts"),
        sa.PrimaryKeyConstraint("id", name="pk_applicant_code"),
    )
    op.create_table(
        "applicant_visit",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_applicant_visit_application"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_applicant_visit"),
    )
    op.create_index("ix_applicant_visit_application", "applicant_visit", ["application_id"])
