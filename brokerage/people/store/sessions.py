"""Every statement about sessions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, or_, select, update

from brokerage.people.model import PersonId, Session, Waiting, Way
from brokerage.people.rules import HALF_SESSION, SESSION_IDLE, SESSION_LONGEST
from brokerage.people.store.rows import in_utc, person_of
from brokerage.people.tables import PERSON, SESSION

OFTEN = timedelta(minutes=1)
"""One write a minute is enough to know that a session is used."""


def open_session(
    db: Connection,
    id_hash: bytes,
    handle: UUID,
    person_id: PersonId,
    way: Way,
    agent: str,
    now: datetime,
    *,
    proved: bool = False,
    waiting: Waiting | None = None,
    onward: str = "/",
) -> None:
    """Begin a session; one that waits for something is no session yet."""
    db.execute(
        insert(SESSION).values(
            id_hash=id_hash,
            handle=handle,
            person_id=person_id,
            way=way.value,
            agent=agent,
            created_at=now,
            seen_at=now,
            proved_at=now if proved else None,
            waiting=waiting.value if waiting else None,
            onward=onward,
        )
    )


def session(db: Connection, id_hash: bytes, now: datetime) -> Session | None:
    """Find a session that is one and has neither idled nor aged out, of somebody who has not left."""
    found = _session(db, id_hash, _whole(now))
    if found is not None and now - found.seen_at > OFTEN:
        db.execute(update(SESSION).where(SESSION.c.id_hash == id_hash).values(seen_at=now))
    return found


def half_session(db: Connection, id_hash: bytes, now: datetime, *, hold: bool = False) -> Session | None:
    """Find a session that still waits for a code or a choice; `hold` lets one request at a time go on with it."""
    return _session(db, id_hash, _half(now), hold=hold)


def _session(db: Connection, id_hash: bytes, state: ColumnElement[bool], *, hold: bool = False) -> Session | None:
    wanted = (
        select(PERSON, *(SESSION.c[name] for name in _OURS))
        .join(SESSION, SESSION.c.person_id == PERSON.c.id)
        .where(SESSION.c.id_hash == id_hash, PERSON.c.left_at.is_(None), state)
    )
    row = db.execute(wanted.with_for_update(of=SESSION) if hold else wanted).mappings().one_or_none()
    return _read(row) if row else None


def sessions_of(db: Connection, person_id: UUID, now: datetime) -> tuple[Session, ...]:
    """List where somebody is signed in, the one used last first."""
    wanted = (
        select(PERSON, *(SESSION.c[name] for name in _OURS))
        .join(SESSION, SESSION.c.person_id == PERSON.c.id)
        .where(SESSION.c.person_id == person_id, PERSON.c.left_at.is_(None), _whole(now))
        .order_by(SESSION.c.seen_at.desc(), SESSION.c.handle)
    )
    return tuple(_read(row) for row in db.execute(wanted).mappings())


def renew(
    db: Connection,
    id_hash: bytes,
    new_hash: bytes,
    now: datetime,
    *,
    proved: bool,
    waiting: Waiting | None = None,
) -> bool:
    """Give a session another id; the old one is worth nothing from here on. False where it is gone already."""
    values: dict[str, object] = {"id_hash": new_hash, "waiting": waiting.value if waiting else None, "seen_at": now}
    if proved:
        values["proved_at"] = now
    done = db.execute(update(SESSION).where(SESSION.c.id_hash == id_hash).values(**values))
    return done.rowcount == 1


def close_session(db: Connection, id_hash: bytes) -> None:
    db.execute(delete(SESSION).where(SESSION.c.id_hash == id_hash))


def end_session(db: Connection, person_id: UUID, handle: UUID) -> bool:
    """End one session of a person; False where they have none of this number."""
    done = db.execute(delete(SESSION).where(SESSION.c.person_id == person_id, SESSION.c.handle == handle))
    return done.rowcount == 1


def end_sessions(db: Connection, person_id: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of a person, or all but one; answer how many."""
    ending = delete(SESSION).where(SESSION.c.person_id == person_id)
    return db.execute(ending.where(SESSION.c.handle != but) if but else ending).rowcount


def sweep_sessions(db: Connection, now: datetime) -> int:
    """Take away what can never be used again; answer how many."""
    return db.execute(delete(SESSION).where(~or_(_whole(now), _half(now)))).rowcount


def carry_sessions(db: Connection, by: timedelta) -> None:
    """Take every session along when the demo's clock is moved, so that a leap in time signs nobody out."""
    db.execute(
        update(SESSION).values(
            created_at=SESSION.c.created_at + by, seen_at=SESSION.c.seen_at + by, proved_at=SESSION.c.proved_at + by
        )
    )


_OURS = ("handle", "way", "agent", "created_at", "seen_at", "proved_at", "waiting", "onward")


def _whole(now: datetime) -> ColumnElement[bool]:
    return and_(
        SESSION.c.waiting.is_(None),
        SESSION.c.created_at > now - SESSION_LONGEST,
        SESSION.c.seen_at > now - SESSION_IDLE,
    )


def _half(now: datetime) -> ColumnElement[bool]:
    return and_(SESSION.c.waiting.is_not(None), SESSION.c.created_at > now - HALF_SESSION)


def _read(row: RowMapping) -> Session:
    return Session(
        person_of(row),
        row["handle"],
        Way(row["way"]),
        row["agent"],
        row["created_at"].astimezone(UTC),
        row["seen_at"].astimezone(UTC),
        in_utc(row["proved_at"]),
        Waiting(row["waiting"]) if row["waiting"] else None,
        row["onward"],
    )
