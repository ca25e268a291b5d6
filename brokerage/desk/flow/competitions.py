"""Competitions: opened, closed, looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import NoSuchCompetition
from brokerage.competitions.events import (
    BidPlaced,
    BidsOpened,
    CompetitionClosed,
    CompetitionOpened,
)
from brokerage.competitions.model import (
    Competition,
    CompetitionId,
    Ending,
    Opener,
    Standing,
    State,
    Weights,
)
from brokerage.competitions.rules import splitting
from brokerage.desk import store
from brokerage.desk.flow.parts import give_back, seek
from brokerage.desk.flow.profiles import categories_for, editions, lots_eligible, profile_of
from brokerage.desk.record import kind_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import State as ReferralState
from brokerage.referrals.model import Verb
from lots import rules as lot_rules
from lots import store as lots
from lots.model import CategoryCode, Need, ProviderId, Wants
from matrix.rules import age_on


def open_competition(work: Work, referral_id: UUID, weights: Weights) -> CompetitionOpened:
    """Invite every provider registered for the category, at once, with the de-identified profile (A20, S1, S4).

    A bespoke package is advertised: to who is registered in any category of its lot (A10).
    """
    work.require(Permission.OPEN_COMPETITION)
    return invite(work, referral_id, weights)


def invite(
    work: Work,
    referral_id: UUID,
    weights: Weights,
    category: CategoryCode | None = None,
    follows: CompetitionId | None = None,
    part: Wants | None = None,
    *,
    bespoke: bool | None = None,
) -> CompetitionOpened:
    """Publish a referral, in another category of its lot where one was decided on (A29), or one part of it (A23).

    As bespoke or not as the referral stands, unless it is said.
    """
    stood = seek(work, referral_id, part)
    bespoke = stood is ReferralState.BESPOKE if bespoke is None else bespoke
    referral = referral_store.referral(work.db, work.authority, referral_id, editions())
    council = work.council(work.authority)
    today = work.today
    age = age_on(referral.new.young_person.date_of_birth, today)
    profile = splitting.part_profile(profile_of(referral, today, bespoke=bespoke), part)
    if category is not None:
        profile = replace(profile, category=category)
    need = Need(profile.category, age, profile.wants, referral.hours, referral.new.beds)
    event = competitions.open_competition(
        work.db,
        work.authority,
        referral_id,
        referral.reference,
        referral.new.urgency.value,
        profile,
        age,
        weights,
        lots_eligible(work, need, today, bespoke=bespoke),
        referral.new.indicative_budget_weekly,
        splitting.part_benefit(referral.new.housing_benefit_weekly, part),
        lots.profiles()[council.legal_profile].invitation_words,
        work.actor.person_id,
        work.now,
        waits_for_morning=council.urgent_waits_for_morning,
        follows=follows,
        part=part,
        recipients=work.desk.recipients,
    )
    work.record(event, referral_id)
    return event


def open_parts(work: Work, referral_id: UUID, weights: Weights) -> tuple[CompetitionOpened, ...]:
    """Publish a referral in two parts: accommodation and support, each with its own providers, at one instant (A23).

    Raises NotInParts where there is one thing to buy, NobodyEligible where a part has no provider.
    """
    work.require(Permission.OPEN_COMPETITION)
    return invite_parts(work, referral_id, weights)


def invite_parts(
    work: Work,
    referral_id: UUID,
    weights: Weights,
    category: CategoryCode | None = None,
    follows: CompetitionId | None = None,
) -> tuple[CompetitionOpened, ...]:
    """Publish both parts of a referral for which nothing runs."""
    seek(work, referral_id, None)
    referral = referral_store.referral(work.db, work.authority, referral_id, editions())
    splitting.check_split(referral.new.wants, referral.hours)
    return tuple(invite(work, referral_id, weights, category, follows, part) for part in splitting.PARTS)


def close_competition(work: Work, competition_id: UUID) -> CompetitionClosed | None:
    """Close a competition, waiting for offers in flight; None when it is not over, or was closed or cancelled."""
    held = competition_store.hold_ending(work.db, work.authority, (competition_id,), wait=True)
    if not held:
        raise NoSuchCompetition
    work.tick()
    return _close_held(work, held).get(competition_id)


def close_competitions(work: Work, competition_ids: Sequence[UUID]) -> Mapping[UUID, CompetitionClosed | None]:
    """Close several competitions in the order given, as `close_competition` does each.

    One that an offer in flight holds is not waited for: it is left out of the answer.
    """
    places = {competition_id: place for place, competition_id in enumerate(competition_ids)}
    held = competition_store.hold_ending(work.db, work.authority, competition_ids, wait=False)
    work.tick()
    closed = _close_held(work, sorted(held, key=lambda one: places[one.id]))
    return {one.id: closed.get(one.id) for one in held}


def open_bids(work: Work, competition_id: UUID, opener: Opener) -> BidsOpened:
    """Open the seal of a competition, once and for all its offers, after the close (A21).

    Where no worker has closed it, that is done first. The key is handed in: nothing that serves pages holds one.
    Raises StillSealed, AlreadyOpened, NotNow, WrongKey.
    """
    held = hold_closed(work, competition_id)
    event, broken = competitions.open_bids(work.db, held, opener, _recorded(work, held), work.now)
    work.record(event, held.referral_id)
    for alarm in broken:
        work.record(alarm, held.referral_id)
    return event


def _recorded(work: Work, held: Competition) -> dict[UUID, str]:
    """Give the digest of each received offer as the record has it since then."""
    lines = store.lines(work.db, work.authority, about=held.referral_id)
    placed = (line.facts for line in lines if line.kind == kind_of(BidPlaced))
    return {UUID(facts["bid_id"]): facts["digest"] for facts in placed}


def hold_closed(work: Work, competition_id: UUID) -> Competition:
    """Hold a competition, then read the clock; close it first where its window is over and no worker came by."""
    close_competition(work, competition_id)
    return competition_store.hold(work.db, work.authority, competition_id)


def _close_held(work: Work, held: Sequence[Ending]) -> Mapping[UUID, CompetitionClosed]:
    """Close those of the held competitions whose window is over, noting whose standing was lost meanwhile (S6)."""
    over = [one for one in held if one.state is State.OPEN and work.now >= one.window.closes_at]
    if not over:
        return {}
    standing = competition_store.standing(work.db, work.authority, [one.id for one in over])
    gone = _out_of_standing(work, over, standing)
    events = competitions.close_competitions(work.db, work.authority, over, standing, gone, work.now)
    bespoke = {one.id for one in over if one.bespoke}
    for verb, advertised in ((Verb.RETURN, False), (Verb.RETURN_BESPOKE, True)):
        empty = [one.referral_id for one in events if one.bids == 0 and (one.competition_id in bespoke) is advertised]
        give_back(work, empty, verb)
    work.record_all([(event, event.referral_id) for event in events])
    return {event.competition_id: event for event in events}


def _out_of_standing(
    work: Work, closing: Sequence[Ending], standing: Mapping[UUID, Sequence[Standing]]
) -> Mapping[UUID, tuple[tuple[UUID, str], ...]]:
    """Say, by competition, who bid and may no longer be placed with, and by which rule."""
    bidders = {offer.provider_id for those in standing.values() for offer in those}
    known = lots.hold_standings(work.db, bidders) if bidders else {}

    @cache  # windows that end together ask the same of the same few firms
    def rule(provider_id: ProviderId, categories: tuple[CategoryCode, ...], age: int) -> str | None:
        found = lot_rules.out_of_standing_in_all(*known[provider_id], categories, age, work.today)
        return None if found is None else found.rule

    def lost(one: Ending) -> Iterator[tuple[UUID, str]]:
        for offer in standing[one.id]:
            broken = rule(offer.provider_id, categories_for(one.category, bespoke=one.bespoke), one.age)
            if broken is not None:
                yield offer.provider_id, broken

    return {one.id: tuple(lost(one)) for one in closing}
