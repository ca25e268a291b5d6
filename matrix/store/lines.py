"""On which line of a TOML file does each key stand? `tomllib` does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

Place = tuple[str | int, ...]

QUOTED: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""'
    r"|'''.*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*",
    re.DOTALL,
)
"""Strings and comments, whose insides are not structure."""

HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.\- ]+?)\s*\]\]?")
ENTRY: Final = re.compile(r"\s*([\w.\-]+)\s*=")


def line_numbers(text: str) -> Mapping[Place, int]:
    """Map each table and key, such as ("domain", 3, "hours"), to its line, counted from 1.

    Entries of arrays of tables are counted from 0. Quoted keys and the insides of inline tables are not listed:
    `line_of` then falls back on the table that holds them, which starts on the same line.
    """
    found: dict[Place, int] = {}
    counts: dict[str, int] = {}
    table: Place = ()
    depth = 0
    for number, line in enumerate(QUOTED.sub(_blank, text).split("\n"), start=1):
        if depth == 0:
            if header := HEADER.match(line):
                brackets, name = header.groups()
                if brackets == "[[":
                    counts[name] = counts.get(name, -1) + 1
                table = _place(name, counts)
                found.setdefault(table, number)
                found.setdefault(table[:1], number)
                continue
            if entry := ENTRY.match(line):
                found.setdefault((*table, *entry[1].split(".")), number)
        depth += sum(map(line.count, "[{")) - sum(map(line.count, "]}"))
    return found


def line_of(place: Place, numbers: Mapping[Place, int]) -> int | None:
    """Find the line of a place, or of the nearest table around it."""
    for length in range(len(place), 0, -1):
        if place[:length] in numbers:
            return numbers[place[:length]]
    return None


def _place(name: str, counts: Mapping[str, int]) -> Place:
    parts: list[str | int] = []
    prefix = ""
    for part in name.split("."):
        prefix = f"{prefix}.{part}" if prefix else part
        parts.append(part)
        if prefix in counts:
            parts.append(counts[prefix])
    return tuple(parts)


def _blank(match: re.Match[str]) -> str:
    """Blank a string or comment out, but keep its line breaks."""
    return "\n" * match[0].count("\n")
