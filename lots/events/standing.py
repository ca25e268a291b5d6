"""Say what has happened to a provider's standing and evidence (A14, A15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lots.model import CategoryCode, EvidenceId, PropertyId, ProviderId, RegistrationId, RemovalId, SuspensionId


@dataclass(frozen=True, slots=True)
class ProviderAdmitted:
    """A provider came onto the register with its registrations (A13)."""

    provider_id: ProviderId
    registrations: tuple[RegistrationId, ...]
    categories: tuple[CategoryCode, ...]


@dataclass(frozen=True, slots=True)
class ProviderSuspended:
    """A provider was kept out of new work from a day on (A15)."""

    provider_id: ProviderId
    suspension_id: SuspensionId
    starts_on: date
    ends_on: date | None
    reason: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class SuspensionLifted:
    """A suspension was ended before its last day (A15)."""

    provider_id: ProviderId
    suspension_id: SuspensionId
    lifted_on: date
    reason: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class SuspensionEnded:
    """The last day of a suspension has gone by (A15)."""

    provider_id: ProviderId
    suspension_id: SuspensionId
    ended_on: date


@dataclass(frozen=True, slots=True)
class ProviderRemoved:
    """A provider was taken off the register (A13, A15)."""

    provider_id: ProviderId
    removal_id: RemovalId
    removed_on: date
    reason: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class ProviderReadmitted:
    """A provider that was taken off the register is on it again (A13, A15)."""

    provider_id: ProviderId
    removal_id: RemovalId
    readmitted_on: date
    reason: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class EvidenceOffered:
    """A provider put a piece of evidence forward (A14)."""

    provider_id: ProviderId
    evidence_id: EvidenceId
    evidence: str
    property_id: PropertyId | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class EvidenceDecided:
    """A piece of evidence was accepted, and counts from now on, or refused with a reason (A14)."""

    provider_id: ProviderId
    evidence_id: EvidenceId
    evidence: str
    accepted: bool
    note: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class EvidenceAsked:
    """A provider's missing evidence counts against it from a day on (A14)."""

    provider_id: ProviderId
    asked_from: date


@dataclass(frozen=True, slots=True)
class EvidenceRunsOut:
    """A provider's evidence, or that of one of its homes, ends in 60, 30 or 7 days (A14)."""

    provider_id: ProviderId
    property_id: PropertyId | None
    evidence: str
    ends_on: date
    days_left: int
    title: str = field(default="", metadata={"record": False})
    home: str = field(default="", metadata={"record": False})
