"""Say what has happened to homes and beds, and out of hours (A17, B11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lots.model import (
    BedId,
    CallId,
    CallKind,
    CallOutcome,
    HoldId,
    LinePurpose,
    NightContactId,
    NightSheetId,
    PropertyId,
    ProviderId,
    RoomId,
    StayId,
)


@dataclass(frozen=True, slots=True)
class HomeAdded:
    """A provider has one more home."""

    provider_id: ProviderId
    property_id: PropertyId
    beds: int


@dataclass(frozen=True, slots=True)
class RoomAdded:
    """A home has one more room."""

    provider_id: ProviderId
    property_id: PropertyId
    room_id: RoomId
    beds: int


@dataclass(frozen=True, slots=True)
class HomeClosed:
    """A home's last day was set; nobody new is housed in it after."""

    property_id: PropertyId
    closed_on: date


@dataclass(frozen=True, slots=True)
class BedsHeld:
    """Beds were taken for a referral (B11, B13)."""

    authority: str
    provider_id: ProviderId
    stays: tuple[StayId, ...]
    beds: tuple[BedId, ...]
    about: UUID
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class StayEnded:
    """A stay's last day was set; the bed is free from the day after."""

    authority: str
    stay_id: StayId
    bed_id: BedId
    ends_on: date


@dataclass(frozen=True, slots=True)
class StayFreed:
    """A stay that had not begun was given up."""

    authority: str
    stay_id: StayId
    bed_id: BedId


@dataclass(frozen=True, slots=True)
class BedVoided:
    """A bed cannot be slept in for a while."""

    provider_id: ProviderId
    bed_id: BedId
    hold_id: HoldId
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class VoidEnded:
    """A void's last day was set."""

    bed_id: BedId
    hold_id: HoldId
    ends_on: date


@dataclass(frozen=True, slots=True)
class NightContactAdded:
    """A provider gave one more number out of hours (A17)."""

    provider_id: ProviderId
    contact_id: NightContactId
    purpose: LinePurpose


@dataclass(frozen=True, slots=True)
class CallLogged:
    """A provider's number was called out of hours, for a young person or to try it (A17)."""

    authority: str
    call_id: CallId
    provider_id: ProviderId
    contact_id: NightContactId
    kind: CallKind
    outcome: CallOutcome
    called_at: datetime


@dataclass(frozen=True, slots=True)
class PlacedNow:
    """The Careline placed somebody for tonight by telephone; the paperwork follows (3.3.5, A17, A25)."""

    authority: str
    provider_id: ProviderId
    stays: tuple[StayId, ...]
    beds: tuple[BedId, ...]
    call_id: CallId
    about: UUID
    reference: str
    placed_at: datetime
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class NightSheetMade:
    """The page of an evening was made: how many providers can, and how many numbers wait for their test call (A17)."""

    authority: str
    sheet_id: NightSheetId
    for_on: date
    made_at: datetime
    digest: str
    ready: int
    untested: int
