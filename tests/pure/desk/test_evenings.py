"""The next evening, by the clock in London."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from brokerage.desk.clock import LONDON, next_evening

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
FIVE = time(17)


@given(st.timedeltas(timedelta(0), timedelta(days=1500)).map(lambda since: FIRST + since))
def test_the_next_evening_shows_five_in_london_and_lies_within_a_day_and_an_hour(after: datetime) -> None:
    found = next_evening(after, FIVE)
    local = found.astimezone(LONDON)
    assert local.time() == FIVE
    assert timedelta(0) < found - after <= timedelta(hours=25)
    # From one evening to the next no day is left out: 23 to 25 hours, as the clocks go forward and back.
    again = next_evening(found, FIVE)
    assert (again.astimezone(LONDON).date() - local.date()).days == 1
