"""What decides about an offer: the rows behind the lock, and the clock read after it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, select

from brokerage.competitions.errors import NoSuchInvitation
from brokerage.competitions.model import (
    BidId,
    CompetitionId,
    Gate,
    InvitationId,
    State,
    Window,
)
from brokerage.competitions.store.documents import questions_of
from brokerage.competitions.tables import BID
from lots.model import CategoryCode, Price, ProviderId, Wants

# The hot verb's two statements are written out: through the ORM a bid costs 3 ms, as prepared SQL a tenth.
# The clock is read by the outer SELECT, that is after the inner one holds the rows. A window that is
# plainly over takes no lock at all, so that a storm of late offers cannot delay the close.
_GATE: Final = """
WITH held AS MATERIALIZED (
  SELECT c.authority, c.id AS competition_id, c.referral_id, i.id AS invitation_id, i.provider_id, c.reference, c.state,
         c.opens_at, c.closes_at, i.accommodation_weekly, i.support_hourly, c.category, c.hours, c.profile,
         c.questions, c.bespoke, i.versions, i.standing_bid, a.offer_code,
         (SELECT s.public_key FROM seal s WHERE s.authority = c.authority AND s.competition_id = c.id) AS seal_key,
         (SELECT b.id FROM bid b WHERE b.authority = i.authority AND b.invitation_id = i.id
             AND b.request_key = %(request)s AND b.withdrawn_at IS NULL) AS answered,
         d.id AS difference, d.accommodation_weekly AS agreed_accommodation, d.support_hourly AS agreed_support
    FROM invitation i
    JOIN competition c ON c.authority = i.authority AND c.id = i.competition_id
    JOIN authority a ON a.key = i.authority
    LEFT JOIN difference d ON d.authority = i.authority AND d.invitation_id = i.id AND d.state = 'agreed'
   WHERE {door}{waiting}
   {lock}
)
SELECT held.*, {instant} AS now FROM held
"""


_DOORS: Final = {
    "token": "i.id = (SELECT l.invitation_id FROM invitation_link l WHERE l.token_hash = %(key)s)",
    "provider": "i.id = %(key)s AND i.provider_id = %(provider)s",
}


def gate(
    db: Connection,
    instant: str,
    *,
    token_hash: bytes | None,
    invitation: tuple[UUID, UUID] | None,
    hold: bool,
    request: str | None = None,
) -> Gate:
    """Give what decides about an offer, found by link or by signed-in provider. Raises NoSuchInvitation.

    With `hold` the competition is held FOR SHARE and the invitation FOR UPDATE, then the clock is read;
    `instant` is the clock's own SQL, in which {authority} stands for the authority asked about. A window
    that is over is never held.
    """
    values: dict[str, object] = {"key": token_hash, "request": request}
    door = _DOORS["token"]
    if invitation is not None:
        values |= {"key": invitation[0], "provider": invitation[1]}
        door = _DOORS["provider"]
    outside = instant.format(authority="held.authority")
    running = f" AND c.closes_at > {instant.format(authority='c.authority')}"
    free = _GATE.format(door=door, waiting="", lock="", instant=outside)
    held = _GATE.format(door=door, waiting=running, lock="FOR SHARE OF c FOR UPDATE OF i", instant=outside)
    while True:
        for statement in (held, free) if hold else (free,):
            row = db.exec_driver_sql(statement, values).mappings().one_or_none()
            if row is not None:
                break
        else:
            raise NoSuchInvitation
        found = _gate(row)
        if hold and statement is free and found.now < found.window.closes_at:
            continue  # it was extended between the two looks
        if hold and request is not None and found.answered is None and found.last_version:
            # The rows are as they are behind the lock, but what else that statement read is from before it waited.
            return replace(found, answered=_answered(db, found, request))
        return found


def _answered(db: Connection, at: Gate, request: str) -> BidId | None:
    found = db.execute(
        select(BID.c.id).where(
            BID.c.authority == at.authority,
            BID.c.invitation_id == at.invitation_id,
            BID.c.request_key == request,
            BID.c.withdrawn_at.is_(None),
        )
    ).scalar_one_or_none()
    return None if found is None else BidId(found)


def _gate(row: RowMapping) -> Gate:
    profile = json.loads(row["profile"])
    return Gate(
        row["authority"],
        CompetitionId(row["competition_id"]),
        row["referral_id"],
        InvitationId(row["invitation_id"]),
        ProviderId(row["provider_id"]),
        row["reference"],
        State(row["state"]),
        # In UTC: these come in the server's zone, and Python compares two times of one zone by their wall clock.
        Window(row["opens_at"].astimezone(UTC), row["closes_at"].astimezone(UTC)),
        Price(row["accommodation_weekly"], row["support_hourly"]),
        CategoryCode(row["category"]),
        row["hours"],
        frozenset(Wants(one) for one in profile["wants"]),
        questions_of(row["questions"]),
        row["offer_code"],
        row["versions"],
        row["standing_bid"],
        row["answered"],
        row["now"].astimezone(UTC),
        row["seal_key"] or b"",  # none for a competition that ended before offers were sealed
        Price(row["agreed_accommodation"], row["agreed_support"]) if row["difference"] else None,
        row["bespoke"],
    )
