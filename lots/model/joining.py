"""Name an application to join the register, what it says and what was found (DPS spec 3.2.5, A13, S24, S25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.catalogue import CategoryCode
from lots.model.homes import Sharing
from lots.model.money import check_prices
from lots.model.nights import NightLine
from lots.model.register import OFSTED_CATEGORIES, OfstedOutcome, ProviderId

ApplicationId = NewType("ApplicationId", UUID)


class Section(StrEnum):
    """Name the sections of an application, in the order in which they are asked."""

    ORGANISATION = "organisation"
    CATEGORIES = "categories"
    AREAS = "areas"
    PRICES = "prices"
    HOMES = "homes"
    OFSTED = "ofsted"
    INSURANCE = "insurance"
    SAFEGUARDING = "safeguarding"
    DBS = "dbs"
    TRAINING = "training"
    HOUSING_STANDARD = "housing_standard"
    CONTINUITY = "continuity"
    CONTACTS = "contacts"
    OUT_OF_HOURS = "out_of_hours"


class ApplicationState(StrEnum):
    """Name where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSESSED = "assessed"
    ADMITTED = "admitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ApplicationVerb(StrEnum):
    """Name what can be done with an application."""

    SAVE = "save"
    SUBMIT = "submit"
    ASSESS = "assess"
    EXTEND = "extend"
    ADMIT = "admit"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Name the firm that applies; `number` is its company or charity number, empty where it has none."""

    name: str
    number: str
    address: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class TenderedPrice:
    """Tender prices for one category: pounds a week, pounds an hour, percent off a block of beds."""

    category: CategoryCode
    accommodation_weekly: Decimal | None
    support_hourly: Decimal | None
    block_discount: Decimal

    def __post_init__(self) -> None:
        check_prices(self.accommodation_weekly, self.support_hourly)
        if self.accommodation_weekly is None and self.support_hourly is None:
            raise ValueError(f"{self.category}: a price for accommodation, support or both")
        if not self.block_discount.is_finite() or not 0 <= self.block_discount <= 100:
            raise ValueError(f"the block discount is a percentage from 0 to 100, not {self.block_discount}")
        if self.block_discount != round(self.block_discount, 2):
            raise ValueError(f"the block discount has at most two decimals: {self.block_discount}")


@dataclass(frozen=True, slots=True)
class OfferedRoom:
    """Describe a room that an applicant has."""

    name: str
    sharing: Sharing
    step_free: bool
    beds: int


@dataclass(frozen=True, slots=True)
class OfferedHome:
    """Describe a home that an applicant has, and until when it was found to meet the housing standard (3.5)."""

    name: str
    address: str
    outward_code: str
    ofsted_category: int | None
    rooms: tuple[OfferedRoom, ...]
    standard_reference: str
    standard_from: date | None
    standard_to: date | None
    standard_document: UUID | None = None


@dataclass(frozen=True, slots=True)
class OfstedEntry:
    """Say how Ofsted has registered the applicant (SI 2023/416, S5)."""

    urn: str
    categories: frozenset[int]
    outcome: OfstedOutcome

    def __post_init__(self) -> None:
        if not self.urn.strip():
            raise ValueError("an Ofsted registration has a number")
        if not self.categories or not self.categories <= OFSTED_CATEGORIES:
            raise ValueError(f"Ofsted categories are 1 to 4, not {sorted(self.categories)}")


@dataclass(frozen=True, slots=True)
class OfferedPaper:
    """Put one piece of evidence forward with an application."""

    kind: str
    reference: str
    valid_from: date
    valid_to: date | None
    document_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"evidence cannot end on {self.valid_to} before it begins on {self.valid_from}")


@dataclass(frozen=True, slots=True)
class Contact:
    """Name somebody at the applicant; requests for offers go to the first one's mobile."""

    name: str
    role: str
    email: str
    mobile: str


@dataclass(frozen=True, slots=True)
class Joining:
    """Hold a whole application, read from its sections."""

    organisation: Organisation
    categories: tuple[CategoryCode, ...]
    areas: tuple[str, ...]
    prices: tuple[TenderedPrice, ...]
    homes: tuple[OfferedHome, ...]
    ofsted: OfstedEntry | None
    papers: tuple[OfferedPaper, ...]
    contacts: tuple[Contact, ...]
    night_lines: tuple[NightLine, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Say what an application still lacks, and in which section."""

    section: Section
    message: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """Publish one thing that an application is assessed against; every one must be met (A13)."""

    key: str
    title: str
    asks: str
    section: Section


@dataclass(frozen=True, slots=True)
class Finding:
    """Say whether one criterion is met; where it is not, the note says why."""

    criterion: str
    met: bool
    note: str = ""

    def __post_init__(self) -> None:
        if not self.met and not self.note.strip():
            raise ValueError(f"{self.criterion}: what is not met needs a note that says why")


@dataclass(frozen=True, slots=True)
class LegalProfile:
    """Describe under which law a register is kept (S24): clocks in working days, notices and words.

    `admission_days` and `extended_days` count from the day after a complete application came in.
    """

    key: str
    title: str
    basis: str
    admission_days: int
    extended_days: int
    admission_words: str
    removal_words: str
    window_words: str
    notices: tuple[str, ...]
    ends_by: date | None

    def __post_init__(self) -> None:
        if not 1 <= self.admission_days <= self.extended_days:
            raise ValueError(f"{self.key}: {self.admission_days} days cannot be extended to {self.extended_days}")

    @property
    def invitation_words(self) -> str:
        """Say the law and the published window, as an invitation prints them."""
        return f"{self.basis} {self.window_words}"


@dataclass(frozen=True, slots=True)
class Application:
    """Hold an application: what was typed until it is submitted, what it says after.

    `decide_by` is the last day for a decision. A provider on the register applies to join more categories with its own
    number; a new firm's number is given with its first application and becomes its number on the register.
    """

    id: ApplicationId
    provider_id: ProviderId
    profile: str
    state: ApplicationState
    typed: Mapping[Section, Mapping[str, object]]
    confirmed: frozenset[str]
    content: Joining | None
    begun_at: datetime
    submitted_at: datetime | None
    decide_by: date | None
    extended_reason: str | None
    findings: tuple[Finding, ...]
    decided_at: datetime | None
    decision_note: str | None
