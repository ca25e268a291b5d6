"""The Careline's night, page by page: find, call, place, and the page without a network (A17, A25)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from brokerage.demo.nights import bed_id, contact_id, furnish
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import Desk

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
