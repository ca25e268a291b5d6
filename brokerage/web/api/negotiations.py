"""The negotiation of a bespoke package, for other systems (A10)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.model import Package, Round, RoundVerb
from brokerage.desk.flow import negotiations as flow
from brokerage.desk.views import negotiations as views
from brokerage.desk.work import Work
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit


class RoundBody(Strict):
    """A package proposed whole: hours a week, accommodation a week, support an hour, and why."""

    words: str
    hours: float | str | None = None
    accommodation_weekly: str | None = None
    support_hourly: str | None = None


@read("/offers/{invitation_id:uuid}/negotiation")
def show_negotiation(request: Request[Any, Any, Any], invitation_id: FromPath[UUID]) -> Response[str]:
    """Show what an award of this offer would take now, and every round with its bidder."""
    with visit(request).work() as work:
        view = views.negotiation_with(work, invitation_id)
        return reply(
            {
                "invitation_id": invitation_id,
                "holding": _package(view.holding) | {"weekly_cost": view.weekly_cost},
                "agreed_in": view.agreed.id if view.agreed else None,
                "rounds": [_round(one) for one in view.rounds],
            }
        )


@write("/offers/{invitation_id:uuid}/negotiation", status_code=201)
def propose_round(
    request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: JSONBody[RoundBody]
) -> Response[str]:
    """Propose a package to a bidder, as the council, or as the bidder."""

    def deed(work: Work) -> tuple[int, Any]:
        document = {name: value for name, value in data.document().items() if value is not None}
        event = flow.propose_round(work, invitation_id, document)
        return 201, {
            "id": event.round_id,
            "number": event.number,
            "state": "proposed",
            "invitation_id": invitation_id,
        }

    return once(request, deed)


@write("/rounds/{round_id:uuid}/agreement", status_code=200)
def agree_round(request: Request[Any, Any, Any], round_id: FromPath[UUID]) -> Response[str]:
    """Agree what the other party proposed: an award of the offer takes it."""
    return _answer(request, round_id, RoundVerb.AGREE)


@write("/rounds/{round_id:uuid}/refusal", status_code=200)
def refuse_round(request: Request[Any, Any, Any], round_id: FromPath[UUID]) -> Response[str]:
    """Refuse what the other party proposed."""
    return _answer(request, round_id, RoundVerb.REFUSE)


@write("/rounds/{round_id:uuid}/withdrawal", status_code=200)
def withdraw_round(request: Request[Any, Any, Any], round_id: FromPath[UUID]) -> Response[str]:
    """Take back what the own party proposed."""
    return _answer(request, round_id, RoundVerb.WITHDRAW)


def _answer(request: Request[Any, Any, Any], round_id: UUID, verb: RoundVerb) -> Response[str]:
    def deed(work: Work) -> tuple[int, Any]:
        event = flow.answer_round(work, round_id, verb)
        return 200, {"id": round_id, "state": event.state, "invitation_id": event.invitation_id}

    return once(request, deed)


def _package(package: Package) -> dict[str, Any]:
    return {
        "hours": float(package.hours),
        "accommodation_weekly": package.price.accommodation_weekly,
        "support_hourly": package.price.support_hourly,
    }


def _round(one: Round) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        **_package(one.package),
        "words": one.words,
        "state": one.state,
        "by_provider": one.by_provider,
        "proposed_at": one.proposed_at,
        "answered_at": one.answered_at,
    }


HANDLERS = (show_negotiation, propose_round, agree_round, refuse_round, withdraw_round)
