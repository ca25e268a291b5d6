"""Every statement about authorities, people and sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from brokerage.people.model import Authority, Person, PersonId, Role
from brokerage.people.rules import SESSION_IDLE, SESSION_LONGEST
from brokerage.people.tables import AUTHORITY, PERSON, SESSION


def save_authority(db: Connection, authority: Authority) -> None:
    db.execute(
        insert(AUTHORITY).values(
            key=authority.key,
            name=authority.name,
            legal_basis=authority.legal_basis,
            legal_profile=authority.legal_profile,
            offer_code=authority.offer_code,
            urgent_waits_for_morning=authority.urgent_waits_for_morning,
            office_phone=authority.office_phone,
            keeps_register=authority.keeps_register,
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


def save_person(db: Connection, person: Person, key_hash: bytes) -> None:
    db.execute(
        insert(PERSON).values(
            id=person.id,
            authority=person.authority,
            name=person.name,
            role=person.role.value,
            email=person.email,
            provider_id=person.provider_id,
            weekly_limit=person.weekly_limit,
            key_hash=key_hash,
        )
    )


def person_of_key(db: Connection, key_hash: bytes) -> Person | None:
    """Find who a bearer key belongs to; people who left are not found."""
    row = (
        db.execute(select(PERSON).where(PERSON.c.key_hash == key_hash, PERSON.c.left_at.is_(None)))
        .mappings()
        .one_or_none()
    )
    return _person(row) if row else None


def person(db: Connection, person_id: UUID) -> Person | None:
    row = db.execute(select(PERSON).where(PERSON.c.id == person_id)).mappings().one_or_none()
    return _person(row) if row else None


def people(db: Connection, authority: str, role: Role | None = None) -> tuple[Person, ...]:
    wanted = select(PERSON).where(PERSON.c.authority == authority, PERSON.c.left_at.is_(None)).order_by(PERSON.c.name)
    if role:
        wanted = wanted.where(PERSON.c.role == role.value)
    return tuple(_person(row) for row in db.execute(wanted).mappings())


def names(db: Connection, authority: str) -> dict[PersonId, str]:
    """Give the names behind the ids of one authority's record lines, its providers' users included."""
    rows = db.execute(
        select(PERSON.c.id, PERSON.c.name).where((PERSON.c.authority == authority) | PERSON.c.authority.is_(None))
    )
    return {PersonId(row.id): row.name for row in rows}


def open_session(db: Connection, id_hash: bytes, person_id: PersonId, now: datetime) -> None:
    db.execute(insert(SESSION).values(id_hash=id_hash, person_id=person_id, created_at=now, seen_at=now))


def person_of_session(db: Connection, id_hash: bytes, now: datetime) -> Person | None:
    """Find who is signed in, if the session has neither idled nor aged out."""
    row = (
        db.execute(
            select(PERSON, SESSION.c.seen_at)
            .join(SESSION, SESSION.c.person_id == PERSON.c.id)
            .where(
                SESSION.c.id_hash == id_hash,
                SESSION.c.created_at > now - SESSION_LONGEST,
                SESSION.c.seen_at > now - SESSION_IDLE,
                PERSON.c.left_at.is_(None),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    if now - row["seen_at"] > timedelta(minutes=1):  # one write a minute is enough to know that it is used
        db.execute(update(SESSION).where(SESSION.c.id_hash == id_hash).values(seen_at=now))
    return _person(row)


def close_session(db: Connection, id_hash: bytes) -> None:
    db.execute(delete(SESSION).where(SESSION.c.id_hash == id_hash))


def carry_sessions(db: Connection, by: timedelta) -> None:
    """Take every session along when the demo's clock is moved, so that a leap in time signs nobody out."""
    db.execute(update(SESSION).values(created_at=SESSION.c.created_at + by, seen_at=SESSION.c.seen_at + by))


def _person(row: RowMapping) -> Person:
    return Person(
        PersonId(row["id"]),
        row["authority"],
        row["name"],
        Role(row["role"]),
        row["email"],
        row["provider_id"],
        row["weekly_limit"],
    )
