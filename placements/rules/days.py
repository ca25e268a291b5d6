"""Count days as the agreements do: months, working days in England, the days of reviews, London's day (S17)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

FIRST_REVIEW: Final = timedelta(days=14)
"""The first review is within two weeks of the start (DPS spec 3.8.1, A31, S17)."""

REVIEW_MONTHS: Final = 3
"""Later reviews are so many calendar months apart, counted from the start (A31, S17)."""

NO_CLOSURES: Final[frozenset[date]] = frozenset()
LONDON: Final = ZoneInfo("Europe/London")
DAY: Final = timedelta(days=1)


def add_months(start: date, months: int) -> date:
    """Count calendar months from a day; a day that the month lacks becomes its last (S17).

    Count from the anchor, never from an earlier result: 31 January + 1 + 1 is not 31 January + 2.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def is_working_day(on: date, closure_days: frozenset[date] = NO_CLOSURES) -> bool:
    """Say whether the day is no weekend, bank holiday in England or local closure day (S17)."""
    return on.weekday() < 5 and on not in closure_days and on not in _bank_holidays(on.year)


def working_day_on_or_before(on: date, closure_days: frozenset[date] = NO_CLOSURES) -> date:
    """Give the day itself, or the nearest working day before it (S17)."""
    while not is_working_day(on, closure_days):
        on -= DAY
    return on


def review_dates(starts_on: date, ends_on: date, closure_days: frozenset[date] = NO_CLOSURES) -> tuple[date, ...]:
    """List the days of an agreement's reviews: start + 14 days, then start + n x 3 months (A31, S17).

    Each on the working day before where it is no working day, and only while the agreement lasts. A stay that ends
    before its first review has none: 1 to 7 nights never do. Where closure days reach back to the start or to the
    review before, the day stands unmoved, so that no review comes before the stay or on another's day.
    """
    return _series(
        lambda n: add_months(starts_on, n * REVIEW_MONTHS) if n else starts_on + FIRST_REVIEW,
        starts_on - DAY,
        ends_on,
        closure_days,
    )


def rebased_dates(held_on: date, ends_on: date, closure_days: frozenset[date] = NO_CLOSURES) -> tuple[date, ...]:
    """List the days of a series that an extra review began anew: n x 3 months from the day it was held (S17, setting).

    Moved and kept inside the stay as `review_dates` does.
    """
    return _series(lambda n: add_months(held_on, (n + 1) * REVIEW_MONTHS), held_on, ends_on, closure_days)


def london_day(now: datetime) -> date:
    """Give the day that it is in London at the instant."""
    return now.astimezone(LONDON).date()


def _series(
    nominal_of: Callable[[int], date], floor: date, ends_on: date, closure_days: frozenset[date]
) -> tuple[date, ...]:
    """Move each day of a series to the working day on or before it, never onto or behind the one before."""
    found: list[date] = []
    while True:
        nominal = nominal_of(len(found))
        moved = working_day_on_or_before(nominal, closure_days)
        if moved <= floor:
            moved = nominal
        if moved > ends_on:
            return tuple(found)
        found.append(moved)
        floor = moved


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    # Imported here: the library takes a noticeable part of the start-up time, and most commands never need it.
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
