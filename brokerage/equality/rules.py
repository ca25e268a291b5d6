"""Report in aggregates from which nobody can be told (A45, S28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from brokerage.equality.model import Table

LEAST: Final = 5
"""A count below it is not shown: fewer than 5 young people may be known to a reader."""


def suppress(question: str, counts: Mapping[str, int]) -> Table:
    """Hide counts below 5, and with them as many others as keep them from being worked out.

    The total is what the choices add up to, so one hidden count alone would be a subtraction away. The smallest shown
    counts are hidden too until at least two are and together they are 5 or more above their least; where that takes
    all of them, the total goes as well. Which of the hidden ones is small is not said.
    """
    total = sum(counts.values())
    shown = sorted((count, choice) for choice, count in counts.items() if count >= LEAST)
    hidden = {choice for choice, count in counts.items() if count < LEAST}
    while hidden and shown and not _safe([counts[choice] for choice in hidden]):
        hidden.add(shown.pop(0)[1])
    keep_total = not hidden or _safe([counts[choice] for choice in hidden])
    return Table(
        question,
        tuple((choice, None if choice in hidden else count) for choice, count in counts.items()),
        total if keep_total else None,
    )


def _safe(hidden: list[int]) -> bool:
    """Say whether the sum of the hidden counts leaves each of them open."""
    return len(hidden) > 1 and sum(hidden) >= LEAST
