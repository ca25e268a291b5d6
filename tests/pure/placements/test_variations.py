"""Variations: inside the agreement, in order, within the limits, agreed by both and funded (A11, A33, S16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import CategoryCode, Price, Wants
from lots.rules import weekly_cost
from lots.store import category
from placements.errors import (
    AboveLimit,
    AgreementOver,
    ChangesNothing,
    DifferenceNeeded,
    EndsAfter18,
    MoreThanBespoke,
    NewEndTooEarly,
    NoHoursHere,
    NotNow,
    OutOfOrder,
    OutsideStay,
    OwnProposal,
    PlacementsError,
    SameHand,
    TooLong,
    UnderNotice,
)
from placements.model import (
    AgreementId,
    AgreementState,
    CategoryDifference,
    Changes,
    Party,
    Variation,
    VariationId,
    VariationState,
    VariationVerb,
)
from placements.rules import (
    VARIATION_MOVES,
    agree_variation,
    check_new_end,
    check_reason,
    fund_variation,
    move_variation,
    next_version,
    varied,
)
from placements.store import reasons
from tests.pure.placements.builders import (
    ANNA,
    BEN,
    CARA,
    DAY,
    DEV,
    END,
    LIMITS,
    NOW,
    START,
    TRANSITION,
    agreement,
    first_version,
    pounds_up_to,
    quarter_hours,
    terms,
    vary,
)

FEWER = Changes(hours=Decimal(8))
DIFFERENCE = CategoryDifference("Needs night cover in a shared house", "Two staff trained in autism")
V = VariationState


def refused(changes: Changes, on: date = date(2027, 2, 1), **facts: Any) -> PlacementsError:
    made = agreement(**facts)
    with pytest.raises(PlacementsError) as found:
        vary(made, (first_version(made),), on, changes)
    return found.value


@pytest.mark.parametrize("on", [START - DAY, END + DAY])
def test_a_variation_takes_effect_inside_the_stay(on: date) -> None:
    error = refused(FEWER, on)
    assert isinstance(error, OutsideStay)
    assert (error.on, error.first, error.last) == (on, START, END)


def test_versions_begin_one_after_the_other() -> None:
    error = refused(FEWER, START)
    assert isinstance(error, OutOfOrder)
    assert (error.effective_on, error.last_from) == (START, START)
    made = agreement()
    versions = vary(made, (first_version(made),), date(2027, 3, 1), FEWER)
    assert [(one.from_on, one.until_on) for one in versions] == [
        (START, date(2027, 2, 28)),
        (date(2027, 3, 1), END),
    ]
    for on in (date(2027, 2, 1), date(2027, 3, 1)):
        with pytest.raises(OutOfOrder) as again:
            vary(made, versions, on, Changes(hours=Decimal(4)))
        assert (again.value.effective_on, again.value.last_from) == (on, date(2027, 3, 1))


def test_nothing_is_varied_after_the_end_and_no_last_day_under_notice() -> None:
    assert isinstance(refused(FEWER, state=AgreementState.ENDED, ended_on=date(2027, 1, 1)), AgreementOver)
    longer = Changes(ends_on=END + 10 * DAY)
    error = refused(longer, state=AgreementState.UNDER_NOTICE)
    assert isinstance(error, UnderNotice)
    assert error.last_on == END
    made = agreement(AgreementState.UNDER_NOTICE)
    assert vary(made, (first_version(made),), date(2027, 2, 1), FEWER)[-1].terms.hours == 8


def test_what_changes_nothing_is_refused() -> None:
    assert isinstance(refused(Changes(hours=Decimal("12.25"))), ChangesNothing)
    assert isinstance(refused(Changes(ends_on=END)), ChangesNothing)
    with pytest.raises(ValueError, match="changes something"):
        Changes()


@given(pounds_up_to(500), pounds_up_to(40))
def test_no_price_passes_its_limit_unless_a_difference_of_category_is_agreed(bed: Decimal, hour: Decimal) -> None:
    made = agreement()
    versions = (first_version(made),)
    changes = Changes(hours=Decimal(8), accommodation_weekly=bed, support_hourly=hour)
    above = [
        (item, asked, allowed)
        for item, asked, allowed in (
            (Wants.ACCOMMODATION, bed, Decimal("400.00")),
            (Wants.SUPPORT, hour, Decimal("25.00")),
        )
        if asked > allowed
    ]
    if above:
        with pytest.raises(AboveLimit) as found:
            vary(made, versions, date(2027, 2, 1), changes)
        assert (found.value.item, found.value.asked, found.value.allowed) == above[0]
    else:
        assert vary(made, versions, date(2027, 2, 1), changes)[-1].limits == LIMITS
    new = next_version(made, versions, VariationId(UUID(int=9)), changes, DIFFERENCE, date(2027, 2, 1), NOW)
    assert new.limits == Price(max(bed, Decimal(400)), max(hour, Decimal(25)))


def test_what_was_never_tendered_has_no_price_at_all() -> None:
    made = agreement()
    alone = replace(made.terms, accommodation_weekly=None)
    versions = (replace(first_version(made, Price(None, Decimal(25))), terms=alone),)
    with pytest.raises(AboveLimit) as found:
        vary(made, versions, date(2027, 2, 1), Changes(accommodation_weekly=Decimal(100)))
    assert (found.value.item, found.value.allowed) == (Wants.ACCOMMODATION, None)


@given(quarter_hours, pounds_up_to(400), pounds_up_to(25), pounds_up_to(150), st.integers(1, 8))
def test_the_weekly_cost_follows(hours: Decimal, bed: Decimal, hour: Decimal, benefit: Decimal, beds: int) -> None:
    old = terms(beds=beds, benefit="98.40")
    new = varied(
        old, Changes(hours=hours, accommodation_weekly=bed, support_hourly=hour, housing_benefit_weekly=benefit)
    )
    assert new.weekly_cost == weekly_cost(Price(bed, hour), hours, benefit, beds, Decimal("5.00")).total
    assert (new.category, new.beds, new.block_discount) == (old.category, old.beds, old.block_discount)


def test_hours_are_those_of_the_category() -> None:
    error = refused(Changes(hours=Decimal("25.25")))
    assert isinstance(error, MoreThanBespoke)
    assert (error.hours, error.most) == (Decimal("25.25"), Decimal(25))
    made = agreement(bought=replace(terms(), bespoke=True))
    assert vary(made, (first_version(made),), date(2027, 2, 1), Changes(hours=Decimal(40)))[-1].terms.hours == 40
    no_hours = terms(hours="0", under=category(CategoryCode.ACCOMMODATION_ONLY))
    with pytest.raises(NoHoursHere):
        varied(no_hours, Changes(hours=Decimal(1)))


def test_the_stay_is_made_longer_up_to_what_the_category_allows_and_shorter_at_will() -> None:
    made = agreement()
    versions = vary(made, (first_version(made),), date(2027, 2, 1), Changes(ends_on=date(2027, 2, 14)))
    assert (versions[-1].until_on, versions[-1].ends_on) == (date(2027, 2, 14), date(2027, 2, 14))
    assert isinstance(refused(Changes(ends_on=date(2027, 1, 31))), NewEndTooEarly)
    check_new_end(made, Changes(ends_on=date(2027, 12, 1)), TRANSITION, None)
    check_new_end(made, Changes(ends_on=date(2026, 12, 20)), TRANSITION, None)
    with pytest.raises(TooLong):
        check_new_end(made, Changes(ends_on=date(2027, 12, 2)), TRANSITION, None)
    with pytest.raises(EndsAfter18):
        check_new_end(made, Changes(ends_on=END + DAY), category(CategoryCode.SHORT_TERM), END)


def test_a_difference_of_category_has_its_own_reason() -> None:
    book = reasons().variations
    check_reason(book["category_difference"], DIFFERENCE)
    check_reason(book["needs_less"], None)
    for key, difference in (("category_difference", None), ("needs_less", DIFFERENCE)):
        with pytest.raises(DifferenceNeeded):
            check_reason(book[key], difference)
    with pytest.raises(ValueError, match="differs"):
        CategoryDifference("  ", "expertise")


def variation(after: str = "400.00", state: VariationState = V.PROPOSED, **facts: Any) -> Variation:
    made = Variation(
        "derby-city", VariationId(UUID(int=8)), AgreementId(UUID(int=1)), 1, "needs_more", FEWER, None,
        date(2027, 2, 1), Decimal("300.00"), Decimal(after), state, Party.PROVIDER, ANNA, NOW,
    )  # fmt: skip
    return replace(made, **facts)


def test_the_other_party_agrees() -> None:
    made = agreement(funded="400.00")
    with pytest.raises(OwnProposal):
        agree_variation(made, variation(), Party.PROVIDER, BEN, NOW)
    agreed = agree_variation(made, variation(), Party.COUNCIL, BEN, NOW)
    assert (agreed.state, agreed.agreed_by, agreed.agreed_at) == (V.AGREED, BEN, NOW)


@given(pounds_up_to(900), pounds_up_to(900))
def test_a_cost_above_what_was_funded_needs_funding_again(funded: Decimal, after: Decimal) -> None:
    agreed = agree_variation(agreement(funded=str(funded)), variation(str(after)), Party.COUNCIL, BEN, NOW)
    assert agreed.state is (V.AWAITING_FUNDING if after > funded else V.AGREED)


def test_funding_is_another_hand_and_above_the_limit_two() -> None:
    waiting = variation("500.00", V.AWAITING_FUNDING, agreed_by=BEN, agreed_at=NOW)
    for hand in (ANNA, BEN):
        with pytest.raises(SameHand):
            fund_variation(waiting, hand, Decimal(9999), NOW)
    assert fund_variation(waiting, CARA, Decimal("500.00"), NOW).state is V.AGREED
    half = fund_variation(waiting, CARA, Decimal("499.99"), NOW)
    assert half.state is V.AWAITING_FUNDING
    with pytest.raises(SameHand):
        fund_variation(half, CARA, Decimal(9999), NOW)
    whole = fund_variation(half, DEV, Decimal("499.99"), NOW)
    assert (whole.state, [word.approver for word in whole.funding]) == (V.AGREED, [CARA, DEV])


@pytest.mark.parametrize("state", list(V))
@pytest.mark.parametrize("verb", list(VariationVerb))
def test_what_the_table_leaves_out_is_refused(state: VariationState, verb: VariationVerb) -> None:
    if (state, verb) in VARIATION_MOVES:
        assert move_variation(state, verb) is VARIATION_MOVES[state, verb]
        return
    with pytest.raises(NotNow) as found:
        move_variation(state, verb)
    assert (found.value.state, found.value.verb) == (state, verb)


def test_what_is_decided_stays_decided() -> None:
    decided = {V.AGREED, V.REFUSED, V.WITHDRAWN}
    assert not {pair for pair in VARIATION_MOVES if pair[0] in decided}
    with pytest.raises(NotNow):
        agree_variation(agreement(), variation(state=V.REFUSED), Party.COUNCIL, BEN, NOW)
    with pytest.raises(NotNow):
        fund_variation(variation(), CARA, Decimal(1), NOW)
