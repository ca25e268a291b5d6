"""What follows when a provider that a council works with loses its standing."""

from __future__ import annotations

from typing import assert_never

from brokerage.desk.consequences.model import EMAIL, NOTHING, Consequences, Notice
from brokerage.people.model import Role
from brokerage.standing.events import PlacementDecided, StandingTouched

Event = StandingTouched | PlacementDecided


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case StandingTouched():
            params = {
                "provider": event.provider,
                "cause": event.cause.value,
                "competitions": str(len(event.competitions)),
                "awards": str(len(event.awards)),
                "agreements": str(len(event.agreements)),
            }
            return Consequences(
                notices=(Notice("standing_lost", Role.COORDINATOR, EMAIL, event.cause_id, params, "/"),)
            )
        case PlacementDecided():
            return NOTHING
        case _:
            assert_never(event)
