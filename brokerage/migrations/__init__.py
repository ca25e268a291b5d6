"""Bring a database to the present schema, by Alembic, without an ini file.

Files in `versions/` are named `0001_what_it_does.py`; the number is the revision.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, make_url, text
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from brokerage.migrations import walls

HERE: Final = Path(__file__).parent
VERSIONS: Final = HERE / "versions"
TABLES: Final = (
    "lots.tables",
    "placements.tables",
    "notifications.tables",
    "monitoring.tables",
    "brokerage.people.tables",
    "brokerage.referrals.tables",
    "brokerage.competitions.tables",
    "brokerage.standing.tables",
    "brokerage.equality.tables",
    "brokerage.desk.tables",
)
"""Every module, or folder, that declares tables."""

LOCK_KEY: Final = 0x4450_5342_524F_4B45
"""'DPSBROKE': the advisory lock that lets one upgrade run at a time."""
WAIT_FOR_ANOTHER_UPGRADE: Final = "5min"
WAIT_FOR_A_TABLE: Final = "5s"
"""An upgrade that waits for a busy table makes everyone after it wait too: fail early and be run again instead."""


def metadata() -> MetaData:
    """Import every tables module that exists and return the metadata they fill."""
    for name in TABLES:
        package = name.rpartition(".")[0]
        if importlib.util.find_spec(package) is not None and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
    return SQLModel.metadata


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's settings, bound to a connection if one is given."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def head() -> str | None:
    """Return the newest revision; None while there is no migration at all."""
    return ScriptDirectory.from_config(config()).get_current_head()


def current(connection: Connection) -> str | None:
    """Return the revision a database is at; None for one never upgraded."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: str | Connection) -> None:
    """Bring a database to `head()`, all or nothing, in one transaction, and raise the walls between councils.

    An address is opened and committed here; a connection is left to its owner to commit. Two upgrades at once run one
    after the other, and the second finds nothing to do.
    """
    if isinstance(database, Connection):
        _upgrade(database)
        return
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.begin() as connection:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    before = connection.scalar(text("SELECT current_setting('lock_timeout')"))
    set_wait = text("SELECT set_config('lock_timeout', :wait, true)")
    connection.execute(set_wait, {"wait": WAIT_FOR_ANOTHER_UPGRADE})
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    connection.execute(set_wait, {"wait": WAIT_FOR_A_TABLE})
    if current(connection) != head() or not walls.stand(connection, metadata()):
        walls.lower_walls(connection)
        command.upgrade(config(connection), "head")
        walls.raise_walls(connection, metadata())
    connection.execute(set_wait, {"wait": before})


def new(what_it_does: str) -> Path:
    """Write the next, empty migration and return its file: `new("add the break clause")`."""
    number = int(head() or 0) + 1
    script = command.revision(config(), message=what_it_does, rev_id=f"{number:04}")
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)
