"""Every statement about the record, timers, answered requests and the demo's clock."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Uuid, any_, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.desk.record import START, Line, link, text_of
from brokerage.desk.tables import CLOCK_SHIFT, HEARTBEAT, RECORD, RECORD_HEAD, REQUEST, TIMER

# One statement: the head's row lock is what puts lines into commit order.
_APPEND: Final = """
WITH head AS (
  UPDATE record_head
     SET seq = seq + 1,
         highest_at = greatest(highest_at, %(at)s),
         hash = sha256(hash || convert_to(authority || '|' || (seq + 1)::text || '|' || %(text)s, 'UTF8'))
   WHERE authority = %(authority)s
  RETURNING seq, hash
)
INSERT INTO record (authority, seq, at, actor, kind, about, body, hash)
SELECT %(authority)s, head.seq, %(at)s, %(actor)s, %(kind)s, %(about)s, %(body)s, head.hash FROM head
"""

# The same for many lines, whose hashes were worked out behind the head's lock.
_APPEND_ALL: Final = """
WITH head AS (
  UPDATE record_head SET seq = %(last_seq)s, hash = %(last_hash)s, highest_at = greatest(highest_at, %(at)s)
   WHERE authority = %(authority)s
)
INSERT INTO record (authority, seq, at, actor, kind, about, body, hash)
SELECT %(authority)s, line.seq, %(at)s, %(actor)s, line.kind, line.about, line.body, line.hash
  FROM json_to_recordset(%(lines)s::json) AS line (seq bigint, kind text, about uuid, body text, hash bytea)
"""

_SET_TIMERS: Final = """
INSERT INTO timer (authority, id, kind, subject_id, due_at, not_before, failures)
SELECT %(authority)s, gen_random_uuid(), new.kind, new.subject_id, new.due_at, new.due_at, 0
  FROM unnest(%(kinds)s::text[], %(subjects)s::uuid[], %(dues)s::timestamptz[]) AS new (kind, subject_id, due_at)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Timer:
    authority: str
    id: UUID
    kind: str
    subject_id: UUID
    due_at: datetime
    not_before: datetime
    failures: int


def begin_chain(db: Connection, authority: str, now: datetime) -> None:
    db.execute(insert(RECORD_HEAD).values(authority=authority, seq=0, hash=START, highest_at=now))


def append(db: Connection, authority: str, at: datetime, actor: str, kind: str, about: UUID | None, body: str) -> None:
    """Write one line at the end of the authority's chain."""
    done = db.exec_driver_sql(
        _APPEND,
        {
            "authority": authority,
            "at": at,
            "actor": actor,
            "kind": kind,
            "about": about,
            "body": body,
            "text": text_of(at, actor, kind, about, body),
        },
    )
    if done.rowcount != 1:
        raise LookupError(f"authority {authority} has no record to write to")


def append_all(
    db: Connection, authority: str, at: datetime, actor: str, lines: Sequence[tuple[str, UUID | None, str]]
) -> None:
    """Write several lines, each as (kind, about, body), at the end of the authority's chain."""
    held = db.execute(
        select(RECORD_HEAD.c.seq, RECORD_HEAD.c.hash).where(RECORD_HEAD.c.authority == authority).with_for_update()
    ).one_or_none()
    if held is None:
        raise LookupError(f"authority {authority} has no record to write to")
    last, rows = held.hash, []
    for seq, (kind, about, body) in enumerate(lines, start=held.seq + 1):
        last = link(last, authority, seq, text_of(at, actor, kind, about, body))
        named = str(about) if about else None
        rows.append({"seq": seq, "kind": kind, "about": named, "body": body, "hash": f"\\x{last.hex()}"})
    db.exec_driver_sql(
        _APPEND_ALL,
        {
            "authority": authority,
            "at": at,
            "actor": actor,
            "last_seq": held.seq + len(rows),
            "last_hash": last,
            "lines": json.dumps(rows),
        },
    )


def lines(
    db: Connection, authority: str, *, after: int = 0, about: UUID | None = None, most: int | None = None
) -> Iterator[Line]:
    wanted = select(RECORD).where(RECORD.c.authority == authority, RECORD.c.seq > after).order_by(RECORD.c.seq)
    if about is not None:
        wanted = wanted.where(RECORD.c.about == about)
    if most is not None:
        wanted = wanted.limit(most)
    for row in db.execute(wanted, execution_options={"yield_per": 2000}):
        yield Line(row.authority, row.seq, row.at, row.actor, row.kind, row.about, row.body, row.hash)


def head(db: Connection, authority: str) -> tuple[int, bytes]:
    row = db.execute(select(RECORD_HEAD).where(RECORD_HEAD.c.authority == authority)).one()
    return row.seq, row.hash


def set_timers(db: Connection, authority: str, timers: Sequence[tuple[str, UUID, datetime]]) -> None:
    """Set timers, each as (kind, subject, instant); one that is set already stays as it is."""
    kinds, subjects, dues = zip(*timers, strict=True)
    db.exec_driver_sql(
        _SET_TIMERS,
        {"authority": authority, "kinds": list(kinds), "subjects": list(subjects), "dues": list(dues)},
    )


def due_timers(
    db: Connection, now: datetime, most: int, *, free: bool = False, without: Sequence[str] = ()
) -> Sequence[Timer]:
    """List the timers that are due, the earliest first; those of some kinds may be left to others.

    `free` leaves out those that another worker holds.
    """
    wanted = (
        select(TIMER)
        .where(TIMER.c.rang_at.is_(None), TIMER.c.not_before <= now, TIMER.c.kind.not_in(without))
        .order_by(TIMER.c.not_before, TIMER.c.id)
        .limit(most)
    )
    rows = db.execute(wanted.with_for_update(skip_locked=True) if free else wanted)
    return [
        Timer(row.authority, row.id, row.kind, row.subject_id, row.due_at, row.not_before, row.failures) for row in rows
    ]


def hold_timers(db: Connection, timer_ids: Collection[UUID]) -> set[UUID]:
    """Hold timers; answer which: not those that have rung, nor those that another worker holds."""
    held = db.execute(
        select(TIMER.c.id).where(_among(timer_ids), TIMER.c.rang_at.is_(None)).with_for_update(skip_locked=True)
    )
    return {row.id for row in held}


def timers_rang(db: Connection, timer_ids: Collection[UUID], now: datetime) -> None:
    db.execute(update(TIMER).where(_among(timer_ids)).values(rang_at=now))


def timer_failed(db: Connection, timer_id: UUID, again_at: datetime, error: str) -> None:
    db.execute(
        update(TIMER)
        .where(TIMER.c.id == timer_id, TIMER.c.rang_at.is_(None))
        .values(failures=TIMER.c.failures + 1, not_before=again_at, last_error=error)
    )


def next_due(db: Connection) -> datetime | None:
    due: datetime | None = db.execute(
        select(func.min(TIMER.c.not_before)).where(TIMER.c.rang_at.is_(None))
    ).scalar_one()
    return due


def failing_timers(db: Connection, authority: str) -> int:
    return db.execute(
        select(func.count()).where(TIMER.c.authority == authority, TIMER.c.rang_at.is_(None), TIMER.c.failures > 0)
    ).scalar_one()


def claim_request(db: Connection, actor: str, key: str, digest: bytes, now: datetime) -> tuple[bytes, int, str] | None:
    """Take an Idempotency-Key; when it was answered before, give that request's digest, status and body.

    A second request with the same key waits here until the first has committed or gone.
    """
    new = db.execute(
        upsert(REQUEST)
        .values(actor=actor, key=key, digest=digest, status=0, body="", at=now)
        .on_conflict_do_nothing(constraint="request_pkey")
        .returning(REQUEST.c.key)
    ).one_or_none()
    if new is not None:
        return None
    row = db.execute(select(REQUEST).where(REQUEST.c.actor == actor, REQUEST.c.key == key)).one()
    return row.digest, row.status, row.body


def answer_request(db: Connection, actor: str, key: str, status: int, body: str) -> None:
    db.execute(update(REQUEST).where(REQUEST.c.actor == actor, REQUEST.c.key == key).values(status=status, body=body))


def shift_clock(db: Connection, by: timedelta) -> None:
    """Move the demo's clock forward."""
    db.execute(
        upsert(CLOCK_SHIFT)
        .values(id=1, shift=by)
        .on_conflict_do_update(constraint="clock_shift_pkey", set_={"shift": CLOCK_SHIFT.c.shift + by})
    )


def beat(db: Connection, worker: str, now: datetime) -> None:
    db.execute(
        upsert(HEARTBEAT)
        .values(worker=worker, beat_at=now)
        .on_conflict_do_update(constraint="heartbeat_pkey", set_={"beat_at": now})
    )


def last_beat(db: Connection) -> datetime | None:
    beat_at: datetime | None = db.execute(select(func.max(HEARTBEAT.c.beat_at))).scalar_one()
    return beat_at


def highest_at(db: Connection) -> datetime | None:
    """Give the highest instant that any authority has recorded: the floor under every clock reading."""
    highest: datetime | None = db.execute(select(func.max(RECORD_HEAD.c.highest_at))).scalar_one()
    return highest


def _among(timer_ids: Collection[UUID]) -> ColumnElement[bool]:
    return TIMER.c.id == any_(literal(list(timer_ids), ARRAY(Uuid)))
