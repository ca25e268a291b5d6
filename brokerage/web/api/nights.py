"""Who can take a young person tonight, for other systems (A17)."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response
from litestar.params import FromQuery, QueryParameter

from brokerage.desk.views import nights as views
from brokerage.desk.views.nights import Asked
from brokerage.reading import Reader
from brokerage.web.api.calls import read, reply
from brokerage.web.auth import visit


@read("/tonight")
def show_tonight(
    request: Request[Any, Any, Any],
    age: Annotated[int, QueryParameter(ge=0, le=25)],
    near: FromQuery[str] = "",
    single: FromQuery[bool] = False,
    step_free: FromQuery[bool] = False,
) -> Response[str]:
    """List who can take a young person tonight, nearest first, and who cannot and why. Under 16: nobody (S5)."""
    asking = visit(request)
    reader = Reader()
    code = reader.outward_code(near, "/near", "The area") if near else ""
    reader.done()
    with asking.work() as work:
        view = views.tonight(work, Asked(code, age, single, step_free))
    return reply(
        {
            "at": view.now,
            "ready": [
                {
                    "provider_id": one.ready.eligible.provider.id,
                    "provider": one.ready.eligible.provider.name,
                    "miles": one.ready.miles,
                    "categories": one.categories,
                    "numbers": [
                        {
                            "id": each.id,
                            "who": each.line.who,
                            "phone": each.line.phone,
                            "opens": each.line.opens.strftime("%H:%M"),
                            "closes": each.line.closes.strftime("%H:%M"),
                        }
                        for each in one.ready.lines
                    ],
                    "beds": [
                        {
                            "id": bed.bed_id,
                            "home": bed.property.name,
                            "outward_code": bed.property.outward_code,
                            "room": bed.room,
                            "single": bed.single,
                            "step_free": bed.step_free,
                            "miles": bed.miles,
                        }
                        for bed in one.ready.beds
                    ],
                    "called": [
                        {"at": call.called_at, "outcome": call.outcome}
                        for call in view.calls.get(one.ready.eligible.provider.id, ())
                    ],
                }
                for one in view.found.ready
            ],
            "cannot": [
                {"provider_id": out.provider_id, "provider": out.provider, "rule": out.rule, "reason": out.reason}
                for out in view.found.cannot
            ],
        }
    )


HANDLERS = (show_tonight,)
