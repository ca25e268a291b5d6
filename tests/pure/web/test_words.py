"""The words of time and money."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.web.pages import (
    LONDON,
    MONTHS,
    choice_items,
    clock_hour,
    clock_time,
    hours,
    initial_capital,
    london_day,
    machine_time,
    plural,
    pounds,
    summary_rows,
    time_left,
)

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=7305)).map(lambda since: FIRST + since)
MONEY = st.decimals(Decimal("-9999999.99"), Decimal("9999999.99"), places=2)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # the test's own short hand


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (at(2026, 11, 21, 15, 42), "3:42pm GMT, Saturday 21 November 2026"),
        (at(2026, 7, 1, 14, 42), "3:42pm BST, Wednesday 1 July 2026"),
        (at(2026, 1, 5, 12, 0), "midday GMT, Monday 5 January 2026"),
        (at(2026, 1, 5, 0, 0), "midnight GMT, Monday 5 January 2026"),
        (at(2026, 1, 5, 9, 0), "9am GMT, Monday 5 January 2026"),
        (at(2026, 1, 5, 0, 30), "12:30am GMT, Monday 5 January 2026"),
        (at(2026, 1, 5, 12, 30), "12:30pm GMT, Monday 5 January 2026"),
        (at(2026, 6, 30, 23, 0), "midnight BST, Wednesday 1 July 2026"),
        (at(2026, 6, 30, 23, 5), "12:05am BST, Wednesday 1 July 2026"),
        # The hour that happens twice, and the one that does not.
        (at(2026, 10, 25, 0, 30), "1:30am BST, Sunday 25 October 2026"),
        (at(2026, 10, 25, 1, 30), "1:30am GMT, Sunday 25 October 2026"),
        (at(2026, 3, 29, 0, 59), "12:59am GMT, Sunday 29 March 2026"),
        (at(2026, 3, 29, 1, 0), "2am BST, Sunday 29 March 2026"),
        # Seconds are never rounded up: a deadline is not made to look later than it is.
        (at(2026, 1, 5, 9, 59, 59), "9:59am GMT, Monday 5 January 2026"),
        (at(2026, 1, 5, 12, 0, 1), "midday GMT, Monday 5 January 2026"),
    ],
)
def test_an_instant_is_said_as_londons_clocks_show_it(instant: datetime, words: str) -> None:
    assert clock_time(instant) == words
    assert words.startswith(clock_hour(instant) + " ")


@given(INSTANTS)
def test_the_words_of_an_instant_can_be_read_back(instant: datetime) -> None:
    words = clock_time(instant)
    found = re.fullmatch(r"(.+) (GMT|BST), (\w+) (\d+) (\w+) (\d{4})", words)
    assert found
    clock, zone, _, day, month, year = found.groups()
    clock = {"midday": "12:00pm", "midnight": "12:00am"}.get(clock, clock)
    hour, minute, half = re.fullmatch(r"(\d+)(?::(\d\d))?(am|pm)", clock).groups()  # type: ignore[union-attr]  # it must
    there = datetime(
        int(year), MONTHS.index(month) + 1, int(day), int(hour) % 12 + 12 * (half == "pm"), int(minute or 0), tzinfo=UTC
    )
    assert there - timedelta(hours=zone == "BST") == instant.replace(second=0, microsecond=0)


@given(st.dates())
def test_a_day_can_be_read_back(day: date) -> None:
    number, month, year = london_day(day).split()
    assert date(int(year), MONTHS.index(month) + 1, int(number)) == day


@given(INSTANTS)
def test_an_instants_day_is_londons_day(instant: datetime) -> None:
    assert london_day(instant) == london_day(instant.astimezone(LONDON).date())


@given(INSTANTS)
def test_machine_time_is_the_instant_to_the_second(instant: datetime) -> None:
    assert datetime.fromisoformat(machine_time(instant)) == instant.replace(microsecond=0)


@pytest.mark.parametrize("say", [clock_time, clock_hour, london_day, machine_time])
def test_an_instant_without_a_zone_is_refused(say: object) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        say(at(2026, 1, 1).replace(tzinfo=None))  # type: ignore[operator]  # each of the four takes an instant


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=47), "in 47 minutes"),
        (timedelta(minutes=47, seconds=59), "in 47 minutes"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(seconds=59), "in less than a minute"),
        (timedelta(microseconds=1), "in less than a minute"),
        (timedelta(0), "closed"),
        (-timedelta(microseconds=1), "closed"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(hours=1, minutes=5), "in 1 hour 5 minutes"),
        (timedelta(hours=24), "in 24 hours"),
        (timedelta(hours=47, minutes=59), "in 47 hours 59 minutes"),
        (timedelta(days=2), "in 2 days"),
        (timedelta(days=3, hours=2, minutes=59), "in 3 days 2 hours"),
    ],
)
def test_time_left_is_said_in_plain_words(left: timedelta, words: str) -> None:
    now = at(2026, 10, 24, 15, 0)
    assert time_left(now + left, now) == words


@given(INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=40)))
def test_time_left_never_promises_more_than_there_is(now: datetime, left: timedelta) -> None:
    words = time_left(now + left, now)
    unit = {"day": 86400, "hour": 3600, "minute": 60}
    promised = sum(int(n) * unit[name] for n, name in re.findall(r"(\d+) (day|hour|minute)", words))
    assert promised <= left.total_seconds() < promised + (3600 if "day" in words else 60)


@pytest.mark.parametrize(
    ("amount", "words"),
    [("1234.5", "£1,234.50"), ("0", "£0.00"), ("-12.3", "-£12.30"), ("612", "£612.00"), ("1000000", "£1,000,000.00")],
)
def test_money_is_said_to_the_penny(amount: str, words: str) -> None:
    assert pounds(Decimal(amount)) == words


@given(MONEY)
def test_money_can_be_read_back(amount: Decimal) -> None:
    assert Decimal(pounds(amount).replace("£", "").replace(",", "")) == amount


@pytest.mark.parametrize(
    ("amount", "words"),
    [("12.00", "12"), ("7.50", "7.5"), ("0.25", "0.25"), ("0.00", "0"), ("10", "10"), ("100.0", "100"), ("1E+1", "10")],
)
def test_hours_carry_no_idle_zeros(amount: str, words: str) -> None:
    assert hours(Decimal(amount)) == words


@given(st.decimals(0, 168, places=2))
def test_hours_can_be_read_back(amount: Decimal) -> None:
    assert Decimal(hours(amount)) == amount


def test_things_are_counted_in_english() -> None:
    assert [plural(n, "offer") for n in (0, 1, 2)] == ["0 offers", "1 offer", "2 offers"]
    assert plural(2, "agency", "agencies") == "2 agencies"
    assert plural(1200, "text") == "1,200 texts"


def test_an_initial_capital_leaves_the_rest_alone() -> None:
    assert initial_capital("offer in DE1") == "Offer in DE1"
    assert initial_capital("") == ""


def test_choices_and_rows_take_the_shapes_of_govuk() -> None:
    assert choice_items([("a", "A"), ("b", "B", "why"), {"divider": "or"}]) == [
        {"value": "a", "text": "A", "hint": None},
        {"value": "b", "text": "B", "hint": {"text": "why"}},
        {"divider": "or"},
    ]
    assert summary_rows([("K", "V"), ("K", "V", [("Change", "/x", "key")])])[1]["actions"] == {
        "items": [{"text": "Change", "href": "/x", "visuallyHiddenText": "key"}]
    }
