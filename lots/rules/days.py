"""Count working days and calendar months, and say days in words (S17, S25)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
DAY: Final = timedelta(days=1)
NO_CLOSURES: Final[frozenset[date]] = frozenset()


def is_working_day(on: date, closure_days: frozenset[date] = NO_CLOSURES) -> bool:
    """Say whether the day is no weekend, bank holiday in England or local closure day."""
    return on.weekday() < 5 and on not in closure_days and on not in _bank_holidays(on.year)


def working_days_after(start: date, days: int, closure_days: frozenset[date] = NO_CLOSURES) -> date:
    """Give the working day that comes so many working days after the start, which does not count itself."""
    on = start
    while days:
        on += DAY
        days -= is_working_day(on, closure_days)
    return on


def add_months(start: date, months: int) -> date:
    """Count calendar months from a day; a day that the month lacks becomes its last."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def london(now: datetime) -> datetime:
    """Give the instant on a clock in London."""
    return now.astimezone(LONDON)


def london_day(now: datetime) -> date:
    """Give the day that it is in London at the instant."""
    return london(now).date()


def covers(valid_from: date, valid_to: date | None, on: date) -> bool:
    """Say whether the day lies between the two, both included; no last day is for ever."""
    return valid_from <= on and (valid_to is None or on <= valid_to)


@lru_cache(4096)
def in_words(on: date) -> str:
    """Write a day for people: 1 April 2027."""
    return f"{on.day} {on:%B %Y}"


def period_words(periods: Iterable[tuple[date, date | None]], on: date) -> str:
    """Say when periods of which none covers the day ended and begin: ended on ... and begins again on ..."""
    held = tuple(periods)
    ended = max((last for _, last in held if last is not None and last < on), default=None)
    begins = min((first for first, _ in held if first > on), default=None)
    parts = []
    if ended is not None:
        parts.append(f"ended on {in_words(ended)}")
    if begins is not None:
        parts.append(f"{'begins again' if ended else 'begins'} on {in_words(begins)}")
    return " and ".join(parts)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    # Imported here: the library takes a noticeable part of the start-up time, and most commands never need it.
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
