"""More time, no suitable offer, what next: pages and API of what is decided about a window (A29, S27)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.competitions.store import competition
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.worker.sweep import ring_due
from tests.keys import OPENER
from tests.web.road import Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
REASON = "Two providers asked for more time"


@pytest.fixture
def act(new_client: Callable[[], Client], sign_in: SignIn) -> Callable[[str], Client]:
    def begin(persona: str) -> Client:
        client = new_client()
        sign_in(client, persona)
        return client

    return begin


@pytest.fixture
def send(csrf: Callable[[Client], str]) -> Callable[..., Any]:
    def post(client: Client, path: str, **data: Any) -> Any:
        return client.post(path, data={"_csrf_token": csrf(client), **data})

    return post


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: value for name, value in found if name != "_csrf_token"}


def until(day: str, clock: str, **more: str) -> dict[str, str]:
    year, month, number = day.split("-")
    typed = {"closes_day": number, "closes_month": month, "closes_year": year, "closes_time": clock}
    return {"longer": "until", "reason": REASON, **typed, **more}


def closes_at(road: Road, competition_id: UUID) -> datetime:
    with road.desk.work(road.actor("coordinator")) as work:
        return competition(work.db, "derby-city", competition_id).window.closes_at


# More time ------


def test_an_extension_is_shown_before_it_is_made_and_made_once(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    path = f"/competitions/{opened.competition_id}"
    coordinator = act("coordinator")
    assert f'href="{path}/extend"' in coordinator.get(path).text
    check = send(coordinator, path + "/extend", longer="30", reason=REASON)
    assert check.status_code == 200
    page = words(check.text)
    assert "Offers close now at 3:55pm GMT, Saturday 21 November 2026" in page
    assert "Offers will close at 4:25pm GMT, Saturday 21 November 2026" in page
    assert closes_at(road, opened.competition_id) == opened.closes_at
    made = send(coordinator, path + "/extend", **hidden(check.text), confirm="yes")
    assert (made.status_code, made.headers["location"]) == (303, path)
    assert closes_at(road, opened.competition_id) == opened.closes_at + timedelta(minutes=30)
    again = send(coordinator, path + "/extend", **hidden(check.text), confirm="yes")
    assert again.status_code == 422
    assert closes_at(road, opened.competition_id) == opened.closes_at + timedelta(minutes=30)
    shown = words(coordinator.get(path).text)
    assert REASON in shown
    assert "More time: from 3:55pm GMT" in shown


def test_what_was_typed_comes_back_to_be_changed(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    path = f"/competitions/{opened.competition_id}/extend"
    coordinator = act("coordinator")
    check = send(coordinator, path, **until("2026-11-22", "10:15am"))
    assert "10:15am GMT, Sunday 22 November 2026" in words(check.text)
    back = send(coordinator, path, **hidden(check.text), change="yes")
    for typed in ('value="22"', 'value="10:15am"', REASON):
        assert typed in back.text


WRONG: Final = (
    ({"reason": REASON}, "longer", "Choose how much longer"),
    ({"longer": "30", "reason": "more"}, "reason", "10 characters or more"),
    (until("2026-11-21", "3:00pm"), "closes", "must be later than that"),
    (until("2026-11-21", "3:55pm"), "closes", "must be later than that"),
    (until("2026-12-24", "3:00pm"), "closes", "7 days from now"),
    (until("2026-02-30", "3:00pm"), "closes", "must be a real date"),
    (until("2026-11-22", "teatime"), "closes_time", "must be a time of day"),
    (until("2026-11-22", "25:00"), "closes_time", "must be a real time of day"),
    (until("2026-11-22", "3"), "closes_time", "must be a time of day"),
)


def test_what_cannot_be_is_said_beside_its_box_and_nothing_is_lost(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened, coordinator = road.opened(), act("coordinator")
    for typed, field, message in WRONG:
        answer = send(coordinator, f"/competitions/{opened.competition_id}/extend", **typed)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
        assert message in words(answer.text)
        assert typed["reason"] in answer.text
    assert closes_at(road, opened.competition_id) == opened.closes_at


def test_a_time_that_comes_twice_is_asked_about(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road, clock: StoppedClock
) -> None:
    clock.now = datetime(2026, 10, 24, 9, 0, tzinfo=UTC)
    opened = road.opened(on="2026-10-24")
    path = f"/competitions/{opened.competition_id}/extend"
    coordinator = act("coordinator")
    twice = until("2026-10-25", "1:30am")
    asked = send(coordinator, path, **twice)
    assert asked.status_code == 422
    assert "Choose which one" in words(asked.text)
    assert 'id="which"' in asked.text
    for which, shown in (("first", "1:30am BST"), ("second", "1:30am GMT")):
        check = send(coordinator, path, **twice, which=which)
        assert f"{shown}, Sunday 25 October 2026" in words(check.text)


def test_a_time_that_spring_leaves_out_is_refused(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road, clock: StoppedClock
) -> None:
    clock.now = datetime(2027, 3, 27, 9, 0, tzinfo=UTC)
    opened = road.opened(on="2027-03-27")
    answer = send(act("coordinator"), f"/competitions/{opened.competition_id}/extend", **until("2027-03-28", "1:30am"))
    assert answer.status_code == 422
    assert "leave this time out" in words(answer.text)


def test_after_the_close_there_is_no_more_time_to_give(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road, clock: StoppedClock
) -> None:
    opened = road.opened()
    clock.now = opened.closes_at
    coordinator, path = act("coordinator"), f"/competitions/{opened.competition_id}"
    assert f'href="{path}/extend"' not in coordinator.get(path).text
    for answer in (coordinator.get(path + "/extend"), send(coordinator, path + "/extend", longer="30", reason=REASON)):
        assert answer.status_code == 409
        assert "The time for offers is over" in answer.text


# No suitable offer, and what next ------


def given_up(road: Road) -> Any:
    opened = road.opened()
    road.offered(opened, "amberside", "brightwater")
    road.evaluated(opened)
    with road.desk.work(road.actor("coordinator")) as work:
        flow.give_up(work, opened.competition_id, "The risk cannot be managed in either")
    return opened


def test_saying_that_no_offer_is_suitable_leads_to_what_next(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    road.offered(opened, "amberside", "brightwater")
    road.evaluated(opened)
    path = f"/competitions/{opened.competition_id}"
    coordinator = act("coordinator")
    assert f'href="{path}/give-up"' in coordinator.get(path).text
    assert send(coordinator, path + "/give-up", reason="no").status_code == 422
    done = send(coordinator, path + "/give-up", reason="The risk cannot be managed in either")
    assert (done.status_code, done.headers["location"]) == (303, path + "/next")
    following = words(coordinator.get(path + "/next").text)
    assert "No offer was suitable" in following
    assert "The risk cannot be managed in either" in following
    after = words(coordinator.get(path).text)
    assert "No offer suitable" in after
    assert "amberside answers risk in a sentence" in after
    assert "Nobody offered" not in after


def test_a_bidder_reads_that_none_was_chosen_and_its_own_scores_only(
    act: Callable[[str], Client], road: Road, client: Client
) -> None:
    opened = given_up(road)
    page = words(client.get(f"/b/{road.token(opened)}").text)
    assert "No offer was chosen" in page
    assert "Your own scores" in page
    assert "The risk cannot be managed" not in page
    silent = words(client.get(f"/b/{road.token(opened, 'dovecote')}").text)
    assert "have closed" in silent
    assert "chosen" not in silent.partition("have closed")[2].partition("invited to the next")[0]
    assert "No offer was chosen" in words(act("provider_a").get("/provider").text)
    told = client.get(f"/api/invitations/{road.token(opened)}").json()
    assert told["outcome"]["chosen"] is False
    assert told["state"] == "closed"


@pytest.mark.parametrize("choice", ["rerun", "wider_1.3"])
def test_what_is_published_again_is_linked_both_ways(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road, choice: str
) -> None:
    opened = road.opened()
    road.closed(opened)
    path = f"/competitions/{opened.competition_id}"
    coordinator = act("coordinator")
    page = words(coordinator.get(path + "/next").text)
    assert "Nobody offered" in page
    assert "Look wider, in category 1.3" in page
    done = send(coordinator, path + "/next", choice=choice, reason="Nobody offered the first time")
    assert done.status_code == 303
    assert f'href="{path}"' in coordinator.get(done.headers["location"]).text
    assert f'href="{done.headers["location"]}"' in coordinator.get(path).text
    assert "This has gone on already" in words(coordinator.get(path + "/next").text)


def test_what_becomes_bespoke_is_recorded_and_the_page_leads_on(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    road.closed(opened)
    path = f"/competitions/{opened.competition_id}/next"
    coordinator = act("coordinator")
    missing = send(coordinator, path, reason="We know a good place")
    assert missing.status_code == 422
    assert 'href="#choice"' in missing.text
    done = send(coordinator, path, choice="negotiate", reason="We know a good place")
    assert (done.status_code, done.headers["location"]) == (303, path)
    page = words(coordinator.get(path).text)
    assert "Negotiate it as a bespoke package" in page
    assert "We know a good place" in page
    assert "A bespoke package is advertised from the referral" in page
    at = f"/referrals/{opened.referral_id}"
    assert f"{at}/publish" in coordinator.get(at).text


def test_who_may_not_publish_may_not_decide(act: Callable[[str], Client], road: Road) -> None:
    opened = road.opened()
    approver = act("approver")
    for step in ("extend", "give-up", "next"):
        assert approver.get(f"/competitions/{opened.competition_id}/{step}").status_code == 403


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_are_accessible_and_fit(
    browse: Callable[..., Page], road: Road, axe: Callable[[Page], None], fits: Callable[[Page], None], width: int
) -> None:
    opened, over = road.opened(), given_up(road)
    judged = road.opened()
    road.offered(judged, "amberside")
    road.closed(judged)
    fresh = road.opened()
    page = browse(f"/competitions/{fresh.competition_id}/extend", as_="coordinator", width=width)
    axe(page)
    fits(page)
    page.check("#longer-2")
    page.fill("#reason", REASON)
    page.click("text=Check the new time")
    axe(page)
    fits(page)
    for path in (f"{judged.competition_id}/give-up", f"{over.competition_id}/next", str(over.competition_id)):
        page.goto(page.url.partition("/competitions")[0] + f"/competitions/{path}")
        axe(page)
        fits(page)
    assert opened


# The API ------


@pytest.fixture
def api(app: Litestar) -> Any:
    with TestClient(app, raise_server_exceptions=False) as client:
        client.headers["authorization"] = "Bearer demo-coordinator"
        yield client


def test_the_api_extends_gives_up_and_publishes_again(api: Client, road: Road, clock: StoppedClock) -> None:
    opened = road.opened()
    path = f"/api/competitions/{opened.competition_id}"
    later = opened.closes_at + timedelta(hours=1)
    sent = {"closes_at": later.isoformat(), "reason": REASON}
    done = api.post(f"{path}/extension", json=sent, headers={"idempotency-key": "once"})
    assert done.status_code == 200, done.text
    assert done.json()["closes_at"] == later.isoformat().replace("+00:00", "Z")
    assert api.post(f"{path}/extension", json=sent, headers={"idempotency-key": "once"}).json() == done.json()
    again = api.post(f"{path}/extension", json=sent)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (422, "not-later")
    assert api.get(path).json()["closes_at"] == later.isoformat().replace("+00:00", "Z")
    road.offered(opened)
    clock.now = later
    ring_due(road.desk, OPENER)
    gone = api.post(f"{path}/give-up", json={"reason": "The risk cannot be managed"})
    assert (gone.status_code, gone.json()["state"]) == (200, "unsuccessful")
    late = api.post(f"{path}/extension", json={**sent, "closes_at": (later + timedelta(hours=1)).isoformat()})
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "window-over")
    wrong = api.post(f"{path}/next", json={"choice": "wider", "category": "2.2", "reason": "Nobody fits at all"})
    assert (wrong.status_code, wrong.json()["possible"]) == (422, ["1.3", "1.1"])
    following = api.post(f"{path}/next", json={"choice": "wider", "reason": "Nobody fits at all"})
    assert following.status_code == 200, following.text
    body = following.json()
    assert (body["category"], body["competition"]["category"]) == ("1.3", "1.3")
    assert body["competition"]["follows"] == str(opened.competition_id)
    first = api.get(path).json()
    assert first["followed_by"] == body["competition"]["id"]
    assert [one["choice"] for one in first["decisions"]] == ["extend", "give_up", "wider"]
    twice = api.post(f"{path}/next", json={"choice": "rerun", "reason": "Nobody fits at all"})
    assert (twice.status_code, twice.json()["type"].rpartition("/")[2]) == (409, "already-followed")
