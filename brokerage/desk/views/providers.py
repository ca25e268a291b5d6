"""What a provider sees: its invitations, offers, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import service as competition_service
from brokerage.competitions import store as competition_store
from brokerage.competitions.model import (
    Asked,
    Award,
    AwardState,
    Competition,
    Gate,
    Invitation,
    LateOffer,
    Offer,
    Ranked,
    Receipt,
    State,
)
from brokerage.desk.flow.profiles import categories_for
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from lots import store as lots
from lots.model import WeeklyCost
from lots.rules import out_of_standing_in_all, weekly_cost


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What a provider may see of how its own offer did, after an award or where no offer was suitable (A24, A29)."""

    chosen: bool
    mine: Ranked | None
    none_suitable: bool = False


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation as its provider sees it. After an award the summary is gone and the outcome is there (F5).

    `answered` are everybody's questions, `unanswered` the provider's own (S26).
    Of its own standing offer it has the receipt; what it said is there again once it was opened.
    """

    gate: Gate
    competition: Competition
    council: str
    office_phone: str
    standing: Receipt | None
    opened: Offer | None
    late: tuple[LateOffer, ...]
    declined: bool
    outcome: OutcomeView | None
    block_discount: Decimal
    phone_ends: str
    answered: tuple[Asked, ...]
    unanswered: tuple[Asked, ...]
    out_of_standing: bool = False
    """Say that the firm has lost its standing since: it may still offer, and none of it can be chosen (S6)."""


@dataclass(frozen=True, slots=True)
class ProviderItem:
    """One invitation in a provider's own list.

    `became` is one of waiting, chosen, agreed, not_chosen, none_chosen, declined, none, cancelled.
    """

    competition: Competition
    invitation: Invitation
    council: str
    offered_at: datetime | None
    is_open: bool
    became: str


@dataclass(frozen=True, slots=True)
class ProviderDesk:
    open: tuple[ProviderItem, ...]
    over: tuple[ProviderItem, ...]
    now: datetime


def invitation(work: Work, gate: Gate) -> InvitationView:
    """Show an invitation to its provider; other providers' offers and their number stay unseen (S8)."""
    found = competition_store.competition(work.db, gate.authority, gate.competition_id)
    council = work.council(gate.authority)
    mine = next(
        one
        for one in competition_store.invitations(work.db, gate.authority, gate.competition_id)
        if one.id == gate.invitation_id
    )
    over = gate.now >= gate.window.closes_at
    outcome = None
    given_up = found.state is State.UNSUCCESSFUL and gate.standing is not None
    if found.state is State.AWARDED or given_up:
        with work.beyond_walls():  # a rank is among all offers; only the own one leaves
            award = competition_store.live_award(work.db, gate.authority, gate.competition_id)
            ranked = competition_service.ranking(work.db, found, max(work.now, found.window.closes_at)) or ()
        own = next((row for row in ranked if row.provider_id == gate.provider_id), None)
        outcome = OutcomeView(award is not None and award.provider_id == gate.provider_id, own, given_up)
    asked = competition_store.questions(work.db, gate.authority, gate.competition_id)
    firm, registrations = lots.provider(work.db, gate.provider_id), lots.registrations(work.db, gate.provider_id)
    categories = categories_for(found.profile.category, bespoke=found.bespoke)
    lost = out_of_standing_in_all(firm, registrations, categories, found.age, work.today)
    return InvitationView(
        gate,
        found,
        council.name,
        council.office_phone,
        competition_store.standing_bid(work.db, gate),
        competition_store.opened_offer(work.db, gate) if found.unsealed_at is not None else None,
        competition_store.late_offers(work.db, gate.authority, gate.competition_id, gate.invitation_id) if over else (),
        mine.declined_at is not None and gate.standing is None,
        outcome,
        mine.block_discount,
        firm.mobile[-3:],
        tuple(one for one in asked if one.answered_at),
        tuple(one for one in asked if not one.answered_at and one.invitation_id == gate.invitation_id),
        lost is not None,
    )


def cost_of_offer(view: InvitationView, offer: Offer) -> WeeklyCost:
    """Reckon what an offer comes to a week, line by line, before it is sent (S21, S23).

    Without Housing Benefit: what a young person is paid is not among what providers see (S7).
    """
    found = view.competition
    return weekly_cost(
        offer.price,
        competition_rules.priced_hours(found.profile),
        Decimal(0),
        found.profile.beds,
        view.block_discount,
    )


def invitations_of_provider(work: Work) -> tuple[tuple[Competition, Invitation, Award | None, str], ...]:
    """List what the signed-in provider was invited to, the next to close first, with the council's name."""
    work.require(Permission.BID)
    if work.actor.provider_id is None:
        return ()
    found = competition_store.of_provider(work.db, work.actor.provider_id)
    return tuple((one, mine, award, work.council(one.authority).name) for one, mine, award in found)


def provider_desk(work: Work) -> ProviderDesk:
    """Gather what waits for the signed-in provider and what became of its offers; of others it says nothing (S8)."""
    standing = competition_store.standing_of_provider(work.db, work.actor.provider_id) if work.actor.provider_id else {}
    open_: list[ProviderItem] = []
    over: list[ProviderItem] = []
    for one, mine, award, council in invitations_of_provider(work):
        is_open = one.state is State.OPEN and work.now < one.window.closes_at
        item = ProviderItem(one, mine, council, standing.get(mine.id), is_open, _became(one, mine, award, standing))
        (open_ if is_open else over).append(item)
    open_.sort(key=lambda item: item.competition.window.closes_at)
    over.sort(key=lambda item: item.competition.window.closes_at, reverse=True)
    return ProviderDesk(tuple(open_), tuple(over), work.now)


def _became(one: Competition, mine: Invitation, award: Award | None, standing: Mapping[UUID, datetime]) -> str:
    """Say in one word what became of a provider's part; a window that nobody offered in looks like any other."""
    if one.state is State.CANCELLED:
        return "cancelled"
    if award is not None and award.state is not AwardState.REFUSED:
        return "agreed" if award.state is AwardState.AGREED else "chosen"
    if mine.id not in standing:
        return "declined" if mine.declined_at else "none"
    return {State.AWARDED: "not_chosen", State.UNSUCCESSFUL: "none_chosen"}.get(one.state, "waiting")
