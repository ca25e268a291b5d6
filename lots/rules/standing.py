"""Decide who may be given work, and who is invited (A12, A14, A15, S4, S5, S6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from lots.model import (
    OFSTED_CATEGORIES,
    CategoryCode,
    Eligibility,
    Eligible,
    Exclusion,
    Need,
    Provider,
    Registration,
    Wants,
)
from lots.rules.days import covers, in_words, period_words
from lots.rules.evidence import evidence_gap

LEAST_AGE: Final = 16
"""Nobody younger is placed in supported accommodation (S5)."""

OFSTED_UNDER: Final = 18
"""Younger than this, the provider must be registered with Ofsted (SI 2023/416, S5)."""


def registration_on(registrations: Iterable[Registration], category: CategoryCode, on: date) -> Registration | None:
    """Find the registration in the category that is valid on the day, both end days included."""
    for registration in registrations:
        if registration.category == category and covers(registration.valid_from, registration.valid_to, on):
            return registration
    return None


def exclusion(provider: Provider, registrations: Iterable[Registration], need: Need, on: date) -> Exclusion | None:
    """Say why the provider is not invited for the need on that day, or `None` when it is (S4, S5, A15).

    The first reason that holds is given: those of `out_of_standing`, then `S4.does_not_offer`.
    """
    found = _sorted_out(provider, tuple(registrations), need, on)
    return found if isinstance(found, Exclusion) else None


def out_of_standing(
    provider: Provider,
    registrations: Iterable[Registration],
    category: CategoryCode,
    age: int,
    on: date,
    fitting: frozenset[int] = OFSTED_CATEGORIES,
) -> Exclusion | None:
    """Say why the provider may not be given work in the category on that day, or `None` when it may (S6).

    Asked at the invitation, the close, the award and the agreement. There is no override for age (S5). `fitting` are
    the Ofsted categories that would do. Rules, in this order: `S5.under_16`, `A15.removed`, `S4.not_registered`,
    `S4.registration_dates`, `A15.suspended`, `S5.no_ofsted_urn`, `S5.no_ofsted_category`, `A14.evidence_expired`,
    `A14.no_evidence`.
    """
    found = _standing(provider, tuple(registrations), category, age, on, fitting)
    return None if isinstance(found, Registration) else Exclusion(provider.id, provider.name, *found)


def out_of_standing_in_all(
    provider: Provider,
    registrations: Iterable[Registration],
    categories: Iterable[CategoryCode],
    age: int,
    on: date,
    fitting: frozenset[int] = OFSTED_CATEGORIES,
) -> Exclusion | None:
    """Say why the provider may be given work in none of these categories on that day, or `None` when in one it may.

    For a bespoke package, which belongs to no category alone (A10). The reason is that of the first category in which
    it is registered.
    """
    held, asked = tuple(registrations), tuple(categories)
    found = [out_of_standing(provider, held, category, age, on, fitting) for category in asked]
    lost = [one for one in found if one is not None]
    if len(lost) < len(found):
        return None
    registered = next((one for one in lost if one.rule != "S4.not_registered"), None)
    if registered is not None or len(asked) == 1:
        return registered or lost[0]
    return Exclusion(
        provider.id, provider.name, "S4.not_registered", f"Not registered in any of the categories {', '.join(asked)}."
    )


def eligible(register: Iterable[tuple[Provider, tuple[Registration, ...]]], need: Need, on: date) -> Eligibility:
    """Sort the whole register into invited and excluded; every provider appears once, by name (A20, S4)."""
    invited: list[Eligible] = []
    excluded: list[Exclusion] = []
    for provider, registrations in sorted(register, key=lambda each: (each[0].name.casefold(), each[0].id)):
        found = _sorted_out(provider, registrations, need, on)
        if isinstance(found, Exclusion):
            excluded.append(found)
        else:
            invited.append(found)
    return Eligibility(tuple(invited), tuple(excluded))


def eligible_in_any(
    register: Iterable[tuple[Provider, tuple[Registration, ...]]],
    categories: Sequence[CategoryCode],
    need: Need,
    on: date,
) -> Eligibility:
    """Sort the whole register for a bespoke package: invited is who is in standing in any of the categories (A10).

    Once each, with the prices tendered in the first of them that it is in standing in. What it tendered no price for it
    may still offer: a bespoke package is priced freely.
    """
    invited: list[Eligible] = []
    excluded: list[Exclusion] = []
    for provider, held in sorted(register, key=lambda each: (each[0].name.casefold(), each[0].id)):
        lost = out_of_standing_in_all(provider, held, categories, need.age, on, need.fitting)
        if lost is not None:
            excluded.append(lost)
            continue
        found = (_standing(provider, held, one, need.age, on, need.fitting) for one in categories)
        invited.append(Eligible(provider, next(one for one in found if isinstance(one, Registration))))
    return Eligibility(tuple(invited), tuple(excluded))


def _sorted_out(provider: Provider, held: tuple[Registration, ...], need: Need, on: date) -> Eligible | Exclusion:
    found = _standing(provider, held, need.category, need.age, on, need.fitting)
    if not isinstance(found, Registration):
        return Exclusion(provider.id, provider.name, *found)
    missing = _not_offered(found, need)
    if missing:
        words = f"Has no tendered price for {' or '.join(missing)} in category {need.category}."
        return Exclusion(provider.id, provider.name, "S4.does_not_offer", words)
    return Eligible(provider, found)


def _standing(
    provider: Provider,
    held: tuple[Registration, ...],
    category: CategoryCode,
    age: int,
    on: date,
    fitting: frozenset[int],
) -> Registration | tuple[str, str]:
    """Give the registration that a provider in standing is given work under, or the rule and reason that bars it."""
    barred = _never(provider, age, on)
    if barred is not None:
        return barred
    registration = registration_on(held, category, on)
    if registration is None:
        return _not_registered(held, category, on)
    kinds = [kind for kind in provider.asked if not kind.per_property and category in kind.categories]
    return (
        _suspended(provider, on)
        or _not_with_ofsted(provider, age, fitting)
        or evidence_gap(kinds, provider.evidence, provider.evidence_asked_from, on)
        or registration
    )


def _not_offered(registration: Registration, need: Need) -> list[str]:
    missing = []
    if registration.accommodation_weekly is None and Wants.ACCOMMODATION in need.wants:
        missing.append("accommodation")
    if registration.support_hourly is None and Wants.SUPPORT in need.wants and need.hours > 0:
        missing.append("support hours")
    return missing


def _never(provider: Provider, age: int, on: date) -> tuple[str, str] | None:
    if age < LEAST_AGE:
        return "S5.under_16", f"Nobody under {LEAST_AGE} may be placed in supported accommodation."
    for removal in provider.removals:
        if removal.holds_on(on):
            return "A15.removed", f"Removed from the register on {in_words(removal.removed_on)}: {removal.reason}"
    return None


def _not_registered(held: tuple[Registration, ...], category: CategoryCode, on: date) -> tuple[str, str]:
    mine = [(each.valid_from, each.valid_to) for each in held if each.category == category]
    if not mine:
        return "S4.not_registered", f"Not registered in category {category}."
    return "S4.registration_dates", f"Registration in category {category} {period_words(mine, on)}."


def _suspended(provider: Provider, on: date) -> tuple[str, str] | None:
    for suspension in provider.suspensions:
        if suspension.holds_on(on):
            until = "until further notice" if suspension.ends_on is None else f"to {in_words(suspension.ends_on)}"
            return "A15.suspended", f"Suspended from {in_words(suspension.starts_on)} {until}: {suspension.reason}"
    return None


def _not_with_ofsted(provider: Provider, age: int, fitting: frozenset[int]) -> tuple[str, str] | None:
    if age >= OFSTED_UNDER:
        return None
    if provider.ofsted_urn is None:
        return (
            "S5.no_ofsted_urn",
            f"No Ofsted registration (URN) is recorded, and a young person under {OFSTED_UNDER} needs one.",
        )
    if not provider.ofsted_categories:
        return (
            "S5.no_ofsted_category",
            f"Ofsted registration {provider.ofsted_urn} has no category of supported accommodation recorded, "
            f"and a young person under {OFSTED_UNDER} needs one.",
        )
    if provider.ofsted_categories.isdisjoint(fitting):
        held, wanted = (", ".join(map(str, sorted(each))) for each in (provider.ofsted_categories, fitting))
        return (
            "S5.no_ofsted_category",
            f"Ofsted registration {provider.ofsted_urn} is for category {held}; this young person needs {wanted}.",
        )
    return None
