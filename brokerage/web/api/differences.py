"""Differences of category before an award, for other systems (A11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.model import DifferenceVerb
from brokerage.desk.flow import differences as flow
from brokerage.desk.proposals import read_difference
from brokerage.desk.work import Work
from brokerage.web.api.calls import once, write
from brokerage.web.api.shapes import Strict


class DifferenceBody(Strict):
    """What no category fits, what meets it, and the price for it above the tendered one."""

    differences: str
    expertise: str
    accommodation_weekly: str | None = None
    support_hourly: str | None = None


@write("/offers/{invitation_id:uuid}/difference", status_code=201)
def propose_difference(
    request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: JSONBody[DifferenceBody]
) -> Response[str]:
    """Record a difference with one invitee, as the council or as the invitee."""

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.propose_difference(work, invitation_id, read_difference(data.document()))
        return 201, {"id": event.difference_id, "state": "proposed", "invitation_id": invitation_id}

    return once(request, deed)


@write("/differences/{difference_id:uuid}/agreement", status_code=200)
def agree_difference(request: Request[Any, Any, Any], difference_id: FromPath[UUID]) -> Response[str]:
    """Agree what the other party recorded: an offer up to its price is admitted."""
    return _answer(request, difference_id, DifferenceVerb.AGREE)


@write("/differences/{difference_id:uuid}/refusal", status_code=200)
def refuse_difference(request: Request[Any, Any, Any], difference_id: FromPath[UUID]) -> Response[str]:
    """Refuse what the other party recorded."""
    return _answer(request, difference_id, DifferenceVerb.REFUSE)


@write("/differences/{difference_id:uuid}/withdrawal", status_code=200)
def withdraw_difference(request: Request[Any, Any, Any], difference_id: FromPath[UUID]) -> Response[str]:
    """Take back what the own party recorded."""
    return _answer(request, difference_id, DifferenceVerb.WITHDRAW)


def _answer(request: Request[Any, Any, Any], difference_id: UUID, verb: DifferenceVerb) -> Response[str]:
    def deed(work: Work) -> tuple[int, Any]:
        event = flow.answer_difference(work, difference_id, verb)
        return 200, {"id": difference_id, "state": event.state, "invitation_id": event.invitation_id}

    return once(request, deed)


HANDLERS = (propose_difference, agree_difference, refuse_difference, withdraw_difference)
