"""What follows from what happens on the register."""

from __future__ import annotations

from typing import Final, assert_never
from uuid import UUID, uuid5

from brokerage.desk.consequences.model import EMAIL, NOTHING, SMS, Address, Consequences, Notice
from brokerage.people.model import Role
from lots.events import (
    ApplicantCodeSent,
    ApplicantLinkSent,
    ApplicationAdmitted,
    ApplicationAssessed,
    ApplicationExtended,
    ApplicationRefused,
    ApplicationSectionSaved,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    BedsHeld,
    BedVoided,
    CallLogged,
    CeilingSet,
    DocumentKept,
    EvidenceAsked,
    EvidenceDecided,
    EvidenceOffered,
    EvidenceRunsOut,
    FirmAdministratorMade,
    HomeAdded,
    HomeClosed,
    MobileConfirmed,
    PlacedNow,
    ProviderAdmitted,
    ProviderRemoved,
    ProviderSuspended,
    StayEnded,
    StayFreed,
    SubcontractorDecided,
    SubcontractorEnded,
    SubcontractorNamed,
    SuspensionLifted,
    UpliftDecided,
    UpliftProposed,
    VoidEnded,
)
from lots.rules.days import in_words

Shared = (
    ApplicantCodeSent
    | ApplicantLinkSent
    | DocumentKept
    | FirmAdministratorMade
    | MobileConfirmed
    | ApplicationStarted
    | ApplicationSectionSaved
    | ApplicationSubmitted
    | ApplicationExtended
    | ApplicationAssessed
    | ApplicationAdmitted
    | ApplicationRefused
    | ApplicationWithdrawn
    | UpliftProposed
    | UpliftDecided
    | HomeAdded
    | HomeClosed
    | BedVoided
    | VoidEnded
    | ProviderAdmitted
    | ProviderSuspended
    | SuspensionLifted
    | ProviderRemoved
    | EvidenceOffered
    | EvidenceDecided
    | EvidenceAsked
    | EvidenceRunsOut
)
"""What happens to the register itself, and so stands in the record of the council that keeps it."""

Own = (
    CeilingSet
    | SubcontractorNamed
    | SubcontractorDecided
    | SubcontractorEnded
    | BedsHeld
    | StayEnded
    | StayFreed
    | CallLogged
    | PlacedNow
)
"""What one council does with the register, in its own record."""

Event = Shared | Own

WATCH: Final = UUID("e71de4ce-0000-4000-8000-000000000001")
"""What the daily watch on evidence is about: the whole register."""


def of(event: Event) -> Consequences:  # noqa: C901  # one case an event, so that none is forgotten
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case ApplicantLinkSent():
            to = Address(event.link_id, email=event.email)
            return _tell(Notice("apply_link", to, EMAIL, event.link_id, {}, f"/a/{event.token}"))
        case ApplicantCodeSent():
            return _code(event)
        case ApplicationSubmitted():
            return _submitted(event)
        case ApplicationExtended():
            to = Address(event.application_id, email=event.email)
            params = {"decide_by": in_words(event.decide_by), "because": event.reason}
            return _tell(Notice("application_extended", to, EMAIL, event.application_id, params))
        case ApplicationAdmitted():
            to = Address(event.application_id, email=event.email)
            params = {"categories": ", ".join(event.categories)}
            return _tell(Notice("application_admitted", to, EMAIL, event.application_id, params))
        case ApplicationRefused():
            to = Address(event.application_id, email=event.email)
            params = {"because": "\n".join(f"- {one}" for one in event.reasons)}
            return _tell(Notice("application_refused", to, EMAIL, event.application_id, params, "/apply"))
        case FirmAdministratorMade():
            to, about = Address(event.person_id, email=event.email), event.person_id
            return _tell(Notice("firm_administrator", to, EMAIL, about, {}, "/sign-in", code=event.key))
        case EvidenceOffered():
            path = f"/evidence/{event.evidence_id}"
            return _tell(Notice("evidence_offered", Role.DPS_ADMIN, EMAIL, event.evidence_id, {}, path))
        case EvidenceDecided():
            params = {"outcome": "accepted" if event.accepted else "refused", "because": event.note}
            about = event.evidence_id
            return _tell(Notice("evidence_decided", event.provider_id, EMAIL, about, params, "/evidence"))
        case EvidenceRunsOut():
            return _runs_out(event)
        case (
            ApplicationStarted()
            | ApplicationSectionSaved()
            | ApplicationAssessed()
            | ApplicationWithdrawn()
            | DocumentKept()
            | MobileConfirmed()
            | UpliftProposed()
            | UpliftDecided()
            | HomeAdded()
            | HomeClosed()
            | BedVoided()
            | VoidEnded()
            | ProviderAdmitted()
            | ProviderSuspended()
            | SuspensionLifted()
            | ProviderRemoved()
            | EvidenceAsked()
            | CeilingSet()
            | SubcontractorNamed()
            | SubcontractorDecided()
            | SubcontractorEnded()
            | BedsHeld()
            | StayEnded()
            | StayFreed()
            | CallLogged()
            | PlacedNow()
        ):
            return NOTHING
        case _:
            assert_never(event)


def _tell(*notices: Notice) -> Consequences:
    return Consequences(notices=notices)


def _code(event: ApplicantCodeSent) -> Consequences:
    to = Address(event.code_id, event.email, event.mobile)
    media = SMS if event.mobile else EMAIL
    until = event.expires_at
    return _tell(Notice("apply_code", to, media, event.code_id, {}, code=event.code, expires_at=until))


def _submitted(event: ApplicationSubmitted) -> Consequences:
    about, params = event.application_id, {"decide_by": in_words(event.decide_by)}
    return _tell(
        Notice("application_received", Address(about, email=event.email), EMAIL, about, params),
        Notice("application_waiting", Role.DPS_ADMIN, EMAIL, about, params, f"/applications/{about}"),
    )


def _runs_out(event: EvidenceRunsOut) -> Consequences:
    """Warn once of each end: the same warning has the same number, however often it is worked out."""
    about = uuid5(event.provider_id, f"{event.evidence}:{event.property_id}:{event.ends_on}:{event.days_left}")
    what = f"{event.title}, {event.home}" if event.home else event.title
    params = {"evidence": what, "ends_on": in_words(event.ends_on)}
    return _tell(Notice("evidence_runs_out", event.provider_id, EMAIL, about, params, "/evidence"))
