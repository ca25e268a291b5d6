"""Every statement about how often things were tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.people.model import Limit
from brokerage.people.rules import digest
from brokerage.people.tables import ATTEMPT

AT_ONCE = 10_000


def key_of(limit: Limit, whose: str) -> bytes:
    """Name a count without naming whose it is."""
    return digest(f"{limit.name}:{whose}")


def charge(db: Connection, limit: Limit, whose: str, now: datetime) -> int:
    """Charge one try, in one statement; answer the seconds to wait, 0 where it is within the limit."""
    over = ATTEMPT.c.ends_at <= now
    row = db.execute(
        upsert(ATTEMPT)
        .values(key_hash=key_of(limit, whose), count=1, ends_at=now + limit.within)
        .on_conflict_do_update(
            constraint="attempt_pkey",
            set_={
                "count": case((over, 1), else_=func.least(ATTEMPT.c.count, limit.most) + 1),
                "ends_at": case((over, now + limit.within), else_=ATTEMPT.c.ends_at),
            },
        )
        .returning(ATTEMPT.c.count, ATTEMPT.c.ends_at)
    ).one()
    count, ends_at = row
    return max(int((ends_at - now).total_seconds()), 1) if count > limit.most else 0


def give_back(db: Connection, limit: Limit, whose: str) -> None:
    """Take one try back that turned out well."""
    one = ATTEMPT.c.key_hash == key_of(limit, whose)
    db.execute(update(ATTEMPT).where(one).values(count=func.greatest(ATTEMPT.c.count - 1, 0)))


def sweep_attempts(db: Connection, now: datetime) -> int:
    """Take away counts whose span is over, some at a time; answer how many."""
    over = select(ATTEMPT.c.key_hash).where(ATTEMPT.c.ends_at <= now).limit(AT_ONCE).with_for_update(skip_locked=True)
    return db.execute(delete(ATTEMPT).where(ATTEMPT.c.key_hash.in_(over))).rowcount
