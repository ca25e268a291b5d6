"""Who may say what about a variation, and what it is said to change (A33, S16)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.errors import ChangesNothing, NotNow, OthersProposal, OwnProposal
from placements.model import Changes, Party, Variation, VariationId, VariationState
from placements.rules import check_answer, check_money_open, check_withdrawal, varied, what_changes
from tests.pure.placements.builders import ANNA, DAY, END, NOW, START, agreement, pounds_up_to, quarter_hours, terms


def variation(state: VariationState, by: Party) -> Variation:
    agreed = state in {VariationState.AWAITING_FUNDING, VariationState.AGREED}
    return Variation(
        authority="derby-city",
        id=VariationId(ANNA),
        agreement_id=agreement().id,
        number=1,
        reason="needs_less",
        changes=Changes(hours=Decimal(4)),
        difference=None,
        effective_on=START + DAY,
        weekly_before=Decimal("600.00"),
        weekly_after=Decimal("500.00"),
        state=state,
        proposed_by=by,
        proposer_id=ANNA,
        proposed_at=NOW,
        agreed_by=ANNA if agreed else None,
        agreed_at=NOW if agreed else None,
    )


@given(st.sampled_from(VariationState), st.sampled_from(Party), st.sampled_from(Party))
def test_the_other_party_answers_once_and_the_own_takes_back(state: VariationState, by: Party, who: Party) -> None:
    one = variation(state, by)
    if who is by:
        check_withdrawal(one, who)
        with pytest.raises(OwnProposal):
            check_answer(one, who)
        return
    with pytest.raises(OthersProposal):
        check_withdrawal(one, who)
    if state is VariationState.PROPOSED:
        check_answer(one, who)
    else:
        with pytest.raises(NotNow):
            check_answer(one, who)


@given(st.sampled_from(VariationState))
def test_money_is_refused_only_while_it_is_asked_for(state: VariationState) -> None:
    if state is VariationState.AWAITING_FUNDING:
        check_money_open(variation(state, Party.COUNCIL))
    else:
        with pytest.raises(NotNow):
            check_money_open(variation(state, Party.COUNCIL))


@given(
    hours=st.none() | quarter_hours,
    accommodation=st.none() | pounds_up_to(400),
    support=st.none() | pounds_up_to(25),
    later=st.none() | st.integers(0, 60),
)
def test_what_is_left_of_the_changes_does_the_same_and_says_nothing_twice(
    hours: Decimal | None, accommodation: Decimal | None, support: Decimal | None, later: int | None
) -> None:
    held = terms()
    ends_on = None if later is None else END + later * DAY
    if hours is None and accommodation is None and support is None and ends_on is None:
        return
    asked = Changes(hours=hours, accommodation_weekly=accommodation, support_hourly=support, ends_on=ends_on)
    same = varied(held, asked) == held and ends_on in (None, END)
    if same:
        with pytest.raises(ChangesNothing):
            what_changes(asked, held, END)
        return
    left = what_changes(asked, held, END)
    assert varied(held, left) == varied(held, asked)
    assert (left.ends_on or END) == (ends_on or END)
    assert left.hours != held.hours
    assert left.accommodation_weekly is None or left.accommodation_weekly != held.accommodation_weekly
    assert what_changes(left, held, END) == left
