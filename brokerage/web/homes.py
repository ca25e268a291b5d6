"""A provider's homes, rooms and beds; and what a council sees of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.again import again
from brokerage.desk.flow import homes as flow
from brokerage.desk.views import homes as views
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import has_day, read_day
from brokerage.web.problems import KINDS, facts_of, words_of
from lots.errors import BedTaken, NotNow
from lots.model import (
    Bed,
    BedId,
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

NAME_MOST: Final = 120
MOST_BEDS: Final = 8
"""More beds in one room is a slip of the finger."""

Data = Mapping[str, Any]
Answer = Response[Any]


@page("/homes")
def show_homes(request: Request[Any, Any, Any]) -> Answer:
    """List the own firm's homes, and its numbers out of hours."""
    asking = visit(request)
    with asking.work() as work:
        view = views.own_homes(work)
    return asking.show("pages/homes/list.html", view=view, own=True)


@page("/providers/{provider_id:uuid}/homes")
def show_provider_homes(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Answer:
    """Show a council which homes a provider has, and which beds are free on a day."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    query, errors, on = dict(request.query_params), {}, None
    if has_day(query, "on"):
        reader = Reader()
        on = read_day(reader, query, "on", "The day")
        errors = {fault.pointer.removeprefix("/"): fault.message for fault in reader.faults}
    with asking.work() as work:
        view = views.homes_of(work, provider_id, on)
    return asking.show_form("pages/homes/list.html", query, errors, view=view, own=False)


@page("/homes/new")
def show_new_home(request: Request[Any, Any, Any]) -> Answer:
    """Ask for a home."""
    return _new_home(visit(request), {}, {})


@form("/homes/new")
def add_home(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Add a home to the own firm's; its rooms come next."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        home = _home(data, asking.actor.provider_id)
    except NotValid as refusal:
        return _new_home(asking, data, _errors(refusal))
    with asking.work() as work:
        flow.add_home(work, home)
    return asking.go(f"/homes/{home.id}", f"{home.name} is added. Now add its rooms")


@page("/homes/{home_id:uuid}")
def show_home(request: Request[Any, Any, Any], home_id: FromPath[UUID]) -> Answer:
    """Show one of the own homes with its rooms and beds."""
    return _home_page(visit(request), home_id, {}, {})


@form("/homes/{home_id:uuid}/rooms")
def add_room(request: Request[Any, Any, Any], home_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Add a room to one of the own homes."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        room = _room(data)
        with asking.work() as work:
            flow.add_room(work, home_id, room)
    except NotValid as refusal:
        return _home_page(asking, home_id, data, _errors(refusal))
    return asking.go(f"/homes/{home_id}", f"{room.name} is added")


@page("/homes/{home_id:uuid}/close")
def show_close(request: Request[Any, Any, Any], home_id: FromPath[UUID]) -> Answer:
    """Ask for the last day of a home."""
    return _close_page(visit(request), home_id, {}, {})


@form("/homes/{home_id:uuid}/close")
def close_home(
    request: Request[Any, Any, Any], home_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Close one of the own homes after a day."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        with asking.work() as work:
            opened_on = flow.own_home(work, home_id).opened_on
            reader = Reader()
            last = read_day(reader, data, "closed_on", "The last day")
            if last is not None and last < opened_on:
                reader.fault("/closed_on", "The last day must not be before the home opened")
            reader.done()
            assert last is not None  # the reader has no faults
            flow.close_home(work, home_id, last)
    except NotValid as refusal:
        return _close_page(asking, home_id, data, _errors(refusal))
    return asking.go(f"/homes/{home_id}", "The last day is kept. Nobody new moves in after it")


@page("/homes/{home_id:uuid}/beds/{bed_id:uuid}")
def show_bed(request: Request[Any, Any, Any], home_id: FromPath[UUID], bed_id: FromPath[UUID]) -> Answer:
    """Show one bed: who has it, by number only, and when nobody can."""
    return _bed_page(visit(request), home_id, bed_id, {}, {})


@form("/homes/{home_id:uuid}/beds/{bed_id:uuid}/void")
def void_bed(
    request: Request[Any, Any, Any],
    home_id: FromPath[UUID],
    bed_id: FromPath[UUID],
    data: URLEncodedBody[dict[str, Any]],
) -> Answer:
    """Keep a bed empty for a while."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        reader = Reader()
        starts_on = read_day(reader, data, "starts_on", "The first day")
        ends_on = read_day(reader, data, "ends_on", "The last day") if has_day(data, "ends_on") else None
        reason = reader.choice(data.get("reason"), "/reason", "Why nobody can sleep in it", VoidReason)
        if starts_on is not None and ends_on is not None and ends_on < starts_on:
            reader.fault("/ends_on", "The last day must not be before the first")
        reader.done()
        assert starts_on is not None  # the reader has no faults
        assert reason is not None
    except NotValid as refusal:
        return _bed_page(asking, home_id, bed_id, data, _errors(refusal))

    def deed() -> object:
        with asking.work() as work:
            return flow.void_bed(work, home_id, bed_id, reason, starts_on, ends_on)

    try:
        again(deed)
    except BedTaken as refusal:
        return _bed_page(asking, home_id, bed_id, data, {"starts_on": _said(asking, refusal)})
    return asking.go(f"/homes/{home_id}", "The bed is not offered on these days")


@form("/homes/{home_id:uuid}/beds/{bed_id:uuid}/void/{hold_id:uuid}")
def end_void(
    request: Request[Any, Any, Any],
    home_id: FromPath[UUID],
    bed_id: FromPath[UUID],
    hold_id: FromPath[UUID],
    data: URLEncodedBody[dict[str, Any]],
) -> Answer:
    """Say which day is the last on which nobody can sleep in the bed."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    reader = Reader()
    last = read_day(reader, data, "void_ends_on", "The last day")
    if reader.faults or last is None:
        return _bed_page(asking, home_id, bed_id, data, _errors(NotValid(tuple(reader.faults))))

    def deed() -> object:
        with asking.work() as work:
            return flow.end_void(work, home_id, bed_id, hold_id, last)

    try:
        again(deed)
    except (BedTaken, NotNow) as refusal:
        return _bed_page(asking, home_id, bed_id, data, {"void_ends_on": _said(asking, refusal)})
    return asking.go(f"/homes/{home_id}", "The bed is free from the day after")


@page("/homes/numbers/new")
def show_new_number(request: Request[Any, Any, Any]) -> Answer:
    """Ask for a number out of hours."""
    return _new_number(visit(request), {}, {})


@form("/homes/numbers/new")
def add_night_contact(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Give one more number out of hours."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        line = _line(data)
    except NotValid as refusal:
        return _new_number(asking, data, _errors(refusal))
    firm = asking.actor.provider_id
    assert firm is not None  # only a provider's user manages a firm
    with asking.work() as work:
        flow.add_night_contact(work, NightContact(NightContactId(uuid4()), firm, line))
    return asking.go("/homes", "The number is added. The Careline sees it from now on")


def _new_home(asking: Visit, values: Data, errors: Mapping[str, str]) -> Answer:
    asking.require(Permission.MANAGE_FIRM)
    return asking.show_form("pages/homes/new.html", values, errors)


def _new_number(asking: Visit, values: Data, errors: Mapping[str, str]) -> Answer:
    asking.require(Permission.MANAGE_FIRM)
    return asking.show_form("pages/homes/number.html", values, errors)


def _home_page(asking: Visit, home_id: UUID, values: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view = views.home(work, home_id)
    return asking.show_form("pages/homes/home.html", values, errors, view=view)


def _close_page(asking: Visit, home_id: UUID, values: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view = views.home(work, home_id)
    return asking.show_form("pages/homes/close.html", values, errors, view=view)


def _bed_page(asking: Visit, home_id: UUID, bed_id: UUID, values: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        one = views.bed(work, home_id, bed_id)
    return asking.show_form("pages/homes/bed.html", values, errors, one=one)


def _home(data: Data, provider_id: UUID | None) -> Property:
    reader = Reader()
    name = reader.text(data.get("name"), "/name", "The name of the home", most=NAME_MOST, least=1)
    address = reader.text(data.get("address"), "/address", "The address", most=300, least=1)
    code = reader.outward_code(data.get("outward_code"), "/outward_code", "The area")
    raw = str(data.get("ofsted_category", ""))
    if raw not in {"", "none", "1", "2", "3", "4"}:
        reader.fault("/ofsted_category", "Choose the Ofsted category of the home")
    opened_on = read_day(reader, data, "opened_on", "The first day")
    reader.done()
    assert opened_on is not None  # the reader has no faults
    assert provider_id is not None  # only a provider's user manages a firm
    category = int(raw) if raw.isdigit() else None
    return Property(PropertyId(uuid4()), provider_id, name, address, code, category, opened_on, None, ())


def _room(data: Data) -> Room:
    reader = Reader()
    name = reader.text(data.get("name"), "/name", "The name of the room", most=NAME_MOST, least=1)
    beds = reader.count(data.get("beds"), "/beds", "The number of beds", least=1, most=MOST_BEDS)
    reader.done()
    sharing = Sharing.SINGLE if beds == 1 else Sharing.SHARED
    made = tuple(Bed(BedId(uuid4()), number) for number in range(1, beds + 1))
    return Room(RoomId(uuid4()), name, sharing, bool(data.get("step_free")), made)


def _line(data: Data) -> NightLine:
    reader = Reader()
    purpose = reader.choice(data.get("purpose"), "/purpose", "What the number is for", LinePurpose)
    who = reader.text(data.get("who"), "/who", "Who answers", most=NAME_MOST, least=1)
    phone = reader.text(data.get("phone"), "/phone", "The telephone number", most=30, least=1)
    if phone and not all(one.isdigit() or one in " +()-" for one in phone):
        reader.fault("/phone", "The telephone number must be in figures, such as 01632 960123")
    opens = reader.clock(data.get("opens"), "/opens", "The time from which it is answered")
    closes = reader.clock(data.get("closes"), "/closes", "The time to which it is answered")
    reader.done()
    assert purpose is not None  # the reader has no faults
    assert opens is not None
    assert closes is not None
    return NightLine(purpose, who, phone, opens, closes)


def _said(asking: Visit, refusal: Exception) -> str:
    words = words_of(asking.house.env, KINDS[type(refusal)].slug, facts_of(refusal))
    return f"{words.title}. {words.happened}"


def _errors(refusal: NotValid) -> dict[str, str]:
    return {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}


HANDLERS = (
    show_homes,
    show_provider_homes,
    show_new_home,
    add_home,
    show_home,
    add_room,
    show_close,
    close_home,
    show_bed,
    void_bed,
    end_void,
    show_new_number,
    add_night_contact,
)
