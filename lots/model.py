"""Hold the nouns of what is bought, from whom and at what rate (DPS spec 3.2.4, 3.2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

ProviderId = NewType("ProviderId", UUID)
RegistrationId = NewType("RegistrationId", UUID)
SuspensionId = NewType("SuspensionId", UUID)


class CategoryCode(StrEnum):
    """Name the six categories of the two lots (A12)."""

    EMERGENCY = "1.1"
    TRANSITION = "1.2"
    INDEPENDENCE = "1.3"
    SHORT_STAY = "2.1"
    SHORT_TERM = "2.2"
    ACCOMMODATION_ONLY = "2.3"

    @property
    def lot(self) -> str:
        """Give the lot that the category belongs to, "1" or "2"."""
        return self.value[0]


class Wants(StrEnum):
    """Name what a referral buys; the two can be bought apart (A23)."""

    ACCOMMODATION = "accommodation"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Lot:
    """Describe one of the two lots (A12)."""

    code: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Category:
    """Describe one category and what binds a stay in it (A12, S19).

    Nights, months and age are limits of the stay, both ends included; `None` is no limit.
    """

    code: CategoryCode
    title: str
    summary: str
    same_day: bool
    min_nights: int | None
    max_nights: int | None
    min_months: int | None
    max_months: int | None
    ends_by_age: int | None
    support_hours: bool
    emergency: bool
    counts_housing_benefit: bool

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.summary.strip():
            raise ValueError(f"category {self.code}: title and summary must say something")
        for unit, least, most in (
            ("nights", self.min_nights, self.max_nights),
            ("months", self.min_months, self.max_months),
        ):
            if (least is not None and least < 1) or (most is not None and most < 1):
                raise ValueError(f"category {self.code}: {unit} must be 1 or more")
            if least is not None and most is not None and least > most:
                raise ValueError(f"category {self.code}: least {unit} {least} is more than most {unit} {most}")
        if self.max_nights is not None and self.max_months is not None:
            raise ValueError(f"category {self.code}: is counted in nights or in months, not in both")
        if self.ends_by_age not in (None, 18):
            raise ValueError(f"category {self.code}: a stay can be made to end by 18, not by {self.ends_by_age} (S19)")

    @property
    def lot(self) -> str:
        """Give the lot, "1" or "2"."""
        return self.code.lot


@dataclass(frozen=True, slots=True)
class Suspension:
    """Keep a provider out of new work between two days, both included; no end is until lifted (A15)."""

    starts_on: date
    ends_on: date | None
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a suspension needs a reason")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"a suspension cannot end on {self.ends_on} before it starts on {self.starts_on}")


OFSTED_CATEGORIES = frozenset({1, 2, 3, 4})
"""Sole use, shared ring-fenced, shared not ring-fenced, private residence (SI 2023/416, S5)."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Name a firm on the register and how it is reached (A13, A17)."""

    id: ProviderId
    name: str
    email: str
    mobile: str
    phone: str
    out_of_hours: str
    ofsted_urn: str | None = None
    ofsted_categories: frozenset[int] = frozenset()
    suspensions: tuple[Suspension, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a provider needs a name")
        if self.ofsted_urn is not None and not self.ofsted_urn.strip():
            raise ValueError("an Ofsted number that is given cannot be empty")
        if not self.ofsted_categories <= OFSTED_CATEGORIES:
            raise ValueError(f"Ofsted categories are 1 to 4, not {sorted(self.ofsted_categories - OFSTED_CATEGORIES)}")
        if self.ofsted_categories and self.ofsted_urn is None:
            raise ValueError("Ofsted categories belong to an Ofsted number")


@dataclass(frozen=True, slots=True)
class Registration:
    """Hold one provider's tendered prices in one category, for a time (A13).

    Pounds a week, pounds an hour, percent 0 to 100; a missing price is "does not offer that".
    """

    id: RegistrationId
    provider_id: ProviderId
    category: CategoryCode
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    block_discount: Decimal
    valid_from: date
    valid_to: date | None

    def __post_init__(self) -> None:
        _check_prices(self.accommodation_weekly, self.support_hourly)
        if self.accommodation_weekly is None and self.support_hourly is None:
            raise ValueError("a registration offers accommodation, support or both")
        if not self.block_discount.is_finite() or not 0 <= self.block_discount <= 100:
            raise ValueError(f"the block discount is a percentage from 0 to 100, not {self.block_discount}")
        if self.block_discount != round(self.block_discount, 2):
            raise ValueError(f"the block discount has at most two decimals: {self.block_discount}")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"a registration cannot end on {self.valid_to} before it starts on {self.valid_from}")

    @property
    def tendered(self) -> Price:
        """Give the tendered prices."""
        return Price(self.accommodation_weekly, self.support_hourly)


@dataclass(frozen=True, slots=True)
class Need:
    """Say what is looked for, in the terms that decide who is invited (S4, S5)."""

    category: CategoryCode
    age: int
    wants: frozenset[Wants]
    hours: Decimal
    beds: int

    def __post_init__(self) -> None:
        if not self.wants:
            raise ValueError("a need wants accommodation, support or both")
        if not self.hours.is_finite() or self.hours < 0:
            raise ValueError(f"hours must be 0 or more: {self.hours}")
        if self.beds < 1:
            raise ValueError(f"at least one bed, not {self.beds}")
        if self.age < 0:
            raise ValueError(f"an age cannot be negative: {self.age}")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Say why a provider is not invited: `rule` for machines, `reason` for people (S4)."""

    provider_id: ProviderId
    provider: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Eligible:
    """Pair a provider with the registration that it is invited under."""

    provider: Provider
    registration: Registration


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Hold every provider of the register exactly once, each side ordered by name."""

    invited: tuple[Eligible, ...]
    excluded: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """Hold pounds a week for a bed and pounds an hour of support; `None` is not offered."""

    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None

    def __post_init__(self) -> None:
        _check_prices(self.accommodation_weekly, self.support_hourly)


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


def _check_prices(accommodation_weekly: Decimal | None, support_hourly: Decimal | None) -> None:
    for name, price in (("accommodation", accommodation_weekly), ("support", support_hourly)):
        if price is None:
            continue
        if not price.is_finite() or price < 0:
            raise ValueError(f"the {name} price must be 0 or more: {price}")
        if price != round(price, 2):
            raise ValueError(f"the {name} price is in whole pennies: {price}")
