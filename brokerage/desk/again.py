"""Run a piece of work again where the database asks for it (B11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError

TRIES: Final = 3
"""A third collision in a row is no accident: the asker is told that we are busy."""

COLLIDED: Final = frozenset({"40P01", "40001"})
"""Deadlock, and serialization failure: the database undid everything, and the same again may well succeed."""

Result = TypeVar("Result")


def again(deed: Callable[[], Result]) -> Result:
    """Do a deed that opens its own transaction, and the whole of it again where it collided with another's.

    At most `TRIES` times; the last collision, and every other fault at once, is raised as it is.
    """
    for _ in range(TRIES - 1):
        try:
            return deed()
        except DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", None) not in COLLIDED:
                raise
    return deed()
