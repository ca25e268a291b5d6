"""The record: what happened, when, by whom. Append-only, hash-chained per authority, in commit order.

Bodies hold ids, codes, instants and digests, never a name: a person can be erased and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

START = hashlib.sha256(b"brokerage record").digest()
"""What the first line of every chain follows."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Line:
    authority: str
    seq: int
    at: datetime
    actor: str
    kind: str
    about: UUID | None
    body: str
    hash: bytes

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.body)
        return facts


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at a chain found: how many lines are sound, and the first that is not."""

    authority: str
    lines: int
    head: str
    first_bad: int | None
    why: str | None


def kind_of(event: object) -> str:
    """Name an event, or a class of events, in the record: BidPlaced -> bid_placed."""
    return _snake(event.__name__ if isinstance(event, type) else type(event).__name__)


def body_of(event: Any) -> str:
    """Write an event as canonical JSON, without its authority and without what is off the record."""
    return _CANONICAL.encode({name: _plain(getattr(event, name)) for name in _recorded(event.__class__)})


def text_of(at: datetime, actor: str, kind: str, about: UUID | None, body: str) -> str:
    """Give what is hashed of a line, after its authority and number."""
    return f"{_micros(at)}|{actor}|{kind}|{about or ''}|{body}"


def link(before: bytes, authority: str, seq: int, text: str) -> bytes:
    """Hash a line onto the one before it."""
    return hashlib.sha256(before + f"{authority}|{seq}|{text}".encode()).digest()


def verify(authority: str, lines: Iterable[Line], head: tuple[int, bytes]) -> Verified:
    """Check a chain from its first line to its head; name the first line that is not sound."""
    before, count = START, 0
    for line in lines:
        if line.seq != count + 1:
            return Verified(authority, count, before.hex(), count + 1, f"line {count + 1} is missing")
        expected = link(before, authority, line.seq, text_of(line.at, line.actor, line.kind, line.about, line.body))
        if expected != line.hash:
            return Verified(authority, count, before.hex(), line.seq, f"line {line.seq} was changed")
        before, count = expected, line.seq
    if (count, before) != head:
        return Verified(
            authority, count, before.hex(), count + 1, "the head does not fit: lines at the end are missing"
        )
    return Verified(authority, count, before.hex(), None, None)


@cache
def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")


@cache
def _recorded(event: type) -> tuple[str, ...]:
    """Name the facts of a class of events that go on the record."""
    return tuple(one.name for one in fields(event) if one.name != "authority" and one.metadata.get("record", True))


def _micros(at: datetime) -> int:
    whole = at.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * 1_000_000 + whole.microsecond


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, bool, float)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (UUID, date, Decimal)):
        return str(value)
    if isinstance(value, (tuple, list, frozenset, set)):
        return [_plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} is not for the record")
