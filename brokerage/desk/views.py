"""What pages and API show: read-only gatherings, with permission and seal looked at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import service as competition_service
from brokerage.competitions import store as competition_store
from brokerage.competitions.model import (
    Award,
    AwardState,
    Bid,
    Competition,
    Counts,
    Excluded,
    Gate,
    Invitation,
    Ranked,
    State,
)
from brokerage.desk import store
from brokerage.desk.flow import editions
from brokerage.desk.record import Line
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people import store as people_store
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import ListedReferral, Referral
from brokerage.referrals.model import State as ReferralState
from lots import store as lots
from lots.model import ProviderId
from notifications.model import Counts as MessageCounts
from notifications.service import counts_by_subject
from placements import store as placements
from placements.errors import NoSuchAgreement
from placements.model import Agreement, AgreementId, Review


@dataclass(frozen=True, slots=True)
class InvitedView:
    """One invitee on the coordinator's page: how far the invitation came, never whether an offer was made (S8)."""

    invitation: Invitation
    provider: str
    email: str
    phone: str
    messages: MessageCounts


@dataclass(frozen=True, slots=True)
class OfferView:
    """An opened offer beside the others."""

    bid: Bid
    provider: str
    weekly_cost: Decimal
    lines: tuple[str, ...]
    within_budget: bool


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


@dataclass(frozen=True, slots=True)
class ReferralView:
    referral: Referral
    competitions: tuple[Competition, ...]
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of a referral's history, with the actor's name put in for reading only."""

    line: Line
    by: str

    @property
    def facts(self) -> dict[str, Any]:
        return self.line.facts


@dataclass(frozen=True, slots=True)
class AgreementView:
    agreement: Agreement
    reviews: tuple[Review, ...]
    provider: str
    council: str


@dataclass(frozen=True, slots=True)
class MyWork:
    """What waits for somebody, what closes next first."""

    open: tuple[tuple[Competition, Counts], ...]
    to_evaluate: tuple[Competition, ...]
    to_agree: tuple[tuple[Award, Competition], ...]
    to_fund: tuple[tuple[Award, Competition], ...]
    drafts: tuple[ListedReferral, ...]
    raised: tuple[ListedReferral, ...]
    bespoke: tuple[ListedReferral, ...]
    reviews: tuple[tuple[Agreement, Review], ...]
    failing_timers: int
    worker_silent: bool


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What a provider may see of how its own offer did, after an award (A24)."""

    chosen: bool
    mine: Ranked | None


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation as its provider sees it. After an award the summary is gone and the outcome is there (F5)."""

    gate: Gate
    competition: Competition
    council: str
    office_phone: str
    standing: Bid | None
    declined: bool
    outcome: OutcomeView | None


def competition(work: Work, competition_id: UUID) -> CompetitionView:
    """Show a competition: counts while it is open, offers only after the close (S8)."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    invitations = competition_store.invitations(work.db, work.authority, competition_id)
    register = {one.id: one for one in lots.providers(work.db)}
    messages = counts_by_subject(work.db, [one.id for one in invitations], "invitation")
    invited = tuple(
        sorted(
            (
                InvitedView(
                    one,
                    register[one.provider_id].name,
                    register[one.provider_id].email,
                    register[one.provider_id].phone,
                    messages.get(one.id, MessageCounts()),
                )
                for one in invitations
            ),
            key=lambda one: one.provider,
        )
    )
    names = {UUID(str(one.id)): one.name for one in register.values()}
    sealed = found.state is State.OPEN or work.now < found.window.closes_at
    awards = competition_store.awards_of(work.db, work.authority, competition_id)
    live = [one for one in awards if one.state is not AwardState.REFUSED]
    return CompetitionView(
        found,
        counts(work, found, invitations, messages),
        invited,
        competition_store.exclusions(work.db, work.authority, competition_id),
        None if sealed else _offers(work, found, invitations, names),
        {} if sealed else competition_store.scores(work.db, work.authority, competition_id) or {},
        None if sealed else competition_service.ranking(work.db, found, work.now),
        live[0] if live else None,
        awards,
        names,
    )


def counts(
    work: Work, found: Competition, invitations: tuple[Invitation, ...], messages: Mapping[UUID, MessageCounts]
) -> Counts:
    return Counts(
        len(invitations),
        sum(1 for one in invitations if messages.get(one.id, MessageCounts()).delivered),
        sum(1 for one in invitations if one.seen_at),
        sum(1 for one in invitations if one.declined_at),
        competition_store.offers(work.db, found.authority, found.id),
    )


def referral(work: Work, referral_id: UUID) -> ReferralView:
    """Show a raised referral of the authority, with what became of it."""
    work.require(Permission.SEE_REFERRAL)
    found = referral_store.referral(work.db, work.authority, referral_id, editions())
    return ReferralView(
        found,
        competition_store.competitions(work.db, work.authority, (), referral_id),
        tuple(one for one in placements.agreements(work.db, work.authority) if one.referral_id == referral_id),
    )


def history(work: Work, referral_id: UUID) -> tuple[HistoryItem, ...]:
    """Give a referral's history, newest first."""
    work.require(Permission.SEE_REFERRAL)
    names = people_store.names(work.db, work.authority)
    items = [
        HistoryItem(line, _who(line.actor, names))
        for line in store.lines(work.db, work.authority, about=referral_id, most=500)
    ]
    return tuple(reversed(items))


def record(work: Work, after: int, most: int) -> tuple[Line, ...]:
    """Give the authority's record in commit order, from a place on."""
    work.require(Permission.SEE_RECORD)
    return tuple(store.lines(work.db, work.authority, after=after, most=most))


def agreement(work: Work, agreement_id: UUID, on: date | None = None) -> AgreementView:
    """Show an agreement to the authority's staff or to its provider. Raises NoSuchAgreement for anybody else."""
    work.require(Permission.SEE_AGREEMENT)
    if work.actor.provider_id is not None:
        found = placements.agreement_for_provider(
            work.db, ProviderId(work.actor.provider_id), AgreementId(agreement_id)
        )
    else:
        found = placements.agreement(work.db, work.authority, AgreementId(agreement_id))
    if on is not None and on < found.starts_on:
        raise NoSuchAgreement(agreement_id)
    return AgreementView(
        found,
        placements.reviews(work.db, found.authority, found.id),
        lots.provider(work.db, found.provider_id).name,
        work.council(found.authority).name,
    )


def agreements(work: Work) -> tuple[tuple[Agreement, str], ...]:
    """List the agreements that concern the asker, with the provider's name."""
    work.require(Permission.SEE_AGREEMENT)
    if work.actor.provider_id is not None:
        found = placements.agreements_of_provider(work.db, ProviderId(work.actor.provider_id))
    else:
        found = placements.agreements(work.db, work.authority)
    names = {one.id: one.name for one in lots.providers(work.db)}
    return tuple((one, names[one.provider_id]) for one in found)


def my_work(work: Work) -> MyWork:
    """Gather what waits for the asker, what closes next first."""
    may = {permission: people_rules.may(work.actor, permission) for permission in Permission}
    by_state: dict[State, list[Competition]] = {}
    for one in competition_store.competitions(work.db, work.authority, (State.OPEN, State.CLOSED, State.AWARDED)):
        by_state.setdefault(one.state, []).append(one)
    running = by_state.get(State.OPEN, [])
    at_hand = {one.id: one for ones in by_state.values() for one in ones}
    listed = referral_store.listed(
        work.db, work.authority, (ReferralState.DRAFT, ReferralState.RAISED, ReferralState.BESPOKE)
    )

    def awards(state: AwardState) -> tuple[tuple[Award, Competition], ...]:
        found = competition_store.awards(work.db, work.authority, state)
        return tuple((one, at_hand[one.competition_id]) for one in found if one.competition_id in at_hand)

    def referrals(state: ReferralState) -> tuple[ListedReferral, ...]:
        return tuple(one for one in listed if one.state is state) if may[Permission.RAISE_REFERRAL] else ()

    agreed = {one.id: one for one in placements.agreements(work.db, work.authority)}
    upcoming = placements.upcoming_reviews(work.db, work.authority, work.today + timedelta(days=28))
    beat = store.last_beat(work.db)
    return MyWork(
        tuple((one, _counts(work, one)) for one in running),
        tuple(by_state.get(State.CLOSED, ())) if may[Permission.EVALUATE] else (),
        awards(AwardState.FUNDED) if may[Permission.OPEN_AGREEMENT] else (),
        awards(AwardState.AWAITING_FUNDING) if may[Permission.AUTHORISE_FUNDING] else (),
        referrals(ReferralState.DRAFT),
        referrals(ReferralState.RAISED),
        referrals(ReferralState.BESPOKE),
        tuple((agreed[one.agreement_id], one) for one in upcoming if one.agreement_id in agreed),
        store.failing_timers(work.db, work.authority),
        beat is None or work.now - beat > timedelta(seconds=60),
    )


def invitation(work: Work, gate: Gate) -> InvitationView:
    """Show an invitation to its provider; other providers' offers and their number stay unseen (S8)."""
    found = competition_store.competition(work.db, gate.authority, gate.competition_id)
    council = work.council(gate.authority)
    mine = next(
        one
        for one in competition_store.invitations(work.db, gate.authority, gate.competition_id)
        if one.id == gate.invitation_id
    )
    outcome = None
    if found.state is State.AWARDED:
        award = competition_store.live_award(work.db, gate.authority, gate.competition_id)
        ranked = competition_service.ranking(work.db, found, max(work.now, found.window.closes_at)) or ()
        own = next((row for row in ranked if row.provider_id == gate.provider_id), None)
        outcome = OutcomeView(award is not None and award.provider_id == gate.provider_id, own)
    return InvitationView(
        gate,
        found,
        council.name,
        council.office_phone,
        competition_store.standing_bid(work.db, gate),
        mine.declined_at is not None,
        outcome,
    )


def invitations_of_provider(work: Work) -> tuple[tuple[Competition, Invitation, Award | None, str], ...]:
    """List what the signed-in provider was invited to, the next to close first, with the council's name."""
    work.require(Permission.BID)
    if work.actor.provider_id is None:
        return ()
    found = competition_store.of_provider(work.db, work.actor.provider_id)
    return tuple((one, mine, award, work.council(one.authority).name) for one, mine, award in found)


def _counts(work: Work, found: Competition) -> Counts:
    invitations = competition_store.invitations(work.db, found.authority, found.id)
    return counts(work, found, invitations, counts_by_subject(work.db, [one.id for one in invitations], "invitation"))


def _offers(
    work: Work, found: Competition, invitations: tuple[Invitation, ...], names: Mapping[UUID, str]
) -> tuple[OfferView, ...]:
    competition_rules.unseal(found, work.now)
    by_id = {one.id: one for one in invitations}
    offers = []
    for bid in competition_store.bids(work.db, found.authority, found.id):
        cost, lines = competition_rules.cost_of(found, bid, by_id[bid.invitation_id])
        offers.append(OfferView(bid, names[bid.provider_id], cost, lines, cost <= found.budget_weekly))
    return tuple(offers)


def _who(actor: str, names: Mapping[Any, str]) -> str:
    kind, _, key = actor.partition(":")
    if kind == "person":
        return names.get(UUID(key), "somebody who has left")
    return "the service itself" if kind == "system" else kind
