"""The register and the record, for other systems."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response
from litestar.params import QueryParameter

from brokerage.desk import views
from brokerage.people.model import Permission
from brokerage.web.api.calls import read, reply
from brokerage.web.auth import visit
from lots import store as lots


@read("/providers")
def show_providers(request: Request[Any, Any, Any]) -> Response[str]:
    """List the register: who offers what at which tendered price."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    with asking.work() as work:
        return reply(
            [
                {
                    "id": provider.id,
                    "name": provider.name,
                    "ofsted_urn": provider.ofsted_urn,
                    "ofsted_categories": sorted(provider.ofsted_categories),
                    "suspended": [
                        {"starts_on": one.starts_on, "ends_on": one.ends_on, "reason": one.reason}
                        for one in provider.suspensions
                    ],
                    "registrations": [
                        {
                            "id": one.id,
                            "category": one.category,
                            "accommodation_weekly": one.accommodation_weekly,
                            "support_hourly": one.support_hourly,
                            "block_discount": one.block_discount,
                            "valid_from": one.valid_from,
                            "valid_to": one.valid_to,
                        }
                        for one in registrations
                    ],
                }
                for provider, registrations in lots.register(work.db)
            ]
        )


@read("/record")
def show_record(
    request: Request[Any, Any, Any],
    after: Annotated[int, QueryParameter(ge=0)] = 0,
    most: Annotated[int, QueryParameter(ge=1, le=1000)] = 500,
) -> Response[str]:
    """Give your council's record in commit order, from a place on."""
    with visit(request).work() as work:
        return reply(
            [
                {
                    "seq": line.seq,
                    "at": line.at,
                    "actor": line.actor,
                    "kind": line.kind,
                    "about": line.about,
                    "body": line.facts,
                    "hash": line.hash.hex(),
                }
                for line in views.record(work, after, most)
            ]
        )


HANDLERS = (show_providers, show_record)
