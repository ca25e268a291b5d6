"""What follows from equality answers: nothing, on purpose; they touch no placement."""

from __future__ import annotations

from brokerage.desk.consequences.model import NOTHING, Consequences
from brokerage.equality.events import EqualityRecorded, EqualityWithdrawn

Event = EqualityRecorded | EqualityWithdrawn


def of(_: Event) -> Consequences:
    """Say what follows."""
    return NOTHING
