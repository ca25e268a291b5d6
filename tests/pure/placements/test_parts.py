"""How two agreements of one placement stand to each other (A23)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.model import Wants
from placements.errors import SupportApart
from placements.rules import check_apart, other_part, sticks_out
from tests.pure.placements.builders import agreement

HOME, SUPPORT = Wants.ACCOMMODATION, Wants.SUPPORT
days = st.dates(date(2026, 11, 1), date(2027, 12, 31))
WHY = "They live with an aunt until then"


@given(days, days, days, days)
def test_support_within_the_accommodation_needs_no_word_and_beyond_it_one(a: date, b: date, c: date, d: date) -> None:
    (starts, ends), (home_starts, home_ends) = sorted((a, b)), sorted((c, d))
    home = agreement(starts_on=home_starts, ends_on=home_ends)
    within = home_starts <= starts <= ends <= home_ends
    assert sticks_out(starts, ends, home) is not within
    if within:
        assert check_apart(SUPPORT, starts, ends, home, WHY) is None
    else:
        assert check_apart(SUPPORT, starts, ends, home, f"  {WHY} ") == WHY
        with pytest.raises(SupportApart):
            check_apart(SUPPORT, starts, ends, home, "  short ")


def test_support_without_accommodation_must_be_said_and_the_rest_never() -> None:
    starts, ends = date(2026, 12, 1), date(2027, 3, 1)
    with pytest.raises(SupportApart) as refused:
        check_apart(SUPPORT, starts, ends, None, None)
    assert (refused.value.home_starts_on, refused.value.home_ends_on) == (None, None)
    for part in (HOME, None):
        assert check_apart(part, starts, ends, None, None) is None
    assert (other_part(HOME), other_part(SUPPORT)) == (SUPPORT, HOME)
    longer = agreement(starts_on=starts, ends_on=ends)
    assert check_apart(HOME, starts, ends - timedelta(days=30), longer, None) is None
