"""Hold what comes before a start: meetings, full information, the release of an identity (A25, A26, S7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model import ProviderId
from placements.model.agreements import AgreementId

MeetingId = NewType("MeetingId", UUID)


class MeetingKind(StrEnum):
    """Say whether provider and young person meet for the first time, or visit the home (A26)."""

    MEETING = "meeting"
    VISIT = "visit"


class MeetingState(StrEnum):
    """Say what became of a planned meeting."""

    PLANNED = "planned"
    HELD = "held"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Hold one meeting or visit before a placement starts; it belongs to the award (A26).

    `on` is the day it is planned for, and once held the day it was held on. `note` names nobody.
    """

    authority: str
    id: MeetingId
    award_id: UUID
    provider_id: ProviderId
    kind: MeetingKind
    on: date
    state: MeetingState
    note: str
    recorded_by: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Information:
    """Hold the clock of an emergency: by when all that is known of the young person is shared (DPS spec 3.3.5, A25).

    `warned` counts the warnings given so far.
    """

    agreement_id: AgreementId
    due_at: datetime
    warned: int
    shared_at: datetime | None
    shared_by: UUID | None

    @property
    def late(self) -> bool:
        """Say whether it was shared at the last instant or after it."""
        return self.shared_at is not None and self.shared_at >= self.due_at


@dataclass(frozen=True, slots=True)
class Release:
    """Say who told the provider whom it will house, when, and in an emergency why before both accepted (S7)."""

    agreement_id: AgreementId
    reason: str
    released_by: UUID
    released_at: datetime
