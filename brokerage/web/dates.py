"""Days as forms send them: three boxes each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from brokerage.reading import NotValid, Reader

PARTS: Final = ("day", "month", "year")


def text(data: Mapping[str, Any], name: str) -> str:
    """Give what was typed into one box; of a box sent twice the last."""
    value = data.get(name, "")
    return str(value[-1] if isinstance(value, list) and value else value or "")


def read_day(reader: Reader, data: Mapping[str, Any], name: str, title: str) -> date | None:
    """Read a day from its three boxes; what is no day, half a day or none is a fault."""
    faults = len(reader.faults)
    raw = typed_day(reader, data, name, title)
    return reader.day(raw, f"/{name}", title) if len(reader.faults) == faults else None


def typed_day(reader: Reader, data: Mapping[str, Any], name: str, title: str) -> str:
    """Give a day as year-month-day, or empty; what is half or no day is a fault in the words of whoever typed it."""
    day, month, year = _boxes(data, name)
    missing = [part for part, typed in zip(PARTS, (day, month, year), strict=True) if not typed]
    if len(missing) == len(PARTS):
        return ""
    if missing:
        reader.fault(f"/{name}", f"{title} must include a {' and a '.join(missing)}")
    elif not (len(year) == 4 and all(one.isascii() and one.isdigit() for one in (day, month, year))):
        reader.fault(f"/{name}", f"{title} must be a real date in figures, such as 27 3 2027")
    return f"{year}-{month}-{day}"


def day_so_far(data: Mapping[str, Any], name: str) -> str:
    """Give a day as year-month-day as far as it was typed, for what reads it later."""
    return "-".join(reversed(_boxes(data, name))) if has_day(data, name) else ""


def has_day(data: Mapping[str, Any], name: str) -> bool:
    """Say whether anything was typed into the three boxes of a day."""
    return any(_boxes(data, name))


def day_values(name: str, day: date | None) -> dict[str, str]:
    """Give the three boxes of a day, to show it."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)} if day else {}


def errors_of(refusal: NotValid) -> dict[str, str]:
    """Put faults to the forms' fields, by the first part of their place."""
    return {fault.pointer.removeprefix("/").partition("/")[0]: fault.message for fault in refusal.faults}


def _boxes(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(text(data, f"{name}_{part}").strip() for part in PARTS)
