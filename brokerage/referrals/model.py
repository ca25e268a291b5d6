"""A referral and the young person it is for. Identity lives here, apart from the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model import CategoryCode, Wants
from matrix.model import Assessment, Case

ReferralId = NewType("ReferralId", UUID)


class Source(StrEnum):
    """Who refers (DPS spec 3.3.1, A3)."""

    LEAVING_CARE = "leaving_care_team"
    CHILDREN_IN_CARE = "children_in_care_team"
    HOUSING_OPTIONS = "housing_options"
    RECEPTION = "reception_team"
    YOUTH_OFFENDING = "youth_offending_service"
    OTHER = "other_professional"


class Urgency(StrEnum):
    URGENT = "urgent"
    STANDARD = "standard"


class Provision(StrEnum):
    """What kind of provision is looked for (DPS spec 3.2.3, A5)."""

    EMERGENCY = "emergency"
    STEP_DOWN = "step_down_transition"
    TRAINING_FLAT = "training_flat_or_shared_house"
    SEMI_INDEPENDENT = "semi_independent"
    SOLO = "solo"
    MOVE_ON_WITH_SUPPORT = "move_on_with_floating_support"
    EXIT_WITHOUT_SUPPORT = "exit_without_floating_support"
    OUTREACH = "outreach"


class State(StrEnum):
    DRAFT = "draft"  # being written, may be left and come back to
    RAISED = "raised"  # complete: draft -> raised; seeking -> raised when a competition found nobody
    SEEKING = "seeking"  # providers are invited: raised or bespoke -> seeking
    PLACED = "placed"  # an agreement is made: seeking -> placed
    BESPOKE = "bespoke"  # advertised and negotiated as a package of its own: draft -> bespoke above 25 hours; raised ->
    # bespoke where no offer was suitable; seeking -> bespoke when its competition found nobody
    WITHDRAWN = "withdrawn"  # no longer needed: any but placed -> withdrawn


class Verb(StrEnum):
    RAISE = "raise"
    RAISE_BESPOKE = "raise_bespoke"
    SEEK = "seek"
    SEEK_PART = "seek_part"
    RETURN = "return"
    RETURN_BESPOKE = "return_bespoke"
    GO_BESPOKE = "go_bespoke"
    PLACE = "place"
    PLACE_PART = "place_part"
    WITHDRAW = "withdraw"


class MarketReason(StrEnum):
    """Why a placement that runs is looked for anew (DPS spec 3.8.1, A41)."""

    STEP_DOWN = "step_down"
    STEP_UP = "step_up"
    PROVIDER_ENDS = "provider_ends"
    YOUNG_PERSON_ASKS = "young_person_asks"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Origin:
    """Say from which agreement a referral went back to the market, and why (A41). The words stay with the council."""

    agreement_id: UUID
    reason: MarketReason
    why: str


@dataclass(frozen=True, slots=True)
class YoungPerson:
    """Who the referral is for. Nothing of this leaves the authority before an award (S7)."""

    given_name: str
    family_name: str
    date_of_birth: date
    known_as: str = ""
    school: str = ""
    relatives: tuple[str, ...] = ()
    address: str = ""
    nhs_number: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class WantedOutcome:
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class CarePeriod:
    """A stretch of being looked after, both days included; `until` is None while it lasts (A2)."""

    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Override:
    """A professional's different judgement of hours or category; both figures are kept (S15)."""

    hours: Decimal | None
    category: CategoryCode | None
    reason: str


@dataclass(frozen=True, slots=True)
class Admission:
    """A named authoriser's admission of somebody whom one rule refuses (A1); it covers no other rule."""

    authorised_by: UUID
    name: str
    rule: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewReferral:
    """Everything a complete referral says, before the matrix has looked at it."""

    young_person: YoungPerson
    case: Case
    source: Source
    urgency: Urgency
    wants: frozenset[Wants]
    outcomes: tuple[WantedOutcome, ...]
    risk_plan: str
    pathway_plan: str
    outward_code: str
    indicative_budget_weekly: Decimal
    housing_benefit_weekly: Decimal
    beds: int = 1
    provision: Provision | None = None
    out_of_area_reason: str = ""
    evidence: Mapping[str, str] | None = None
    care_periods: tuple[CarePeriod, ...] = ()
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class MarketText:
    """The words providers will read, with every known identifier replaced. Made once, at raising."""

    outcomes: tuple[WantedOutcome, ...]
    risk_plan: str
    pathway_plan: str


@dataclass(frozen=True, slots=True)
class Referral:
    """A raised referral as it is kept."""

    authority: str
    id: ReferralId
    reference: str
    state: State
    new: NewReferral
    assessment: Assessment
    category: CategoryCode
    hours: Decimal
    market: MarketText
    raised_at: datetime
    raised_by: UUID | None
    exception: Admission | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A referral that is still being written: sections as typed, in the API's own shape."""

    authority: str
    id: ReferralId
    reference: str
    document: Mapping[str, object]
    started_at: datetime
    started_by: UUID | None
    exception: Admission | None = None


@dataclass(frozen=True, slots=True)
class ListedReferral:
    """One line of a list: enough to find it again, with the name for staff of the authority."""

    id: ReferralId
    reference: str
    state: State
    name: str
    category: str | None
    hours: Decimal | None
    urgency: str | None
    changed_at: datetime
