"""Name what moves prices: a council's ceilings, a provider's yearly uplift, its sub-contractors (A13, A18, A22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.catalogue import CategoryCode
from lots.model.money import Price, check_prices
from lots.model.register import ProviderId

CeilingId = NewType("CeilingId", UUID)
UpliftId = NewType("UpliftId", UUID)
SubcontractorId = NewType("SubcontractorId", UUID)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Hold the most that one council pays in a category, for a time; a missing price has no ceiling."""

    authority: str
    id: CeilingId
    category: CategoryCode
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    valid_from: date
    valid_to: date | None

    def __post_init__(self) -> None:
        check_prices(self.accommodation_weekly, self.support_hourly)
        if self.accommodation_weekly is None and self.support_hourly is None:
            raise ValueError("a ceiling is on accommodation, support or both")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"a ceiling cannot end on {self.valid_to} before it starts on {self.valid_from}")

    @property
    def price(self) -> Price:
        """Give the most of each price."""
        return Price(self.accommodation_weekly, self.support_hourly)


class UpliftState(StrEnum):
    """Name where a proposal stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Uplift:
    """Propose to raise a provider's prices in a category by some percent from a day on."""

    id: UpliftId
    provider_id: ProviderId
    category: CategoryCode
    percent: Decimal
    starts_on: date
    reason: str
    state: UpliftState = UpliftState.PROPOSED
    decision_note: str | None = None
    proposed_at: datetime | None = None
    decided_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.percent.is_finite() or not 0 < self.percent <= 100 or self.percent != round(self.percent, 2):
            raise ValueError(f"an uplift is above 0 and up to 100 percent, with two decimals: {self.percent}")
        if not self.reason.strip():
            raise ValueError("an uplift is proposed with a reason")


class ConsentState(StrEnum):
    """Name whether a council has consented to a sub-contractor."""

    ASKED = "asked"
    CONSENTED = "consented"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subcontractor:
    """Name a firm that does part of a provider's work for one council: its share in percent, its cost a year (A18).

    Consent is written (`consent`) and comes before the work starts.
    """

    authority: str
    id: SubcontractorId
    provider_id: ProviderId
    name: str
    service: str
    share: Decimal
    cost_yearly: Decimal
    starts_on: date
    state: ConsentState = ConsentState.ASKED
    consent: str | None = None
    consented_on: date | None = None
    ended_on: date | None = None
    document_id: UUID | None = None

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.service.strip():
            raise ValueError("a sub-contractor has a name and does something")
        if not self.share.is_finite() or not 0 < self.share <= 100 or self.share != round(self.share, 2):
            raise ValueError(f"the share is above 0 and up to 100 percent, with two decimals: {self.share}")
        check_prices(self.cost_yearly, None)
        if (self.state in {ConsentState.CONSENTED, ConsentState.ENDED}) != (self.consented_on is not None):
            raise ValueError("consent has a day, and only consent has one")
