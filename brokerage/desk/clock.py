"""The one clock. Nothing else in the house reads one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

LONDON: Final = ZoneInfo("Europe/London")

# The highest instant an authority has recorded is a floor: a server clock that steps back opens no window again.
_NOT_BACK: Final = (
    "greatest({instant}, coalesce((SELECT highest_at FROM record_head WHERE authority = {{authority}}),"
    " '-infinity'::timestamptz))"
)


class Clock(Protocol):
    """Tell the time of the database, so that web servers and workers agree to the microsecond."""

    @property
    def sql(self) -> str:
        """Give the instant as SQL; `{authority}` in it stands for the authority asked about."""


def read(clock: Clock, db: Connection, authority: str | None) -> datetime:
    """Read the clock now, inside the transaction: after a lock is held it is the instant after the lock.

    In UTC, whatever zone the server speaks: Python compares two times of one zone by their wall clock.
    """
    statement = f"SELECT {clock.sql.format(authority='%(authority)s')}"
    instant: datetime = db.exec_driver_sql(statement, {"authority": authority}).scalar_one()
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DatabaseClock:
    """PostgreSQL's own clock, read when asked and not when the transaction began."""

    sql: str = _NOT_BACK.format(instant="clock_timestamp()")


@dataclass(frozen=True, slots=True)
class MovableClock:
    """The database's clock, moved forward by a row: for the demo, where an hour must pass in a click."""

    sql: str = _NOT_BACK.format(instant="(clock_timestamp() + coalesce((SELECT shift FROM clock_shift), interval '0'))")


@dataclass(slots=True)
class StoppedClock:
    """A clock that says what it was told and moves when pushed: for tests and seeds."""

    now: datetime

    @property
    def sql(self) -> str:
        return f"timestamptz '{self.now.isoformat()}'"

    def push(self, by: timedelta) -> None:
        self.now += by


def day_in_london(instant: datetime) -> date:
    """Give the day that it is in London at the instant."""
    return instant.astimezone(LONDON).date()


def short_time(instant: datetime) -> str:
    """Write an instant for a text message: London clock time with its zone and day, such as 3:42pm GMT Sat 21 Nov."""
    local = instant.astimezone(LONDON)
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    return f"{hour}:{local:%M}{half} {local:%Z} {local:%a} {local.day} {local:%b}"


def instants_in_london(day: date, clock: time) -> tuple[datetime, ...]:
    """Give every instant, in UTC, at which London's clocks show a time on a day.

    One, as a rule; none in the hour that spring leaves out, two in the hour that autumn has twice (BST, then GMT).
    """
    shown = [datetime.combine(day, clock.replace(fold=fold), LONDON) for fold in (0, 1)]
    found = {at.astimezone(UTC) for at in shown if _wall(at.astimezone(UTC).astimezone(LONDON)) == _wall(at)}
    return tuple(sorted(found))


def _wall(at: datetime) -> tuple[date, time]:
    return at.date(), at.time().replace(fold=0)


def midnight_of(day: date) -> datetime:
    """Give the instant at which a day begins in London."""
    return datetime.combine(day, time(0), LONDON)


def morning_of(day: date) -> datetime:
    """Give nine in the morning in London, when a day's reminders are due."""
    return datetime.combine(day, time(9), LONDON)


def next_evening(after: datetime, clock: time) -> datetime:
    """Give the next instant at which London's clocks show an evening time: this evening's, or tomorrow's."""
    today = day_in_london(after)
    shown = (datetime.combine(today + timedelta(days=days), clock, LONDON) for days in (0, 1))
    return next(at.astimezone(UTC) for at in shown if at > after)


@lru_cache(4096)
def long_day(day: date) -> str:
    """Write a day for a message: Wednesday 25 November 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"
