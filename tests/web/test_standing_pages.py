"""The register's pages: the effect first, then the deed; prices, sub-contractors, the specification."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from brokerage.competitions.events import CompetitionOpened
from brokerage.demo.register import provider_id
from brokerage.worker.sweep import ring_due
from tests.web.road import Road

Client = TestClient[Litestar]
AMBERSIDE, LARKRISE = provider_id("amberside"), provider_id("larkrise")
REASON = "Fire doors were wedged open at two visits"


def days(name: str, day: date) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def offered(road: Road) -> CompetitionOpened:
    opened = road.opened()
    road.offered(opened, "amberside")
    return opened


def test_a_suspension_shows_its_effect_then_holds_and_placements_wait_for_a_decision(
    client: Client, sign_in: Callable[..., None], csrf: Callable[[Client], str], road: Road
) -> None:
    agreement = road.agreed(offered(road), date(2026, 12, 10), date(2027, 4, 20))
    opened = offered(road)
    sign_in(client, "quality")
    path = f"/providers/{AMBERSIDE}/suspend"
    assert opened.reference in client.get(path).text
    typed = {**days("starts_on", date(2026, 11, 21)), "reason": REASON, "_csrf_token": csrf(client)}
    check = client.post(path, data=typed).text
    assert "Nothing has changed yet" in check
    assert opened.reference in check
    assert "1 placement that runs" in check
    done = client.post(path, data=typed | {"confirm": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, f"/providers/{AMBERSIDE}")
    assert "Suspended since 21 November 2026" in client.get(f"/providers/{AMBERSIDE}").text
    ring_due(road.desk)
    link = f"/b/{road.token(opened)}"
    assert "no offer of yours can be chosen while that lasts" in client.get(link).text
    sign_in(client, "provider_a")
    assert REASON in client.get("/rates").text
    sign_in(client, "coordinator")
    decide = f"/agreements/{agreement}/standing"
    assert decide in client.get("/").text
    why = client.get(f"/competitions/{opened.competition_id}/why?provider={AMBERSIDE}").text
    assert "has lost its standing since" in why
    refused = client.post(decide, data={"choice": "keep", "reason": "", "_csrf_token": csrf(client)})
    assert refused.status_code == 422
    words = {"choice": "keep", "reason": "Visited today, and the home is safe", "_csrf_token": csrf(client)}
    assert client.post(decide, data=words).status_code == 303
    assert decide not in client.get("/").text


def test_a_removal_is_undone_with_a_reason_and_only_by_who_may(
    client: Client, sign_in: Callable[..., None], csrf: Callable[[Client], str], road: Road
) -> None:
    sign_in(client, "coordinator")
    assert client.get(f"/providers/{AMBERSIDE}/remove").status_code == 403
    sign_in(client, "dps_admin")
    mark = {"_csrf_token": csrf(client)}
    path = f"/providers/{AMBERSIDE}/remove"
    past = client.post(path, data=days("removed_on", date(2026, 11, 20)) | {"reason": REASON} | mark)
    assert (past.status_code, "must be today or later" in past.text) == (422, True)
    typed = days("removed_on", date(2026, 11, 21)) | {"reason": REASON, "confirm": "yes"} | mark
    assert client.post(path, data=typed).status_code == 303
    assert client.post(path, data=typed).status_code == 409
    assert AMBERSIDE not in {one.provider_id for one, _ in road.opened().links}
    back = {"reason": "The appeal was upheld", "confirm": "yes"} | mark
    assert client.post(f"/providers/{AMBERSIDE}/readmit", data=back).status_code == 303
    assert AMBERSIDE in {one.provider_id for one, _ in road.opened().links}
    assert client.post(f"/providers/{AMBERSIDE}/readmit", data=back).status_code == 409


def test_why_a_provider_was_not_invited_is_one_page(client: Client, sign_in: Callable[..., None], road: Road) -> None:
    opened = road.opened()
    path = f"/competitions/{opened.competition_id}/why"
    for persona in ("coordinator", "auditor", "dps_admin"):
        sign_in(client, persona)
        page = client.get(f"{path}?provider={LARKRISE}").text
        assert "Quality visit found fire doors wedged open" in page
        assert "A15.suspended" in page
        assert client.get(path).status_code == 200
    assert client.get(f"{path}?provider=nobody").status_code == 404
    for persona, status in (("coordinator_county", 404), ("careline", 403), ("provider_a", 403)):
        sign_in(client, persona)
        assert client.get(f"{path}?provider={LARKRISE}").status_code == status


def test_prices_sub_contractors_and_the_specification_have_their_pages(
    client: Client, sign_in: Callable[..., None], csrf: Callable[[Client], str], road: Road
) -> None:
    sign_in(client, "provider_admin")
    mark = {"_csrf_token": csrf(client)}
    later = days("starts_on", date(2027, 3, 1))
    proposal: dict[str, Any] = {"category": "1.2", "percent": "3.5%", "reason": "Rents rose by seven in a hundred"}
    assert client.post("/rates/propose", data=proposal | days("starts_on", date(2026, 12, 1)) | mark).status_code == 422
    assert client.post("/rates/propose", data=proposal | later | mark).status_code == 303
    assert "Waits for a decision" in client.get("/rates").text
    sheet = client.get("/rates.csv")
    assert sheet.headers["content-disposition"] == 'attachment; filename="rates.csv"'
    named = {"authority": "derby-city", "name": "=Night Watch", "service": "Nights", "share": "15"}
    asked = client.post("/subcontractors/name", data=named | {"cost_yearly": "24,000"} | later | mark)
    assert asked.status_code == 303
    sign_in(client, "commissioner")
    mark = {"_csrf_token": csrf(client)}
    (proposed,) = road.desk.engine.connect().exec_driver_sql("SELECT id FROM uplift").all()
    assert "424.35" in client.get(f"/proposals/{proposed.id}").text
    refused = client.post(f"/proposals/{proposed.id}", data={"decision": "refuse", "note": ""} | mark)
    assert refused.status_code == 422
    assert client.post(f"/proposals/{proposed.id}", data={"decision": "accept"} | mark).status_code == 303
    ceiling = {"category": "1.2", "accommodation_weekly": "300"} | days("valid_from", date(2026, 11, 1)) | mark
    assert client.post("/ceilings", data=ceiling).status_code == 303
    assert "Above your ceiling" in client.get(f"/providers/{AMBERSIDE}/rates").text
    assert "=Night Watch" in client.get("/subcontractors").text
    (one,) = road.desk.engine.connect().exec_driver_sql("SELECT id FROM subcontractor").all()
    consent = {"decision": "consent", "words": "We consent to nights until 2028"} | mark
    assert client.post(f"/subcontractors/{one.id}/consent", data=consent).status_code == 303
    change = {"title": "Night staff", "reason": "Two incidents at night", "clause_0": "3.4.9", "words_0": "Be awake."}
    change |= days("answer_by", date(2026, 12, 10)) | days("effective_on", date(2027, 1, 10))
    assert "Another clause (5)" in client.post("/specification/propose", data=change | mark | {"more": "yes"}).text
    made = client.post("/specification/propose", data=change | mark)
    assert made.status_code == 303, made.text
    assert "another chief officer authorises it" in client.get(made.headers["location"]).text
    sign_in(client, "provider_admin")
    page = client.get(made.headers["location"]).text
    assert "Answer for your firm" in page
    assert "Cora" not in page


def test_an_offer_above_the_ceiling_is_flagged_and_not_refused(
    client: Client, sign_in: Callable[..., None], csrf: Callable[[Client], str], road: Road
) -> None:
    opened = offered(road)
    sign_in(client, "commissioner")
    ceiling = {"category": "1.2", "accommodation_weekly": "300", "_csrf_token": csrf(client)}
    assert client.post("/ceilings", data=ceiling | days("valid_from", date(2026, 11, 1))).status_code == 303
    road.evaluated(opened)
    sign_in(client, "coordinator")
    assert "Above the ceiling" in client.get(f"/competitions/{opened.competition_id}").text


def test_the_pages_are_sound_in_a_browser(browse: Callable[..., Any], sound: Callable[[Any], None], road: Road) -> None:
    opened = road.opened()
    page = browse(f"/providers/{AMBERSIDE}/suspend", as_="dps_admin")
    base = page.url.partition("/providers")[0]
    sound(page)
    page.fill("#reason", REASON)
    page.click("text=Check before you confirm")
    sound(page)
    for path in (
        f"/competitions/{opened.competition_id}/why?provider={LARKRISE}",
        f"/providers/{AMBERSIDE}/rates",
        "/ceilings",
        "/specification/propose",
        "/subcontractors",
        "/equality",
    ):
        page.goto(base + path)
        sound(page)
