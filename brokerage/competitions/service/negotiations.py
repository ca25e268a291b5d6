"""The verbs of a negotiation on a bespoke package: proposed by one party, answered by the other (A10)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from brokerage.competitions import store
from brokerage.competitions.errors import NothingOffered, RoundOpen
from brokerage.competitions.events import RoundAnswered, RoundProposed
from brokerage.competitions.model import (
    Competition,
    Invitation,
    Package,
    Round,
    RoundId,
    RoundState,
    RoundVerb,
)
from brokerage.competitions.rules import negotiating
from brokerage.competitions.rules.content import words_digest


def propose_round(
    db: Connection,
    competition: Competition,
    invitation: Invitation,
    package: Package,
    words: str,
    person_id: UUID,
    now: datetime,
    *,
    by_provider: bool,
) -> RoundProposed:
    """Record a proposal to or of one bidder, in a held bespoke competition whose offers are opened.

    Raises what `negotiate` raises, NothingOffered, RoundOpen.
    """
    negotiating.negotiate(competition, now)
    bids = store.bids(db, competition.authority, competition.id)
    if not any(one.invitation_id == invitation.id for one in bids):
        raise NothingOffered
    all_rounds = store.rounds(db, competition.authority, competition.id)
    before = [one for one in all_rounds if one.invitation_id == invitation.id]
    if any(one.state is RoundState.PROPOSED for one in before):
        raise RoundOpen
    found = Round(
        competition.authority,
        RoundId(uuid4()),
        competition.id,
        invitation.id,
        invitation.provider_id,
        len(before) + 1,
        package,
        words,
        RoundState.PROPOSED,
        by_provider,
        person_id,
        now,
    )
    store.add_round(db, found)
    return RoundProposed(
        competition.authority,
        competition.id,
        found.id,
        invitation.id,
        invitation.provider_id,
        competition.reference,
        found.number,
        package.hours,
        package.price.accommodation_weekly,
        package.price.support_hourly,
        by_provider,
        words_digest(words),
        now,
    )


def answer_round(
    db: Connection,
    competition: Competition,
    found: Round,
    verb: RoundVerb,
    person_id: UUID,
    now: datetime,
    *,
    by_provider: bool,
) -> RoundAnswered:
    """Agree, refuse or take back a proposal in a held bespoke competition in which nothing is chosen yet.

    Raises what `negotiate` raises, RoundDecided, OwnRound, OthersRound.
    """
    negotiating.negotiate(competition, now)
    answered = negotiating.answer_round(found, verb, person_id, now, by_provider=by_provider)
    store.save_round(db, answered)
    return RoundAnswered(
        competition.authority,
        competition.id,
        answered.id,
        answered.invitation_id,
        answered.provider_id,
        competition.reference,
        answered.number,
        answered.state.value,
        by_provider,
        now,
    )
