"""Decide about stays and their reviews (DPS spec 3.8.1; A26, A30, A31, S17, S19)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from lots.model import Category, Price
from lots.rules import weekly_cost
from placements.errors import (
    EndsAfter18,
    EndsBeforeStart,
    MetAfterStart,
    NotIntroduced,
    NotNow,
    ReviewNotDueYet,
    StartsTooEarly,
    TooLong,
    TooManyNights,
    TooShort,
    WaiverOutsideEmergency,
    WaiverReasonTooShort,
)
from placements.model import (
    AgreementState,
    AgreementVerb,
    Introduction,
    Review,
    ReviewState,
    ReviewVerb,
    Terms,
)

FIRST_REVIEW: Final = timedelta(days=14)
"""The first review is within two weeks of the start (DPS spec 3.8.1, A31, S17)."""

REVIEW_MONTHS: Final = 3
"""Later reviews are so many calendar months apart, counted from the start (A31, S17)."""

WAIVER_REASON: Final = 10
"""A reason for leaving out the meeting has at least so many characters (A26)."""

NO_CLOSURES: Final[frozenset[date]] = frozenset()
LONDON: Final = ZoneInfo("Europe/London")
DAY: Final = timedelta(days=1)

MOVES: Final[Mapping[tuple[AgreementState, AgreementVerb], AgreementState]] = {
    (AgreementState.AGREED, AgreementVerb.END): AgreementState.ENDED,
}
"""An agreement is made once award and funding stand, and ends once (A30, A34)."""

REVIEW_MOVES: Final[Mapping[tuple[ReviewState, ReviewVerb], ReviewState]] = {
    (ReviewState.PLANNED, ReviewVerb.FALL_DUE): ReviewState.DUE,
    (ReviewState.PLANNED, ReviewVerb.HOLD): ReviewState.HELD,
    (ReviewState.DUE, ReviewVerb.HOLD): ReviewState.HELD,
}
"""A review may be held before its day or after it (A31)."""


def move(state: AgreementState, verb: AgreementVerb) -> AgreementState:
    """Give the agreement's next state; raise `NotNow`."""
    if (state, verb) not in MOVES:
        raise NotNow(state, verb)
    return MOVES[state, verb]


def move_review(state: ReviewState, verb: ReviewVerb) -> ReviewState:
    """Give the review's next state; raise `NotNow`."""
    if (state, verb) not in REVIEW_MOVES:
        raise NotNow(state, verb)
    return REVIEW_MOVES[state, verb]


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
    found: list[date] = []
    floor = starts_on - DAY
    months = 0
    while True:
        nominal = add_months(starts_on, months) if months else starts_on + FIRST_REVIEW
        moved = working_day_on_or_before(nominal, closure_days)
        if moved <= floor:
            moved = nominal
        if moved > ends_on:
            return tuple(found)
        found.append(moved)
        floor = moved
        months += REVIEW_MONTHS


def check_dates(
    category: Category, starts_on: date, ends_on: date, turns_18_on: date | None, earliest_start: date
) -> None:
    """Refuse a stay that its category does not allow (A12, A26, A30, S19).

    Nights are counted in dates. A stay in months lasts at least until the day before the month is full, at most until
    the same day of the last month; it may be shorter only where the 18th birthday cuts it, and then lasts until
    the eve. `turns_18_on` is `None` for who is 18 already.
    Raise `EndsBeforeStart`, `StartsTooEarly`, `EndsAfter18`, `TooShort`, `TooLong` or `TooManyNights`.
    """
    if ends_on < starts_on:
        raise EndsBeforeStart(starts_on, ends_on)
    if starts_on < earliest_start:
        raise StartsTooEarly(starts_on, earliest_start)
    cut = None
    if category.ends_by_age is not None:
        if turns_18_on is None or ends_on > turns_18_on:
            raise EndsAfter18(category.code, ends_on, turns_18_on)
        cut = turns_18_on - DAY
    nights = (ends_on - starts_on).days
    if category.max_nights is not None and nights > category.max_nights:
        raise TooManyNights(category.code, starts_on, ends_on, nights, category.max_nights)
    earliest_end = _earliest_end(category, starts_on, cut)
    if ends_on < earliest_end:
        raise TooShort(category.code, starts_on, ends_on, earliest_end)
    if category.max_months is not None:
        latest_end = add_months(starts_on, category.max_months)
        if ends_on > latest_end:
            raise TooLong(category.code, starts_on, ends_on, latest_end)


def _earliest_end(category: Category, starts_on: date, cut: date | None) -> date:
    """Give the first day on which a stay from this start may end; the 18th birthday may cut it short."""
    ends = [starts_on]
    if category.min_nights is not None:
        ends.append(starts_on + timedelta(days=category.min_nights))
    if category.min_months is not None:
        ends.append(add_months(starts_on, category.min_months) - DAY)
    return max(ends) if cut is None else max(starts_on, min(max(ends), cut))


def check_introduction(
    emergency: bool, met_on: date | None, waiver_reason: str | None, starts_on: date
) -> Introduction:
    """Check that provider and young person met before the start, or why not in an emergency (A26).

    Give it back with a reason of spaces only read as none. Raise `WaiverOutsideEmergency`, `MetAfterStart`,
    `NotIntroduced` or `WaiverReasonTooShort`.
    """
    reason = (waiver_reason or "").strip() or None
    if reason is not None and not emergency:
        raise WaiverOutsideEmergency
    if met_on is not None and met_on > starts_on:
        raise MetAfterStart(met_on, starts_on)
    if met_on is None and reason is None:
        raise NotIntroduced(emergency)
    if met_on is None and reason is not None and len(reason) < WAIVER_REASON:
        raise WaiverReasonTooShort(WAIVER_REASON)
    return Introduction(met_on, reason)


def age_at_start(starts_on: date, turns_18_on: date | None) -> int:
    """Give 18 for an adult, and for others the age in years by their 18th birthday (S5)."""
    if turns_18_on is None:
        return 18
    age = 18
    while age > 0 and starts_on < add_months(turns_18_on, (age - 18) * 12):
        age -= 1
    return age


def terms_of(
    category: Category,
    price: Price,
    hours: Decimal,
    housing_benefit_weekly: Decimal,
    beds: int,
    block_discount: Decimal,
    bespoke: bool = False,
) -> Terms:
    """Put terms together with their weekly cost reckoned (S22, S23)."""
    return Terms(
        category=category.code,
        hours=hours,
        accommodation_weekly=price.accommodation_weekly,
        support_hourly=price.support_hourly,
        housing_benefit_weekly=housing_benefit_weekly,
        beds=beds,
        block_discount=block_discount,
        weekly_cost=weekly_cost(price, hours, housing_benefit_weekly, beds, block_discount).total,
        bespoke=bespoke,
    )


def fall_due(agreement: AgreementState, review: Review, now: datetime) -> ReviewState | None:
    """Give the state of a review whose day has come, in London, or `None` where nothing is left to remind of.

    Raise `ReviewNotDueYet`.
    """
    if review.state is not ReviewState.PLANNED or agreement is AgreementState.ENDED:
        return None
    today = london_day(now)
    if today < review.due_on:
        raise ReviewNotDueYet(review.due_on, today)
    return move_review(review.state, ReviewVerb.FALL_DUE)


def london_day(now: datetime) -> date:
    """Give the day that it is in London at the instant."""
    return now.astimezone(LONDON).date()


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    # Imported here: the library takes a noticeable part of the start-up time, and most commands never need it.
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
