"""Standing on pages: the effect first, then the deed; the placements that wait; why somebody was not invited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from litestar import Litestar
from litestar.testing import TestClient

from brokerage.demo.register import provider_id
from brokerage.worker.sweep import ring_due
from tests.web.road import Road

Client = TestClient[Litestar]
AMBERSIDE = provider_id("amberside")
REASON = "Fire doors were wedged open at two visits"


def test_a_suspension_shows_its_effect_then_holds_and_placements_wait_for_a_decision(
    client: Client, sign_in: Callable[..., None], csrf: Callable[[Client], str], road: Road
) -> None:
    agreement = road.agreed(_offered(road), date(2026, 12, 10), date(2027, 4, 20))
    opened = road.opened()
    sign_in(client, "quality")
    path = f"/providers/{AMBERSIDE}/suspend"
    assert opened.reference in client.get(path).text
    typed = {"starts_on_day": "21", "starts_on_month": "11", "starts_on_year": "2026", "reason": REASON}
    typed["_csrf_token"] = csrf(client)
    check = client.post(path, data=typed).text
    assert "Nothing has changed yet" in check
    assert opened.reference in check
    assert "1 placement that runs" in check
    done = client.post(path, data=typed | {"confirm": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, f"/providers/{AMBERSIDE}")
    assert "Suspended since 21 November 2026" in client.get(f"/providers/{AMBERSIDE}").text
    ring_due(road.desk)
    assert road.desk.engine  # the timers rang without a fault
    sign_in(client, "coordinator")
    assert f"/agreements/{agreement}/standing" in client.get("/").text
    why = client.get(f"/competitions/{opened.competition_id}/why?provider={AMBERSIDE}").text
    assert "has lost its standing since" in why
    decide = f"/agreements/{agreement}/standing"
    refused = client.post(decide, data={"choice": "keep", "reason": "", "_csrf_token": csrf(client)})
    assert refused.status_code == 422
    words = {"choice": "keep", "reason": "Visited today, and the home is safe", "_csrf_token": csrf(client)}
    assert client.post(decide, data=words).status_code == 303
    assert f"/agreements/{agreement}/standing" not in client.get("/").text


def _offered(road: Road):  # type: ignore[no-untyped-def]
    opened = road.opened()
    road.offered(opened, "amberside")
    return opened
