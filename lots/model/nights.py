"""Name who answers out of hours, who was called, and who can take a young person tonight (DPS spec 3.3.6, A17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from lots.model.catalogue import CategoryCode
from lots.model.homes import BedId, Property
from lots.model.register import Eligible, Exclusion

NightContactId = NewType("NightContactId", UUID)
CallId = NewType("CallId", UUID)
NightSheetId = NewType("NightSheetId", UUID)

EVERY_DAY = frozenset(range(7))


class LinePurpose(StrEnum):
    """Name what a number is for (3.3.6)."""

    YOUNG_PEOPLE = "young_people"
    EMERGENCY_PLACES = "emergency_places"


@dataclass(frozen=True, slots=True)
class NightLine:
    """Give a number and the London clock times at which it is answered, from one to before the other.

    Hours may run over midnight; they belong to the weekday (0 is Monday) on which they begin. The same time twice is
    round the clock.
    """

    purpose: LinePurpose
    who: str
    phone: str
    opens: time
    closes: time
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.who.strip() or not self.phone.strip():
            raise ValueError("an out-of-hours contact has a name and a number")
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("hours are clock times in London, without a zone")
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError(f"weekdays are 0 to 6, not {sorted(self.weekdays)}")


@dataclass(frozen=True, slots=True)
class NightContact:
    """Hold a provider's number on the register."""

    id: NightContactId
    provider_id: UUID
    line: NightLine


class CallKind(StrEnum):
    """Tell a call for a young person from one that tries whether the number answers."""

    REAL = "real"
    TEST = "test"


class CallOutcome(StrEnum):
    """Name what came of a call."""

    CAN_TAKE = "can_take"
    FULL = "full"
    CANNOT_TAKE = "cannot_take"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one call of a council to a provider's number, and who made it.

    Once somebody was placed on its word, `about` is the referral and `placed_at` the instant.
    """

    authority: str
    id: CallId
    provider_id: UUID
    contact_id: NightContactId
    kind: CallKind
    called_at: datetime
    outcome: CallOutcome
    note: str = ""
    about: UUID | None = None
    by: UUID | None = None
    placed_at: datetime | None = None

    def __post_init__(self) -> None:
        places = {CallOutcome.CAN_TAKE, CallOutcome.FULL, CallOutcome.CANNOT_TAKE}
        if self.kind is CallKind.TEST and (self.outcome in places or self.about is not None):
            raise ValueError("a test call asks for no place")


@dataclass(frozen=True, slots=True)
class FreeBed:
    """Point at a bed that is free, in its home and room; `miles` is None where a code is not in the table."""

    bed_id: BedId
    property: Property
    room: str
    single: bool
    step_free: bool
    miles: Decimal | None


@dataclass(frozen=True, slots=True)
class Ready:
    """Hold a provider that can take a young person tonight: its price, who answers now, and its free beds."""

    eligible: Eligible
    lines: tuple[NightContact, ...]
    beds: tuple[FreeBed, ...]

    @property
    def miles(self) -> Decimal | None:
        """Give the miles to its nearest free bed."""
        return self.beds[0].miles


@dataclass(frozen=True, slots=True)
class Tonight:
    """Hold every provider of the register once: who can, nearest first, and who cannot, with the reason."""

    ready: tuple[Ready, ...]
    cannot: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class ReadyIn:
    """Hold a provider that can take a young person tonight, and in which of the categories that were asked."""

    ready: Ready
    categories: tuple[CategoryCode, ...]


@dataclass(frozen=True, slots=True)
class TonightIn:
    """Hold what several categories give together: every provider once."""

    ready: tuple[ReadyIn, ...]
    cannot: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """Say how a number stands with one council's test calls (A17).

    `due_on` is the day by which it is tried next, None where it never was: that is due at once. `failures` are the
    tries since it was last answered.
    """

    contact: NightContact
    last: Call | None
    due_on: date | None
    failures: int


@dataclass(frozen=True, slots=True)
class NightSheet:
    """Hold the page of one evening, as a whole file that needs no network (A17)."""

    authority: str
    id: NightSheetId
    for_on: date
    made_at: datetime
    html: str
