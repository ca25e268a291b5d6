"""Changes of the specification: read and answered by every firm, authorised by a chief officer (A19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import specification as flow
from brokerage.desk.flow.standing import require_keeper
from brokerage.desk.views import specification as views
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of
from brokerage.web.register.typed import read_answer, read_change, read_decision, reason_of, with_days
from lots.errors import ConsultationTooShort

Data = Mapping[str, Any]
CLAUSES = 4
"""Clauses on the form at first; more come with "Add another clause"."""


@page("/specification")
def show_specification(request: Request[Any, Any, Any]) -> Response[Any]:
    """List the changes: what is asked about, what holds, what is to come."""
    asking = visit(request)
    with asking.work() as work:
        found, today = views.changes(work), work.today
    return asking.show(
        "pages/specification/show_specification.html",
        found=found,
        today=today,
        may_propose=may(asking.actor, Permission.CHANGE_SPECIFICATION),
    )


@page("/specification/propose")
def show_propose_change(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask for the clauses, the reason and the days."""
    return _propose(visit(request), {}, {})


@form("/specification/propose")
def propose_change(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Put the change to every provider on the register."""
    asking = visit(request)
    asking.require(Permission.CHANGE_SPECIFICATION)
    if "more" in data:
        return _propose(asking, data, {})
    clauses = [
        {"number": data.get(f"clause_{place}"), "words": data.get(f"words_{place}")} for place in range(_places(data))
    ]
    try:
        new = read_change({**with_days(data, "answer_by", "effective_on"), "clauses": clauses})
        with asking.work() as work:
            event = flow.propose_change(work, new.title, new.reason, new.clauses, new.answer_by, new.effective_on)
    except NotValid as refusal:
        return _propose(asking, data, errors_of(refusal))
    except ConsultationTooShort as refusal:
        return _propose(asking, data, asking.refused_in(refusal))
    return asking.go(f"/specification/{event.change_id}", "Every provider on the register is asked")


@page("/specification/{change_id:uuid}")
def show_change(request: Request[Any, Any, Any], change_id: FromPath[UUID]) -> Response[Any]:
    """Show one change, with what was answered and what may be done."""
    return _change(visit(request), change_id, {}, {})


@form("/specification/{change_id:uuid}/answer")
def answer_change(
    request: Request[Any, Any, Any], change_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Keep what a firm says."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        stance, words = read_answer(data)
        with asking.work() as work:
            flow.answer_change(work, change_id, stance, words)
    except NotValid as refusal:
        return _change(asking, change_id, data, errors_of(refusal))
    return asking.go(f"/specification/{change_id}", "Thank you. Your answer is kept")


@form("/specification/{change_id:uuid}/decision")
def decide_change(
    request: Request[Any, Any, Any], change_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Authorise a change, or refuse it with a reason."""
    asking = visit(request)
    asking.require(Permission.AUTHORISE_SPECIFICATION)
    try:
        authorised, note = read_decision(data, "authorise", "refuse", "note")
        with asking.work() as work:
            act = flow.authorise_change if authorised else flow.refuse_change
            act(work, change_id, note)
    except NotValid as refusal:
        return _change(asking, change_id, data, errors_of(refusal))
    said = "The change is authorised" if authorised else "The change is refused"
    return asking.go(f"/specification/{change_id}", f"{said}. Every provider is told")


@form("/specification/{change_id:uuid}/withdraw")
def withdraw_change(
    request: Request[Any, Any, Any], change_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Take a change back, with a reason."""
    asking = visit(request)
    asking.require(Permission.CHANGE_SPECIFICATION)
    try:
        note = reason_of(data.get("reason"))
        with asking.work() as work:
            flow.withdraw_change(work, change_id, note)
    except NotValid as refusal:
        return _change(asking, change_id, data, errors_of(refusal))
    return asking.go(f"/specification/{change_id}", "The change is withdrawn. Every provider is told")


def _places(data: Data) -> int:
    """Count the clauses on the form, as many as it said it had."""
    raw = str(data.get("places", ""))
    return min(int(raw), 12) if raw.isascii() and raw.isdigit() and len(raw) < 3 else CLAUSES


def _propose(asking: Visit, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    asking.require(Permission.CHANGE_SPECIFICATION)
    with asking.work() as work:
        require_keeper(work)
    places = min(_places(typed) + (1 if "more" in typed else 0), 12)
    return asking.show_form("pages/specification/show_propose_change.html", typed, errors, places=places)


def _change(asking: Visit, change_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.change(work, change_id)
    return asking.show_form(
        "pages/specification/show_change.html",
        typed,
        errors,
        view=view,
        change=view.change,
        of_firm=asking.actor.provider_id is not None,
        me=asking.actor.person_id,
        able={one.value for one in Permission if may(asking.actor, one)},
    )


HANDLERS = (
    show_specification,
    show_propose_change,
    propose_change,
    show_change,
    answer_change,
    decide_change,
    withdraw_change,
)
