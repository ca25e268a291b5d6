"""Say what has happened to placements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lots.model import CategoryCode, ProviderId
from placements.model import AgreementId, ReviewId, ReviewKind


@dataclass(frozen=True, slots=True)
class AgreementOpened:
    """An award became an individual placement agreement (A30).

    `reviews` are their days, and `review_ids` their ids in the same order; a stay under two weeks has none.
    """

    authority: str
    agreement_id: AgreementId
    reference: str
    award_id: UUID
    referral_id: UUID
    provider_id: ProviderId
    category: CategoryCode
    weekly_cost: Decimal
    starts_on: date
    ends_on: date
    first_review_on: date | None
    reviews: tuple[date, ...]
    review_ids: tuple[ReviewId, ...]


@dataclass(frozen=True, slots=True)
class ReviewFellDue:
    """The day of a review came before it was held (A31)."""

    authority: str
    review_id: ReviewId
    agreement_id: AgreementId
    reference: str
    referral_id: UUID
    provider_id: ProviderId
    number: int
    kind: ReviewKind
    due_on: date
