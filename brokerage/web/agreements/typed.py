"""Between the boxes of a form and what was meant: days, errors, what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from brokerage.reading import NotValid, Reader

WORDS_MOST: Final = 2000
PARTS: Final = ("day", "month", "year")

Typed = Mapping[str, Any]


def read_day(reader: Reader, data: Typed, name: str, title: str) -> date | None:
    """Read a day from its three boxes, in the words of whoever typed it."""
    day, month, year = (text(data, f"{name}_{part}").strip() for part in PARTS)
    missing = [part for part, typed in zip(PARTS, (day, month, year), strict=True) if not typed]
    if 0 < len(missing) < len(PARTS):
        reader.fault(f"/{name}", f"{title} must include a {' and a '.join(missing)}")
        return None
    if not missing and not (len(year) == 4 and all(one.isascii() and one.isdigit() for one in (day, month, year))):
        reader.fault(f"/{name}", f"{title} must be a real date in figures, such as 27 3 2027")
        return None
    return reader.day("" if missing else f"{year}-{month}-{day}", f"/{name}", title)


def boxes(name: str, day: date) -> dict[str, str]:
    """Fill the three boxes of a day."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def typed_day(data: Typed, name: str) -> bool:
    """Say whether anything was typed into the three boxes of a day."""
    return any(text(data, f"{name}_{part}").strip() for part in PARTS)


def text(data: Typed, name: str) -> str:
    """Give what was typed into one box; of a box sent twice the last."""
    value = data.get(name, "")
    return str(value[-1] if isinstance(value, list) and value else value or "")


def chosen(data: Typed, name: str) -> list[str]:
    """Give what was ticked."""
    value = data.get(name, [])
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]


def errors_of(refusal: NotValid) -> dict[str, str]:
    """Give each fault by the box it is about."""
    return {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}
