"""Seals: what offers are sealed to, the opening, and what came too late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, and_, case, func, insert, select, update

from brokerage.competitions.model import (
    BidId,
    CompetitionId,
    Fate,
    Gate,
    InvitationId,
    LateOffer,
    Offer,
    Received,
    Seal,
    SealedBid,
    State,
    Unopened,
)
from brokerage.competitions.rules.content import offer_facts
from brokerage.competitions.store.documents import as_json
from brokerage.competitions.tables import BID, COMPETITION, INVITATION, LATE_OFFER, OPENED_BID, SEAL
from lots.model import ProviderId

_STANDS = and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.id == BID.c.invitation_id)


def add_seal(db: Connection, authority: str, competition_id: UUID, made: Seal) -> None:
    db.execute(
        insert(SEAL).values(
            authority=authority,
            competition_id=competition_id,
            public_key=made.public,
            wrapped=made.wrapped,
            wrapped_for_recovery=made.wrapped_for_recovery,
        )
    )


def seal(db: Connection, authority: str, competition_id: UUID) -> Seal:
    """Give what a competition's offers are sealed to, with the wrapped key that opens them."""
    row = db.execute(select(SEAL).where(SEAL.c.authority == authority, SEAL.c.competition_id == competition_id)).one()
    return Seal(row.public_key, row.wrapped, row.wrapped_for_recovery)


def received(db: Connection, authority: str, competition_id: UUID) -> tuple[Received, ...]:
    """List every offer that a competition received, still sealed, with its fate; the first received first."""
    fate = case(
        (INVITATION.c.standing_bid == BID.c.id, Fate.STANDING.value),
        (BID.c.withdrawn_at.is_not(None), Fate.WITHDRAWN.value),
        else_=Fate.REPLACED.value,
    )
    rows = db.execute(
        select(BID, fate.label("fate"))
        .join(INVITATION, _STANDS)
        .where(BID.c.authority == authority, BID.c.competition_id == competition_id)
        .order_by(BID.c.received_at, BID.c.id)
    )
    return tuple(
        Received(
            SealedBid(
                BidId(row.id),
                CompetitionId(row.competition_id),
                ProviderId(row.provider_id),
                InvitationId(row.invitation_id),
                row.version,
                row.received_at,
                row.digest,
                row.sealed,
            ),
            Fate(row.fate),
        )
        for row in rows
    )


def put_opened(db: Connection, authority: str, opened: Mapping[BidId, Offer], now: datetime) -> None:
    """Keep what the standing offers said."""
    if opened:
        db.execute(
            insert(OPENED_BID),
            [
                {
                    "authority": authority,
                    "bid_id": bid_id,
                    "content": as_json(offer_facts(offer)),
                    "opened_at": now,
                }
                for bid_id, offer in opened.items()
            ],
        )


def save_unsealed(db: Connection, authority: str, competition_id: UUID, now: datetime) -> None:
    db.execute(
        update(COMPETITION)
        .where(COMPETITION.c.authority == authority, COMPETITION.c.id == competition_id)
        .values(unsealed_at=now)
    )


def closed_unopened(db: Connection, before: datetime) -> tuple[UUID, ...]:
    """List the competitions whose offers ought to have been opened: closed before an instant and still sealed."""
    return tuple(
        db.execute(
            select(COMPETITION.c.id)
            .where(
                COMPETITION.c.state == State.CLOSED.value,
                COMPETITION.c.unsealed_at.is_(None),
                COMPETITION.c.closed_at < before,
            )
            .order_by(COMPETITION.c.closed_at)
            .limit(20)
        ).scalars()
    )


def unopened(db: Connection, authority: str, competition_id: UUID) -> tuple[Unopened, ...]:
    """List the standing offers that have no opened content. Called only after the opening: their seal was broken."""
    rows = db.execute(
        select(BID.c.id, BID.c.provider_id, BID.c.received_at, BID.c.digest)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .outerjoin(OPENED_BID, and_(OPENED_BID.c.authority == BID.c.authority, OPENED_BID.c.bid_id == BID.c.id))
        .where(BID.c.authority == authority, BID.c.competition_id == competition_id, OPENED_BID.c.bid_id.is_(None))
        .order_by(BID.c.received_at, BID.c.id)
    )
    return tuple(Unopened(BidId(row.id), ProviderId(row.provider_id), row.received_at, row.digest) for row in rows)


def add_late_offer(db: Connection, at: Gate, late: LateOffer, most: int) -> bool:
    """Keep that an offer came too late, unless so many of its invitation are kept; say whether it was kept.

    Only the invitation is held, so that a storm of late offers delays nobody's close.
    """
    mine = LATE_OFFER.c.authority == at.authority, LATE_OFFER.c.invitation_id == at.invitation_id
    kept = select(func.count()).select_from(LATE_OFFER).where(*mine)
    if db.execute(kept).scalar_one() >= most:
        return False
    db.execute(
        select(INVITATION.c.id)
        .where(INVITATION.c.authority == at.authority, INVITATION.c.id == at.invitation_id)
        .with_for_update()
    )
    if db.execute(kept).scalar_one() >= most:
        return False
    db.execute(
        insert(LATE_OFFER).values(
            authority=at.authority,
            id=uuid4(),
            competition_id=at.competition_id,
            invitation_id=at.invitation_id,
            provider_id=at.provider_id,
            received_at=late.received_at,
            closes_at=late.closes_at,
            digest=late.digest,
        )
    )
    return True


def late_offers(
    db: Connection, authority: str, competition_id: UUID, invitation_id: UUID | None = None
) -> tuple[LateOffer, ...]:
    """List what came too late, of one invitation or of all, the first received first."""
    wanted = select(LATE_OFFER).where(
        LATE_OFFER.c.authority == authority, LATE_OFFER.c.competition_id == competition_id
    )
    if invitation_id is not None:
        wanted = wanted.where(LATE_OFFER.c.invitation_id == invitation_id)
    rows = db.execute(wanted.order_by(LATE_OFFER.c.received_at, LATE_OFFER.c.id))
    return tuple(LateOffer(ProviderId(row.provider_id), row.received_at, row.closes_at, row.digest) for row in rows)
