"""Where editions lie: one TOML file each, the packaged ones beside this package.

There is no database here: editions are data that ship with a release, and a stored score names the one it used.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from matrix.errors import EditionNotValid, NoEditionInForce, NoSuchEdition
from matrix.model import Edition, EditionStatus, Fault
from matrix.store.reading import parse

__all__ = ["PACKAGED", "edition", "editions", "in_force", "load", "parse"]

PACKAGED: Final = Path(__file__).parents[1] / "editions"


def load(path: Path) -> Edition:
    """Read and check one edition's file; raises EditionNotValid, or OSError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EditionNotValid((Fault("", None, f"is not UTF-8 text: {error.reason}", path.name),)) from error
    return parse(text, path.name)


@cache
def editions() -> tuple[Edition, ...]:
    """Read every packaged edition, oldest first; raises EditionNotValid where two share an id or a first day."""
    found = sorted(map(load, PACKAGED.glob("*.toml")), key=lambda one: (one.valid_from, one.id))
    ids = Counter(one.id for one in found)
    days = Counter((one.status, one.valid_from) for one in found if one.status is not EditionStatus.DRAFT)
    faults = [Fault("id", None, f"{key} is used by {count} files") for key, count in ids.items() if count > 1]
    faults += [
        Fault("valid_from", None, f"{count} {status} editions begin on {day}")
        for (status, day), count in days.items()
        if count > 1
    ]
    if faults:
        raise EditionNotValid(tuple(faults))
    return tuple(found)


def in_force(on: date) -> Edition:
    """Find the edition that scores a case on the day `on`; raises NoEditionInForce.

    The newest one whose first day has come; a council's published edition goes before any illustration,
    so that a new release of the engine never replaces a council's own matrix. Drafts are never in force.
    """
    begun = [one for one in editions() if one.valid_from <= on and one.status is not EditionStatus.DRAFT]
    if not begun:
        raise NoEditionInForce(on)
    return max(begun, key=lambda one: (one.status is EditionStatus.PUBLISHED, one.valid_from))


def edition(edition_id: str) -> Edition:
    """Find a packaged edition by its id, in force or not; raises NoSuchEdition."""
    for one in editions():
        if one.id == edition_id:
            return one
    raise NoSuchEdition(edition_id)
