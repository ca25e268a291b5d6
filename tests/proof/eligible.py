"""Who is invited is known in a moment, also when the register is large (S4).

A register of its own: 1,000 providers in six categories for four councils, with the evidence that is asked for, every
tenth suspended and every twentieth out of date; then the same at 2,000, 5,000 and 10,000. One round reads the register
for a category and sorts it into invited and excluded, on one connection, as a publication does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.eligible import Taken, curve
from tests.proof.figures import Figure

NAMES: Final = ("eligible_1000_ms", "eligible_10000_ms")
SIZES: Final = (1_000, 2_000, 5_000, 10_000)
SMALL: Final = (100, 400)
"""What the quick size measures in place of 1,000 and 10,000: filling a large register takes longer than asking it."""
GOAL: Final = 50
GOAL_10000: Final = 500


def prove(quick: bool) -> Iterator[Figure]:
    """Measure the curve; quick measures two small registers in a few rounds, beside other tests."""
    taken = {one.providers: one for one in curve(SMALL if quick else SIZES, 9 if quick else 40)}
    drawn = "; ".join(f"{one.providers:,}: {one.median:.1f} ms" for one in taken.values())
    first, last = (SMALL[0], SMALL[1]) if quick else (SIZES[0], SIZES[-1])
    yield _figure("eligible_1000_ms", taken[first], "" if quick else f"<= {GOAL}", drawn)
    yield _figure("eligible_10000_ms", taken[last], "" if quick else f"<= {GOAL_10000}", drawn)


def _figure(name: str, taken: Taken, goal: str, drawn: str) -> Figure:
    how = (
        f"median of {taken.rounds} rounds, 6 categories, {taken.invited:,} invited of {taken.providers:,}, "
        f"{taken.statements:g} statements a round; the curve: {drawn}"
    )
    return Figure(name, round(taken.median, 1), goal, "ms", how)
