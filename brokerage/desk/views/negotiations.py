"""The negotiation of a bespoke package, as the council and as one bidder see it (A10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import NotBespoke, NothingOffered
from brokerage.competitions.model import Bid, Competition, Invitation, Package, Round, RoundState, State
from brokerage.competitions.rules import negotiating
from brokerage.desk.flow.differences import invitation_of
from brokerage.desk.flow.negotiations import rounds_with
from brokerage.desk.work import Work
from lots import store as lots
from lots.model import Category
from lots.rules import weekly_cost


@dataclass(frozen=True, slots=True)
class NegotiationView:
    """The negotiation with one bidder; `acts` until an offer is chosen, `holding` is what an award would take now.

    `weekly_cost` is the council's; a bidder reads it without Housing Benefit (S7).
    """

    competition: Competition
    category: Category
    invitation: Invitation
    provider: str
    council: str
    bid: Bid
    rounds: tuple[Round, ...]
    offered: Package
    holding: Package
    agreed: Round | None
    weekly_cost: Decimal
    now: datetime
    by_provider: bool

    @property
    def acts(self) -> bool:
        """Say whether anything can still be proposed or answered."""
        return self.competition.state is State.CLOSED

    @property
    def waits(self) -> Round | None:
        """Give the proposal that waits for its answer."""
        return next((one for one in self.rounds if one.state is RoundState.PROPOSED), None)


def negotiation_with(work: Work, invitation_id: UUID) -> NegotiationView:
    """Show the negotiation with one bidder, to the council or to the bidder alone.

    Raises NoSuchInvitation, NotBespoke, StillSealed, BeingOpened, NothingOffered.
    """
    mine = invitation_of(work, invitation_id)
    found = competition_store.competition(work.db, mine.authority, mine.competition_id)
    if not found.bespoke:
        raise NotBespoke
    competition_rules.unseal(found, work.now)
    bids = competition_store.bids(work.db, mine.authority, mine.competition_id)
    bid = next((one for one in bids if one.invitation_id == mine.id), None)
    if bid is None:
        raise NothingOffered
    rounds = rounds_with(work, mine)
    holding, agreed = negotiating.holding(found, bid, rounds)
    by_provider = work.actor.role.of_provider
    return NegotiationView(
        found,
        lots.category(found.profile.category),
        mine,
        lots.provider(work.db, mine.provider_id).name,
        work.council(mine.authority).name,
        bid,
        rounds,
        competition_rules.offered(found, bid),
        holding,
        agreed,
        cost_of(found, mine, holding, by_provider=by_provider),
        work.now,
        by_provider,
    )


def cost_of(found: Competition, mine: Invitation, package: Package, *, by_provider: bool) -> Decimal:
    """Reckon what a package comes to a week; for a bidder without Housing Benefit, which it does not see (S7)."""
    if not by_provider:
        return competition_rules.cost_of_package(found, package, mine)[0]
    return weekly_cost(package.price, package.hours, Decimal(0), found.profile.beds, mine.block_discount).total
