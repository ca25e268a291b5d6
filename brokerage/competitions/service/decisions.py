"""The verbs that decide about a window: later, given up, what next (A29, S27)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from brokerage.competitions import rules, store
from brokerage.competitions.errors import AlreadyFollowed
from brokerage.competitions.events import CompetitionGivenUp, NextStepDecided, WindowExtended
from brokerage.competitions.model import Choice, Competition, Decision, Verb
from brokerage.competitions.rules import deciding
from brokerage.competitions.rules.content import words_digest
from brokerage.competitions.service import ranking
from lots.model import CategoryCode


def extend_window(
    db: Connection, competition: Competition, closes_at: datetime, reason: str, by: UUID, now: datetime
) -> WindowExtended:
    """Move the close of a held competition later, for everybody (S27).

    Raises CompetitionCancelled, WindowOver, NotLater, TooFar.
    """
    before = competition.window.closes_at
    after = deciding.extend_window(competition, closes_at, now).closes_at
    store.save_closing(db, competition.authority, competition.id, after)
    decision = Decision(Choice.EXTEND, reason, by, now, (before, after))
    store.add_decision(db, competition.authority, competition.id, decision)
    return WindowExtended(
        competition.authority,
        competition.id,
        competition.reference,
        before,
        after,
        words_digest(reason),
        now,
        tuple((one.id, one.provider_id) for one in store.invitations(db, competition.authority, competition.id)),
    )


def give_up(db: Connection, competition: Competition, reason: str, by: UUID, now: datetime) -> CompetitionGivenUp:
    """End a held, closed competition in which no offer is suitable (A29). Raises NotNow, StillSealed."""
    state = rules.move(competition.state, Verb.GIVE_UP)
    scored = ranking(db, competition, now)
    bidders = tuple(one.provider_id for one in store.bids(db, competition.authority, competition.id))
    store.save_state(db, competition.authority, competition.id, state)
    store.add_decision(db, competition.authority, competition.id, Decision(Choice.GIVE_UP, reason, by, now))
    return CompetitionGivenUp(
        competition.authority,
        competition.id,
        competition.referral_id,
        competition.reference,
        words_digest(reason),
        now,
        bidders,
        scored or (),
        competition.weights,
    )


def decide_next(
    db: Connection,
    competition: Competition,
    choice: Choice,
    category: CategoryCode | None,
    reason: str,
    by: UUID,
    now: datetime,
) -> NextStepDecided:
    """Record what comes after a held competition without a suitable offer (A29).

    Raises NothingToDecide, AlreadyFollowed.
    """
    deciding.decide_next(competition)
    following = store.follower(db, competition.authority, competition.id)
    if following is not None:
        raise AlreadyFollowed(following)
    decision = Decision(choice, reason, by, now, None, category)
    store.add_decision(db, competition.authority, competition.id, decision)
    return NextStepDecided(
        competition.authority,
        competition.id,
        competition.reference,
        choice.value,
        category.value if category else None,
        words_digest(reason),
        now,
    )
