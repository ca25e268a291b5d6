"""What follows from an event: which timers, which messages. Pure; the only place that knows both."""

from __future__ import annotations

from typing import assert_never

from brokerage.desk.consequences import competitions, equality, people, placements, referrals, register, standing
from brokerage.desk.consequences.model import Address, Consequences, Notice, SetTimer, TimerKind

__all__ = ["Address", "Consequences", "Event", "Notice", "SetTimer", "TimerKind", "of"]

Event = (
    referrals.Event
    | competitions.Event
    | placements.Event
    | register.Event
    | standing.Event
    | equality.Event
    | people.Event
)


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    if isinstance(event, referrals.Event):
        return referrals.of(event)
    if isinstance(event, competitions.Event):
        return competitions.of(event)
    if isinstance(event, placements.Event):
        return placements.of(event)
    if isinstance(event, register.Event):
        return register.of(event)
    if isinstance(event, people.Event):
        return people.of(event)
    if isinstance(event, standing.Event):
        return standing.of(event)
    if isinstance(event, equality.Event):
        return equality.of(event)
    assert_never(event)
