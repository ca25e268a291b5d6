"""Competitions: opened, closed, looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.events import (
    CompetitionClosed,
    CompetitionOpened,
)
from brokerage.competitions.model import (
    Competition,
    CompetitionId,
    State,
    Weights,
)
from brokerage.desk.flow.profiles import editions, lots_eligible, profile_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import Verb
from lots import rules as lot_rules
from lots import store as lots
from lots.model import CategoryCode, Exclusion, Need, ProviderId
from matrix.rules import age_on


def open_competition(work: Work, referral_id: UUID, weights: Weights) -> CompetitionOpened:
    """Invite every provider registered for the category, at once, with the de-identified profile (A20, S1, S4)."""
    work.require(Permission.OPEN_COMPETITION)
    return invite(work, referral_id, weights)


def invite(
    work: Work,
    referral_id: UUID,
    weights: Weights,
    category: CategoryCode | None = None,
    follows: CompetitionId | None = None,
) -> CompetitionOpened:
    """Publish a referral, in another category of its lot where one was decided on (A29)."""
    referrals.move_referral(work.db, work.authority, referral_id, Verb.SEEK, work.now)
    referral = referral_store.referral(work.db, work.authority, referral_id, editions())
    council = work.council(work.authority)
    today = work.today
    age = age_on(referral.new.young_person.date_of_birth, today)
    profile = profile_of(referral, today)
    if category is not None:
        profile = replace(profile, category=category)
    need = Need(profile.category, age, referral.new.wants, referral.hours, referral.new.beds)
    event = competitions.open_competition(
        work.db,
        work.authority,
        referral_id,
        referral.reference,
        referral.new.urgency.value,
        profile,
        age,
        weights,
        lots_eligible(work, need, today),
        referral.new.indicative_budget_weekly,
        referral.new.housing_benefit_weekly,
        council.legal_basis,
        work.actor.person_id,
        work.now,
        waits_for_morning=council.urgent_waits_for_morning,
        follows=follows,
    )
    work.record(event, referral_id)
    return event


def close_competition(work: Work, competition_id: UUID, due_at: datetime | None = None) -> CompetitionClosed | None:
    """Close a competition whose window is over; None when that was done or is not needed any more.

    `due_at` is the instant a timer was set for: one from before an extension does nothing, a later one is set (S27).
    Raises NotNow for a window that is not over.
    """
    held = competition_store.hold(work.db, work.authority, competition_id)
    if held.state is not State.OPEN or (due_at is not None and due_at < held.window.closes_at):
        return None
    work.tick()
    return close_held(work, held)


def close_held(work: Work, held: Competition) -> CompetitionClosed:
    """Close a held competition whose window is over, noting whose standing was lost meanwhile (S6)."""
    lost = (
        standing_lost(work, held, bid.provider_id) for bid in competition_store.bids(work.db, held.authority, held.id)
    )
    gone = tuple((one.provider_id, one.rule) for one in lost if one is not None)
    event = competitions.close_competition(work.db, held, gone, work.now)
    if event.bids == 0:
        referrals.move_referral(work.db, work.authority, held.referral_id, Verb.RETURN, work.now)
    work.record(event, held.referral_id)
    return event


def hold_closed(work: Work, competition_id: UUID) -> Competition:
    """Hold a competition, then read the clock; close it first where its window is over and no worker came by."""
    held = competition_store.hold(work.db, work.authority, competition_id)
    work.tick()
    if held.state is State.OPEN and work.now >= held.window.closes_at:
        close_held(work, held)
        return competition_store.competition(work.db, work.authority, competition_id)
    return held


def standing_lost(work: Work, held: Competition, provider_id: UUID) -> Exclusion | None:
    """Say why a provider may not be given this placement today, holding its standing as it is (S6)."""
    provider, registrations = lots.hold_standing(work.db, ProviderId(provider_id))
    return lot_rules.out_of_standing(provider, registrations, held.profile.category, held.age, work.today)
