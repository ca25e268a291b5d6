"""Stays: how long, until when, and who has met whom before (A12, A26, A30, S19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lots.model import Category, CategoryCode, Price, ProviderId
from lots.store import catalogue, category
from placements.errors import (
    EndsAfter18,
    EndsBeforeStart,
    MetAfterStart,
    NotIntroduced,
    PlacementsError,
    StartsTooEarly,
    TooLong,
    TooManyNights,
    TooShort,
    WaiverOutsideEmergency,
    WaiverReasonTooShort,
)
from placements.model import Agreement, AgreementId, AgreementState, Introduction, Terms
from placements.rules import add_months, age_at_start, check_dates, check_introduction, terms_of

DAY = timedelta(days=1)
START = date(2026, 12, 1)
dates = st.dates(date(2025, 1, 1), date(2031, 12, 31))
SHORT_STAY = category(CategoryCode.SHORT_STAY)
TRANSITION = category(CategoryCode.TRANSITION)
SHORT_TERM = category(CategoryCode.SHORT_TERM)
MONTHS = [each for each in catalogue().values() if each.min_months]


@given(dates, st.integers(0, 30))
def test_a_short_stay_has_one_to_seven_nights_counted_in_dates(start: date, nights: int) -> None:
    end = start + nights * DAY
    if nights == 0:
        with pytest.raises(TooShort):
            check_dates(SHORT_STAY, start, end, None, start)
    elif nights > 7:
        with pytest.raises(TooManyNights) as refused:
            check_dates(SHORT_STAY, start, end, None, start)
        assert (refused.value.nights, refused.value.most, refused.value.rule) == (nights, 7, "S19")
        assert (refused.value.starts_on, refused.value.ends_on) == (start, end)
    else:
        check_dates(SHORT_STAY, start, end, None, start)


def test_an_emergency_stay_in_lot_1_is_cut_at_its_setting() -> None:
    emergency = category(CategoryCode.EMERGENCY)
    check_dates(emergency, START, START + 84 * DAY, None, START)
    with pytest.raises(TooManyNights):
        check_dates(emergency, START, START + 85 * DAY, None, START)
    check_dates(replace(emergency, max_nights=100), START, START + 85 * DAY, None, START)


@pytest.mark.parametrize(
    ("end", "refusal"),
    [
        (date(2027, 2, 27), TooShort),
        (date(2027, 2, 28), None),
        (date(2027, 3, 1), None),
        (date(2027, 12, 1), None),
        (date(2027, 12, 2), TooLong),
    ],
)
def test_a_planned_stay_is_three_to_twelve_months(end: date, refusal: type[PlacementsError] | None) -> None:
    if refusal is None:
        check_dates(TRANSITION, START, end, None, START)
        return
    with pytest.raises(refusal) as refused:
        check_dates(TRANSITION, START, end, None, START)
    assert refused.value.rule == "A30"


@given(dates, st.integers(0, 500), st.sampled_from([each for each in MONTHS if each.ends_by_age is None]))
def test_months_are_judged_by_the_calendar(start: date, length: int, planned: Category) -> None:
    end = start + length * DAY
    least, most = add_months(start, 3) - DAY, add_months(start, 12)
    if end < least:
        with pytest.raises(TooShort) as short:
            check_dates(planned, start, end, None, start)
        assert short.value.earliest_end == least
    elif end > most:
        with pytest.raises(TooLong) as long:
            check_dates(planned, start, end, None, start)
        assert long.value.latest_end == most
    else:
        check_dates(planned, start, end, None, start)


@given(dates, st.integers(0, 500), st.integers(-400, 500), st.sampled_from([SHORT_TERM, category(CategoryCode("2.3"))]))
def test_no_stay_of_a_young_homeless_person_passes_the_birthday(
    start: date, length: int, birthday: int, until_18: Category
) -> None:
    end, turns_18_on = start + length * DAY, start + birthday * DAY
    try:
        check_dates(until_18, start, end, turns_18_on, start)
    except EndsAfter18 as refused:
        assert end > turns_18_on
        assert (refused.rule, refused.turns_18_on) == ("S19", turns_18_on)
    except TooShort as refused:
        assert end < refused.earliest_end <= turns_18_on
    except TooLong:
        assert end > add_months(start, 12)
    else:
        assert end <= turns_18_on


def test_a_stay_may_be_short_only_where_the_birthday_cuts_it() -> None:
    birthday = date(2027, 1, 10)
    check_dates(SHORT_TERM, START, birthday, birthday, START)
    check_dates(SHORT_TERM, START, birthday - DAY, birthday, START)
    with pytest.raises(TooShort) as refused:
        check_dates(SHORT_TERM, START, birthday - 2 * DAY, birthday, START)
    assert refused.value.earliest_end == birthday - DAY
    with pytest.raises(EndsAfter18):
        check_dates(SHORT_TERM, START, birthday + DAY, birthday, START)
    with pytest.raises(TooShort):
        check_dates(SHORT_TERM, START, birthday, date(2028, 1, 10), START)


def test_who_is_18_already_has_no_place_in_a_category_that_ends_by_18() -> None:
    with pytest.raises(EndsAfter18):
        check_dates(SHORT_TERM, START, date(2027, 5, 31), None, START)
    with pytest.raises(EndsAfter18):
        check_dates(SHORT_TERM, START, date(2027, 5, 31), START - DAY, START)


@given(dates, st.integers(1, 400), st.sampled_from(list(catalogue().values())))
def test_a_stay_never_ends_before_it_starts(start: date, back: int, any_category: Category) -> None:
    with pytest.raises(EndsBeforeStart) as refused:
        check_dates(any_category, start, start - back * DAY, None, start)
    assert (refused.value.starts_on, refused.value.ends_on) == (start, start - back * DAY)


@given(dates, st.integers(1, 400), st.sampled_from(list(catalogue().values())))
def test_a_stay_never_starts_before_it_may(start: date, early: int, any_category: Category) -> None:
    with pytest.raises(StartsTooEarly) as refused:
        check_dates(any_category, start, start + 5 * DAY, start + 900 * DAY, start + early * DAY)
    assert (refused.value.earliest_start, refused.value.rule) == (start + early * DAY, "A26")


def test_a_planned_placement_needs_a_meeting_before_it_starts() -> None:
    assert check_introduction(False, START, None, START) == Introduction(START, None)
    assert check_introduction(False, START - DAY, "  ", START) == Introduction(START - DAY, None)
    with pytest.raises(NotIntroduced):
        check_introduction(False, None, None, START)
    with pytest.raises(MetAfterStart):
        check_introduction(False, START + DAY, None, START)
    with pytest.raises(WaiverOutsideEmergency):
        check_introduction(False, START - DAY, "There was no time for it", START)
    with pytest.raises(WaiverOutsideEmergency):
        check_introduction(False, None, "There was no time for it", START)


def test_an_emergency_may_go_without_a_meeting_for_a_reason() -> None:
    reason = "Arrived at 23:40 by police"
    assert check_introduction(True, None, f" {reason} ", START) == Introduction(None, reason)
    assert check_introduction(True, START, None, START) == Introduction(START, None)
    with pytest.raises(WaiverReasonTooShort) as refused:
        check_introduction(True, None, "  no time   ", START)
    assert refused.value.least == 10
    with pytest.raises(NotIntroduced):
        check_introduction(True, None, " ", START)
    with pytest.raises(MetAfterStart):
        check_introduction(True, START + DAY, reason, START)


@given(
    st.booleans(),
    st.none() | st.integers(-30, 30).map(lambda n: START + n * DAY),
    st.none() | st.text(max_size=20),
)
def test_nothing_starts_without_a_meeting_or_an_emergency_with_a_reason(
    emergency: bool, met_on: date | None, reason: str | None
) -> None:
    try:
        found = check_introduction(emergency, met_on, reason, START)
    except PlacementsError as refused:
        assert refused.rule == "A26"
        return
    if found.met_on is None:
        assert emergency
        assert found.waiver_reason is not None
        assert len(found.waiver_reason) >= 10
    else:
        assert found.met_on <= START


@given(dates, st.dates(date(2025, 1, 1), date(2031, 12, 31)))
def test_the_age_at_the_start_follows_from_the_18th_birthday(start: date, birthday: date) -> None:
    assume((birthday.month, birthday.day) != (2, 29))
    whole_years = birthday.year - start.year + ((birthday.month, birthday.day) > (start.month, start.day))
    assert age_at_start(start, birthday) == min(18, 18 - whole_years)


def test_who_has_no_birthday_to_come_is_an_adult() -> None:
    assert age_at_start(START, None) == 18
    assert age_at_start(START, START) == 18
    assert age_at_start(START, START + DAY) == 17


def test_terms_carry_the_weekly_cost_of_what_they_buy() -> None:
    terms = terms_of(
        TRANSITION, Price(Decimal("350.00"), Decimal("22.50")), Decimal(12), Decimal("0.00"), 1, Decimal(0)
    )
    assert terms.weekly_cost == Decimal("620.00")
    assert not terms.bespoke


TERMS = Terms(
    CategoryCode.TRANSITION, Decimal(12), Decimal(350), Decimal("22.50"), Decimal(0), 1, Decimal(0), Decimal(620)
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hours": Decimal("12.1")}, "quarters"),
        ({"hours": Decimal("-0.25")}, "quarters"),
        ({"hours": Decimal("25.25")}, "bespoke"),
        ({"category": CategoryCode.ACCOMMODATION_ONLY}, "no support hours"),
        ({"accommodation_weekly": None, "support_hourly": None}, "buys"),
        ({"weekly_cost": Decimal(-1)}, "weekly cost"),
        ({"housing_benefit_weekly": Decimal("0.001")}, "Housing Benefit"),
        ({"beds": 0}, "bed"),
        ({"block_discount": Decimal(101)}, "percentage"),
        ({"block_discount": Decimal("0.001")}, "decimals"),
    ],
)
def test_terms_that_cannot_be_are_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(TERMS, **change)  # type: ignore[arg-type]


def test_more_than_25_hours_are_possible_only_as_bespoke() -> None:
    assert replace(TERMS, hours=Decimal(40), bespoke=True).hours == 40


def test_an_agreement_that_cannot_be_is_refused() -> None:
    agreement = Agreement(
        authority="derby-city",
        id=AgreementId(UUID(int=1)),
        reference="IPA-2001",
        award_id=UUID(int=2),
        referral_id=UUID(int=3),
        provider_id=ProviderId(UUID(int=4)),
        terms=TERMS,
        introduction=Introduction(START, None),
        starts_on=START,
        ends_on=date(2027, 5, 31),
        state=AgreementState.OPENED,
        agreed_at=datetime(2026, 11, 23, tzinfo=UTC),
        outcomes=(("cooking", "Cooks three meals"),),
    )
    with pytest.raises(ValueError, match="before it starts"):
        replace(agreement, ends_on=START - DAY)
    with pytest.raises(ValueError, match="Ofsted"):
        replace(agreement, under_18=True)
    with pytest.raises(ValueError, match="twice"):
        replace(agreement, outcomes=(("cooking", "One"), ("cooking", "Two")))
