"""Changing the specification: everybody is asked, in time, and two people stand behind it (A19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.errors import ConsultationOver, ConsultationRuns, ConsultationTooShort, NotNow, OwnChange
from lots.model import ChangeId, ChangeState, Clause, SpecificationChange
from lots.rules import CONSULT_DAYS, check_answer, check_authorise, check_consultation, move_change

TODAY = date(2026, 11, 21)
DAYS = st.integers(0, 400).map(lambda days: TODAY + timedelta(days=days))


def a_change(answer_by: date, effective_on: date) -> SpecificationChange:
    return SpecificationChange(
        ChangeId(uuid4()),
        "Night staff",
        "Two incidents at night",
        (Clause("3.4.9", "Somebody is awake."),),
        answer_by,
        effective_on,
        uuid4(),
        datetime(2026, 11, 21, 12, tzinfo=UTC),
    )


@given(DAYS, DAYS)
def test_providers_have_two_weeks_and_it_holds_only_afterwards(answer_by: date, effective_on: date) -> None:
    fair = answer_by >= TODAY + timedelta(days=CONSULT_DAYS) and effective_on > answer_by
    if fair:
        check_consultation(answer_by, effective_on, TODAY)
    else:
        with pytest.raises(ConsultationTooShort) as refused:
            check_consultation(answer_by, effective_on, TODAY)
        assert refused.value.earliest > TODAY


@given(DAYS, st.integers(1, 90), DAYS)
def test_no_day_both_takes_answers_and_may_authorise(answer_by: date, later: int, today: date) -> None:
    change = a_change(answer_by, answer_by + timedelta(days=later))
    answered = authorised = True
    try:
        check_answer(change, today)
    except ConsultationOver:
        answered = False
    try:
        assert check_authorise(change, uuid4(), today) is ChangeState.AUTHORISED
    except (ConsultationRuns, ConsultationTooShort):
        authorised = False
    assert answered == (today <= answer_by)
    assert authorised == (answer_by < today <= change.effective_on)


def test_its_proposer_never_authorises_it_and_what_is_decided_stays() -> None:
    change = a_change(TODAY, TODAY + timedelta(days=30))
    with pytest.raises(OwnChange):
        check_authorise(change, change.proposed_by, TODAY + timedelta(days=1))
    for state in (ChangeState.AUTHORISED, ChangeState.REFUSED, ChangeState.WITHDRAWN):
        for verb in ("authorise", "refuse", "withdraw"):
            with pytest.raises(NotNow):
                move_change(state, verb)
        with pytest.raises(NotNow):
            check_answer(replace(change, state=state), TODAY)
    assert replace(change, state=ChangeState.AUTHORISED).in_force(change.effective_on)
    assert not change.in_force(change.effective_on)
