"""What follows from what happens on the register."""

from __future__ import annotations

from typing import assert_never

from brokerage.desk.consequences.model import NOTHING, Consequences
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
            | PlacedNow()
        ):
            return NOTHING
        case _:
            assert_never(event)
