"""The verbs of a difference of category: recorded with its price, agreed by the other party (A11)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from brokerage.competitions import store
from brokerage.competitions.events import DifferenceAnswered, DifferenceProposed
from brokerage.competitions.model import (
    Competition,
    Difference,
    DifferenceId,
    DifferenceState,
    DifferenceVerb,
    Invitation,
)
from brokerage.competitions.rules import deciding, differing
from brokerage.competitions.rules.content import words_digest
from lots.model import Price


def propose_difference(
    db: Connection,
    competition: Competition,
    invitation: Invitation,
    differences: str,
    expertise: str,
    price: Price,
    person_id: UUID,
    now: datetime,
    *,
    by_provider: bool,
) -> DifferenceProposed:
    """Record what no category fits, what meets it, and the price for it, in a held competition that runs.

    Raises CompetitionCancelled, WindowOver, DifferenceNeedless, DifferenceOpen.
    """
    deciding.runs(competition, now)
    differing.check_difference(price, invitation.tendered, bespoke=competition.bespoke)
    found = Difference(
        competition.authority,
        DifferenceId(uuid4()),
        competition.id,
        invitation.id,
        invitation.provider_id,
        differences,
        expertise,
        price,
        DifferenceState.PROPOSED,
        by_provider,
        person_id,
        now,
    )
    store.add_difference(db, found)
    return DifferenceProposed(
        competition.authority,
        competition.id,
        found.id,
        invitation.id,
        invitation.provider_id,
        competition.reference,
        by_provider,
        words_digest(f"{differences}\n{expertise}"),
        now,
    )


def answer_difference(
    db: Connection,
    competition: Competition,
    difference: Difference,
    verb: DifferenceVerb,
    person_id: UUID,
    now: datetime,
    *,
    by_provider: bool,
) -> DifferenceAnswered:
    """Agree, refuse or take back a difference in a held competition that runs.

    Raises CompetitionCancelled, WindowOver, DifferenceDecided, OwnDifference, OthersDifference.
    """
    deciding.runs(competition, now)
    answered = differing.answer_difference(difference, verb, person_id, now, by_provider=by_provider)
    store.save_difference(db, answered)
    return DifferenceAnswered(
        competition.authority,
        competition.id,
        answered.id,
        answered.invitation_id,
        answered.provider_id,
        competition.reference,
        answered.state.value,
        by_provider,
        now,
    )
