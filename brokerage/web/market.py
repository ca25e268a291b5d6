"""Back to the market from a running agreement (A41)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk import drafts
from brokerage.desk.flow import market as flow
from brokerage.desk.proposals import read_market
from brokerage.desk.views import market as views
from brokerage.people.model import Permission
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of

TYPED = ("reason", "why", "urgency", "indicative_budget_weekly")


@page("/agreements/{agreement_id:uuid}/market")
def show_market(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Show what is carried over, and ask why the placement is looked for anew."""
    asking = visit(request)
    asking.require(Permission.RAISE_REFERRAL)
    return _form(asking, agreement_id, {}, {})


@form("/agreements/{agreement_id:uuid}/market")
def go_to_market(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Make the linked draft and go on to its last look before publishing, or to what it still lacks."""
    asking = visit(request)
    asking.require(Permission.RAISE_REFERRAL)
    typed = {name: str(data[name]) for name in TYPED if name in data}
    try:
        asked = read_market(typed)
        with asking.work() as work:
            went = flow.go_to_market(work, agreement_id, asked)
            complete = drafts.draft(work, went.referral_id).complete
    except NotValid as refusal:
        return _form(asking, agreement_id, typed, errors_of(refusal))
    door = "check" if complete else "tasks"
    said = f"Referral {went.reference} is made from agreement {went.agreement}. The placement goes on as it is"
    return asking.go(f"/referrals/{went.referral_id}/{door}", said)


def _form(asking: Visit, agreement_id: UUID, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        found = views.market_page(work, agreement_id)
    values = {name: str(found.document.get(name) or "") for name in ("urgency", "indicative_budget_weekly")}
    return asking.show_form("pages/market/show_market.html", {**values, **typed}, errors, page=found)


HANDLERS = (show_market, go_to_market)
