"""The 6-digit codes that let a link offer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, update
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.competitions.model import (
    Gate,
)
from brokerage.competitions.rules import CODE_TRIES
from brokerage.competitions.tables import OFFER_CODE


def save_code(
    db: Connection, at: Gate, code_hash: bytes, now: datetime, expires_at: datetime, most_sends: int, within: timedelta
) -> bool:
    """Keep a new code in place of the last one; False when too many were sent lately."""
    values = {"code_hash": code_hash, "sent_at": now, "expires_at": expires_at, "tries": 0, "used": False}
    fresh = OFFER_CODE.c.sent_at < now - within
    done = db.execute(
        upsert(OFFER_CODE)
        .values(authority=at.authority, invitation_id=at.invitation_id, sends=1, **values)
        .on_conflict_do_update(
            constraint="offer_code_pkey",
            set_=values | {"sends": case((fresh, 1), else_=OFFER_CODE.c.sends + 1)},
            where=fresh | (OFFER_CODE.c.sends < most_sends),
        )
        .returning(OFFER_CODE.c.sends)
    ).one_or_none()
    return done is not None


def spend_try(db: Connection, at: Gate, now: datetime) -> tuple[bytes, int] | None:
    """Charge one try before comparing, so that guessing in parallel gains nothing; None when there is none left."""
    row = db.execute(
        update(OFFER_CODE)
        .where(
            OFFER_CODE.c.authority == at.authority,
            OFFER_CODE.c.invitation_id == at.invitation_id,
            OFFER_CODE.c.used.is_(False),
            OFFER_CODE.c.tries < CODE_TRIES,
            OFFER_CODE.c.expires_at > now,
        )
        .values(tries=OFFER_CODE.c.tries + 1)
        .returning(OFFER_CODE.c.code_hash, OFFER_CODE.c.tries)
    ).one_or_none()
    return (row.code_hash, CODE_TRIES - row.tries) if row else None


def use_code(db: Connection, at: Gate, code_hash: bytes) -> bool:
    """Use a code up; False when somebody used it a moment earlier."""
    used = db.execute(
        update(OFFER_CODE)
        .where(
            OFFER_CODE.c.authority == at.authority,
            OFFER_CODE.c.invitation_id == at.invitation_id,
            OFFER_CODE.c.code_hash == code_hash,
            OFFER_CODE.c.used.is_(False),
        )
        .values(used=True)
    )
    return used.rowcount == 1
