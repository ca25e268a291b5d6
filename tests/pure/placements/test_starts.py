"""Before the start: the clock of full information, and when an identity may be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.errors import AlreadyReleased, AlreadyShared, NotAcceptedByBoth, NotAgreedYet, ReleaseReasonTooShort
from placements.model import AgreementId, AgreementState, Information, Release
from placements.rules import (
    INFORMATION_WITHIN,
    check_on,
    check_release,
    information_due,
    share_information,
    warn_of_information,
)
from tests.pure.placements.builders import ANNA, DAY, NOW, agreement

HOUR = timedelta(hours=1)
KEY = AgreementId(ANNA)


@given(st.lists(st.integers(0, 100), max_size=8).map(sorted))
def test_each_warning_comes_once_whenever_the_worker_looks(looks: list[int]) -> None:
    found, given_ = Information(KEY, information_due(NOW), 0, None, None), []
    for hours in looks:
        warned = warn_of_information(found, NOW + hours * HOUR)
        if warned is not None:
            found = warned
            given_.append(warned.warned)
    last = max(looks, default=0)
    assert given_ == sorted(set(given_))
    assert found.warned == (last >= 48) + (last >= 60) + (last >= 72)


@given(st.integers(0, 100))
def test_what_was_shared_is_asked_for_no_more_and_is_late_at_72_hours(hours: int) -> None:
    at = NOW + hours * HOUR
    shared = share_information(Information(KEY, information_due(NOW), 0, None, None), ANNA, at)
    assert shared.late == (at - NOW >= INFORMATION_WITHIN)
    assert warn_of_information(shared, NOW + 1000 * HOUR) is None
    with pytest.raises(AlreadyShared):
        share_information(shared, ANNA, at)


@pytest.mark.parametrize("state", [one for one in AgreementState if one is not AgreementState.ENDED])
@pytest.mark.parametrize("emergency", [True, False])
@pytest.mark.parametrize("reason", ["", "It is tonight"])
def test_an_identity_is_told_when_both_accepted_or_for_a_reason(
    state: AgreementState, emergency: bool, reason: str
) -> None:
    made = agreement(AgreementState.STARTED)
    made = replace(made, state=state, notice_on=made.starts_on)
    early = state in (AgreementState.OPENED, AgreementState.PART_ACCEPTED)
    if early and not emergency:
        with pytest.raises(NotAcceptedByBoth):
            check_release(made, None, reason, emergency=emergency)
    elif early and not reason:
        with pytest.raises(ReleaseReasonTooShort):
            check_release(made, None, reason, emergency=emergency)
    else:
        check_release(made, None, reason, emergency=emergency)
        with pytest.raises(AlreadyReleased):
            check_release(made, Release(KEY, reason, ANNA, NOW), reason, emergency=emergency)


def test_there_is_no_agreement_before_the_day_in_london_on_which_it_was_made() -> None:
    made = replace(agreement(), agreed_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))  # half past midnight in London
    day = datetime(2026, 7, 1, tzinfo=UTC).date()
    check_on(made, day)
    with pytest.raises(NotAgreedYet):
        check_on(made, day - DAY)
