"""Read what was found at a review, from a form or from another system: every fault with its place (A32)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from brokerage.desk.flow.reviews import Found
from brokerage.reading import Reader
from placements.model import PROGRESS, Attendance, Decision, Plan, Progress, Role

WORDS_MOST: Final = 2000
REASON_MOST: Final = 500
Given = TypeVar("Given")


def read_review(raw: Mapping[str, Any]) -> Found:
    """Read a review: `held_on`, `participants`, `progress`, `evidence`, `answers`, `decision`, `plans`.

    Raises NotValid; whether the outcomes and answers are those of the agreement and the matrix is decided later.
    """
    reader = Reader()
    held_on = reader.day(raw.get("held_on"), "/held_on", "The day of the review")
    attendance = _participants(reader, _list(raw.get("participants")))
    evidence = _mapping(raw.get("evidence"))
    progress = tuple(
        Progress(
            str(key)[:60],
            reader.count(level, f"/progress/{key}", "Progress", least=PROGRESS[0], most=PROGRESS[-1]),
            reader.text(evidence.get(key), f"/evidence/{key}", "What shows it", most=WORDS_MOST),
        )
        for key, level in _mapping(raw.get("progress")).items()
    )
    decision = reader.choice(raw.get("decision"), "/decision", "What was decided", Decision)
    plans = [reader.choice(one, "/plans", "The plans to change", Plan) for one in _list(raw.get("plans"))]
    reader.done()
    return Found(
        _known(held_on),
        attendance,
        progress,
        {str(key): level for key, level in _mapping(raw.get("answers")).items()},
        _known(decision),
        frozenset(one for one in plans if one is not None),
    )


def _participants(reader: Reader, raw: Sequence[Any]) -> tuple[Attendance, ...]:
    found: list[Attendance] = []
    for each in raw:
        given = _mapping(each)
        role = reader.choice(given.get("role"), "/participants", "As what somebody took part", Role)
        if role is None:
            continue
        at = f"/participants/{role}"
        present = reader.flag(given.get("present"), at, f"Whether the {role.replace('_', ' ')} took part")
        reason = reader.text(given.get("absence_reason"), at, "The reason", most=REASON_MOST)
        if given.get("present") in (False, "no") and not reason:
            reader.fault(at, f"Say why the {role.replace('_', ' ')} did not take part")
        elif role is not Role.OTHER and any(one.role is role for one in found):
            reader.fault(at, f"The {role.replace('_', ' ')} is named twice")
        elif present or reason:
            found.append(Attendance(role, present, None if present else reason))
    return tuple(found)


def _known(value: Given | None) -> Given:
    assert value is not None  # the reader has no faults
    return value


def _mapping(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _list(raw: object) -> Sequence[Any]:
    return raw if isinstance(raw, list | tuple) else []
