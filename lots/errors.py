"""Say no about the register, carrying the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lots.model import ApplicationId, BedId, CategoryCode, Gap, HoldKind, ProviderId, Unfit, Wants


class LotsError(Exception):
    """Something about lots, providers or registrations cannot be done."""


class CatalogueNotValid(LotsError):
    """A file of the catalogue, of evidence, criteria, profiles or places does not say what it must."""


@dataclass(eq=False)
class NoSuchProvider(LotsError):
    """No provider with this number is on the register."""

    provider_id: UUID


@dataclass(eq=False)
class NoSuchEntry(LotsError):
    """The register holds nothing of this kind with this number. `kind` is its name in plain words."""

    kind: str
    id: UUID


@dataclass(eq=False)
class NotNow(LotsError):
    """This cannot be done as things stand. `kind`, `state` and `verb` are plain words."""

    kind: str
    state: str
    verb: str


@dataclass(eq=False)
class ReasonMissing(LotsError):
    """This needs a reason, and none was given. `verb` says what for."""

    verb: str


@dataclass(eq=False)
class ProviderAlreadyAdmitted(LotsError):
    """This provider is on the register already."""

    provider_id: ProviderId


@dataclass(eq=False)
class OverlappingRegistration(LotsError):
    """This provider already has a registration in this category for some of these days."""

    provider_id: ProviderId
    category: CategoryCode
    valid_from: date
    valid_to: date | None


@dataclass(eq=False)
class RegistrationOfAnother(LotsError):
    """A registration names another provider than the one being admitted."""

    provider_id: ProviderId
    named: ProviderId


# Joining -----------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class ApplicationOpenAlready(LotsError):
    """This provider has an application that is not decided yet."""

    application_id: ApplicationId


@dataclass(eq=False)
class ApplicationIncomplete(LotsError):
    """The application lacks something; every gap is named with its section."""

    gaps: tuple[Gap, ...]


@dataclass(eq=False)
class FindingsNotWhole(LotsError):
    """An assessment covers every published criterion once, and no other."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(eq=False)
class DecisionAgainstFindings(LotsError):
    """A decision follows what was found: admitted where every criterion is met, refused where one is not."""

    unmet: tuple[str, ...]


@dataclass(eq=False)
class AlreadyExtended(LotsError):
    """The time for the decision was extended already; it is extended once."""

    decide_by: date


@dataclass(eq=False)
class UrnOfAnother(LotsError):
    """This Ofsted number belongs to another provider on the register."""

    urn: str


@dataclass(eq=False)
class LinkNotUsable(LotsError):
    """The link to an application is not known, or it is too old."""


@dataclass(eq=False)
class CodeNotRight(LotsError):
    """The code is not the one that was sent to the applicant, or it was used, or it is too old."""

    tries_left: int


@dataclass(eq=False)
class CodesUsedUp(LotsError):
    """Too many codes were sent to this applicant in the last few minutes."""


@dataclass(eq=False)
class DocumentUnfit(LotsError):
    """The file is not taken as evidence; `why` says what is wrong with it."""

    why: Unfit


# Standing and evidence ---------------------------------------------------------------------------------------------


@dataclass(eq=False)
class SuspensionOver(LotsError):
    """The suspension does not hold any more on that day, so it cannot be lifted."""

    over_on: date


@dataclass(eq=False)
class AlreadyRemoved(LotsError):
    """The provider is off the register already."""

    removed_on: date


@dataclass(eq=False)
class NoSuchEvidenceKind(LotsError):
    """The register asks for no evidence of this kind."""

    evidence: str


@dataclass(eq=False)
class WrongHolder(LotsError):
    """This kind of evidence is held for a home, or for the provider, and was put forward for the other."""

    title: str
    per_property: bool


@dataclass(eq=False)
class EvidenceTooOld(LotsError):
    """The evidence had run out before it was put forward."""

    title: str
    ended_on: date
    today: date


# Prices and sub-contractors ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class OverlappingCeiling(LotsError):
    """The council already has a ceiling in this category for some of these days."""

    category: CategoryCode
    valid_from: date
    valid_to: date | None


@dataclass(eq=False)
class OverCeiling(LotsError):
    """A price is above what the council pays at most."""

    item: Wants
    asked: Decimal
    ceiling: Decimal


@dataclass(eq=False)
class UpliftTooSoon(LotsError):
    """A price holds for a year and is never raised for days that are over."""

    starts_on: date
    earliest: date


@dataclass(eq=False)
class ConsentTooLate(LotsError):
    """Consent comes before the sub-contractor starts; this one would come after."""

    starts_on: date
    today: date


@dataclass(eq=False)
class SharesAbove100(LotsError):
    """The shares of a provider's sub-contractors for one council would be more than all of its work."""

    total: Decimal


# Beds and nights ---------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class BedTaken(LotsError):
    """Somebody stays in the bed, or nobody can, on some of these days; the days are those of the other."""

    bed_id: BedId
    by: HoldKind
    starts_on: date
    ends_on: date | None


@dataclass(eq=False)
class HomeNotFit(LotsError):
    """Nobody new may be housed in this home on that day; `rule` for machines, `reason` for people."""

    home: str
    rule: str
    reason: str


@dataclass(eq=False)
class BelongsToAnother(LotsError):
    """The bed, or the number that was called, belongs to another provider than the one that was chosen."""

    provider_id: UUID
    owner: UUID


@dataclass(eq=False)
class NotInStandingTonight(LotsError):
    """The provider may not be given a young person tonight; `rule` for machines, `reason` for people."""

    provider_id: UUID
    rule: str
    reason: str


# The register itself and its specification -------------------------------------------------------------------------


@dataclass(eq=False)
class KeptElsewhere(LotsError):
    """The register is changed by the council that keeps it, and by no other. `keeper` is its key."""

    keeper: str


@dataclass(eq=False)
class ConsultationTooShort(LotsError):
    """A day of a change leaves providers too little time. `day` is answer_by or effective_on."""

    day: str
    earliest: date


@dataclass(eq=False)
class ConsultationRuns(LotsError):
    """Providers may still answer, so nothing is authorised yet."""

    answer_by: date


@dataclass(eq=False)
class ConsultationOver(LotsError):
    """The last day for answers has gone by."""

    answer_by: date


@dataclass(eq=False)
class OwnChange(LotsError):
    """Somebody else than its proposer authorises a change."""
