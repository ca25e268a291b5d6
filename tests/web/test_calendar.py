"""The calendar at a secret address: read by another library, without names, until it is withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import ics
from litestar import Litestar
from litestar.testing import TestClient

from brokerage.desk.clock import StoppedClock
from tests.web.road import NAMED, Road

Client = TestClient[Litestar]


def address_on(text: str) -> str:
    found = re.search(r"/calendar/[A-Za-z0-9_-]{32}\.ics", text)
    assert found is not None
    return found[0]


def test_a_calendar_holds_days_and_references_until_it_is_withdrawn(
    client: Client,
    new_client: Callable[[], Client],
    road: Road,
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
) -> None:
    opened = road.opened()
    road.offered(opened)
    road.agreed(opened, date(2026, 12, 7), date(2027, 6, 30))
    stranger = new_client()
    found = {}
    for persona in ("coordinator", "provider_a", "provider_b"):
        sign_in(client, persona)
        shown = client.post("/calendar", data={"_csrf_token": csrf(client)}).text
        found[persona] = address_on(shown)
        assert found[persona] not in client.get("/calendar").text
    read = stranger.get(found["coordinator"])
    assert read.headers["content-type"].startswith("text/calendar")
    events = sorted(ics.Calendar(read.text).events)
    days = ["2026-12-07", "2026-12-21", "2027-03-05", "2027-06-07", "2027-06-30"]
    assert [one.begin.date().isoformat() for one in events] == days
    assert all(one.all_day for one in events)
    assert not any(str(name) in read.text for name in NAMED.values() if isinstance(name, str))
    assert len(ics.Calendar(stranger.get(found["provider_a"]).text).events) == len(days)
    assert not ics.Calendar(stranger.get(found["provider_b"]).text).events
    sign_in(client, "coordinator")
    newer = address_on(client.post("/calendar", data={"_csrf_token": csrf(client)}).text)
    assert stranger.get(found["coordinator"]).status_code == 404
    assert stranger.get(newer).status_code == 200
    assert stranger.get(newer.removesuffix(".ics")).status_code == 404
    assert client.post("/calendar/withdrawal", data={"_csrf_token": csrf(client)}).status_code == 303
    assert stranger.get(newer).status_code == 404


def test_my_work_shows_what_the_placements_wait_for(
    client: Client,
    road: Road,
    clock: StoppedClock,
    sign_in: Callable[[Client, str], None],
) -> None:
    opened = road.opened()
    road.offered(opened)
    agreed = road.agreed(opened, date(2026, 12, 7), date(2027, 6, 30))
    sign_in(client, "coordinator")
    page = client.get("/").text
    assert f"/agreements/{agreed}/acceptance" in page
    assert f"/agreements/{agreed}/start" in page
    clock.now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    sign_in(client, "coordinator")
    assert "is late" in client.get("/").text
