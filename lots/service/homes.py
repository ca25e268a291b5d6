"""Take beds and let them go (B11, B13).

Who loses a race for a bed is told whose days are in the way. Beds are locked in the order of their numbers, so two who
go through here never deadlock; should the database report a deadlock (40P01) or a serialization failure all the same,
whoever opened the transaction runs it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from lots import store
from lots.errors import BelongsToAnother, NoSuchEntry, NotNow
from lots.events import BedsHeld, BedVoided, HomeAdded, HomeClosed, RoomAdded, StayEnded, StayFreed, VoidEnded
from lots.model import (
    BedId,
    Hold,
    HoldId,
    HoldKind,
    Need,
    Property,
    PropertyId,
    ProviderId,
    Room,
    Stay,
    StayId,
    VoidReason,
)
from lots.rules import check_free, check_home, check_suits, london_day


def add_home(db: Connection, home: Property) -> HomeAdded:
    """Add a home with its rooms and beds to a provider's. Raise `NoSuchProvider`."""
    provider = store.provider(db, ProviderId(home.provider_id))
    store.add_home(db, home)
    return HomeAdded(provider.id, home.id, sum(len(room.beds) for room in home.rooms))


def add_room(db: Connection, home: Property, room: Room) -> RoomAdded:
    """Add a room with its beds to a home. Raise `NotNow` for one that is closed."""
    if home.closed_on is not None:
        raise NotNow("home", "closed", "add a room")
    store.add_room(db, home.id, room)
    return RoomAdded(ProviderId(home.provider_id), home.id, room.id, len(room.beds))


def close_home(db: Connection, home_id: PropertyId, closed_on: date) -> HomeClosed:
    """Say which day is a home's last; stays that run stay as they are. Raise `NoSuchEntry`."""
    store.close_home(db, home_id, closed_on)
    return HomeClosed(home_id, closed_on)


def hold_beds(
    db: Connection,
    authority: str,
    about: UUID,
    provider_id: ProviderId,
    bed_ids: Sequence[BedId],
    starts_on: date,
    ends_on: date | None,
    now: datetime,
    need: Need | None = None,
) -> BedsHeld:
    """Take beds for a referral, all of them or none (B13); with its `need` in homes that suit it (S5).

    Asks nothing about the provider's standing: whoever places holds that first. Raise `NoSuchEntry`,
    `BelongsToAnother`, `HomeNotFit`, or `BedTaken` with the days of whoever has it.
    """
    provider = store.provider(db, provider_id)
    wanted = sorted(set(bed_ids))
    homes = store.hold_beds(db, wanted)
    for bed_id in wanted:
        if homes[bed_id].provider_id != provider_id:
            raise BelongsToAnother(provider_id, homes[bed_id].provider_id)
        check_home(provider, homes[bed_id], starts_on, ends_on)
        if need is not None:
            check_suits(homes[bed_id], need)
    taken = store.holds(db, wanted, starts_on, ends_on)
    stays = []
    for bed_id in wanted:
        check_free(bed_id, taken, starts_on, ends_on)
        hold = Hold(HoldId(uuid4()), bed_id, HoldKind.STAY, starts_on, ends_on)
        stays.append(Stay(authority, StayId(uuid4()), hold, provider_id, about))
    for stay in stays:
        store.add_stay(db, stay, now)
    return BedsHeld(authority, provider_id, tuple(each.id for each in stays), tuple(wanted), about, starts_on, ends_on)


def end_stay(db: Connection, authority: str, stay_id: StayId, ends_on: date) -> StayEnded:
    """Set a stay's last day, earlier or later; the bed is free from the day after.

    Raise `NoSuchEntry`, `NotNow` for a day before the stay began, or `BedTaken` where somebody has the bed by then.
    """
    stay = store.hold_stay(db, authority, stay_id)
    _move_end(db, stay.hold, ends_on, "stay")
    return StayEnded(authority, stay_id, stay.hold.bed_id, ends_on)


def free_stay(db: Connection, authority: str, stay_id: StayId, now: datetime, *, replaced: bool = False) -> StayFreed:
    """Give up a stay that has not begun, or that another of the same referral takes over whole (`replaced`).

    Raise `NoSuchEntry`, or `NotNow` from its first day on.
    """
    stay = store.hold_stay(db, authority, stay_id)
    if stay.hold.starts_on <= london_day(now) and not replaced:
        raise NotNow("stay", "begun", "give up")
    store.free_stay(db, stay)
    return StayFreed(authority, stay_id, stay.hold.bed_id)


def void_bed(
    db: Connection, bed_id: BedId, reason: VoidReason, starts_on: date, ends_on: date | None, now: datetime
) -> BedVoided:
    """Say that nobody can sleep in a bed for a while. Raise `NoSuchEntry`, or `BedTaken` where somebody does."""
    home = store.hold_beds(db, [bed_id])[bed_id]
    check_free(bed_id, store.holds(db, [bed_id], starts_on, ends_on), starts_on, ends_on)
    hold = Hold(HoldId(uuid4()), bed_id, HoldKind.VOID, starts_on, ends_on, reason)
    store.add_hold(db, hold, now)
    return BedVoided(ProviderId(home.provider_id), bed_id, hold.id, starts_on, ends_on)


def end_void(db: Connection, hold_id: HoldId, ends_on: date) -> VoidEnded:
    """Set a void's last day. Raise `NoSuchEntry`, `NotNow` or `BedTaken`."""
    hold = store.hold_void(db, hold_id)
    _move_end(db, hold, ends_on, "void")
    return VoidEnded(hold.bed_id, hold_id, ends_on)


def _move_end(db: Connection, hold: Hold, ends_on: date, kind: str) -> None:
    if ends_on < hold.starts_on:
        raise NotNow(kind, "not begun by then", "end")
    if not store.hold_beds(db, [hold.bed_id]):
        raise NoSuchEntry("bed", hold.bed_id)
    others = (one for one in store.holds(db, [hold.bed_id], hold.starts_on, ends_on) if one.id != hold.id)
    check_free(hold.bed_id, others, hold.starts_on, ends_on)
    store.end_hold(db, hold.id, ends_on)
