"""What is decided about a window: later before the close; given up or published again after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.errors import NotLater, NoWiderCategory, TooFar
from brokerage.competitions.model import Choice, Verb, Window
from brokerage.competitions.rules import deciding, move
from brokerage.competitions.rules.reading import read_closing, read_next, read_reason
from brokerage.desk import flow, views
from brokerage.desk.clock import instants_in_london
from brokerage.desk.flow.decisions import rerun_in_parts
from brokerage.desk.views import CompetitionView
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import read_day

Data = Mapping[str, Any]

LONGER: Final[Mapping[str, timedelta]] = {
    "15": timedelta(minutes=15),
    "30": timedelta(minutes=30),
    "60": timedelta(hours=1),
    "120": timedelta(hours=2),
    "1440": timedelta(hours=24),
}
"""How much longer, in minutes, as the form offers it."""

TIMED: Final[tuple[str, ...]] = (
    "longer",
    "closes_day",
    "closes_month",
    "closes_year",
    "closes_time",
    "which",
    "reason",
)
WIDER: Final = "wider_"
IN_PARTS: Final = "in_parts"


# Later


@page("/competitions/{competition_id:uuid}/extend")
def show_extend(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Ask how much longer, and why."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    with asking.work() as work:
        view, now = views.competition(work, competition_id), work.now
        deciding.runs(view.competition, now)
    return _extend_form(asking, view, now, {}, {})


@form("/competitions/{competition_id:uuid}/extend")
def extend_window(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show the old and the new close to be confirmed; with the confirmation move it, for everybody."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    typed = {name: str(data[name]) for name in TIMED if name in data}
    with asking.work() as work:
        view, now = views.competition(work, competition_id), work.now
        deciding.runs(view.competition, now)
    if "change" in data:
        return _extend_form(asking, view, now, typed, {})
    try:
        if data.get("confirm"):
            closes_at, reason = read_closing(data.get("closes_at")), read_reason(typed.get("reason"))
            with asking.work() as work:
                flow.extend_window(work, competition_id, closes_at, reason)
            return asking.go(f"/competitions/{competition_id}", "Offers close later now. Every provider is told")
        closes_at = _closing(typed, view.competition.window)
        with asking.work() as work:
            flow.check_extension(work, competition_id, closes_at)
    except NotValid as refusal:
        return _extend_form(asking, view, now, typed, _errors(refusal))
    except (NotLater, TooFar) as refusal:
        (message,) = asking.refused_in(refusal).values()
        field = "closes" if typed.get("longer") == "until" else "longer"
        return _extend_form(asking, view, now, typed, {field: message})
    return asking.show("pages/decisions/check_extension.html", view=view, closes_at=closes_at, typed=typed)


def _closing(typed: Data, window: Window) -> datetime:
    """Read when a window shall close, in UTC; a London time that is none, or two, is asked about. Raises NotValid."""
    reader = Reader()
    longer = typed.get("longer", "")
    closes_at = window.closes_at
    if longer in LONGER:
        closes_at += LONGER[longer]
    elif longer == "until":
        closes_at = _until(reader, typed) or closes_at
    else:
        reader.fault("/longer", "Choose how much longer providers have")
    reader.text(typed.get("reason"), "/reason", "The reason", most=2000, least=10)
    reader.done()
    return closes_at


def _until(reader: Reader, typed: Data) -> datetime | None:
    day = read_day(reader, typed, "closes", "The date offers close")
    clock = reader.clock(typed.get("closes_time"), "/closes_time", "The time offers close")
    if day is None or clock is None:
        return None
    found = instants_in_london(day, clock)
    if not found:
        reader.fault("/closes_time", "The clocks go forward that night and leave this time out. Choose another")
        return None
    if len(found) == 1:
        return found[0]
    if typed.get("which") not in {"first", "second"}:
        reader.fault("/which", "The clocks go back that night, so this time comes twice. Choose which one")
        return None
    first, second = found
    return second if typed["which"] == "second" else first


def _extend_form(
    asking: Visit, view: CompetitionView, now: datetime, typed: Data, errors: Mapping[str, str]
) -> Response[Any]:
    closes = view.competition.window.closes_at
    return asking.show_form(
        "pages/decisions/show_extend.html",
        typed,
        errors,
        view=view,
        now=now,
        longer=[(key, closes + span) for key, span in LONGER.items()],
        latest=(max(now, view.competition.window.opens_at) + deciding.LONGEST).astimezone(UTC),
        twice="which" in errors or bool(typed.get("which")),
    )


# Given up


@page("/competitions/{competition_id:uuid}/give-up")
def show_give_up(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Ask why no offer is suitable."""
    asking = visit(request)
    asking.require(Permission.AWARD)
    return _give_up_form(asking, competition_id, {}, {})


@form("/competitions/{competition_id:uuid}/give-up")
def give_up(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """End a competition in which no offer is suitable, and go on to what comes next."""
    asking = visit(request)
    asking.require(Permission.AWARD)
    try:
        reason = read_reason(data.get("reason"))
        with asking.work() as work:
            flow.give_up(work, competition_id, reason)
    except NotValid as refusal:
        return _give_up_form(asking, competition_id, data, _errors(refusal))
    return asking.go(f"/competitions/{competition_id}/next", "No offer is used. Every provider that offered is told")


def _give_up_form(asking: Visit, competition_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.competition(work, competition_id)
    move(view.competition.state, Verb.GIVE_UP)
    return asking.show_form("pages/decisions/show_give_up.html", typed, errors, view=view)


# What next


@page("/competitions/{competition_id:uuid}/next")
def show_next(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Ask what to do after a window without a suitable offer."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    return _next_form(asking, competition_id, {}, {})


@form("/competitions/{competition_id:uuid}/next")
def decide_next(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Record the decision; published again, the new competition is shown."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    try:
        document = _document(data)
        choice, category, reason = read_next(document)
        if document.get("parts"):
            with asking.work() as work:
                _, both = rerun_in_parts(work, competition_id, reason)
            said = "Published in two parts: every provider was invited at this instant"
            return asking.go(f"/referrals/{both[0].referral_id}/competition", said)
        with asking.work() as work:
            _, opened = flow.decide_next(work, competition_id, choice, category, reason)
    except NotValid as refusal:
        return _next_form(asking, competition_id, data, _errors(refusal))
    except NoWiderCategory as refusal:
        (message,) = asking.refused_in(refusal).values()
        return _next_form(asking, competition_id, data, {"choice": message})
    if opened is None:
        return asking.go(
            f"/competitions/{competition_id}/next", "The decision is recorded. Advertise it from the referral"
        )
    return asking.go(f"/competitions/{opened.competition_id}", "Published: every provider was invited at this instant")


def _document(data: Data) -> dict[str, object]:
    """Take a choice such as wider_1.3 apart."""
    choice, reason = str(data.get("choice", "")), data.get("reason")
    if choice.startswith(WIDER):
        return {"choice": Choice.WIDER.value, "category": choice.removeprefix(WIDER), "reason": reason}
    if choice == IN_PARTS:
        return {"choice": Choice.RERUN.value, "parts": "yes", "reason": reason}
    return {"choice": choice, "reason": reason}


def _next_form(asking: Visit, competition_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        found, names = views.next_steps(work, competition_id), views.people(work)
    deciding.decide_next(found.view.competition)
    return asking.show_form("pages/decisions/show_next.html", typed, errors, found=found, view=found.view, names=names)


def _errors(refusal: NotValid) -> dict[str, str]:
    """Put faults to the forms' fields."""
    fields = {"closes_at": "longer", "category": "choice"}
    found = ((fault.pointer.removeprefix("/").partition("/")[0], fault.message) for fault in refusal.faults)
    return {fields.get(name, name): message for name, message in found}


HANDLERS = (show_extend, extend_window, show_give_up, give_up, show_next, decide_next)
