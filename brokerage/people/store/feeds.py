"""Secret calendar addresses, one a person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from brokerage.people.model import Person
from brokerage.people.store.rows import person_of
from brokerage.people.tables import CALENDAR_FEED, PERSON


def make_feed(db: Connection, secret_hash: bytes, person_id: UUID, now: datetime) -> None:
    """Keep a person's calendar address; an older one stops to work."""
    withdraw_feed(db, person_id)
    db.execute(insert(CALENDAR_FEED).values(person_id=person_id, secret_hash=secret_hash, made_at=now))


def withdraw_feed(db: Connection, person_id: UUID) -> None:
    db.execute(delete(CALENDAR_FEED).where(CALENDAR_FEED.c.person_id == person_id))


def feed_made_at(db: Connection, person_id: UUID) -> datetime | None:
    """Say since when a person has a calendar address."""
    return db.scalar(select(CALENDAR_FEED.c.made_at).where(CALENDAR_FEED.c.person_id == person_id))


def person_of_feed(db: Connection, secret_hash: bytes) -> Person | None:
    """Find whose calendar address this is; people who left are not found."""
    row = (
        db.execute(
            select(PERSON)
            .join(CALENDAR_FEED, CALENDAR_FEED.c.person_id == PERSON.c.id)
            .where(CALENDAR_FEED.c.secret_hash == secret_hash, PERSON.c.left_at.is_(None))
        )
        .mappings()
        .one_or_none()
    )
    return person_of(row) if row else None
