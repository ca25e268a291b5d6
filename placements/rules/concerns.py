"""Run the clocks of concerns and incidents (DPS spec 3.4.6; A38)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from placements.errors import AlreadyAcknowledged
from placements.model import Concern, ConcernKind
from placements.rules.days import DAY, LONDON, london_day

INCIDENT_WITHIN: Final = timedelta(hours=24)
"""A serious incident is told within 24 elapsed hours (SI 2023/416 reg. 27 guidance, A38)."""

ACKNOWLEDGE_WITHIN: Final = timedelta(hours=24)
"""The council acknowledges within 24 elapsed hours of being told (decided; A38 names no time)."""

ESCALATE_AFTER: Final = timedelta(hours=2)
"""A concern that nobody acknowledged for so many elapsed hours is told to more people (decided; A38)."""


def due_by(kind: ConcernKind, known_at: datetime) -> datetime:
    """Give the instant before which the council must be told (A38).

    A safeguarding concern is told on the day it is known, so before the next midnight in London, which a change of the
    clocks may bring 23 or 25 hours after the last; a serious incident before 24 elapsed hours are over.
    """
    if kind is ConcernKind.SERIOUS_INCIDENT:
        return known_at + INCIDENT_WITHIN
    return datetime.combine(london_day(known_at) + DAY, time(), LONDON).astimezone(known_at.tzinfo)


def acknowledge_by(told_at: datetime) -> datetime:
    """Give the instant before which the council acknowledges (A38)."""
    return told_at + ACKNOWLEDGE_WITHIN


def escalate_concern(concern: Concern, now: datetime) -> Concern | None:
    """Give the concern as escalated; `None` where it was acknowledged or escalated, or its two hours are not over."""
    waiting = concern.acknowledged_at is None and concern.escalated_at is None
    return replace(concern, escalated_at=now) if waiting and now >= concern.told_at + ESCALATE_AFTER else None


def acknowledge_concern(concern: Concern, person_id: UUID, now: datetime, next_step: str = "") -> Concern:
    """Give the concern as acknowledged, once, with what the council does next; raise `AlreadyAcknowledged`."""
    if concern.acknowledged_at is not None:
        raise AlreadyAcknowledged(concern.acknowledged_at)
    return replace(concern, acknowledged_at=now, acknowledged_by=person_id, next_step=next_step)
