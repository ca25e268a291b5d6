"""Competitions: opened, closed."""

from __future__ import annotations

from uuid import UUID

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.events import (
    BidPlaced,
    BidsOpened,
    CompetitionClosed,
    CompetitionOpened,
)
from brokerage.competitions.model import (
    Competition,
    Fate,
    Opener,
    State,
    Weights,
)
from brokerage.desk import store
from brokerage.desk.flow.profiles import editions, lots_eligible, profile_of
from brokerage.desk.record import kind_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import Verb
from lots import rules as lot_rules
from lots import store as lots
from lots.model import Exclusion, Need, ProviderId
from matrix.rules import age_on


def open_competition(work: Work, referral_id: UUID, weights: Weights) -> CompetitionOpened:
    """Invite every provider registered for the category, at once, with the de-identified profile (A20, S1, S4)."""
    work.require(Permission.OPEN_COMPETITION)
    referrals.move_referral(work.db, work.authority, referral_id, Verb.SEEK, work.now)
    referral = referral_store.referral(work.db, work.authority, referral_id, editions())
    council = work.council(work.authority)
    today = work.today
    age = age_on(referral.new.young_person.date_of_birth, today)
    need = Need(referral.category, age, referral.new.wants, referral.hours, referral.new.beds)
    event = competitions.open_competition(
        work.db,
        work.authority,
        referral_id,
        referral.reference,
        referral.new.urgency.value,
        profile_of(referral, today),
        age,
        weights,
        lots_eligible(work, need, today),
        referral.new.indicative_budget_weekly,
        referral.new.housing_benefit_weekly,
        council.legal_basis,
        work.actor.person_id,
        work.now,
        waits_for_morning=council.urgent_waits_for_morning,
        recipients=work.desk.recipients,
    )
    work.record(event, referral_id)
    return event


def close_competition(work: Work, competition_id: UUID) -> CompetitionClosed | None:
    """Close a competition whose window is over; None when that was done or is not needed any more."""
    held = competition_store.hold(work.db, work.authority, competition_id)
    if held.state is not State.OPEN:
        return None
    work.tick()
    return close_held(work, held)


def close_held(work: Work, held: Competition) -> CompetitionClosed:
    """Close a held competition whose window is over, noting whose standing was lost meanwhile (S6)."""
    standing = [
        one.bid for one in competition_store.received(work.db, held.authority, held.id) if one.fate is Fate.STANDING
    ]
    lost = (standing_lost(work, held, bid.provider_id) for bid in standing)
    gone = tuple((one.provider_id, one.rule) for one in lost if one is not None)
    event = competitions.close_competition(work.db, held, gone, work.now)
    if event.bids == 0:
        referrals.move_referral(work.db, work.authority, held.referral_id, Verb.RETURN, work.now)
    work.record(event, held.referral_id)
    return event


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
