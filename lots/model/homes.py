"""Name homes, rooms and beds, and what keeps a bed taken (A14, DPS spec 3.5; reliability B11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.evidence import Held

PropertyId = NewType("PropertyId", UUID)
RoomId = NewType("RoomId", UUID)
BedId = NewType("BedId", UUID)
HoldId = NewType("HoldId", UUID)
StayId = NewType("StayId", UUID)


class Sharing(StrEnum):
    """Say whether a room is for one person or for more."""

    SINGLE = "single"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Bed:
    """Number one bed of a room, from 1."""

    id: BedId
    number: int


@dataclass(frozen=True, slots=True)
class Room:
    """Describe a room: single with one bed, or shared; step-free or not."""

    id: RoomId
    name: str
    sharing: Sharing
    step_free: bool
    beds: tuple[Bed, ...]

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a room needs a name")
        if sorted(bed.number for bed in self.beds) != list(range(1, len(self.beds) + 1)):
            raise ValueError(f"the beds of {self.name} are numbered from 1 without a gap")
        if (self.sharing is Sharing.SINGLE) != (len(self.beds) == 1):
            raise ValueError(f"a single room has one bed and a shared one more: {self.name} has {len(self.beds)}")


@dataclass(frozen=True, slots=True)
class Property:
    """Describe a home: where it is, what Ofsted calls it, its rooms, and the housing standard evidence held for it."""

    id: PropertyId
    provider_id: UUID
    name: str
    address: str
    outward_code: str
    ofsted_category: int | None
    opened_on: date
    closed_on: date | None
    rooms: tuple[Room, ...]
    evidence: tuple[Held, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a home needs a name")
        if self.ofsted_category not in (None, 1, 2, 3, 4):
            raise ValueError(f"Ofsted categories are 1 to 4, not {self.ofsted_category}")
        if self.closed_on is not None and self.closed_on < self.opened_on:
            raise ValueError(f"a home cannot close on {self.closed_on} before it opens on {self.opened_on}")


class HoldKind(StrEnum):
    """Name what keeps a bed taken."""

    STAY = "stay"
    VOID = "void"


class VoidReason(StrEnum):
    """Name why nobody can sleep in a bed for a while."""

    REPAIRS = "repairs"
    MAINTENANCE = "maintenance"
    COOLING_OFF = "cooling_off"
    FEWER_PEOPLE = "fewer_people"
    HANDING_BACK = "handing_back"


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep a bed taken between two days, both included; no end is until it is said (B11).

    Both ends included, because a placement's last day ends at midnight: nobody is promised a bed in which somebody may
    still sleep. It says neither who nor for which council, so that every council can see that the bed is taken.
    """

    id: HoldId
    bed_id: BedId
    kind: HoldKind
    starts_on: date
    ends_on: date | None
    void_reason: VoidReason | None = None

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"a bed cannot be taken to {self.ends_on} from {self.starts_on}")
        if (self.kind is HoldKind.VOID) != (self.void_reason is not None):
            raise ValueError("a void has a reason, a stay has none")


@dataclass(frozen=True, slots=True)
class Stay:
    """Say for which placement of one council a bed is held; `about` is the referral."""

    authority: str
    id: StayId
    hold: Hold
    provider_id: UUID
    about: UUID
