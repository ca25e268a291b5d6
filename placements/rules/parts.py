"""Decide how the two agreements of one placement stand to each other (A23)."""

from __future__ import annotations

from datetime import date
from typing import Final

from lots.model import Wants
from placements.errors import SupportApart
from placements.model import Agreement

APART_REASON: Final = 10
"""A reason for support without accommodation has at least so many characters (A23)."""


def other_part(part: Wants) -> Wants:
    """Give what is bought beside a part."""
    return Wants.SUPPORT if part is Wants.ACCOMMODATION else Wants.ACCOMMODATION


def check_apart(
    part: Wants | None, starts_on: date, ends_on: date, sibling: Agreement | None, reason: str | None
) -> str | None:
    """Ask why support starts before the accommodation or outlasts it, or comes where there is none (A23).

    Give the reason back, or `None` where none is needed. Raise `SupportApart`.
    """
    if part is not Wants.SUPPORT or not sticks_out(starts_on, ends_on, sibling):
        return None
    said = (reason or "").strip()
    if len(said) < APART_REASON:
        first, last = (sibling.starts_on, sibling.last_day) if sibling else (None, None)
        raise SupportApart(starts_on, ends_on, first, last, APART_REASON)
    return said


def sticks_out(starts_on: date, ends_on: date, home: Agreement | None) -> bool:
    """Say whether support has days on which the accommodation's agreement does not house the young person."""
    return home is None or starts_on < home.starts_on or ends_on > home.last_day
