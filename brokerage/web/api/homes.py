"""Homes, rooms and beds, for other systems."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Request, Response
from litestar.params import FromPath, FromQuery, JSONBody

from brokerage.desk.flow import homes as flow
from brokerage.desk.views import homes as views
from brokerage.desk.views.homes import HomesView, HomeView
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import Fault, NotValid, Reader
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from lots import store as lots
from lots.model import Bed, BedId, Property, PropertyId, Room, RoomId, Sharing, VoidReason

MOST_ROOMS: Final = 60
MOST_BEDS: Final = 8


class RoomBody(Strict):
    """A room: single with one bed, shared with more."""

    name: str
    beds: int = 1
    step_free: bool = False


class HomeBody(Strict):
    """A home with its rooms; `ofsted_category` 1 to 4, or none: then nobody under 18."""

    name: str
    address: str
    outward_code: str
    opened_on: date
    ofsted_category: int | None = None
    rooms: tuple[RoomBody, ...] = ()


class VoidBody(Strict):
    """Days on which nobody can sleep in a bed, both included; no last day is until it is said."""

    reason: str
    starts_on: date
    ends_on: date | None = None


@read("/homes")
def show_homes(
    request: Request[Any, Any, Any], provider: FromQuery[UUID | None] = None, on: FromQuery[date | None] = None
) -> Response[str]:
    """List homes with beds and whether each is free on a day: a provider's own; for staff one provider's, or all."""
    asking = visit(request)
    with asking.work() as work:
        if asking.actor.role.of_provider:
            return reply({"homes": _homes(views.own_homes(work))})
        work.require(Permission.SEE_REGISTER)
        firms = [provider] if provider is not None else sorted(lots.homes(work.db), key=str)
        return reply({"homes": [home for firm in firms for home in _homes(views.homes_of(work, firm, on))]})


@write("/homes", status_code=201)
def add_home(request: Request[Any, Any, Any], data: JSONBody[HomeBody]) -> Response[str]:
    """Add a home with its rooms to the own firm's."""

    def deed(work: Work) -> tuple[int, Any]:
        firm = flow.own_firm(work)
        home = _home(data, firm)
        flow.add_home(work, home)
        return 201, _shape(views.home(work, home.id))

    return once(request, deed)


@write("/homes/{home_id:uuid}/beds/{bed_id:uuid}/voids", status_code=201)
def void_bed(
    request: Request[Any, Any, Any], home_id: FromPath[UUID], bed_id: FromPath[UUID], data: JSONBody[VoidBody]
) -> Response[str]:
    """Keep one of the own beds empty for a while."""

    def deed(work: Work) -> tuple[int, Any]:
        reader = Reader()
        reason = reader.choice(data.reason, "/reason", "The reason", VoidReason)
        if data.ends_on is not None and data.ends_on < data.starts_on:
            reader.fault("/ends_on", "The last day must not be before the first")
        reader.done()
        assert reason is not None  # the reader has no faults
        event = flow.void_bed(work, home_id, bed_id, reason, data.starts_on, data.ends_on)
        return 201, {"id": event.hold_id, "bed_id": bed_id, "starts_on": data.starts_on, "ends_on": data.ends_on}

    return once(request, deed)


def _home(data: HomeBody, provider_id: UUID) -> Property:
    reader = Reader()
    name = reader.text(data.name, "/name", "The name", most=120, least=1)
    address = reader.text(data.address, "/address", "The address", most=300, least=1)
    code = reader.outward_code(data.outward_code, "/outward_code", "The area")
    if data.ofsted_category not in (None, 1, 2, 3, 4):
        reader.fault("/ofsted_category", "Ofsted categories are 1 to 4")
    if len(data.rooms) > MOST_ROOMS:
        reader.fault("/rooms", f"A home has at most {MOST_ROOMS} rooms")
    rooms = []
    for place, one in enumerate(data.rooms[:MOST_ROOMS]):
        title = reader.text(one.name, f"/rooms/{place}/name", "The name of the room", most=120, least=1)
        if not 1 <= one.beds <= MOST_BEDS:
            reader.fault(f"/rooms/{place}/beds", f"A room has 1 to {MOST_BEDS} beds")
        elif title:
            beds = tuple(Bed(BedId(uuid4()), number) for number in range(1, one.beds + 1))
            sharing = Sharing.SINGLE if one.beds == 1 else Sharing.SHARED
            rooms.append(Room(RoomId(uuid4()), title, sharing, one.step_free, beds))
    reader.done()
    try:
        return Property(
            PropertyId(uuid4()),
            provider_id,
            name,
            address,
            code,
            data.ofsted_category,
            data.opened_on,
            None,
            tuple(rooms),
        )
    except ValueError as wrong:
        raise NotValid((Fault("", str(wrong)),)) from None


def _homes(view: HomesView) -> list[dict[str, Any]]:
    return [_shape(one) for one in view.homes]


def _shape(view: HomeView) -> dict[str, Any]:
    home = view.home
    return {
        "id": home.id,
        "provider_id": home.provider_id,
        "name": home.name,
        "outward_code": home.outward_code,
        "ofsted_category": home.ofsted_category,
        "opened_on": home.opened_on,
        "closed_on": home.closed_on,
        "nobody_new": view.gap or None,
        "on": view.on,
        "free": view.free,
        "rooms": [
            {
                "id": room.room.id,
                "name": room.room.name,
                "sharing": room.room.sharing,
                "step_free": room.room.step_free,
                "beds": [
                    {
                        "id": bed.bed.id,
                        "number": bed.bed.number,
                        "free": bed.free,
                        "taken": [
                            {
                                "kind": one.hold.kind,
                                "starts_on": one.hold.starts_on,
                                "ends_on": one.hold.ends_on,
                                "reference": one.reference or None,
                            }
                            for one in bed.holds
                        ],
                    }
                    for bed in room.beds
                ],
            }
            for room in view.rooms
        ],
    }


HANDLERS = (show_homes, add_home, void_bed)
