"""Who has to do with a young person, and so may see the record at once (A47)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from brokerage.desk.reach import EVERYTHING, NOBODY, reach_of
from brokerage.desk.sights.model import Relation, Tie
from brokerage.desk.sights.rules import PLACES, relation
from brokerage.people.model import Actor, Role
from brokerage.referrals.model import State

TODAY = date(2026, 11, 21)
TIES = st.builds(
    Tie,
    st.just("derby-city"),
    st.sampled_from(State),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none(),
    st.none() | st.just("A complaint has to be answered"),
)


@given(st.sampled_from(Role), TIES)
def test_nobody_sees_a_record_with_neither_a_relation_nor_a_reason(role: Role, tie: Tie) -> None:
    found = relation(role, tie, TODAY)
    if found is None:
        assert not (tie.raised or tie.acted or tie.reason)
    if found is Relation.REASON:
        assert tie.reason
    if found is Relation.ROLE:
        assert role in {Role.PLACEMENTS, Role.COORDINATOR, Role.APPROVER}


@given(TIES)
def test_the_auditor_has_to_do_with_nobody_by_role(tie: Tie) -> None:
    assert relation(Role.AUDITOR, tie, TODAY) is not Relation.ROLE


@given(st.sampled_from(sorted(PLACES)), TIES)
def test_who_places_works_on_a_running_placement_and_not_on_what_is_over(role: Role, tie: Tie) -> None:
    if tie.raised or tie.acted or tie.reason:
        return
    over = tie.state in {State.PLACED, State.WITHDRAWN} and not tie.placed_now
    assert (relation(role, tie, TODAY) is None) == over


@given(st.sampled_from(Role), TIES, st.integers(-3, 3))
def test_what_another_council_shares_is_seen_through_its_last_day_and_not_on_the_next(
    role: Role, tie: Tie, days: int
) -> None:
    shared = replace(tie, shared_until=TODAY + timedelta(days))
    assert relation(role, shared, TODAY) == (Relation.SHARED if days >= 0 else None)


@given(st.sampled_from(Role), st.none() | st.just("derby-city"))
def test_only_the_system_itself_reaches_everything(role: Role, authority: str | None) -> None:
    found = reach_of(Actor(role, "Somebody", authority))
    assert (found == EVERYTHING) == (role is Role.SYSTEM and authority is None)
    assert (found.authority or None) == authority
    if role is not Role.SYSTEM and authority is None:
        assert found == NOBODY
