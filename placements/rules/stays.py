"""Decide whether a stay may be: its dates, the meeting before it, its terms (A12, A26, A30, S19)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lots.model import Category, Price
from lots.rules import weekly_cost
from placements.errors import (
    EndsAfter18,
    EndsBeforeStart,
    MetAfterStart,
    NotIntroduced,
    StartsTooEarly,
    TooLong,
    TooManyNights,
    TooShort,
    WaiverOutsideEmergency,
    WaiverReasonTooShort,
)
from placements.model import Introduction, Terms
from placements.rules.days import DAY, add_months

WAIVER_REASON: Final = 10
"""A reason for leaving out the meeting has at least so many characters (A26)."""


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
    check_longest(category, starts_on, ends_on, turns_18_on)
    cut = None if category.ends_by_age is None or turns_18_on is None else turns_18_on - DAY
    earliest_end = _earliest_end(category, starts_on, cut)
    if ends_on < earliest_end:
        raise TooShort(category.code, starts_on, ends_on, earliest_end)


def check_longest(category: Category, starts_on: date, ends_on: date, turns_18_on: date | None) -> None:
    """Refuse a last day beyond what the category allows (A12, A30, S19); what is too short is no matter here.

    Raise `EndsAfter18`, `TooManyNights` or `TooLong`.
    """
    if category.ends_by_age is not None and (turns_18_on is None or ends_on > turns_18_on):
        raise EndsAfter18(category.code, ends_on, turns_18_on)
    nights = (ends_on - starts_on).days
    if category.max_nights is not None and nights > category.max_nights:
        raise TooManyNights(category.code, starts_on, ends_on, nights, category.max_nights)
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
    services: tuple[tuple[str, str], ...] = (),
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
        services=services,
    )
