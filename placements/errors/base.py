"""Say no about placements, carrying the facts; `rule` names where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from placements.model import (
    AgreementState,
    AgreementVerb,
    ReviewState,
    ReviewVerb,
    VariationState,
    VariationVerb,
)


class PlacementsError(Exception):
    """Something about an agreement or a review cannot be done."""

    rule: ClassVar[str] = "A30"


@dataclass(eq=False)
class NoSuchAgreement(PlacementsError):
    """There is no agreement with this number here."""

    agreement_id: UUID


@dataclass(eq=False)
class NotNow(PlacementsError):
    """This cannot be done in the state that it is in."""

    state: AgreementState | ReviewState | VariationState
    verb: AgreementVerb | ReviewVerb | VariationVerb


@dataclass(eq=False)
class AgreementOver(PlacementsError):
    """The agreement has ended; nothing in it is changed, reviewed or ended again."""

    rule = "A34"

    ended_on: date


@dataclass(eq=False)
class NoSuchReason(PlacementsError):
    """This reason is not on the council's list."""

    rule = "A33"

    reason: str


@dataclass(eq=False)
class OutsideStay(PlacementsError):
    """A change, a review and hours of support belong to a day of the stay."""

    on: date
    first: date
    last: date


@dataclass(eq=False)
class StillToCome(PlacementsError):
    """What is recorded as done cannot lie in the future."""

    on: date
    today: date


class ReasonsNotValid(PlacementsError):
    """The coded lists of reasons do not say what they must."""
