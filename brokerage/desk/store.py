"""Every statement about the record, timers, answered requests and the demo's clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.desk.record import START, Line, text_of
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


@dataclass(frozen=True, slots=True)
class Timer:
    authority: str
    id: UUID
    kind: str
    subject_id: UUID
    due_at: datetime
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


def latest_lines(db: Connection, authority: str, most: int) -> tuple[Line, ...]:
    rows = db.execute(select(RECORD).where(RECORD.c.authority == authority).order_by(RECORD.c.seq.desc()).limit(most))
    return tuple(
        Line(row.authority, row.seq, row.at, row.actor, row.kind, row.about, row.body, row.hash) for row in rows
    )


def head(db: Connection, authority: str) -> tuple[int, bytes]:
    row = db.execute(select(RECORD_HEAD).where(RECORD_HEAD.c.authority == authority)).one()
    return row.seq, row.hash


def set_timer(db: Connection, authority: str, kind: str, subject_id: UUID, due_at: datetime) -> None:
    db.execute(
        upsert(TIMER)
        .values(
            authority=authority,
            id=uuid4(),
            kind=kind,
            subject_id=subject_id,
            due_at=due_at,
            not_before=due_at,
            failures=0,
        )
        .on_conflict_do_nothing(constraint="timer_once")
    )


def due_timers(db: Connection, now: datetime, most: int, without: Sequence[str] = ()) -> Sequence[Timer]:
    """List the timers that are due, the earliest first; those of some kinds may be left to others."""
    rows = db.execute(
        select(TIMER)
        .where(TIMER.c.rang_at.is_(None), TIMER.c.not_before <= now, TIMER.c.kind.not_in(without))
        .order_by(TIMER.c.not_before, TIMER.c.id)
        .limit(most)
    )
    return [Timer(row.authority, row.id, row.kind, row.subject_id, row.due_at, row.failures) for row in rows]


def hold_timer(db: Connection, timer_id: UUID) -> bool:
    """Hold a timer that has not rung; False when it has, or when another worker holds it."""
    held = db.execute(
        select(TIMER.c.id).where(TIMER.c.id == timer_id, TIMER.c.rang_at.is_(None)).with_for_update(skip_locked=True)
    )
    return held.one_or_none() is not None


def timer_rang(db: Connection, timer_id: UUID, now: datetime) -> None:
    db.execute(update(TIMER).where(TIMER.c.id == timer_id).values(rang_at=now))


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


def alive(db: Connection) -> bool:
    return bool(db.execute(text("SELECT 1")).scalar_one())
