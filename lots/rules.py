"""Decide who is invited, and reckon money (A12, A15, A16, A27, S4, S5, S21, S22, S23)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lots.model import (
    Category,
    CategoryCode,
    CostLine,
    Eligibility,
    Eligible,
    Exclusion,
    Need,
    Price,
    Provider,
    Registration,
    Wants,
    WeeklyCost,
)

LEAST_AGE: Final = 16
"""Nobody younger is placed in supported accommodation (S5)."""

OFSTED_UNDER: Final = 18
"""Younger than this, the provider must be registered with Ofsted (SI 2023/416, S5)."""

BLOCK_BEDS: Final = 5
"""From so many beds at one time the block discount applies (DPS spec 3.2.5, A16, S23)."""

PENNY: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")


def registration_on(registrations: Iterable[Registration], category: CategoryCode, on: date) -> Registration | None:
    """Find the registration in the category that is valid on the day, both end days included."""
    for registration in registrations:
        if registration.category == category and _valid(registration, on):
            return registration
    return None


def exclusion(provider: Provider, registrations: Iterable[Registration], need: Need, on: date) -> Exclusion | None:
    """Say why the provider is not invited for the need on that day, or `None` when it is (S4, S5, A15).

    The first reason that holds is given. Rules: `S5.under_16`, `S4.not_registered`, `S4.registration_dates`,
    `A15.suspended`, `S5.no_ofsted_urn`, `S5.no_ofsted_category`, `S4.does_not_offer`.
    """
    held = tuple(registrations)
    standing = out_of_standing(provider, held, need.category, need.age, on)
    if standing is not None:
        return standing
    registration = registration_on(held, need.category, on)
    assert registration is not None, "a provider in standing is registered"
    missing = _not_offered(registration, need)
    if missing:
        return Exclusion(
            provider.id, provider.name, "S4.does_not_offer",
            f"Has no tendered price for {' or '.join(missing)} in category {need.category}.",
        )  # fmt: skip
    return None


def out_of_standing(
    provider: Provider, registrations: Iterable[Registration], category: CategoryCode, age: int, on: date
) -> Exclusion | None:
    """Say why the provider may not be given work in the category on that day, or `None` when it may (S6).

    Asked at the invitation, the close, the award and the agreement. There is no override for age (S5).
    """

    def out(rule: str, reason: str) -> Exclusion:
        return Exclusion(provider.id, provider.name, rule, reason)

    if age < LEAST_AGE:
        return out("S5.under_16", f"Nobody under {LEAST_AGE} may be placed in supported accommodation.")
    mine = tuple(each for each in registrations if each.category == category)
    if not mine:
        return out("S4.not_registered", f"Not registered in category {category}.")
    if registration_on(mine, category, on) is None:
        return out("S4.registration_dates", _dates_reason(mine, category, on))
    for suspension in provider.suspensions:
        if suspension.starts_on <= on and (suspension.ends_on is None or on <= suspension.ends_on):
            until = "until further notice" if suspension.ends_on is None else f"to {_day(suspension.ends_on)}"
            return out("A15.suspended", f"Suspended from {_day(suspension.starts_on)} {until}: {suspension.reason}")
    if age < OFSTED_UNDER and provider.ofsted_urn is None:
        return out(
            "S5.no_ofsted_urn",
            f"No Ofsted registration (URN) is recorded, and a young person under {OFSTED_UNDER} needs one.",
        )
    if age < OFSTED_UNDER and not provider.ofsted_categories:
        return out(
            "S5.no_ofsted_category",
            f"Ofsted registration {provider.ofsted_urn} has no category of supported accommodation recorded, "
            f"and a young person under {OFSTED_UNDER} needs one.",
        )
    return None


def eligible(register: Iterable[tuple[Provider, tuple[Registration, ...]]], need: Need, on: date) -> Eligibility:
    """Sort the whole register into invited and excluded; every provider appears once, by name (A20, S4)."""
    invited: list[Eligible] = []
    excluded: list[Exclusion] = []
    for provider, registrations in sorted(register, key=lambda each: (each[0].name.casefold(), each[0].id)):
        reason = exclusion(provider, registrations, need, on)
        if reason is not None:
            excluded.append(reason)
            continue
        registration = registration_on(registrations, need.category, on)
        assert registration is not None, "an eligible provider is registered"
        invited.append(Eligible(provider, registration))
    return Eligibility(tuple(invited), tuple(excluded))


def nearest_categories(
    categories: Iterable[Category], present: CategoryCode, age: int, hours: Decimal
) -> tuple[CategoryCode, ...]:
    """List the other categories of the lot that somebody of this age and hours may be placed in, the nearest first.

    For advertising wider (DPS spec 3.2.5, A29). Near is: an emergency for an emergency, support hours for support
    hours, then the place in the catalogue. The lot itself is never left: status decides it (S31).
    """
    known = sorted(categories, key=lambda one: one.code)
    here = next(one for one in known if one.code is present)
    fitting = [
        one
        for one in known
        if one.lot == here.lot
        and one is not here
        and (one.support_hours or not hours)
        and (one.ends_by_age is None or age < one.ends_by_age)
    ]

    def far(one: Category) -> tuple[bool, bool, int, CategoryCode]:
        steps = abs(known.index(one) - known.index(here))
        return one.emergency != here.emergency, one.support_hours != here.support_hours, steps, one.code

    return tuple(one.code for one in sorted(fitting, key=far))


def pounds(value: Decimal) -> Decimal:
    """Round to pennies, a half away from zero (S21)."""
    return value.quantize(PENNY, rounding=ROUND_HALF_UP)


def weekly_cost(
    price: Price, hours: Decimal, housing_benefit: Decimal, beds: int, block_discount: Decimal
) -> WeeklyCost:
    """Reckon what the council pays a week, with a line for each step (S21, S22, S23).

    Accommodation for every bed, less the block discount (percent) from five beds, less Housing Benefit for every
    bed, plus support hours for every bed, not below zero. Housing Benefit is for housing: where support is bought
    alone it is not taken off (A23, A27).
    """
    if beds < 1 or hours < 0 or housing_benefit < 0 or not 0 <= block_discount <= 100:
        raise ValueError(
            f"beds {beds}, hours {hours}, Housing Benefit {housing_benefit} or discount {block_discount} out of range"
        )
    times = "" if beds == 1 else f" x {beds} beds"
    lines: list[CostLine] = []
    if price.accommodation_weekly is not None:
        accommodation = price.accommodation_weekly * beds
        lines.append(CostLine(f"Accommodation £{pounds(price.accommodation_weekly)}{times}", pounds(accommodation)))
        if beds >= BLOCK_BEDS and block_discount:
            lines.append(
                CostLine(
                    f"Less block discount of {_plain(block_discount)}% on accommodation",
                    ZERO - pounds(accommodation * block_discount / 100),
                )
            )
        if housing_benefit:
            lines.append(
                CostLine(
                    f"Less Housing Benefit £{pounds(housing_benefit)}{times}", ZERO - pounds(housing_benefit * beds)
                )
            )
    if price.support_hourly is not None and hours:
        lines.append(
            CostLine(
                f"Support {_plain(hours)} hours x £{pounds(price.support_hourly)}{times}",
                pounds(hours * price.support_hourly * beds),
            )
        )
    total = sum((line.amount for line in lines), ZERO)
    if total < 0:
        lines.append(CostLine("The council does not pay below zero", -total))
        total = ZERO
    return WeeklyCost(total, tuple(lines))


def part_week(weekly: Decimal, days: int) -> Decimal:
    """Reckon a weekly price for some days: days / 7 of it, in pennies (S21)."""
    if days < 0:
        raise ValueError(f"days cannot be negative: {days}")
    return pounds(weekly * days / 7)


def over_tendered(bid: Price, tendered: Price) -> tuple[tuple[Wants, Decimal, Decimal | None], ...]:
    """List what is bid above its tendered price (A22, S11).

    As (item, bid, tendered); where no price was tendered at all, any bid is above it.
    """
    pairs = (
        (Wants.ACCOMMODATION, bid.accommodation_weekly, tendered.accommodation_weekly),
        (Wants.SUPPORT, bid.support_hourly, tendered.support_hourly),
    )
    return tuple(
        (item, asked, allowed)
        for item, asked, allowed in pairs
        if asked is not None and (allowed is None or asked > allowed)
    )


def _valid(registration: Registration, on: date) -> bool:
    return registration.valid_from <= on and (registration.valid_to is None or on <= registration.valid_to)


def _not_offered(registration: Registration, need: Need) -> list[str]:
    missing = []
    if Wants.ACCOMMODATION in need.wants and registration.accommodation_weekly is None:
        missing.append("accommodation")
    if Wants.SUPPORT in need.wants and need.hours > 0 and registration.support_hourly is None:
        missing.append("support hours")
    return missing


def _dates_reason(registrations: tuple[Registration, ...], category: CategoryCode, on: date) -> str:
    ended = max(
        (each.valid_to for each in registrations if each.valid_to is not None and each.valid_to < on), default=None
    )
    begins = min((each.valid_from for each in registrations if each.valid_from > on), default=None)
    parts = []
    if ended is not None:
        parts.append(f"ended on {_day(ended)}")
    if begins is not None:
        parts.append(f"{'begins again' if ended else 'begins'} on {_day(begins)}")
    return f"Registration in category {category} {' and '.join(parts)}."


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
