"""Referrals, assessments and the matrix, for other systems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.rules.reading import read_weights
from brokerage.desk import flow, views
from brokerage.desk.flow.competitions import open_parts
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import Reader
from brokerage.web.api import shapes
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.sights import said_why
from brokerage.web.auth import visit
from matrix.rules import assess, describe, plain, read_case


@read("/matrix")
def matrix_in_force(request: Request[Any, Any, Any]) -> Response[str]:
    """Give the matrix edition in force: domains, levels, rules."""
    asking = visit(request)
    asking.require(Permission.ASSESS)
    with asking.work() as work:
        return reply(describe(work.edition))


@write("/assessments", status_code=200)
def assess_case(request: Request[Any, Any, Any], data: JSONBody[shapes.CaseBody]) -> Response[str]:
    """Score a case without writing anything."""
    asking = visit(request)
    asking.require(Permission.ASSESS)
    with asking.work() as work:
        document = {name: value for name, value in data.document().items() if value is not None}
        document.setdefault("on", work.today.isoformat())
        return reply(plain(assess(work.edition, read_case(document, work.edition))))


@write("/referrals", status_code=201)
def raise_referral(request: Request[Any, Any, Any], data: JSONBody[shapes.ReferralBody]) -> Response[str]:
    """Raise a referral; the matrix gives lot, category and hours."""

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.raise_referral(work, data.document())
        return 201, shapes.referral(views.referral(work, event.referral_id))

    return once(request, deed)


@read("/referrals/{referral_id:uuid}")
def show_referral(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[str]:
    """Show a referral of your own council.

    Who has nothing to do with the young person says why in the header Reason, and may then look for 8 hours.
    """
    with visit(request).work() as work:
        said_why(request, work, referral_id)
        return reply(shapes.referral(views.referral(work, referral_id)))


@write("/referrals/{referral_id:uuid}/competitions", status_code=201)
def open_competition(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: JSONBody[shapes.OpenBody | None] = None
) -> Response[str]:
    """Invite every eligible provider at once, with the weights fixed; in two parts where `parts` is true."""

    def deed(work: Work) -> tuple[int, Any]:
        weights = read_weights(data.weights.document() if data and data.weights else None)
        if data and data.parts:
            parts = open_parts(work, referral_id, weights)
            return 201, {"parts": [shapes.competition(views.competition(work, one.competition_id)) for one in parts]}
        event = flow.open_competition(work, referral_id, weights)
        return 201, shapes.competition(views.competition(work, event.competition_id))

    return once(request, deed)


@write("/referrals/{referral_id:uuid}/withdrawal", status_code=200)
def withdraw_referral(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: JSONBody[shapes.ReasonBody]
) -> Response[str]:
    """Withdraw a referral that is no longer needed."""

    def deed(work: Work) -> tuple[int, Any]:
        reader = Reader()
        reason = reader.text(data.reason, "/reason", "The reason", most=500, least=3)
        reader.done()
        flow.withdraw_referral(work, referral_id, reason)
        return 200, {"id": referral_id, "state": "withdrawn"}

    return once(request, deed)


HANDLERS = (matrix_in_force, assess_case, raise_referral, show_referral, open_competition, withdraw_referral)
