"""Where a category does not fit: what differs, what meets it, and the price agreed before the award (A11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.errors import DifferenceNeedless
from brokerage.competitions.model import DifferenceVerb
from brokerage.desk.flow import differences as flow
from brokerage.desk.proposals import read_difference
from brokerage.desk.views import differences as views
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of

TYPED: Final[tuple[str, ...]] = ("differences", "expertise", "accommodation_weekly", "support_hourly")
SAID: Final = {
    DifferenceVerb.AGREE: "Agreed. An offer up to this price is admitted",
    DifferenceVerb.REFUSE: "Refused. The tendered prices hold",
    DifferenceVerb.WITHDRAW: "Taken back. The tendered prices hold",
}


@page("/competitions/{competition_id:uuid}/differences")
def show_differences(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """List what was recorded with each invitee."""
    asking = visit(request)
    with asking.work() as work:
        found = views.differences(work, competition_id)
    return asking.show("pages/differences/show_differences.html", page=found)


@page("/offers/{invitation_id:uuid}/difference")
def show_difference(request: Request[Any, Any, Any], invitation_id: FromPath[UUID]) -> Response[Any]:
    """Show what was recorded with one invitee, with what the asker can do."""
    return _page(visit(request), invitation_id, {}, {})


@form("/offers/{invitation_id:uuid}/difference")
def propose_difference(
    request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Record a difference with its price; the other party is told and answers."""
    asking = visit(request)
    typed = {name: str(data[name]) for name in TYPED if name in data}
    try:
        with asking.work() as work:
            flow.propose_difference(work, invitation_id, read_difference(typed))
    except NotValid as refusal:
        return _page(asking, invitation_id, typed, errors_of(refusal))
    except DifferenceNeedless as refusal:
        (message,) = asking.refused_in(refusal).values()
        return _page(asking, invitation_id, typed, {"accommodation_weekly": message})
    return asking.go(f"/offers/{invitation_id}/difference", "It is recorded. The other party is told and answers")


@form("/differences/{difference_id:uuid}/agreement")
def agree_difference(request: Request[Any, Any, Any], difference_id: FromPath[UUID]) -> Response[Any]:
    """Agree what the other party recorded."""
    return _answer(visit(request), difference_id, DifferenceVerb.AGREE)


@form("/differences/{difference_id:uuid}/refusal")
def refuse_difference(request: Request[Any, Any, Any], difference_id: FromPath[UUID]) -> Response[Any]:
    """Refuse what the other party recorded."""
    return _answer(visit(request), difference_id, DifferenceVerb.REFUSE)


@form("/differences/{difference_id:uuid}/withdrawal")
def withdraw_difference(request: Request[Any, Any, Any], difference_id: FromPath[UUID]) -> Response[Any]:
    """Take back what the own party recorded."""
    return _answer(visit(request), difference_id, DifferenceVerb.WITHDRAW)


def _answer(asking: Visit, difference_id: UUID, verb: DifferenceVerb) -> Response[Any]:
    with asking.work() as work:
        event = flow.answer_difference(work, difference_id, verb)
    return asking.go(f"/offers/{event.invitation_id}/difference", SAID[verb])


def _page(asking: Visit, invitation_id: UUID, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.difference_with(work, invitation_id)
    return asking.show_form("pages/differences/show_difference.html", typed, errors, view=view)


HANDLERS = (
    show_differences,
    show_difference,
    propose_difference,
    agree_difference,
    refuse_difference,
    withdraw_difference,
)
