"""Ends: notice, reasons, codes, alarms (A34, S18, S19)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import CategoryCode
from lots.store import category
from placements.errors import (
    AgreementOver,
    EndsSooner,
    NoSuchReason,
    NoticeNeeded,
    NoticeNotPossible,
    NotNow,
    NotTheLastDay,
    OptionsNotExplored,
    OutsideStay,
    PlacementsError,
    ReasonsNotValid,
    StillToCome,
    UnderNotice,
)
from placements.model import NATIONAL_CODES, AgreementState, AlarmKind, EndedBy, NoticeClass
from placements.rules import alarms, check_end, check_notice, end_reason, london_day, move_on, notice_ends
from placements.store import parse_reasons, reasons
from tests.pure.placements.builders import DAY, END, START, TRANSITION, agreement

BOOK = reasons()
GENERAL, SPECIFIC = BOOK.ends["council_general"], BOOK.ends["provider_behaviour"]
AT_ONCE = BOOK.ends["custody"]
TODAY = date(2027, 3, 1)
TRIED = ("Mediation with the key worker",)
SHIPPED = """
[ends.planned]
words = "The last day came"
by = "plan"
notice = "none"
national = "CARPL"
expected = true
[variations.price]
words = "Price"
[move_on]
family = "Family"
"""


def test_the_shipped_reasons_cover_each_party_each_notice_and_only_national_codes() -> None:
    assert {one.by for one in BOOK.ends.values()} == set(EndedBy)
    assert {one.notice for one in BOOK.ends.values()} == set(NoticeClass)
    assert {one.national for one in BOOK.ends.values()} <= NATIONAL_CODES
    assert len(NATIONAL_CODES) == 12
    assert [one.key for one in BOOK.variations.values() if one.raises_limits] == ["category_difference"]
    with pytest.raises(NoSuchReason):
        end_reason(BOOK, "bored")
    with pytest.raises(NoSuchReason):
        move_on(BOOK, "the moon")
    assert (end_reason(BOOK, "custody"), move_on(BOOK, "family")) == (AT_ONCE, "family")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('by = "plan"', 'by = "nobody"'),
        ('notice = "none"', 'notice = "soon"'),
        ("CARPL", "CARP"),
        ("expected = true", 'expected = "yes"'),
        ("expected = true", ""),
        ("expected = true", "expected = true\nmore = 1"),
        ('by = "plan"', 'by = "council"'),
        ('"The last day came"', '" "'),
        ('words = "Price"', "words = 1"),
        ('words = "Price"', 'words = "Price"\nraises_limits = 1'),
        ('family = "Family"', ""),
        ("[move_on]", "[moves]"),
        ("[move_on]", "[move_on"),
    ],
)
def test_lists_that_do_not_say_what_they_must_are_refused(old: str, new: str) -> None:
    parse_reasons(SHIPPED)
    with pytest.raises(ReasonsNotValid):
        parse_reasons(SHIPPED.replace(old, new))


@given(st.dates(date(2026, 1, 1), date(2031, 12, 31)))
def test_the_day_after_service_is_day_1(served: date) -> None:
    for notice, days in ((NoticeClass.GENERAL, 30), (NoticeClass.SPECIFIC, 14)):
        counted = [served + n * DAY for n in range(1, days + 1)]
        assert notice_ends(served, notice) == counted[-1]


def test_a_notice_across_the_change_of_the_clocks_ends_with_the_day_in_london() -> None:
    last = notice_ends(date(2027, 3, 20), NoticeClass.SPECIFIC)
    assert last == date(2027, 4, 3)
    # 23:59:59 BST is 22:59:59 UTC.
    assert london_day(datetime(2027, 4, 3, 22, 59, 59, tzinfo=UTC)) == last
    assert london_day(datetime(2027, 4, 3, 23, 0, tzinfo=UTC)) == last + DAY


def test_notice_sets_the_last_day() -> None:
    assert check_notice(agreement(), GENERAL, TODAY, TRIED, TODAY) == date(2027, 3, 31)
    assert check_notice(agreement(), SPECIFIC, TODAY - 2 * DAY, TRIED, TODAY) == date(2027, 3, 13)


@pytest.mark.parametrize(
    ("facts", "asked", "error"),
    [
        ({"state": AgreementState.ENDED, "ended_on": TODAY}, {}, AgreementOver),
        ({"state": AgreementState.UNDER_NOTICE}, {}, UnderNotice),
        ({"state": AgreementState.ACCEPTED}, {}, NotNow),
        ({}, {"reason": AT_ONCE}, NoticeNotPossible),
        ({}, {"options": ()}, OptionsNotExplored),
        ({}, {"options": (" ",)}, OptionsNotExplored),
        ({}, {"served_on": TODAY + DAY}, StillToCome),
        ({}, {"served_on": START - DAY}, OutsideStay),
        ({"ends_on": TODAY + 30 * DAY}, {}, EndsSooner),
    ],
)
def test_notice_that_cannot_be_given(
    facts: dict[str, Any], asked: dict[str, Any], error: type[PlacementsError]
) -> None:
    given_ = {"reason": GENERAL, "served_on": TODAY, "options": TRIED, "today": TODAY} | asked
    with pytest.raises(error):
        check_notice(agreement(**facts), **given_)
    check_notice(agreement(ends_on=TODAY + 31 * DAY), GENERAL, TODAY, TRIED, TODAY)


def test_a_stay_ends_on_its_last_day_or_for_a_reason_at_once() -> None:
    check_end(agreement(), None, END, END)
    check_end(agreement(AgreementState.UNDER_NOTICE), None, END, END + 3 * DAY)
    check_end(agreement(), AT_ONCE, TODAY, TODAY)
    with pytest.raises(NotTheLastDay) as other:
        check_end(agreement(), None, END - DAY, END)
    assert (other.value.last_on, other.value.on) == (END, END - DAY)
    with pytest.raises(NoticeNeeded) as needed:
        check_end(agreement(), GENERAL, TODAY, TODAY)
    assert (needed.value.reason, needed.value.days) == ("council_general", 30)
    with pytest.raises(StillToCome):
        check_end(agreement(), AT_ONCE, TODAY + DAY, TODAY)
    with pytest.raises(StillToCome):
        check_end(agreement(), None, END, END - DAY)
    with pytest.raises(AgreementOver):
        check_end(agreement(AgreementState.ENDED, ended_on=TODAY), AT_ONCE, TODAY, TODAY)


def test_a_stay_that_never_began_falls_through_on_its_eve() -> None:
    eve = START - DAY
    check_end(agreement(AgreementState.ACCEPTED), BOOK.ends["never_came"], eve, START - 9 * DAY)
    for state, on in ((AgreementState.STARTED, eve), (AgreementState.ACCEPTED, eve - DAY)):
        with pytest.raises(OutsideStay):
            check_end(agreement(state), BOOK.ends["never_came"], on, TODAY)


@given(st.dates(date(2026, 1, 1), date(2031, 12, 31)), st.integers(0, 366), st.integers(-400, 800))
def test_the_18th_birthday_is_told_90_and_30_days_ahead_within_the_stay(start: date, length: int, born: int) -> None:
    last, eighteen = start + length * DAY, start + born * DAY
    found = {one.kind: one for one in alarms(TRANSITION, start, last, eighteen)}
    for kind, ahead in ((AlarmKind.EIGHTEEN_IN_90_DAYS, 90), (AlarmKind.EIGHTEEN_IN_30_DAYS, 30)):
        on = max(start, eighteen - timedelta(days=ahead))
        if eighteen > start and on <= last:
            assert (found[kind].on, found[kind].about) == (on, eighteen)
        else:
            assert kind not in found
    assert AlarmKind.LAST_NIGHT_ALLOWED not in found
    assert alarms(TRANSITION, start, last, None) == ()


@pytest.mark.parametrize("nights", [6, 7])
def test_the_seventh_night_is_told_on_its_eve(nights: int) -> None:
    short = category(CategoryCode.SHORT_STAY)
    (found,) = alarms(short, START, START + nights * DAY, None)
    assert (found.kind, found.on, found.about) == (AlarmKind.LAST_NIGHT_ALLOWED, START + 6 * DAY, START + 7 * DAY)
    assert alarms(short, START, START + 5 * DAY, None) == ()
