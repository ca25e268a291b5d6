"""Back to the market from a running agreement, for other systems (A41)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.rules.reading import read_weights
from brokerage.desk import views
from brokerage.desk.flow import market as flow
from brokerage.desk.proposals import read_market
from brokerage.desk.work import Work
from brokerage.web.api import shapes
from brokerage.web.api.calls import once, write
from brokerage.web.api.shapes import OutcomeBody, OverrideBody, Strict, WeightsBody


class MarketBody(Strict):
    """Why, and what is said anew of the case; `publish` invites providers at once, without it a draft waits."""

    reason: str
    why: str
    publish: bool = True
    weights: WeightsBody | None = None
    answers: dict[str, int] | None = None
    override: OverrideBody | None = None
    urgency: str | None = None
    wants: list[str] | None = None
    outcomes: list[OutcomeBody] | None = None
    risk_plan: str | None = None
    pathway_plan: str | None = None
    outward_code: str | None = None
    indicative_budget_weekly: str | None = None
    housing_benefit_weekly: str | None = None


@write("/agreements/{agreement_id:uuid}/market", status_code=201)
def go_to_market(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: JSONBody[MarketBody]
) -> Response[str]:
    """Make a linked referral of a running placement and publish it, in one step; the placement goes on as it is."""

    def deed(work: Work) -> tuple[int, Any]:
        sent = data.document()
        asked = read_market({name: value for name, value in sent.items() if name not in {"publish", "weights"}})
        if not data.publish:
            went = flow.go_to_market(work, agreement_id, asked)
            return 201, _shape(agreement_id, went.referral_id, went.reference, "draft", None)
        weights = read_weights(data.weights.document() if data.weights else None)
        went, raised, opened = flow.publish_again(work, agreement_id, asked, weights)
        shown = None if opened is None else shapes.competition(views.competition(work, opened.competition_id))
        state = "bespoke" if opened is None else "seeking"
        return 201, _shape(agreement_id, raised.referral_id, raised.reference, state, shown)

    return once(request, deed)


def _shape(agreement_id: UUID, referral_id: UUID, reference: str, state: str, shown: Any) -> dict[str, Any]:
    return {
        "agreement_id": agreement_id,
        "referral_id": referral_id,
        "reference": reference,
        "state": state,
        "competition": shown,
    }


HANDLERS = (go_to_market,)
