"""Every statement about authorities and people; sessions, sign-ins and limits in rooms of their own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, any_, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.people.errors import EmailTaken
from brokerage.people.model import Authority, Person, PersonId, Role
from brokerage.people.rules import folded
from brokerage.people.store.feeds import feed_made_at, make_feed, person_of_feed, withdraw_feed
from brokerage.people.store.rows import person_of
from brokerage.people.store.sessions import carry_sessions
from brokerage.people.tables import AUTHORITY, LOGIN, PERSON

__all__ = ["carry_sessions", "feed_made_at", "make_feed", "person_of_feed", "withdraw_feed"]

FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When a key was made of which nobody noted when."""


def save_authority(db: Connection, authority: Authority) -> None:
    db.execute(
        insert(AUTHORITY).values(
            key=authority.key,
            name=authority.name,
            offer_code=authority.offer_code,
            urgent_waits_for_morning=authority.urgent_waits_for_morning,
            office_phone=authority.office_phone,
            keeps_register=authority.keeps_register,
            legal_profile=authority.legal_profile,
        )
    )


def authorities(db: Connection) -> tuple[Authority, ...]:
    rows = db.execute(select(AUTHORITY).order_by(AUTHORITY.c.key)).mappings()
    return tuple(Authority(**row) for row in rows)


def authority(db: Connection, key: str) -> Authority | None:
    row = db.execute(select(AUTHORITY).where(AUTHORITY.c.key == key)).mappings().one_or_none()
    return Authority(**row) if row else None


def keeper(db: Connection) -> str | None:
    """Find the council that keeps the register."""
    return db.scalar(select(AUTHORITY.c.key).where(AUTHORITY.c.keeps_register))


def save_person(db: Connection, person: Person, key_hash: bytes | None, key_made_at: datetime = FIRST) -> None:
    """Add somebody, with or without an access key, and their way to sign in. Raises EmailTaken."""
    others = sorted(role.value for role in person.roles - {person.role})
    db.execute(
        insert(PERSON).values(
            id=person.id,
            authority=person.authority,
            name=person.name,
            role=person.role.value,
            roles=[person.role.value, *others],
            email=person.email,
            provider_id=person.provider_id,
            weekly_limit=person.weekly_limit,
            key_hash=key_hash,
            key_made_at=key_made_at if key_hash else None,
        )
    )
    done = db.execute(
        upsert(LOGIN)
        .values(person_id=person.id, email=folded(person.email), app_step=0, recovery=[])
        .on_conflict_do_nothing(constraint="login_email_once")
        .returning(LOGIN.c.person_id)
    ).one_or_none()
    if done is None:
        raise EmailTaken


def hold(db: Connection, person_ids: Collection[UUID]) -> dict[PersonId, Person]:
    """Hold people in the order of their numbers, so that two who change each other do not wait for ever."""
    wanted = select(PERSON).where(PERSON.c.id.in_(list(person_ids))).order_by(PERSON.c.id).with_for_update()
    return {PersonId(row["id"]): person_of(row) for row in db.execute(wanted).mappings()}


def save_roles(db: Connection, person_id: UUID, main: Role, others: Collection[Role]) -> None:
    roles = [main.value, *sorted(role.value for role in others)]
    db.execute(update(PERSON).where(PERSON.c.id == person_id).values(role=main.value, roles=roles))


def save_limit(db: Connection, person_id: UUID, limit: Decimal | None) -> None:
    db.execute(update(PERSON).where(PERSON.c.id == person_id).values(weekly_limit=limit))


def save_key(db: Connection, person_id: UUID, key_hash: bytes | None, now: datetime) -> None:
    """Put a new access key in place of the old one, or none."""
    dated = now if key_hash else None
    db.execute(update(PERSON).where(PERSON.c.id == person_id).values(key_hash=key_hash, key_made_at=dated))


def leave(db: Connection, person_id: UUID, now: datetime) -> None:
    """Mark somebody as gone, with neither key nor limit."""
    gone = {"left_at": now, "key_hash": None, "key_made_at": None}
    db.execute(update(PERSON).where(PERSON.c.id == person_id).values(**gone))


def colleagues(db: Connection, authority: str | None, provider_id: UUID | None) -> tuple[Person, ...]:
    """List everybody of a council or a firm, those who left last."""
    theirs = PERSON.c.provider_id == provider_id if provider_id else PERSON.c.authority == authority
    wanted = select(PERSON).where(theirs).order_by(PERSON.c.left_at.is_not(None), PERSON.c.name, PERSON.c.id)
    return tuple(person_of(row) for row in db.execute(wanted).mappings())


def person_of_key(db: Connection, key_hash: bytes) -> Person | None:
    """Find who a bearer key belongs to; people who left are not found."""
    row = (
        db.execute(select(PERSON).where(PERSON.c.key_hash == key_hash, PERSON.c.left_at.is_(None)))
        .mappings()
        .one_or_none()
    )
    return person_of(row) if row else None


def person(db: Connection, person_id: UUID) -> Person | None:
    row = db.execute(select(PERSON).where(PERSON.c.id == person_id)).mappings().one_or_none()
    return person_of(row) if row else None


def people(db: Connection, authority: str, role: Role | None = None) -> tuple[Person, ...]:
    wanted = select(PERSON).where(PERSON.c.authority == authority, PERSON.c.left_at.is_(None)).order_by(PERSON.c.name)
    if role:
        wanted = wanted.where(literal(role.value) == any_(PERSON.c.roles))
    return tuple(person_of(row) for row in db.execute(wanted).mappings())


def names(db: Connection, authority: str) -> dict[PersonId, str]:
    """Give the names behind the ids of one authority's record lines, its providers' users included."""
    rows = db.execute(
        select(PERSON.c.id, PERSON.c.name).where((PERSON.c.authority == authority) | PERSON.c.authority.is_(None))
    )
    return {PersonId(row.id): row.name for row in rows}
