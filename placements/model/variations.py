"""Hold the changes of an agreement (DPS spec 3.2.5, 3.8.1; A11, A33)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from placements.model.agreements import HOUR_STEP, AgreementId, Party, VariationId


class VariationState(StrEnum):
    """Say how far a variation has come; an agreed one is a version of its agreement."""

    PROPOSED = "proposed"
    AWAITING_FUNDING = "awaiting_funding"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class VariationVerb(StrEnum):
    """Name what can be done to a variation."""

    AGREE = "agree"
    ASK_FUNDING = "ask funding"
    FUND = "fund"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class VariationReason:
    """Describe one coded reason of a variation: key, words, and whether it may raise the price limits (A11)."""

    key: str
    words: str
    raises_limits: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """Hold what a variation changes: hours and pounds a week, pounds an hour; `None` stays as it is."""

    hours: Decimal | None = None
    accommodation_weekly: Decimal | None = None
    support_hourly: Decimal | None = None
    housing_benefit_weekly: Decimal | None = None
    services: tuple[tuple[str, str], ...] | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if all(getattr(self, field.name) is None for field in fields(self)):
            raise ValueError("a variation changes something")
        if self.hours is not None and (not self.hours.is_finite() or self.hours < 0 or self.hours % HOUR_STEP):
            raise ValueError(f"hours are 0 or more, in quarters: {self.hours}")
        for amount in (self.accommodation_weekly, self.support_hourly, self.housing_benefit_weekly):
            if amount is not None and (not amount.is_finite() or amount < 0 or amount != round(amount, 2)):
                raise ValueError(f"money is 0 or more, in whole pennies: {amount}")


@dataclass(frozen=True, slots=True)
class CategoryDifference:
    """Record two of the three steps where no category fits; the third is the varied price (DPS spec 3.2.5, A11)."""

    differences: str
    expertise: str

    def __post_init__(self) -> None:
        if not self.differences.strip() or not self.expertise.strip():
            raise ValueError("a difference of category says what differs and which expertise meets it")


@dataclass(frozen=True, slots=True)
class FundingWord:
    """Hold one approver's word on the weekly cost of a variation (S16)."""

    approver: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Variation:
    """Hold one variation: what changes from which day, who wants it and who agreed (A33).

    `weekly_before` and `weekly_after` are pounds a week, reckoned when it was proposed. Whoever proposes agrees; the
    other party is `agreed_by`.
    """

    authority: str
    id: VariationId
    agreement_id: AgreementId
    number: int
    reason: str
    changes: Changes
    difference: CategoryDifference | None
    effective_on: date
    weekly_before: Decimal
    weekly_after: Decimal
    state: VariationState
    proposed_by: Party
    proposer_id: UUID
    proposed_at: datetime
    agreed_by: UUID | None = None
    agreed_at: datetime | None = None
    funding: tuple[FundingWord, ...] = ()
