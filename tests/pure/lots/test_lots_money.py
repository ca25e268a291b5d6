"""Money: lines add up, nothing is below zero, discounts and benefit land where they should (S21 to S23)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import Price, Wants
from lots.rules import over_tendered, part_week, pounds, weekly_cost

money = st.decimals(min_value=0, max_value=20_000, places=2)
prices = st.builds(Price, st.none() | money, st.none() | money)
hours = st.integers(0, 400).map(lambda quarters: Decimal(quarters) / 4)
benefit = st.decimals(min_value=0, max_value=2_000, places=2)
beds = st.integers(1, 12)
percent = st.decimals(min_value=0, max_value=100, places=2)
NONE = Decimal(0)


def pennies(value: Fraction) -> int:
    """Round half up, reckoned in fractions and away from the code under test."""
    return floor(value * 100 + Fraction(1, 2))


@given(prices, hours, benefit, beds, percent)
def test_the_weekly_cost_is_what_fractions_make_of_it(
    price: Price, hours: Decimal, benefit: Decimal, beds: int, percent: Decimal
) -> None:
    expected = 0
    if price.accommodation_weekly is not None:
        accommodation = Fraction(price.accommodation_weekly) * beds
        expected += pennies(accommodation)
        expected -= pennies(accommodation * Fraction(percent) / 100) if beds >= 5 else 0
        expected -= pennies(Fraction(benefit) * beds)
    if price.support_hourly is not None:
        expected += pennies(Fraction(price.support_hourly) * Fraction(hours) * beds)
    assert weekly_cost(price, hours, benefit, beds, percent).total * 100 == max(expected, 0)


@given(prices, hours, benefit, beds, percent)
def test_the_lines_add_up_and_the_cost_is_never_negative(
    price: Price, hours: Decimal, benefit: Decimal, beds: int, percent: Decimal
) -> None:
    cost = weekly_cost(price, hours, benefit, beds, percent)
    assert sum(line.amount for line in cost.lines) == cost.total
    assert cost.total >= 0
    assert cost.total.as_tuple().exponent == -2
    for line in cost.lines:
        assert line.amount.as_tuple().exponent == -2
        assert not (line.amount == 0 and line.amount.is_signed()), "no line shows minus nothing"


@given(prices, hours, benefit, st.integers(1, 4), percent)
def test_below_five_beds_a_discount_changes_nothing(
    price: Price, hours: Decimal, benefit: Decimal, beds: int, percent: Decimal
) -> None:
    assert weekly_cost(price, hours, benefit, beds, percent) == weekly_cost(price, hours, benefit, beds, NONE)


@given(money, hours, benefit, st.integers(5, 12), percent)
def test_a_discount_never_touches_support(
    hourly: Decimal, hours: Decimal, benefit: Decimal, beds: int, percent: Decimal
) -> None:
    support = Price(None, hourly)
    assert weekly_cost(support, hours, benefit, beds, percent) == weekly_cost(support, hours, benefit, beds, NONE)


@given(prices, hours, benefit, beds, percent, money)
def test_more_housing_benefit_never_costs_the_council_more(
    price: Price, hours: Decimal, benefit: Decimal, beds: int, percent: Decimal, more: Decimal
) -> None:
    before = weekly_cost(price, hours, benefit, beds, percent).total
    assert weekly_cost(price, hours, benefit + more, beds, percent).total <= before


def test_a_package_of_room_and_support_is_shown_line_by_line() -> None:
    cost = weekly_cost(Price(Decimal("350.00"), Decimal("22.50")), Decimal("12.5"), Decimal("98.40"), 1, Decimal(10))
    assert [(line.text, str(line.amount)) for line in cost.lines] == [
        ("Accommodation £350.00", "350.00"),
        ("Less Housing Benefit £98.40", "-98.40"),
        ("Support 12.5 hours x £22.50", "281.25"),
    ]
    assert cost.total == Decimal("532.85")


def test_a_block_of_five_beds_gets_the_discount() -> None:
    cost = weekly_cost(Price(Decimal("350.00"), Decimal("20.00")), Decimal(2), NONE, 5, Decimal("7.5"))
    assert [(line.text, str(line.amount)) for line in cost.lines] == [
        ("Accommodation £350.00 x 5 beds", "1750.00"),
        ("Less block discount of 7.5% on accommodation", "-131.25"),
        ("Support 2 hours x £20.00 x 5 beds", "200.00"),
    ]


def test_benefit_above_the_whole_cost_is_cut_off_at_zero_and_says_so() -> None:
    cost = weekly_cost(Price(Decimal("80.00"), Decimal("10.00")), Decimal(1), Decimal("100.00"), 1, NONE)
    assert cost.total == 0
    assert (cost.lines[-1].text, cost.lines[-1].amount) == ("The council does not pay below zero", Decimal("10.00"))


def test_benefit_above_the_rent_pays_towards_support_in_the_same_package() -> None:
    assert weekly_cost(Price(Decimal(80), Decimal(10)), Decimal(4), Decimal(100), 1, NONE).total == 20


def test_housing_benefit_is_not_taken_off_support_bought_alone() -> None:
    assert weekly_cost(Price(None, Decimal(20)), Decimal(5), Decimal(90), 1, NONE).total == 100


@pytest.mark.parametrize(
    ("beds", "hours", "benefit", "discount"),
    [(0, 1, 0, 0), (1, -1, 0, 0), (1, 1, -1, 0), (1, 1, 0, -1), (1, 1, 0, 101)],
)
def test_figures_out_of_range_are_refused(beds: int, hours: int, benefit: int, discount: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        weekly_cost(Price(Decimal(1), Decimal(1)), Decimal(hours), Decimal(benefit), beds, Decimal(discount))


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.005", "0.01"), ("2.675", "2.68"), ("2.674999", "2.67"), ("1", "1.00"), ("0.015", "0.02")]
)
def test_half_a_penny_rounds_up(value: str, rounded: str) -> None:
    assert str(pounds(Decimal(value))) == rounded


@given(money, st.integers(0, 400))
def test_a_part_week_is_days_in_sevenths(weekly: Decimal, days: int) -> None:
    assert part_week(weekly, days) * 100 == pennies(Fraction(weekly) * days / 7)


def test_days_before_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        part_week(Decimal(1), -1)


@given(prices, prices)
def test_exactly_the_items_above_their_tendered_price_are_named(bid: Price, tendered: Price) -> None:
    named = {item: (asked, allowed) for item, asked, allowed in over_tendered(bid, tendered)}
    for item, asked, allowed in (
        (Wants.ACCOMMODATION, bid.accommodation_weekly, tendered.accommodation_weekly),
        (Wants.SUPPORT, bid.support_hourly, tendered.support_hourly),
    ):
        over = asked is not None and (allowed is None or asked > allowed)
        assert named.get(item) == ((asked, allowed) if over else None)


def test_a_bid_at_the_tendered_price_is_within_it() -> None:
    price = Price(Decimal("350.00"), Decimal("22.50"))
    assert over_tendered(price, price) == ()


@pytest.mark.parametrize("wrong", [Decimal("-0.01"), Decimal("1.005"), Decimal("NaN"), Decimal("Infinity")])
def test_a_price_that_is_no_sum_of_pennies_is_no_price(wrong: Decimal) -> None:
    with pytest.raises(ValueError, match="price"):
        Price(wrong, None)
    with pytest.raises(ValueError, match="price"):
        Price(None, wrong)
