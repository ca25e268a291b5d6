"""The two parts of a referral beside each other (A23)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, any_, case, literal, select

from brokerage.competitions.model import Award, Competition, CompetitionId, State
from brokerage.competitions.rules.splitting import OTHER
from brokerage.competitions.store.awards import live_award
from brokerage.competitions.store.competitions import competition
from brokerage.competitions.tables import COMPETITION
from lots.model import Wants

RUNNING = (State.OPEN.value, State.CLOSED.value, State.AWARDED.value)


def sought(db: Connection, authority: str, referral_ids: Collection[UUID]) -> frozenset[UUID]:
    """Say for which of these referrals a competition is open, closed or awarded."""
    rows = db.execute(
        select(COMPETITION.c.referral_id)
        .where(
            COMPETITION.c.authority == authority,
            COMPETITION.c.referral_id == any_(literal(list(referral_ids), ARRAY(Uuid))),
            COMPETITION.c.state.in_(RUNNING),
        )
        .distinct()
    )
    return frozenset(rows.scalars())


def running_for(db: Connection, authority: str, referral_id: UUID, part: Wants) -> CompetitionId | None:
    """Give what runs for a part of a referral: that part's own competition, or one for the whole."""
    found = db.execute(
        select(COMPETITION.c.id).where(
            COMPETITION.c.authority == authority,
            COMPETITION.c.referral_id == referral_id,
            COMPETITION.c.state.in_(RUNNING),
            COMPETITION.c.part.is_distinct_from(OTHER[part].value),
        )
    ).scalar_one_or_none()
    return None if found is None else CompetitionId(found)


def sibling(db: Connection, of: Competition) -> Competition | None:
    """Give the other part's competition: the one that runs, or else the last; None for a whole."""
    if of.part is None:
        return None
    found = db.execute(
        select(COMPETITION.c.id)
        .where(
            COMPETITION.c.authority == of.authority,
            COMPETITION.c.referral_id == of.referral_id,
            COMPETITION.c.part == OTHER[of.part].value,
        )
        .order_by(case((COMPETITION.c.state.in_(RUNNING), 0), else_=1), COMPETITION.c.opens_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else competition(db, of.authority, found)


def award_beside(db: Connection, of: Competition) -> Award | None:
    """Give the live award of the other part, while its competition was not called off."""
    other = sibling(db, of)
    if other is None or other.state is not State.AWARDED:
        return None
    return live_award(db, of.authority, other.id)
