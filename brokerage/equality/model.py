"""Name what a young person may say about themselves for equality monitoring, by consent (3.14, 3.4.3, A45).

It is of no use for finding a home and must not be within reach of whoever does: so it is a package of its own, with a
table and permissions of its own, and neither a referral nor a profile knows of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

PURPOSE: Final = "2026-11"
"""Which wording of the purpose was read out; the words are on the page that asks."""


class EthnicGroup(StrEnum):
    ASIAN = "asian"
    BLACK = "black"
    MIXED = "mixed"
    WHITE = "white"
    OTHER = "other"
    NOT_SAID = "not_said"


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    NOT_SAID = "not_said"


class Disability(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_SAID = "not_said"


class Religion(StrEnum):
    NONE = "none"
    CHRISTIAN = "christian"
    MUSLIM = "muslim"
    OTHER = "other"
    NOT_SAID = "not_said"


class Orientation(StrEnum):
    STRAIGHT = "straight"
    LGB = "lgb"
    OTHER = "other"
    NOT_SAID = "not_said"


@dataclass(frozen=True, slots=True)
class EqualityAnswers:
    """Hold one young person's answers; each may be "prefer not to say"."""

    ethnic_group: EthnicGroup
    gender: Gender
    disability: Disability
    religion: Religion
    orientation: Orientation


QUESTIONS: Final[dict[str, type[StrEnum]]] = {
    "ethnic_group": EthnicGroup,
    "gender": Gender,
    "disability": Disability,
    "religion": Religion,
    "orientation": Orientation,
}


@dataclass(frozen=True, slots=True)
class Given:
    """Say that answers were given, by whose hand and when, without saying which."""

    referral_id: UUID
    purpose: str
    recorded_by: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """Report one question: a count for each choice, `None` where it is hidden; `total` is `None` where that is."""

    question: str
    counts: tuple[tuple[str, int | None], ...]
    total: int | None
