"""What follows from what happens on the register."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from brokerage.desk.clock import long_day, midnight_of, next_evening, short_time
from brokerage.desk.consequences.model import (
    BOTH,
    EMAIL,
    NOTHING,
    SMS,
    Address,
    Consequences,
    Notice,
    SetTimer,
    TimerKind,
)
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
    NightContactAdded,
    NightSheetMade,
    PlacedNow,
    ProviderAdmitted,
    ProviderReadmitted,
    ProviderRemoved,
    ProviderSuspended,
    RoomAdded,
    SpecificationAnswered,
    SpecificationDecided,
    SpecificationProposed,
    StayEnded,
    StayFreed,
    SubcontractorDecided,
    SubcontractorEnded,
    SubcontractorNamed,
    SuspensionEnded,
    SuspensionLifted,
    UpliftDecided,
    UpliftProposed,
    VoidEnded,
)
from lots.rules.days import in_words
from placements.rules import information_due

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
    | RoomAdded
    | NightContactAdded
    | BedVoided
    | VoidEnded
    | ProviderAdmitted
    | ProviderSuspended
    | SuspensionLifted
    | ProviderRemoved
    | ProviderReadmitted
    | SuspensionEnded
    | SpecificationProposed
    | SpecificationAnswered
    | SpecificationDecided
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
    | NightSheetMade
)
"""What one council does with the register, in its own record."""

Event = Shared | Own

SHEET_AT: Final = time(17)
"""When the page of the night is made, in London: before the offices close (A17)."""

MONDAY: Final = 0
"""The quality officer is told once a week which numbers wait for their test call."""

WATCH: Final = UUID("e71de4ce-0000-4000-8000-000000000001")
"""What the daily watch on evidence is about: the whole register."""


def of(event: Event) -> Consequences:  # noqa: C901  # one case an event, so that none is forgotten
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case ProviderSuspended() | SuspensionLifted() | SuspensionEnded() | ProviderRemoved() | ProviderReadmitted():
            return _standing(event)
        case UpliftProposed() | UpliftDecided() | SubcontractorNamed() | SubcontractorDecided():
            return _prices(event)
        case SpecificationProposed() | SpecificationDecided():
            return _specification(event)
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
            | FirmAdministratorMade()
            | DocumentKept()
            | MobileConfirmed()
            | HomeAdded()
            | HomeClosed()
            | RoomAdded()
            | NightContactAdded()
            | BedVoided()
            | VoidEnded()
            | ProviderAdmitted()
            | EvidenceAsked()
            | CeilingSet()
            | SubcontractorEnded()
            | SpecificationAnswered()
            | BedsHeld()
            | StayEnded()
            | StayFreed()
            | CallLogged()
        ):
            return NOTHING
        case PlacedNow():
            return _placed(event)
        case NightSheetMade():
            return _sheet(event)
        case _:
            assert_never(event)


def sheets_of(authority: str) -> UUID:
    """Give what the timers of a council's evenings are about: the evenings themselves."""
    return uuid5(NAMESPACE_URL, f"night sheets of {authority}")


def first_sheet(authority: str, made_at: datetime) -> SetTimer:
    """Set the next evening's page."""
    return SetTimer(TimerKind.NIGHT_SHEET, sheets_of(authority), next_evening(made_at, SHEET_AT))


def _placed(event: PlacedNow) -> Consequences:
    params = {
        "reference": event.reference,
        "until": "further notice" if event.ends_on is None else _short_day(event.ends_on),
        "due": short_time(information_due(event.placed_at)),
    }
    return Consequences(
        notices=(
            Notice("placed_tonight", Role.PLACEMENTS, EMAIL, event.call_id, params, f"/referrals/{event.about}"),
            Notice("place_confirmed", event.provider_id, BOTH, event.call_id, params),
        )
    )


def _sheet(event: NightSheetMade) -> Consequences:
    params = {"ready": str(event.ready), "made": short_time(event.made_at), "untested": str(event.untested)}
    notices = [Notice("night_sheet", Role.CARELINE, EMAIL, event.sheet_id, params, "/tonight/sheet")]
    if event.untested and event.for_on.weekday() == MONDAY:
        notices.append(Notice("tests_overdue", Role.QUALITY, EMAIL, event.sheet_id, params, "/tonight/tests"))
    return Consequences((first_sheet(event.authority, event.made_at),), tuple(notices))


def _short_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _standing(
    event: ProviderSuspended | SuspensionLifted | SuspensionEnded | ProviderRemoved | ProviderReadmitted,
) -> Consequences:
    """Tell the firm, without the reason, which is on its own page; each council looks what it has with it (A15)."""
    whom = event.provider_id
    match event:
        case ProviderSuspended():
            params = {
                "starts_on": long_day(event.starts_on),
                "ends_on": long_day(event.ends_on) if event.ends_on else "",
            }
            notice = Notice("provider_suspended", whom, EMAIL, event.suspension_id, params, "/rates")
            lost = SetTimer(TimerKind.STANDING_LOST, event.suspension_id, midnight_of(event.starts_on), everywhere=True)
            if event.ends_on is None:
                return Consequences((lost,), (notice,))
            over = midnight_of(event.ends_on + timedelta(days=1))
            return Consequences((lost, SetTimer(TimerKind.SUSPENSION_ENDS, event.suspension_id, over)), (notice,))
        case ProviderRemoved():
            params = {"removed_on": long_day(event.removed_on)}
            notice = Notice("provider_removed", whom, EMAIL, event.removal_id, params, "/rates")
            return Consequences(
                (SetTimer(TimerKind.STANDING_LOST, event.removal_id, midnight_of(event.removed_on), everywhere=True),),
                (notice,),
            )
        case SuspensionLifted() | SuspensionEnded():
            return Consequences(notices=(Notice("suspension_over", whom, EMAIL, event.suspension_id, {}, "/rates"),))
        case ProviderReadmitted():
            return Consequences(notices=(Notice("provider_readmitted", whom, EMAIL, event.removal_id, {}, "/rates"),))
        case _:
            assert_never(event)


def _prices(event: UpliftProposed | UpliftDecided | SubcontractorNamed | SubcontractorDecided) -> Consequences:
    """Tell who decides, and whoever asked what was decided; a proposal that was taken back tells nobody."""
    match event:
        case UpliftProposed():
            params = {"category": event.category.value, "percent": f"{event.percent:f}"}
            path = f"/providers/{event.provider_id}/rates"
            notice = Notice("uplift_proposed", Role.COMMISSIONER, EMAIL, event.uplift_id, params, path)
        case UpliftDecided():
            if not event.accepted and not event.note:
                return NOTHING
            params = {"accepted": "yes" if event.accepted else ""}
            notice = Notice("uplift_decided", event.provider_id, EMAIL, event.uplift_id, params, "/rates")
        case SubcontractorNamed():
            about = event.subcontractor_id
            params = {"starts_on": long_day(event.starts_on)}
            notice = Notice("subcontractor_named", Role.COMMISSIONER, EMAIL, about, params, "/subcontractors")
        case SubcontractorDecided():
            about, params = event.subcontractor_id, {"consented": "yes" if event.consented else ""}
            notice = Notice("subcontractor_decided", event.provider_id, EMAIL, about, params, "/subcontractors")
        case _:
            assert_never(event)
    return Consequences(notices=(notice,))


def _specification(event: SpecificationProposed | SpecificationDecided) -> Consequences:
    """Ask, or tell, every provider on the register (A19)."""
    path, about = "/specification", event.change_id
    if isinstance(event, SpecificationProposed):
        params = {"answer_by": long_day(event.answer_by), "effective_on": long_day(event.effective_on)}
        return Consequences(
            notices=tuple(Notice("specification_proposed", one, EMAIL, about, params, path) for one in event.asked)
        )
    params = {"state": event.state, "effective_on": long_day(event.effective_on)}
    return Consequences(
        notices=tuple(Notice("specification_decided", one, EMAIL, about, params, path) for one in event.told)
    )


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
