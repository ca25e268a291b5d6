"""The coordinator's live page: every open window, closing soonest first."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response

from brokerage.desk import views
from brokerage.web.auth import page, visit

REFRESH: Final = 15
"""The page loads itself again after so many seconds, by header, unless its reader stopped that (WCAG 2.2.2)."""


@page("/live")
def show_live(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what is open: how far the invitations came, how many offers are in, who was not reached."""
    asking = visit(request)
    with asking.work() as work:
        found = views.live(work)
    stopped = request.query_params.get("refresh") == "off"
    headers = {} if stopped else {"Refresh": str(REFRESH)}
    return asking.show("pages/live/show_live.html", headers=headers, live=found, stopped=stopped, seconds=REFRESH)


HANDLERS = (show_live,)
