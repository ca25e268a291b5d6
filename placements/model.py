"""Hold the nouns of a placement: the individual placement agreement and its reviews (DPS spec 3.8.1, A30, A31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from lots.model import CategoryCode, ProviderId

AgreementId = NewType("AgreementId", UUID)
ReviewId = NewType("ReviewId", UUID)

MOST_HOURS: Final = Decimal(25)
"""More support hours a week than this are bespoke (A7, S20)."""

HOUR_STEP: Final = Decimal("0.25")
"""Hours are in quarters (S21)."""


class AgreementState(StrEnum):
    """Say how far an agreement has come.

    Whether an agreed one is running is a matter of its dates, not of a state that somebody must set.
    """

    AGREED = "agreed"
    ENDED = "ended"


class AgreementVerb(StrEnum):
    """Name what can be done to an agreement."""

    END = "end"


class ReviewKind(StrEnum):
    """Say whether a review is the one two weeks after the start or a later one (A31)."""

    FIRST = "first"
    QUARTERLY = "quarterly"


class ReviewState(StrEnum):
    """Say how far a review has come."""

    PLANNED = "planned"
    DUE = "due"
    HELD = "held"


class ReviewVerb(StrEnum):
    """Name what can be done to a review."""

    FALL_DUE = "fall due"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what is bought and what it costs: pounds a week, pounds an hour, percent (A30, S21, S22)."""

    category: CategoryCode
    hours: Decimal
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    housing_benefit_weekly: Decimal
    beds: int
    block_discount: Decimal
    weekly_cost: Decimal
    bespoke: bool = False

    def __post_init__(self) -> None:
        if not self.hours.is_finite() or self.hours < 0 or self.hours % HOUR_STEP:
            raise ValueError(f"hours are 0 or more, in quarters: {self.hours}")
        if self.hours > MOST_HOURS and not self.bespoke:
            raise ValueError(f"more than {MOST_HOURS} hours are bespoke: {self.hours}")
        if self.category is CategoryCode.ACCOMMODATION_ONLY and self.hours:
            raise ValueError(f"category {self.category} has no support hours: {self.hours}")
        if self.accommodation_weekly is None and self.support_hourly is None:
            raise ValueError("an agreement buys accommodation, support or both")
        for name, amount in (
            ("accommodation", self.accommodation_weekly),
            ("support", self.support_hourly),
            ("Housing Benefit", self.housing_benefit_weekly),
            ("weekly cost", self.weekly_cost),
        ):
            if amount is not None and (not amount.is_finite() or amount < 0 or amount != round(amount, 2)):
                raise ValueError(f"the {name} is 0 or more, in whole pennies: {amount}")
        if self.beds < 1:
            raise ValueError(f"at least one bed, not {self.beds}")
        if not self.block_discount.is_finite() or not 0 <= self.block_discount <= 100:
            raise ValueError(f"the block discount is a percentage from 0 to 100, not {self.block_discount}")
        if self.block_discount != round(self.block_discount, 2):
            raise ValueError(f"the block discount has at most two decimals: {self.block_discount}")


@dataclass(frozen=True, slots=True)
class Introduction:
    """Say when provider and young person met, or in an emergency why they did not (A26)."""

    met_on: date | None
    waiver_reason: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold one individual placement agreement (A30).

    `outcomes` are (key, text). Both `starts_on` and `ends_on` are days of the stay; under 18 at the start, the
    provider's Ofsted number stands in it (S5).
    """

    authority: str
    id: AgreementId
    reference: str
    award_id: UUID
    referral_id: UUID
    provider_id: ProviderId
    terms: Terms
    introduction: Introduction
    starts_on: date
    ends_on: date
    state: AgreementState
    agreed_at: datetime
    outcomes: tuple[tuple[str, str], ...]
    under_18: bool = False
    ofsted_urn: str | None = None

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(f"an agreement cannot end on {self.ends_on} before it starts on {self.starts_on}")
        if self.under_18 and not self.ofsted_urn:
            raise ValueError("an agreement for a young person under 18 needs the provider's Ofsted number")
        keys = [key for key, _ in self.outcomes]
        if len(set(keys)) != len(keys):
            raise ValueError(f"an outcome is named twice: {keys}")


@dataclass(frozen=True, slots=True)
class Review:
    """Hold one review of an agreement; numbers count from 1 in order of their days (A31)."""

    id: ReviewId
    agreement_id: AgreementId
    number: int
    due_on: date
    kind: ReviewKind
    state: ReviewState
