"""The API as its description promises it: paths, fields, refusals. Driven from outside, as another system would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import Desk
from brokerage.worker.sweep import ring_due
from lots.store import profiles
from tests.keys import OPENER
from tests.web.road import Road, a_referral

Client = TestClient[Litestar]


@pytest.fixture
def api(app: Litestar) -> Any:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def as_(persona: str) -> dict[str, str]:
    return {"Authorization": f"Bearer demo-{persona}"}


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """Check that a refusal is problem+json with its own type, and give its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["type"].endswith(f"/{slug}")
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def raised(api: Client, **changes: Any) -> dict[str, Any]:
    answer = api.post("/api/referrals", json=a_referral(**changes), headers=as_("placements"))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def opened(api: Client, **changes: Any) -> dict[str, Any]:
    referral = raised(api, **changes)
    answer = api.post(f"/api/referrals/{referral['id']}/competitions", json={}, headers=as_("coordinator"))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def links(desk: Desk) -> list[str]:
    with desk.engine.connect() as db:
        rows = db.execute(
            text("SELECT link FROM message WHERE kind = 'invitation' AND medium = 'sms' ORDER BY sequence")
        )
        return [row.link.rpartition("/")[2] for row in rows]


def code(desk: Desk) -> str:
    with desk.engine.connect() as db:
        return str(
            db.execute(text("SELECT code FROM message WHERE kind = 'code' ORDER BY sequence DESC LIMIT 1")).scalar()
        )


def offer(invitation: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "accommodation_weekly": invitation["tendered"]["accommodation_weekly"],
        "support_hourly": invitation["tendered"]["support_hourly"],
        "earliest_start": "2026-12-01",
        "place": {"outward_code": "DE1", "shared": True},
        "answers": {question["key"]: "In these words" for question in invitation["questions"]},
        **changes,
    }


def test_one_referral_goes_from_case_to_agreement(api: Client, desk: Desk, clock: StoppedClock) -> None:
    competition = opened(api, urgency="urgent")
    assert {"id", "reference", "opens_at", "closes_at", "invited", "excluded"} <= competition.keys()
    assert {"provider_id", "provider", "reason", "rule"} == competition["excluded"][0].keys()
    path = f"/api/competitions/{competition['id']}"
    for token in links(desk)[:3]:
        invitation = api.get(f"/api/invitations/{token}").json()
        assert api.post(f"/api/invitations/{token}/code").status_code == 202
        sent = api.post(f"/api/invitations/{token}/bid", json=offer(invitation, code=code(desk)))
        assert sent.status_code == 201, sent.text
        assert sent.json().keys() == {"bid_id", "version", "received_at", "digest"}
    running = api.get(path, headers=as_("coordinator")).json()
    assert running["state"] == "open"
    assert running["counts"]["offers"] == 3
    assert running["counts"]["seen"] == 3
    assert "bids" not in running
    clock.push(timedelta(minutes=61))
    assert ring_due(desk) == 1
    waiting = api.get(path, headers=as_("coordinator")).json()
    assert waiting["state"] == "closed"
    assert "bids" not in waiting, "closed by a worker without the key, so still sealed"
    problem(api.post(f"{path}/evaluation", json={"scores": {}}, headers=as_("coordinator")), 409, "being-opened")
    assert ring_due(desk, OPENER) == 1
    closed = api.get(path, headers=as_("coordinator")).json()
    assert closed["state"] == "closed"
    assert closed["not_opened"] == closed["late_offers"] == []
    scores = {bid["bid_id"]: {question["key"]: 4 for question in closed["questions"]} for bid in closed["bids"]}
    ranked = api.post(f"{path}/evaluation", json={"scores": scores}, headers=as_("coordinator"))
    first = ranked.json()["ranking"][0]
    assert {
        *("bid_id", "provider", "price_score", "quality_score", "social_value_score", "total"),
        *("weekly_cost", "working"),
    } <= first.keys()
    award = api.post(
        f"{path}/award", json={"bid_id": first["bid_id"], "reason": "Best plan"}, headers=as_("coordinator")
    )
    assert award.status_code == 201
    assert award.json()["state"] == "awaiting_funding"
    award_path = f"/api/awards/{award.json()['id']}"
    early = {"starts_on": "2026-12-01", "ends_on": "2027-03-31", "met_on": "2026-11-22"}
    problem(api.post(f"{award_path}/agreement", json=early, headers=as_("coordinator")), 409, "not-funded")
    funded = api.post(f"{award_path}/funding", json={"decision": "authorise", "reason": "ok"}, headers=as_("approver"))
    assert funded.json()["state"] == "funded"
    agreement = api.post(f"{award_path}/agreement", json=early, headers=as_("coordinator"))
    assert agreement.status_code == 201, agreement.text
    made = agreement.json()
    assert made["reviews"] == ["2026-12-15", "2027-03-01"]
    assert made["weekly_cost"] == first["weekly_cost"]
    shown = api.get(f"/api/agreements/{made['id']}?on=2026-12-20", headers=as_("auditor"))
    assert shown.json()["reference"] == made["reference"]
    kinds = [line["kind"] for line in api.get("/api/record?after=0", headers=as_("auditor")).json()]
    assert kinds.count("bid_placed") == 3
    assert kinds[-3:] == ["bid_awarded", "funding_authorised", "agreement_opened"]


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"eye_colour": "blue"}, "/eye_colour", "no field called eye_colour"),
        ({"beds": "two"}, "/beds", "int"),
        ({"answers": {"money": 1}}, "/answers/home", "Home and tenancy"),
        ({"date_of_birth": "2030-01-01"}, "/date_of_birth", ""),
        ({"date_of_birth": "yesterday"}, "/date_of_birth", ""),
        ({"indicative_budget_weekly": "-1.00"}, "/indicative_budget_weekly", "below zero"),
        ({"indicative_budget_weekly": "123456789.00"}, "/indicative_budget_weekly", "99,999.99"),
        ({"indicative_budget_weekly": "lots"}, "/indicative_budget_weekly", "figures"),
        ({"outward_code": "DE1 1AA"}, "/outward_code", "first half"),
        ({"wants": []}, "/wants", "Choose"),
        ({"outcomes": []}, "/outcomes", "outcome"),
        ({"risk_plan": "left \u202e right"}, "/risk_plan", "hidden"),
        (
            {"override": {"category": "2.3", "hours": 4, "reason": "Knows them well"}},
            "/override/hours",
            "no support hours",
        ),
        ({"override": {"hours": 169, "reason": "Knows them well"}}, "/override/hours", "between 0 and 168"),
        ({"override": {"hours": 6.1, "reason": "Knows them well"}}, "/override/hours", "quarters"),
    ],
)
def test_each_bad_entry_has_its_own_message_and_changes_nothing(
    api: Client, desk: Desk, changes: dict[str, Any], pointer: str, says: str
) -> None:
    answer = api.post("/api/referrals", json=a_referral(**changes), headers=as_("placements"))
    found = {one["pointer"]: one["detail"] for one in problem(answer, 422, "not-valid")["errors"]}
    assert says in found[pointer]
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM referral")).scalar() == 0
        assert db.execute(text("SELECT count(*) FROM record")).scalar() == 0


def test_a_level_of_five_names_the_domain(api: Client) -> None:
    levels = a_referral()["answers"] | {"money": 5}
    answer = api.post("/api/referrals", json=a_referral(answers=levels), headers=as_("placements"))
    assert problem(answer, 422, "not-valid")["errors"][0]["pointer"] == "/answers/money"


@pytest.mark.parametrize(("born", "rule"), [("2011-11-22", "A1.under_16"), ("2001-11-20", "A1")])
def test_somebody_outside_the_scheme_is_refused_with_the_rule(api: Client, born: str, rule: str) -> None:
    answer = api.post("/api/referrals", json=a_referral(date_of_birth=born), headers=as_("placements"))
    body = problem(answer, 422, "not-eligible")
    assert body["rule"].startswith(rule)
    assert body["reasons"]


def test_an_emoji_in_a_name_is_refused_and_one_in_a_plan_is_kept(api: Client) -> None:
    named = a_referral()["young_person"] | {"given_name": "Zeb \U0001f600"}
    answer = api.post("/api/referrals", json=a_referral(young_person=named), headers=as_("placements"))
    assert problem(answer, 422, "not-valid")["errors"][0]["pointer"] == "/young_person/given_name"
    kept = raised(api, pathway_plan="Likes football \u26bd and \u0645\u0631\u062d\u0628\u0627")
    assert kept["what_providers_see"]["pathway_plan"] == "Likes football \u26bd and \u0645\u0631\u062d\u0628\u0627"


def test_an_assessment_writes_nothing_and_agrees_with_the_referral(api: Client, desk: Desk) -> None:
    case = {
        name: a_referral()[name]
        for name in (
            *("date_of_birth", "on", "status", "in_education_or_training", "living_now", "needed"),
            *("housing_benefit", "answers"),
        )
    }
    found = api.post("/api/assessments", json=case, headers=as_("placements"))
    assert found.status_code == 200
    assert sum(line["hours"] for line in found.json()["working"]) == found.json()["hours"]
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM referral")).scalar() == 0
    assert raised(api)["assessment"] == found.json()


def test_the_same_key_is_answered_once_and_other_content_is_refused(api: Client, desk: Desk) -> None:
    key = as_("placements") | {"Idempotency-Key": "one"}
    first = api.post("/api/referrals", json=a_referral(), headers=key)
    again = api.post("/api/referrals", json=a_referral(), headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    problem(api.post("/api/referrals", json=a_referral(beds=2), headers=key), 409, "request-differs")
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM referral")).scalar() == 1


def test_a_refused_request_does_not_use_its_key_up(api: Client) -> None:
    key = as_("placements") | {"Idempotency-Key": "two"}
    problem(api.post("/api/referrals", json=a_referral(wants=[]), headers=key), 422, "not-valid")
    assert api.post("/api/referrals", json=a_referral(), headers=key).status_code == 201


def test_nothing_is_shown_without_a_key_or_with_a_wrong_one(api: Client) -> None:
    for path in ("/api/matrix", "/api/providers", f"/api/referrals/{uuid4()}", "/api/record"):
        problem(api.get(path), 401, "not-signed-in")
        problem(api.get(path, headers={"Authorization": "Bearer nobody"}), 401, "not-signed-in")
        problem(api.get(path, headers={"Authorization": "Basic demo-auditor"}), 401, "not-signed-in")


def test_each_role_does_its_own_step_and_no_other(api: Client, road: Road) -> None:
    competition = opened(api)
    path = f"/api/competitions/{competition['id']}"
    problem(api.post("/api/referrals", json=a_referral(), headers=as_("approver")), 403, "not-allowed")
    problem(api.post(f"{path}/evaluation", json={"scores": {}}, headers=as_("placements")), 403, "not-allowed")
    award = {"bid_id": str(uuid4()), "reason": ""}
    problem(api.post(f"{path}/award", json=award, headers=as_("approver")), 403, "not-allowed")
    problem(api.get("/api/record", headers=as_("coordinator")), 403, "not-allowed")
    for persona in ("provider-a", "provider-b"):
        problem(api.get(path, headers=as_(persona)), 403, "not-allowed")
        problem(api.get("/api/providers", headers=as_(persona)), 403, "not-allowed")


def test_another_council_sees_nothing_of_this_one(api: Client) -> None:
    competition = opened(api)
    other = as_("coordinator-county")
    problem(api.get(f"/api/referrals/{competition['referral_id']}", headers=other), 404, "no-such-referral")
    problem(api.get(f"/api/competitions/{competition['id']}", headers=other), 404, "no-such-competition")
    body = {"scores": {}}
    path = f"/api/competitions/{competition['id']}/evaluation"
    problem(api.post(path, json=body, headers=other), 404, "no-such-competition")


def test_an_invitation_shows_the_summary_and_no_identity(api: Client, desk: Desk) -> None:
    named = a_referral()["young_person"]
    opened(
        api,
        pathway_plan=f"{named['given_name']} was at {named['school']}, born 4 May 2009; NHS {named['nhs_number']}.",
        risk_plan=f"Ring {named['relatives'][0]} on 07700 900555 or at {named['address']}.",
    )
    answer = api.get(f"/api/invitations/{links(desk)[0]}")
    body = answer.json()
    assert {
        *("reference", "age_band", "category", "hours", "hours_band", "outward_code", "needs", "risks", "outcomes"),
        *("budget_weekly", "opens_at", "closes_at", "now", "questions", "tendered", "legal_basis"),
    } <= body.keys()
    assert body["legal_basis"] == profiles()["pcr2015_light_touch"].invitation_words
    for secret in (
        "Zebedee",
        "Quillfeather",
        "Wyvern",
        "Philomena",
        "Nowhere Lane",
        "9ZZ",
        "2009",
        "900555",
        "999 000",
    ):
        assert secret.lower() not in answer.text.lower()


def test_looking_at_an_invitation_only_notes_the_sight(api: Client, desk: Desk) -> None:
    competition = opened(api)
    token = links(desk)[0]
    for _ in range(3):
        assert api.get(f"/api/invitations/{token}").status_code == 200
    shown = api.get(f"/api/competitions/{competition['id']}", headers=as_("coordinator")).json()
    assert shown["counts"] == {
        "invited": len(competition["invited"]),
        "delivered": 0,
        "seen": 1,
        "declined": 0,
        "offers": 0,
    }
    assert shown["state"] == "open"


def test_a_link_that_nobody_was_given_is_not_known(api: Client) -> None:
    opened(api)
    problem(api.get("/api/invitations/not-a-token"), 404, "no-such-invitation")
    problem(api.post("/api/invitations/not-a-token/code"), 404, "no-such-invitation")


def test_an_offer_by_link_needs_the_code_and_one_by_its_own_user_does_not(api: Client, desk: Desk, road: Road) -> None:
    competition = road.opened()
    token, other = road.token(competition, "amberside"), road.token(competition, "brightwater")
    sent = offer(api.get(f"/api/invitations/{token}").json())
    path = f"/api/invitations/{token}/bid"
    problem(api.post(path, json=sent), 422, "code-needed")
    assert api.post(f"/api/invitations/{other}/code").status_code == 202
    problem(api.post(path, json=sent | {"code": code(desk)}), 422, "code-wrong")
    problem(api.post(path, json=sent, headers=as_("provider-b")), 404, "no-such-invitation")
    assert api.post(path, json=sent, headers=as_("provider-a")).json()["version"] == 1
    assert api.post(path, json=sent, headers=as_("provider-a")).json()["version"] == 2


def test_an_offer_over_the_tendered_price_is_refused_naming_both(api: Client, desk: Desk) -> None:
    opened(api)
    token = links(desk)[0]
    invitation = api.get(f"/api/invitations/{token}").json()
    answer = api.post(f"/api/invitations/{token}/bid", json=offer(invitation, accommodation_weekly="5000.00"))
    body = problem(answer, 422, "over-tendered")
    assert body["offered"] == "5000.00"
    assert body["tendered"] == invitation["tendered"]["accommodation_weekly"]
    assert "5000.00" in body["detail"]
    assert invitation["tendered"]["accommodation_weekly"] in body["detail"]


def test_a_late_offer_is_refused_with_both_instants(api: Client, desk: Desk, clock: StoppedClock) -> None:
    competition = opened(api, urgency="urgent")
    token = links(desk)[0]
    sent = offer(api.get(f"/api/invitations/{token}").json())
    clock.push(timedelta(hours=1))
    body = problem(api.post(f"/api/invitations/{token}/bid", json=sent, headers=as_("provider-a")), 409, "bid-too-late")
    assert body["closed_at"] == competition["closes_at"] == body["received_at"]
    assert body["digest"]


def test_an_award_before_the_close_is_refused(api: Client, road: Road) -> None:
    competition = road.opened()
    receipt = road.offered(competition)[0]
    path = f"/api/competitions/{competition.competition_id}"
    body = {"bid_id": str(receipt.bid_id), "reason": "I like it very much"}
    problem(api.post(f"{path}/award", json=body, headers=as_("coordinator")), 409, "still-sealed")
    problem(api.post(f"{path}/evaluation", json={"scores": {}}, headers=as_("coordinator")), 409, "still-sealed")


def test_two_awards_cannot_be_made(api: Client, road: Road) -> None:
    competition = road.opened()
    road.offered(competition, "amberside", "brightwater")
    ranking = road.evaluated(competition)
    path = f"/api/competitions/{competition.competition_id}/award"
    first = {"bid_id": str(ranking[0].bid_id), "reason": ""}
    assert api.post(path, json=first, headers=as_("coordinator")).status_code == 201
    second = {"bid_id": str(ranking[1].bid_id), "reason": "Closer to the college"}
    problem(api.post(path, json=second, headers=as_("coordinator")), 409, "already-awarded")


def test_an_award_out_of_rank_needs_a_reason(api: Client, road: Road) -> None:
    competition = road.opened()
    road.offered(competition, "amberside", "brightwater")
    last = road.evaluated(competition)[-1]
    path = f"/api/competitions/{competition.competition_id}/award"
    answer = api.post(path, json={"bid_id": str(last.bid_id), "reason": ""}, headers=as_("coordinator"))
    assert problem(answer, 422, "reason-needed")["rank"] == 2
    reasoned = {"bid_id": str(last.bid_id), "reason": "Closer to the college"}
    assert api.post(path, json=reasoned, headers=as_("coordinator")).status_code == 201


def test_a_body_that_is_too_large_or_no_json_is_refused_in_words(api: Client) -> None:
    headers = as_("placements") | {"Content-Type": "application/json"}
    problem(api.post("/api/referrals", content=b"x" * 10_000_000, headers=headers), 413, "too-large")
    problem(api.post("/api/referrals", content=b"{not json", headers=headers), 400, "not-json")


def test_every_answer_carries_the_safe_headers(api: Client) -> None:
    for path in ("/api/matrix", "/healthz", "/nowhere", "/sign-in"):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_description_names_every_path_of_the_api(api: Client, app: Litestar) -> None:
    paths = api.get("/schema/openapi.json").json()["paths"]
    served = {route.path for route in app.routes if route.path.startswith("/api/")}
    plain: Callable[[str], str] = lambda path: path.replace(":uuid}", "}").replace(":str}", "}")  # noqa: E731
    assert {plain(path) for path in served} == set(paths)


def test_the_demo_is_not_there_in_production(api: Client) -> None:
    for path in ("/demo", "/demo/personas", "/demo/outbox", "/demo/clock"):
        assert api.get(path).status_code == 404
    assert api.post("/demo/clock", json={"advance": "PT1H"}).status_code == 404
