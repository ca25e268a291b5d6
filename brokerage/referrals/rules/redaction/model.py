"""The nouns of the redaction: what is known, what was replaced, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Known:
    """Every identifier that the referral itself records.

    A relative may carry the relation: "Sharon Smith (mother)", "mother: Sharon". `others` are further names or
    strings to hide, such as the social worker's name. Address parts are divided by commas or lines.
    """

    given_name: str
    family_name: str
    known_as: str = ""
    school: str = ""
    relatives: tuple[str, ...] = ()
    address: str = ""
    date_of_birth: date | None = None
    nhs_number: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """One replaced stretch of the original: `original == text[start:end]`, and the role word that stands for it."""

    start: int
    end: int
    original: str
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """The text for the market, what was replaced in it, and the words left that a person should look at."""

    text: str
    replacements: tuple[Replacement, ...]
    remains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier at `start` to `end` of a folded text."""

    start: int
    end: int
    role: str
    why: str
