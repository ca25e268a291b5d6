"""The register in PostgreSQL: what goes in comes out, and what may not be is refused there too (A13, A15)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, insert, text, update
from sqlalchemy.exc import IntegrityError

from lots import service, store
from lots.errors import NoSuchProvider, OverlappingRegistration, ProviderAlreadyAdmitted, RegistrationOfAnother
from lots.model import CategoryCode, Provider, ProviderId, Registration, RegistrationId, Suspension
from lots.tables import PROVIDER, REGISTRATION, SUSPENSION

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_provider(name: str = "Alder Homes") -> Provider:
    return Provider(
        id=ProviderId(uuid4()),
        name=name,
        email="referrals@alder.example",
        mobile="07700 900101",
        phone="07700 900102",
        out_of_hours="07700 900103",
        ofsted_urn="SC900001",
        ofsted_categories=frozenset({3, 2}),
    )


def a_registration(provider: Provider, category: CategoryCode = CategoryCode.TRANSITION) -> Registration:
    return Registration(
        id=RegistrationId(uuid4()),
        provider_id=provider.id,
        category=category,
        accommodation_weekly=Decimal("350.00"),
        support_hourly=Decimal("22.50"),
        block_discount=Decimal("7.50"),
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    )


def test_an_admitted_provider_is_read_as_it_was_admitted(db: Connection) -> None:
    suspended = Suspension(date(2025, 1, 1), date(2025, 1, 31), "Insurance had run out")
    home = replace(a_provider(), suspensions=(suspended,))
    place, none = a_registration(home), replace(a_registration(home, CategoryCode("2.3")), support_hourly=None)
    none = replace(none, valid_to=None)
    event = service.admit_provider(db, home, (none, place), NOW)
    assert store.provider(db, home.id) == home
    assert store.registrations(db, home.id) == (place, none)
    assert store.hold_standing(db, home.id) == (home, (place, none))
    assert event.provider_id == home.id
    assert event.registrations == (none.id, place.id)
    assert event.categories == ("1.2", "2.3")


def test_the_register_holds_everybody_once_by_name(db: Connection) -> None:
    homes = [a_provider(name) for name in ("Cedar Court", "alder homes", "Birch House")]
    for home in homes:
        service.admit_provider(db, home, [a_registration(home)] if home.name != "Birch House" else [], NOW)
    found = store.register(db)
    assert [(home.name, len(held)) for home, held in found] == [
        ("alder homes", 1),
        ("Birch House", 0),
        ("Cedar Court", 1),
    ]
    assert store.providers(db) == tuple(home for home, _ in found)


def test_an_empty_register_is_read_as_empty(db: Connection) -> None:
    assert store.register(db) == ()


def test_a_provider_that_is_not_there_is_refused(db: Connection) -> None:
    nobody = ProviderId(uuid4())
    for ask in (store.provider, store.hold_standing, store.hold_to_change):
        with pytest.raises(NoSuchProvider) as refused:
            ask(db, nobody)
        assert refused.value.provider_id == nobody
    with pytest.raises(NoSuchProvider):
        service.suspend_provider(db, nobody, Suspension(date(2026, 1, 1), None, "Being looked into"), NOW)


def test_nobody_is_admitted_twice_or_with_another_s_registration(db: Connection) -> None:
    home = a_provider()
    service.admit_provider(db, home, (), NOW)
    with pytest.raises(ProviderAlreadyAdmitted):
        service.admit_provider(db, home, (), NOW)
    with pytest.raises(RegistrationOfAnother):
        service.admit_provider(db, a_provider(), (a_registration(home),), NOW)


@pytest.mark.parametrize(
    ("starts", "ends", "overlaps"),
    [
        (date(2026, 12, 31), None, True),
        (date(2027, 1, 1), None, False),
        (date(2025, 1, 1), date(2026, 1, 1), True),
        (date(2025, 1, 1), date(2025, 12, 31), False),
        (date(2026, 6, 1), date(2026, 6, 1), True),
    ],
)
def test_two_registrations_in_a_category_never_share_a_day(
    db: Connection, starts: date, ends: date | None, overlaps: bool
) -> None:
    home = a_provider()
    service.admit_provider(db, home, (a_registration(home),), NOW)
    another = replace(a_registration(home), valid_from=starts, valid_to=ends)
    if overlaps:
        with pytest.raises(OverlappingRegistration) as refused:
            store.save_registration(db, another)
        assert (refused.value.category, refused.value.valid_from) == (CategoryCode.TRANSITION, starts)
    else:
        store.save_registration(db, another)
    assert len(store.registrations(db, home.id)) == (1 if overlaps else 2), "the transaction is still good"


def test_other_categories_and_other_providers_may_share_days(db: Connection) -> None:
    home, other = a_provider(), a_provider("Birch House")
    service.admit_provider(db, home, (a_registration(home), a_registration(home, CategoryCode.EMERGENCY)), NOW)
    service.admit_provider(db, other, (a_registration(other),), NOW)


def test_a_suspension_is_read_back_with_its_days_and_reason(db: Connection) -> None:
    home = a_provider()
    service.admit_provider(db, home, (), NOW)
    later = Suspension(date(2026, 12, 1), None, "Safeguarding concern")
    earlier = Suspension(date(2026, 11, 1), date(2026, 11, 30), "Quality visit")
    event = service.suspend_provider(db, home.id, later, NOW)
    service.suspend_provider(db, home.id, earlier, NOW)
    assert (event.provider_id, event.starts_on, event.ends_on) == (home.id, later.starts_on, None)
    assert store.provider(db, home.id).suspensions == (earlier, later)
    assert store.providers(db)[0].suspensions == (earlier, later)


def test_a_suspension_waits_for_an_award_that_holds_the_standing(fresh_engine: Engine) -> None:
    home = a_provider()
    with fresh_engine.begin() as db:
        service.admit_provider(db, home, (a_registration(home),), NOW)
    suspension = Suspension(date(2026, 11, 23), None, "Safeguarding concern")
    suspended = threading.Event()

    def suspend() -> None:
        with fresh_engine.begin() as db:
            service.suspend_provider(db, home.id, suspension, NOW)
        suspended.set()

    thread = threading.Thread(target=suspend)
    with fresh_engine.begin() as first, fresh_engine.begin() as second:
        assert store.hold_standing(first, home.id)[0].suspensions == ()
        assert store.hold_standing(second, home.id)[0].suspensions == (), "two awards do not wait for each other"
        thread.start()
        while not _somebody_waits(fresh_engine):
            assert thread.is_alive()
        assert not suspended.is_set()
    thread.join(timeout=10)
    with fresh_engine.begin() as db:
        assert store.hold_standing(db, home.id)[0].suspensions == (suspension,)


def test_an_award_that_waited_for_a_suspension_sees_it(fresh_engine: Engine) -> None:
    home = a_provider()
    with fresh_engine.begin() as db:
        service.admit_provider(db, home, (), NOW)
    suspension = Suspension(date(2026, 11, 23), None, "Safeguarding concern")
    seen: list[tuple[Suspension, ...]] = []

    def award() -> None:
        with fresh_engine.begin() as db:
            seen.append(store.hold_standing(db, home.id)[0].suspensions)

    thread = threading.Thread(target=award)
    with fresh_engine.begin() as db:
        service.suspend_provider(db, home.id, suspension, NOW)
        thread.start()
        while not _somebody_waits(fresh_engine):
            assert thread.is_alive()
    thread.join(timeout=10)
    assert seen == [(suspension,)]


PROVIDER_VALUES = {
    "name": "Alder Homes", "email": "a@alder.example", "mobile": "07700 900101", "phone": "07700 900102",
    "out_of_hours": "07700 900103", "ofsted_urn": "SC900001", "ofsted_categories": [1], "admitted_at": NOW,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"name": "  "}, "ck_provider_name"),
        ({"ofsted_urn": " "}, "ck_provider_ofsted_urn"),
        ({"ofsted_categories": [5]}, "ck_provider_ofsted_categories"),
        ({"ofsted_urn": None}, "ck_provider_ofsted_categories"),
    ],
)
def test_the_database_refuses_a_provider_that_cannot_be(
    db: Connection, change: dict[str, object], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(insert(PROVIDER).values(id=uuid4(), **(PROVIDER_VALUES | change)))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"category": "1.4"}, "ck_registration_category"),
        ({"accommodation_weekly": Decimal(-1)}, "ck_registration_accommodation_weekly"),
        ({"support_hourly": Decimal(-1)}, "ck_registration_support_hourly"),
        ({"accommodation_weekly": None, "support_hourly": None}, "ck_registration_offers_something"),
        ({"block_discount": Decimal("100.01")}, "ck_registration_block_discount"),
        ({"valid_to": date(2025, 12, 31)}, "ck_registration_dates"),
        ({"provider_id": uuid4()}, "fk_registration_provider"),
    ],
)
def test_the_database_refuses_a_registration_that_cannot_be(
    db: Connection, change: dict[str, object], constraint: str
) -> None:
    home = a_provider()
    service.admit_provider(db, home, (a_registration(home),), NOW)
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(REGISTRATION).values(**change))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"ends_on": date(2026, 10, 31)}, "ck_provider_suspension_dates"),
        ({"reason": " "}, "ck_provider_suspension_reason"),
        ({"provider_id": uuid4()}, "fk_provider_suspension_provider"),
    ],
)
def test_the_database_refuses_a_suspension_that_cannot_be(
    db: Connection, change: dict[str, object], constraint: str
) -> None:
    home = a_provider()
    service.admit_provider(db, home, (), NOW)
    service.suspend_provider(db, home.id, Suspension(date(2026, 11, 1), None, "Quality visit"), NOW)
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(SUSPENSION).values(**change))


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as watcher:
        waiting = watcher.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
        return bool(waiting.scalar_one())
