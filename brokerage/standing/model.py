"""Name what a council decides about a placement whose provider lost its standing (A15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lots.model import ProviderId


class CauseKind(StrEnum):
    SUSPENDED = "suspended"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Cause:
    """Hold why a provider may be given no new work: one suspension or removal of the register.

    `until` is its last day, none where it holds until further notice.
    """

    id: UUID
    provider_id: ProviderId
    kind: CauseKind
    since: date
    until: date | None
    reason: str


class PlacementChoice(StrEnum):
    KEEP = "keep"
    MOVE = "move"
    END = "end"


@dataclass(frozen=True, slots=True)
class PlacementDecision:
    """Keep what a person decided about a running placement because of a cause; the last one stands."""

    authority: str
    id: UUID
    agreement_id: UUID
    referral_id: UUID
    provider_id: ProviderId
    cause_id: UUID
    choice: PlacementChoice
    reason: str
    decided_by: UUID
    decided_at: datetime
