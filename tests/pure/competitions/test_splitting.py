"""What two parts cost and are: together no more and no less than the whole (A23)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import NotInParts
from brokerage.competitions.rules import funded_by, priced_hours, splitting
from lots.model import Price, Wants
from lots.rules import weekly_cost
from notifications.rules import bare_reference, read_reply
from tests.pure.competitions.builders import a_competition, a_profile, an_award

HOME, SUPPORT = Wants.ACCOMMODATION, Wants.SUPPORT
pennies = st.decimals(0, 3000, places=2)
quarters = st.integers(1, 100).map(lambda one: Decimal(one) / 4)
percents = st.decimals(0, 100, places=2)


def apart(price: Price, hours: Decimal, benefit: Decimal, beds: int, discount: Decimal) -> Decimal:
    """Add up what both parts cost at the same prices, each reckoned as its own competition reckons it."""
    whole, total = a_profile(hours=hours, beds=beds, wants=frozenset({HOME, SUPPORT})), Decimal(0)
    for part in splitting.PARTS:
        profile = splitting.part_profile(whole, part)
        mine = Price(price.accommodation_weekly, None) if part is HOME else Price(None, price.support_hourly)
        kept = splitting.part_benefit(benefit, part)
        total += weekly_cost(mine, priced_hours(profile), kept, beds, discount).total
    return total


@given(pennies, pennies, quarters, pennies, st.integers(1, 9), percents)
def test_two_parts_cost_what_the_whole_costs_to_the_penny(
    home: Decimal, hourly: Decimal, hours: Decimal, benefit: Decimal, beds: int, discount: Decimal
) -> None:
    """Housing Benefit counts once. What of it is more than the accommodation costs pays for no support (A27)."""
    price = Price(home, hourly)
    housed = weekly_cost(Price(home, None), Decimal(0), Decimal(0), beds, discount).total
    over = max(benefit * beds - housed, Decimal(0))
    supported = weekly_cost(Price(None, hourly), hours, Decimal(0), beds, discount).total
    whole = weekly_cost(price, hours, benefit, beds, discount).total
    assert apart(price, hours, benefit, beds, discount) == whole + min(over, supported)
    if benefit * beds <= housed:
        assert apart(price, hours, benefit, beds, discount) == whole


def test_housing_benefit_and_discount_are_the_accommodations_alone() -> None:
    assert splitting.part_benefit(Decimal("90.00"), SUPPORT) == 0
    assert splitting.part_benefit(Decimal("90.00"), HOME) == splitting.part_benefit(Decimal("90.00"), None) == 90
    support = weekly_cost(Price(None, Decimal(20)), Decimal(10), Decimal(0), 5, Decimal(50))
    assert support.total == 1000
    assert len(support.lines) == 1


def test_a_part_wants_one_thing_and_has_its_hours_or_none() -> None:
    whole = a_profile(hours=Decimal(12), wants=frozenset({HOME, SUPPORT}))
    assert priced_hours(splitting.part_profile(whole, HOME)) == 0
    assert priced_hours(splitting.part_profile(whole, SUPPORT)) == 12
    assert splitting.part_profile(whole, None) == whole
    assert replace(splitting.part_profile(whole, HOME), wants=whole.wants) == whole


@pytest.mark.parametrize(
    ("wants", "hours"), [({HOME}, 10), ({SUPPORT}, 10), ({HOME, SUPPORT}, 0)], ids=["home", "support", "no hours"]
)
def test_one_thing_is_not_split(wants: set[Wants], hours: int) -> None:
    with pytest.raises(NotInParts) as refused:
        splitting.check_split(frozenset(wants), Decimal(hours))
    assert refused.value.hours == hours
    splitting.check_split(frozenset({HOME, SUPPORT}), Decimal("0.25"))


def test_the_references_of_two_parts_are_told_apart_in_a_text() -> None:
    home, support = (splitting.part_reference("R-7KQ2MX", one) for one in splitting.PARTS)
    assert splitting.part_reference("R-7KQ2MX", None) == "R-7KQ2MX"
    assert read_reply(f"2 {home}")[1] == bare_reference(home) != bare_reference(support)


@given(pennies, pennies, pennies)
def test_an_approvers_limit_is_held_against_both_parts(cost: Decimal, beside: Decimal, limit: Decimal) -> None:
    made = an_award(weekly_cost=cost)
    assert funded_by(made, limit, beside) is (cost + beside <= limit)
    assert not funded_by(made, limit, beside) or funded_by(made, limit)


def test_what_is_left_of_the_budget_may_be_less_than_nothing() -> None:
    found = a_competition(budget_weekly=Decimal(500))
    assert splitting.budget_left(found, Decimal(0)) == 500
    assert splitting.budget_left(found, Decimal("620.50")) == Decimal("-120.50")
