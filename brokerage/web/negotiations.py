"""The negotiation of a bespoke package with one bidder, for either side (A10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.model import Package, RoundVerb
from brokerage.competitions.rules.reading import ROUND_FIELDS
from brokerage.desk.flow import negotiations as flow
from brokerage.desk.views import negotiations as views
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of

SAID: Final = {
    RoundVerb.AGREE: "Agreed. If this offer is chosen, this is what holds",
    RoundVerb.REFUSE: "Refused. What held before holds",
    RoundVerb.WITHDRAW: "Taken back. What held before holds",
}


@page("/offers/{invitation_id:uuid}/negotiation")
def show_negotiation(request: Request[Any, Any, Any], invitation_id: FromPath[UUID]) -> Response[Any]:
    """Show every round with one bidder, with what the asker can do."""
    return _page(visit(request), invitation_id, None, {})


@form("/offers/{invitation_id:uuid}/negotiation")
def propose_round(
    request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Propose a package; the other party is told and answers."""
    asking = visit(request)
    typed = {name: str(data[name]) for name in ROUND_FIELDS if name in data}
    try:
        with asking.work() as work:
            flow.propose_round(work, invitation_id, typed)
    except NotValid as refusal:
        return _page(asking, invitation_id, typed, errors_of(refusal))
    return asking.go(f"/offers/{invitation_id}/negotiation", "It is proposed. The other party is told and answers")


@form("/rounds/{round_id:uuid}/agreement")
def agree_round(request: Request[Any, Any, Any], round_id: FromPath[UUID]) -> Response[Any]:
    """Agree what the other party proposed."""
    return _answer(visit(request), round_id, RoundVerb.AGREE)


@form("/rounds/{round_id:uuid}/refusal")
def refuse_round(request: Request[Any, Any, Any], round_id: FromPath[UUID]) -> Response[Any]:
    """Refuse what the other party proposed."""
    return _answer(visit(request), round_id, RoundVerb.REFUSE)


@form("/rounds/{round_id:uuid}/withdrawal")
def withdraw_round(request: Request[Any, Any, Any], round_id: FromPath[UUID]) -> Response[Any]:
    """Take back what the own party proposed."""
    return _answer(visit(request), round_id, RoundVerb.WITHDRAW)


def _answer(asking: Visit, round_id: UUID, verb: RoundVerb) -> Response[Any]:
    with asking.work() as work:
        event = flow.answer_round(work, round_id, verb)
    return asking.go(f"/offers/{event.invitation_id}/negotiation", SAID[verb])


def _page(
    asking: Visit, invitation_id: UUID, typed: Mapping[str, str] | None, errors: Mapping[str, str]
) -> Response[Any]:
    """Show the page; an untouched form begins with what holds now."""
    with asking.work() as work:
        view = views.negotiation_with(work, invitation_id)
    values = _form_of(view.holding) if typed is None else typed
    return asking.show_form("pages/negotiations/show_negotiation.html", values, errors, view=view)


def _form_of(package: Package) -> dict[str, str]:
    price = package.price
    known = {
        "hours": f"{package.hours.normalize():f}" if package.hours else "",
        "accommodation_weekly": price.accommodation_weekly,
        "support_hourly": price.support_hourly,
    }
    return {name: str(value) for name, value in known.items() if value not in (None, "")}


HANDLERS = (show_negotiation, propose_round, agree_round, refuse_round, withdraw_round)
