"""Read what somebody typed or sent: every fault is collected, each with its place.

One reader serves pages and API, so that a rule about a value is said once. Values come as JSON
types or as the strings of a form; a place is an RFC 6901 JSON pointer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, TypeVar

MOST_MONEY: Final = Decimal("99999.99")
"""More than any week of any placement costs; a figure above it is a slip of the finger."""

Choice = TypeVar("Choice", bound=StrEnum)

_OUTWARD: Final = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")
_POSTCODE: Final = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) ?[0-9][A-Z]{2}")
WEEK_HOURS: Final = 168
"""Round the clock. More than 25 are bespoke; no week has more than these (A10)."""

_HOURS: Final = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?")
_CLOCK: Final = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))? ?(?P<half>am|pm)?")
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
# Characters that turn text round or hide in it: a reader would see something other than what is stored.
_HIDDEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was typed: where (JSON pointer) and what to do about it."""

    pointer: str
    message: str


@dataclass(eq=False)
class NotValid(Exception):
    """What was typed cannot be used as it is. Nothing was changed."""

    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "; ".join(f"{fault.pointer}: {fault.message}" for fault in self.faults)


@dataclass(slots=True)
class Reader:
    """Collect faults while reading; `done` raises them all at once."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, pointer: str, message: str) -> None:
        if all(known.pointer != pointer for known in self.faults):
            self.faults.append(Fault(pointer, message))

    def done(self) -> None:
        if self.faults:
            raise NotValid(tuple(self.faults))

    def text(self, raw: object, at: str, name: str, *, most: int, least: int = 0, emoji: bool = True) -> str:
        """Read text: trimmed, NFC, no hidden or control characters, `least` to `most` characters."""
        if raw is None:
            raw = ""
        if not isinstance(raw, str):
            self.fault(at, f"{name} must be text")
            return ""
        value = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
        if any(char in _HIDDEN for char in value):
            self.fault(at, f"{name} contains hidden characters that turn text round. Type it again, without copying")
        elif any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in value):
            self.fault(at, f"{name} contains characters that cannot be shown. Type it again, without copying")
        elif not emoji and any(unicodedata.category(char) in {"So", "Sk", "Cn", "Co"} for char in value):
            self.fault(at, f"{name} must not contain emoji or symbols")
        elif len(value) < least:
            self.fault(
                at, f"Enter {name[:1].lower()}{name[1:]}" if not value else f"{name} must be {least} characters or more"
            )
        elif len(value) > most:
            self.fault(at, f"{name} must be {most:,} characters or fewer; it has {len(value):,}")
        return value

    def day(self, raw: object, at: str, name: str) -> date | None:
        """Read a day written YYYY-MM-DD."""
        if isinstance(raw, date):
            return raw
        if raw in (None, ""):
            self.fault(at, f"Enter {name[:1].lower()}{name[1:]}")
            return None
        if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", raw.strip()):
            self.fault(at, f"{name} must be a real date, such as 2026-11-21")
            return None
        year, month, number = (int(part) for part in raw.strip().split("-"))
        try:
            return date(year, month, number)
        except ValueError:
            self.fault(at, f"{name} must be a real date: there is no {raw.strip()}")
            return None

    def clock(self, raw: object, at: str, name: str) -> time | None:
        """Read a time of day as people write it: 15:30, 3:30pm, 3pm."""
        if raw in (None, ""):
            self.fault(at, f"Enter {name[:1].lower()}{name[1:]}")
            return None
        found = _CLOCK.fullmatch(str(raw).strip().lower())
        if found is None or (found["half"] is None and found["minute"] is None):
            self.fault(at, f"{name} must be a time of day, such as 3:30pm or 15:30")
            return None
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        if minute > 59 or hour > 23 or (found["half"] and not 1 <= hour <= 12):
            self.fault(at, f"{name} must be a real time of day, such as 3:30pm or 15:30")
            return None
        return time(hour % 12 + (12 if found["half"] == "pm" else 0) if found["half"] else hour, minute)

    def money(self, raw: object, at: str, name: str, *, required: bool = True) -> Decimal | None:
        """Read pounds and pence: '216.88', '£1,200'. Not below zero, not above MOST_MONEY (S21)."""
        if raw in (None, ""):
            if required:
                self.fault(at, f"Enter {name[:1].lower()}{name[1:]}")
            return None
        if not isinstance(raw, str):
            self.fault(at, f'{name} must be pounds and pence as text, such as "216.88"')
            return None
        typed = raw.strip().removeprefix("£").replace(",", "").strip()
        if re.fullmatch(r"-[0-9.]+", typed):
            self.fault(at, f"{name} must not be below zero")
            return None
        if not typed.isascii() or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", typed):
            self.fault(at, f"{name} must be pounds and pence in figures, such as 216.88")
            return None
        value = Decimal(typed)
        if value > MOST_MONEY:
            self.fault(at, f"{name} must be £{MOST_MONEY:,} or less")
            return None
        if value != value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP):
            self.fault(at, f"{name} must have no more than two figures after the point")
            return None
        return value.quantize(Decimal("0.01"))

    def hours(self, raw: object, at: str, name: str, *, most: int = 25) -> Decimal | None:
        """Read hours a week, 0 to 25 unless more are possible, in steps of a quarter (A7, S21)."""
        if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal) or raw == "":
            self.fault(at, f"{name} must be hours in figures, such as 12 or 7.5")
            return None
        typed = str(raw).strip()
        if not _HOURS.fullmatch(typed):
            self.fault(at, f"{name} must be hours in figures, such as 12 or 7.5")
            return None
        value = Decimal(typed)
        if value < 0 or value > most:
            self.fault(at, f"{name} must be between 0 and {most}")
            return None
        if value % Decimal("0.25"):
            self.fault(at, f"{name} must be in quarters of an hour, such as 7.25")
            return None
        return value

    def count(self, raw: object, at: str, name: str, *, least: int, most: int) -> int:
        if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit() and len(raw.strip()) < 10:
            raw = int(raw.strip())
        if isinstance(raw, bool) or not isinstance(raw, int):
            self.fault(at, f"{name} must be a whole number")
            return least
        if not least <= raw <= most:
            self.fault(at, f"{name} must be between {least} and {most}")
            return least
        return raw

    def choice(self, raw: object, at: str, name: str, kind: type[Choice]) -> Choice | None:
        if raw in (None, ""):
            self.fault(at, f"Choose {name[:1].lower()}{name[1:]}")
            return None
        try:
            return kind(str(raw))
        except ValueError:
            self.fault(at, f"{name} must be one of: {', '.join(kind)}")
            return None

    def flag(self, raw: object, at: str, name: str) -> bool:
        if isinstance(raw, bool):
            return raw
        if raw in ("yes", "true"):
            return True
        if raw in ("no", "false"):
            return False
        self.fault(at, f"Choose yes or no: {name[:1].lower()}{name[1:]}")
        return False

    def outward_code(self, raw: object, at: str, name: str) -> str:
        """Read the first half of a postcode. A full postcode is refused: it would point at a home (S7)."""
        value = self.text(raw, at, name, most=8, least=1).upper().replace("  ", " ")
        if value and (whole := _POSTCODE.fullmatch(value)):
            self.fault(at, f"Give only the first half of the postcode: {whole[1]}")
        elif value and not _OUTWARD.fullmatch(value):
            self.fault(at, f"{name} must be the first half of a postcode, such as DE1 or NG7")
        return value

    def key(self, raw: object, at: str, name: str) -> str:
        if not isinstance(raw, str) or not _KEY.fullmatch(raw):
            self.fault(at, f"{name} must be a short word of letters, digits, hyphens and underscores")
            return ""
        return raw

    def only(self, raw: Mapping[str, object], at: str, allowed: Sequence[str]) -> None:
        for name in raw:
            if name not in allowed:
                self.fault(f"{at}/{name}", f"There is no field called {name} here")
