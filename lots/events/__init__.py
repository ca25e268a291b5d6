"""Say what has happened on the register.

The register is shared: an event without an authority stands in the record of the council that acts.
"""

from lots.events.homes import (
    BedsHeld,
    BedVoided,
    CallLogged,
    HomeAdded,
    HomeClosed,
    PlacedNow,
    StayEnded,
    StayFreed,
    VoidEnded,
)
from lots.events.joining import (
    ApplicationAdmitted,
    ApplicationAssessed,
    ApplicationExtended,
    ApplicationRefused,
    ApplicationSectionSaved,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from lots.events.prices import (
    CeilingSet,
    SubcontractorDecided,
    SubcontractorEnded,
    SubcontractorNamed,
    UpliftDecided,
    UpliftProposed,
)
from lots.events.specification import SpecificationAnswered, SpecificationDecided, SpecificationProposed
from lots.events.standing import (
    EvidenceAsked,
    EvidenceDecided,
    EvidenceOffered,
    EvidenceRunsOut,
    ProviderAdmitted,
    ProviderReadmitted,
    ProviderRemoved,
    ProviderSuspended,
    SuspensionEnded,
    SuspensionLifted,
)

__all__ = [
    "ApplicationAdmitted",
    "ApplicationAssessed",
    "ApplicationExtended",
    "ApplicationRefused",
    "ApplicationSectionSaved",
    "ApplicationStarted",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "BedVoided",
    "BedsHeld",
    "CallLogged",
    "CeilingSet",
    "EvidenceAsked",
    "EvidenceDecided",
    "EvidenceOffered",
    "EvidenceRunsOut",
    "HomeAdded",
    "HomeClosed",
    "PlacedNow",
    "ProviderAdmitted",
    "ProviderReadmitted",
    "ProviderRemoved",
    "ProviderSuspended",
    "SpecificationAnswered",
    "SpecificationDecided",
    "SpecificationProposed",
    "StayEnded",
    "StayFreed",
    "SubcontractorDecided",
    "SubcontractorEnded",
    "SubcontractorNamed",
    "SuspensionEnded",
    "SuspensionLifted",
    "UpliftDecided",
    "UpliftProposed",
    "VoidEnded",
]
