"""Report in aggregates from which nobody can be told (A45, S28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from brokerage.equality.model import QUESTIONS, Table

LEAST: Final = 5
"""A count below it is not shown: fewer than 5 young people may be known to a reader."""

LEAST_TOTAL: Final = (LEAST - 1) * max(len(choices) for choices in QUESTIONS.values()) + 1
"""Nothing is shown of fewer: from here on some choice of each question has 5 or more, among which small ones hide."""


def suppress(question: str, counts: Mapping[str, int]) -> Table:
    """Hide counts below 5, and with them the largest, so that none is worked out from the total.

    Each question has the same total, so the total is taken as known. The largest count is the one that keeps the small
    ones open: whatever they are, from nobody up to what they are, it could be as much larger. Hiding the smallest of
    the others, as is often done, gives some away to who knows the rule: a test tries every table.
    """
    if sum(counts.values()) < LEAST_TOTAL:
        return Table(question, tuple((choice, None) for choice in counts), None)
    hidden = {choice for choice, count in counts.items() if count < LEAST}
    if hidden:
        hidden.add(max(counts, key=lambda choice: counts[choice]))
    shown = tuple((choice, None if choice in hidden else count) for choice, count in counts.items())
    return Table(question, shown, sum(counts.values()))


def reported_until(today: date) -> date:
    """Give the day before which answers count: the first of the quarter.

    A report that moved with every answer would show the newest one to who looks before and after.
    """
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
