"""A calendar at a secret address: days and references, never a name (A31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from icalendar import Calendar, Event
from litestar import Request, Response
from litestar.params import FromPath

from brokerage.desk.views.lives import calendar
from brokerage.desk.work import SYSTEM
from brokerage.people import rules, store
from brokerage.people.errors import NoSuchFeed
from brokerage.people.model import Permission
from brokerage.web.auth import form, house_of, page, visit


@page("/calendar")
def show_calendar(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show whether the asker has a calendar address, to make or withdraw one."""
    asking = visit(request)
    asking.require(Permission.SEE_AGREEMENT)
    with asking.work() as work:
        made_at = store.feed_made_at(work.db, asking.actor.person_id) if asking.actor.person_id else None
    return asking.show("pages/calendar/show_calendar.html", made_at=made_at, address=None)


@form("/calendar")
def make_feed(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make a new address, shown once; the one before stops to work."""
    asking = visit(request)
    asking.require(Permission.SEE_AGREEMENT)
    person_id = asking.actor.person_id
    assert person_id is not None  # a form needs a session, and that is a person's
    secret = rules.new_secret()
    with asking.work() as work:
        store.make_feed(work.db, rules.digest(secret), person_id, work.now)
        made_at = work.now
    address = f"{asking.house.settings.public_url}/calendar/{secret}.ics"
    return asking.show("pages/calendar/show_calendar.html", made_at=made_at, address=address)


@form("/calendar/withdrawal")
def withdraw_feed(request: Request[Any, Any, Any]) -> Response[Any]:
    """Withdraw the asker's address: it stops to work at once."""
    asking = visit(request)
    person_id = asking.actor.person_id
    assert person_id is not None  # a form needs a session, and that is a person's
    with asking.work() as work:
        store.withdraw_feed(work.db, person_id)
    return asking.go("/calendar", "The calendar address is withdrawn. It stopped to work")


@page("/calendar/{address:str}")
def read_feed(request: Request[Any, Any, Any], address: FromPath[str]) -> Response[Any]:
    """Give the calendar of whoever the secret address belongs to. Raises NoSuchFeed."""
    house = house_of(request)
    secret = address.removesuffix(".ics")
    with house.desk.work(SYSTEM) as work:
        person = store.person_of_feed(work.db, rules.digest(secret))
    if person is None or not address.endswith(".ics") or not rules.may(person.actor, Permission.SEE_AGREEMENT):
        raise NoSuchFeed
    found = Calendar()
    found.add("prodid", "-//Placement brokerage//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", "Placements")
    with house.desk.work(person.actor) as work:
        for one in calendar(work):
            event = Event()
            event.add("uid", f"{one.key}@placements")
            event.add("dtstamp", work.now)
            event.add("dtstart", one.on)
            event.add("dtend", one.on + timedelta(days=1))
            event.add("summary", one.text)
            event.add("url", f"{house.settings.public_url}/agreements/{one.agreement_id}")
            event.add("transp", "TRANSPARENT")
            found.add_component(event)
    return Response(
        found.to_ical().decode(),
        media_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "no-store", "Content-Disposition": 'inline; filename="placements.ics"'},
    )


HANDLERS = (show_calendar, make_feed, withdraw_feed)
LINK_HANDLERS = (read_feed,)
