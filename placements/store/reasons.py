"""Load the coded lists of reasons (A33, A34, S18)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from placements.errors import ReasonsNotValid
from placements.model import EndedBy, EndReason, NoticeClass, ReasonBook, VariationReason

PLANNED = "planned"
"""The reason that stands where the last agreed day came; the only one that is nobody's wish."""


@cache
def reasons() -> ReasonBook:
    """Give the shipped lists."""
    return parse_reasons((files("placements") / "reasons.toml").read_text(encoding="utf-8"))


def parse_reasons(text: str) -> ReasonBook:
    """Read and check lists in TOML; raise `ReasonsNotValid`."""
    try:
        data = tomllib.loads(text)
        book = ReasonBook(
            ends=MappingProxyType({key: _end(key, each) for key, each in data["ends"].items()}),
            variations=MappingProxyType({key: _variation(key, each) for key, each in data["variations"].items()}),
            move_on=MappingProxyType({key: _words(key, words) for key, words in data["move_on"].items()}),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as broken:
        raise ReasonsNotValid(f"the lists of reasons cannot be read: {broken}") from broken
    if {key for key, each in book.ends.items() if each.by is EndedBy.PLAN} != {PLANNED}:
        raise ReasonsNotValid(f"the reason {PLANNED!r}, and only that, is by plan")
    if not book.variations or not book.move_on:
        raise ReasonsNotValid("variations and places to move on to are named")
    return book


def _end(key: str, each: dict[str, Any]) -> EndReason:
    _exactly(key, each, {"words", "by", "notice", "national", "expected"})
    if not isinstance(each["expected"], bool):
        raise ReasonsNotValid(f"{key}: expected is true or false")
    return EndReason(
        key=key,
        words=_words(key, each["words"]),
        by=EndedBy(each["by"]),
        notice=NoticeClass(each["notice"]),
        national=each["national"],
        expected=each["expected"],
    )


def _variation(key: str, each: dict[str, Any]) -> VariationReason:
    each = {"raises_limits": False, **each}
    _exactly(key, each, {"words", "raises_limits"})
    if not isinstance(each["raises_limits"], bool):
        raise ReasonsNotValid(f"{key}: raises_limits is true or false")
    return VariationReason(key, _words(key, each["words"]), each["raises_limits"])


def _words(key: str, words: Any) -> str:
    if not isinstance(words, str) or not words.strip():
        raise ReasonsNotValid(f"{key} has no words")
    return words


def _exactly(key: str, each: dict[str, Any], names: set[str]) -> None:
    if set(each) != names:
        raise ReasonsNotValid(f"{key} says {sorted(each)}, not {sorted(names)}")
