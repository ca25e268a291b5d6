"""Hold the individual placement agreement, its terms, and each version of them (DPS spec 3.8.1, A30, A33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from lots.model import CategoryCode, Price, ProviderId, Wants

AgreementId = NewType("AgreementId", UUID)
VariationId = NewType("VariationId", UUID)

MOST_HOURS: Final = Decimal(25)
"""More support hours a week than this are bespoke (A7, S20)."""

HOUR_STEP: Final = Decimal("0.25")
"""Hours are in quarters (S21)."""


class AgreementState(StrEnum):
    """Say how far an agreement has come (A30, A34)."""

    OPENED = "opened"
    PART_ACCEPTED = "part_accepted"
    ACCEPTED = "accepted"
    STARTED = "started"
    UNDER_NOTICE = "under_notice"
    ENDED = "ended"


class AgreementVerb(StrEnum):
    """Name what can be done to an agreement."""

    ACCEPT = "accept"
    START = "start"
    VARY = "vary"
    GIVE_NOTICE = "give notice"
    END = "end"


class Party(StrEnum):
    """Name the two who sign an agreement and every change of it (A30)."""

    PROVIDER = "provider"
    COUNCIL = "council"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Say who accepted an agreement for a party, and when (A30)."""

    party: Party
    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what is bought and what it costs: pounds a week, pounds an hour, percent (A30, S21, S22).

    `services` are (key, text): what is done for the young person beside the hours, within the price (A33).
    """

    category: CategoryCode
    hours: Decimal
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    housing_benefit_weekly: Decimal
    beds: int
    block_discount: Decimal
    weekly_cost: Decimal
    bespoke: bool = False
    services: tuple[tuple[str, str], ...] = ()

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
        _once("a service", self.services)

    @property
    def price(self) -> Price:
        """Give the agreed prices."""
        return Price(self.accommodation_weekly, self.support_hourly)


@dataclass(frozen=True, slots=True)
class Introduction:
    """Say when provider and young person met, or in an emergency why they did not (A26)."""

    met_on: date | None
    waiver_reason: str | None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Hold which agreement of whom is the other part of a placement, and what was left to it to buy (A23)."""

    agreement_id: AgreementId
    provider_id: ProviderId
    part: Wants


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold one individual placement agreement (A30).

    `outcomes` are (key, text). Both `starts_on` and `ends_on` are days of the stay, `ends_on` being the last that is
    agreed at present and `ended_on` the last that was; the eve of the start where the stay never began. `terms` are
    those it was opened with: what holds on a day stands in its versions. `funded_weekly` is the most a week that
    somebody authorised (S16). `reviews_from` is the day that the series of reviews counts from, where an extra review
    began it anew (S17); `notice_on` the day on which notice was served (A34). Under 18 at the start, the provider's
    Ofsted number stands in it (S5). `part` says which of two it is where accommodation and support are bought apart,
    `sibling` which is the other once it is made, and `apart_reason` why support is agreed for days without
    accommodation (A23).
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
    funded_weekly: Decimal | None = None
    acceptances: tuple[Acceptance, ...] = ()
    ended_on: date | None = None
    reviews_from: date | None = None
    notice_on: date | None = None
    part: Wants | None = None
    sibling: Sibling | None = None
    apart_reason: str | None = None

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(f"an agreement cannot end on {self.ends_on} before it starts on {self.starts_on}")
        if self.under_18 and not self.ofsted_urn:
            raise ValueError("an agreement for a young person under 18 needs the provider's Ofsted number")
        _once("an outcome", self.outcomes)
        parties = [one.party for one in self.acceptances]
        if len(set(parties)) != len(parties):
            raise ValueError("a party accepts once")
        if (self.state is AgreementState.ENDED) != (self.ended_on is not None):
            raise ValueError(f"an agreement that is {self.state} has ended on {self.ended_on}")
        if self.part is None and (self.sibling is not None or self.apart_reason is not None):
            raise ValueError("only a part has a sibling")
        if self.sibling is not None and self.sibling.part is self.part:
            raise ValueError("two parts of one placement are different ones")
        if self.state is AgreementState.UNDER_NOTICE and self.notice_on is None:
            raise ValueError("an agreement under notice has a day on which it was served")

    @property
    def last_day(self) -> date:
        """Give the last day of the stay: as it was, or else as it is agreed."""
        return self.ends_on if self.ended_on is None else self.ended_on


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAgreement:
    """Hold which agreement an event is about, and who is to hear of it."""

    authority: str
    agreement_id: AgreementId
    reference: str
    referral_id: UUID
    provider_id: ProviderId


@dataclass(frozen=True, slots=True)
class Version:
    """Hold what an agreement says from one day to another, both included (A33).

    A version that something took over before its first day never held: its `until_on` is the eve of `from_on`.
    `ends_on` is the last day of the stay as this version agrees it, `limits` the prices it may not pass: the tendered
    ones, or those of an agreed difference of category (A11, A22).
    """

    number: int
    from_on: date
    until_on: date
    ends_on: date
    terms: Terms
    limits: Price
    variation_id: VariationId | None
    made_at: datetime

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"versions count from 1, not {self.number}")
        if self.until_on < self.from_on - timedelta(days=1):
            raise ValueError(f"a version from {self.from_on} cannot hold until {self.until_on}")

    @property
    def held(self) -> bool:
        """Say whether it held on any day."""
        return self.until_on >= self.from_on


def _once(what: str, pairs: tuple[tuple[str, str], ...]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"{what} is named twice: {keys}")
