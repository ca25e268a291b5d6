"""${message[:1].upper() + message[1:]}."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision).replace("'", '"')}
down_revision = ${repr(down_revision).replace("'", '"')}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """${message[:1].upper() + message[1:]}."""
    ${upgrades if upgrades else "raise NotImplementedError"}
