"""Variations by page and by API: proposed, weighed, agreed, funded, refused, withdrawn (A11, A33, S16)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.demo.register import person_id, personas
from placements import store
from placements.model import AgreementId
from placements.rules import ledger
from tests.web.lives import DERBY, END, START, day, opened_agreement, running_agreement
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
FROM = START + timedelta(days=25)


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
    """`call("coordinator", "POST", path, body)`: ask the API as a persona."""
    browser = new_client()

    def ask(persona: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        token = next(one.token for one in personas() if one.key == persona)
        sent = {"authorization": f"Bearer {token}", "accept": "application/json"} | headers
        return browser.request(method, "/api" + path, json=body, headers=sent)

    return ask


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: value for name, value in found if name != "_csrf_token"}


def terms_now(road: Road, agreement_id: UUID) -> Any:
    with road.desk.engine.connect() as db:
        return store.versions(db, DERBY, AgreementId(agreement_id))[-1]


def limit(road: Road, persona: str, pounds: str) -> None:
    with road.desk.engine.begin() as db:
        values = {"limit": Decimal(pounds), "id": person_id(persona)}
        db.execute(text("UPDATE person SET weekly_limit = :limit WHERE id = :id"), values)


def less(**changes: Any) -> dict[str, Any]:
    return {"reason": "needs_less", "effective_on": FROM.isoformat(), "hours": 4.5, **changes}


def test_a_change_is_weighed_proposed_and_agreed_and_payments_follow_to_the_penny(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    agreement_id = running_agreement(road)
    at = f"/agreements/{agreement_id}/variations"
    coordinator, provider = act("coordinator"), act("provider_a")
    before = terms_now(road, agreement_id)
    form = coordinator.get(at + "/new")
    assert f'value="{before.terms.hours.normalize():f}"' in form.text, "the boxes hold what is agreed"
    typed = {"reason": "needs_less", **day("effective_on", FROM), "hours": "4.5", **day("ends_on", END)}
    typed |= {"services": "A weekly visit by Zebedee’s uncle", "accommodation_weekly": "", "support_hourly": ""}
    check = send(coordinator, at + "/new", **typed)
    assert check.status_code == 200
    page = words(check.text)
    assert "4.5 hours" in page
    assert "Quillfeather" not in page
    assert "Zebedee" not in page
    assert terms_now(road, agreement_id) == before, "nothing has changed yet"
    made = send(coordinator, at + "/new", **hidden(check.text), confirm="yes")
    assert made.status_code == 303
    path = made.headers["location"]
    waiting = words(provider.get(path).text)
    assert "Agree the change" in waiting
    assert not any(str(one) in waiting for one in NAMED.values())
    assert send(coordinator, path + "/agreement").status_code == 403, "one party does not agree for both"
    assert send(provider, path + "/agreement").status_code == 303
    with road.desk.engine.connect() as db:
        versions = store.versions(db, DERBY, AgreementId(agreement_id))
    after = versions[-1]
    assert (after.from_on, after.terms.hours) == (FROM, Decimal("4.5"))
    assert [text for _, text in after.terms.services] == ["A weekly visit by [young person]’s uncle"]
    paid = ledger(versions, START, END)
    assert [line.days for line in paid.lines] == [25, (END - FROM).days + 1]
    assert paid.lines[1].amount == round(after.terms.weekly_cost * paid.lines[1].days / 7, 2)
    assert "Agreed" in words(coordinator.get(at).text)


def test_a_rise_above_what_was_funded_needs_somebody_elses_word(
    act: Callable[[str], Client], send: Callable[..., Any], call: Callable[..., Any], road: Road
) -> None:
    agreement_id = running_agreement(road)
    limit(road, "approver", "50.00")
    more = call("provider_a", "POST", f"/agreements/{agreement_id}/variations", less(reason="needs_more", hours=24))
    assert more.status_code == 201
    one = more.json()
    assert (one["state"], one["proposed_by"], one["effective_on"]) == ("proposed", "provider", FROM.isoformat())
    assert Decimal(one["weekly_cost_after"]) > Decimal(one["weekly_cost_before"])
    path = f"/variations/{one['id']}"
    coordinator = act("coordinator")
    assert path in coordinator.get("/").text, "a proposal of a provider waits in My work"
    assert call("coordinator", "POST", path + "/agreement").json()["state"] == "awaiting_funding"
    assert terms_now(road, agreement_id).number == 1, "nothing holds before the money is there"
    assert send(coordinator, path + "/funding", decision="authorise").status_code == 403
    approver = act("approver")
    assert path in approver.get("/").text
    assert "above your own limit" in words(approver.get(path).text)
    nothing = send(approver, path + "/funding")
    assert nothing.status_code == 422
    assert "Choose whether" in nothing.text
    assert "second approver" in words(
        approver.get(send(approver, path + "/funding", decision="authorise").headers["location"]).text
    )
    assert call("approver", "POST", path + "/funding", {"decision": "authorise"}).status_code == 403, "one voice each"
    funded = call("approver_2", "POST", path + "/funding", {"decision": "authorise"})
    assert (funded.status_code, funded.json()["state"]) == (200, "agreed")
    assert terms_now(road, agreement_id).terms.hours == 24
    with road.desk.engine.connect() as db:
        assert store.agreement(db, DERBY, AgreementId(agreement_id)).funded_weekly == Decimal(one["weekly_cost_after"])
        kinds = {row.kind for row in db.execute(text("SELECT kind FROM message"))}
    assert {"variation_proposed", "variation_funding", "agreement_varied"} <= kinds


def test_money_can_be_refused_and_a_proposal_taken_back(call: Callable[..., Any], road: Road) -> None:
    agreement_id = running_agreement(road)
    at = f"/agreements/{agreement_id}/variations"
    one = call("coordinator", "POST", at, less(reason="needs_more", hours=24)).json()["id"]
    assert call("approver", "POST", f"/variations/{one}/funding", {"decision": "refuse"}).status_code == 409
    call("provider_a", "POST", f"/variations/{one}/agreement")
    refused = call("approver", "POST", f"/variations/{one}/funding", {"decision": "refuse"})
    assert refused.json()["state"] == "refused"
    two = call("coordinator", "POST", at, less()).json()["id"]
    second = call("provider_a", "POST", at, less(hours=4))
    assert (second.status_code, second.json()["type"].rsplit("/", 1)[1]) == (409, "variation-open")
    assert call("provider_a", "POST", f"/variations/{two}/withdrawal").json()["type"].endswith("/others-proposal")
    assert call("coordinator", "POST", f"/variations/{two}/refusal").json()["type"].endswith("/own-proposal")
    assert call("coordinator", "POST", f"/variations/{two}/withdrawal").json()["state"] == "withdrawn"
    three = call("provider_a", "POST", at, less()).json()["id"]
    assert call("coordinator", "POST", f"/variations/{three}/refusal").json()["state"] == "refused"
    again = call("coordinator", "POST", f"/variations/{three}/agreement")
    assert again.status_code == 409
    listed = call("provider_a", "GET", at).json()["variations"]
    assert [one["state"] for one in listed] == ["refused", "withdrawn", "refused"]


REFUSED = (
    ({"hours": 12.1}, 422, "not-valid"),
    ({"hours": -1}, 422, "not-valid"),
    ({"hours": 25.25}, 422, "more-than-bespoke"),
    ({"reason": "because"}, 422, "not-valid"),
    ({"effective_on": "2026-12-02"}, 422, "outside-stay"),
    ({"effective_on": "2027-06-01"}, 422, "outside-stay"),
    ({"effective_on": START.isoformat()}, 409, "out-of-order"),
    ({"effective_on": "2027-02-30"}, 422, "not-valid"),
    ({"hours": None}, 422, "not-valid"),
    ({"support_hourly": "99.00"}, 422, "above-limit"),
    ({"support_hourly": "99.00", "reason": "category_difference"}, 422, "difference-needed"),
    ({"differences": "Needs a nurse at night", "expertise": "A nurse at night"}, 422, "difference-needed"),
    ({"ends_on": (FROM - timedelta(days=1)).isoformat()}, 422, "new-end-too-early"),
    ({"ends_on": "2028-12-31"}, 422, "too-long"),
    ({"colour": "red"}, 422, "not-valid"),
)


def test_what_cannot_be_is_refused_with_its_kind(call: Callable[..., Any], road: Road) -> None:
    agreement_id = opened_agreement(road)
    for changes, status, slug in REFUSED:
        body = {name: value for name, value in less(**changes).items() if value is not None}
        answer = call("coordinator", "POST", f"/agreements/{agreement_id}/variations", body)
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (status, slug), answer.text
    same = float(terms_now(road, agreement_id).terms.hours)
    answer = call("coordinator", "POST", f"/agreements/{agreement_id}/variations", less(hours=same))
    assert answer.json()["type"].endswith("/changes-nothing")
    assert call("coordinator", "GET", f"/agreements/{agreement_id}/variations").json()["variations"] == []


def test_a_price_above_the_tendered_one_needs_the_three_steps(call: Callable[..., Any], road: Road) -> None:
    agreement_id = running_agreement(road)
    above = {"reason": "category_difference", "effective_on": FROM.isoformat(), "support_hourly": "60.00"}
    above |= {"differences": "Zebedee needs a nurse at night", "expertise": "A nurse at night, three times a week"}
    one = call("provider_a", "POST", f"/agreements/{agreement_id}/variations", above)
    assert one.status_code == 201, one.text
    assert one.json()["difference"]["differences"] == "[young person] needs a nurse at night"
    call("coordinator", "POST", f"/variations/{one.json()['id']}/agreement")
    call("approver", "POST", f"/variations/{one.json()['id']}/funding", {"decision": "authorise"})
    call("approver_2", "POST", f"/variations/{one.json()['id']}/funding", {"decision": "authorise"})
    assert terms_now(road, agreement_id).limits.support_hourly == Decimal("60.00")


def test_errors_stand_beside_their_boxes_and_what_was_typed_is_kept(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    at = f"/agreements/{running_agreement(road)}/variations/new"
    provider = act("provider_a")
    for typed, field, message in (
        ({"hours": "twelve"}, "hours", "must be hours in figures"),
        ({"effective_on_day": "4"}, "effective_on", "must include a month and a year"),
        ({**day("effective_on", FROM), "support_hourly": "99.00", "reason": "price"}, "support_hourly", "is above"),
        ({**day("effective_on", date(2028, 1, 1)), "hours": "3", "reason": "needs_less"}, "effective_on", "outside"),
    ):
        answer = send(provider, at, **typed)
        assert answer.status_code == 422, typed
        assert f'href="#{field}"' in answer.text, (typed, words(answer.text))
        assert f'id="{field}"' in answer.text
        assert message in words(answer.text)
    assert 'value="3"' in answer.text


def test_others_see_nothing_and_each_role_only_its_own(
    act: Callable[[str], Client], call: Callable[..., Any], road: Road
) -> None:
    agreement_id = running_agreement(road)
    at = f"/agreements/{agreement_id}/variations"
    one = call("coordinator", "POST", at, less()).json()["id"]
    for stranger in ("provider_b", "coordinator_county"):
        assert call(stranger, "POST", at, less()).status_code == 404
        assert call(stranger, "POST", f"/variations/{one}/agreement").status_code == 404
        assert act(stranger).get(f"/variations/{one}").status_code == 404
    for onlooker in ("auditor", "placements", "quality"):
        assert call(onlooker, "POST", at, less()).status_code == 403
        assert act(onlooker).get(f"/variations/{one}").status_code == 200
    assert act("auditor").get(f"{at}/new").status_code == 403
    assert call("provider_a", "POST", f"/variations/{one}/funding", {"decision": "authorise"}).status_code == 403
    assert call("operator", "GET", at).status_code == 403


def test_of_two_changes_at_once_one_stands_and_one_asked_twice_is_one(call: Callable[..., Any], road: Road) -> None:
    agreement_id = running_agreement(road)
    at = f"/agreements/{agreement_id}/variations"
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda who: call(who, "POST", at, less()), ("coordinator", "provider_a")))
    assert sorted(one.status_code for one in both) == [201, 409]
    made, refused = sorted(both, key=lambda one: one.status_code)
    assert refused.json()["type"].endswith("/variation-open")
    who = {"council": "coordinator", "provider": "provider_a"}[made.json()["proposed_by"]]
    call(who, "POST", f"/variations/{made.json()['id']}/withdrawal")
    key = {"idempotency-key": "one-change"}
    first, again = (call("coordinator", "POST", at, less(), **key) for _ in range(2))
    assert first.status_code == 201
    assert first.json() == again.json(), "asked twice with one key it is proposed once"


def test_the_pages_of_a_change_are_sound(
    browse: Callable[..., Page], sound: Callable[[Page], None], call: Callable[..., Any], road: Road
) -> None:
    agreement_id = running_agreement(road)
    at = f"/agreements/{agreement_id}/variations"
    page = browse(at + "/new", as_="coordinator")
    sound(page)
    page.select_option("#reason", "needs_less")
    for part, value in zip(("", "_month", "_year"), (FROM.day, FROM.month, FROM.year), strict=True):
        page.fill(f"[name=effective_on{part or '_day'}]", str(value))
    page.fill("#hours", "4.5")
    page.click("text=See what it costs")
    sound(page)
    page.click("text=Propose this change")
    page.wait_for_url("**/variations/*")
    sound(page)
    page.goto(page.url.split("/variations/")[0] + at)
    sound(page)
