"""Days as forms send them: three boxes each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from brokerage.reading import NotValid, Reader

PARTS: Final = ("day", "month", "year")


def typed_day(reader: Reader, data: Mapping[str, Any], name: str, title: str) -> str:
    """Give a day as year-month-day, or empty; what is half or no day is a fault in the words of whoever typed it."""
    day, month, year = (str(data.get(f"{name}_{part}", "")).strip() for part in PARTS)
    missing = [part for part, typed in zip(PARTS, (day, month, year), strict=True) if not typed]
    if len(missing) == len(PARTS):
        return ""
    if missing:
        reader.fault(f"/{name}", f"{title} must include a {' and a '.join(missing)}")
    elif not (len(year) == 4 and all(one.isascii() and one.isdigit() for one in (day, month, year))):
        reader.fault(f"/{name}", f"{title} must be a real date in figures, such as 27 3 2027")
    return f"{year}-{month}-{day}"


def day_values(name: str, day: Any) -> dict[str, str]:
    """Give the three boxes of a day, to show it."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)} if day else {}


def errors_of(refusal: NotValid) -> dict[str, str]:
    """Put faults to the forms' fields, by the first part of their place."""
    return {fault.pointer.removeprefix("/").partition("/")[0]: fault.message for fault in refusal.faults}
