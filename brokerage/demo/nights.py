"""The demo's homes, beds and nights: who has which, what is empty, who answers, who was called. All made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from brokerage.demo.register import person_id, provider_id
from brokerage.desk.flow.homes import add_home, add_night_contact, void_bed
from brokerage.desk.flow.nights import log_call, log_test_call, make_sheet
from brokerage.desk.work import SYSTEM, Work
from brokerage.people.model import Actor, Role
from lots.model import (
    Bed,
    BedId,
    CallOutcome,
    LinePurpose,
    NightContact,
    NightContactId,
    NightLine,
    Property,
    PropertyId,
    Room,
    RoomId,
    Sharing,
    VoidReason,
)

_SPACE: Final = UUID("2f6d1a54-3c0e-4d0b-8f6c-6a0b8f9d1e77")


@dataclass(frozen=True, slots=True)
class _Home:
    """A home of a firm: single rooms, shared rooms with two beds, how many of the first are step-free."""

    firm: str
    name: str
    code: str
    category: int | None
    singles: int
    doubles: int = 0
    step_free: int = 0


HOMES: Final = (
    _Home("amberside", "Amber Lodge", "DE1", 2, 4, 0, 1),
    _Home("amberside", "Spire View", "DE23", 3, 3, 1),
    _Home("brightwater", "Brook House", "DE21", 2, 5, 0, 2),
    _Home("dovecote", "Dove Cottage", "DE22", 1, 1, 0, 1),
    _Home("dovecote", "The Old Mill", "DE56", 2, 4),
    _Home("fernhill", "Fern Court", "NG9", 2, 3, 1),
    _Home("hawthorn", "Hawthorn House", "DE24", None, 4),
    _Home("ivybank", "Ivy Terrace", "NG7", 3, 6, 0, 1),
    _Home("kingfisher", "Kingfisher Rooms", "DE7", 4, 2),
    _Home("larkrise", "Lark House", "DE55", 2, 3),
)
NUMBERS: Final = (
    ("amberside", "Amir, on call", "07700 900501"),
    ("brightwater", "Night manager", "07700 900502"),
    ("dovecote", "Duty phone", "07700 900503"),
    ("fernhill", "On call", "07700 900504"),
    ("hawthorn", "The house", "07700 900505"),
    ("ivybank", "Night desk", "07700 900506"),
    ("kingfisher", "On call", "07700 900507"),
    ("larkrise", "Duty manager", "07700 900508"),
)

WorkOf = Callable[[Actor], AbstractContextManager[Work]]


def furnish(work_of: WorkOf, since: date) -> None:
    """Give the firms their homes, beds and numbers, as each firm's administrator would."""
    for plan in HOMES:
        with work_of(_admin(plan.firm)) as work:
            add_home(work, _made(plan, since))
    for firm, who, phone in NUMBERS:
        with work_of(_admin(firm)) as work:
            line = NightLine(LinePurpose.EMERGENCY_PLACES, who, phone, time(22), time(9))
            add_night_contact(work, NightContact(contact_id(firm), provider_id(firm), line))
            if firm in {"amberside", "brightwater"}:
                young = NightLine(LinePurpose.YOUNG_PEOPLE, "Support line", phone, time(20), time(8))
                add_night_contact(work, NightContact(contact_id(f"{firm}, young"), provider_id(firm), young))


def live_through(work_of: WorkOf, until: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Give what happened lately, each with its instant: voids, test calls, some failing, calls of a night."""
    careline = Actor(Role.CARELINE, "Carla Careline", "derby-city", person_id("careline"))

    def tries(firm: str, outcome: CallOutcome, note: str) -> Callable[[], None]:
        def deed() -> None:
            with work_of(careline) as work:
                log_test_call(work, contact_id(firm), outcome, note)

        return deed

    def voids(firm: str, home: str, room: int, reason: VoidReason, days: int | None) -> Callable[[], None]:
        def deed() -> None:
            with work_of(_admin(firm)) as work:
                ends_on = None if days is None else work.today + timedelta(days=days)
                void_bed(work, home_id(home), bed_id(home, room), reason, work.today, ends_on)

        return deed

    def call() -> None:
        with work_of(careline) as work:
            log_call(work, contact_id("fernhill"), CallOutcome.FULL, "Two came in this evening; ask again tomorrow")

    for firm, days, outcome in (
        ("amberside", 12, CallOutcome.ANSWERED),
        ("brightwater", 40, CallOutcome.ANSWERED),
        ("dovecote", 8, CallOutcome.ANSWERED),
        ("ivybank", 45, CallOutcome.NO_ANSWER),
        ("ivybank", 9, CallOutcome.NO_ANSWER),
        ("fernhill", 20, CallOutcome.WRONG_NUMBER),
    ):
        yield until - timedelta(days=days), tries(firm, outcome, "")
    yield until - timedelta(days=6), voids("amberside", "Spire View", 2, VoidReason.REPAIRS, 14)
    yield until - timedelta(days=3), voids("ivybank", "Ivy Terrace", 1, VoidReason.COOLING_OFF, None)
    yield until - timedelta(hours=2), call


def begin(work_of: WorkOf, authorities: tuple[str, ...]) -> None:
    """Make tonight's page for each council, which sets the evenings that follow."""
    for key in authorities:
        with work_of(Actor(SYSTEM.role, SYSTEM.name, key)) as work:
            make_sheet(work)


def home_id(name: str) -> PropertyId:
    """Name a home of the demo."""
    return PropertyId(uuid5(_SPACE, f"home:{name}"))


def bed_id(home: str, room: int, bed: int = 1) -> BedId:
    """Name a bed of the demo, by the number of its room."""
    return BedId(uuid5(_SPACE, f"bed:{home}:{room}:{bed}"))


def contact_id(firm: str) -> NightContactId:
    """Name a firm's number for emergency places."""
    return NightContactId(uuid5(_SPACE, f"number:{firm}"))


def _admin(firm: str) -> Actor:
    return Actor(Role.PROVIDER_ADMIN, "The firm's administrator", provider_id=provider_id(firm))


def _made(plan: _Home, since: date) -> Property:
    rooms = tuple(
        Room(
            RoomId(uuid5(_SPACE, f"room:{plan.name}:{number}")),
            f"Room {number}",
            Sharing.SINGLE if number <= plan.singles else Sharing.SHARED,
            number <= plan.step_free,
            tuple(Bed(bed_id(plan.name, number, one), one) for one in range(1, 2 if number <= plan.singles else 3)),
        )
        for number in range(1, plan.singles + plan.doubles + 1)
    )
    address = f"{plan.name}, Made-up Street"
    return Property(
        home_id(plan.name), provider_id(plan.firm), plan.name, address, plan.code, plan.category, since, None, rooms
    )
