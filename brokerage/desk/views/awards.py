"""Awards and who decides about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import store as competition_store
from brokerage.competitions.model import (
    Award,
    Package,
    Ranked,
)
from brokerage.desk.flow import FULL_AGE, editions
from brokerage.desk.views.competitions import CompetitionView, OfferView, competition
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from lots import store as lots
from lots.model import Category
from matrix.rules import birthday
from placements import store as placements
from placements.model import Agreement


@dataclass(frozen=True, slots=True)
class AwardView:
    """All that an approver needs to decide on the money, and a coordinator to agree the start."""

    award: Award
    competition: CompetitionView
    offer: OfferView
    ranked: Ranked | None
    category: Category
    names: Mapping[UUID, str]
    limit: Decimal
    turns_18_on: date
    agreement: Agreement | None
    package: Package
    lines: tuple[str, ...]
    """What the award takes, as offered or as negotiated (A10), and how its weekly cost is reckoned."""


def award(work: Work, award_id: UUID) -> AwardView:
    """Show an award with the offer, the ranking, the reason and who decided. Raises NoSuchAward."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.award(work.db, work.authority, award_id)
    view = competition(work, found.competition_id)
    ask = view.competition
    offer = next(one for one in view.offers or () if one.bid.id == found.bid_id)
    agreed = competition_store.round_of(work.db, found.round_id) if found.round_id else None
    package = agreed.package if agreed else competition_rules.offered(ask, offer.bid)
    invitation = next(one.invitation for one in view.invited if one.invitation.id == offer.bid.invitation_id)
    born = referral_store.referral(work.db, work.authority, ask.referral_id, editions()).new.young_person.date_of_birth
    return AwardView(
        found,
        view,
        offer,
        next((one for one in view.ranking or () if one.bid_id == found.bid_id), None),
        lots.category(ask.profile.category),
        people(work),
        limit_of(work),
        birthday(born, FULL_AGE),
        placements.agreement_of_award(work.db, work.authority, award_id),
        package,
        competition_rules.cost_of_package(ask, package, invitation)[1],
    )


def people(work: Work) -> Mapping[UUID, str]:
    """Name the authority's people by their ids."""
    return {UUID(str(key)): name for key, name in people_store.names(work.db, work.authority).items()}


def limit_of(work: Work) -> Decimal:
    """Give what the asker may authorise a week; nothing for who may not."""
    if work.actor.person_id is None:
        return Decimal(0)
    found = people_store.person(work.db, work.actor.person_id)
    return found.weekly_limit or Decimal(0) if found else Decimal(0)
