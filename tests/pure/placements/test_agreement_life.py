"""An agreement's life: accepted by both, started on its day, shown as it stood on any day (A30, A33)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.errors import AgreementOver, AlreadyAccepted, NotItsDay, NotNow
from placements.model import Agreement, AgreementState, AgreementVerb, Changes, Party, Version
from placements.rules import MOVES, accept_agreement, as_it_stood, cut_versions, move, start_agreement, version_on
from tests.pure.placements.builders import (
    ANNA,
    BEN,
    DAY,
    END,
    NOW,
    START,
    agreement,
    first_version,
    histories,
    noon,
    vary,
)

S = AgreementState


def test_both_parties_accept_in_either_order_each_once() -> None:
    for first, second in ((Party.PROVIDER, Party.COUNCIL), (Party.COUNCIL, Party.PROVIDER)):
        half = accept_agreement(agreement(S.OPENED), first, ANNA, NOW)
        assert half.state is S.PART_ACCEPTED
        with pytest.raises(AlreadyAccepted) as again:
            accept_agreement(half, first, BEN, NOW + DAY)
        assert (again.value.party, again.value.at) == (first, NOW)
        whole = accept_agreement(half, second, BEN, NOW + DAY)
        assert whole.state is S.ACCEPTED
        assert [(one.party, one.person_id, one.at) for one in whole.acceptances] == [
            (first, ANNA, NOW),
            (second, BEN, NOW + DAY),
        ]


def test_it_starts_on_its_day_in_london_and_not_before_both_have_accepted() -> None:
    made = agreement(S.ACCEPTED, starts_on=date(2026, 6, 15), ends_on=date(2026, 12, 1))
    eve, day = datetime(2026, 6, 14, 22, 59, tzinfo=UTC), datetime(2026, 6, 14, 23, 0, tzinfo=UTC)
    with pytest.raises(NotItsDay) as early:
        start_agreement(made, eve)
    assert (early.value.starts_on, early.value.on) == (date(2026, 6, 15), date(2026, 6, 14))
    assert start_agreement(made, day).state is S.STARTED
    for state in (S.OPENED, S.PART_ACCEPTED, S.STARTED, S.UNDER_NOTICE):
        with pytest.raises(NotNow):
            start_agreement(agreement(state), noon(START))


def test_nothing_follows_on_the_end() -> None:
    over = agreement(S.ENDED, ended_on=date(2027, 3, 1))
    with pytest.raises(AgreementOver) as refused:
        accept_agreement(over, Party.COUNCIL, ANNA, NOW)
    assert refused.value.ended_on == date(2027, 3, 1)
    with pytest.raises(AgreementOver):
        start_agreement(over, NOW)
    assert not [verb for state, verb in MOVES if state is S.ENDED]


def test_every_state_is_reached_and_every_way_leads_to_the_end() -> None:
    reached = {S.OPENED}
    for _ in S:
        reached |= {move(state, verb) for state, verb in MOVES if state in reached}
    assert reached == set(S)
    assert {state for state, verb in MOVES if verb is AgreementVerb.END} == set(S) - {S.ENDED}


@pytest.mark.parametrize("state", [state for state in S if state is not S.ENDED])
def test_an_agreement_has_an_end_if_and_only_if_it_has_ended(state: AgreementState) -> None:
    with pytest.raises(ValueError, match="ended"):
        replace(agreement(state), ended_on=END)
    with pytest.raises(ValueError, match="ended"):
        replace(agreement(state), state=S.ENDED)


@given(histories(), st.integers(-40, 520))
def test_on_any_day_exactly_one_version_says_what_holds(
    history: tuple[Agreement, tuple[Version, ...]], ahead: int
) -> None:
    made, versions = history
    on = made.starts_on + ahead * DAY
    holding = [one for one in versions if one.from_on <= on <= one.until_on]
    inside = made.starts_on <= on <= made.ends_on
    assert len(holding) == (1 if inside else 0)
    shown = as_it_stood(made, versions, on)
    expected = holding[0] if holding else versions[0] if on < made.starts_on else version_on(versions, made.ends_on)
    assert (shown.terms, shown.ends_on) == (expected.terms, expected.ends_on)


@given(histories(), st.integers(0, 400))
def test_an_earlier_end_cuts_versions_and_keeps_them_all(
    history: tuple[Agreement, tuple[Version, ...]], length: int
) -> None:
    made, versions = history
    last_on = made.starts_on + length * DAY
    cut = cut_versions(versions, last_on)
    assert [(one.number, one.from_on, one.terms) for one in cut] == [
        (one.number, one.from_on, one.terms) for one in versions
    ]
    days = [on for one in cut for on in _days(one)]
    assert days == [on for one in versions for on in _days(one) if on <= last_on]
    assert all(not one.held for one in cut if one.from_on > last_on)


def _days(version: Version) -> list[date]:
    return [version.from_on + n * DAY for n in range((version.until_on - version.from_on).days + 1)]


def test_the_past_is_shown_as_it_was() -> None:
    made = agreement(S.OPENED)
    made = accept_agreement(made, Party.PROVIDER, ANNA, noon(date(2026, 11, 25)))
    made = accept_agreement(made, Party.COUNCIL, BEN, noon(date(2026, 11, 27)))
    made = start_agreement(made, noon(START))
    versions = vary(made, (first_version(made),), date(2027, 2, 1), Changes(hours=Decimal(8)))
    ended = date(2027, 5, 10)
    made = replace(made, state=S.ENDED, ended_on=ended)
    versions = cut_versions(versions, ended)
    seen = {
        on: as_it_stood(made, versions, on)
        for on in (
            date(2026, 11, 24),
            date(2026, 11, 25),
            date(2026, 11, 30),
            START,
            date(2027, 2, 1),
            ended,
            ended + timedelta(days=1),
        )
    }
    assert [one.state for one in seen.values()] == [
        S.OPENED,
        S.PART_ACCEPTED,
        S.ACCEPTED,
        S.STARTED,
        S.STARTED,
        S.STARTED,
        S.ENDED,
    ]
    assert [one.terms.hours for one in seen.values()] == [Decimal("12.25")] * 4 + [Decimal(8)] * 3
    assert [len(one.acceptances) for one in seen.values()][:3] == [0, 1, 2]
    assert seen[ended].ended_on is None
    assert seen[ended + DAY].ended_on == ended


def test_from_the_day_of_the_notice_on_its_last_day_stands() -> None:
    made = replace(agreement(S.UNDER_NOTICE), notice_on=date(2027, 3, 1), ends_on=date(2027, 3, 31))
    versions = (replace(first_version(agreement()), until_on=date(2027, 3, 31)),)
    before, after = (as_it_stood(made, versions, on) for on in (date(2027, 2, 28), date(2027, 3, 1)))
    assert (before.state, before.ends_on, before.notice_on) == (S.STARTED, END, None)
    assert (after.state, after.ends_on, after.notice_on) == (S.UNDER_NOTICE, date(2027, 3, 31), date(2027, 3, 1))
    with pytest.raises(ValueError, match="served"):
        replace(made, notice_on=None)
