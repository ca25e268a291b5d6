"""Decide about ceilings, yearly uplifts and sub-contractors (A13, A18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from lots.errors import ConsentTooLate, NotNow, OverCeiling, SharesAbove100, UpliftTooSoon
from lots.model import (
    CategoryCode,
    Ceiling,
    ConsentState,
    Price,
    Registration,
    RegistrationId,
    Subcontractor,
    Uplift,
    UpliftState,
    Wants,
)
from lots.rules.days import DAY, add_months, covers
from lots.rules.money import pounds

PRICE_MONTHS: Final = 12
"""A tendered price holds for so many months before it may be raised."""

CONSENT_MOVES: Final[Mapping[tuple[ConsentState, str], ConsentState]] = {
    (ConsentState.ASKED, "consent"): ConsentState.CONSENTED,
    (ConsentState.ASKED, "refuse"): ConsentState.REFUSED,
    (ConsentState.CONSENTED, "end"): ConsentState.ENDED,
}
"""Consent is asked for first, and is given in writing before the work starts (DPS spec 3.4.4, A18)."""

LIVE_CONSENT: Final = (ConsentState.ASKED, ConsentState.CONSENTED)


def ceiling_on(ceilings: Iterable[Ceiling], category: CategoryCode, on: date) -> Ceiling | None:
    """Find the ceiling in the category that holds on the day, both end days included."""
    for one in ceilings:
        if one.category == category and covers(one.valid_from, one.valid_to, on):
            return one
    return None


def over_ceiling(price: Price, ceiling: Ceiling | None) -> tuple[tuple[Wants, Decimal, Decimal], ...]:
    """List what is priced above the council's ceiling, as (item, price, ceiling); no ceiling refuses nothing."""
    if ceiling is None:
        return ()
    pairs = (
        (Wants.ACCOMMODATION, price.accommodation_weekly, ceiling.accommodation_weekly),
        (Wants.SUPPORT, price.support_hourly, ceiling.support_hourly),
    )
    return tuple(
        (item, asked, most) for item, asked, most in pairs if asked is not None and most is not None and asked > most
    )


def uplifted(price: Price, percent: Decimal) -> Price:
    """Raise each price by the percentage, to the penny, a half away from zero (S21)."""

    def raised(value: Decimal | None) -> Decimal | None:
        return None if value is None else pounds(value * (100 + percent) / 100)

    return Price(raised(price.accommodation_weekly), raised(price.support_hourly))


def check_uplift(uplift: Uplift, current: Registration, today: date) -> None:
    """Check that the present price has held for a year by then and that no day is over; raise `UpliftTooSoon`."""
    earliest = max(add_months(current.valid_from, PRICE_MONTHS), today + DAY)
    if uplift.starts_on < earliest:
        raise UpliftTooSoon(uplift.starts_on, earliest)


def accept_uplift(
    uplift: Uplift, current: Registration, ceiling: Ceiling | None, new_id: RegistrationId, today: date
) -> Registration:
    """Give the registration that an accepted uplift makes: the present one with its prices raised, from its day on.

    Raise `NotNow`, `UpliftTooSoon`, or `OverCeiling` where the price would be above what the council pays.
    """
    check_open(uplift, "accept")
    check_uplift(uplift, current, today)
    price = uplifted(current.tendered, uplift.percent)
    for item, asked, most in over_ceiling(price, ceiling):
        raise OverCeiling(item, asked, most)
    return replace(
        current,
        id=new_id,
        accommodation_weekly=price.accommodation_weekly,
        support_hourly=price.support_hourly,
        valid_from=uplift.starts_on,
    )


def check_open(uplift: Uplift, verb: str) -> None:
    """Check that an uplift is not decided yet; raise `NotNow`."""
    if uplift.state is not UpliftState.PROPOSED:
        raise NotNow("uplift", uplift.state.value, verb)


def move_consent(state: ConsentState, verb: str) -> ConsentState:
    """Give the sub-contractor's next state; raise `NotNow`."""
    if (state, verb) not in CONSENT_MOVES:
        raise NotNow("sub-contractor", state.value, verb)
    return CONSENT_MOVES[state, verb]


def check_shares(new: Subcontractor, others: Iterable[Subcontractor]) -> None:
    """Check that a provider keeps work of its own or none, never less; raise `SharesAbove100`."""
    total = new.share + sum((one.share for one in others if one.state in LIVE_CONSENT and one.id != new.id), Decimal(0))
    if total > 100:
        raise SharesAbove100(total)


def check_consent(starts_on: date, today: date) -> None:
    """Check that consent comes on the day of the start or before; raise `ConsentTooLate`."""
    if starts_on < today:
        raise ConsentTooLate(starts_on, today)
