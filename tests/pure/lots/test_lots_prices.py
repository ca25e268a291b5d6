"""Ceilings, yearly uplifts and sub-contractors (A13, A18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lots.errors import ConsentTooLate, NotNow, OverCeiling, SharesAbove100, UpliftTooSoon
from lots.model import (
    CategoryCode,
    Ceiling,
    CeilingId,
    ConsentState,
    Price,
    ProviderId,
    Registration,
    RegistrationId,
    Subcontractor,
    SubcontractorId,
    Uplift,
    UpliftId,
    UpliftState,
    Wants,
)
from lots.rules import (
    accept_uplift,
    ceiling_on,
    check_consent,
    check_shares,
    check_uplift,
    move_consent,
    over_ceiling,
    uplifted,
)

ON = date(2026, 11, 23)
FIRM = ProviderId(UUID(int=1))
NOW_PRICED = Registration(
    RegistrationId(UUID(int=2)), FIRM, CategoryCode.TRANSITION, Decimal("350.00"), Decimal("22.50"), Decimal(5),
    date(2026, 1, 1), None,
)  # fmt: skip
ASKED = Uplift(UpliftId(UUID(int=3)), FIRM, CategoryCode.TRANSITION, Decimal("4.50"), date(2027, 4, 1), "Wages rose")
MOST = Ceiling(
    "derby-city", CeilingId(UUID(int=4)), CategoryCode.TRANSITION, Decimal("400.00"), None, date(2026, 1, 1), None
)
NAMED = Subcontractor(
    "derby-city",
    SubcontractorId(UUID(int=5)),
    FIRM,
    "Night Watch",
    "Waking nights",
    Decimal(30),
    Decimal("12000.00"),
    ON,
)

money = st.decimals(0, 2000, places=2)
percents = st.decimals("0.01", 100, places=2)


@given(money, percents)
def test_an_uplift_raises_to_the_nearest_penny_a_half_up(price: Decimal, percent: Decimal) -> None:
    raised = uplifted(Price(price, None), percent).accommodation_weekly
    assert raised is not None
    exact = price + price * percent / 100
    assert -Decimal("0.005") < exact - raised <= Decimal("0.005") or raised - exact == Decimal("0.005")
    assert raised >= price
    assert raised == raised.quantize(Decimal("0.01"))
    assert uplifted(Price(price, None), percent).support_hourly is None


def test_an_accepted_uplift_is_a_price_of_its_own_from_its_day_on() -> None:
    after = accept_uplift(ASKED, NOW_PRICED, None, RegistrationId(UUID(int=9)), ON)
    assert (after.accommodation_weekly, after.support_hourly) == (Decimal("365.75"), Decimal("23.51"))
    assert (after.valid_from, after.valid_to, after.block_discount) == (date(2027, 4, 1), None, Decimal(5))
    assert (after.provider_id, after.category) == (FIRM, CategoryCode.TRANSITION)


@given(st.dates(date(2026, 6, 1), date(2028, 1, 1)), st.dates(date(2026, 6, 1), date(2028, 1, 1)))
def test_a_price_holds_for_a_year_and_is_never_raised_for_days_that_are_over(starts: date, today: date) -> None:
    try:
        check_uplift(replace(ASKED, starts_on=starts), NOW_PRICED, today)
        refused = None
    except UpliftTooSoon as no:
        refused = no.earliest
    right = max(date(2027, 1, 1), today + timedelta(days=1))
    assert (refused is None) is (starts >= right)
    assert refused in (None, right)


def test_an_uplift_above_the_council_s_ceiling_is_not_accepted() -> None:
    accept_uplift(replace(ASKED, percent=Decimal("14.28")), NOW_PRICED, MOST, RegistrationId(UUID(int=9)), ON)
    with pytest.raises(OverCeiling) as refused:
        accept_uplift(replace(ASKED, percent=Decimal("14.29")), NOW_PRICED, MOST, RegistrationId(UUID(int=9)), ON)
    assert (refused.value.item, refused.value.asked, refused.value.ceiling) == (
        Wants.ACCOMMODATION, Decimal("400.02"), Decimal("400.00"),
    )  # fmt: skip


@pytest.mark.parametrize("state", [UpliftState.ACCEPTED, UpliftState.REFUSED, UpliftState.WITHDRAWN])
def test_an_uplift_is_decided_once(state: UpliftState) -> None:
    with pytest.raises(NotNow):
        accept_uplift(replace(ASKED, state=state), NOW_PRICED, None, RegistrationId(UUID(int=9)), ON)


@given(money, money, st.none() | money, st.none() | money)
def test_what_is_above_its_ceiling_is_listed_and_nothing_else(
    bed: Decimal, hour: Decimal, most_bed: Decimal | None, most_hour: Decimal | None
) -> None:
    assume(most_bed is not None or most_hour is not None)
    most = replace(MOST, accommodation_weekly=most_bed, support_hourly=most_hour)
    found = {item for item, asked, ceiling in over_ceiling(Price(bed, hour), most)}
    assert (Wants.ACCOMMODATION in found) is (most_bed is not None and bed > most_bed)
    assert (Wants.SUPPORT in found) is (most_hour is not None and hour > most_hour)
    assert over_ceiling(Price(bed, hour), None) == ()


def test_the_ceiling_of_the_day_is_found() -> None:
    later = replace(MOST, id=CeilingId(UUID(int=6)), valid_from=date(2027, 1, 1))
    both = (replace(MOST, valid_to=date(2026, 12, 31)), later)
    assert ceiling_on(both, CategoryCode.TRANSITION, date(2026, 12, 31)) == both[0]
    assert ceiling_on(both, CategoryCode.TRANSITION, date(2027, 1, 1)) == later
    assert ceiling_on(both, CategoryCode.EMERGENCY, ON) is None
    assert ceiling_on(both, CategoryCode.TRANSITION, date(2025, 12, 31)) is None


@given(st.lists(st.tuples(st.decimals("0.01", 60, places=2), st.sampled_from(ConsentState)), max_size=5), percents)
def test_sub_contractors_never_do_more_than_all_of_the_work(
    others: list[tuple[Decimal, ConsentState]], share: Decimal
) -> None:
    held = [
        replace(
            NAMED, id=SubcontractorId(UUID(int=100 + n)), share=part, state=state,
            consented_on=ON if state in {ConsentState.CONSENTED, ConsentState.ENDED} else None,
        )
        for n, (part, state) in enumerate(others)
    ]  # fmt: skip
    live = sum((part for part, state in others if state in {ConsentState.ASKED, ConsentState.CONSENTED}), share)
    try:
        check_shares(replace(NAMED, share=share), held)
        assert live <= 100
    except SharesAbove100 as refused:
        assert refused.total == live > 100


def test_consent_comes_before_the_work_and_is_asked_for_first() -> None:
    check_consent(ON, ON)
    with pytest.raises(ConsentTooLate):
        check_consent(ON - timedelta(days=1), ON)
    assert move_consent(ConsentState.ASKED, "consent") is ConsentState.CONSENTED
    assert move_consent(ConsentState.CONSENTED, "end") is ConsentState.ENDED
    for state, verb in (
        (ConsentState.CONSENTED, "refuse"),
        (ConsentState.REFUSED, "consent"),
        (ConsentState.ASKED, "end"),
    ):
        with pytest.raises(NotNow):
            move_consent(state, verb)


@pytest.mark.parametrize(
    "wrong",
    [{"percent": Decimal(0)}, {"percent": Decimal(101)}, {"percent": Decimal("0.001")}, {"reason": " "}],
)
def test_an_uplift_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(ASKED, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"share": Decimal(0)},
        {"share": Decimal("100.01")},
        {"cost_yearly": Decimal(-1)},
        {"state": ConsentState.CONSENTED},
        {"consented_on": ON},
    ],
)
def test_a_sub_contractor_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(NAMED, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"accommodation_weekly": None}, {"support_hourly": Decimal(-1)}, {"valid_to": date(2025, 1, 1)}]
)
def test_a_ceiling_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(MOST, **wrong)  # type: ignore[arg-type]
