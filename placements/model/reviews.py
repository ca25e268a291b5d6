"""Hold the reviews of a placement and what was found at them (DPS spec 3.8.1, A31, A32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from matrix.model import Assessment
from placements.model.agreements import AgreementId

ReviewId = NewType("ReviewId", UUID)

PROGRESS: Final = range(5)
"""How near an outcome is: 0 not begun, 1 begun, 2 half way, 3 nearly there, 4 reached (decided; A32 names no scale)."""


class ReviewKind(StrEnum):
    """Say whether a review is the one two weeks after the start, a later one, or one that was asked for (A31)."""

    FIRST = "first"
    QUARTERLY = "quarterly"
    EXTRA = "extra"


class ReviewState(StrEnum):
    """Say how far a review has come; a dropped one was planned for a day that another plan took over."""

    PLANNED = "planned"
    DUE = "due"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    HELD = "held"
    DROPPED = "dropped"


class ReviewVerb(StrEnum):
    """Name what can be done to a review."""

    FALL_DUE = "fall due"
    FALL_OVERDUE = "fall overdue"
    ESCALATE = "escalate"
    HOLD = "hold"
    DROP = "drop"


class ReviewCause(StrEnum):
    """Say why a review is held beside the series (DPS spec 3.8.1)."""

    YOUNG_PERSON_ASKED = "young_person_asked"
    SIGNIFICANT_CHANGE = "significant_change"


class Role(StrEnum):
    """Say as what somebody takes part in a review; no names (A32)."""

    YOUNG_PERSON = "young_person"
    PROVIDER = "provider"
    COUNCIL = "council"
    PARENT_OR_CARER = "parent_or_carer"
    ADVOCATE = "advocate"
    REVIEWING_OFFICER = "reviewing_officer"
    HEALTH = "health"
    EDUCATION = "education"
    HOUSING = "housing"
    OTHER = "other"


REVIEWERS: Final = frozenset({Role.YOUNG_PERSON, Role.PROVIDER, Role.COUNCIL})
"""A review involves these three; others come by agreement (DPS spec 3.8.1, A32)."""


class Decision(StrEnum):
    """Say what a review decided about the package (A32)."""

    SAME = "same"
    REDUCE = "reduce"
    INCREASE = "increase"
    MOVE_ON = "move_on"
    END = "end"


class Plan(StrEnum):
    """Name the plans that a review may ask to amend (DPS spec 3.8.1: support, pathway, health, SEN and PEP)."""

    SUPPORT = "support"
    PATHWAY = "pathway"
    HEALTH = "health"
    EHC_SEN = "ehc_sen"
    PEP = "pep"


@dataclass(frozen=True, slots=True)
class Review:
    """Hold one review of an agreement; numbers count from 1 in the order in which they were planned (A31)."""

    id: ReviewId
    agreement_id: AgreementId
    number: int
    due_on: date
    kind: ReviewKind
    state: ReviewState
    cause: ReviewCause | None = None

    def __post_init__(self) -> None:
        if (self.kind is ReviewKind.EXTRA) != (self.cause is not None):
            raise ValueError("an extra review, and only that, has a cause")


@dataclass(frozen=True, slots=True)
class Attendance:
    """Say whether a role took part, or why not: a young person may choose not to."""

    role: Role
    present: bool
    absence_reason: str | None = None

    def __post_init__(self) -> None:
        if self.present == bool((self.absence_reason or "").strip()):
            raise ValueError(f"{self.role}: either present, or absent with a reason")


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold how near one agreed outcome is (0 to 4), and what shows it."""

    outcome: str
    level: int
    evidence: str

    def __post_init__(self) -> None:
        if self.level not in PROGRESS:
            raise ValueError(f"progress is {PROGRESS[0]} to {PROGRESS[-1]}, not {self.level}")


@dataclass(frozen=True, slots=True)
class Minutes:
    """Hold what a review found and decided (A32)."""

    held_on: date
    attendance: tuple[Attendance, ...]
    progress: tuple[Progress, ...]
    score: Assessment
    decision: Decision
    plans: frozenset[Plan]

    def __post_init__(self) -> None:
        roles = [each.role for each in self.attendance if each.role is not Role.OTHER]
        if len(set(roles)) != len(roles):
            raise ValueError("a role is named twice")
        keys = [each.outcome for each in self.progress]
        if len(set(keys)) != len(keys):
            raise ValueError(f"an outcome is named twice: {keys}")


@dataclass(frozen=True, slots=True)
class HeldReview:
    """Pair a review with its minutes, and who recorded them when."""

    review_id: ReviewId
    minutes: Minutes
    recorded_by: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Distance:
    """Show how far one outcome has come: level at its first review, at the last but one, now, and now less first.

    Negative is a step back. `before` is `None` where it was looked at once.
    """

    outcome: str
    baseline: int
    before: int | None
    now: int

    @property
    def travelled(self) -> int:
        """Give the levels gained since the baseline."""
        return self.now - self.baseline
