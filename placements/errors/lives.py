"""Say no to an end, to hours and to concerns (A34, A35, A38)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from placements.errors.base import PlacementsError
from placements.model import (
    EndedBy,
    NoticeClass,
)


@dataclass(eq=False)
class UnderNotice(PlacementsError):
    """Notice was given; the last day stands."""

    rule = "A34"

    last_on: date


@dataclass(eq=False)
class NoticeNotPossible(PlacementsError):
    """Notice with this reason is given by another party, or no notice belongs to it."""

    rule = "A34"

    reason: str
    by: EndedBy
    notice: NoticeClass


@dataclass(eq=False)
class OptionsNotExplored(PlacementsError):
    """Notice is given after the options were explored, and says which."""

    rule = "A34"


@dataclass(eq=False)
class EndsSooner(PlacementsError):
    """The stay ends by itself before the notice would run out."""

    rule = "A34"

    ends_on: date
    notice_ends_on: date


@dataclass(eq=False)
class NotTheLastDay(PlacementsError):
    """Without a reason of its own a stay ends on its last day."""

    rule = "A34"

    last_on: date
    on: date


@dataclass(eq=False)
class NoticeNeeded(PlacementsError):
    """An end for this reason needs notice first."""

    rule = "A34"

    reason: str
    days: int


@dataclass(eq=False)
class TimesheetUnreadable(PlacementsError):
    """The file is not a timesheet: a column is missing, or it has more rows than a file may have."""

    rule = "A35"

    missing: tuple[str, ...]
    rows: int
    most: int


@dataclass(eq=False)
class NothingToSign(PlacementsError):
    """No hours were recorded for this week."""

    rule = "A35"

    week: date


@dataclass(eq=False)
class AboveCommissioned(PlacementsError):
    """More hours than were bought in a week need a reason."""

    rule = "A35"

    week: date
    commissioned: Decimal
    delivered: Decimal


@dataclass(eq=False)
class NoSuchLink(PlacementsError):
    """This link was never made, or is not whole."""

    rule = "A35"


@dataclass(eq=False)
class LinkOver(PlacementsError):
    """This link has been answered, replaced by a newer one, or is too old."""

    rule = "A35"

    answered: bool


@dataclass(eq=False)
class HoursChanged(PlacementsError):
    """The hours were changed after they were shown."""

    rule = "A35"

    week: date


@dataclass(eq=False)
class NoSuchConcern(PlacementsError):
    """There is no concern with this number here."""

    rule = "A38"

    concern_id: UUID


@dataclass(eq=False)
class AlreadyAcknowledged(PlacementsError):
    """The council acknowledged this concern already."""

    rule = "A38"

    at: datetime
