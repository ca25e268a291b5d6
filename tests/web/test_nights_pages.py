"""The Careline's night, page by page: find, call, place, and the page without a network (A17, A25)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page
from sqlalchemy import text

from brokerage.demo.nights import bed_id, contact_id, furnish
from brokerage.demo.register import personas, provider_id
from brokerage.desk.clock import StoppedClock
from brokerage.desk.flow.nights import log_call
from brokerage.desk.work import Desk
from lots.model import CallOutcome

Client = TestClient[Litestar]
TWO_AT_NIGHT = datetime(2026, 11, 22, 2, 3, tzinfo=UTC)


@pytest.fixture
def night(desk: Desk, clock: StoppedClock) -> Desk:
    """A desk with homes and numbers, at three past two in the morning."""
    furnish(desk.work, date(2026, 1, 1))
    clock.now = TWO_AT_NIGHT
    return desk


@pytest.fixture
def careline(client: Client, sign_in: Callable[[Client, str], None], night: Desk) -> Client:
    sign_in(client, "careline")
    return client


def names_on(html: str) -> list[str]:
    return re.findall(r'house-card__title">([^<,]+)', html)


def ask(desk: Desk, sql: str, **values: object) -> list[tuple[object, ...]]:
    with desk.engine.begin() as db:
        return [tuple(row) for row in db.execute(text(sql), values)]


def test_the_nearest_come_first_and_who_cannot_is_named(careline: Client) -> None:
    assert careline.get("/").headers["location"] == "/tonight"
    page = careline.get("/tonight?near=de22&age=17").text
    found = names_on(page)
    assert found[0] == "Dovecote Young People&#39;s Trust"
    assert "Hawthorn House" not in found  # no Ofsted number: never under 18
    assert "Larkrise Care Leavers" in page
    assert "Suspended" in page
    assert "tel:07700900503" in page
    assert careline.get("/tonight?near=DE22&age=17").headers["refresh"] == "60"
    assert "refresh" not in careline.get("/tonight?near=DE22&age=17&refresh=off").headers
    refused = careline.get("/tonight?near=DE22&age=15")
    assert refused.status_code == 422
    assert "Nobody under 16" in refused.text
    assert careline.get("/tonight?near=DE1%209AA&age=17").status_code == 422


def test_a_call_is_seen_by_colleagues_and_a_yes_becomes_a_place_with_its_draft_in_the_morning(
    careline: Client,
    new_client: Callable[[], Client],
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
    night: Desk,
    clock: StoppedClock,
) -> None:
    mark = {"_csrf_token": csrf(careline)}
    query = "near=DE22&age=17"
    empty = careline.post(f"/tonight/calls/{contact_id('ivybank')}?{query}", data=mark)
    assert empty.status_code == 422
    kept = careline.post(
        f"/tonight/calls/{contact_id('ivybank')}?{query}", data=mark | {"outcome": "full", "note": "Ask tomorrow"}
    )
    assert kept.headers["location"] == f"/tonight?{query}"
    assert "No: full" in careline.get(kept.headers["location"]).text
    yes = careline.post(f"/tonight/calls/{contact_id('dovecote')}?{query}", data=mark | {"outcome": "can_take"})
    place = yes.headers["location"]
    shown = careline.get(place).text
    assert "Dove Cottage, Room 1" in shown
    wrong = careline.post(place, data=mark | {"age": "17", "nights": "8", "given_name": "Zebedee"})
    assert wrong.status_code == 422
    assert 'value="Zebedee"' in wrong.text
    typed = {"age": "17", "near": "DE22", "nights": "2", "given_name": "Zebedee", "family_name": "Quillfeather"}
    done = careline.post(place, data=mark | typed | {"bed": f"{bed_id('Dove Cottage', 1)}/0"})
    assert done.status_code == 303, done.text
    said = careline.get(done.headers["location"]).text
    assert "R-" in said
    again = careline.post(place, data=mark | typed | {"bed": f"{bed_id('Dove Cottage', 1)}/0"})
    assert again.status_code == 409
    clock.push(timedelta(hours=7))
    morning = new_client()
    sign_in(morning, "placements")
    work = morning.get("/").text
    assert "Zebedee Quillfeather: placed with Dovecote" in work
    assert "2:03am GMT, Wednesday 25 November 2026" in work
    ((about, ends_on),) = ask(
        night, "SELECT about, ends_on FROM stay JOIN bed_hold ON bed_hold.id = hold_id WHERE authority = 'derby-city'"
    )
    assert ends_on == date(2026, 11, 23)
    assert morning.get(f"/referrals/{about}").status_code in {200, 303}
    kinds = [row[0] for row in ask(night, "SELECT kind FROM record WHERE about = :about ORDER BY seq", about=about)]
    assert kinds == ["referral_started", "placed_now"]
    told = ask(night, "SELECT kind, body FROM message WHERE kind IN ('placed_tonight', 'place_confirmed')")
    assert sorted(str(row[0]) for row in told) == ["place_confirmed", "place_confirmed", "placed_tonight"]
    assert not any("Zebedee" in str(row[1]) or "Quillfeather" in str(row[1]) for row in told)


def test_another_councils_call_is_not_there_and_who_only_looks_cannot_place(
    careline: Client, new_client: Callable[[], Client], sign_in: Callable[[Client, str], None], night: Desk
) -> None:
    with night.work(next(one.person.actor for one in personas() if one.key == "coordinator_county")) as work:
        theirs = log_call(work, contact_id("dovecote"), CallOutcome.CAN_TAKE, "A county's word").call_id
    assert careline.get(f"/tonight/place/{theirs}?age=17").status_code == 404
    assert careline.get(f"/tonight/placed/{theirs}").status_code == 404
    assert "A county" not in careline.get("/tonight?near=DE22&age=17").text
    looks = new_client()
    sign_in(looks, "placements")
    page = looks.get("/tonight?near=DE22&age=17").text
    assert "Log a call" not in page
    assert looks.get(f"/tonight/calls/{contact_id('dovecote')}").status_code == 403
    assert looks.get("/tonight/sheet").status_code == 404
    for stranger in ("provider_a", "quality", "commissioner"):
        other = new_client()
        sign_in(other, stranger)
        assert other.get("/tonight?age=17").status_code == 403, stranger


def test_a_test_call_is_kept_by_the_quality_officer(
    client: Client, sign_in: Callable[[Client, str], None], csrf: Callable[[Client], str], night: Desk
) -> None:
    sign_in(client, "quality")
    assert "Never tried" in client.get("/tonight/tests").text
    path = f"/tonight/tests/{contact_id('dovecote')}"
    assert client.get(path).status_code == 200
    mark = {"_csrf_token": csrf(client)}
    assert client.post(path, data=mark | {"outcome": "can_take"}).status_code == 422
    assert client.post(path, data=mark | {"outcome": "no_answer"}).headers["location"] == "/tonight/tests"
    assert "No answer, 22 November 2026" in client.get("/tonight/tests").text


def test_tonight_by_the_api(careline: Client, night: Desk) -> None:
    bearer = {"authorization": "Bearer demo-careline", "accept": "application/json"}
    found = careline.get("/api/tonight?age=17&near=DE22", headers=bearer).json()
    assert found["ready"][0]["provider_id"] == str(provider_id("dovecote"))
    assert found["ready"][0]["numbers"][0]["phone"] == "07700 900503"
    assert {one["rule"] for one in found["cannot"]} >= {"A15.suspended"}
    under = careline.get("/api/tonight?age=15", headers=bearer).json()
    assert under["ready"] == []
    assert {one["rule"] for one in under["cannot"]} == {"S5.under_16"}
    assert careline.get("/api/tonight?age=17&near=nowhere", headers=bearer).status_code == 422
    refused = careline.get("/api/tonight?age=17", headers=bearer | {"authorization": "Bearer demo-provider-a"})
    assert refused.status_code == 403


def test_the_page_opens_from_a_file_with_no_network(
    careline: Client, csrf: Callable[[Client], str], browser: Browser, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    assert careline.post("/tonight/sheet", data={"_csrf_token": csrf(careline)}).status_code == 303
    answer = careline.get("/tonight/sheet")
    assert answer.headers["content-disposition"] == 'attachment; filename="careline-derby-city-2026-11-22.html"'
    kept = tmp_path / "tonight.html"
    kept.write_bytes(answer.content)
    asked: list[str] = []
    context = browser.new_context(offline=True, java_script_enabled=True, viewport={"width": 320, "height": 640})
    try:
        page = context.new_page()
        page.on("request", lambda one: asked.append(one.url))
        page.goto(kept.as_uri())
        assert page.locator("h1").inner_text().startswith("Who can take a young person")
        assert page.locator("a.call").first.get_attribute("href") == "tel:07700900501"
        assert page.locator(".made strong").inner_text() == "2:03am"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        axe(page)
        assert asked == [kept.as_uri()], "the page asks for nothing but itself"
    finally:
        context.close()


def test_the_careline_on_a_phone(browse: Callable[..., Page], sound: Callable[[Page], None], night: Desk) -> None:
    page = browse("/tonight?near=DE22&age=17&refresh=off", as_="careline", width=320)
    call = page.locator("a[href^='tel:']").first.bounding_box()
    assert call is not None
    assert call["height"] >= 40
    assert call["width"] >= 150
    sound(page)
    page.goto(page.url.split("/tonight")[0] + f"/tonight/calls/{contact_id('dovecote')}?near=DE22&age=17")
    sound(page)
    page.check("#outcome")
    page.click("main button[type=submit]")
    page.wait_for_url("**/tonight/place/**")
    sound(page)
    page.goto(page.url.split("/tonight")[0] + "/tonight")
    sound(page)
    page.goto(page.url + "/tests")
    sound(page)
