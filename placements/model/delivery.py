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
    """Hold the hours of one kind that were given on one day, in quarters.

    `shared_with` is with how many other young people shared hours were shared, where it is known.
    """

    on: date
    hours: Decimal
    kind: HoursKind
    shared_with: int | None = None

    def __post_init__(self) -> None:
        if not self.hours.is_finite() or not 0 < self.hours <= DAY_HOURS or self.hours % HOUR_STEP:
            raise ValueError(f"hours are more than 0, at most {DAY_HOURS}, in quarters: {self.hours}")
        if self.shared_with is not None and (self.kind is not HoursKind.SHARED or self.shared_with < 1):
            raise ValueError(f"shared hours are shared with one or more others: {self.kind}, {self.shared_with}")


@dataclass(frozen=True, slots=True)
class SignOff:
    """Say that the young person signed the hours of a week, or why not (A35).

    `recorded_by` is who wrote it down; `None` where the young person answered by their own link.
    """

    week: date
    signed: bool
    reason: str | None
    recorded_by: UUID | None
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
class HoursLink:
    """Hold a link by which the young person answers for one week's hours, once (A35).

    Only the SHA-256 of its token is kept. `ended_at` is when it was answered, or when a newer one took its place.
    """

    authority: str
    id: UUID
    agreement_id: AgreementId
    week: date
    token_hash: bytes
    made_by: UUID
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    answered: bool = False


class HoursAlarm(StrEnum):
    """Name what is wrong with a week that is over: too little was given, or nobody signed (A35)."""

    SHORT = "short"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class AlarmedWeek:
    """Hold a week that somebody of the council should look at, with the hours bought and given.

    `in_a_row` counts the short weeks up to this one.
    """

    agreement_id: AgreementId
    reference: str
    week: date
    kind: HoursAlarm
    commissioned: Decimal
    delivered: Decimal
    in_a_row: int = 1


@dataclass(frozen=True, slots=True)
class TimesheetRow:
    """Hold one good row of a timesheet: its line in the file, the agreement's reference, and the hours.

    `reason` says why there were more hours than were bought, where the file has such a column.
    """

    line: int
    reference: str
    entry: HoursEntry
    reason: str = ""


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

    `known_at` is when the provider knew, `due_by` the instant before which it had to tell. `words` and `action` (what
    was done at once) stay out of events and messages. `next_step` is what the council said it does now;
    `escalated_at` when others of the council were told, because nobody had acknowledged it.
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
    action: str = ""
    next_step: str = ""
    escalated_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.words.strip():
            raise ValueError("a concern says something")

    @property
    def late(self) -> bool:
        """Say whether the council was told too late."""
        return self.told_at >= self.due_by
