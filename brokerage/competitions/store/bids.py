"""Offers, and what else a provider does with its invitation."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
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
    Place,
    Receipt,
    Standing,
)
from brokerage.competitions.rules import offer_facts
from brokerage.competitions.store.documents import as_json
from brokerage.competitions.tables import BID, INVITATION
from lots.model import Price, ProviderId

_PLACE: Final = """
WITH standing AS (
  UPDATE invitation SET versions = %(version)s, standing_bid = %(id)s
   WHERE authority = %(authority)s AND id = %(invitation)s
)
INSERT INTO bid (authority, id, competition_id, provider_id, invitation_id, version, content, received_at, digest,
                 request_key)
VALUES (%(authority)s, %(id)s, %(competition)s, %(provider)s, %(invitation)s, %(version)s, %(content)s,
        %(received_at)s, %(digest)s, %(request_key)s)
"""


def put_bid(db: Connection, at: Gate, bid: Bid, request_key: str | None) -> None:
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
            "content": as_json(offer_facts(bid.offer)),
            "received_at": bid.received_at,
            "digest": bid.digest,
            "request_key": request_key,
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


def standing_bid(db: Connection, at: Gate) -> Bid | None:
    """Give a provider its own standing offer, to show or replace."""
    if at.standing is None:
        return None
    row = db.execute(select(BID).where(BID.c.authority == at.authority, BID.c.id == at.standing)).mappings().one()
    return _bid(row)


def standing_of_provider(db: Connection, provider_id: UUID) -> dict[UUID, datetime]:
    """Say in which of its invitations a provider's own offer stands, and since when."""
    rows = db.execute(
        select(BID.c.invitation_id, BID.c.received_at)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
        .where(INVITATION.c.provider_id == provider_id)
    )
    return {row.invitation_id: row.received_at for row in rows}


def withdraw_bid(db: Connection, at: Gate, now: datetime) -> None:
    db.execute(update(BID).where(BID.c.authority == at.authority, BID.c.id == at.standing).values(withdrawn_at=now))
    db.execute(invitation_row(at.authority, at.invitation_id).values(standing_bid=None))


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
    """Read the standing offers. Called only after `rules.unseal`."""
    rows = db.execute(
        select(BID)
        .join(INVITATION, and_(INVITATION.c.authority == BID.c.authority, INVITATION.c.standing_bid == BID.c.id))
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
    raw = json.loads(row["content"])
    price = Price(
        None if raw["accommodation_weekly"] is None else Decimal(raw["accommodation_weekly"]),
        None if raw["support_hourly"] is None else Decimal(raw["support_hourly"]),
    )
    return Bid(
        BidId(row["id"]),
        CompetitionId(row["competition_id"]),
        ProviderId(row["provider_id"]),
        InvitationId(row["invitation_id"]),
        row["version"],
        Offer(price, date.fromisoformat(raw["earliest_start"]), Place(**raw["place"]), raw["answers"]),
        row["received_at"],
        row["digest"],
    )
