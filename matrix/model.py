"""The nouns of the risk and needs matrix: a case, an edition of the instrument, an assessment.

Hours are `Decimal` hours of support a week; levels are whole numbers 0 (no help needed) to 4 (gravest).
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from lots.model import CategoryCode

LEVELS: Final = range(5)
"""Every question is answered on the same five levels (matrix.md, "Levels")."""

MOST_HOURS: Final = Decimal(25)
"""A package holds 0 to 25 hours a week; above that it is bespoke (DPS spec 3.2.4, A7, A10, S20)."""

HOURS_STEP: Final = Decimal("0.25")
"""Hours come in quarters (S21)."""


def birthday(date_of_birth: date, years: int) -> date:
    """Give the day somebody turns `years` old; born on 29 February, it is 1 March in common years (S19)."""
    year = date_of_birth.year + years
    if (date_of_birth.month, date_of_birth.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return date_of_birth.replace(year=year)


def age_on(date_of_birth: date, on: date) -> int:
    """Give the age in whole years on the day `on`, which counts the birthday itself (A1, S19)."""
    years = on.year - date_of_birth.year
    return years if on >= birthday(date_of_birth, years) else years - 1


class LegalStatus(StrEnum):
    """Where a young person stands in law, in the field's terms (A2)."""

    LOOKED_AFTER_S20 = "looked_after_s20"
    CARE_ORDER_S31 = "care_order_s31"
    REMANDED = "remanded"
    ELIGIBLE = "eligible"
    RELEVANT = "relevant"
    FORMER_RELEVANT = "former_relevant"
    QUALIFYING = "qualifying"
    CHILD_IN_NEED = "child_in_need"
    HOMELESS = "homeless"


class LivingNow(StrEnum):
    """Where the young person lives on the day of the case."""

    FOSTER_CARE = "foster_care"
    CHILDRENS_HOME = "childrens_home"
    SUPPORTED_ACCOMMODATION = "supported_accommodation"
    FAMILY = "family"
    OWN_TENANCY = "own_tenancy"
    HOMELESS = "homeless"
    CUSTODY = "custody"
    HOSPITAL = "hospital"
    OTHER = "other"


class Needed(StrEnum):
    """When the placement is needed; a fact of the referral, never derived from the score."""

    SAME_DAY = "same_day"
    PLANNED = "planned"


class Outcome(StrEnum):
    """What an assessment comes to: exactly one of these for every case."""

    CATEGORY = "category"
    BESPOKE = "bespoke"
    REFUSED = "refused"


class EditionStatus(StrEnum):
    """Illustrative editions come with the engine; drafts are never in force; published ones never change."""

    ILLUSTRATIVE = "illustrative"
    DRAFT = "draft"
    PUBLISHED = "published"


class Group(StrEnum):
    """The two groups of domains."""

    NEED = "need"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one young person on one day: enough to decide eligibility, hours and category.

    `answers` holds a level for each domain of the edition, and for those facts that were asked.
    """

    date_of_birth: date
    on: date
    status: LegalStatus
    in_education_or_training: bool
    living_now: LivingNow
    needed: Needed
    housing_benefit: bool
    answers: Mapping[str, int]

    def __post_init__(self) -> None:
        if self.date_of_birth > self.on:
            raise ValueError("a case is about somebody who is born")

    @property
    def age(self) -> int:
        """Give the age in whole years on the day of the case."""
        return age_on(self.date_of_birth, self.on)


@dataclass(frozen=True, slots=True)
class Level:
    """One answer: its number and the anchored description, in plain words, that it stands for."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Domain:
    """One question of the matrix, with an answer and weekly hours for each level."""

    key: str
    title: str
    group: Group
    look_back: str
    levels: tuple[Level, ...]
    hours: tuple[Decimal, ...]
    hint: str

    def __post_init__(self) -> None:
        if not len(self.levels) == len(self.hours) == len(LEVELS):
            raise ValueError(f"domain {self.key} needs {len(LEVELS)} levels and hours")


@dataclass(frozen=True, slots=True)
class Fact:
    """A question that carries no hours and may be left open; it helps a provider, not the score."""

    key: str
    title: str
    look_back: str
    levels: tuple[Level, ...]
    hint: str

    def __post_init__(self) -> None:
        if len(self.levels) != len(LEVELS):
            raise ValueError(f"fact {self.key} needs {len(LEVELS)} levels")


@dataclass(frozen=True, slots=True)
class Floor:
    """Hours that a package never falls below while every one of `domains` is at `at_least` or graver."""

    key: str
    text: str
    domains: tuple[str, ...]
    at_least: int
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Reduction:
    """Hours taken off for a strength: every one of `domains` is at `at_most` or milder.

    Either `hours` is above 0, or `percent` (a whole number, of the hours that the answers add up to).
    """

    key: str
    text: str
    domains: tuple[str, ...]
    at_most: int
    hours: Decimal = Decimal(0)
    percent: int = 0


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """One row of the category table; a condition that is empty or None fits everybody."""

    key: str
    category: CategoryCode
    text: str
    status: tuple[LegalStatus, ...] = ()
    needed: tuple[Needed, ...] = ()
    living_now: tuple[LivingNow, ...] = ()
    hours_above_zero: bool | None = None
    housing_benefit: bool | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A span of weekly hours, as an invitation names it; it ends at `up_to`, which belongs to it."""

    key: str
    title: str
    up_to: Decimal


@dataclass(frozen=True, slots=True)
class Example:
    """A test case that an edition carries with it, and what it must come to."""

    title: str
    case: Case
    outcome: Outcome
    category: CategoryCode | None
    hours: Decimal | None


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the instrument, read from one file.

    `digest` is the SHA-256 of that file's text. An answer of `evidence_from` or graver needs an evidence note.
    """

    id: str
    title: str
    version: str
    valid_from: date
    status: EditionStatus
    source: str
    authors: tuple[str, ...]
    evidence_from: int
    domains: tuple[Domain, ...]
    facts: tuple[Fact, ...]
    bands: tuple[Band, ...]
    floors: tuple[Floor, ...]
    reductions: tuple[Reduction, ...]
    category_rules: tuple[CategoryRule, ...]
    cases: tuple[Example, ...]
    digest: str

    @property
    def illustrative(self) -> bool:
        """Say whether the edition is an illustration rather than a council's own matrix."""
        return self.status is EditionStatus.ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a case is not eligible: a stable rule id, the rule in words, and what to do next."""

    rule: str
    text: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the working: the rule that gave (or took) these hours, in words."""

    rule: str
    text: str
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the matrix makes of a case. It recommends; a person decides (S15).

    A bespoke assessment keeps its true hours and the category that it would otherwise have had (S20);
    a refusal has no lot, category, hours or working, and `rule` names the rule that refused.
    """

    edition: str
    illustrative: bool
    outcome: Outcome
    lot: str | None
    category: CategoryCode | None
    hours: Decimal | None
    rule: str
    reasons: tuple[str, ...]
    working: tuple[Line, ...]

    def __post_init__(self) -> None:
        refused = self.outcome is Outcome.REFUSED
        if not refused == (self.lot is None) == (self.category is None) == (self.hours is None):
            raise ValueError("a refusal, and only a refusal, has no lot, category and hours")
        if sum((line.hours for line in self.working), Decimal(0)) != (self.hours or 0):
            raise ValueError("the working does not add up to the hours")
        if self.hours is not None and (self.hours > MOST_HOURS) != (self.outcome is Outcome.BESPOKE):
            raise ValueError("above 25 hours, and only there, a package is bespoke")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a case or an edition.

    `key` says where: an RFC 6901 JSON pointer in a case, a dotted path in an edition's file.
    `line` (counted from 1) and `file` are known for editions only.
    """

    key: str
    line: int | None
    message: str
    file: str | None = None

    @property
    def pointer(self) -> str:
        """Give the place as a JSON pointer (cases)."""
        return self.key

    def __str__(self) -> str:
        place = [part for part in (self.file, f"line {self.line}" if self.line else None, self.key) if part]
        return f"{', '.join(place)}: {self.message}" if place else self.message
