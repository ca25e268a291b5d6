"""What an event may lead to: timers and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from brokerage.people.model import Role
from notifications.model import Medium


class TimerKind(StrEnum):
    CLOSE_COMPETITION = "close_competition"
    OPEN_BIDS = "open_bids"
    REVIEW_DUE = "review_due"
    END_SHARE = "end_share"
    NIGHT_SHEET = "night_sheet"
    STANDING_LOST = "standing_lost"
    SUSPENSION_ENDS = "suspension_ends"
    REVIEW_LATE = "review_late"
    START_AGREEMENT = "start_agreement"
    END_AGREEMENT = "end_agreement"
    INFORMATION_DUE = "information_due"
    EIGHTEEN_IN_90_DAYS = "eighteen_in_90_days"
    EIGHTEEN_IN_30_DAYS = "eighteen_in_30_days"
    LAST_NIGHT_ALLOWED = "last_night_allowed"
    HOURS_WEEK = "hours_week"
    CONCERN_WAITS = "concern_waits"
    WATCH_EVIDENCE = "watch_evidence"


@dataclass(frozen=True, slots=True)
class SetTimer:
    """A timer to be set: in the council whose record has the event, or one in every council."""

    kind: TimerKind
    subject_id: UUID
    due_at: datetime
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody who is no person and no provider of ours yet, such as an applicant; `id` tells them apart."""

    id: UUID
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to be written: to one provider, to everybody of a role in the authority, or to an address."""

    kind: str
    to: UUID | Role | Address
    media: tuple[Medium, ...]
    subject_id: UUID
    params: Mapping[str, str]
    path: str | None = None
    code: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consequences:
    timers: tuple[SetTimer, ...] = ()
    notices: tuple[Notice, ...] = ()


NOTHING: Final = Consequences()
BOTH: Final = (Medium.SMS, Medium.EMAIL)
EMAIL: Final = (Medium.EMAIL,)
SMS: Final = (Medium.SMS,)
