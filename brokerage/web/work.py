"""What waits for whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.response import Redirect

from brokerage.desk import views
from brokerage.desk.views.lives import lives_work
from brokerage.desk.views.nights import placed_waiting
from brokerage.people.model import Permission, Role
from brokerage.people.rules import may
from brokerage.web.auth import look, page

STARTS: Final[Mapping[Role, str]] = {
    Role.CARELINE: "/tonight",
    Role.DPS_ADMIN: "/applications",
    Role.AUTHORITY_ADMIN: "/people",
    Role.OPERATOR: "/sessions",
}
"""Where those begin whose work is not a council's placements."""


@page("/")
def show_work(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what waits for somebody of the council; send others to where their own work is."""
    asking = look(request)
    if asking.person is None:
        return Redirect("/demo" if asking.house.settings.demo else "/sign-in", status_code=303)
    if asking.actor.role.of_provider:
        return Redirect("/provider", status_code=303)
    if asking.actor.role in STARTS:
        return Redirect(STARTS[asking.actor.role], status_code=303)
    with asking.work() as work:
        found, now, today = views.my_work(work), work.now, work.today
        nights, lives = placed_waiting(work), lives_work(work)
    able = {permission.value for permission in Permission if may(asking.actor, permission)}
    return asking.show(
        "pages/work/show_work.html", work=found, now=now, today=today, able=able, nights=nights, lives=lives
    )


HANDLERS = (show_work,)
