"""The migrations make exactly the tables that the code declares."""

from __future__ import annotations

import re
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from brokerage import migrations

needs_0001 = pytest.mark.skipif(migrations.head() is None, reason="there is no migration 0001 yet")


@needs_0001
def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrations.config()).get_heads()) == 1


def test_the_number_in_a_name_is_the_revision_and_they_follow_each_other() -> None:
    names = sorted(path.name for path in migrations.VERSIONS.glob("*.py"))
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name)] == []
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    walked = ScriptDirectory.from_config(migrations.config()).walk_revisions()
    assert sorted(script.revision for script in walked) == [name[:4] for name in names]


def test_a_database_never_upgraded_has_no_revision(empty_database_url: str) -> None:
    with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
        assert migrations.current(connection) is None


def test_every_tables_module_in_the_tree_is_known_to_the_migrations() -> None:
    root = migrations.HERE.parent.parent
    found = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for package in ("lots", "matrix", "notifications", "placements", "monitoring", "brokerage")
        for pattern in ("tables.py", "tables/__init__.py")
        for path in (root / package).rglob(pattern)
    }
    assert found - set(migrations.TABLES) == set()


@needs_0001
def test_upgrading_from_empty_makes_what_the_code_declares(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
        assert migrations.current(connection) == migrations.head()
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, migrations.metadata()) == []
        migrated = _constraints(connection)
        connection.rollback()
        with connection.begin():
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            connection.execute(text("CREATE EXTENSION btree_gist"))
            migrations.metadata().create_all(connection)
        # Alembic's comparison looks at neither checks nor exclusions.
        assert migrated == _constraints(connection)


def _constraints(connection: Connection) -> set[tuple[str, str, str]]:
    """Read table, name and definition of every constraint."""
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'"
        )
    )
    return {(table, name, definition) for table, name, definition in rows if table != "alembic_version"}


@needs_0001
def test_upgrading_again_changes_nothing(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    migrations.upgrade(empty_database_url)


@needs_0001
def test_two_upgrades_at_once_both_succeed(empty_database_url: str) -> None:
    failures: list[Exception] = []

    def run() -> None:
        try:
            migrations.upgrade(empty_database_url)
        except Exception as error:
            failures.append(error)

    both = [threading.Thread(target=run) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert failures == []
