"""Decide which categories lie near each other (A29)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lots.model import Category, CategoryCode


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
