"""The way down from the first package, as points of a picture: hours a week over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import Final

from brokerage.desk.views.reviews import Step

WIDTH: Final = 480
HEIGHT: Final = 240
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 16, 36


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    on: date
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Picture:
    """Points of what the matrix said, and the staircase of what was bought, in a box of WIDTH by HEIGHT."""

    scored: tuple[Point, ...]
    line: str
    stairs: str
    marks: tuple[tuple[int, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


def picture_of(steps: tuple[Step, ...]) -> Picture | None:
    """Place the steps; None where there is one day only, and so nothing to compare."""
    if len(steps) < 2:
        return None
    first, days = steps[0].on, max((steps[-1].on - steps[0].on).days, 1)
    most = max(*(max(one.scored or Decimal(0), one.bought) for one in steps), Decimal(5))
    top = ceil(most / 5) * 5

    def x(on: date) -> int:
        return LEFT + round((on - first).days * (WIDTH - LEFT - RIGHT) / days)

    def y(hours: Decimal) -> int:
        return HEIGHT - BOTTOM - round(float(hours) * (HEIGHT - TOP - BOTTOM) / top)

    scored = tuple(Point(x(one.on), y(one.scored), one.on, one.scored) for one in steps if one.scored is not None)
    stairs = [f"{x(steps[0].on)},{y(steps[0].bought)}"]
    for before, after in pairwise(steps):
        stairs += [f"{x(after.on)},{y(before.bought)}", f"{x(after.on)},{y(after.bought)}"]
    marks = tuple((hours, y(Decimal(hours))) for hours in range(0, top + 1, 5))
    return Picture(scored, " ".join(f"{one.x},{one.y}" for one in scored), " ".join(stairs), marks)
