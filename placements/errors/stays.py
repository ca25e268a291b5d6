"""Say no to a stay that may not be, or not yet (A26, A30, S19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lots.model import CategoryCode, Exclusion
from placements.errors.base import PlacementsError
from placements.model import (
    Party,
)


@dataclass(eq=False)
class AlreadyAgreed(PlacementsError):
    """An agreement was made from this award already."""

    award_id: UUID


@dataclass(eq=False)
class NotInStanding(PlacementsError):
    """The provider may not be given this work."""

    rule = "S6"

    exclusion: Exclusion
    on: date


@dataclass(eq=False)
class EndsBeforeStart(PlacementsError):
    """The last day comes before the first."""

    starts_on: date
    ends_on: date


@dataclass(eq=False)
class StartsTooEarly(PlacementsError):
    """The placement cannot start before the day that funding and the provider allow."""

    rule = "A26"

    starts_on: date
    earliest_start: date


@dataclass(eq=False)
class TooShort(PlacementsError):
    """The stay is shorter than its category allows."""

    category: CategoryCode
    starts_on: date
    ends_on: date
    earliest_end: date


@dataclass(eq=False)
class TooLong(PlacementsError):
    """The stay is longer than its category allows."""

    category: CategoryCode
    starts_on: date
    ends_on: date
    latest_end: date


@dataclass(eq=False)
class TooManyNights(PlacementsError):
    """The stay has more nights than its category allows."""

    rule = "S19"

    category: CategoryCode
    starts_on: date
    ends_on: date
    nights: int
    most: int


@dataclass(eq=False)
class EndsAfter18(PlacementsError):
    """A stay in this category ends on or before the 18th birthday.

    `turns_18_on` is `None` where the young person is 18 already.
    """

    rule = "S19"

    category: CategoryCode
    ends_on: date
    turns_18_on: date | None


@dataclass(eq=False)
class NotIntroduced(PlacementsError):
    """Provider and young person have not met; in an emergency a reason must stand in its place."""

    rule = "A26"

    emergency: bool


@dataclass(eq=False)
class MetAfterStart(PlacementsError):
    """Provider and young person meet before the placement starts, not after."""

    rule = "A26"

    met_on: date
    starts_on: date


@dataclass(eq=False)
class WaiverOutsideEmergency(PlacementsError):
    """Only in an emergency may the meeting be left out."""

    rule = "A26"


@dataclass(eq=False)
class WaiverReasonTooShort(PlacementsError):
    """The reason why provider and young person did not meet says too little."""

    rule = "A26"

    least: int


@dataclass(eq=False)
class SupportApart(PlacementsError):
    """Support is agreed for days on which there is no accommodation, and nobody said why.

    The days are those of the accommodation's stay; `None` where it has no agreement.
    """

    rule = "A23"

    starts_on: date
    ends_on: date
    home_starts_on: date | None
    home_ends_on: date | None
    least: int


@dataclass(eq=False)
class AlreadyAccepted(PlacementsError):
    """This party accepted the agreement already."""

    party: Party
    at: datetime


@dataclass(eq=False)
class NotItsDay(PlacementsError):
    """The placement starts on a later day."""

    starts_on: date
    on: date
