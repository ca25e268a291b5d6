"""The picture of the way down: every point inside its box."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from brokerage.desk.views.reviews import Step
from brokerage.web.agreements.stepdown import HEIGHT, WIDTH, picture_of

HOURS = st.integers(0, 168 * 4).map(lambda quarters: Decimal(quarters) / 4)


@given(st.lists(st.tuples(st.none() | HOURS, HOURS), max_size=8), st.integers(1, 400))
def test_every_point_lies_in_the_picture(found: list[tuple[Decimal | None, Decimal]], gap: int) -> None:
    steps = tuple(
        Step(date(2026, 12, 1) + timedelta(days=gap * number), scored, bought)
        for number, (scored, bought) in enumerate(found)
    )
    picture = picture_of(steps)
    assert (picture is None) == (len(steps) < 2)
    if picture is not None:
        points = [point.split(",") for point in f"{picture.line} {picture.stairs}".split()]
        assert all(0 <= int(x) <= WIDTH and 0 <= int(y) <= HEIGHT for x, y in points)
        assert max(hours for hours, _ in picture.marks) >= max(max(one.scored or 0, one.bought) for one in steps)
