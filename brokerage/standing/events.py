"""Say what a council had to do with a provider's lost standing (A15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from brokerage.standing.model import CauseKind, PlacementChoice
from lots.model import ProviderId


@dataclass(frozen=True, slots=True)
class StandingTouched:
    """A provider with work for this council lost its standing.

    `competitions` are those that run and it is invited to; `awards` and `agreements` are those not ended.
    """

    authority: str
    provider_id: ProviderId
    cause_id: UUID
    cause: CauseKind
    since: date
    competitions: tuple[UUID, ...]
    awards: tuple[UUID, ...]
    agreements: tuple[UUID, ...]
    provider: str = field(metadata={"record": False})


@dataclass(frozen=True, slots=True)
class PlacementDecided:
    """A person decided whether a placement stays, moves or ends after its provider lost its standing."""

    authority: str
    agreement_id: UUID
    referral_id: UUID
    provider_id: ProviderId
    cause_id: UUID
    choice: PlacementChoice
    person_id: UUID
    reason: str = field(metadata={"record": False})
