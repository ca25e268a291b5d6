"""Say no to a change of an agreement (A11, A33, S16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lots.model import CategoryCode, Wants
from placements.errors.base import PlacementsError
from placements.model import (
    Party,
)


@dataclass(eq=False)
class NoSuchVariation(PlacementsError):
    """There is no variation with this number here."""

    rule = "A33"

    variation_id: UUID


@dataclass(eq=False)
class VariationOpen(PlacementsError):
    """Another variation of this agreement is still to be decided."""

    rule = "A33"

    variation_id: UUID


@dataclass(eq=False)
class ChangesNothing(PlacementsError):
    """Everything that the variation asks for holds already."""

    rule = "A33"


@dataclass(eq=False)
class OutOfOrder(PlacementsError):
    """Each version of an agreement begins after the one before."""

    rule = "A33"

    effective_on: date
    last_from: date


@dataclass(eq=False)
class NewEndTooEarly(PlacementsError):
    """The stay cannot be made to end before the variation takes effect."""

    rule = "A33"

    effective_on: date
    ends_on: date


@dataclass(eq=False)
class AboveLimit(PlacementsError):
    """The price is above the tendered one, and no difference of category was agreed."""

    rule = "A11"

    item: Wants
    asked: Decimal
    allowed: Decimal | None


@dataclass(eq=False)
class MoreThanBespoke(PlacementsError):
    """More hours than this are bespoke, and this agreement is not."""

    rule = "A10"

    hours: Decimal
    most: Decimal


@dataclass(eq=False)
class NoHoursHere(PlacementsError):
    """This category has no support hours."""

    rule = "A12"

    category: CategoryCode


@dataclass(eq=False)
class DifferenceNeeded(PlacementsError):
    """This reason and the recorded difference of category belong together."""

    rule = "A11"

    reason: str


@dataclass(eq=False)
class OwnProposal(PlacementsError):
    """A variation is agreed by the party that did not propose it."""

    rule = "A33"

    party: Party


@dataclass(eq=False)
class OthersProposal(PlacementsError):
    """A proposal is taken back by the party that made it."""

    rule = "A33"

    party: Party


@dataclass(eq=False)
class SameHand(PlacementsError):
    """Funding is authorised by somebody who did not propose or agree the variation, and once."""

    rule = "S16"
