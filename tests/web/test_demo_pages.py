"""The demo's pages: acting as somebody, the outbox, the clock; and that production has none of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.config import Mode, Settings
from brokerage.demo.register import personas
from brokerage.desk import clock as clocks
from brokerage.desk.clock import MovableClock
from brokerage.desk.work import Desk
from brokerage.reading import NotValid
from brokerage.web.auth import DemoHooks
from brokerage.web.demo import read_duration, read_move
from brokerage.worker.sweep import ring_due
from notifications.channels import KeptHere
from notifications.model import Medium
from notifications.post import post_due
from tests.keys import OPENER
from tests.web.apps import app_of

Road = Any  # tests/web/road.py
DEMO_PATHS = ("/demo", "/demo/personas", "/demo/outbox", "/demo/clock")
HTML = {"accept": "text/html"}


@pytest.fixture
def movable(desk: Desk) -> Desk:
    """The same database under the clock of the demo."""
    return Desk(desk.engine, MovableClock(), desk.wording, desk.public_url, desk.recipients)


@pytest.fixture
def app(movable: Desk) -> Litestar:
    """The demo, where the other tests of the web have the production application."""
    return app_of(
        movable, Settings(Mode.DEMO, "", movable.public_url), DemoHooks(lambda: ring_due(movable, OPENER), personas())
    )


@pytest.fixture
def api(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """A system that asks for JSON."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def now(desk: Desk) -> datetime:
    with desk.engine.connect() as db:
        return clocks.read(desk.clock, db, None)


@pytest.mark.parametrize("path", DEMO_PATHS)
def test_production_has_no_page_of_the_demo(path: str, desk: Desk) -> None:
    production = app_of(desk, Settings(Mode.PRODUCTION, "", desk.public_url))
    with TestClient(production, raise_server_exceptions=False) as client:
        for headers in ({}, HTML):
            assert client.get(path, headers=headers).status_code == 404
        assert client.post("/demo/clock", json={"advance": "PT61M"}).status_code in {404, 405}
        assert client.post("/demo/act-as", data={"persona": "auditor"}).status_code in {404, 405}


def test_personas_are_listed_with_keys_that_work(api: TestClient[Litestar]) -> None:
    listed = api.get("/demo/personas").json()
    assert {"placements", "coordinator", "approver", "provider_a", "provider_b", "auditor"} <= {
        one["key"] for one in listed
    }
    for one in listed:
        assert list(one) == ["key", "name", "role", "authority", "provider_id", "token"]
        assert (one["authority"] is None) is (one["role"] in {"provider", "provider_admin", "operator"})
        assert (one["provider_id"] is None) is (one["role"] not in {"provider", "provider_admin"})
    auditor = next(one for one in listed if one["key"] == "auditor")
    assert api.get("/api/record", headers={"authorization": f"Bearer {auditor['token']}"}).status_code == 200


@pytest.mark.parametrize("persona", [one.key for one in personas()])
def test_acting_as_somebody_leads_to_their_home(persona: str, client: TestClient[Litestar]) -> None:
    answer = client.post("/demo/act-as", data={"persona": persona})
    assert answer.status_code == 303
    assert answer.headers["location"] == ("/provider" if persona.startswith("provider") else "/")
    assert client.cookies["session"]


def test_every_change_of_person_is_a_new_session_and_ends_the_old_one(client: TestClient[Litestar]) -> None:
    client.post("/demo/act-as", data={"persona": "coordinator"})
    first = client.cookies["session"]
    client.post("/demo/act-as", data={"persona": "auditor"})
    assert client.cookies["session"] != first
    client.cookies.set("session", first)
    assert client.get("/providers").headers["location"] == "/sign-in?next=/providers"


@pytest.mark.parametrize(
    ("onward", "leads_to"),
    [
        ("/referrals", "/referrals"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
    ],
)
def test_acting_as_somebody_leads_nowhere_else(onward: str, leads_to: str, client: TestClient[Litestar]) -> None:
    answer = client.post("/demo/act-as", data={"persona": "coordinator", "next": onward})
    assert answer.headers["location"] == leads_to


def test_nobody_is_not_somebody_to_act_as(client: TestClient[Litestar]) -> None:
    for data in ({"persona": "nobody"}, {"persona": ""}, {"other": "x"}):
        answer = client.post("/demo/act-as", data=data)
        assert answer.status_code == 422
        assert "Choose one of the people on this page" in answer.text
        assert "session" not in client.cookies


# The outbox


def test_the_outbox_for_systems_holds_every_message_newest_last(
    api: TestClient[Litestar], road: Road, desk: Desk
) -> None:
    road.opened()
    sent = api.get("/demo/outbox").json()
    assert sent
    assert {one["channel"] for one in sent} == {"sms", "email"}
    for one in sent:
        assert list(one) == [
            *("id", "channel", "to", "provider_id", "kind", "body", "link", "code", "at", "status"),
        ]
        assert re.fullmatch(r"\S+Z", one["at"])
        assert one["link"] in one["body"]
    ids = [one["id"] for one in sent]
    for place, one in enumerate(ids):
        assert [later["id"] for later in api.get("/demo/outbox", params={"after": one}).json()] == ids[place + 1 :]
    assert [one["id"] for one in api.get("/demo/outbox", params={"after": ""}).json()] == ids


def test_an_unknown_place_in_the_outbox_is_refused(api: TestClient[Litestar]) -> None:
    assert api.get("/demo/outbox", params={"after": str(uuid4())}).status_code == 404
    assert api.get("/demo/outbox", params={"after": "soon"}).status_code == 422


def test_people_see_phones_and_letters_with_links_that_work(
    client: TestClient[Litestar], road: Road, desk: Desk
) -> None:
    road.opened()
    post_due(desk.engine.begin, lambda _: desk.clock.now, {one: KeptHere(one) for one in Medium})  # type: ignore[attr-defined]  # stopped
    texts = client.get("/demo/outbox").text
    letters = client.get("/demo/outbox?channel=email").text
    assert "Amberside Homes, 07700 900101" in texts
    for html in (texts, letters):
        assert "Delivered" in html
        links = re.findall(r'href="(/b/[^"]+)"', html)
        assert links
        assert all(client.get(link).status_code in {200, 404} for link in links[:1])


def test_the_outbox_can_be_read_for_one_recipient(client: TestClient[Litestar], road: Road) -> None:
    road.opened()
    ada = next(one for one in personas() if one.key == "provider_a")
    html = client.get(f"/demo/outbox?provider={ada.person.provider_id}").text
    assert html.count("house-phone__to") == 1
    assert "Amberside Homes, " in html
    assert "No text message" in client.get("/demo/outbox?provider=council").text


# The clock


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ("PT61M", 3660),
        ("PT1H", 3600),
        ("P1D", 86400),
        ("P7D", 604800),
        ("P1DT2H3M4S", 93784),
        ("PT1S", 1),
        ("PT90M", 5400),
        ("PT0S", 0),
    ],
)
def test_lengths_of_time_are_read(raw: str, seconds: int) -> None:
    assert read_duration(raw) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "raw",
    [
        *("", "P", "PT", "P1DT", "PT1", "61M", "pt61m", "PT-1M", "-PT1M", "PT1.5H", "P1M", "P1Y", "PT1M1H", "PT1M "),
        *("PT١M", "P1D\n", None, 61, ["PT1M"], True),
    ],
)
def test_other_lengths_of_time_are_not(raw: object) -> None:
    assert read_duration(raw) is None


@given(days=st.integers(0, 999), hours=st.integers(0, 999), minutes=st.integers(0, 9999), seconds=st.integers(0, 9999))
def test_a_length_of_time_means_what_it_says(days: int, hours: int, minutes: int, seconds: int) -> None:
    meant = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert read_duration(f"P{days}DT{hours}H{minutes}M{seconds}S") == meant


@given(st.dictionaries(st.sampled_from(["advance", "to", "by"]), st.one_of(st.none(), st.text(), st.integers())))
def test_a_move_is_read_or_refused(sent: dict[str, object]) -> None:
    try:
        advance, until = read_move(sent)
    except NotValid:
        return
    assert (advance is None) is not (until is None)


def test_a_script_moves_the_clock(api: TestClient[Litestar], movable: Desk) -> None:
    before = now(movable)
    answer = api.post("/demo/clock", json={"advance": "PT61M"})
    assert answer.status_code == 200
    assert list(answer.json()) == ["now", "ran"]
    assert answer.json()["ran"] == 0
    moved = datetime.fromisoformat(answer.json()["now"])
    assert answer.json()["now"].endswith("Z")
    assert timedelta(minutes=61) <= moved - before < timedelta(minutes=62)
    until = (moved + timedelta(days=3)).replace(microsecond=0)
    arrived = datetime.fromisoformat(api.post("/demo/clock", json={"to": until.isoformat()}).json()["now"])
    assert timedelta(0) <= arrived - until < timedelta(minutes=1)


def test_json_that_curl_calls_a_form_moves_the_clock_too(api: TestClient[Litestar]) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert "ran" in api.post("/demo/clock", content=b' {"advance": "PT1M"}', headers=kind).json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "PT0S"},
        {"advance": "-PT1M"},
        {"advance": "soon"},
        {"advance": 61},
        {"advance": None},
        {"advance": "P401D"},
        {"advance": "P999999DT999999H"},
        {"advance": "PT1M", "to": "2030-01-01T00:00:00Z"},
        {"to": "2020-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59-14:00"},
        {"to": "0001-01-01T00:00:00+14:00"},
        {"to": "2027-01-01T00:00:00"},
        {"to": "2027-02-30T00:00:00Z"},
        {"to": "tomorrow"},
        {"advance": "PT1M", "back": True},
        ["PT1M"],
        "PT1M",
        None,
    ],
)
def test_the_clock_goes_neither_back_nor_too_far_nor_by_nonsense(
    body: object, api: TestClient[Litestar], movable: Desk
) -> None:
    before = now(movable)
    answer = api.post("/demo/clock", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["type"].endswith("/problems/not-valid")
    assert now(movable) - before < timedelta(seconds=30)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_is_refused(body: bytes, api: TestClient[Litestar]) -> None:
    answer = api.post("/demo/clock", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/problems/not-json")


def test_what_falls_due_happens_in_the_same_click(
    client: TestClient[Litestar], api: TestClient[Litestar], movable: Desk, road: Road
) -> None:
    opened = road.opened()
    answer = api.post("/demo/clock", json={"advance": "P2D"})
    assert answer.json()["ran"] >= 1
    coordinator = {"authorization": "Bearer demo-coordinator"}
    shown = api.get(f"/api/competitions/{_competition(opened)}", headers=coordinator).json()
    assert shown["state"] == "unsuccessful"  # closed, and nobody had offered
    again = api.post("/demo/clock", json={"advance": "PT1M"})
    assert again.json()["ran"] == 0


def _competition(opened: Any) -> UUID:
    found: UUID = opened.competition_id
    return found


def test_a_form_moves_the_clock_and_says_so(client: TestClient[Litestar], movable: Desk) -> None:
    before = now(movable)
    answer = client.post("/demo/clock", data={"_csrf_token": "", "advance": "PT1H"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/demo/clock"
    assert "It is now" in client.get("/demo/clock").text
    assert now(movable) - before >= timedelta(hours=1)


def test_a_form_that_cannot_move_the_clock_says_why(client: TestClient[Litestar]) -> None:
    answer = client.post("/demo/clock", data={"to": datetime(2020, 1, 1, tzinfo=UTC).isoformat()})
    assert answer.status_code == 422
    assert "forward only" in answer.text


def test_a_leap_in_time_signs_nobody_out(client: TestClient[Litestar], api: TestClient[Litestar]) -> None:
    client.post("/demo/act-as", data={"persona": "coordinator"})
    api.post("/demo/clock", json={"advance": "P30D"})
    assert client.get("/providers").status_code == 200


# In a browser


def test_the_pages_of_the_demo_are_accessible_and_fit_a_phone(
    road: Road, live: str, browse: Callable[..., Page], sound: Callable[[Page], None]
) -> None:
    road.opened()
    page = browse("/demo")
    for path in ("/demo", "/demo/outbox", "/demo/outbox?channel=email", "/demo/clock"):
        page.goto(live + path)
        sound(page)


def test_somebody_is_chosen_and_the_clock_moved_without_javascript(road: Road, browse: Callable[..., Page]) -> None:
    road.opened()
    page = browse("/demo", width=320, javascript=False)
    page.get_by_role("button", name="Act as Audrey Auditor").click()
    assert "Audrey Auditor" in page.locator(".house-header").inner_text()
    page.get_by_role("link", name="Clock", exact=True).click()
    page.get_by_role("button", name="1 week").click()
    assert "It is now" in page.locator(".govuk-notification-banner").inner_text()
