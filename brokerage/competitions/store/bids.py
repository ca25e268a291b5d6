"""Offers, and what else a provider does with its invitation."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Connection, RowMapping, Update, Uuid, and_, any_, func, literal, select, update

from brokerage.competitions.model import (
    Bid,
    BidId,
    CompetitionId,
    DeclineReason,
    Gate,
    InvitationId,
    Offer,
    Receipt,
    SealedBid,
    Standing,
)
from brokerage.competitions.rules.content import offer_of
from brokerage.competitions.tables import BID, INVITATION, OPENED_BID
from lots.model import ProviderId

_PLACE: Final = """
WITH standing AS (
  UPDATE invitation SET versions = %(version)s, standing_bid = %(id)s
   WHERE authority = %(authority)s AND id = %(invitation)s
)
INSERT INTO bid (authority, id, competition_id, provider_id, invitation_id, version, received_at, digest,
                 request_key, sealed)
VALUES (%(authority)s, %(id)s, %(competition)s, %(provider)s, %(invitation)s, %(version)s, %(received_at)s,
        %(digest)s, %(request_key)s, %(sealed)s)
"""


_READABLE: Final = tuple(column for column in BID.c if column.name != "sealed")


def put_bid(db: Connection, at: Gate, bid: SealedBid, request_key: str | None) -> None:
    """Keep a received offer as the standing one of its invitation."""
    db.exec_driver_sql(
        _PLACE,
        {
            "authority": at.authority,
            "id": bid.id,
            "competition": bid.competition_id,
            "provider": bid.provider_id,
            "invitation": bid.invitation_id,
            "version": bid.version,
            "received_at": bid.received_at,
            "digest": bid.digest,
            "request_key": request_key,
            "sealed": bid.sealed,
        },
    )


def receipt(db: Connection, at: Gate, bid_id: BidId) -> Receipt:
    """Give the receipt of an offer that was received before, so that a double click bids once."""
    row = db.execute(
        select(BID.c.id, BID.c.version, BID.c.received_at, BID.c.digest).where(
            BID.c.authority == at.authority, BID.c.id == bid_id
        )
    ).one()
    return Receipt(BidId(row.id), row.version, row.received_at, row.digest, at.window.closes_at, at.reference)


def standing_bid(db: Connection, at: Gate) -> Receipt | None:
    """Give a provider the receipt of its own standing offer; what it says is sealed from itself too."""
    return None if at.standing is None else receipt(db, at, at.standing)


def opened_offer(db: Connection, at: Gate) -> Offer | None:
    """Give a provider what was opened of its own standing offer; None before the opening."""
    content = db.execute(
        select(OPENED_BID.c.content).where(OPENED_BID.c.authority == at.authority, OPENED_BID.c.bid_id == at.standing)
    ).scalar_one_or_none()
    return None if content is None else offer_of(json.loads(content))


def standing_of_provider(db: Connection, provider_id: UUID) -> dict[UUID, datetime]:
    """Say in which of its invitations a provider's own offer stands, and since when."""
    rows = db.execute(
        select(BID.c.invitation_id, BID.c.received_at)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .where(INVITATION.c.provider_id == provider_id)
    )
    return {row.invitation_id: row.received_at for row in rows}


def withdraw_bid(db: Connection, at: Gate, now: datetime) -> str:
    """Take the standing offer back; give its digest."""
    digest: str = db.execute(
        update(BID)
        .where(BID.c.authority == at.authority, BID.c.id == at.standing)
        .values(withdrawn_at=now)
        .returning(BID.c.digest)
    ).scalar_one()
    db.execute(invitation_row(at.authority, at.invitation_id).values(standing_bid=None))
    return digest


def decline(db: Connection, at: Gate, reason: DeclineReason, note: str, now: datetime) -> None:
    db.execute(
        invitation_row(at.authority, at.invitation_id).values(
            declined_at=now, decline_reason=reason.value, decline_note=note
        )
    )


def mark_seen(db: Connection, at: Gate, now: datetime) -> None:
    """Note the first sight of an invitation; this is no act of the provider's (A28)."""
    db.execute(invitation_row(at.authority, at.invitation_id).where(INVITATION.c.seen_at.is_(None)).values(seen_at=now))


def offers(db: Connection, authority: str, competition_id: UUID) -> int:
    """Count standing offers: the only thing told about them before the close (S8)."""
    return db.execute(
        select(func.count()).where(
            INVITATION.c.authority == authority,
            INVITATION.c.competition_id == competition_id,
            INVITATION.c.standing_bid.is_not(None),
        )
    ).scalar_one()


def offers_of(db: Connection, authority: str, competition_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Count the standing offers of several competitions in one look; one without any is left out (S8)."""
    rows = db.execute(
        select(INVITATION.c.competition_id, func.count())
        .where(
            INVITATION.c.authority == authority,
            INVITATION.c.competition_id.in_(competition_ids),
            INVITATION.c.standing_bid.is_not(None),
        )
        .group_by(INVITATION.c.competition_id)
    )
    return {row[0]: row[1] for row in rows}


def bids(db: Connection, authority: str, competition_id: UUID) -> tuple[Bid, ...]:
    """Read the standing offers as they were opened; none before that."""
    rows = db.execute(
        select(*_READABLE, OPENED_BID.c.content)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .join(OPENED_BID, and_(OPENED_BID.c.authority == BID.c.authority, OPENED_BID.c.bid_id == BID.c.id))
        .where(BID.c.authority == authority, BID.c.competition_id == competition_id)
        .order_by(BID.c.received_at, BID.c.id)
    ).mappings()
    return tuple(_bid(row) for row in rows)


def standing(db: Connection, authority: str, competition_ids: Collection[UUID]) -> dict[UUID, tuple[Standing, ...]]:
    """Say which offers stand in each of several competitions, the first received first; nothing of what they say."""
    found: dict[UUID, list[Standing]] = {competition_id: [] for competition_id in competition_ids}
    rows = db.execute(
        select(BID.c.competition_id, BID.c.provider_id, BID.c.digest)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .where(BID.c.authority == authority, BID.c.competition_id == any_(literal(list(competition_ids), ARRAY(Uuid))))
        .order_by(BID.c.received_at, BID.c.id)
    )
    for row in rows:
        found[row.competition_id].append(Standing(ProviderId(row.provider_id), row.digest))
    return {competition_id: tuple(those) for competition_id, those in found.items()}


def invitation_row(authority: str, invitation_id: UUID) -> Update:
    return update(INVITATION).where(INVITATION.c.authority == authority, INVITATION.c.id == invitation_id)


def _bid(row: RowMapping) -> Bid:
    return Bid(
        BidId(row["id"]),
        CompetitionId(row["competition_id"]),
        ProviderId(row["provider_id"]),
        InvitationId(row["invitation_id"]),
        row["version"],
        offer_of(json.loads(row["content"])),
        row["received_at"],
        row["digest"],
    )
