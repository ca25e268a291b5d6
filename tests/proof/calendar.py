"""Days: reviews, notices and birthdays for every start of six years, against calendars of our own (A31, S17 to S19)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final

from govuk_bank_holidays.bank_holidays import BankHolidays

from matrix.model import birthday
from placements.model import NoticeClass
from placements.rules import is_working_day, notice_ends, review_dates
from tests.proof.figures import Figure

NAMES: Final[tuple[str, ...]] = ("review_dates", "review_drift", "review_nonworking")

FIRST, LAST, QUICK_LAST = date(2026, 1, 1), date(2031, 12, 31), date(2026, 12, 31)
REVIEWS: Final = 8
"""Two weeks, then seven quarters: more than any agreement lasts."""
DAY: Final = timedelta(days=1)
STAY: Final = timedelta(days=700)


def prove(quick: bool) -> Iterator[Figure]:
    """Take every start; compare each review, notice and birthday with calendars that share no code with the rules."""
    last = QUICK_LAST if quick else LAST
    starts = [FIRST + n * DAY for n in range((last - FIRST).days + 1)]
    reviews = drift = nonworking = 0
    for start in starts:
        found = review_dates(start, start + STAY)[:REVIEWS]
        assert len(found) == REVIEWS, start
        reviews += len(found)
        drift += sum(on != expected_review(start, number) for number, on in enumerate(found))
        drift += _wrong_notices(start) + _wrong_birthday(start)
        nonworking += sum(not works(on) for on in found)
    span = f"every start {FIRST.year}-{last.year} x {REVIEWS} reviews"
    yield Figure("review_dates", reviews, f">= {len(starts) * REVIEWS}", "days", span)
    yield Figure(
        "review_drift",
        drift,
        "= 0",
        "days",
        f"{span}, 2 notices and the 18th birthday each: days that differ from a calendar walked by hand",
    )
    until = max(_published())
    yield Figure(
        "review_nonworking",
        nonworking + _disagreements(FIRST, last + STAY),
        "= 0",
        "days",
        f"{span} on a weekend or bank holiday, and days on which two sources disagree"
        f" (GOV.UK's own list to {until.year}, the statute's rules and Easter reckoned after it)",
    )


def expected_review(start: date, number: int) -> date:
    """Walk to a review: 14 days, or three months at a time by the calendar, then back to a working day."""
    on = start + 14 * DAY
    if number:
        year, month = start.year, start.month
        for _ in range(3 * number):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        on, wanted = date(year, month, 1), start.day
        while on.day < wanted and (on + DAY).month == month:
            on += DAY
    while not works(on):
        on -= DAY
    return on


def _wrong_notices(served: date) -> int:
    """Count notices that do not end on the day that counting from the day after service reaches."""
    wrong = 0
    for notice, length in ((NoticeClass.GENERAL, 30), (NoticeClass.SPECIFIC, 14)):
        on, counted = served, 0
        while counted < length:
            on, counted = on + DAY, counted + 1
        wrong += notice_ends(served, notice) != on
    return wrong


def _wrong_birthday(born: date) -> int:
    """Say 1 where the 18th birthday is not the first day on which 18 years are full (29 February: 1 March, S19)."""
    on = date(born.year + 18, born.month, min(born.day, 28))
    while (on.month, on.day) < (born.month, born.day):
        on += DAY
    return int(birthday(born, 18) != on)


def works(on: date) -> bool:
    """Say whether the day is a working day, by GOV.UK's list as far as it goes and by the statute's rules after it."""
    if on.isoweekday() > 5:
        return False
    published = _published()
    years = {one.year for one in published}
    return on not in published if on.year in years else on not in _by_statute(on.year)


def _disagreements(first: date, last: date) -> int:
    """Count the days on which the rules and these calendars say different things."""
    days = (last - first).days + 1
    return sum(is_working_day(first + n * DAY) != works(first + n * DAY) for n in range(days))


@cache
def _published() -> frozenset[date]:
    """Read the list that GOV.UK publishes, as the package carries it: no network."""
    found = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    days = frozenset(one["date"] for one in found)
    whole = {year for year in {on.year for on in days} if sum(on.year == year for on in days) >= 8}
    return frozenset(on for on in days if on.year in whole)


@cache
def _by_statute(year: int) -> frozenset[date]:
    """Reckon the eight bank holidays of a year in England (Banking and Financial Dealings Act 1971)."""
    easter = _easter(year)
    days = {easter - 2 * DAY, easter + DAY, _monday(date(year, 5, 1)), _last_monday(date(year, 5, 31))}
    days.add(_last_monday(date(year, 8, 31)))
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.isoweekday() > 5 or fixed in days:
            fixed += DAY
        days.add(fixed)
    return frozenset(days)


def _monday(on: date) -> date:
    while on.isoweekday() != 1:
        on += DAY
    return on


def _last_monday(on: date) -> date:
    while on.isoweekday() != 1:
        on -= DAY
    return on


def _easter(year: int) -> date:
    """Reckon Easter Sunday (the anonymous Gregorian computus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
