"""Beds in PostgreSQL: nobody sleeps in a bed that somebody else has (A14, A17, B11, B13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from lots import service, store
from lots.errors import (
    BedTaken,
    BelongsToAnother,
    HomeNotFit,
    NoSuchEntry,
    NotInStandingTonight,
    NotNow,
)
from lots.model import (
    ApplicationId,
    Bed,
    BedId,
    Call,
    CallId,
    CallKind,
    CallOutcome,
    CategoryCode,
    Finding,
    HoldId,
    HoldKind,
    LinePurpose,
    Need,
    NightContact,
    NightContactId,
    Property,
    PropertyId,
    ProviderId,
    Room,
    RoomId,
    Sharing,
    StayId,
    Suspension,
    VoidReason,
    Wants,
)
from lots.tables import BED_HOLD
from tests.pure.lots.builders import JOINING, MOBILE
from tests.store.lots.test_lots_store import NOW, a_provider, a_registration

TODAY = date(2026, 11, 23)
NEED = Need(CategoryCode.EMERGENCY, 17, frozenset(Wants), Decimal(10), 1)


def a_home(owner: ProviderId, *, singles: int = 1, code: str = "DE1") -> Property:
    rooms = tuple(
        Room(RoomId(uuid4()), f"Room {n}", Sharing.SINGLE, n == 1, (Bed(BedId(uuid4()), 1),))
        for n in range(1, singles + 1)
    )
    return Property(PropertyId(uuid4()), owner, "Elm House", "1 Elm Road", code, 2, TODAY, None, rooms)


def a_firm(db: Connection, *, singles: int = 1) -> tuple[ProviderId, list[BedId]]:
    provider = a_provider(f"Elm {uuid4()}")
    service.admit_provider(db, provider, [a_registration(provider, CategoryCode.EMERGENCY)], NOW)
    home = a_home(provider.id, singles=singles)
    event = service.add_home(db, home)
    assert event.beds == singles
    assert store.homes(db, provider.id) == {provider.id: (home,)}
    return provider.id, [bed.id for room in home.rooms for bed in room.beds]


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def test_who_comes_second_is_told_the_days_of_who_came_first(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    about = uuid4()
    event = service.hold_beds(db, "derby-city", about, firm, [bed], day(0), day(9), NOW)
    assert [one.hold.bed_id for one in store.stays(db, "derby-city", about)] == [bed]
    with pytest.raises(BedTaken) as refused:
        service.hold_beds(db, "derbyshire", uuid4(), firm, [bed], day(9), None, NOW)
    assert (refused.value.starts_on, refused.value.ends_on, refused.value.by) == (day(0), day(9), HoldKind.STAY)
    service.hold_beds(db, "derbyshire", uuid4(), firm, [bed], day(10), None, NOW)
    with pytest.raises(BedTaken):
        service.end_stay(db, "derby-city", event.stays[0], day(10))
    service.end_stay(db, "derby-city", event.stays[0], day(4))
    service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(5), day(9), NOW)
    with pytest.raises(NoSuchEntry):
        service.end_stay(db, "derbyshire", event.stays[0], day(3))
    with pytest.raises(NotNow):
        service.end_stay(db, "derby-city", event.stays[0], day(-1))


def test_a_block_of_beds_is_taken_whole_or_not_at_all(db: Connection) -> None:
    firm, beds = a_firm(db, singles=5)
    service.hold_beds(db, "derby-city", uuid4(), firm, [beds[3]], day(0), day(1), NOW)
    about = uuid4()
    with pytest.raises(BedTaken):
        service.hold_beds(db, "derby-city", about, firm, beds, day(1), day(5), NOW)
    assert store.stays(db, "derby-city", about) == ()
    event = service.hold_beds(db, "derby-city", about, firm, [*beds, beds[0]], day(2), day(5), NOW)
    assert sorted(event.beds) == sorted(beds)
    assert store.taken_on(db, day(3)) == frozenset(beds)
    assert store.taken_on(db, day(6)) == frozenset()


def test_a_void_keeps_a_bed_empty_and_is_not_put_over_somebody(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    void = service.void_bed(db, bed, VoidReason.REPAIRS, day(0), None, NOW)
    with pytest.raises(BedTaken) as refused:
        service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(3), day(5), NOW)
    assert refused.value.by is HoldKind.VOID
    service.end_void(db, void.hold_id, day(2))
    service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(3), day(5), NOW)
    with pytest.raises(BedTaken):
        service.void_bed(db, bed, VoidReason.MAINTENANCE, day(5), day(6), NOW)
    with pytest.raises(NoSuchEntry):
        service.end_void(db, HoldId(uuid4()), day(2))


def test_a_stay_is_given_up_until_the_day_before_it_begins(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    event = service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(1), None, NOW)
    with pytest.raises(NotNow):
        service.free_stay(db, "derby-city", event.stays[0], NOW + timedelta(days=1))
    service.free_stay(db, "derby-city", event.stays[0], NOW)
    assert store.taken_on(db, day(1)) == frozenset()
    with pytest.raises(NoSuchEntry):
        service.free_stay(db, "derby-city", StayId(uuid4()), NOW)


def test_a_bed_is_the_provider_s_own_in_a_home_that_is_open(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    other, _ = a_firm(db)
    with pytest.raises(BelongsToAnother):
        service.hold_beds(db, "derby-city", uuid4(), other, [bed], day(0), None, NOW)
    with pytest.raises(NoSuchEntry):
        service.hold_beds(db, "derby-city", uuid4(), firm, [BedId(uuid4())], day(0), None, NOW)
    (home,) = store.homes(db, firm)[firm]
    service.close_home(db, home.id, day(10))
    with pytest.raises(HomeNotFit):
        service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(0), None, NOW)
    service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(0), day(10), NOW)
    with pytest.raises(NoSuchEntry):
        service.close_home(db, PropertyId(uuid4()), day(10))


def test_the_database_refuses_two_in_one_bed_whoever_writes_it(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    service.hold_beds(db, "derby-city", uuid4(), firm, [bed], day(0), day(9), NOW)
    row = {"bed_id": bed, "kind": "stay", "starts_on": day(9), "ends_on": None, "void_reason": None, "made_at": NOW}
    for change, constraint in (
        ({}, "ex_bed_hold_no_overlap"),
        ({"starts_on": day(20), "kind": "void"}, "ck_bed_hold_void_reason"),
        ({"starts_on": day(20), "void_reason": "repairs"}, "ck_bed_hold_void_reason"),
        ({"starts_on": day(20), "ends_on": day(19)}, "ck_bed_hold_dates|lower bound"),
    ):
        with pytest.raises(Exception, match=constraint) as refused, db.begin_nested():
            db.execute(insert(BED_HOLD).values(id=uuid4(), **(row | change)))
        assert isinstance(refused.value, IntegrityError) or "lower bound" in str(refused.value)


# Tonight ---------------------------------------------------------------------------------------------------


def a_contact(db: Connection, firm: ProviderId) -> NightContact:
    line = replace(JOINING.night_lines[1], opens=JOINING.night_lines[1].closes)
    contact = NightContact(NightContactId(uuid4()), firm, line)
    service.add_night_contact(db, contact)
    return contact


def a_call(contact: NightContact, outcome: CallOutcome = CallOutcome.CAN_TAKE) -> Call:
    return Call("derby-city", CallId(uuid4()), contact.provider_id, contact.id, CallKind.REAL, NOW, outcome, "Yes")


def test_the_careline_finds_calls_and_places_tonight(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    contact = a_contact(db, firm)
    assert contact.line.purpose is LinePurpose.EMERGENCY_PLACES
    found = service.tonight(db, NEED, "DE22", NOW)
    assert [[free.bed_id for free in one.beds] for one in found.ready] == [[bed]]
    assert found.ready[0].lines == (contact,)
    refused_call = a_call(contact, CallOutcome.CANNOT_TAKE)
    service.log_call(db, refused_call)
    about, call = uuid4(), a_call(contact)
    with pytest.raises(NotNow):
        service.place_now(db, "derby-city", refused_call.id, about, "R-1", NEED, [bed], 2, NOW)
    with pytest.raises(NoSuchEntry):
        service.place_now(db, "derby-city", call.id, about, "R-1", NEED, [bed], 2, NOW)
    service.log_call(db, call)
    with pytest.raises(NoSuchEntry):
        service.place_now(db, "derbyshire", call.id, about, "R-1", NEED, [bed], 2, NOW)
    with pytest.raises(NotNow):
        service.place_now(db, "derby-city", call.id, about, "R-1", NEED, [bed], 2, NOW + timedelta(hours=13))
    placed = service.place_now(db, "derby-city", call.id, about, "R-1", NEED, [bed], 2, NOW)
    assert (placed.provider_id, placed.beds, placed.starts_on, placed.call_id) == (firm, (bed,), TODAY, call.id)
    assert (placed.ends_on, placed.about) == (day(1), about)
    with pytest.raises(NotNow):
        service.place_now(db, "derby-city", call.id, uuid4(), "R-2", NEED, [bed], 2, NOW)
    kept = next(one for one in store.calls_since(db, "derby-city", NOW) if one.id == call.id)
    assert (kept.about, kept.placed_at) == (about, NOW)
    assert {one.id for one in store.calls(db, "derby-city", firm)} == {call.id, refused_call.id}
    assert store.calls(db, "derbyshire", firm) == ()
    assert service.tonight(db, NEED, "DE22", NOW).cannot[0].rule == "A17.no_free_bed"
    tried = replace(a_call(contact, CallOutcome.NO_ANSWER), kind=CallKind.TEST, about=None, id=CallId(uuid4()))
    service.log_call(db, tried)
    assert CallKind.TEST in {one.kind for one in store.calls(db, "derby-city", firm)}


def test_a_home_that_lost_its_standard_has_no_bed_for_tonight(db: Connection) -> None:
    home = replace(JOINING.homes[0], standard_to=date(2026, 12, 10))
    firm, made = ProviderId(uuid4()), ApplicationId(uuid4())
    service.start_application(db, made, firm, "pcr2015_light_touch", NOW)
    service.confirm_mobile(db, made, MOBILE, NOW)
    service.submit_application(db, made, replace(JOINING, homes=(home,)), NOW)
    service.assess_application(db, made, [Finding(each.key, True) for each in store.criteria()])
    service.admit_application(db, made, "", NOW)
    need = replace(NEED, category=CategoryCode.SHORT_STAY)
    for on, rule in ((10, None), (11, "A17.no_free_bed")):
        found = service.tonight(db, need, "DE1", datetime(2026, 12, on, 23, tzinfo=UTC))
        assert [one.rule for one in found.cannot] == ([] if rule is None else [rule])


def test_nobody_out_of_standing_is_given_somebody_at_night(db: Connection) -> None:
    firm, (bed,) = a_firm(db)
    contact = a_contact(db, firm)
    service.suspend_provider(db, firm, Suspension(TODAY, None, "Fire doors"), NOW)
    call = a_call(contact)
    service.log_call(db, call)
    with pytest.raises(NotInStandingTonight) as refused:
        service.place_now(db, "derby-city", call.id, uuid4(), "R-1", NEED, [bed], 1, NOW)
    assert refused.value.rule == "A15.suspended"
    assert store.taken_on(db, TODAY) == frozenset()
    other, _ = a_firm(db)
    with pytest.raises(BelongsToAnother):
        service.log_call(db, replace(call, provider_id=other))
    with pytest.raises(NoSuchEntry):
        service.log_call(db, replace(call, contact_id=NightContactId(uuid4())))
