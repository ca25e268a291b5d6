"""A council's law is its legal profile, whose words the invitations print; it had words of its own beside it (S24)."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the second words. What a competition printed when it was published stays with it."""
    op.drop_column("authority", "legal_basis")


def downgrade() -> None:
    """Give the column back, empty: its words are gone."""
    op.add_column(
        "authority", sa.Column("legal_basis", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    )
    op.alter_column("authority", "legal_basis", server_default=None)
