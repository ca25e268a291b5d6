"""Who is invited and who is not, with the reason (S4, S5, A15, A20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import (
    CategoryCode,
    Need,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Suspension,
    Wants,
)
from lots.rules import eligible, exclusion, registration_on

ON = date(2026, 11, 23)
BOTH = frozenset(Wants)
HOME = Provider(
    id=ProviderId(UUID(int=1)),
    name="Alder Homes",
    email="referrals@alder.example",
    mobile="07700 900101",
    phone="07700 900102",
    out_of_hours="07700 900103",
    ofsted_urn="SC900001",
    ofsted_categories=frozenset({2}),
)
PLACE = Registration(
    id=RegistrationId(UUID(int=11)),
    provider_id=HOME.id,
    category=CategoryCode.TRANSITION,
    accommodation_weekly=Decimal("350.00"),
    support_hourly=Decimal("22.50"),
    block_discount=Decimal(5),
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
)
NEED = Need(CategoryCode.TRANSITION, 17, BOTH, Decimal(12), 1)


def rule(provider: Provider, registrations: tuple[Registration, ...], need: Need = NEED, on: date = ON) -> str | None:
    found = exclusion(provider, registrations, need, on)
    return None if found is None else found.rule


def test_a_registered_provider_in_standing_is_invited() -> None:
    assert exclusion(HOME, (PLACE,), NEED, ON) is None


def test_another_category_of_the_same_lot_is_not_enough() -> None:
    found = exclusion(HOME, (replace(PLACE, category=CategoryCode.INDEPENDENCE),), NEED, ON)
    assert found is not None
    assert (found.provider_id, found.provider, found.rule) == (HOME.id, "Alder Homes", "S4.not_registered")
    assert found.reason == "Not registered in category 1.2."


@pytest.mark.parametrize(
    ("on", "invited"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_registration_holds_on_its_first_and_its_last_day(on: date, invited: bool) -> None:
    assert rule(HOME, (PLACE,), on=on) == (None if invited else "S4.registration_dates")


def test_the_dates_of_a_registration_are_in_the_reason() -> None:
    later = replace(PLACE, id=RegistrationId(UUID(int=12)), valid_from=date(2027, 4, 1), valid_to=None)
    on = date(2027, 2, 1)
    for held, words in (
        ((PLACE,), "Registration in category 1.2 ended on 31 December 2026."),
        ((later,), "Registration in category 1.2 begins on 1 April 2027."),
        ((PLACE, later), "Registration in category 1.2 ended on 31 December 2026 and begins again on 1 April 2027."),
    ):
        found = exclusion(HOME, held, NEED, on)
        assert found is not None
        assert found.reason == words


@pytest.mark.parametrize(
    ("starts", "ends", "suspended"),
    [(-5, -1, False), (-5, 0, True), (0, 0, True), (0, None, True), (1, None, False), (-5, None, True)],
)
def test_a_suspension_holds_on_its_first_and_its_last_day(starts: int, ends: int | None, suspended: bool) -> None:
    days = Suspension(
        ON + timedelta(days=starts), None if ends is None else ON + timedelta(days=ends), "Insurance has run out"
    )
    assert rule(replace(HOME, suspensions=(days,)), (PLACE,)) == ("A15.suspended" if suspended else None)


def test_a_suspension_says_its_days_and_its_reason() -> None:
    days = Suspension(date(2026, 11, 1), date(2026, 11, 30), "Insurance has run out")
    found = exclusion(replace(HOME, suspensions=(days,)), (PLACE,), NEED, ON)
    assert found is not None
    assert found.reason == "Suspended from 1 November 2026 to 30 November 2026: Insurance has run out"
    found = exclusion(replace(HOME, suspensions=(replace(days, ends_on=None),)), (PLACE,), NEED, ON)
    assert found is not None
    assert found.reason == "Suspended from 1 November 2026 until further notice: Insurance has run out"


@pytest.mark.parametrize(
    ("age", "expected"),
    [(15, "S5.under_16"), (16, "S5.no_ofsted_urn"), (17, "S5.no_ofsted_urn"), (18, None), (24, None)],
)
def test_without_an_ofsted_number_nobody_under_18_is_offered(age: int, expected: str | None) -> None:
    unregistered = replace(HOME, ofsted_urn=None, ofsted_categories=frozenset())
    assert rule(unregistered, (PLACE,), replace(NEED, age=age)) == expected


@given(st.integers(0, 15), st.sampled_from(CategoryCode))
def test_nobody_under_16_is_ever_offered(age: int, category: CategoryCode) -> None:
    need = replace(NEED, age=age, category=category)
    assert rule(HOME, (replace(PLACE, category=category),), need) == "S5.under_16"


def test_an_ofsted_number_without_a_category_is_not_enough_under_18() -> None:
    half = replace(HOME, ofsted_categories=frozenset())
    assert rule(half, (PLACE,)) == "S5.no_ofsted_category"
    assert rule(half, (PLACE,), replace(NEED, age=18)) is None


@pytest.mark.parametrize(
    ("accommodation", "support", "wants", "hours", "invited"),
    [
        (None, "22.50", BOTH, 12, False),
        ("350", None, BOTH, 12, False),
        ("350", None, BOTH, 0, True),
        (None, "22.50", {Wants.SUPPORT}, 12, True),
        ("350", None, {Wants.ACCOMMODATION}, 12, True),
        (None, "22.50", {Wants.ACCOMMODATION}, 0, False),
        ("350", None, {Wants.SUPPORT}, 1, False),
        ("0", "0", BOTH, 12, True),
    ],
)
def test_a_provider_is_invited_for_what_it_has_tendered(
    accommodation: str | None, support: str | None, wants: set[Wants], hours: int, invited: bool
) -> None:
    place = replace(
        PLACE,
        accommodation_weekly=None if accommodation is None else Decimal(accommodation),
        support_hourly=None if support is None else Decimal(support),
    )
    need = replace(NEED, wants=frozenset(wants), hours=Decimal(hours))
    assert rule(HOME, (place,), need) == (None if invited else "S4.does_not_offer")


days = st.integers(-60, 60).map(lambda n: ON + timedelta(days=n))


@st.composite
def registered(draw: st.DrawFn, number: int) -> tuple[Provider, tuple[Registration, ...]]:
    urn = draw(st.none() | st.just(f"SC9{number:05}"))
    start, end = sorted((draw(days), draw(days)))
    suspended = draw(st.booleans())
    provider = replace(
        HOME,
        id=ProviderId(UUID(int=number)),
        name=draw(st.sampled_from(["Alder Homes", "alder homes", "Birch House", "Cedar Court", "Ash Lodge"])),
        ofsted_urn=urn,
        ofsted_categories=draw(st.frozensets(st.integers(1, 4))) if urn else frozenset(),
        suspensions=(Suspension(start, draw(st.sampled_from([end, None])), "Being looked into"),) if suspended else (),
    )
    held = []
    for place, category in enumerate(draw(st.lists(st.sampled_from(CategoryCode), unique=True, max_size=3))):
        start, end = sorted((draw(days), draw(days)))
        accommodation = draw(st.none() | st.just(Decimal(300)))
        held.append(
            Registration(
                RegistrationId(UUID(int=number * 100 + place)),
                provider.id,
                category,
                accommodation,
                draw(st.just(Decimal(20)) if accommodation is None else st.none() | st.just(Decimal(20))),
                Decimal(0),
                start,
                draw(st.sampled_from([end, None])),
            )
        )
    return provider, tuple(held)


registers = st.integers(0, 5).flatmap(lambda size: st.tuples(*(registered(n) for n in range(1, size + 1))))
needs = st.builds(
    Need,
    st.sampled_from(CategoryCode),
    st.integers(14, 24),
    st.frozensets(st.sampled_from(Wants), min_size=1),
    st.sampled_from([Decimal(0), Decimal("0.25"), Decimal(25)]),
    st.integers(1, 6),
)


@given(registers, needs)
def test_every_provider_appears_exactly_once_in_order_of_name(
    register: tuple[tuple[Provider, tuple[Registration, ...]], ...], need: Need
) -> None:
    found = eligible(register, need, ON)
    invited = [each.provider.id for each in found.invited]
    excluded = [each.provider_id for each in found.excluded]
    assert sorted(invited + excluded) == sorted(provider.id for provider, _ in register)
    names = [each.provider.name.casefold() for each in found.invited]
    assert names == sorted(names)
    names = [each.provider.casefold() for each in found.excluded]
    assert names == sorted(names)
    assert eligible(reversed(register), need, ON) == found, "the order of the register does not matter"


@given(registers, needs)
def test_the_invited_can_do_all_of_it_and_every_refusal_has_a_reason(
    register: tuple[tuple[Provider, tuple[Registration, ...]], ...], need: Need
) -> None:
    found = eligible(register, need, ON)
    for each in found.invited:
        held = each.registration
        assert held.provider_id == each.provider.id
        assert held.category == need.category
        assert held.valid_from <= ON
        assert held.valid_to is None or held.valid_to >= ON
        assert need.age >= 18 or (each.provider.ofsted_urn and each.provider.ofsted_categories)
        assert need.age >= 16
        assert Wants.ACCOMMODATION not in need.wants or held.accommodation_weekly is not None
        assert Wants.SUPPORT not in need.wants or not need.hours or held.support_hourly is not None
        assert all(s.starts_on > ON or (s.ends_on is not None and s.ends_on < ON) for s in each.provider.suspensions)
    for refused in found.excluded:
        assert refused.rule.partition(".")[0] in {"S4", "S5", "A15"}
        assert refused.reason.strip()


def test_the_registration_of_the_day_is_found_among_several() -> None:
    after = replace(PLACE, id=RegistrationId(UUID(int=12)), valid_from=date(2027, 1, 1), valid_to=None)
    assert registration_on((PLACE, after), CategoryCode.TRANSITION, date(2026, 12, 31)) == PLACE
    assert registration_on((PLACE, after), CategoryCode.TRANSITION, date(2027, 1, 1)) == after
    assert registration_on((PLACE, after), CategoryCode.EMERGENCY, ON) is None
