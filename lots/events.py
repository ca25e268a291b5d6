"""Say what has happened on the register."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lots.model import CategoryCode, ProviderId, RegistrationId, SuspensionId


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
