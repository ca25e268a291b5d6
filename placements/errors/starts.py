"""Say no before a start (A25, A26, A30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from placements.errors.base import PlacementsError
from placements.model import AgreementState, MeetingState


@dataclass(eq=False)
class NotAgreedYet(PlacementsError):
    """There was no agreement on this day yet."""

    rule = "A33"

    on: date
    agreed_on: date


@dataclass(eq=False)
class NoSuchMeeting(PlacementsError):
    """There is no meeting with this number here."""

    rule = "A26"

    meeting_id: UUID


@dataclass(eq=False)
class MeetingRecorded(PlacementsError):
    """What became of this meeting was recorded already."""

    rule = "A26"

    state: MeetingState


@dataclass(eq=False)
class MeetingInThePast(PlacementsError):
    """A meeting is planned for today or a later day."""

    rule = "A26"

    on: date
    today: date


@dataclass(eq=False)
class AlreadyReleased(PlacementsError):
    """The provider was told already whom it will house."""

    rule = "S7"

    at: datetime


@dataclass(eq=False)
class NotAcceptedByBoth(PlacementsError):
    """Outside an emergency the identity is released when both parties have accepted the agreement."""

    rule = "S7"

    state: AgreementState


@dataclass(eq=False)
class ReleaseReasonTooShort(PlacementsError):
    """The reason to release the identity before both accepted says too little."""

    rule = "S7"

    least: int


@dataclass(eq=False)
class NoInformationDue(PlacementsError):
    """This placement was no emergency; no clock for full information runs."""

    rule = "A25"


@dataclass(eq=False)
class AlreadyShared(PlacementsError):
    """The full information was shared already."""

    rule = "A25"

    at: datetime
