"""A provider's homes and beds, page by page, and what a council sees of them (A14)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.demo.nights import bed_id, furnish, home_id
from brokerage.demo.register import provider_id
from brokerage.desk.work import Desk
from tests.web.road import Road

Client = TestClient[Litestar]
Day = dict[str, str]


def day(name: str, number: int, month: int, year: int) -> Day:
    return {f"{name}_day": str(number), f"{name}_month": str(month), f"{name}_year": str(year)}


@pytest.fixture
def furnished(desk: Desk) -> Desk:
    furnish(desk.work, date(2026, 1, 1))
    return desk


@pytest.fixture
def admin(client: Client, sign_in: Callable[[Client, str], None], furnished: Desk) -> Client:
    sign_in(client, "provider_admin")
    return client


def test_a_home_gets_its_rooms_a_void_and_its_last_day(admin: Client, csrf: Callable[[Client], str]) -> None:
    mark = {"_csrf_token": csrf(admin)}
    assert "Amber Lodge" in admin.get("/homes").text
    bad = admin.post("/homes/new", data=mark | {"name": "New House"})
    assert bad.status_code == 422
    assert 'value="New House"' in bad.text
    typed = {"name": "New House", "address": "1 New Road", "outward_code": "de1", "ofsted_category": "2"}
    made = admin.post("/homes/new", data=mark | typed | day("opened_on", 1, 11, 2026))
    home = made.headers["location"]
    assert admin.post(f"{home}/rooms", data=mark | {"name": "Room 1", "beds": "0"}).status_code == 422
    added = admin.post(f"{home}/rooms", data=mark | {"name": "Room 1", "beds": "2", "step_free": "yes"})
    assert added.headers["location"] == home
    page = admin.get(home).text
    assert "Room 1, bed 2" in page
    assert "Shared, step-free" in page
    (bed,) = set(re.findall(rf'href="({home}/beds/[^"]+)">Room 1, bed 1', page))
    void = mark | {"reason": "repairs"} | day("starts_on", 21, 11, 2026)
    assert admin.post(f"{bed}/void", data=void | day("ends_on", 20, 11, 2026)).status_code == 422
    assert admin.post(f"{bed}/void", data=void).status_code == 303
    assert "Void" in admin.get(home).text
    twice = admin.post(f"{bed}/void", data=void)
    assert twice.status_code == 422
    assert "The bed is taken" in twice.text
    (end,) = set(re.findall(rf'action="({bed}/void/[^"]+)"', admin.get(bed).text))
    assert admin.post(end, data=mark | day("void_ends_on", 1, 11, 2026)).status_code == 422
    assert admin.post(end, data=mark | day("void_ends_on", 21, 11, 2026)).status_code == 303
    assert "Repairs, 21 November 2026 to 21 November 2026" in admin.get(home).text
    early = admin.post(f"{home}/close", data=mark | day("closed_on", 31, 10, 2026))
    assert early.status_code == 422
    assert admin.post(f"{home}/close", data=mark | day("closed_on", 22, 11, 2026)).status_code == 303
    assert admin.post(f"{home}/rooms", data=mark | {"name": "Room 2", "beds": "1"}).status_code == 409


def test_a_number_out_of_hours_is_given(admin: Client, csrf: Callable[[Client], str]) -> None:
    mark = {"_csrf_token": csrf(admin)}
    assert admin.post("/homes/numbers/new", data=mark | {"phone": "call me"}).status_code == 422
    typed = {"purpose": "emergency_places", "who": "Deputy", "phone": "07700 900599", "opens": "22:00", "closes": "9am"}
    assert admin.post("/homes/numbers/new", data=mark | typed).headers["location"] == "/homes"
    assert "07700 900599, Deputy" in admin.get("/homes").text


def test_a_strangers_home_is_not_there_and_only_administrators_manage(
    admin: Client,
    new_client: Callable[[], Client],
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
) -> None:
    mark = {"_csrf_token": csrf(admin)}
    theirs = f"/homes/{home_id('Brook House')}"
    for path in (theirs, f"{theirs}/close", f"{theirs}/beds/{bed_id('Brook House', 1)}"):
        assert admin.get(path).status_code == 404, path
    own = f"/homes/{home_id('Amber Lodge')}/beds/{bed_id('Brook House', 1)}"
    assert admin.get(own).status_code == 404
    typed = mark | {"reason": "repairs"} | day("starts_on", 21, 11, 2026)
    assert admin.post(f"{own}/void", data=typed).status_code == 404
    assert admin.post(f"{theirs}/rooms", data=mark | {"name": "Mine now", "beds": "1"}).status_code == 404
    for who in ("provider_a", "coordinator", "operator"):
        other = new_client()
        sign_in(other, who)
        assert other.get("/homes").status_code == 403, who
        assert other.get("/homes/new").status_code == 403, who


def test_a_council_sees_which_beds_are_free_on_a_day(
    admin: Client,
    new_client: Callable[[], Client],
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
) -> None:
    path = f"/homes/{home_id('Amber Lodge')}/beds/{bed_id('Amber Lodge', 1)}/void"
    typed = {"_csrf_token": csrf(admin), "reason": "repairs"} | day("starts_on", 1, 12, 2026)
    assert admin.post(path, data=typed | day("ends_on", 2, 12, 2026)).status_code == 303
    staff = new_client()
    sign_in(staff, "commissioner")
    homes = f"/providers/{provider_id('amberside')}/homes"
    assert homes in staff.get(f"/providers/{provider_id('amberside')}").text
    assert "9 beds, 9 free on 21 November 2026" in staff.get(homes).text
    assert "9 beds, 8 free on 2 December 2026" in staff.get(f"{homes}?on_day=2&on_month=12&on_year=2026").text
    assert "9 beds, 9 free on 3 December 2026" in staff.get(f"{homes}?on_day=3&on_month=12&on_year=2026").text
    assert staff.get(f"{homes}?on_day=31&on_month=2&on_year=2027").status_code == 422


def test_homes_by_the_api_once_a_key(admin: Client, furnished: Desk) -> None:
    bearer = {"authorization": "Bearer demo-provider-admin", "accept": "application/json", "idempotency-key": "home-1"}
    body = {
        "name": "API House",
        "address": "2 New Road",
        "outward_code": "DE1",
        "opened_on": "2026-11-01",
        "ofsted_category": 3,
        "rooms": [{"name": "One"}, {"name": "Two", "beds": 2, "step_free": True}],
    }
    made = admin.post("/api/homes", json=body, headers=bearer)
    assert made.status_code == 201, made.text
    assert admin.post("/api/homes", json=body, headers=bearer).json() == made.json()
    assert made.json()["free"] == 3
    listed = admin.get("/api/homes", headers=bearer).json()["homes"]
    assert sorted(one["name"] for one in listed) == ["API House", "Amber Lodge", "Spire View"]
    assert {one["provider_id"] for one in listed} == {str(provider_id("amberside"))}
    bed = made.json()["rooms"][0]["beds"][0]["id"]
    path = f"/api/homes/{made.json()['id']}/beds/{bed}/voids"
    void = {"reason": "repairs", "starts_on": "2026-12-01"}
    fresh = {key: value for key, value in bearer.items() if key != "idempotency-key"}
    assert admin.post(path, json=void, headers=fresh).status_code == 201
    taken = admin.post(path, json=void, headers=fresh)
    assert taken.status_code == 409
    assert taken.json()["type"].endswith("/bed-taken")
    wrong = admin.post("/api/homes", json=body | {"rooms": [{"name": "", "beds": 90}], "x": 1}, headers=fresh)
    assert wrong.status_code == 422
    staff = {"authorization": "Bearer demo-coordinator", "accept": "application/json"}
    assert admin.post("/api/homes", json=body, headers=staff).status_code == 403
    everybody = admin.get("/api/homes", headers=staff).json()["homes"]
    assert len({one["provider_id"] for one in everybody}) == 8
    (one,) = admin.get(f"/api/homes?provider={provider_id('ivybank')}&on=2026-12-24", headers=staff).json()["homes"]
    assert (one["name"], one["free"]) == ("Ivy Terrace", 6)


def test_an_agreement_is_made_with_a_bed_or_told_who_has_it(
    new_client: Callable[[], Client],
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
    road: Road,
    furnished: Desk,
) -> None:
    opened = road.opened()
    road.offered(opened, "amberside")
    made = road.funded(opened)
    coordinator = new_client()
    sign_in(coordinator, "coordinator")
    path = f"/awards/{made.award_id}"
    assert "Which bed is held?" in coordinator.get(path).text
    beds = [str(bed_id("Amber Lodge", number)) for number in (1, 2)]
    with furnished.engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO bed_hold (id, bed_id, kind, starts_on, ends_on, void_reason, made_at)"
                " VALUES (gen_random_uuid(), :bed, 'stay', '2027-01-05', '2027-01-09', NULL, '2026-11-21T12:00Z')"
            ),
            {"bed": beds[0]},
        )
    typed = {"_csrf_token": csrf(coordinator)} | day("starts_on", 1, 12, 2026) | day("ends_on", 20, 4, 2027)
    typed |= day("met_on", 21, 11, 2026)
    refused = coordinator.post(f"{path}/agreement", data=typed | {"beds": beds[0]})
    assert refused.status_code == 422, refused.text
    assert "Somebody stays in it from 5 January 2027 to 9 January 2027" in refused.text
    with furnished.engine.begin() as db:
        assert db.execute(text("SELECT count(*) FROM agreement")).scalar_one() == 0, "all or nothing"
    done = coordinator.post(f"{path}/agreement", data=typed | {"beds": beds[1]})
    assert done.status_code == 303, done.text
    with furnished.engine.begin() as db:
        rows = db.execute(text("SELECT bed_id, ends_on FROM stay JOIN bed_hold ON bed_hold.id = hold_id")).all()
    assert [(str(row[0]), row[1]) for row in rows] == [(beds[1], date(2027, 4, 20))]
    owner = new_client()
    sign_in(owner, "provider_admin")
    page = owner.get(f"/homes/{home_id('Amber Lodge')}").text
    assert re.search(r"A-[A-Z0-9]+, 1 December 2026 to 20 April 2027", page)
    assert "Zebedee" not in page


def test_homes_look_right(browse: Callable[..., Page], sound: Callable[[Page], None], furnished: Desk) -> None:
    page = browse("/homes", as_="provider_admin")
    sound(page)
    base = page.url.removesuffix("/homes")
    for path in (
        "/homes/new",
        f"/homes/{home_id('Spire View')}",
        f"/homes/{home_id('Spire View')}/beds/{bed_id('Spire View', 1)}",
    ):
        page.goto(base + path)
        sound(page)
