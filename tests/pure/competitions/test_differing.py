"""Differences of category: who answers, and which offers a price that was agreed admits (A11, S11)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import DifferenceDecided, DifferenceNeedless, OthersDifference, OwnDifference
from brokerage.competitions.model import Difference, DifferenceId, DifferenceState, DifferenceVerb, InvitationId
from brokerage.competitions.rules.differing import DIFFERENCE_MOVES, allowed, answer_difference, check_difference
from lots.model import Price, ProviderId
from lots.rules import over_tendered

AT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
pounds = st.integers(0, 90_000).map(lambda pennies: Decimal(pennies) / 100)
prices = st.builds(Price, st.none() | pounds, st.none() | pounds)


def a_difference(state: DifferenceState, *, by_provider: bool) -> Difference:
    number = UUID(int=1)
    return Difference(
        "derby-city",
        DifferenceId(number),
        number,
        InvitationId(number),
        ProviderId(number),
        "Needs a nurse at night",
        "A nurse at night",
        Price(None, Decimal("60.00")),
        state,
        by_provider,
        number,
        AT,
    )


@given(st.sampled_from(DifferenceState), st.sampled_from(DifferenceVerb), st.booleans(), st.booleans())
def test_each_is_answered_once_by_the_other_party_or_taken_back_by_its_own(
    state: DifferenceState, verb: DifferenceVerb, recorded_by_provider: bool, asked_by_provider: bool
) -> None:
    found = a_difference(state, by_provider=recorded_by_provider)
    own = recorded_by_provider == asked_by_provider
    refusal: type[Exception] | None = None
    if state is not DifferenceState.PROPOSED:
        refusal = DifferenceDecided
    elif verb is DifferenceVerb.WITHDRAW and not own:
        refusal = OthersDifference
    elif verb is not DifferenceVerb.WITHDRAW and own:
        refusal = OwnDifference
    if refusal is not None:
        with pytest.raises(refusal):
            answer_difference(found, verb, UUID(int=2), AT, by_provider=asked_by_provider)
        return
    answered = answer_difference(found, verb, UUID(int=2), AT, by_provider=asked_by_provider)
    assert answered.state is DIFFERENCE_MOVES[state, verb]
    assert (answered.answered_by, answered.answered_at) == (UUID(int=2), AT)


@given(tendered=prices, agreed=prices, bid=prices)
def test_an_offer_is_admitted_up_to_the_higher_of_both_prices_and_no_further(
    tendered: Price, agreed: Price, bid: Price
) -> None:
    over = {item for item, _, _ in over_tendered(bid, allowed(tendered, agreed))}
    both = {item for item, _, _ in over_tendered(bid, tendered)} & {item for item, _, _ in over_tendered(bid, agreed)}
    assert over == both
    assert allowed(tendered, None) == tendered


@given(tendered=prices, asked=prices)
def test_nothing_is_agreed_that_the_tendered_prices_allow(tendered: Price, asked: Price) -> None:
    if over_tendered(asked, tendered):
        check_difference(asked, tendered)
    else:
        with pytest.raises(DifferenceNeedless):
            check_difference(asked, tendered)
