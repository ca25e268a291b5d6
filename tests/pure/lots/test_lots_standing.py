"""Invited are exactly those in standing: an independent reading of the rules agrees with ours (A14, A15, S4 to S6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import (
    OFSTED_CATEGORIES,
    CategoryCode,
    Held,
    Need,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Removal,
    Suspension,
    Wants,
)
from lots.rules import eligible, eligible_in_any, exclusion, out_of_standing, out_of_standing_in_all
from lots.store import evidence_kinds, lot_of

ON = date(2026, 11, 23)
KINDS = evidence_kinds()
OWN = tuple(kind for kind in KINDS if not kind.per_property)
GOOD = tuple(Held(kind.key, ON, None) for kind in OWN)
HOME = Provider(
    ProviderId(UUID(int=1)),
    "Alder Homes",
    "a@alder.example",
    "07700 900101",
    "07700 900102",
    "07700 900103",
    "SC900001",
    frozenset({2}),
    evidence=GOOD,
    evidence_asked_from=ON,
    asked=KINDS,
)
PLACE = Registration(
    RegistrationId(UUID(int=11)),
    HOME.id,
    CategoryCode.TRANSITION,
    Decimal(350),
    Decimal(22),
    Decimal(0),
    ON,
    None,
)
NEED = Need(CategoryCode.TRANSITION, 17, frozenset(Wants), Decimal(12), 1)

near = st.integers(-40, 40).map(lambda n: ON + timedelta(days=n))
far = st.integers(-1500, 60).map(lambda n: ON + timedelta(days=n))


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date | None]:
    first = draw(near)
    return first, draw(st.none() | st.integers(0, 60).map(lambda n: first + timedelta(days=n)))


@st.composite
def suspensions(draw: st.DrawFn) -> Suspension:
    first, last = draw(periods())
    lifted = draw(st.none() | near)
    return Suspension(first, last, "Fire doors", lifted, None if lifted is None else "Put right")


@st.composite
def removals(draw: st.DrawFn) -> Removal:
    first, back = draw(periods())
    return Removal(first, "Not fit", back)


@st.composite
def evidence(draw: st.DrawFn) -> tuple[Held, ...]:
    held = [] if draw(st.booleans()) else list(GOOD)
    for kind in draw(st.lists(st.sampled_from(OWN), max_size=3)):
        held = [one for one in held if one.kind != kind.key]
        first = draw(far)
        held.append(
            Held(kind.key, first, draw(st.none() | st.integers(0, 1400).map(lambda n, f=first: f + timedelta(n))))
        )
    return tuple(held)


@st.composite
def firms(draw: st.DrawFn, number: int) -> tuple[Provider, tuple[Registration, ...]]:
    urn = draw(st.sampled_from([None, f"SC9{number}", f"SC9{number}"]))
    provider = replace(
        HOME,
        id=ProviderId(UUID(int=number)),
        name=draw(st.sampled_from(["Alder", "alder", "Birch", "Cedar"])),
        ofsted_urn=urn,
        ofsted_categories=draw(st.frozensets(st.integers(1, 4))) if urn else frozenset(),
        suspensions=tuple(draw(st.lists(suspensions(), max_size=2))),
        removals=tuple(draw(st.lists(removals(), max_size=1))),
        evidence=draw(evidence()),
        evidence_asked_from=draw(st.none() | near),
    )
    held = []
    for place, category in enumerate(draw(st.lists(st.sampled_from(CategoryCode), unique=True, max_size=4))):
        first, last = draw(periods())
        bed = draw(st.none() | st.just(Decimal(300)))
        hour = draw(st.just(Decimal(20)) if bed is None else st.none() | st.just(Decimal(20)))
        held.append(
            Registration(
                RegistrationId(UUID(int=number * 100 + place)),
                provider.id,
                category,
                bed,
                hour,
                Decimal(0),
                first,
                last,
            )
        )
    return provider, tuple(held)


registers = st.integers(0, 6).flatmap(lambda size: st.tuples(*(firms(n) for n in range(1, size + 1))))
needs = st.builds(
    Need,
    st.sampled_from(CategoryCode),
    st.integers(15, 24),
    st.frozensets(st.sampled_from(Wants), min_size=1),
    st.sampled_from([Decimal(0), Decimal(12)]),
    st.just(1),
    st.frozensets(st.integers(1, 4), min_size=1),
)


def days_of(first: date, last: date | None) -> set[date]:
    """Write a period out, day by day, as far as these tests look."""
    end = min(last or date(2027, 6, 1), date(2027, 6, 1))
    return {first + timedelta(days=n) for n in range((end - first).days + 1)}


def may(provider: Provider, held: tuple[Registration, ...], need: Need, on: date) -> bool:
    """Decide the same by sets of days: written from the requirement's text, with no help from the rules."""
    offered = [one for one in held if one.category is need.category and on in days_of(one.valid_from, one.valid_to)]
    if need.age < 16 or not offered:
        return False
    for removal in provider.removals:
        if on in days_of(removal.removed_on, removal.readmitted_on) and on != removal.readmitted_on:
            return False
    for one in provider.suspensions:
        if on in {day for day in days_of(one.starts_on, one.ends_on) if one.lifted_on is None or day < one.lifted_on}:
            return False
    if need.age < 18 and not (provider.ofsted_urn and provider.ofsted_categories & need.fitting):
        return False
    for kind in OWN:
        pieces = [one for one in provider.evidence if one.kind == kind.key]
        shown = [days_of(one.valid_from, last_day(kind.months, one)) for one in pieces]
        if any(on in days for days in shown):
            continue
        had = any(max(days) < on for days in shown)
        if had or (provider.evidence_asked_from is not None and provider.evidence_asked_from <= on):
            return False
    wants_bed, wants_hours = Wants.ACCOMMODATION in need.wants, Wants.SUPPORT in need.wants and need.hours > 0
    return (offered[0].accommodation_weekly is not None or not wants_bed) and (
        offered[0].support_hourly is not None or not wants_hours
    )


def last_day(months: int | None, one: Held) -> date | None:
    if months is None:
        return one.valid_to
    years, rest = divmod(months, 12)
    assert rest == 0, "the kinds shipped count in whole years"
    try:
        limit = one.valid_from.replace(year=one.valid_from.year + years)
    except ValueError:
        limit = date(one.valid_from.year + years, 2, 28)
    return limit if one.valid_to is None else min(one.valid_to, limit)


@given(registers, needs, st.integers(-30, 30).map(lambda n: ON + timedelta(days=n)))
def test_invited_are_exactly_those_in_standing(
    register: tuple[tuple[Provider, tuple[Registration, ...]], ...], need: Need, on: date
) -> None:
    found = eligible(register, need, on)
    assert {one.provider.id for one in found.invited} == {
        provider.id for provider, held in register if may(provider, held, need, on)
    }
    assert len(found.invited) + len(found.excluded) == len(register)
    for refused in found.excluded:
        assert refused.rule.partition(".")[0] in {"A14", "A15", "S4", "S5"}
        assert refused.reason.endswith(".") or refused.rule in {"A15.suspended", "A15.removed"}


@given(registers, needs, st.integers(-30, 30).map(lambda n: ON + timedelta(days=n)))
def test_for_a_bespoke_package_invited_are_exactly_those_in_standing_in_any_category_of_the_lot(
    register: tuple[tuple[Provider, tuple[Registration, ...]], ...], need: Need, on: date
) -> None:
    lot = lot_of(need.category)
    assert lot[0] is need.category
    assert {one.lot for one in lot} == {need.category.lot}
    got = eligible_in_any(register, lot, need, on)
    invited = {one.provider.id: one.registration for one in got.invited}
    out = [one.provider_id for one in got.excluded]
    assert sorted([*invited, *out]) == sorted(provider.id for provider, _ in register), "everybody once"
    for provider, held in register:
        standing = [one for one in lot if not out_of_standing(provider, held, one, need.age, on, need.fitting)]
        lost = out_of_standing_in_all(provider, held, lot, need.age, on, need.fitting)
        assert (provider.id in invited) == bool(standing) == (lost is None)
        if standing:
            assert invited[provider.id] in held
            assert invited[provider.id].category is standing[0]
    for one in got.excluded:
        assert one.rule
        assert one.reason


@given(registers, needs)
def test_of_one_category_the_word_is_the_same(
    register: tuple[tuple[Provider, tuple[Registration, ...]], ...], need: Need
) -> None:
    for provider, held in register:
        one = out_of_standing(provider, held, need.category, need.age, ON, need.fitting)
        assert out_of_standing_in_all(provider, held, (need.category,), need.age, ON, need.fitting) == one


def rule(provider: Provider, need: Need = NEED, on: date = ON) -> str | None:
    found = exclusion(provider, (PLACE,), need, on)
    return None if found is None else found.rule


def test_with_everything_in_order_a_provider_is_invited() -> None:
    assert rule(HOME) is None


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.key)
def test_each_kind_of_evidence_that_ran_out_stops_invitations_and_a_renewal_lifts_that(kind: object) -> None:
    key, title = kind.key, kind.title  # type: ignore[attr-defined]
    old = Held(key, ON - timedelta(days=90), ON - timedelta(days=1))
    without = tuple(one for one in GOOD if one.kind != key)
    found = exclusion(replace(HOME, evidence=(*without, old)), (PLACE,), NEED, ON)
    assert found is not None
    assert found.rule == "A14.evidence_expired"
    assert found.reason == f"{title}: the evidence ended on 22 November 2026."
    assert rule(replace(HOME, evidence=(*without, old, Held(key, ON, None)))) is None


def test_missing_evidence_counts_from_the_day_it_is_asked_for() -> None:
    bare = replace(HOME, evidence=())
    assert rule(bare) == "A14.no_evidence"
    assert rule(replace(bare, evidence_asked_from=ON + timedelta(days=1))) is None
    assert rule(replace(bare, evidence_asked_from=None)) is None, "on the register before evidence was kept"


def test_evidence_that_ran_out_counts_though_it_never_was_asked_for() -> None:
    old = Held("public_liability", ON - timedelta(days=9), ON - timedelta(days=1))
    assert rule(replace(HOME, evidence=(old,), evidence_asked_from=None)) == "A14.evidence_expired"


@pytest.mark.parametrize(("fitting", "expected"), [({1}, "S5.no_ofsted_category"), ({1, 2}, None), ({2}, None)])
def test_under_18_the_ofsted_category_must_fit(fitting: set[int], expected: str | None) -> None:
    assert rule(HOME, replace(NEED, fitting=frozenset(fitting))) == expected
    assert rule(HOME, replace(NEED, fitting=frozenset(fitting), age=18)) is None


def test_a_category_that_does_not_fit_says_which_would() -> None:
    found = exclusion(HOME, (PLACE,), replace(NEED, fitting=frozenset({1, 4})), ON)
    assert found is not None
    assert found.reason == "Ofsted registration SC900001 is for category 2; this young person needs 1, 4."


@pytest.mark.parametrize(
    ("lifted", "day", "held"), [(3, 2, True), (3, 3, False), (3, 9, False), (0, 0, False), (None, 9, True)]
)
def test_a_lifted_suspension_holds_until_the_day_before(lifted: int | None, day: int, held: bool) -> None:
    one = Suspension(
        ON,
        None,
        "Fire doors",
        None if lifted is None else ON + timedelta(days=lifted),
        None if lifted is None else "Done",
    )
    assert one.holds_on(ON + timedelta(days=day)) is held
    assert (rule(replace(HOME, suspensions=(one,)), on=ON + timedelta(days=day)) == "A15.suspended") is held


def test_a_removed_provider_is_told_so_before_anything_else_and_comes_back_when_readmitted() -> None:
    gone = replace(HOME, removals=(Removal(ON, "Left the county"),), suspensions=(Suspension(ON, None, "Fire doors"),))
    found = out_of_standing(gone, (), CategoryCode.TRANSITION, 17, ON)
    assert found is not None
    assert (found.rule, found.reason) == (
        "A15.removed",
        "Removed from the register on 23 November 2026: Left the county",
    )
    back = replace(gone, removals=(Removal(ON, "Left", ON + timedelta(days=5)),), suspensions=())
    assert rule(back, on=ON + timedelta(days=4)) == "A15.removed"
    assert rule(back, on=ON + timedelta(days=5)) is None


def test_a_need_and_an_outcome_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError):
        replace(NEED, fitting=frozenset())
    with pytest.raises(ValueError):
        replace(NEED, fitting=frozenset({5}))
    with pytest.raises(ValueError):
        Suspension(ON, None, "Fire doors", lifted_on=ON)
    with pytest.raises(ValueError):
        Removal(ON, "Left", ON - timedelta(days=1))
    assert frozenset({1, 2, 3, 4}) == OFSTED_CATEGORIES
