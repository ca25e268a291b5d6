"""Messages as they are queued, claimed and settled."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, case, func, or_, select, text, tuple_, update

from notifications.model import Counts, Known, Medium, Message, MessageId, NewMessage, Status
from notifications.rules import OPTED_OUT, Settlement, final
from notifications.tables import MESSAGE, MESSAGE_REPORT, OPT_OUT

# Spelled out, not bound: a prepared statement's general plan must see that the index `message_due` serves it.
_LIVE = text("message.status IN ('queued', 'sending')")

# No constraint is named: that would ask for the right to read what is written for somebody else.
_ADD: Final = """
INSERT INTO message ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::message, %(rows)s::json)
ON CONFLICT DO NOTHING
"""


def message_of(row: RowMapping) -> Message:
    return Message(
        id=MessageId(row["id"]),
        authority=row["authority"],
        sequence=row["sequence"],
        kind=row["kind"],
        medium=Medium(row["medium"]),
        to=row["to_address"],
        provider_id=row["provider_id"],
        person_id=row["person_id"],
        subject_id=row["subject_id"],
        subject=row["subject"],
        body=row["body"],
        link=row["link"],
        code=row["code"],
        dedupe_key=row["dedupe_key"],
        status=Status(row["status"]),
        attempts=row["attempts"],
        doubtful=row["doubtful"],
        not_before=row["not_before"],
        expires_at=row["expires_at"],
        lease_until=row["lease_until"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        settled_at=row["settled_at"],
        provider_ref=row["provider_ref"],
        last_error=row["last_error"],
        told_at=row["told_at"],
    )


def row_of(
    message_id: MessageId,
    message: NewMessage,
    subject: str | None,
    body: str,
    not_before: datetime,
    expires_at: datetime,
    now: datetime,
) -> Mapping[str, Any]:
    """Lay a new message out as its row."""
    return {
        "authority": message.authority,
        "id": message_id,
        "kind": message.kind,
        "medium": message.medium.value,
        "to_address": message.to,
        "provider_id": message.provider_id,
        "person_id": message.person_id,
        "subject_id": message.subject_id,
        "subject": subject,
        "body": body,
        "link": message.link,
        "code": message.code,
        "dedupe_key": message.dedupe_key,
        "status": Status.QUEUED.value,
        "attempts": 0,
        "doubtful": False,
        "not_before": not_before,
        "expires_at": expires_at,
        "created_at": now,
    }


def add(db: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows in one statement, leaving out those whose dedupe key is there already; answer how many are new."""
    if not rows:
        return 0
    # As one value: twenty bound parameters a row cost more than all else that a closing writes.
    columns = ", ".join(rows[0])
    sent = json.dumps([dict(row) for row in rows], default=str)
    done = db.exec_driver_sql(_ADD.format(columns=columns), {"rows": sent})
    return done.rowcount


def expire_due(db: Connection, now: datetime, limit: int) -> int:
    """Give up what nobody took over in time; what another worker holds is left to it."""
    overdue = (
        select(MESSAGE.c.id)
        .where(
            MESSAGE.c.expires_at <= now,
            _LIVE,
            or_(MESSAGE.c.status == Status.QUEUED.value, MESSAGE.c.lease_until <= now),
        )
        .order_by(MESSAGE.c.expires_at, MESSAGE.c.sequence)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("overdue")
    )
    done = db.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == overdue.c.id)
        .values(
            status=Status.EXPIRED.value,
            settled_at=now,
            lease_until=None,
            doubtful=or_(MESSAGE.c.doubtful, MESSAGE.c.status == Status.SENDING.value),
        )
    )
    return done.rowcount


def refuse_opted_out(db: Connection, now: datetime) -> int:
    """Fail the texts that are due to numbers that asked for none; answer how many."""
    unwanted = (
        select(MESSAGE.c.id)
        .join(OPT_OUT, and_(OPT_OUT.c.number == MESSAGE.c.to_address, OPT_OUT.c.lifted_at.is_(None)))
        .where(MESSAGE.c.status == Status.QUEUED.value, MESSAGE.c.medium == Medium.SMS.value, _LIVE)
        .with_for_update(of=MESSAGE, skip_locked=True)
        .cte("unwanted")
    )
    done = db.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == unwanted.c.id)
        .values(status=Status.FAILED.value, settled_at=now, last_error=OPTED_OUT)
    )
    return done.rowcount


def waiting(db: Connection, now: datetime, medium: Medium | None) -> bool:
    """Say whether anything is due, or out of time; `medium` narrows."""
    due = or_(
        MESSAGE.c.expires_at <= now,
        and_(MESSAGE.c.status == Status.QUEUED.value, MESSAGE.c.not_before <= now),
        MESSAGE.c.lease_until <= now,
    )
    return db.execute(_narrowed(select(MESSAGE.c.id).where(_LIVE, due), medium).limit(1)).first() is not None


def _narrowed(wanted: Select[tuple[UUID]], medium: Medium | None) -> Select[tuple[UUID]]:
    return wanted if medium is None else wanted.where(MESSAGE.c.medium == medium.value)


def known(db: Connection, message: Message) -> Known:
    """Say what is known of the other messages to an address since this one was written."""
    others = (
        select(MESSAGE.c.id, MESSAGE.c.provider_ref, MESSAGE.c.status, MESSAGE.c.doubtful)
        .where(
            MESSAGE.c.to_address == message.to,
            MESSAGE.c.id != message.id,
            or_(MESSAGE.c.created_at >= message.created_at, MESSAGE.c.sent_at >= message.created_at, _LIVE),
        )
        .subquery()
    )
    reported = select(MESSAGE_REPORT.c.provider_ref).join(others, others.c.id == MESSAGE_REPORT.c.message_id)
    rows = db.execute(select(others)).all()
    refs = {row.provider_ref for row in rows if row.provider_ref} | set(db.execute(reported).scalars())
    unsure = (row for row in rows if row.provider_ref is None and (row.doubtful or row.status == Status.SENDING.value))
    return Known(frozenset(refs), sum(1 for _ in unsure))


def claim_due(
    db: Connection, now: datetime, limit: int, lease_until: datetime, medium: Medium | None = None
) -> tuple[Message, ...]:
    """Mark up to `limit` due messages as sending and hold them until `lease_until`, the soonest to expire first.

    Due is what is queued for an instant not after `now`, and what a worker held past its lease.
    `medium` narrows. Rows that another worker is claiming at this moment are passed over, not waited for.
    """
    ready = select(MESSAGE.c.id).where(
        MESSAGE.c.expires_at > now,
        _LIVE,
        or_(
            and_(MESSAGE.c.status == Status.QUEUED.value, MESSAGE.c.not_before <= now),
            and_(MESSAGE.c.status == Status.SENDING.value, MESSAGE.c.lease_until <= now),
        ),
    )
    due = (
        _narrowed(ready, medium)
        .order_by(MESSAGE.c.expires_at, MESSAGE.c.sequence)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = db.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == due.c.id)
        .values(
            status=Status.SENDING.value,
            attempts=MESSAGE.c.attempts + 1,
            lease_until=lease_until,
            doubtful=or_(MESSAGE.c.doubtful, MESSAGE.c.status == Status.SENDING.value),
        )
        .returning(MESSAGE)
    )
    found = [message_of(row) for row in claimed.mappings()]
    return tuple(sorted(found, key=lambda m: (m.expires_at, m.sequence)))


def hold(db: Connection, message_id: MessageId) -> Message | None:
    """Lock a message, wherever it stands."""
    row = db.execute(select(MESSAGE).where(MESSAGE.c.id == message_id).with_for_update()).mappings().one_or_none()
    return None if row is None else message_of(row)


def oldest_due(db: Connection, now: datetime) -> datetime | None:
    """Say since when the message that has waited longest is due; None where none waits."""
    since: datetime | None = db.execute(
        select(func.min(MESSAGE.c.not_before)).where(_LIVE, MESSAGE.c.not_before <= now, MESSAGE.c.expires_at > now)
    ).scalar_one()
    return since


def hold_sending(db: Connection, tries: Collection[tuple[MessageId, int]]) -> tuple[Message, ...]:
    """Lock messages, each in its try of that number; those that somebody else went on with are left out."""
    rows = db.execute(
        select(MESSAGE)
        .where(
            tuple_(MESSAGE.c.id, MESSAGE.c.attempts).in_(list(tries)),
            MESSAGE.c.status == Status.SENDING.value,
        )
        .order_by(MESSAGE.c.id)  # two that settle at once lock in one order
        .with_for_update()
    )
    return tuple(message_of(row) for row in rows.mappings())


_SETTLE: Final = (
    update(MESSAGE)
    .where(MESSAGE.c.authority == bindparam("its_authority"), MESSAGE.c.id == bindparam("its_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("status", "lease_until", "not_before", "sent_at", "settled_at"),
                *("provider_ref", "last_error", "doubtful"),
            )
        }
    )
)


def save_settlements(db: Connection, settled: Collection[tuple[Message, Settlement]], now: datetime) -> None:
    """Write what tries led to."""
    rows = [
        {
            "its_authority": message.authority,
            "its_id": message.id,
            "status": done.status.value,
            "lease_until": None,
            "not_before": done.not_before or message.not_before,
            "sent_at": now if done.status in (Status.SENT, Status.DELIVERED) else message.sent_at,
            "settled_at": now if final(done.status) else None,
            "provider_ref": done.provider_ref or message.provider_ref,
            "last_error": done.error or message.last_error,
            "doubtful": message.doubtful or done.doubtful,
        }
        for message, done in settled
    ]
    if rows:
        db.execute(_SETTLE, rows)


def hold_untold(db: Connection, kind: str, limit: int) -> tuple[Message, ...]:
    """Lock messages of a kind that failed or ran out of time and that nobody was told of, the first to fail first."""
    rows = db.execute(
        select(MESSAGE)
        .where(
            MESSAGE.c.kind == kind,
            text("message.status IN ('failed', 'expired')"),  # spelled out for the index `message_untold`
            MESSAGE.c.told_at.is_(None),
        )
        .order_by(MESSAGE.c.settled_at, MESSAGE.c.sequence)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tuple(message_of(row) for row in rows.mappings())


def mark_told(db: Connection, message_ids: Collection[MessageId], now: datetime) -> None:
    db.execute(update(MESSAGE).where(MESSAGE.c.id.in_(message_ids)).values(told_at=now))


def about(db: Connection, subject_ids: Collection[UUID], kind: str) -> tuple[Message, ...]:
    """List the messages of a kind about subjects, in their order."""
    wanted = select(MESSAGE).where(MESSAGE.c.subject_id.in_(subject_ids), MESSAGE.c.kind == kind)
    return tuple(message_of(row) for row in db.execute(wanted.order_by(MESSAGE.c.sequence)).mappings())


def sequence_of(db: Connection, message_id: MessageId) -> int | None:
    """Answer a message's place in the order."""
    found: int | None = db.execute(select(MESSAGE.c.sequence).where(MESSAGE.c.id == message_id)).scalar_one_or_none()
    return found


def page(db: Connection, after: int | None, limit: int, authority: str | None) -> tuple[Message, ...]:
    """Answer the first `limit` messages after a place, or the last `limit` of all; newest last either way."""
    wanted = select(MESSAGE).limit(limit)
    if authority is not None:
        wanted = wanted.where(MESSAGE.c.authority == authority)
    if after is None:
        wanted = wanted.order_by(MESSAGE.c.sequence.desc())
    else:
        wanted = wanted.where(MESSAGE.c.sequence > after).order_by(MESSAGE.c.sequence)
    found = [message_of(row) for row in db.execute(wanted).mappings()]
    return tuple(found if after is not None else reversed(found))


def counts(db: Connection, subject_ids: Collection[UUID], kind: str | None) -> Mapping[UUID, Counts]:
    """Count the messages about each subject by where they stand; every subject asked for is in the answer."""
    place = case(
        (_LIVE, "waiting"),
        (MESSAGE.c.status.in_([Status.FAILED.value, Status.EXPIRED.value]), "failed"),
        else_=MESSAGE.c.status,
    ).label("place")
    wanted = (
        select(MESSAGE.c.subject_id, place, func.count().label("many"))
        .where(MESSAGE.c.subject_id.in_(subject_ids))
        .group_by(MESSAGE.c.subject_id, place)
    )
    if kind is not None:
        wanted = wanted.where(MESSAGE.c.kind == kind)
    found: dict[UUID, dict[str, int]] = {subject_id: {} for subject_id in subject_ids}
    for row in db.execute(wanted):
        found[row.subject_id][row.place] = row.many
    return {subject_id: Counts(**places) for subject_id, places in found.items()}
