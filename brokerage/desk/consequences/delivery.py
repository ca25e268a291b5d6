"""What follows from hours and concerns: the weekly look, alarms, clocks of acknowledgement (A35, A38)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final, assert_never
from uuid import UUID, uuid5

from brokerage.desk.clock import long_day, morning_of, short_time
from brokerage.desk.consequences.model import EMAIL, NOTHING, Consequences, Notice, SetTimer, TimerKind
from brokerage.people.model import Role
from placements.events import ConcernAcknowledged, ConcernEscalated, ConcernRaised, WeekChecked, WeekSigned
from placements.model import ConcernKind
from placements.rules import ESCALATE_AFTER, WEEK, monday_of

Event = ConcernAcknowledged | ConcernEscalated | ConcernRaised | WeekChecked | WeekSigned

_WEEKS: Final = UUID("7b0a6f5e-2d1c-5c8e-9a57-0d6b1f5d2e35")
"""The name space of the weekly look: one timer an authority and week, however many agreements there are."""

TOLD: Final = (Role.COORDINATOR, Role.QUALITY)
"""Who hears of a concern at once."""

TOLD_AT_LAST: Final = (*TOLD, Role.COMMISSIONER)
"""Who hears of it when nobody acknowledged it for two hours."""

_KINDS: Final = {ConcernKind.SAFEGUARDING: "Safeguarding concern", ConcernKind.SERIOUS_INCIDENT: "Serious incident"}


def of(event: Event) -> Consequences:
    """Say what follows."""
    match event:
        case WeekChecked():
            return _checked(event)
        case WeekSigned():
            return NOTHING if event.signed else _not_right(event)
        case ConcernRaised():
            waits = SetTimer(TimerKind.CONCERN_WAITS, event.concern_id, event.told_at + ESCALATE_AFTER)
            return Consequences((waits,), tuple(_raised(event)))
        case ConcernEscalated():
            return Consequences(notices=tuple(_escalated(event)))
        case ConcernAcknowledged():
            params = {"reference": event.reference, "what": _KINDS[event.kind]}
            path = f"/concerns/{event.concern_id}"
            notice = Notice("concern_acknowledged", event.provider_id, EMAIL, event.concern_id, params, path)
            return Consequences(notices=(notice,))
        case _:
            assert_never(event)


def week_timer(authority: str, on: date) -> SetTimer:
    """Set the look at a day's week: nine in the morning in London on the Monday after it."""
    return SetTimer(TimerKind.HOURS_WEEK, uuid5(_WEEKS, authority), morning_of(monday_of(on) + WEEK))


def _checked(event: WeekChecked) -> Consequences:
    timers = (week_timer(event.authority, event.week + WEEK),) if event.goes_on else ()
    if not event.short and not event.unsigned:
        return Consequences(timers)
    shortest = zip(event.references, event.delivered, event.commissioned, strict=True)
    params = {
        "week": long_day(event.week),
        "short": str(event.short),
        "unsigned": str(event.unsigned),
        "unsigned_week": long_day(event.unsigned_week),
        "shortest": "\n".join(f"{name}: {_hours(had)} of {_hours(bought)} hours" for name, had, bought in shortest),
    }
    subject = uuid5(_WEEKS, f"{event.authority} {event.week.isoformat()}")
    return Consequences(timers, (Notice("hours_week", Role.COORDINATOR, EMAIL, subject, params, "/hours"),))


def _not_right(event: WeekSigned) -> Consequences:
    params = {"reference": event.reference, "week": long_day(event.week)}
    subject = event.link_id or uuid5(event.agreement_id, event.week.isoformat())
    path = f"/agreements/{event.agreement_id}/hours"
    return Consequences(notices=(Notice("hours_not_right", Role.COORDINATOR, EMAIL, subject, params, path),))


def _raised(event: ConcernRaised) -> Iterator[Notice]:
    params = {
        "reference": event.reference,
        "what": _KINDS[event.kind],
        "told": short_time(event.told_at),
        "late": "This was told later than the agreement asks for." if event.late else "",
    }
    for role in TOLD:
        yield Notice("concern_raised", role, EMAIL, event.concern_id, params, f"/concerns/{event.concern_id}")


def _escalated(event: ConcernEscalated) -> Iterator[Notice]:
    params = {"reference": event.reference, "what": _KINDS[event.kind], "told": short_time(event.told_at)}
    for role in TOLD_AT_LAST:
        yield Notice("concern_escalated", role, EMAIL, event.concern_id, params, f"/concerns/{event.concern_id}")


def _hours(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
