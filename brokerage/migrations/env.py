"""What Alembic runs: always on the connection that `brokerage.migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from brokerage.migrations import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata(), compare_type=True)
with context.begin_transaction():
    context.run_migrations()
