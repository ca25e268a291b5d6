"""A clock that jumps is told from one that goes on, whatever the reading of it took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from brokerage.worker.watch import BACK, FORWARD, Reading, jump

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
seconds = st.floats(0, 5000, allow_nan=False)
delays = st.floats(0, 30, allow_nan=False)


def reading(real: float, skew: float, lead: float, lag: float) -> Reading:
    """Read at `real` seconds, when the clock is wrong by `skew`; asking and answering took `lead` and `lag`."""
    return Reading(NOON + timedelta(seconds=real + skew), real - lead, real + lag)


@given(seconds, seconds, delays, delays, st.floats(-0.09, 4.9))
def test_a_clock_that_is_only_slewed_never_jumps_however_slow_the_server_answers(
    first: float, passed: float, lead: float, lag: float, slew: float
) -> None:
    assert jump(reading(first, 0, lead, lag), reading(first + passed, slew, lag, lead)) is None


@given(seconds, delays, delays, st.floats(0.001, 86400))
def test_every_jump_larger_than_the_doubt_is_seen_with_its_sign(
    passed: float, lead: float, lag: float, size: float
) -> None:
    doubt = 2 * (lead + lag)
    ahead = jump(reading(0, 0, lead, lag), reading(passed, doubt + FORWARD.total_seconds() + size, lead, lag))
    assert ahead is not None
    assert ahead > timedelta(0)
    back = jump(reading(0, 0, lead, lag), reading(passed, -doubt - BACK.total_seconds() - size, lead, lag))
    assert back is not None
    assert back < timedelta(0)
