"""Homes, rooms and beds: a provider's own, and the beds that an agreement holds (A14, B11, B13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.reading import Fault, NotValid
from brokerage.referrals import store as referral_store
from lots import service as lots_service
from lots import store as lots
from lots.errors import BelongsToAnother, NoSuchEntry
from lots.events import (
    BedsHeld,
    BedVoided,
    HomeAdded,
    HomeClosed,
    NightContactAdded,
    RoomAdded,
    StayEnded,
    StayFreed,
    VoidEnded,
)
from lots.model import (
    Bed,
    BedId,
    HoldId,
    Need,
    NightContact,
    Property,
    ProviderId,
    Room,
    Stay,
    VoidReason,
    Wants,
)
from matrix.rules import age_on
from placements.model import Agreement


def own_firm(work: Work) -> ProviderId:
    """Give the firm of whoever manages its homes. Raises NotAllowed for anybody else."""
    work.require(Permission.MANAGE_FIRM)
    if work.actor.provider_id is None:
        raise NotSignedIn
    return ProviderId(work.actor.provider_id)


def own_home(work: Work, home_id: UUID) -> Property:
    """Find a home of the asker's firm. Raises NoSuchEntry, for another firm's home too."""
    firm = own_firm(work)
    for home in lots.homes(work.db, firm).get(firm, ()):
        if home.id == home_id:
            return home
    raise NoSuchEntry("home", home_id)


def own_bed(work: Work, home_id: UUID, bed_id: UUID) -> tuple[Property, Room, Bed]:
    """Find a bed in a home of the asker's firm. Raises NoSuchEntry."""
    home = own_home(work, home_id)
    for room in home.rooms:
        for bed in room.beds:
            if bed.id == bed_id:
                return home, room, bed
    raise NoSuchEntry("bed", bed_id)


def add_home(work: Work, home: Property) -> HomeAdded:
    """Add a home to the own firm's. Raises BelongsToAnother for a home of another firm."""
    firm = own_firm(work)
    if home.provider_id != firm:
        raise BelongsToAnother(firm, home.provider_id)
    event = lots_service.add_home(work.db, home)
    work.record(event, None)
    return event


def add_room(work: Work, home_id: UUID, room: Room) -> RoomAdded:
    """Add a room with its beds to one of the own homes."""
    event = lots_service.add_room(work.db, own_home(work, home_id), room)
    work.record(event, None)
    return event


def close_home(work: Work, home_id: UUID, closed_on: date) -> HomeClosed:
    """Say which day is the last of one of the own homes; stays that run are not touched."""
    event = lots_service.close_home(work.db, own_home(work, home_id).id, closed_on)
    work.record(event, None)
    return event


def void_bed(
    work: Work, home_id: UUID, bed_id: UUID, reason: VoidReason, starts_on: date, ends_on: date | None
) -> BedVoided:
    """Say that nobody can sleep in one of the own beds for a while. Raises BedTaken where somebody does."""
    _, _, bed = own_bed(work, home_id, bed_id)
    event = lots_service.void_bed(work.db, bed.id, reason, starts_on, ends_on, work.now)
    work.record(event, None)
    return event


def end_void(work: Work, home_id: UUID, bed_id: UUID, hold_id: UUID, ends_on: date) -> VoidEnded:
    """Set the last day of a void of one of the own beds. Raises NoSuchEntry, NotNow or BedTaken."""
    _, _, bed = own_bed(work, home_id, bed_id)
    if lots.hold_void(work.db, HoldId(hold_id)).bed_id != bed.id:
        raise NoSuchEntry("void", hold_id)
    event = lots_service.end_void(work.db, HoldId(hold_id), ends_on)
    work.record(event, None)
    return event


def add_night_contact(work: Work, contact: NightContact) -> NightContactAdded:
    """Give one more number out of hours of the own firm (A17). Raises BelongsToAnother."""
    firm = own_firm(work)
    if contact.provider_id != firm:
        raise BelongsToAnother(firm, contact.provider_id)
    event = lots_service.add_night_contact(work.db, contact)
    work.record(event, None)
    return event


def hold_bed(work: Work, agreement: Agreement, bed_ids: Sequence[BedId]) -> BedsHeld | None:
    """Take beds of the agreement's provider for its whole time, all or none (B11, B13); no bed named, nothing done.

    What was held for the same referral before, since the Careline placed it at night, gives way: it ends on the eve,
    or it becomes this stay where it is the same bed. Raises BedTaken with the other's days, HomeNotFit,
    BelongsToAnother, NoSuchEntry.
    """
    work.require(Permission.OPEN_AGREEMENT)
    if not bed_ids:
        return None
    if agreement.part is Wants.SUPPORT:
        raise NotValid((Fault("/bed_ids", "This agreement is for support only: it holds no bed"),))
    for stay in lots.stays(work.db, agreement.authority, agreement.referral_id):
        _give_way(work, agreement, stay)
    born = referral_store.referral(work.db, agreement.authority, agreement.referral_id, editions())
    age = age_on(born.new.young_person.date_of_birth, agreement.starts_on)
    event = lots_service.hold_beds(
        work.db,
        agreement.authority,
        agreement.referral_id,
        ProviderId(agreement.provider_id),
        bed_ids,
        agreement.starts_on,
        agreement.last_day,
        work.now,
        Need(agreement.terms.category, age, frozenset({Wants.ACCOMMODATION}), Decimal(0), len(bed_ids)),
    )
    work.record(event, agreement.referral_id)
    return event


def _give_way(work: Work, agreement: Agreement, stay: Stay) -> None:
    """End a stay of the same referral before the agreement's first day; one that begins on it is given up."""
    starts, hold = agreement.starts_on, stay.hold
    if hold.ends_on is not None and hold.ends_on < starts:
        return
    event: StayEnded | StayFreed
    if hold.starts_on < starts:
        event = lots_service.end_stay(work.db, agreement.authority, stay.id, starts - timedelta(days=1))
    else:
        event = lots_service.free_stay(work.db, agreement.authority, stay.id, work.now, replaced=True)
    work.record(event, agreement.referral_id)
