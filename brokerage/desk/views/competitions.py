"""A competition as staff see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import service as competition_service
from brokerage.competitions import store as competition_store
from brokerage.competitions.model import (
    Asked,
    Award,
    AwardState,
    Bid,
    Choice,
    Competition,
    CompetitionId,
    Counts,
    Decision,
    Excluded,
    Invitation,
    LateOffer,
    Package,
    Ranked,
    Round,
    RoundState,
    State,
    Unopened,
)
from brokerage.competitions.rules import negotiating, splitting
from brokerage.desk.flow.profiles import categories_for
from brokerage.desk.views.parts import Beside, beside
from brokerage.desk.views.reach import NotReached, not_reached
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from lots import store as lots
from lots.model import Price, Provider, ProviderId, Wants
from lots.rules import ceiling_on, out_of_standing_in_all, over_ceiling
from notifications.model import Counts as MessageCounts
from notifications.service import counts_by_subject


@dataclass(frozen=True, slots=True)
class InvitedView:
    """One invitee on the coordinator's page: how far the invitation came, never whether an offer was made (S8)."""

    invitation: Invitation
    provider: str
    email: str
    phone: str
    messages: MessageCounts

    @property
    def not_reached(self) -> bool:
        """Say that nothing got through or is on its way, and that the link was not opened."""
        said = self.messages
        return bool(said.failed) and not (said.delivered or said.sent or said.waiting or self.invitation.seen_at)


@dataclass(frozen=True, slots=True)
class OfferView:
    """An opened offer beside the others."""

    bid: Bid
    provider: str
    weekly_cost: Decimal
    lines: tuple[str, ...]
    within_budget: bool
    lost: str | None
    above: tuple[tuple[Wants, Decimal, Decimal], ...] = ()
    """What is offered above the council's ceiling, as (item, offered, ceiling): flagged, never refused."""
    tendered: Price | None = None
    """What the provider tendered, beside an offer for a bespoke package, which it does not hold (A10)."""
    negotiated: Negotiated | None = None


@dataclass(frozen=True, slots=True)
class Negotiated:
    """How far the negotiation of one offer is: what an award of it takes now, and whether a proposal waits."""

    package: Package
    weekly_cost: Decimal
    lines: tuple[str, ...]
    agreed: Round | None
    waits: Round | None
    rounds: int


@dataclass(frozen=True, slots=True)
class CompetitionView:
    competition: Competition
    counts: Counts
    invited: tuple[InvitedView, ...]
    excluded: tuple[Excluded, ...]
    offers: tuple[OfferView, ...] | None
    scores: Mapping[UUID, Mapping[str, int]]
    ranking: tuple[Ranked, ...] | None
    award: Award | None
    awards: tuple[Award, ...]
    provider_names: Mapping[UUID, str]
    decisions: tuple[Decision, ...]
    follower: CompetitionId | None
    asked: tuple[Asked, ...]
    not_reached: tuple[NotReached, ...]
    late: tuple[LateOffer, ...]
    unopened: tuple[Unopened, ...]
    beside: Beside | None = None

    @property
    def budget_left(self) -> Decimal:
        """Give what the placement's weekly budget leaves for this competition; below zero where it is over."""
        return splitting.budget_left(self.competition, self.beside.weekly_cost if self.beside else Decimal(0))

    @property
    def unanswered(self) -> int:
        return sum(1 for one in self.asked if not one.answered_at)

    @property
    def given_up(self) -> Decision | None:
        """Give the decision that no offer was suitable, where there is one."""
        return next((one for one in self.decisions if one.choice is Choice.GIVE_UP), None)

    @property
    def is_open(self) -> bool:
        return self.competition.state is State.OPEN


@dataclass(frozen=True, slots=True)
class ToEvaluate:
    """A closed competition, how many offers stand in it, and how far its evaluation is."""

    competition: Competition
    offers: int
    scored: bool
    funding_refused: bool


def competition(work: Work, competition_id: UUID) -> CompetitionView:
    """Show a competition: counts while it is open, offers only once they were opened after the close (S8)."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    invitations = competition_store.invitations(work.db, work.authority, competition_id)
    register = {one.id: one for one in lots.providers(work.db)}
    messages = counts_by_subject(work.db, [one.id for one in invitations], "invitation")
    invited = invited_views(invitations, register, messages)
    names = {UUID(str(one.id)): one.name for one in register.values()}
    over = found.state is not State.OPEN and work.now >= found.window.closes_at
    readable = over and (found.unsealed_at is not None or found.state is State.UNSUCCESSFUL)
    awards = competition_store.awards_of(work.db, work.authority, competition_id)
    live = [one for one in awards if one.state is not AwardState.REFUSED]
    return CompetitionView(
        found,
        counts(invitations, messages, competition_store.offers(work.db, found.authority, found.id)),
        invited,
        competition_store.exclusions(work.db, work.authority, competition_id),
        _offers(work, found, invitations, names) if readable else None,
        competition_store.scores(work.db, work.authority, competition_id) or {} if readable else {},
        competition_service.ranking(work.db, found, work.now) if readable else None,
        live[0] if live else None,
        awards,
        names,
        competition_store.decisions(work.db, work.authority, competition_id),
        competition_store.follower(work.db, work.authority, competition_id),
        competition_store.questions(work.db, work.authority, competition_id),
        not_reached(work, invitations, {UUID(str(key)): one for key, one in register.items()}),
        competition_store.late_offers(work.db, work.authority, competition_id) if over else (),
        competition_store.unopened(work.db, work.authority, competition_id) if readable else (),
        beside(work, found),
    )


def invited_views(
    invitations: Sequence[Invitation],
    register: Mapping[ProviderId, Provider],
    messages: Mapping[UUID, MessageCounts],
) -> tuple[InvitedView, ...]:
    """Put invitations beside their providers and their messages, by the provider's name."""
    found = (
        InvitedView(one, provider.name, provider.email, provider.phone, messages.get(one.id, MessageCounts()))
        for one in invitations
        for provider in (register[one.provider_id],)
    )
    return tuple(sorted(found, key=lambda one: one.provider))


def counts(invitations: Sequence[Invitation], messages: Mapping[UUID, MessageCounts], offers: int) -> Counts:
    """Count how far the invitations came; of the offers only how many stand (S8)."""
    return Counts(
        len(invitations),
        sum(1 for one in invitations if messages.get(one.id, MessageCounts()).delivered),
        sum(1 for one in invitations if one.seen_at),
        sum(1 for one in invitations if one.declined_at),
        offers,
    )


def message_counts(work: Work, found: Competition) -> Counts:
    """Count for one competition, with its invitations and messages read here."""
    invitations = competition_store.invitations(work.db, found.authority, found.id)
    messages = counts_by_subject(work.db, [one.id for one in invitations], "invitation")
    return counts(invitations, messages, competition_store.offers(work.db, found.authority, found.id))


def to_evaluate(work: Work, found: Competition) -> ToEvaluate:
    """Say what waits to be evaluated in a closed competition."""
    return ToEvaluate(
        found,
        competition_store.offers(work.db, found.authority, found.id),
        competition_store.scores(work.db, found.authority, found.id) is not None,
        any(one.state is AwardState.REFUSED for one in competition_store.awards_of(work.db, found.authority, found.id)),
    )


def _offers(
    work: Work, found: Competition, invitations: tuple[Invitation, ...], names: Mapping[UUID, str]
) -> tuple[OfferView, ...]:
    competition_rules.unseal(found, work.now)
    by_id = {one.id: one for one in invitations}
    offers = []
    other = beside(work, found)
    left = splitting.budget_left(found, other.weekly_cost if other else Decimal(0))
    ceiling = ceiling_on(lots.ceilings(work.db, found.authority), found.profile.category, work.today)
    rounds = competition_store.rounds(work.db, found.authority, found.id) if found.bespoke else ()
    for bid in competition_store.bids(work.db, found.authority, found.id):
        cost, lines = competition_rules.cost_of(found, bid, by_id[bid.invitation_id])
        lost = out_of_standing_in_all(
            lots.provider(work.db, bid.provider_id),
            lots.registrations(work.db, bid.provider_id),
            categories_for(found.profile.category, bespoke=found.bespoke),
            found.age,
            work.today,
        )
        within = cost <= left
        above = over_ceiling(bid.offer.price, ceiling)
        offers.append(
            OfferView(
                bid,
                names[bid.provider_id],
                cost,
                lines,
                within,
                lost.reason if lost else None,
                above,
                by_id[bid.invitation_id].tendered,
                _negotiated(found, bid, by_id[bid.invitation_id], rounds),
            )
        )
    return tuple(offers)


def _negotiated(found: Competition, bid: Bid, invitation: Invitation, rounds: tuple[Round, ...]) -> Negotiated | None:
    if not found.bespoke:
        return None
    mine = [one for one in rounds if one.invitation_id == invitation.id]
    package, agreed = negotiating.holding(found, bid, mine)
    cost, lines = competition_rules.cost_of_package(found, package, invitation)
    waits = next((one for one in mine if one.state is RoundState.PROPOSED), None)
    return Negotiated(package, cost, lines, agreed, waits, len(mine))
