"""Say what has happened to prices and sub-contractors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lots.model import CategoryCode, CeilingId, ProviderId, RegistrationId, SubcontractorId, UpliftId


@dataclass(frozen=True, slots=True)
class CeilingSet:
    """A council fixed the most that it pays in a category."""

    authority: str
    ceiling_id: CeilingId
    category: CategoryCode
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class UpliftProposed:
    """A provider proposed to raise its prices in a category."""

    provider_id: ProviderId
    uplift_id: UpliftId
    category: CategoryCode
    percent: Decimal
    starts_on: date


@dataclass(frozen=True, slots=True)
class UpliftDecided:
    """An uplift was accepted, and is a registration of its own from its day on, or was not."""

    provider_id: ProviderId
    uplift_id: UpliftId
    accepted: bool
    registration_id: RegistrationId | None
    note: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class SubcontractorNamed:
    """A provider asked for a council's consent to a sub-contractor (A18)."""

    authority: str
    provider_id: ProviderId
    subcontractor_id: SubcontractorId
    share: Decimal
    cost_yearly: Decimal
    starts_on: date


@dataclass(frozen=True, slots=True)
class SubcontractorDecided:
    """A council consented to a sub-contractor in writing, or did not (A18)."""

    authority: str
    provider_id: ProviderId
    subcontractor_id: SubcontractorId
    consented: bool


@dataclass(frozen=True, slots=True)
class SubcontractorEnded:
    """A sub-contractor's work ended (A18)."""

    authority: str
    provider_id: ProviderId
    subcontractor_id: SubcontractorId
    ended_on: date
