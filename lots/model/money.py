"""Hold prices and what they add up to: pounds, as Decimal, in whole pennies (A27, S21, S22)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """Hold pounds a week for a bed and pounds an hour of support; `None` is not offered."""

    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None

    def __post_init__(self) -> None:
        check_prices(self.accommodation_weekly, self.support_hourly)


@dataclass(frozen=True, slots=True)
class CostLine:
    """Show one line of a working, in pounds; a deduction is negative."""

    text: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WeeklyCost:
    """Hold what the council pays a week and the lines that add up to it (S21, S22)."""

    total: Decimal
    lines: tuple[CostLine, ...]

    def __post_init__(self) -> None:
        if self.total < 0:
            raise ValueError(f"a weekly cost cannot be negative: {self.total}")
        if sum((line.amount for line in self.lines), Decimal(0)) != self.total:
            raise ValueError("the lines of a weekly cost must add up to its total")


def check_prices(accommodation_weekly: Decimal | None, support_hourly: Decimal | None) -> None:
    """Raise ValueError for a price below zero or with more than pennies."""
    for name, price in (("accommodation", accommodation_weekly), ("support", support_hourly)):
        if price is None:
            continue
        if not price.is_finite() or price < 0:
            raise ValueError(f"the {name} price must be 0 or more: {price}")
        if price != round(price, 2):
            raise ValueError(f"the {name} price is in whole pennies: {price}")
