"""The register over the API: suspended, prices raised and capped, sub-contractors, the specification, equality."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from brokerage.demo.register import provider_id
from brokerage.desk.clock import StoppedClock
from brokerage.worker.sweep import ring_due
from tests.desk.road import ask
from tests.keys import OPENER
from tests.web.road import Road

Client = TestClient[Litestar]
AMBERSIDE = provider_id("amberside")
REASON = "Fire doors were wedged open at two visits"


@pytest.fixture
def api(app: Litestar) -> Iterator[Client]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def as_(persona: str) -> dict[str, str]:
    return {"Authorization": f"Bearer demo-{persona.replace('_', '-')}"}


def registration_of(api: Client, firm: str = "Amberside Homes", category: str = "1.2") -> dict[str, Any]:
    listed = api.get("/api/providers", headers=as_("dps_admin")).json()
    return next(
        one for each in listed if each["name"] == firm for one in each["registrations"] if one["category"] == category
    )


def suspend(api: Client, persona: str = "dps_admin", **changes: Any) -> Any:
    body = {"starts_on": "2026-11-21", "ends_on": "2026-11-30", "reason": REASON, **changes}
    return api.post(f"/api/registrations/{registration_of(api)['id']}/suspension", json=body, headers=as_(persona))


def told(road: Road, kind: str) -> list[Any]:
    return ask(road.desk, "SELECT provider_id, person_id FROM message WHERE kind = :kind", kind=kind)


def test_a_suspension_stops_invitations_from_its_first_day_and_ends_by_itself(
    api: Client, road: Road, clock: StoppedClock
) -> None:
    before = road.opened()
    made = suspend(api)
    assert made.status_code == 201, made.text
    assert {"id", "provider_id", "starts_on", "ends_on", "reason"} <= set(made.json())
    assert AMBERSIDE not in {one.provider_id for one, _ in road.opened().links}
    ring_due(road.desk, OPENER)
    assert len(told(road, "provider_suspended")) == 1
    assert len(told(road, "standing_lost")) == 1, "one coordinator in Derby, none of a council that is not touched"
    why = f"/api/competitions/{before.competition_id}/why?provider={AMBERSIDE}"
    said = api.get(why, headers=as_("coordinator")).json()
    assert said["at_publication"]["invited"] is True
    assert (said["today"]["invited"], said["today"]["rule"]) == (False, "A15.suspended")
    assert api.get(why, headers=as_("coordinator_county")).status_code == 404
    assert api.get(why, headers=as_("provider_a")).status_code == 403
    clock.now += timedelta(days=10)
    ring_due(road.desk, OPENER)
    assert AMBERSIDE in {one.provider_id for one, _ in road.opened(on="2026-12-01").links}
    assert len(told(road, "suspension_over")) == 1
    assert api.get(why, headers=as_("auditor")).json()["today"]["invited"] is True


def test_a_suspension_is_lifted_once_and_by_those_who_may(api: Client, road: Road) -> None:
    assert suspend(api, "coordinator").status_code == 403
    assert suspend(api, starts_on="2026-11-20").status_code == 422
    assert suspend(api, ends_on="2026-11-20").status_code == 422
    assert suspend(api, reason="no").status_code == 422
    made = suspend(api, "quality", ends_on=None).json()
    path = f"/api/registrations/{registration_of(api)['id']}/suspension/{made['id']}/lift"
    other = f"/api/registrations/{registration_of(api, 'Brightwater Living')['id']}/suspension/{made['id']}/lift"
    assert api.post(other, json={"reason": REASON}, headers=as_("quality")).status_code == 404
    assert api.post(path, json={"reason": REASON}, headers=as_("quality")).status_code == 200
    assert api.post(path, json={"reason": REASON}, headers=as_("quality")).status_code == 409
    assert AMBERSIDE in {one.provider_id for one, _ in road.opened().links}
    unknown = f"/api/registrations/{uuid4()}/suspension"
    body = {"starts_on": "2026-11-21", "reason": REASON}
    assert api.post(unknown, json=body, headers=as_("quality")).status_code == 404


def test_who_is_suspended_in_the_window_cannot_be_chosen_and_its_placement_waits(api: Client, road: Road) -> None:
    first = road.opened()
    road.offered(first, "amberside")
    agreement = road.agreed(first, date(2026, 12, 10), date(2027, 4, 20))
    opened = road.opened()
    road.offered(opened, "amberside")
    assert suspend(api, ends_on=None).status_code == 201
    bid = road.evaluated(opened)[0].bid_id
    body = {"bid_id": str(bid), "reason": "The best plan for the outcomes"}
    refused = api.post(f"/api/competitions/{opened.competition_id}/award", json=body, headers=as_("coordinator"))
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "out-of-standing")
    path, words = f"/api/agreements/{agreement}/standing", {"choice": "move", "reason": "A quieter home is found"}
    assert api.post(path, json=words, headers=as_("placements")).status_code == 403
    assert api.post(path, json=words, headers=as_("coordinator_county")).status_code == 404
    made = api.post(path, json=words, headers=as_("coordinator"))
    assert (made.status_code, made.json()["choice"]) == (201, "move"), made.text


def test_prices_are_raised_after_a_year_within_the_ceiling_and_flagged_above_it(
    api: Client, road: Road, clock: StoppedClock
) -> None:
    body = {"category": "1.2", "percent": "5", "starts_on": "2027-02-01", "reason": "Rents rose by seven in a hundred"}
    assert api.post("/api/uplifts", json=body, headers=as_("provider_a")).status_code == 403
    early = api.post("/api/uplifts", json=body | {"starts_on": "2026-12-01"}, headers=as_("provider_admin"))
    assert early.status_code == 422
    made = api.post("/api/uplifts", json=body, headers=as_("provider_admin"))
    assert made.status_code == 201, made.text
    assert len(told(road, "uplift_proposed")) == 1
    ceiling = {"category": "1.2", "accommodation_weekly": "400.00", "valid_from": "2026-11-01"}
    assert api.post("/api/ceilings", json=ceiling, headers=as_("coordinator")).status_code == 403
    assert api.post("/api/ceilings", json=ceiling, headers=as_("commissioner")).status_code == 201
    decide = f"/api/uplifts/{made.json()['id']}/decision"
    over = api.post(decide, json={"decision": "accept"}, headers=as_("commissioner"))
    assert (over.status_code, over.json()["type"].rpartition("/")[2]) == (409, "over-ceiling")
    higher = {"category": "1.2", "accommodation_weekly": "450.00", "valid_from": "2027-01-01"}
    assert api.post("/api/ceilings", json=higher, headers=as_("dps_admin")).status_code == 201
    ended = [one["valid_to"] for one in api.get("/api/ceilings", headers=as_("auditor")).json()]
    assert ended == ["2026-12-31", None]
    assert api.post(decide, json={"decision": "accept"}, headers=as_("commissioner")).status_code == 200
    rates = "/api/rates?on="
    old, new = (
        next(one for one in api.get(rates + on, headers=as_("provider_a")).json()["rates"] if one["category"] == "1.2")
        for on in ("2027-01-31", "2027-02-01")
    )
    assert (old["accommodation_weekly"], new["accommodation_weekly"]) == ("410.00", "430.50")
    assert len(told(road, "uplift_decided")) == 1
    seen = api.get(f"/api/providers/{AMBERSIDE}/rates", headers=as_("coordinator")).json()["rates"]
    assert next(one for one in seen if one["category"] == "1.2")["above_ceiling"] == ["accommodation"]


def test_a_sub_contractor_needs_the_consent_of_the_council_whose_work_it_is(api: Client, road: Road) -> None:
    body = {
        "authority": "derby-city",
        "name": "Night Watch Limited",
        "service": "Staff at night",
        "share": "15",
        "cost_yearly": "24000.00",
        "starts_on": "2026-12-01",
    }
    assert api.post("/api/subcontractors", json=body, headers=as_("commissioner")).status_code == 403
    assert api.post("/api/subcontractors", json=body | {"share": "0"}, headers=as_("provider_admin")).status_code == 422
    made = api.post("/api/subcontractors", json=body, headers=as_("provider_admin")).json()
    assert len(told(road, "subcontractor_named")) == 1
    assert api.get("/api/subcontractors", headers=as_("provider_b")).json() == []
    path = f"/api/subcontractors/{made['id']}"
    consent = {"decision": "consent", "words": "We consent to nights only, until the end of 2027"}
    assert api.post(f"{path}/consent", json=consent, headers=as_("coordinator")).status_code == 403
    assert api.post(f"{path}/consent", json=consent, headers=as_("commissioner")).json()["state"] == "consented"
    assert api.post(f"{path}/consent", json=consent, headers=as_("commissioner")).status_code == 409
    end = {"ended_on": "2026-11-21"}
    assert api.post(f"{path}/end", json=end, headers=as_("provider_admin")).json()["state"] == "ended"


def test_the_specification_changes_after_everybody_was_asked_and_by_two_people(
    api: Client, road: Road, clock: StoppedClock
) -> None:
    body = {
        "title": "Night staff in shared homes",
        "reason": "Two incidents at night showed what was missing",
        "clauses": [{"number": "3.4.9", "words": "Somebody is awake at night in a shared home."}],
        "answer_by": "2026-12-05",
        "effective_on": "2027-01-01",
    }
    soon = api.post("/api/specification", json=body | {"answer_by": "2026-12-04"}, headers=as_("commissioner"))
    assert soon.json()["errors"][0]["pointer"] == "/answer_by"
    made = api.post("/api/specification", json=body, headers=as_("commissioner"))
    assert made.status_code == 201, made.text
    path = f"/api/specification/{made.json()['id']}"
    assert made.json()["asked"] == len(told(road, "specification_proposed")) == 12
    words = {"stance": "object", "words": "We need three months to find the staff"}
    assert api.post(f"{path}/answer", json={"stance": "object"}, headers=as_("provider_admin")).status_code == 422
    assert api.post(f"{path}/answer", json=words, headers=as_("provider_admin")).status_code == 201
    assert api.post(f"{path}/answer", json={"stance": "agree"}, headers=as_("provider_admin")).status_code == 201
    kept = api.get(path, headers=as_("dps_admin")).json()["answers"]
    assert sorted(one["stance"] for one in kept) == ["agree", "object"], "every answer is kept"
    assert api.get(path, headers=as_("provider_b")).json()["answers"] == [], "another firm's is not shown"
    decision = {"decision": "authorise"}
    assert api.post(f"{path}/decision", json=decision, headers=as_("commissioner")).status_code == 403
    clock.now += timedelta(days=15)
    late = api.post(f"{path}/answer", json=words, headers=as_("provider_admin"))
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "consultation-over")
    own = api.post(f"{path}/decision", json=decision, headers=as_("commissioner"))
    assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (403, "own-change")


def test_equality_answers_need_consent_show_nobody_and_are_deleted_on_a_word(
    api: Client, road: Road, client: Client, sign_in: Any, csrf: Any
) -> None:
    referral = road.raised()
    sign_in(client, "placements")
    path = f"/referrals/{referral}/equality"
    said = {
        "ethnic_group": "mixed",
        "gender": "female",
        "disability": "yes",
        "religion": "none",
        "orientation": "not_said",
        "_csrf_token": csrf(client),
    }
    assert client.post(path, data=said).status_code == 422
    assert client.post(path, data=said | {"consent": "yes", "gender": ""}).status_code == 422
    assert client.post(path, data=said | {"consent": "yes"}).status_code == 303
    form = client.get(path).text
    assert "What they said is not shown here" in form
    assert "checked" not in form
    tables = api.get("/api/equality", headers=as_("commissioner")).json()
    assert {count for table in tables for count in table["counts"].values()} == {None}
    assert {table["total"] for table in tables} == {None}
    assert api.get("/api/equality", headers=as_("coordinator")).status_code == 403
    assert client.post(f"{path}/withdraw", data={"_csrf_token": csrf(client)}).status_code == 303
    assert ask(road.desk, "SELECT count(*) FROM equality_answers")[0][0] == 0
    assert client.post(f"{path}/withdraw", data={"_csrf_token": csrf(client)}).status_code == 404
    bodies = ask(road.desk, "SELECT body FROM record WHERE kind LIKE 'equality%'")
    assert len(bodies) == 2
    assert not any("mixed" in row.body for row in bodies)
