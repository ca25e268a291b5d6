"""People: the roles of a council, of a provider, and of whoever runs the system; which council keeps the register.

Several roles a person, how they sign in, sessions that are listed and proved, and what limits the tries.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROLES = (
    "('placements','coordinator','approver','commissioner','quality','dps_admin','careline','auditor',"
    "'authority_admin','provider','provider_admin','operator')"
)
CHECKS = {
    "person_role_known": (
        f"role IN {ROLES}",
        "role IN ('placements','coordinator','approver','auditor','provider')",
    ),
    "person_provider_role": (
        "(role IN ('provider','provider_admin')) = (provider_id IS NOT NULL)",
        "(role = 'provider') = (provider_id IS NOT NULL)",
    ),
    "person_authority_role": (
        "(role IN ('provider','provider_admin','operator')) = (authority IS NULL)",
        "(role = 'provider') = (authority IS NULL)",
    ),
}
ROLE_CHECKS = {
    "person_main_role": "role = ANY (roles)",
    "person_roles_known": f"roles <@ ARRAY{ROLES.replace('(', '[').replace(')', ']')}::text[]",
    "person_roles_of_provider": "(provider_id IS NOT NULL) = (roles <@ ARRAY['provider','provider_admin']::text[])",
    "person_roles_of_council": "(authority IS NULL AND provider_id IS NULL) = (roles && ARRAY['operator']::text[])",
    "person_key_dated": "(key_hash IS NULL) = (key_made_at IS NULL)",
}


def upgrade() -> None:
    for name, (after, _) in CHECKS.items():
        op.drop_constraint(name, "person")
        op.create_check_constraint(name, "person", after)
    keeps: sa.Column[bool] = sa.Column("keeps_register", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("authority", keeps)
    op.alter_column("authority", "keeps_register", server_default=None)
    # The council that was set up first in the alphabet keeps it, until somebody says otherwise.
    op.execute("UPDATE authority SET keeps_register = key = (SELECT min(key) FROM authority)")
    only = sa.text("keeps_register")
    op.create_index("authority_one_keeper", "authority", ["keeps_register"], unique=True, postgresql_where=only)
    _people()
    _sessions()
    _logins()
    _attempts()


def _people() -> None:
    op.add_column("person", sa.Column("key_made_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("roles", sa.ARRAY(sa.Text()), nullable=True))
    op.execute("UPDATE person SET key_made_at = clock_timestamp(), roles = ARRAY[role]")
    op.alter_column("person", "roles", nullable=False)
    op.alter_column("person", "key_hash", nullable=True)
    for name, check in ROLE_CHECKS.items():
        op.create_check_constraint(name, "person", check)


def _sessions() -> None:
    # Whoever is signed in signs in again: their sessions say neither how nor from where they began.
    op.execute("DELETE FROM session")
    op.add_column("session", sa.Column("handle", sa.Uuid(), nullable=False))
    op.add_column("session", sa.Column("way", sa.String(), nullable=False))
    op.add_column("session", sa.Column("agent", sa.String(), nullable=False))
    op.add_column("session", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("session", sa.Column("waiting", sa.String(), nullable=True))
    op.add_column("session", sa.Column("onward", sa.String(), nullable=False))
    op.create_unique_constraint("session_handle_once", "session", ["handle"])
    op.create_check_constraint("session_way_known", "session", "way IN ('key','password','link','oidc')")
    op.create_check_constraint(
        "session_waiting_known", "session", "waiting IS NULL OR waiting IN ('code','app','choice')"
    )
    op.create_index("session_person", "session", ["person_id"])


def _logins() -> None:
    op.create_table(
        "login",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("app_key", sa.String(), nullable=True),
        sa.Column("app_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="login_person_fk"),
        sa.UniqueConstraint("email", name="login_email_once"),
        sa.UniqueConstraint("issuer", "subject", name="login_subject_once"),
        sa.CheckConstraint("email = lower(email)", name="login_email_folded"),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="login_subject_whole"),
    )
    # An address that two people share signs in nobody: their administrator tells them apart first.
    op.execute(
        "INSERT INTO login (person_id, email, app_step, recovery)"
        " SELECT id, lower(email), 0, '{}' FROM person AS one WHERE left_at IS NULL AND NOT EXISTS ("
        " SELECT FROM person AS other WHERE other.left_at IS NULL AND other.id <> one.id"
        " AND lower(other.email) = lower(one.email))"
    )
    op.create_table(
        "login_code",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="login_code_person_fk"),
    )
    op.create_table(
        "login_link",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="login_link_person_fk"),
        sa.CheckConstraint("purpose IN ('set_up','reset','sign_in')", name="login_link_purpose_known"),
    )
    op.create_index("login_link_person", "login_link", ["person_id"])
    op.create_table(
        "login_asked",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('reset','sign_in')", name="login_asked_purpose_known"),
    )


def _attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("key_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("attempt_ends", "attempt", ["ends_at"])


def downgrade() -> None:
    for table in ("attempt", "login_asked", "login_link", "login_code", "login"):
        op.drop_table(table)
    op.drop_index("session_person", "session")
    op.drop_constraint("session_handle_once", "session")
    for name in ("session_way_known", "session_waiting_known"):
        op.drop_constraint(name, "session")
    for column in ("handle", "way", "agent", "proved_at", "waiting", "onward"):
        op.drop_column("session", column)
    for name in ROLE_CHECKS:
        op.drop_constraint(name, "person")
    # A key that nobody knows stands for no key, as before everybody had one.
    op.execute("UPDATE person SET key_hash = sha256(gen_random_uuid()::text::bytea) WHERE key_hash IS NULL")
    op.alter_column("person", "key_hash", nullable=False)
    op.drop_column("person", "roles")
    op.drop_column("person", "key_made_at")
    op.drop_index("authority_one_keeper", "authority")
    op.drop_column("authority", "keeps_register")
    for name, (_, before) in CHECKS.items():
        op.drop_constraint(name, "person")
        op.create_check_constraint(name, "person", before)
