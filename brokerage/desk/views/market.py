"""What a running placement would look for, back in the market (A41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.flow.market import carried, last_review
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import ListedReferral
from lots import store as lots
from placements import store as placements
from placements.model import Agreement, HeldReview, Terms
from placements.rules import version_on


@dataclass(frozen=True, slots=True)
class MarketPage:
    """An agreement, the terms that hold, the last review, the case carried over, and what went to the market before."""

    agreement: Agreement
    provider: str
    terms: Terms
    review: HeldReview | None
    document: Mapping[str, object]
    searches: tuple[ListedReferral, ...]

    @property
    def looking(self) -> ListedReferral | None:
        """Give the search that is not finished."""
        return next((one for one in self.searches if one.state in referral_store.LOOKING), None)


def market_page(work: Work, agreement_id: UUID) -> MarketPage:
    """Show what would be carried over from an agreement. Raises NoSuchAgreement."""
    work.require(Permission.SEE_REFERRAL)
    found = agreement_of(work, agreement_id)
    return MarketPage(
        found,
        lots.provider(work.db, found.provider_id).name,
        version_on(placements.versions(work.db, found.authority, found.id), work.today).terms,
        last_review(work, found),
        carried(work, found),
        referral_store.from_agreement(work.db, found.authority, found.id),
    )
