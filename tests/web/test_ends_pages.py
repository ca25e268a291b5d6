"""Ends by page and by API: notice, at once, as agreed; what follows each (A34, S18)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.demo.register import personas, provider_id
from brokerage.desk.work import SYSTEM
from lots import service as lots
from lots import store as lots_store
from lots.model import Bed, BedId, Property, PropertyId, Room, RoomId, Sharing
from placements import store
from placements.model import AgreementId
from tests.web.lives import DERBY, END, START, day, opened_agreement, running_agreement
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
SERVED = START + timedelta(days=40)
OPTIONS = "More support was offered and tried for a month\nZebedee met the team twice"


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


@pytest.fixture
def call(new_client: Callable[[], Client]) -> Callable[..., Any]:
    browser = new_client()

    def ask(persona: str, path: str, body: Any = None) -> Any:
        token = next(one.token for one in personas() if one.key == persona)
        sent = {"authorization": f"Bearer {token}", "accept": "application/json"}
        return browser.post("/api" + path, json=body, headers=sent)

    return ask


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: value for name, value in found if name != "_csrf_token"}


def stand_on(road: Road, on: date) -> None:
    road.clock.now = datetime.combine(on, time(12), UTC)


def a_bed(road: Road, agreement_id: UUID) -> UUID:
    """Give the firm a home with one bed, held for the agreement's young person until its last day."""
    home, bed = UUID(int=771), BedId(UUID(int=772))
    room = Room(RoomId(UUID(int=773)), "First", Sharing.SINGLE, True, (Bed(bed, 1),))
    with road.desk.work(SYSTEM) as work:
        made = store.agreement(work.db, DERBY, AgreementId(agreement_id))
        where = (provider_id("amberside"), "The Elms", "1 Invented Street", "DE1", 2)
        lots.add_home(work.db, Property(PropertyId(home), *where, date(2026, 1, 1), None, (room,)))
        lots.hold_beds(
            work.db, DERBY, made.referral_id, made.provider_id, [bed], made.starts_on, made.ends_on, work.now
        )
    return made.referral_id


def bed_until(road: Road, referral_id: UUID) -> list[date | None]:
    with road.desk.engine.connect() as db:
        return [one.hold.ends_on for one in lots_store.stays(db, DERBY, referral_id)]


def notice(**changes: Any) -> dict[str, Any]:
    body = {"kind": "notice", "by": "provider", "reason": "provider_general", "served_on": SERVED.isoformat()}
    return body | {"options_explored": ["More support was tried for a month"]} | changes


def test_notice_is_weighed_and_given_and_all_that_follows_ends_with_it(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    agreement_id = running_agreement(road)
    referral_id = a_bed(road, agreement_id)
    stand_on(road, SERVED)
    at = f"/agreements/{agreement_id}"
    provider = act("provider_a")
    form = words(provider.get(at + "/notice").text)
    assert "30 days of notice" in form
    assert "The council ends the placement" not in form, "a provider does not speak for the council"
    typed = {"reason": "provider_behaviour", **day("served_on", SERVED), "options_explored": OPTIONS}
    check = send(provider, at + "/notice", **typed)
    last = SERVED + timedelta(days=14)
    assert check.status_code == 200
    shown = words(check.text)
    assert f"{last.day} January 2027, until midnight" in shown
    assert "planned review" in shown
    assert "[young person] met the team twice" in shown
    assert bed_until(road, referral_id) == [END], "nothing has changed yet"
    made = send(provider, at + "/notice", **hidden(check.text), confirm="yes")
    assert made.status_code == 303, words(made.text)
    assert bed_until(road, referral_id) == [last]
    with road.desk.engine.connect() as db:
        versions = store.versions(db, DERBY, AgreementId(agreement_id))
        sent = db.execute(text("SELECT to_address, body FROM message WHERE kind = 'notice_given'")).all()
    assert versions[-1].until_on == last, "payments end with the notice"
    assert len({row.to_address for row in sent}) >= 2
    assert not any(str(name) in row.body for name in NAMED.values() for row in sent)
    again = send(provider, at + "/notice", **hidden(check.text), confirm="yes")
    assert again.status_code == 409
    coordinator = act("coordinator")
    assert "Notice was given" in words(coordinator.get(at + "/notice").text)
    stand_on(road, last)
    coordinator = act("coordinator")
    ended = {"reason": "planned", **day("ends_on", last), "move_on": "supported_accommodation"}
    check = send(coordinator, at + "/end", **ended)
    assert check.status_code == 200, words(check.text)
    assert send(coordinator, at + "/end", **hidden(check.text), confirm="yes").status_code == 303
    how = words(coordinator.get(at + "/end").text)
    assert "How the placement ended" in how
    assert "Other supported accommodation" in how
    assert "CREQB" in how


def test_the_api_gives_notice_ends_at_once_and_refuses_what_cannot_be(call: Callable[..., Any], road: Road) -> None:
    agreement_id = running_agreement(road)
    at = f"/agreements/{agreement_id}/termination"
    stand_on(road, SERVED)
    for changes, status, slug in (
        ({"by": "council"}, 422, "not-valid"),
        ({"reason": "bored"}, 422, "not-valid"),
        ({"served_on": (SERVED + timedelta(days=1)).isoformat()}, 422, "still-to-come"),
        ({"served_on": "2026-12-02"}, 422, "outside-stay"),
        ({"options_explored": []}, 422, "options-not-explored"),
        ({"options_explored": ["  "]}, 422, "options-not-explored"),
        ({"ends_on": "2027-01-15"}, 422, "not-valid"),
        ({"by": "young_person", "reason": "young_person_left"}, 422, "notice-not-possible"),
        ({"kind": "early", "served_on": None}, 409, "notice-needed"),
        ({"kind": "planned", "by": "plan", "reason": "planned", "ends_on": "2027-01-01"}, 422, "not-the-last-day"),
        ({"colour": "red"}, 422, "not-valid"),
    ):
        body = {name: value for name, value in notice(**changes).items() if value is not None}
        answer = call("coordinator", at, body)
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (status, slug), answer.text
    assert call("provider_a", at, notice(by="council", reason="council_general")).status_code == 403
    for who, status in (("provider_b", 404), ("coordinator_county", 404), ("approver", 403), ("auditor", 403)):
        assert call(who, at, notice()).status_code == status, who
    given = call("provider_a", at, notice())
    assert given.status_code == 200, given.text
    last = SERVED + timedelta(days=30)
    assert (given.json()["state"], given.json()["last_day"]) == ("under_notice", last.isoformat())
    assert (given.json()["national_code"], given.json()["expected"]) == ("CREQO", False)
    assert call("coordinator", at, notice()).json()["type"].endswith("/under-notice")
    change = {"reason": "needs_less", "effective_on": (SERVED + timedelta(days=1)).isoformat(), "hours": 4.5}
    one = call("provider_a", f"/agreements/{agreement_id}/variations", change).json()["id"]
    left = {"kind": "early", "by": "young_person", "reason": "young_person_left", "ends_on": SERVED.isoformat()}
    ended = call("coordinator", at, left | {"expected": True, "move_on": "family"})
    assert ended.status_code == 200, ended.text
    assert (ended.json()["state"], ended.json()["last_day"]) == ("ended", SERVED.isoformat())
    assert (ended.json()["expected"], ended.json()["move_on"]) == (True, "family")
    assert call("coordinator", at, left).json()["type"].endswith("/agreement-over")
    with road.desk.engine.connect() as db:
        (fallen,) = store.variations(db, DERBY, AgreementId(agreement_id))
    assert (str(fallen.id), fallen.state.value) == (one, "withdrawn"), "what was proposed falls with the end"
    refused = call("coordinator", f"/agreements/{agreement_id}/variations", change)
    assert refused.json()["type"].endswith("/agreement-over"), "nothing is varied after its end"


def test_who_never_came_ends_on_the_eve_and_gives_the_bed_back(call: Callable[..., Any], road: Road) -> None:
    agreement_id = opened_agreement(road)
    referral_id = a_bed(road, agreement_id)
    eve = (START - timedelta(days=1)).isoformat()
    ended = call("provider_a", f"/agreements/{agreement_id}/termination", {"reason": "never_came", "ends_on": eve})
    assert (ended.status_code, ended.json()["last_day"]) == (200, eve), ended.text
    assert bed_until(road, referral_id) == []


def test_notice_and_a_longer_stay_at_once_leave_one_last_day(call: Callable[..., Any], road: Road) -> None:
    agreement_id = running_agreement(road)
    stand_on(road, SERVED)
    later = {"reason": "stay_longer", "effective_on": SERVED.isoformat(), "ends_on": "2027-08-31"}
    one = call("provider_a", f"/agreements/{agreement_id}/variations", later).json()["id"]
    acts = (
        ("provider_a", f"/agreements/{agreement_id}/termination", notice()),
        ("coordinator", f"/variations/{one}/agreement", None),
    )
    with ThreadPoolExecutor(2) as pool:
        given, varied = pool.map(lambda each: call(*each), acts)
    with road.desk.engine.connect() as db:
        made = store.agreement(db, DERBY, AgreementId(agreement_id))
        versions = store.versions(db, DERBY, AgreementId(agreement_id))
    assert given.status_code == 200, given.text
    assert made.ends_on == SERVED + timedelta(days=30), "notice sets the last day, whichever came first"
    assert max(one.until_on for one in versions if one.held) == made.ends_on
    if varied.status_code != 200:
        assert (varied.status_code, varied.json()["type"].rsplit("/", 1)[1]) == (409, "under-notice")


def test_the_pages_of_an_end_are_sound(browse: Callable[..., Page], sound: Callable[[Page], None], road: Road) -> None:
    agreement_id = running_agreement(road)
    stand_on(road, SERVED)
    page = browse(f"/agreements/{agreement_id}/end", as_="provider_a")
    sound(page)
    page.goto(page.url.replace("/end", "/notice"))
    sound(page)
    page.click("text=See what follows")
    sound(page)
    page.check("[value=provider_general]")
    page.fill("#options_explored", "More support was tried")
    page.click("text=See what follows")
    sound(page)
    page.click("button:has-text('Give notice')")
    page.wait_for_url("**/notice")
    sound(page)
