"""Evaluation, award, funding."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import OutOfStanding
from brokerage.competitions.events import (
    BidAwarded,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
)
from brokerage.competitions.model import Competition, Ranked
from brokerage.desk.flow.parts import cost_beside
from brokerage.desk.flow.profiles import categories_for
from brokerage.desk.flow.standing import standing_lost
from brokerage.desk.work import Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.people.store import person


def evaluate(work: Work, competition_id: UUID, scores: Mapping[UUID, Mapping[str, int]]) -> tuple[Ranked, ...]:
    """Keep the scores of every answer and rank the offers, with the working (A24, S12, S13)."""
    work.require(Permission.EVALUATE)
    held = _hold(work, competition_id)
    event, ranking = competitions.evaluate(work.db, held, scores, work.actor.person_id, work.now)
    work.record(event, held.referral_id)
    return ranking


def award(work: Work, competition_id: UUID, bid_id: UUID, reason: str) -> BidAwarded:
    """Choose an offer; the engine recommends, a person decides (S14, S15). Standing is looked at again (S6)."""
    work.require(Permission.AWARD)
    held = _hold(work, competition_id)
    event = competitions.award(work.db, held, bid_id, reason, work.person_id, work.now)
    categories = categories_for(held.profile.category, bespoke=held.bespoke)
    lost = standing_lost(work, event.provider_id, categories, held.age)
    if lost is not None:
        raise OutOfStanding(lost.provider, lost.rule, lost.reason)
    work.record(event, held.referral_id)
    return event


def decide_funding(
    work: Work, award_id: UUID, decision: str, reason: str
) -> FundingAuthorised | FundingRefused | FundingSupported:
    """Authorise or refuse the money, as somebody else than the person who chose (A26, S16)."""
    work.require(Permission.AUTHORISE_FUNDING)
    approver = person(work.db, work.person_id)
    if approver is None:
        raise NotSignedIn
    limit = approver.weekly_limit if approver.weekly_limit is not None else Decimal(0)
    seen = competition_store.award(work.db, work.authority, award_id)
    held = competition_store.hold(work.db, work.authority, seen.competition_id)
    beside = cost_beside(work, held)
    event = competitions.decide_funding(
        work.db, work.authority, award_id, approver.id, limit, decision, reason, work.now, beside
    )
    work.record(event, held.referral_id)
    return event


def _hold(work: Work, competition_id: UUID) -> Competition:
    """Hold a competition, then read the clock."""
    held = competition_store.hold(work.db, work.authority, competition_id)
    work.tick()
    return held
