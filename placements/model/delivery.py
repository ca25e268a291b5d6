"""Hold what is done for the young person: plans, hours, concerns (DPS spec 3.3.2, 3.4.6, 3.6.5; A35, A36, A38)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from placements.model.agreements import HOUR_STEP, AgreementId

ConcernId = NewType("ConcernId", UUID)

DAY_HOURS: Final = Decimal(24)
"""One person cannot be given more hours of one kind in a day."""


@dataclass(frozen=True, slots=True)
class PlanGoal:
    """Say how one agreed outcome is worked towards, in the young person's plan."""

    outcome: str
    how: str


@dataclass(frozen=True, slots=True)
class SupportPlan:
    """Hold one version of the person-centred plan; earlier ones are kept (A36).

    `weekly` says when in the week support is given, as the young person is told it (DPS spec 3.6.5).
    `with_young_person` says whether it was made together with them.
    """

    agreement_id: AgreementId
    number: int
    goals: tuple[PlanGoal, ...]
    weekly: str
    with_young_person: bool
    made_by: UUID
    made_at: datetime


class HoursKind(StrEnum):
    """Mark hours: with the one young person, shared with others, or cover at night (DPS spec 3.6.5)."""

    INDIVIDUAL = "individual"
    SHARED = "shared"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class HoursEntry:
    """Hold the hours of one kind that were given on one day, in quarters."""

    on: date
    hours: Decimal
    kind: HoursKind

    def __post_init__(self) -> None:
        if not self.hours.is_finite() or not 0 < self.hours <= DAY_HOURS or self.hours % HOUR_STEP:
            raise ValueError(f"hours are more than 0, at most {DAY_HOURS}, in quarters: {self.hours}")


@dataclass(frozen=True, slots=True)
class SignOff:
    """Say that the young person signed the hours of a week, or why not (A35)."""

    week: date
    signed: bool
    reason: str | None
    recorded_by: UUID
    recorded_at: datetime

    def __post_init__(self) -> None:
        if self.week.weekday() != 0:
            raise ValueError(f"a week begins on a Monday, not on {self.week}")
        if self.signed == bool((self.reason or "").strip()):
            raise ValueError("hours are signed, or not signed for a reason")


@dataclass(frozen=True, slots=True)
class Week:
    """Compare one week's hours, Monday to Sunday: bought and given (A35).

    Individual hours count against what was bought; shared and night hours stand beside them.
    """

    monday: date
    commissioned: Decimal
    individual: Decimal
    shared: Decimal
    night: Decimal

    @property
    def short_by(self) -> Decimal:
        """Give the hours that were bought and not given; 0 where all were."""
        return max(self.commissioned - self.individual, Decimal(0))


@dataclass(frozen=True, slots=True)
class TimesheetRow:
    """Hold one good row of a timesheet: its line in the file, the agreement's reference, and the hours."""

    line: int
    reference: str
    entry: HoursEntry


@dataclass(frozen=True, slots=True)
class RowFault:
    """Say what is wrong with one row of a timesheet: a code, the column where there is one, and what stood there."""

    line: int
    code: str
    column: str | None
    found: str


@dataclass(frozen=True, slots=True)
class Timesheet:
    """Hold a timesheet as it was read: good rows and faults; no row is in both."""

    rows: tuple[TimesheetRow, ...]
    faults: tuple[RowFault, ...]


class ConcernKind(StrEnum):
    """Say what is told to the council, and by which clock (A38; SI 2023/416 reg. 27)."""

    SAFEGUARDING = "safeguarding"
    SERIOUS_INCIDENT = "serious_incident"


@dataclass(frozen=True, slots=True)
class Concern:
    """Hold something the provider told the council of.

    `known_at` is when the provider knew, `due_by` the instant before which it had to tell. `words` stay out of
    events and messages.
    """

    authority: str
    id: ConcernId
    agreement_id: AgreementId
    kind: ConcernKind
    known_at: datetime
    due_by: datetime
    told_at: datetime
    told_by: UUID
    words: str
    acknowledge_by: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None

    def __post_init__(self) -> None:
        if not self.words.strip():
            raise ValueError("a concern says something")

    @property
    def late(self) -> bool:
        """Say whether the council was told too late."""
        return self.told_at >= self.due_by
