"""How decisions about lost standing say no."""

from __future__ import annotations

from dataclasses import dataclass


class StandingError(Exception):
    """Something about a placement of a provider out of standing cannot be decided."""


@dataclass(eq=False)
class NothingLost(StandingError):
    """The provider of this placement is in standing today, or the placement does not run."""
