"""What pages and API show: read-only gatherings, with permission and seal looked at first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
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
    Offer,
    Ranked,
    State,
)
from brokerage.desk import store
from brokerage.desk.clock import day_in_london
from brokerage.desk.flow import FULL_AGE, editions
from brokerage.desk.record import Line, Verified, verify
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people import store as people_store
from brokerage.people.model import Authority, Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import ListedReferral, Referral, YoungPerson
from brokerage.referrals.model import State as ReferralState
from lots import store as lots
from lots.model import Category, CategoryCode, CostLine, Price, Provider, ProviderId, WeeklyCost
from lots.rules import out_of_standing, pounds, registration_on, weekly_cost
from matrix.rules import birthday
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
    lost: str | None


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
        try:
            return self.line.facts
        except ValueError:  # somebody went past the service: show what stands there, the check will name the line
            return {"unreadable": self.line.body}


@dataclass(frozen=True, slots=True)
class AgreementView:
    agreement: Agreement
    reviews: tuple[Review, ...]
    provider: str
    council: str


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """An agreement with all that its page and its paper say; `young_person` is None for a provider."""

    view: AgreementView
    category: Category
    lines: tuple[CostLine, ...]
    firm: Provider
    authority: Authority
    young_person: YoungPerson | None


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """One line of the list of agreements; `young_person` is empty for a provider."""

    agreement: Agreement
    provider: str
    young_person: str


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


@dataclass(frozen=True, slots=True)
class ToEvaluate:
    """A closed competition, how many offers stand in it, and how far its evaluation is."""

    competition: Competition
    offers: int
    scored: bool
    funding_refused: bool


@dataclass(frozen=True, slots=True)
class MyWork:
    """What waits for somebody, what closes next first. `limit` is what an approver may authorise a week."""

    open: tuple[tuple[Competition, Counts], ...]
    to_evaluate: tuple[ToEvaluate, ...]
    to_agree: tuple[tuple[Award, Competition], ...]
    to_fund: tuple[tuple[Award, Competition], ...]
    drafts: tuple[ListedReferral, ...]
    raised: tuple[ListedReferral, ...]
    bespoke: tuple[ListedReferral, ...]
    reviews: tuple[tuple[Agreement, Review], ...]
    failing_timers: int
    worker_silent: bool
    limit: Decimal


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
    block_discount: Decimal
    phone_ends: str


@dataclass(frozen=True, slots=True)
class ProviderItem:
    """One invitation in a provider's own list.

    `became` is one of waiting, chosen, agreed, not_chosen, declined, none, cancelled.
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


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Lines of the record, newest first; `older` is where the page before begins, `length` all there are."""

    items: tuple[HistoryItem, ...]
    length: int
    older: int | None
    newer: int | None


def record_page(work: Work, before: int | None, most: int) -> RecordPage:
    """Give the lines just before a place in the authority's record, or its last ones."""
    work.require(Permission.SEE_RECORD)
    length, _ = store.head(work.db, work.authority)
    end = length + 1 if before is None else max(min(before, length + 1), 1)
    first = max(end - most, 1)
    names = people_store.names(work.db, work.authority)
    lines = store.lines(work.db, work.authority, after=first - 1, most=end - first)
    items = [HistoryItem(line, _who(line.actor, names)) for line in lines]
    newer = min(end + most, length + 1) if end <= length else None
    return RecordPage(tuple(reversed(items)), length, first if first > 1 else None, newer)


def verify_record(work: Work) -> Verified:
    """Check the authority's chain from its first line to the head it has now."""
    work.require(Permission.SEE_RECORD)
    head = store.head(work.db, work.authority)
    # Lines that are written while this runs come after the head that was read.
    return verify(work.authority, store.lines(work.db, work.authority, most=head[0]), head)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a category costs in the middle of the register, and of how many tenders that is the middle."""

    price: Price
    providers: int


def median_rate(work: Work, category: CategoryCode) -> Rate:
    """Give the medians of a category's tendered prices today, for a what-if (matrix.md)."""
    work.require(Permission.SEE_REGISTER)
    held = [
        found
        for _, registrations in lots.register(work.db)
        if (found := registration_on(registrations, category, work.today))
    ]

    def middle(prices: Iterable[Decimal | None]) -> Decimal | None:
        known = [price for price in prices if price is not None]
        return pounds(median(known)) if known else None

    tendered = [one.tendered for one in held]
    accommodation = middle(one.accommodation_weekly for one in tendered)
    return Rate(Price(accommodation, middle(one.support_hourly for one in tendered)), len(held))


def agreement(work: Work, agreement_id: UUID, on: date | None = None) -> AgreementView:
    """Show an agreement to the authority's staff or to its provider. Raises NoSuchAgreement for anybody else."""
    work.require(Permission.SEE_AGREEMENT)
    if work.actor.provider_id is not None:
        found = placements.agreement_for_provider(
            work.db, ProviderId(work.actor.provider_id), AgreementId(agreement_id)
        )
    else:
        found = placements.agreement(work.db, work.authority, AgreementId(agreement_id))
    if on is not None and on < day_in_london(found.agreed_at):
        raise NoSuchAgreement(agreement_id)
    return AgreementView(
        found,
        placements.reviews(work.db, found.authority, found.id),
        lots.provider(work.db, found.provider_id).name,
        work.council(found.authority).name,
    )


def agreement_page(work: Work, agreement_id: UUID) -> AgreementPage:
    """Show an agreement with its working and its parties; the young person is named to the authority's staff only."""
    view = agreement(work, agreement_id)
    made, terms = view.agreement, view.agreement.terms
    person = None
    if people_rules.may(work.actor, Permission.SEE_REFERRAL):
        person = referral_store.referral(work.db, made.authority, made.referral_id, editions()).new.young_person
    price = Price(terms.accommodation_weekly, terms.support_hourly)
    reckoned = weekly_cost(price, terms.hours, terms.housing_benefit_weekly, terms.beds, terms.block_discount)
    return AgreementPage(
        view,
        lots.category(terms.category),
        reckoned.lines,
        lots.provider(work.db, made.provider_id),
        work.council(made.authority),
        person,
    )


def listed_agreements(work: Work) -> tuple[ListedAgreement, ...]:
    """List the agreements that concern the asker, for staff with the young person's name."""
    found = agreements(work)
    names: dict[UUID, str] = {}
    if people_rules.may(work.actor, Permission.SEE_REFERRAL):
        placed = referral_store.listed(work.db, work.authority, (ReferralState.PLACED,))
        names = {one.id: one.name for one in placed}
    return tuple(ListedAgreement(one, provider, names.get(one.referral_id, "")) for one, provider in found)


def award(work: Work, award_id: UUID) -> AwardView:
    """Show an award with the offer, the ranking, the reason and who decided. Raises NoSuchAward."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.award(work.db, work.authority, award_id)
    view = competition(work, found.competition_id)
    ask = view.competition
    born = referral_store.referral(work.db, work.authority, ask.referral_id, editions()).new.young_person.date_of_birth
    return AwardView(
        found,
        view,
        next(one for one in view.offers or () if one.bid.id == found.bid_id),
        next((one for one in view.ranking or () if one.bid_id == found.bid_id), None),
        lots.category(ask.profile.category),
        people(work),
        _limit(work),
        birthday(born, FULL_AGE),
        placements.agreement_of_award(work.db, work.authority, award_id),
    )


def people(work: Work) -> Mapping[UUID, str]:
    """Name the authority's people by their ids."""
    return {UUID(str(key)): name for key, name in people_store.names(work.db, work.authority).items()}


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
    # Awarded ones stay awarded for ever, so they are looked up one by one where they wait for somebody.
    running = competition_store.competitions(work.db, work.authority, (State.OPEN,))
    closed = competition_store.competitions(work.db, work.authority, (State.CLOSED,))
    listed = referral_store.listed(
        work.db, work.authority, (ReferralState.DRAFT, ReferralState.RAISED, ReferralState.BESPOKE)
    )

    def awards(state: AwardState) -> tuple[tuple[Award, Competition], ...]:
        found = competition_store.awards(work.db, work.authority, state)
        return tuple((one, competition_store.competition(work.db, work.authority, one.competition_id)) for one in found)

    def referrals(state: ReferralState) -> tuple[ListedReferral, ...]:
        return tuple(one for one in listed if one.state is state) if may[Permission.RAISE_REFERRAL] else ()

    agreed = {one.id: one for one in placements.agreements(work.db, work.authority)}
    upcoming = placements.upcoming_reviews(work.db, work.authority, work.today + timedelta(days=28))
    beat = store.last_beat(work.db)
    return MyWork(
        tuple((one, _counts(work, one)) for one in running),
        tuple(_to_evaluate(work, one) for one in closed) if may[Permission.EVALUATE] else (),
        awards(AwardState.FUNDED) if may[Permission.OPEN_AGREEMENT] else (),
        awards(AwardState.AWAITING_FUNDING) if may[Permission.AUTHORISE_FUNDING] else (),
        referrals(ReferralState.DRAFT),
        referrals(ReferralState.RAISED),
        referrals(ReferralState.BESPOKE),
        tuple((agreed[one.agreement_id], one) for one in upcoming if one.agreement_id in agreed),
        store.failing_timers(work.db, work.authority),
        beat is None or work.now - beat > timedelta(seconds=60),
        _limit(work),
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
        mine.declined_at is not None and gate.standing is None,
        outcome,
        mine.block_discount,
        lots.provider(work.db, gate.provider_id).mobile[-3:],
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
    return "not_chosen" if one.state is State.AWARDED else "waiting"


def _counts(work: Work, found: Competition) -> Counts:
    invitations = competition_store.invitations(work.db, found.authority, found.id)
    return counts(work, found, invitations, counts_by_subject(work.db, [one.id for one in invitations], "invitation"))


def _to_evaluate(work: Work, found: Competition) -> ToEvaluate:
    return ToEvaluate(
        found,
        competition_store.offers(work.db, found.authority, found.id),
        competition_store.scores(work.db, found.authority, found.id) is not None,
        any(one.state is AwardState.REFUSED for one in competition_store.awards_of(work.db, found.authority, found.id)),
    )


def _limit(work: Work) -> Decimal:
    """Give what the asker may authorise a week; nothing for who may not."""
    if work.actor.person_id is None:
        return Decimal(0)
    found = people_store.person(work.db, work.actor.person_id)
    return found.weekly_limit or Decimal(0) if found else Decimal(0)


def _offers(
    work: Work, found: Competition, invitations: tuple[Invitation, ...], names: Mapping[UUID, str]
) -> tuple[OfferView, ...]:
    competition_rules.unseal(found, work.now)
    by_id = {one.id: one for one in invitations}
    offers = []
    for bid in competition_store.bids(work.db, found.authority, found.id):
        cost, lines = competition_rules.cost_of(found, bid, by_id[bid.invitation_id])
        lost = out_of_standing(
            lots.provider(work.db, bid.provider_id),
            lots.registrations(work.db, bid.provider_id),
            found.profile.category,
            found.age,
            work.today,
        )
        within = cost <= found.budget_weekly
        offers.append(OfferView(bid, names[bid.provider_id], cost, lines, within, lost.reason if lost else None))
    return tuple(offers)


def _who(actor: str, names: Mapping[Any, str]) -> str:
    kind, _, key = actor.partition(":")
    if kind == "person":
        found = {str(one): name for one, name in names.items()}
        return found.get(key, "somebody who has left")
    return {"system": "the service itself", "provider": "a provider, by link"}.get(kind, kind)
