"""How a placement ends: with notice, at once, or on the day that was agreed (A34, S18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import ends as flow
from brokerage.desk.proposals import EndKind, read_termination
from brokerage.desk.views import ends as views
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import day_values, errors_of, typed_day
from placements.errors import PlacementsError
from placements.store import PLANNED

Data = Mapping[str, Any]

DAYS: Final = {"served_on": "The day the notice was served", "ends_on": "The last day"}
TYPED: Final = (
    *("reason", "options_explored", "expected", "move_on"),
    *(f"{name}_{part}" for name in DAYS for part in ("day", "month", "year")),
)


@page("/agreements/{agreement_id:uuid}/notice")
def show_notice(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Ask for what a notice needs; once given, show it."""
    asking = visit(request)
    with asking.work() as work:
        today = work.today
    return _form(asking, agreement_id, "notice", day_values("served_on", today), {})


@form("/agreements/{agreement_id:uuid}/notice")
def give_notice(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show what a notice would do; with the confirmation give it."""
    asking = visit(request)
    typed = {name: str(data[name]) for name in TYPED if name in data}
    if "change" in data:
        return _form(asking, agreement_id, "notice", typed, {})
    try:
        with asking.work() as work:
            found = views.end_page(work, agreement_id)
            asked = read_termination(_document(typed, EndKind.NOTICE), work.today)
            assert asked.served_on is not None  # a notice was served on a day
            if data.get("confirm"):
                event = flow.give_notice(
                    work, agreement_id, asked.reason, asked.served_on, asked.options, asked.expected
                )
                last_on = f"{event.last_on.day} {event.last_on:%B %Y}"
                return asking.go(
                    f"/agreements/{agreement_id}/notice", f"Notice is given. The last day is {last_on}. Both are told"
                )
            options, effect = flow.check_notice(work, agreement_id, asked.reason, asked.served_on, asked.options)
    except NotValid as refusal:
        return _form(asking, agreement_id, "notice", typed, errors_of(refusal))
    except PlacementsError as refusal:
        return _form(asking, agreement_id, "notice", typed, _beside(asking, refusal))
    return asking.show(
        "pages/ends/check_end.html",
        page=found,
        asked=asked,
        options=options,
        effect=effect,
        typed=typed,
        door="notice",
    )


@page("/agreements/{agreement_id:uuid}/end")
def show_end(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Ask how a placement ends without notice, or that its last day came; once ended, show how."""
    asking = visit(request)
    with asking.work() as work:
        found = views.end_page(work, agreement_id)
        on = min(work.today, found.agreement.last_day)
    return _form(asking, agreement_id, "end", day_values("ends_on", on), {})


@form("/agreements/{agreement_id:uuid}/end")
def end_agreement(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show what an end would do; with the confirmation record it."""
    asking = visit(request)
    typed = {name: str(data[name]) for name in TYPED if name in data}
    if "change" in data:
        return _form(asking, agreement_id, "end", typed, {})
    kind = EndKind.PLANNED if typed.get("reason") == PLANNED else EndKind.EARLY
    try:
        with asking.work() as work:
            found = views.end_page(work, agreement_id)
            asked = read_termination(_document(typed, kind), work.today)
            if data.get("confirm"):
                flow.end_agreement(work, agreement_id, asked.reason, asked.ends_on, asked.move_on, asked.expected)
                return asking.go(f"/agreements/{agreement_id}/end", "The placement has ended. Both parties are told")
            effect = flow.check_end(work, agreement_id, asked.reason, asked.ends_on)
    except NotValid as refusal:
        return _form(asking, agreement_id, "end", typed, errors_of(refusal))
    except PlacementsError as refusal:
        return _form(asking, agreement_id, "end", typed, _beside(asking, refusal))
    return asking.show(
        "pages/ends/check_end.html", page=found, asked=asked, options=(), effect=effect, typed=typed, door="end"
    )


def _form(asking: Visit, agreement_id: UUID, door: str, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    """Show the form of one door, or how it ended where nothing is left to ask."""
    with asking.work() as work:
        found = views.end_page(work, agreement_id)
    done = found.ending is not None or (door == "notice" and found.notice is not None)
    if not done and not found.parties.acts:
        raise NotAllowed(Permission.END_AGREEMENT, asking.actor.role)
    template = "pages/ends/show_ending.html" if done and not errors else "pages/ends/show_end.html"
    return asking.show_form(template, typed, errors, page=found, door=door)


def _document(typed: Data, kind: EndKind) -> dict[str, object]:
    """Write what was typed as the API would send it. Raises NotValid for a day that is none."""
    reader = Reader()
    document: dict[str, object] = {"kind": kind.value} | {
        name: typed[name] for name in ("reason", "options_explored", "expected", "move_on") if name in typed
    }
    wanted = "served_on" if kind is EndKind.NOTICE else "ends_on"
    document[wanted] = typed_day(reader, typed, wanted, DAYS[wanted])
    if kind is not EndKind.NOTICE and not document[wanted]:
        reader.fault(f"/{wanted}", "Enter the last day")
    reader.done()
    return document


def _beside(asking: Visit, refusal: PlacementsError) -> dict[str, str]:
    """Say a refusal beside the box that it is about; one that is about no box is raised on."""
    ((name, message),) = asking.refused_in(refusal).items()
    wanted = "served_on" if asking.request.url.path.endswith("/notice") else "ends_on"
    fields = {"options": "options_explored", "on": wanted, "ended_on": "ends_on"}
    return {fields.get(name, name): message}


HANDLERS = (show_notice, give_notice, show_end, end_agreement)
