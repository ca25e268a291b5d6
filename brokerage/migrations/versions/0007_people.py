"""People: the roles of a council, of a provider, and of whoever runs the system; which council keeps the register."""

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


def downgrade() -> None:
    op.drop_index("authority_one_keeper", "authority")
    op.drop_column("authority", "keeps_register")
    for name, (_, before) in CHECKS.items():
        op.drop_constraint(name, "person")
        op.create_check_constraint(name, "person", before)
