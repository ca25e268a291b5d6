"""When offers are due (A21, S1, S2, S3)."""

# ruff: noqa: DTZ001 (hypothesis wants its bounds without a zone)

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from brokerage.competitions.errors import BidTooLate, CompetitionCancelled, NotOpenYet, WindowOver
from brokerage.competitions.model import State, Window
from brokerage.competitions.rules import WINDOWS, admit, admit_until_close, window
from tests.pure.competitions.builders import CLOSES, OPENS, a_gate

LONDON = ZoneInfo("Europe/London")
MICRO = timedelta(microseconds=1)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from([UTC, LONDON, ZoneInfo("Asia/Tokyo")])
urgencies = st.sampled_from(sorted(WINDOWS))

SPRING = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # half an hour before 01:00 GMT becomes 02:00 BST
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half an hour before 02:00 BST becomes 01:00 GMT


@given(instants, zones, urgencies)
@example(SPRING, LONDON, "urgent")
@example(SPRING, LONDON, "standard")
@example(AUTUMN, LONDON, "urgent")
@example(AUTUMN, LONDON, "standard")
def test_a_window_is_1_or_24_elapsed_hours_from_publication_in_whatever_zone_the_clock_speaks(
    now: datetime, zone: ZoneInfo, urgency: str
) -> None:
    made = window(urgency, now.astimezone(zone), waits_for_morning=False)
    assert made.opens_at == now
    assert made.closes_at.astimezone(UTC) - made.opens_at.astimezone(UTC) == WINDOWS[urgency]
    assert made.opens_at.tzinfo is made.closes_at.tzinfo is UTC


@given(instants, zones)
@example(datetime(2027, 3, 27, 23, 30, tzinfo=UTC), LONDON)
@example(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), LONDON)
@example(datetime(2026, 11, 21, 22, 0, tzinfo=UTC), UTC)
@example(datetime(2026, 11, 21, 8, 0, tzinfo=UTC), UTC)
@example(datetime(2026, 11, 21, 21, 59, 59, 999999, tzinfo=UTC), UTC)
def test_an_urgent_request_of_the_night_waits_for_eight_in_london_where_the_authority_set_that(
    now: datetime, zone: ZoneInfo
) -> None:
    made = window("urgent", now.astimezone(zone), waits_for_morning=True)
    local = now.astimezone(LONDON)
    if time(8) <= local.time() < time(22):
        assert made.opens_at == now
    else:
        opens = made.opens_at.astimezone(LONDON)
        assert opens.time() == time(8)
        assert timedelta(0) < made.opens_at - now <= timedelta(hours=11)  # eleven on the night the clocks go back
    assert made.closes_at - made.opens_at == timedelta(hours=1)


@given(instants)
def test_a_standard_request_never_waits_for_the_morning(now: datetime) -> None:
    assert window("standard", now, waits_for_morning=True).opens_at == now


@given(st.integers(-3, 3), st.sampled_from(["opens", "closes"]))
def test_a_window_is_half_open_to_the_microsecond(off: int, edge: str) -> None:
    bounds = Window(OPENS, CLOSES)
    instant = (OPENS if edge == "opens" else CLOSES) + off * MICRO
    assert (instant in bounds) == (off >= 0 if edge == "opens" else off < 0)


@pytest.mark.parametrize("length", [timedelta(0), -MICRO])
def test_a_window_that_does_not_go_forward_cannot_be_made(length: timedelta) -> None:
    with pytest.raises(ValueError, match="closes after it opens"):
        Window(OPENS, OPENS + length)


def test_a_bid_at_the_closing_instant_is_late_and_one_microsecond_before_it_is_in() -> None:
    admit(a_gate(now=CLOSES - MICRO), "digest")
    with pytest.raises(BidTooLate) as late:
        admit(a_gate(now=CLOSES), "digest")
    assert (late.value.received_at, late.value.closed_at, late.value.digest) == (CLOSES, CLOSES, "digest")


def test_a_bid_before_the_opening_instant_is_told_when_it_opens() -> None:
    with pytest.raises(NotOpenYet) as early:
        admit(a_gate(now=OPENS - MICRO), "")
    assert early.value.opens_at == OPENS


@pytest.mark.parametrize("state", [State.CLOSED, State.UNSUCCESSFUL, State.AWARDED])
def test_a_clock_that_steps_back_opens_nothing_again(state: State) -> None:
    with pytest.raises(BidTooLate):
        admit(a_gate(state=state, now=OPENS + timedelta(hours=1)), "")


@given(instants)
def test_a_cancelled_competition_says_so_at_any_time(now: datetime) -> None:
    with pytest.raises(CompetitionCancelled):
        admit(a_gate(state=State.CANCELLED, now=now), "")
    with pytest.raises(CompetitionCancelled):
        admit_until_close(a_gate(state=State.CANCELLED, now=now))


@given(st.sampled_from(State), st.timedeltas(-timedelta(hours=30), timedelta(hours=30)))
def test_an_offer_gets_in_exactly_while_the_window_is_open(state: State, after: timedelta) -> None:
    now = OPENS + after
    gate = a_gate(state=state, now=now)
    allowed = state is State.OPEN and OPENS <= now < CLOSES
    try:
        admit(gate, "")
    except (BidTooLate, NotOpenYet, CompetitionCancelled):
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize(
    ("now", "refusal"), [(OPENS - MICRO, NotOpenYet), (CLOSES, WindowOver), (CLOSES + timedelta(days=9), WindowOver)]
)
def test_taking_back_and_declining_end_with_the_window(now: datetime, refusal: type[Exception]) -> None:
    admit_until_close(a_gate(now=CLOSES - MICRO))
    with pytest.raises(refusal):
        admit_until_close(a_gate(now=now))
