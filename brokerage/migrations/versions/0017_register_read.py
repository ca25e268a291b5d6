"""Two ways to the register, for the question that every publication asks of each provider (S4, A14)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find registrations by category, and answer what evidence counts without the rows themselves."""
    op.create_index("ix_registration_category", "registration", ["category", "provider_id", "valid_from"])
    op.create_index(
        "ix_evidence_accepted",
        "evidence",
        ["provider_id", "kind", "valid_from", "valid_to"],
        postgresql_where=sa.text("state = 'accepted' AND property_id IS NULL"),
    )


def downgrade() -> None:
    """Take them away; the same is answered, more slowly."""
    op.drop_index("ix_evidence_accepted", "evidence")
    op.drop_index("ix_registration_category", "registration")
