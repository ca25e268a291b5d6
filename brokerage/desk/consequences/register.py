"""What follows from what happens on the register."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from brokerage.desk.clock import next_evening, short_time
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
    ProviderRemoved,
    ProviderSuspended,
    RoomAdded,
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
        case (
            ApplicationStarted()
            | ApplicationSectionSaved()
            | ApplicationSubmitted()
            | ApplicationExtended()
            | ApplicationAssessed()
            | ApplicationAdmitted()
            | ApplicationRefused()
            | ApplicationWithdrawn()
            | UpliftProposed()
            | UpliftDecided()
            | HomeAdded()
            | HomeClosed()
            | RoomAdded()
            | NightContactAdded()
            | BedVoided()
            | VoidEnded()
            | ProviderAdmitted()
            | ProviderSuspended()
            | SuspensionLifted()
            | ProviderRemoved()
            | EvidenceOffered()
            | EvidenceDecided()
            | EvidenceAsked()
            | EvidenceRunsOut()
            | CeilingSet()
            | SubcontractorNamed()
            | SubcontractorDecided()
            | SubcontractorEnded()
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
        "until": "further notice" if event.ends_on is None else _day(event.ends_on),
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


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
