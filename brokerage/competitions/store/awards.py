"""Awards and the money decided about them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, RowMapping, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from brokerage.competitions.errors import AlreadyAwarded, NoSuchAward
from brokerage.competitions.model import (
    Award,
    AwardId,
    AwardState,
    BidId,
    CompetitionId,
    FundingStep,
    RoundId,
    State,
)
from brokerage.competitions.tables import AWARD, COMPETITION, FUNDING
from lots.model import ProviderId


def add_award(db: Connection, award: Award) -> None:
    """Keep an award. Raises AlreadyAwarded when another is live: the index decides a race."""
    try:
        with db.begin_nested():
            db.execute(
                insert(AWARD).values(
                    authority=award.authority,
                    id=award.id,
                    competition_id=award.competition_id,
                    bid_id=award.bid_id,
                    provider_id=award.provider_id,
                    state=award.state.value,
                    reason=award.reason,
                    rank=award.rank,
                    weekly_cost=award.weekly_cost,
                    awarded_by=award.awarded_by,
                    awarded_at=award.awarded_at,
                    round_id=award.round_id,
                )
            )
    except IntegrityError as refused:
        live = live_award(db, award.authority, award.competition_id)
        if live is None:
            raise
        raise AlreadyAwarded(live.awarded_at, live.awarded_by) from refused


def award(db: Connection, authority: str, award_id: UUID, *, hold: bool = False) -> Award:
    """Give an award of the authority, held FOR UPDATE if wished. Raises NoSuchAward."""
    wanted = select(AWARD).where(AWARD.c.authority == authority, AWARD.c.id == award_id)
    row = db.execute(wanted.with_for_update() if hold else wanted).mappings().one_or_none()
    if row is None:
        raise NoSuchAward
    return award_of(db, row)


def awards_of(db: Connection, authority: str, competition_id: UUID) -> tuple[Award, ...]:
    rows = db.execute(
        select(AWARD)
        .where(AWARD.c.authority == authority, AWARD.c.competition_id == competition_id)
        .order_by(AWARD.c.awarded_at)
    ).mappings()
    return tuple(award_of(db, row) for row in rows)


def live_award(db: Connection, authority: str, competition_id: UUID) -> Award | None:
    live = [one for one in awards_of(db, authority, competition_id) if one.state is not AwardState.REFUSED]
    return live[0] if live else None


def awards(db: Connection, authority: str, state: AwardState) -> tuple[Award, ...]:
    """List the awards in a state whose competition still runs, the oldest first."""
    rows = db.execute(
        select(AWARD)
        .join(
            COMPETITION, and_(COMPETITION.c.authority == AWARD.c.authority, COMPETITION.c.id == AWARD.c.competition_id)
        )
        .where(
            AWARD.c.authority == authority,
            AWARD.c.state == state.value,
            COMPETITION.c.state != State.CANCELLED.value,
        )
        .order_by(AWARD.c.awarded_at)
    ).mappings()
    return tuple(award_of(db, row) for row in rows)


def save_award_state(db: Connection, authority: str, award_id: UUID, state: AwardState) -> None:
    db.execute(update(AWARD).where(AWARD.c.authority == authority, AWARD.c.id == award_id).values(state=state.value))


def add_funding(db: Connection, authority: str, award_id: UUID, step: FundingStep) -> None:
    db.execute(
        insert(FUNDING).values(
            authority=authority,
            award_id=award_id,
            approver=step.approver,
            decision=step.decision,
            reason=step.reason,
            decided_at=step.at,
        )
    )


def award_of(db: Connection, row: RowMapping) -> Award:
    steps = db.execute(
        select(FUNDING)
        .where(FUNDING.c.authority == row["authority"], FUNDING.c.award_id == row["id"])
        .order_by(FUNDING.c.decided_at)
    )
    return Award(
        row["authority"],
        AwardId(row["id"]),
        CompetitionId(row["competition_id"]),
        BidId(row["bid_id"]),
        ProviderId(row["provider_id"]),
        AwardState(row["state"]),
        row["reason"],
        row["rank"],
        row["weekly_cost"],
        row["awarded_by"],
        row["awarded_at"],
        tuple(FundingStep(step.approver, step.decision, step.reason, step.decided_at) for step in steps),
        RoundId(row["round_id"]) if row["round_id"] else None,
    )
