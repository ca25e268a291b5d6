"""What has happened to a referral."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lots.model import CategoryCode


@dataclass(frozen=True, slots=True)
class ReferralStarted:
    authority: str
    referral_id: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class SectionSaved:
    authority: str
    referral_id: UUID
    section: str


@dataclass(frozen=True, slots=True)
class ReferralRaised:
    authority: str
    referral_id: UUID
    reference: str
    edition: str
    outcome: str
    category: CategoryCode
    matrix_category: CategoryCode
    hours: Decimal
    matrix_hours: Decimal
    urgency: str
    replacements: int
    document_digest: str


@dataclass(frozen=True, slots=True)
class ExceptionAdmitted:
    authority: str
    referral_id: UUID
    rule: str
    reason_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WentToMarket:
    """A running placement is looked for anew: `referral_id` is the new referral, `from_referral` the old one (A41)."""

    authority: str
    referral_id: UUID
    reference: str
    from_referral: UUID
    agreement_id: UUID
    agreement: str
    reason_code: str
    why_digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReferralWithdrawn:
    authority: str
    referral_id: UUID
    reason_digest: str


@dataclass(frozen=True, slots=True)
class ReferralShared:
    """Another council may read this referral, through `until_on` (A4)."""

    authority: str
    referral_id: UUID
    share_id: UUID
    with_authority: str
    until_on: date
    ends_at: datetime
    reason_digest: str


@dataclass(frozen=True, slots=True)
class ShareEnded:
    authority: str
    referral_id: UUID
    share_id: UUID
    with_authority: str
