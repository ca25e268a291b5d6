"""What follows from what happens on the register."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from brokerage.desk.clock import LONDON, next_evening, short_time
from brokerage.desk.consequences.model import BOTH, EMAIL, NOTHING, Consequences, Notice, SetTimer, TimerKind
from brokerage.people.model import Role
from lots.events import (
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
    EvidenceAsked,
    EvidenceDecided,
    EvidenceOffered,
    EvidenceRunsOut,
    HomeAdded,
    HomeClosed,
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

Shared = (
    ApplicationStarted
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

FULL_INFORMATION: Final = timedelta(hours=72)
"""Within so long after an emergency placement the provider has the full information (3.3.5, A25)."""

MONDAY: Final = 0
"""The quality officer is told once a week which numbers wait for their test call."""


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case ProviderSuspended() | SuspensionLifted() | SuspensionEnded() | ProviderRemoved() | ProviderReadmitted():
            return _standing(event)
        case UpliftProposed() | UpliftDecided() | SubcontractorNamed() | SubcontractorDecided():
            return _prices(event)
        case SpecificationProposed() | SpecificationDecided():
            return _specification(event)
        case (
            ApplicationStarted()
            | ApplicationSectionSaved()
            | ApplicationSubmitted()
            | ApplicationExtended()
            | ApplicationAssessed()
            | ApplicationAdmitted()
            | ApplicationRefused()
            | ApplicationWithdrawn()
            | HomeAdded()
            | HomeClosed()
            | RoomAdded()
            | NightContactAdded()
            | BedVoided()
            | VoidEnded()
            | ProviderAdmitted()
            | EvidenceOffered()
            | EvidenceDecided()
            | EvidenceAsked()
            | EvidenceRunsOut()
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
        "due": short_time(event.placed_at + FULL_INFORMATION),
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
            params = {"starts_on": _day(event.starts_on), "ends_on": _day(event.ends_on) if event.ends_on else ""}
            notice = Notice("provider_suspended", whom, EMAIL, event.suspension_id, params, "/rates")
            lost = SetTimer(TimerKind.STANDING_LOST, event.suspension_id, _midnight(event.starts_on), everywhere=True)
            if event.ends_on is None:
                return Consequences((lost,), (notice,))
            over = _midnight(event.ends_on + timedelta(days=1))
            return Consequences((lost, SetTimer(TimerKind.SUSPENSION_ENDS, event.suspension_id, over)), (notice,))
        case ProviderRemoved():
            params = {"removed_on": _day(event.removed_on)}
            notice = Notice("provider_removed", whom, EMAIL, event.removal_id, params, "/rates")
            return Consequences(
                (SetTimer(TimerKind.STANDING_LOST, event.removal_id, _midnight(event.removed_on), everywhere=True),),
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
            params = {"starts_on": _day(event.starts_on)}
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
        params = {"answer_by": _day(event.answer_by), "effective_on": _day(event.effective_on)}
        return Consequences(
            notices=tuple(Notice("specification_proposed", one, EMAIL, about, params, path) for one in event.asked)
        )
    params = {"state": event.state, "effective_on": _day(event.effective_on)}
    return Consequences(
        notices=tuple(Notice("specification_decided", one, EMAIL, about, params, path) for one in event.told)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
