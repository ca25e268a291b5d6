"""Beds that are free, homes that are fit, numbers that answer, and who can take somebody tonight (A14, A17, S5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.errors import BedTaken, HomeNotFit, NotNow
from lots.model import (
    Bed,
    BedId,
    Call,
    CallId,
    CallKind,
    CallOutcome,
    CategoryCode,
    Held,
    Hold,
    HoldId,
    HoldKind,
    LinePurpose,
    Need,
    NightContact,
    NightContactId,
    NightLine,
    Property,
    PropertyId,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Room,
    RoomId,
    Sharing,
    VoidReason,
    Wants,
)
from lots.rules import (
    CALL_HOLDS,
    MOST_NIGHTS,
    NIGHT_CATEGORIES,
    answers,
    check_free,
    check_home,
    check_yes,
    home_gap,
    last_night,
    london_day,
    miles,
    overdue,
    overlap,
    tonight,
    tonight_in,
    tried_out,
)
from lots.store import evidence_kinds, places

ON = date(2026, 11, 23)  # a Monday
TONIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
NIGHT = NightLine(LinePurpose.EMERGENCY_PLACES, "Duty manager", "01632 960152", time(22), time(9))
NEED = Need(CategoryCode.EMERGENCY, 17, frozenset(Wants), Decimal(12), 1)

days = st.integers(0, 30).map(lambda n: ON + timedelta(days=n))


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date | None]:
    first = draw(days)
    return first, draw(st.none() | st.integers(0, 10).map(lambda n: first + timedelta(days=n)))


def nights_of(first: date, last: date | None) -> set[date]:
    return {first + timedelta(days=n) for n in range(((last or ON + timedelta(days=99)) - first).days + 1)}


BED = BedId(UUID(int=70))


@given(st.lists(periods(), max_size=4), periods())
def test_a_bed_is_free_where_no_day_is_shared(
    held: list[tuple[date, date | None]], asked: tuple[date, date | None]
) -> None:
    holds = [Hold(HoldId(UUID(int=n)), BED, HoldKind.STAY, *one) for n, one in enumerate(held)]
    clashing = [one for one in holds if nights_of(one.starts_on, one.ends_on) & nights_of(*asked)]
    assert [one for one in holds if overlap(one, *asked)] == clashing
    try:
        check_free(BED, holds, *asked)
        assert clashing == []
    except BedTaken as refused:
        first = min(clashing, key=lambda one: one.starts_on)
        assert (refused.starts_on, refused.by) == (first.starts_on, HoldKind.STAY)
    check_free(BedId(UUID(int=71)), holds, *asked)


# Numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "weekdays", "answered"),
    [
        ("2026-11-23T21:59", range(7), False),
        ("2026-11-23T22:00", range(7), True),
        ("2026-11-24T08:59", range(7), True),
        ("2026-11-24T09:00", range(7), False),
        ("2026-11-23T23:00", [0], True),  # Monday
        ("2026-11-24T03:00", [0], True),  # still Monday's night
        ("2026-11-24T23:00", [0], False),
        ("2026-11-23T03:00", [6], True),  # Sunday's night runs into Monday
        ("2026-11-23T03:00", [0], False),
        ("2026-07-06T21:30", [0], True),  # 22:30 in London in summer
    ],
)
def test_a_number_is_answered_by_the_clock_in_london(at: str, weekdays: range | list[int], answered: bool) -> None:
    line = replace(NIGHT, weekdays=frozenset(weekdays))
    assert answers(line, datetime.fromisoformat(at).replace(tzinfo=UTC)) is answered


def test_the_same_time_twice_is_round_the_clock() -> None:
    line = replace(NIGHT, opens=time(8), closes=time(8))
    assert all(answers(line, TONIGHT + timedelta(minutes=37 * n)) for n in range(300))


@given(st.integers(0, 365 * 1440 - 1), st.integers(0, 23), st.integers(0, 23))
def test_a_number_is_answered_from_its_first_to_before_its_last_minute(minute: int, first: int, last: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    summer = datetime(2026, 3, 29, 1, tzinfo=UTC) <= at < datetime(2026, 10, 25, 1, tzinfo=UTC)
    hour = (at + timedelta(hours=summer)).hour
    wanted = first <= hour < last if first < last else hour >= first or hour < last
    assert answers(replace(NIGHT, opens=time(first), closes=time(last)), at) is wanted


# Tonight -------------------------------------------------------------------------------------------------------------


def a_provider(number: int, name: str) -> tuple[Provider, tuple[Registration, ...]]:
    own = ProviderId(UUID(int=number))
    provider = Provider(
        own, name, "a@b.example", "m", "p", "o", "SC9", frozenset({2}), evidence_asked_from=None, asked=evidence_kinds()
    )
    price = Registration(
        RegistrationId(UUID(int=number)), own, CategoryCode.EMERGENCY, Decimal(500), Decimal(20), Decimal(0), ON, None
    )
    return provider, (price,)


def a_home(number: int, owner: int, code: str, *, beds: int = 1, step_free: bool = False) -> Property:
    room = Room(
        RoomId(UUID(int=number)),
        "Room 1",
        Sharing.SINGLE if beds == 1 else Sharing.SHARED,
        step_free,
        tuple(Bed(BedId(UUID(int=number * 10 + n)), n) for n in range(1, beds + 1)),
    )
    return Property(PropertyId(UUID(int=number)), UUID(int=owner), f"Home {number}", "", code, 2, ON, None, (room,))


def a_contact(owner: int, line: NightLine = NIGHT) -> NightContact:
    return NightContact(NightContactId(UUID(int=owner)), UUID(int=owner), line)


REGISTER = (a_provider(1, "Alder"), a_provider(2, "Birch"), a_provider(3, "Cedar"), a_provider(4, "Damson"))
HOMES = {
    ProviderId(UUID(int=1)): (a_home(11, 1, "NG7"), a_home(12, 1, "S40", beds=2)),
    ProviderId(UUID(int=2)): (a_home(21, 2, "DE1", step_free=True),),
    ProviderId(UUID(int=3)): (a_home(31, 3, "DE22"),),
}
CONTACTS = {ProviderId(UUID(int=n)): (a_contact(n),) for n in (1, 2, 3, 4)}


def names(found: object) -> tuple[list[str], dict[str, str]]:
    ready, cannot = found.ready, found.cannot  # type: ignore[attr-defined]
    return [one.eligible.provider.name for one in ready], {one.provider: one.rule for one in cannot}


def test_the_nearest_provider_comes_first_and_everybody_is_somewhere() -> None:
    found = tonight(REGISTER, HOMES, CONTACTS, set(), NEED, TONIGHT, "DE1", places())
    assert names(found) == (["Birch", "Cedar", "Alder"], {"Damson": "A17.no_free_bed"})
    assert [one.miles for one in found.ready] == sorted(one.miles for one in found.ready if one.miles is not None)
    assert found.ready[0].miles == Decimal("0.0")
    assert [bed.property.outward_code for bed in found.ready[2].beds] == ["NG7", "S40", "S40"]
    assert found.cannot[0].reason == "No bed is free that would do tonight."


def test_without_a_place_to_be_near_to_providers_come_by_name() -> None:
    assert names(tonight(REGISTER, HOMES, CONTACTS, set(), NEED, TONIGHT, None, places()))[0] == [
        "Alder",
        "Birch",
        "Cedar",
    ]
    far = tonight(REGISTER, HOMES, CONTACTS, set(), NEED, TONIGHT, "ZE1", places())
    assert [one.miles for one in far.ready] == [None, None, None], "a code outside the table has no distance"


def test_a_taken_bed_a_step_and_a_shared_room_rule_beds_out() -> None:
    taken = {BedId(UUID(int=211))}
    assert names(tonight(REGISTER, HOMES, CONTACTS, taken, NEED, TONIGHT, "DE1", places()))[0] == ["Cedar", "Alder"]
    only = tonight(REGISTER, HOMES, CONTACTS, set(), NEED, TONIGHT, "DE1", places(), step_free=True)
    assert names(only)[0] == ["Birch"]
    alone = tonight(REGISTER, HOMES, CONTACTS, set(), NEED, TONIGHT, "DE1", places(), single=True)
    assert [len(one.beds) for one in alone.ready] == [1, 1, 1]
    three = tonight(REGISTER, HOMES, CONTACTS, set(), replace(NEED, beds=3), TONIGHT, "DE1", places())
    assert names(three) == (
        ["Alder"],
        {"Birch": "A17.no_free_bed", "Cedar": "A17.no_free_bed", "Damson": "A17.no_free_bed"},
    )
    assert three.cannot[0].reason == "Only one bed is free that would do tonight."


def test_who_does_not_answer_or_may_not_is_told_apart() -> None:
    support_only = replace(NIGHT, purpose=LinePurpose.YOUNG_PEOPLE)
    contacts = CONTACTS | {ProviderId(UUID(int=2)): (a_contact(2, support_only),), ProviderId(UUID(int=3)): ()}
    adult = (replace(REGISTER[0][0], ofsted_urn=None, ofsted_categories=frozenset()), REGISTER[0][1])
    found = tonight((adult, *REGISTER[1:]), HOMES, contacts, set(), NEED, TONIGHT, "DE1", places())
    assert names(found) == (
        [],
        {
            "Alder": "S5.no_ofsted_urn",
            "Birch": "A17.nobody_answers",
            "Cedar": "A17.nobody_answers",
            "Damson": "A17.no_free_bed",
        },
    )
    noon = tonight(REGISTER, HOMES, CONTACTS, set(), NEED, datetime(2026, 11, 23, 12, tzinfo=UTC), "DE1", places())
    assert set(names(noon)[1].values()) == {"A17.nobody_answers"}


def test_under_18_the_home_s_own_category_must_fit() -> None:
    homes = {key: tuple(replace(one, ofsted_category=3) for one in each) for key, each in HOMES.items()}
    narrow = replace(NEED, fitting=frozenset({2}))
    assert names(tonight(REGISTER, homes, CONTACTS, set(), narrow, TONIGHT, "DE1", places()))[0] == []
    assert (
        len(names(tonight(REGISTER, homes, CONTACTS, set(), replace(narrow, age=18), TONIGHT, None, places()))[0]) == 3
    )


# Homes ---------------------------------------------------------------------------------------------------------------

STANDARD = Held("housing_standard", ON - timedelta(days=100), ON)
ALDER = replace(REGISTER[0][0], evidence_asked_from=ON)
HOME = a_home(11, 1, "NG7")


def test_a_home_is_used_while_it_is_open_and_meets_the_standard() -> None:
    good = replace(HOME, evidence=(STANDARD,))
    assert home_gap(ALDER, good, ON) is None
    gap = home_gap(ALDER, good, ON + timedelta(days=1))
    assert gap is not None
    assert gap[0] == "A14.evidence_expired"
    assert home_gap(ALDER, HOME, ON) == (
        "A14.no_evidence", "Housing standard (houses in multiple occupation): no evidence is held.",
    )  # fmt: skip
    assert home_gap(replace(ALDER, evidence_asked_from=None), HOME, ON) is None
    assert home_gap(ALDER, good, ON - timedelta(days=1)) == ("A14.home_closed", "The home opens on 23 November 2026.")


def test_nobody_moves_into_a_home_that_closes_before_they_leave() -> None:
    closing = replace(HOME, evidence=(STANDARD,), closed_on=ON + timedelta(days=10))
    check_home(ALDER, closing, ON, ON + timedelta(days=10))
    for ends in (ON + timedelta(days=11), None):
        with pytest.raises(HomeNotFit) as refused:
            check_home(ALDER, closing, ON, ends)
        assert refused.value.reason == "The home closes on 3 December 2026."
    with pytest.raises(HomeNotFit):
        check_home(ALDER, closing, ON + timedelta(days=11), None)


def test_an_unfit_home_is_passed_over_tonight_and_the_provider_s_others_are_not() -> None:
    homes = {ALDER.id: (replace(HOME, evidence=(STANDARD,)), a_home(12, 1, "DE1"))}
    found = tonight(((ALDER, REGISTER[0][1]),), homes, CONTACTS, set(), NEED, TONIGHT, None, places())
    # The provider itself holds no evidence of its own, so it is out before its homes are looked at.
    assert names(found) == ([], {"Alder": "A14.no_evidence"})
    own = tuple(Held(kind.key, ON, None) for kind in evidence_kinds() if not kind.per_property)
    whole = replace(ALDER, evidence=own)
    found = tonight(((whole, REGISTER[0][1]),), homes, CONTACTS, set(), NEED, TONIGHT, None, places())
    assert [bed.property.name for bed in found.ready[0].beds] == ["Home 11"]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError):
        Room(RoomId(UUID(int=1)), "Room", Sharing.SINGLE, False, (Bed(BED, 1), Bed(BedId(UUID(int=2)), 2)))
    with pytest.raises(ValueError):
        Room(RoomId(UUID(int=1)), "Room", Sharing.SINGLE, False, (Bed(BED, 2),))
    with pytest.raises(ValueError):
        Hold(HoldId(UUID(int=1)), BED, HoldKind.VOID, ON, None)
    with pytest.raises(ValueError):
        Hold(HoldId(UUID(int=1)), BED, HoldKind.STAY, ON, None, VoidReason.REPAIRS)
    with pytest.raises(ValueError):
        Hold(HoldId(UUID(int=1)), BED, HoldKind.STAY, ON, ON - timedelta(days=1))
    with pytest.raises(ValueError):
        replace(NIGHT, weekdays=frozenset())
    with pytest.raises(ValueError):
        Call("derby-city", CallId(UUID(int=1)), UUID(int=1), NightContactId(UUID(int=1)), CallKind.TEST, TONIGHT,
             CallOutcome.CAN_TAKE)  # fmt: skip


# Distance ------------------------------------------------------------------------------------------------------------


@given(*(st.sampled_from(sorted(places())) for _ in range(3)))
def test_miles_are_a_distance(one: str, two: str, three: str) -> None:
    there, back, on_, straight = (
        miles(*pair, places()) for pair in ((one, two), (two, one), (two, three), (one, three))
    )
    assert there is not None
    assert on_ is not None
    assert straight is not None
    assert there == back >= 0
    assert miles(one, one, places()) == 0
    assert straight <= there + on_ + Decimal("0.2"), "by way of somewhere is never shorter, rounding apart"


def test_the_table_holds_the_four_councils_and_knows_roughly_where_they_are() -> None:
    assert {"DE1", "DE22", "NG1", "NG7", "S40", "SK17", "NG18", "DN22"} <= set(places())
    assert miles("DE1", "NG1", places()) == Decimal("13.9")
    assert miles("DE1", "ZE1", places()) is None


# Several categories, a yes, test calls -------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from((1, 2, 3, 4)), st.sets(st.sampled_from(NIGHT_CATEGORIES)), min_size=4))
def test_in_several_categories_every_provider_is_somewhere_once(held: dict[int, set[CategoryCode]]) -> None:
    register = [
        (provider, tuple(replace(price, category=code) for code in sorted(held[provider.id.int])))
        for provider, (price,) in REGISTER
    ]
    asked = [
        (code, tonight(register, HOMES, CONTACTS, set(), replace(NEED, category=code), TONIGHT, "DE1", places()))
        for code in NIGHT_CATEGORIES
    ]
    found = tonight_in(asked)
    ready = {one.ready.eligible.provider.id.int: one.categories for one in found.ready}
    assert ready == {n: tuple(sorted(codes)) for n, codes in held.items() if codes and n != 4}
    assert {one.provider_id.int for one in found.cannot} == {1, 2, 3, 4} - ready.keys()
    away = [one.ready.miles for one in found.ready if one.ready.miles is not None]
    assert away == sorted(away)
    for out in found.cannot:  # Damson has no bed: where it is registered at all, that is what keeps it out
        registered = bool(held[out.provider_id.int])
        assert out.rule == ("A17.no_free_bed" if registered else "S4.not_registered")


@given(st.integers(-3, 12))
def test_a_bed_is_held_for_one_to_seven_nights(nights: int) -> None:
    if 1 <= nights <= MOST_NIGHTS:
        assert len(nights_of(ON, last_night(ON, nights))) == nights
    else:
        with pytest.raises(ValueError, match="1 to 7 nights"):
            last_night(ON, nights)


def a_call(outcome: CallOutcome, at: datetime = TONIGHT, kind: CallKind = CallKind.REAL) -> Call:
    return Call("derby-city", CallId(UUID(int=90)), UUID(int=1), NightContactId(UUID(int=1)), kind, at, outcome)


@given(st.timedeltas(timedelta(0), timedelta(days=2)))
def test_a_yes_is_good_for_a_night_and_once(later: timedelta) -> None:
    yes = a_call(CallOutcome.CAN_TAKE)
    if later <= CALL_HOLDS:
        check_yes(yes, TONIGHT + later)
    else:
        with pytest.raises(NotNow):
            check_yes(yes, TONIGHT + later)
    for other in (
        *(a_call(outcome) for outcome in CallOutcome if outcome is not CallOutcome.CAN_TAKE),
        a_call(CallOutcome.ANSWERED, kind=CallKind.TEST),
        replace(yes, about=UUID(int=5), placed_at=TONIGHT),
    ):
        with pytest.raises(NotNow):
            check_yes(other, TONIGHT)


tries = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.sampled_from((CallOutcome.ANSWERED, CallOutcome.NO_ANSWER, CallOutcome.WRONG_NUMBER)),
    ),
    unique_by=lambda one: one[0],
    max_size=6,
)


@given(tries)
def test_a_number_is_due_a_month_after_its_last_try_and_counts_its_failures_since(
    made: list[tuple[int, CallOutcome]],
) -> None:
    calls = [a_call(outcome, TONIGHT - timedelta(days=ago), CallKind.TEST) for ago, outcome in made]
    found = tried_out(a_contact(1), [*calls, a_call(CallOutcome.NO_ANSWER)])  # a real call is no try
    if not made:
        assert (found.last, found.due_on, found.failures) == (None, None, 0)
        assert overdue(found, ON)
        return
    newest = min(made)
    assert found.last is not None
    assert found.due_on is not None
    assert found.last.outcome is newest[1]
    last_on = london_day(TONIGHT - timedelta(days=newest[0]))  # in summer it is after midnight in London
    assert timedelta(28) <= found.due_on - last_on <= timedelta(31)
    assert not overdue(found, found.due_on)
    assert overdue(found, found.due_on + timedelta(days=1))
    in_order = [outcome for _, outcome in sorted(made)]
    assert all(outcome is not CallOutcome.ANSWERED for outcome in in_order[: found.failures])
    assert found.failures == len(made) or in_order[found.failures] is CallOutcome.ANSWERED
