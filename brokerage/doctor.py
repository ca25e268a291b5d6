"""Look an installation over: what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine, text

from brokerage.competitions.store import closed_unopened
from brokerage.config import NotConfigured, Settings, from_env
from brokerage.people.store import authorities

OPENED_WITHIN: Final = timedelta(minutes=1)
"""Offers that wait longer after the close show that no worker opens them."""


@dataclass(frozen=True, slots=True)
class Finding:
    well: bool
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{'ok   ' if self.well else 'WRONG'} {self.what}" + (f"\n      {self.mend}" if self.mend else "")


def examine(environ: Mapping[str, str]) -> tuple[Finding, ...]:
    """Examine configuration, database, schema, clock, worker and messages."""
    try:
        settings = from_env(environ)
    except NotConfigured as refusal:
        return tuple(Finding(False, "configuration", fault) for fault in refusal.faults)
    return tuple(_examine(settings))


def _examine(settings: Settings) -> Iterator[Finding]:
    from brokerage.opening import open_channels, open_desk, open_engine

    yield Finding(True, f"configuration: {settings.public_url}")
    engine = open_engine(settings)
    try:
        with engine.connect() as db:
            yield from _database(db, engine)
    except Exception as fault:  # any failure to reach it is the finding
        yield Finding(False, f"database: {type(fault).__name__}", "Check DATABASE_URL and that the server is running.")
        return
    open_desk(settings, engine)
    yield Finding(True, "messages: every template fits its text")
    yield _opening_key(settings)
    for medium in open_channels(settings):
        yield Finding(True, f"channel: {medium.value}")


def _opening_key(settings: Settings) -> Finding:
    from brokerage.keys import KeyNotUsable
    from brokerage.opening import open_opener

    if settings.opening_key_file is None:
        return Finding(True, "opening key: not here, as it should be for `serve`; a worker needs it")
    try:
        open_opener(settings)
        loose = settings.opening_key_file.stat().st_mode & 0o077
    except KeyNotUsable as refusal:
        return Finding(False, f"opening key: {refusal}", "Copy the file that `brokerage keys new` made.")
    mend = f"Others may read it. Run: chmod 600 {settings.opening_key_file}" if loose else ""
    return Finding(not loose, "opening key: here, and it fits its public half", mend)


def _database(db: Connection, engine: Engine) -> Iterator[Finding]:
    from brokerage import migrations
    from brokerage.desk import clock as clocks
    from brokerage.desk import store

    version = int(db.execute(text("SHOW server_version_num")).scalar_one())
    mend = "" if version >= 150000 else "PostgreSQL 15 or newer is needed."
    yield Finding(version >= 150000, f"database: PostgreSQL {version // 10000}", mend)
    at = migrations.current(db)
    fits = at == migrations.head()
    yield Finding(fits, f"schema: revision {at or 'none'}", "" if fits else "Run: brokerage migrate")
    if not fits:
        return
    durable = db.execute(text("SHOW synchronous_commit")).scalar_one() != "off"
    yield Finding(durable, "durability", "" if durable else "Set synchronous_commit = on: receipts promise it.")
    councils = authorities(db)
    mend = "" if councils else "Run: brokerage authority add KEY NAME --legal-basis TEXT"
    yield Finding(bool(councils), f"authorities: {', '.join(one.key for one in councils) or 'none'}", mend)
    now = clocks.read(clocks.DatabaseClock(), db, None)
    waiting = closed_unopened(db, now - OPENED_WITHIN)
    mend = (
        "" if not waiting else "Run a worker with BROKERAGE_OPENING_KEY_FILE, or: brokerage open ... --recovery-key ..."
    )
    yield Finding(not waiting, f"offers waiting to be opened: {', '.join(map(str, waiting)) or 'none'}", mend)
    beat = store.last_beat(db)
    heard = beat is not None and (now - beat).total_seconds() < 60
    yield Finding(heard, "worker", "" if heard else "No worker was heard for a minute. Run: brokerage work")
