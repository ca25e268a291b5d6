"""Hold how a placement ends, and what must be known ahead of it (DPS spec 3.8.1; A34, S18, S19)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from placements.model.agreements import AgreementId
from placements.model.variations import VariationReason


class EndedBy(StrEnum):
    """Say at whose wish a placement ended; `plan` is nobody's: its last day came (A34, A42)."""

    PLAN = "plan"
    PROVIDER = "provider"
    COUNCIL = "council"
    YOUNG_PERSON = "young_person"


class NoticeClass(StrEnum):
    """Say how long a notice a reason needs (DPS spec 3.8.1)."""

    GENERAL = "general"
    SPECIFIC = "specific"
    NONE = "none"


NATIONAL_CODES: Final = frozenset(
    ["CARPL", "CLOSE", "ALLEG", "STAND", "APPRR", "CREQB", "CREQO", "CHILD", "LAREQ", "PLACE", "CUSTOD", "OTHER"]
)
"""The reasons for a placement change of the national looked-after children return (SSDA903, rule 1009)."""


@dataclass(frozen=True, slots=True)
class EndReason:
    """Describe one coded reason of an end: whose wish, which notice, the national code, and whether it is expected."""

    key: str
    words: str
    by: EndedBy
    notice: NoticeClass
    national: str
    expected: bool

    def __post_init__(self) -> None:
        if self.national not in NATIONAL_CODES:
            raise ValueError(f"{self.key}: {self.national} is no national code of a placement change")


@dataclass(frozen=True, slots=True)
class ReasonBook:
    """Hold the coded lists that a council may change: reasons of ends and variations, and where people move on to."""

    ends: Mapping[str, EndReason]
    variations: Mapping[str, VariationReason]
    move_on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ending:
    """Hold the notice or the end of an agreement (A34).

    `last_on` is the last day of the stay, `planned_on` the one agreed before. `served_on` is the day of the written
    notice and `None` where none was needed; `options` are what was explored before it. `move_on` is known at the end.
    Nobody recorded an end that came by itself, on the agreed last day.
    """

    agreement_id: AgreementId
    by: EndedBy
    reason: str
    national: str
    expected: bool
    served_on: date | None
    options: tuple[str, ...]
    planned_on: date
    last_on: date
    recorded_by: UUID | None
    recorded_at: datetime
    move_on: str | None = None

    def __post_init__(self) -> None:
        if self.served_on is not None and not any(option.strip() for option in self.options):
            raise ValueError("a notice follows on options that were explored")


class AlarmKind(StrEnum):
    """Name what a placement's people are told of ahead of time (S19)."""

    EIGHTEEN_IN_90_DAYS = "eighteen_in_90_days"
    EIGHTEEN_IN_30_DAYS = "eighteen_in_30_days"
    LAST_NIGHT_ALLOWED = "last_night_allowed"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Say on which day something is told, and the day that it is about."""

    kind: AlarmKind
    on: date
    about: date
