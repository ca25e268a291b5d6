"""Say no to a review, or to its minutes (A31, A32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from placements.errors.base import PlacementsError
from placements.model import (
    Role,
)


@dataclass(eq=False)
class NoSuchReview(PlacementsError):
    """There is no review with this number here."""

    review_id: UUID


@dataclass(eq=False)
class ReviewNotDueYet(PlacementsError):
    """The review falls due on a later day."""

    rule = "A31"

    due_on: date
    on: date


@dataclass(eq=False)
class ReviewersMissing(PlacementsError):
    """A review says of young person, provider and council whether they took part."""

    rule = "A32"

    roles: tuple[Role, ...]


@dataclass(eq=False)
class OutcomesDiffer(PlacementsError):
    """A review and a support plan speak of each agreed outcome, and of no other."""

    rule = "A32"

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
