"""Decide what comes before a start: meetings, full information, release of the identity (A25, A26, S7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from placements.errors import (
    AlreadyReleased,
    AlreadyShared,
    MeetingInThePast,
    MeetingRecorded,
    NotAcceptedByBoth,
    NotAgreedYet,
    ReleaseReasonTooShort,
    StillToCome,
)
from placements.model import (
    Agreement,
    AgreementState,
    Information,
    Meeting,
    MeetingState,
    Release,
)
from placements.rules.agreements import check_not_over
from placements.rules.days import london_day
from placements.rules.stays import WAIVER_REASON

INFORMATION_WITHIN: Final = timedelta(hours=72)
"""In an emergency the full information follows within 72 hours of the agreement or the call (DPS spec 3.3.5, A25)."""

INFORMATION_WARNINGS: Final = (timedelta(hours=48), timedelta(hours=60), INFORMATION_WITHIN)
"""It is asked for after so long, and is late at the last (decided; A25 asks for a timer that warns and escalates)."""


def check_on(agreement: Agreement, on: date) -> None:
    """Refuse to show an agreement on a day before it was made (A33); raise `NotAgreedYet`."""
    agreed_on = london_day(agreement.agreed_at)
    if on < agreed_on:
        raise NotAgreedYet(on, agreed_on)


def information_due(now: datetime) -> datetime:
    """Give the instant by which the full information is shared (A25)."""
    return now + INFORMATION_WITHIN


def information_warnings(due_at: datetime) -> tuple[datetime, ...]:
    """List the instants at which the full information is asked for; the last is when it is late (A25)."""
    return tuple(due_at - INFORMATION_WITHIN + each for each in INFORMATION_WARNINGS)


def warn_of_information(found: Information, now: datetime) -> Information | None:
    """Give the clock with the warnings that are due by now; `None` where there is nothing new to say (A25).

    After a pause of the worker one warning says what several would have said.
    """
    due = sum(1 for at in information_warnings(found.due_at) if at <= now)
    if found.shared_at is not None or due <= found.warned:
        return None
    return replace(found, warned=due)


def share_information(found: Information, person_id: UUID, now: datetime) -> Information:
    """Give the clock stopped (A25); raise `AlreadyShared`."""
    if found.shared_at is not None:
        raise AlreadyShared(found.shared_at)
    return replace(found, shared_at=now, shared_by=person_id)


def check_release(agreement: Agreement, released: Release | None, reason: str, *, emergency: bool) -> None:
    """Refuse to tell the provider the identity too soon, or twice (S7).

    It is told when both parties have accepted; in an emergency before that, for a reason.
    Raise `AgreementOver`, `AlreadyReleased`, `NotAcceptedByBoth` or `ReleaseReasonTooShort`.
    """
    check_not_over(agreement)
    if released is not None:
        raise AlreadyReleased(released.released_at)
    if agreement.state in (AgreementState.OPENED, AgreementState.PART_ACCEPTED):
        if not emergency:
            raise NotAcceptedByBoth(agreement.state)
        if len(reason.strip()) < WAIVER_REASON:
            raise ReleaseReasonTooShort(WAIVER_REASON)


def check_meeting(on: date, today: date) -> None:
    """Refuse to plan a meeting for a day that is over (A26); raise `MeetingInThePast`."""
    if on < today:
        raise MeetingInThePast(on, today)


def record_meeting(meeting: Meeting, held_on: date | None, note: str, today: date) -> Meeting:
    """Give the meeting held on a day, or called off where there is none (A26).

    Raise `MeetingRecorded` or `StillToCome`.
    """
    if meeting.state is not MeetingState.PLANNED:
        raise MeetingRecorded(meeting.state)
    if held_on is None:
        return replace(meeting, state=MeetingState.CALLED_OFF, note=note or meeting.note)
    if held_on > today:
        raise StillToCome(held_on, today)
    return replace(meeting, state=MeetingState.HELD, on=held_on, note=note or meeting.note)
