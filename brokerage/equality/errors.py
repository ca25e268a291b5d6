"""How equality monitoring says no."""

from __future__ import annotations

from dataclasses import dataclass


class EqualityError(Exception):
    """Something about equality answers cannot be done."""


@dataclass(eq=False)
class ConsentMissing(EqualityError):
    """Nothing is kept without the young person's consent."""


@dataclass(eq=False)
class NothingGiven(EqualityError):
    """There are no equality answers of this young person."""
