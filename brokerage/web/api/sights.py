"""Who saw what, and what councils let each other read, for other systems."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody, QueryParameter

from brokerage.desk.flow.shares import end_share, share_referral
from brokerage.desk.flow.sights import give_reason
from brokerage.desk.views import ReferralView
from brokerage.desk.views import sights as views
from brokerage.desk.work import Work
from brokerage.reading import Reader
from brokerage.web.api import shapes
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.auth import visit

LEAST, MOST = 10, 500


class ShareBody(shapes.Strict):
    """To which council, through which day, and why."""

    with_authority: str
    until_on: str
    reason: str


def said_why(request: Request[Any, Any, Any], work: Work, referral_id: UUID) -> None:
    """Keep the reason that came in the header, where one did."""
    header = request.headers.get("reason", "").strip()
    if header:
        reader = Reader()
        reason = reader.text(header, "/reason", "The reason", least=LEAST, most=MOST)
        reader.done()
        give_reason(work, referral_id, reason)


@read("/sights")
def show_sights(
    request: Request[Any, Any, Any],
    person_id: Annotated[UUID | None, QueryParameter()] = None,
    referral_id: Annotated[UUID | None, QueryParameter()] = None,
) -> Response[str]:
    """List who of your council saw whose record, when and why, newest first; at most 1,000."""
    with visit(request).work() as work:
        return reply(
            [
                {
                    "at": one.sight.at,
                    "person_id": one.sight.person_id,
                    "person": one.who,
                    "referral_id": one.sight.referral_id,
                    "reference": one.reference,
                    "what": one.sight.what,
                    "relation": one.sight.relation,
                    "reason": one.sight.reason,
                }
                for one in views.sights(work, person_id, referral_id)
            ]
        )


@write("/referrals/{referral_id:uuid}/shares", status_code=201)
def add_share(request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: JSONBody[ShareBody]) -> Response[str]:
    """Let another council read one referral of yours, through a day."""

    def deed(work: Work) -> tuple[int, Any]:
        reader = Reader()
        until_on = reader.day(data.until_on, "/until_on", "The last day")
        reason = reader.text(data.reason, "/reason", "The reason", least=LEAST, most=MOST)
        reader.done()
        event = share_referral(work, referral_id, data.with_authority, until_on or date.min, reason)
        return 201, {"id": event.share_id, "with_authority": event.with_authority, "until_on": event.until_on}

    return once(request, deed)


@write("/shares/{share_id:uuid}/end", status_code=200)
def end(request: Request[Any, Any, Any], share_id: FromPath[UUID]) -> Response[str]:
    """End a grant of your council before its day."""

    def deed(work: Work) -> tuple[int, Any]:
        return 200, {"id": end_share(work, share_id).share_id, "ended": True}

    return once(request, deed)


@read("/shared/{referral_id:uuid}")
def show_shared(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[str]:
    """Show a referral that another council shares with yours; the sight stands in that council's log."""
    with visit(request).work() as work:
        found = views.shared_referral(work, referral_id)
        return reply(shapes.referral(ReferralView(found.referral, (), ())) | {"shared_until": found.share.until_on})


HANDLERS = (show_sights, add_share, end, show_shared)
