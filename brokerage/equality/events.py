"""Say that equality answers were given or taken back; never which (A45)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EqualityRecorded:
    """A young person consented to the purpose and answered."""

    authority: str
    referral_id: UUID
    purpose: str
    person_id: UUID


@dataclass(frozen=True, slots=True)
class EqualityWithdrawn:
    """A young person took the consent back, and the answers were deleted."""

    authority: str
    referral_id: UUID
    person_id: UUID
