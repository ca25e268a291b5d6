"""Read and keep homes, beds and what keeps beds taken (B11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from lots.errors import NoSuchEntry
from lots.model import (
    Bed,
    BedId,
    EvidenceState,
    Held,
    Hold,
    HoldId,
    HoldKind,
    Property,
    PropertyId,
    ProviderId,
    Room,
    RoomId,
    Sharing,
    Stay,
    StayId,
    VoidReason,
)
from lots.rules.homes import check_free
from lots.store.register import constraint
from lots.tables import BED, BED_HOLD, EVIDENCE, PROPERTY, ROOM, STAY


def homes(db: Connection, provider_id: ProviderId | None = None) -> Mapping[ProviderId, tuple[Property, ...]]:
    """Read the homes with rooms, beds and accepted evidence, by provider; with a provider, its own only."""
    found: defaultdict[ProviderId, list[Property]] = defaultdict(list)
    for home in _homes(db, true() if provider_id is None else PROPERTY.c.provider_id == provider_id):
        found[ProviderId(home.provider_id)].append(home)
    return {key: tuple(each) for key, each in found.items()}


def add_home(db: Connection, home: Property) -> None:
    """Add a home with its rooms and beds."""
    db.execute(
        insert(PROPERTY).values(
            id=home.id,
            provider_id=home.provider_id,
            name=home.name,
            address=home.address,
            outward_code=home.outward_code,
            ofsted_category=home.ofsted_category,
            opened_on=home.opened_on,
            closed_on=home.closed_on,
        )
    )
    rooms = [
        {"id": room.id, "property_id": home.id, "name": room.name, "sharing": room.sharing, "step_free": room.step_free}
        for room in home.rooms
    ]
    if rooms:
        db.execute(insert(ROOM), rooms)
        db.execute(
            insert(BED),
            [{"id": bed.id, "room_id": room.id, "number": bed.number} for room in home.rooms for bed in room.beds],
        )


def add_room(db: Connection, home_id: PropertyId, room: Room) -> None:
    """Add a room with its beds to a home."""
    db.execute(
        insert(ROOM).values(
            id=room.id, property_id=home_id, name=room.name, sharing=room.sharing, step_free=room.step_free
        )
    )
    db.execute(insert(BED), [{"id": bed.id, "room_id": room.id, "number": bed.number} for bed in room.beds])


def close_home(db: Connection, home_id: PropertyId, closed_on: date) -> None:
    """Say which day is a home's last; raise `NoSuchEntry`."""
    done = db.execute(update(PROPERTY).where(PROPERTY.c.id == home_id).values(closed_on=closed_on))
    if done.rowcount == 0:
        raise NoSuchEntry("home", home_id)


def hold_beds(db: Connection, bed_ids: Iterable[BedId]) -> Mapping[BedId, Property]:
    """Hold beds against everybody else who wants them, and give the home of each; raise `NoSuchEntry`.

    Always in the order of their numbers, so that two who want the same beds do not wait for each other.
    """
    wanted = sorted(set(bed_ids))
    locked = set(
        db.scalars(select(BED.c.id).where(BED.c.id.in_(wanted)).order_by(BED.c.id).with_for_update(key_share=True))
    )
    for bed_id in wanted:
        if bed_id not in locked:
            raise NoSuchEntry("bed", bed_id)
    where = select(ROOM.c.property_id).join(BED, BED.c.room_id == ROOM.c.id).where(BED.c.id.in_(wanted))
    return {
        bed.id: home
        for home in _homes(db, PROPERTY.c.id.in_(where))
        for room in home.rooms
        for bed in room.beds
        if bed.id in locked
    }


def holds(db: Connection, bed_ids: Sequence[BedId], starts_on: date, ends_on: date | None) -> tuple[Hold, ...]:
    """Read what keeps these beds taken on any day of a period, both ends included."""
    wanted = select(BED_HOLD).where(
        BED_HOLD.c.bed_id.in_(bed_ids), BED_HOLD.c.ends_on.is_(None) | (BED_HOLD.c.ends_on >= starts_on)
    )
    if ends_on is not None:
        wanted = wanted.where(BED_HOLD.c.starts_on <= ends_on)
    return tuple(map(_hold, db.execute(wanted.order_by(BED_HOLD.c.starts_on, BED_HOLD.c.id))))


def taken_on(db: Connection, on: date) -> frozenset[BedId]:
    """Read the beds that somebody has, or nobody can have, on the day."""
    rows = db.scalars(
        select(BED_HOLD.c.bed_id).where(
            BED_HOLD.c.starts_on <= on, BED_HOLD.c.ends_on.is_(None) | (BED_HOLD.c.ends_on >= on)
        )
    )
    return frozenset(map(BedId, rows))


def add_hold(db: Connection, hold: Hold, now: datetime) -> None:
    """Take a bed; raise `BedTaken` with the days of whoever has it, after which the transaction can still be used."""
    values = {
        "id": hold.id,
        "bed_id": hold.bed_id,
        "kind": hold.kind.value,
        "starts_on": hold.starts_on,
        "ends_on": hold.ends_on,
        "void_reason": None if hold.void_reason is None else hold.void_reason.value,
        "made_at": now,
    }
    try:
        with db.begin_nested():
            db.execute(insert(BED_HOLD).values(**values))
    except IntegrityError as refused:
        if constraint(refused) != "ex_bed_hold_no_overlap":
            raise
        check_free(hold.bed_id, holds(db, [hold.bed_id], hold.starts_on, hold.ends_on), hold.starts_on, hold.ends_on)
        raise


def add_stay(db: Connection, stay: Stay, now: datetime) -> None:
    """Take a bed for a council's referral; raise `BedTaken`."""
    add_hold(db, stay.hold, now)
    db.execute(
        insert(STAY).values(
            authority=stay.authority,
            id=stay.id,
            hold_id=stay.hold.id,
            provider_id=stay.provider_id,
            about=stay.about,
        )
    )


def hold_stay(db: Connection, authority: str, stay_id: StayId) -> Stay:
    """Hold one stay of a council, to change it; raise `NoSuchEntry`."""
    row = db.execute(
        select(STAY).where(STAY.c.authority == authority, STAY.c.id == stay_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchEntry("stay", stay_id)
    hold = db.execute(select(BED_HOLD).where(BED_HOLD.c.id == row.hold_id).with_for_update()).one()
    return Stay(authority, stay_id, _hold(hold), row.provider_id, row.about)


def hold_void(db: Connection, hold_id: HoldId) -> Hold:
    """Hold one void, to change it; raise `NoSuchEntry`."""
    row = db.execute(
        select(BED_HOLD).where(BED_HOLD.c.id == hold_id, BED_HOLD.c.kind == HoldKind.VOID.value).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchEntry("void", hold_id)
    return _hold(row)


def stays(db: Connection, authority: str, about: UUID) -> tuple[Stay, ...]:
    """Read the beds that a council holds for a referral, by day."""
    rows = db.execute(
        select(STAY.c.id.label("stay_id"), STAY.c.provider_id, STAY.c.about, BED_HOLD)
        .join(BED_HOLD, BED_HOLD.c.id == STAY.c.hold_id)
        .where(STAY.c.authority == authority, STAY.c.about == about)
        .order_by(BED_HOLD.c.starts_on, BED_HOLD.c.id)
    )
    return tuple(Stay(authority, StayId(row.stay_id), _hold(row), row.provider_id, row.about) for row in rows)


def stays_in(db: Connection, bed_ids: Collection[BedId]) -> tuple[Stay, ...]:
    """Read who is or will be in a provider's beds, for whichever council, by day."""
    rows = db.execute(
        select(STAY.c.authority, STAY.c.id.label("stay_id"), STAY.c.provider_id, STAY.c.about, BED_HOLD)
        .join(BED_HOLD, BED_HOLD.c.id == STAY.c.hold_id)
        .where(BED_HOLD.c.bed_id.in_(bed_ids))
        .order_by(BED_HOLD.c.starts_on, BED_HOLD.c.id)
    )
    return tuple(Stay(row.authority, StayId(row.stay_id), _hold(row), row.provider_id, row.about) for row in rows)


def end_hold(db: Connection, hold_id: HoldId, ends_on: date) -> None:
    """Set the last day of what keeps a bed taken."""
    db.execute(update(BED_HOLD).where(BED_HOLD.c.id == hold_id).values(ends_on=ends_on))


def free_stay(db: Connection, stay: Stay) -> None:
    """Take a stay that had not begun away, and let the bed go."""
    db.execute(delete(STAY).where(STAY.c.authority == stay.authority, STAY.c.id == stay.id))
    db.execute(delete(BED_HOLD).where(BED_HOLD.c.id == stay.hold.id))


def _homes(db: Connection, which: ColumnElement[bool]) -> Iterator[Property]:
    furnished = (
        select(ROOM, BED.c.id.label("bed_id"), BED.c.number)
        .join(BED, BED.c.room_id == ROOM.c.id)
        .join(PROPERTY, PROPERTY.c.id == ROOM.c.property_id)
        .where(which)
        .order_by(ROOM.c.name, ROOM.c.id, BED.c.number)
    )
    held = (
        select(EVIDENCE)
        .join(PROPERTY, PROPERTY.c.id == EVIDENCE.c.property_id)
        .where(which, EVIDENCE.c.state == EvidenceState.ACCEPTED.value)
    )
    beds: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(furnished).all():
        beds[row.id].append(row)
    rooms: defaultdict[UUID, list[Room]] = defaultdict(list)
    for rows in beds.values():
        rooms[rows[0].property_id].append(_room(rows))
    papers: defaultdict[UUID, list[Held]] = defaultdict(list)
    for row in db.execute(held).all():
        papers[row.property_id].append(Held(row.kind, row.valid_from, row.valid_to))
    for row in db.execute(select(PROPERTY).where(which).order_by(PROPERTY.c.name, PROPERTY.c.id)).all():
        yield _home(row, tuple(rooms[row.id]), papers[row.id])


def _room(rows: Sequence[Row[Any]]) -> Room:
    first = rows[0]
    return Room(
        RoomId(first.id),
        first.name,
        Sharing(first.sharing),
        first.step_free,
        tuple(Bed(BedId(row.bed_id), row.number) for row in rows),
    )


def _home(row: Row[Any], rooms: tuple[Room, ...], evidence: Sequence[Held]) -> Property:
    return Property(
        id=PropertyId(row.id),
        provider_id=row.provider_id,
        name=row.name,
        address=row.address,
        outward_code=row.outward_code,
        ofsted_category=row.ofsted_category,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        rooms=rooms,
        evidence=tuple(sorted(evidence, key=lambda one: (one.kind, one.valid_from))),
    )


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        id=HoldId(row.id),
        bed_id=BedId(row.bed_id),
        kind=HoldKind(row.kind),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        void_reason=None if row.void_reason is None else VoidReason(row.void_reason),
    )
