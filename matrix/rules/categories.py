"""The category table: first match, with the matched row shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from matrix.model import Case, CategoryRule, Edition, LegalStatus, LivingNow, Needed


@dataclass(frozen=True, slots=True)
class Situation:
    """What the category table looks at."""

    status: LegalStatus
    needed: Needed
    living_now: LivingNow
    hours_above_zero: bool
    housing_benefit: bool

    @classmethod
    def of(cls, case: Case, hours: Decimal) -> Situation:
        """Take the situation from a case and its hours."""
        return cls(case.status, case.needed, case.living_now, hours > 0, case.housing_benefit)


def category_rule(edition: Edition, situation: Situation) -> CategoryRule | None:
    """Find the first row that fits; never None in an edition that was loaded, whose table is total (A8, A12)."""
    return next((row for row in edition.category_rules if fits(row, situation)), None)


def fits(row: CategoryRule, situation: Situation) -> bool:
    """Say whether every condition of the row holds; an empty condition always does."""
    return (
        (not row.status or situation.status in row.status)
        and (not row.needed or situation.needed in row.needed)
        and (not row.living_now or situation.living_now in row.living_now)
        and row.hours_above_zero in (None, situation.hours_above_zero)
        and row.housing_benefit in (None, situation.housing_benefit)
    )
