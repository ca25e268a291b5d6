"""Look an installation over: what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, text

from brokerage.competitions.store import closed_unopened
from brokerage.config import NotConfigured, Settings, from_env
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.pulse import LATE, Pulse, pulse
from brokerage.desk.reach import EVERYTHING, OPTION, enter
from brokerage.people.store import authorities

APART: Final = timedelta(seconds=5)
BEHIND: Final = timedelta(seconds=2)
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
        with engine.connect().execution_options(**{OPTION: None}) as db:  # the roles come with the schema
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
    from brokerage.desk import store

    version = int(db.execute(text("SHOW server_version_num")).scalar_one())
    mend = "" if version >= 150000 else "PostgreSQL 15 or newer is needed."
    yield Finding(version >= 150000, f"database: PostgreSQL {version // 10000}", mend)
    at = migrations.current(db)
    fits = at == migrations.head()
    yield Finding(fits, f"schema: revision {at or 'none'}", "" if fits else "Run: brokerage migrate")
    if not fits:
        return
    enter(db, EVERYTHING)
    durable = db.execute(text("SHOW synchronous_commit")).scalar_one() != "off"
    yield Finding(durable, "durability", "" if durable else "Set synchronous_commit = on: receipts promise it.")
    councils = authorities(db)
    mend = "" if councils else "Run: brokerage authority add KEY NAME"
    yield Finding(bool(councils), f"authorities: {', '.join(one.key for one in councils) or 'none'}", mend)
    found = pulse(db, DatabaseClock())
    yield from _clock(found.now, datetime.now(UTC), store.highest_at(db))  # noqa: TID251  # the clock to be judged
    yield from _pulse(found)
    waiting = closed_unopened(db, found.now - OPENED_WITHIN)
    mend = (
        "" if not waiting else "Run a worker with BROKERAGE_OPENING_KEY_FILE, or: brokerage open ... --recovery-key ..."
    )
    yield Finding(not waiting, f"offers waiting to be opened: {', '.join(map(str, waiting)) or 'none'}", mend)


def _clock(now: datetime, here: datetime, highest: datetime | None) -> Iterator[Finding]:
    """Judge the database's clock by this machine's and by what it said before."""
    apart = abs(now - here)
    mend = "Deadlines are the database's. Set the time of both machines by NTP." if apart > APART else ""
    yield Finding(apart <= APART, f"clock: {_seconds(apart)} apart from this machine's", mend)
    behind = highest - now if highest else timedelta(0)
    mend = (
        "It stepped back. No window opens again, but nothing is stamped later than that until it has caught up: set"
        " the server's time by NTP."
    )
    if behind > BEHIND:
        yield Finding(False, f"clock: {_seconds(behind)} behind what is already recorded", mend)


def _pulse(found: Pulse) -> Iterator[Finding]:
    heard = "never heard" if found.silence is None else f"last heard {_seconds(found.silence)} ago"
    mend = "No worker was heard for a minute. Run: brokerage work" if found.silent else ""
    yield Finding(not found.silent, f"worker: {heard}", mend)
    for what, late, mend in (
        ("timer", found.timer_late, "Look for 'timer ... failed' in the worker's log, or start more workers."),
        ("message", found.message_late, "Look at the supplier and at the worker's log, or start more workers."),
    ):
        told = f"{what}s: the most overdue has waited {_seconds(late)}" if late else f"{what}s: none is overdue"
        yield Finding(late <= LATE, told, mend if late > LATE else "")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"
