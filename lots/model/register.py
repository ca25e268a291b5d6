"""Name who is on the register, at which tendered prices, and who may be asked (DPS spec 3.2.5, A13, A15, S4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.catalogue import CategoryCode, Wants
from lots.model.evidence import EvidenceKind, Held
from lots.model.money import Price, check_prices

ProviderId = NewType("ProviderId", UUID)
RegistrationId = NewType("RegistrationId", UUID)
SuspensionId = NewType("SuspensionId", UUID)
RemovalId = NewType("RemovalId", UUID)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Keep a provider out of new work between two days, both included; no end is until lifted (A15).

    From `lifted_on` on it does not hold any more. Two suspensions of the same days and reason are the same to a reader,
    whatever number the register gave them.
    """

    starts_on: date
    ends_on: date | None
    reason: str
    lifted_on: date | None = None
    lifted_reason: str | None = None
    id: SuspensionId | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a suspension needs a reason")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"a suspension cannot end on {self.ends_on} before it starts on {self.starts_on}")
        if (self.lifted_on is None) != (self.lifted_reason is None) or self.lifted_reason == "":
            raise ValueError("a suspension is lifted on a day, with a reason")

    def holds_on(self, day: date) -> bool:
        """Say whether it keeps the provider out of new work on that day."""
        if self.lifted_on is not None and self.lifted_on <= day:
            return False
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Removal:
    """Take a provider off the register from a day on, until a new application is admitted (A13, A15)."""

    removed_on: date
    reason: str
    readmitted_on: date | None = None
    id: RemovalId | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a removal needs a reason")
        if self.readmitted_on is not None and self.readmitted_on < self.removed_on:
            raise ValueError(f"nobody is admitted again on {self.readmitted_on} before the removal {self.removed_on}")

    def holds_on(self, day: date) -> bool:
        """Say whether the provider is off the register on that day."""
        return self.removed_on <= day and (self.readmitted_on is None or day < self.readmitted_on)


OFSTED_CATEGORIES = frozenset({1, 2, 3, 4})
"""Sole use, shared ring-fenced, shared not ring-fenced, private residence (SI 2023/416, S5)."""


class OfstedOutcome(StrEnum):
    """Name what an Ofsted inspection of supported accommodation found."""

    CONSISTENTLY_STRONG = "consistently_strong"
    INCONSISTENT = "inconsistent"
    SERIOUS_WEAKNESSES = "serious_weaknesses"
    NOT_INSPECTED = "not_inspected"


@dataclass(frozen=True, slots=True)
class Provider:
    """Name a firm on the register, how it is reached, and what its standing hangs on (A13, A14, A15, A17).

    `evidence` is what was accepted. `evidence_asked_from` is the day from which evidence that is missing counts; a
    provider that was on the register before evidence was kept has none until it is asked. `asked` is what the register
    asks of everybody and no fact of this provider, so it does not tell two providers apart.
    """

    id: ProviderId
    name: str
    email: str
    mobile: str
    phone: str
    out_of_hours: str
    ofsted_urn: str | None = None
    ofsted_categories: frozenset[int] = frozenset()
    suspensions: tuple[Suspension, ...] = ()
    ofsted_outcome: OfstedOutcome | None = None
    removals: tuple[Removal, ...] = ()
    evidence: tuple[Held, ...] = ()
    evidence_asked_from: date | None = None
    asked: tuple[EvidenceKind, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a provider needs a name")
        if self.ofsted_urn is not None and not self.ofsted_urn.strip():
            raise ValueError("an Ofsted number that is given cannot be empty")
        if not self.ofsted_categories <= OFSTED_CATEGORIES:
            raise ValueError(f"Ofsted categories are 1 to 4, not {sorted(self.ofsted_categories - OFSTED_CATEGORIES)}")
        if self.ofsted_categories and self.ofsted_urn is None:
            raise ValueError("Ofsted categories belong to an Ofsted number")
        if self.ofsted_outcome is not None and self.ofsted_urn is None:
            raise ValueError("an Ofsted outcome belongs to an Ofsted number")


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
        check_prices(self.accommodation_weekly, self.support_hourly)
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
    """Say what is looked for, in the terms that decide who is invited (S4, S5).

    `fitting` are the Ofsted categories of home that would do for this young person; all four unless it is said.
    """

    category: CategoryCode
    age: int
    wants: frozenset[Wants]
    hours: Decimal
    beds: int
    fitting: frozenset[int] = OFSTED_CATEGORIES

    def __post_init__(self) -> None:
        if not self.wants:
            raise ValueError("a need wants accommodation, support or both")
        if not self.hours.is_finite() or self.hours < 0:
            raise ValueError(f"hours must be 0 or more: {self.hours}")
        if self.beds < 1:
            raise ValueError(f"at least one bed, not {self.beds}")
        if self.age < 0:
            raise ValueError(f"an age cannot be negative: {self.age}")
        if not self.fitting or not self.fitting <= OFSTED_CATEGORIES:
            raise ValueError(f"at least one of the Ofsted categories 1 to 4 must fit, not {sorted(self.fitting)}")


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
