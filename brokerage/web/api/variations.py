"""Variations of an agreement, for other systems (A33)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.desk.flow import variations as flow
from brokerage.desk.proposals import read_proposal
from brokerage.desk.views import variations as views
from brokerage.desk.work import Work
from brokerage.reading import Fault, NotValid
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Key, Strict
from brokerage.web.auth import visit
from placements.model import Variation


class ServiceBody(Strict):
    key: Key
    text: str


class VariationBody(Strict):
    """What changes from a day on; what is left out stays. The two last belong to the reason category_difference."""

    reason: str
    effective_on: str
    hours: float | None = None
    accommodation_weekly: str | None = None
    support_hourly: str | None = None
    housing_benefit_weekly: str | None = None
    services: list[ServiceBody] | None = None
    ends_on: str | None = None
    differences: str | None = None
    expertise: str | None = None


class MoneyBody(Strict):
    """The word on a variation's money: authorise or refuse."""

    decision: str


@read("/agreements/{agreement_id:uuid}/variations")
def show_variations(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[str]:
    """List an agreement's variations, the last first."""
    with visit(request).work() as work:
        return reply({"variations": [_shape(one) for one in views.variations_page(work, agreement_id).variations]})


@write("/agreements/{agreement_id:uuid}/variations", status_code=201)
def propose_variation(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: JSONBody[VariationBody]
) -> Response[str]:
    """Propose to change an agreement from a day on, for the asker's own party."""

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.propose_variation(work, agreement_id, read_proposal(data.document()))
        return 201, _shown(work, event.variation_id)

    return once(request, deed)


@write("/variations/{variation_id:uuid}/agreement", status_code=200)
def agree_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[str]:
    """Agree what the other party proposed."""

    def deed(work: Work) -> tuple[int, Any]:
        flow.agree_variation(work, variation_id)
        return 200, _shown(work, variation_id)

    return once(request, deed)


@write("/variations/{variation_id:uuid}/refusal", status_code=200)
def refuse_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[str]:
    """Refuse what the other party proposed."""

    def deed(work: Work) -> tuple[int, Any]:
        flow.refuse_variation(work, variation_id)
        return 200, _shown(work, variation_id)

    return once(request, deed)


@write("/variations/{variation_id:uuid}/withdrawal", status_code=200)
def withdraw_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[str]:
    """Take back what the asker's own party proposed."""

    def deed(work: Work) -> tuple[int, Any]:
        flow.withdraw_variation(work, variation_id)
        return 200, _shown(work, variation_id)

    return once(request, deed)


@write("/variations/{variation_id:uuid}/funding", status_code=200)
def fund_variation(
    request: Request[Any, Any, Any], variation_id: FromPath[UUID], data: JSONBody[MoneyBody]
) -> Response[str]:
    """Authorise or refuse what a variation costs above what was funded."""

    def deed(work: Work) -> tuple[int, Any]:
        if data.decision not in {"authorise", "refuse"}:
            raise NotValid((Fault("/decision", "Decision must be one of: authorise, refuse"),))
        flow.fund_variation(work, variation_id, authorise=data.decision == "authorise")
        return 200, _shown(work, variation_id)

    return once(request, deed)


def _shown(work: Work, variation_id: UUID) -> dict[str, Any]:
    return _shape(flow.variation_of(work, variation_id)[1])


def _shape(one: Variation) -> dict[str, Any]:
    changes = one.changes
    return {
        "id": one.id,
        "agreement_id": one.agreement_id,
        "number": one.number,
        "state": one.state,
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_at": one.proposed_at,
        "agreed_at": one.agreed_at,
        "effective_on": one.effective_on,
        "weekly_cost_before": one.weekly_before,
        "weekly_cost_after": one.weekly_after,
        "changes": {
            "hours": None if changes.hours is None else float(changes.hours),
            "accommodation_weekly": changes.accommodation_weekly,
            "support_hourly": changes.support_hourly,
            "housing_benefit_weekly": changes.housing_benefit_weekly,
            "services": None
            if changes.services is None
            else [{"key": key, "text": text} for key, text in changes.services],
            "ends_on": changes.ends_on,
        },
        "difference": one.difference,
        "supported_by": len(one.funding),
    }


HANDLERS = (
    show_variations,
    propose_variation,
    agree_variation,
    refuse_variation,
    withdraw_variation,
    fund_variation,
)
