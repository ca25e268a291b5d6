"""Back to the market from a running agreement: linked, published in one step, the placement untouched (A41)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.demo.register import personas
from brokerage.referrals.store import draft, origin, state_of
from placements import store
from placements.model import AgreementId
from tests.web.lives import DERBY, running_agreement
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
WHY = "Amberside has no flat with fewer hours"


@pytest.fixture
def call(new_client: Callable[[], Client]) -> Callable[..., Any]:
    browser = new_client()

    def ask(persona: str, path: str, body: Any = None) -> Any:
        token = next(one.token for one in personas() if one.key == persona)
        sent = {"authorization": f"Bearer {token}", "accept": "application/json"}
        return browser.post("/api" + path, json=body, headers=sent)

    return ask


def again(**changes: Any) -> dict[str, Any]:
    return {"reason": "step_down", "why": WHY, "override": {"hours": 3, "reason": "As the review found"}} | changes


def agreement(road: Road, agreement_id: UUID) -> Any:
    with road.desk.engine.connect() as db:
        return store.agreement(db, DERBY, AgreementId(agreement_id))


def test_one_step_makes_a_linked_referral_and_publishes_it(call: Callable[..., Any], road: Road) -> None:
    agreement_id = running_agreement(road)
    before = agreement(road, agreement_id)
    path = f"/agreements/{agreement_id}/market"
    for who, status in (("provider_a", 403), ("approver", 403), ("coordinator_county", 404)):
        assert call(who, path, again()).status_code == status, who
    for wrong in ({"why": "short"}, {"reason": "bored"}, {"colour": "red"}, {"indicative_budget_weekly": "lots"}):
        assert call("coordinator", path, again(**wrong)).status_code == 422, wrong
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda who: call(who, path, again()), ("coordinator", "placements")))
    done, second = sorted(both, key=lambda one: one.status_code)
    assert (done.status_code, second.status_code) == (201, 409), "of two at once one search begins"
    made = done.json()
    assert made["state"] == "seeking"
    assert made["competition"]["invited"]
    assert not any(str(one) in done.text for one in NAMED.values())
    referral_id = UUID(made["referral_id"])
    with road.desk.engine.connect() as db:
        link, carried = origin(db, DERBY, referral_id), draft(db, DERBY, referral_id).document
        placed = state_of(db, DERBY, before.referral_id)
    assert link is not None
    assert (link.agreement_id, link.why) == (agreement_id, WHY)
    assert carried["young_person"] == NAMED
    assert carried["living_now"] == "supported_accommodation"
    assert placed.value == "placed"
    assert agreement(road, agreement_id) == before, "the placement goes on as it is"
    assert second.json()["type"].endswith("/already-in-market")
    assert second.json()["reference"] == made["reference"]


def test_by_page_a_draft_is_made_and_nothing_is_published_unseen(
    new_client: Callable[[], Client], sign_in: SignIn, csrf: Callable[[Client], str], road: Road
) -> None:
    agreement_id = running_agreement(road)
    path = f"/agreements/{agreement_id}/market"
    officer = new_client()
    sign_in(officer, "placements")
    shown = officer.get(path)
    assert 'value="700.00"' in shown.text, "the budget is carried over"
    wrong = officer.post(path, data={"_csrf_token": csrf(officer), "why": "short", "reason": "step_down"})
    assert wrong.status_code == 422
    assert 'href="#why"' in wrong.text
    typed = {"_csrf_token": csrf(officer), "reason": "step_down", "why": WHY, "urgency": "standard"}
    done = officer.post(path, data=typed | {"indicative_budget_weekly": "450.00"})
    assert done.status_code == 303, done.text
    referral_id = UUID(done.headers["location"].split("/")[2])
    assert officer.get(done.headers["location"]).status_code == 200
    with road.desk.engine.connect() as db:
        assert state_of(db, DERBY, referral_id).value == "draft"
        assert draft(db, DERBY, referral_id).document["indicative_budget_weekly"] == "450.00"
    assert "already looks for what follows" in officer.get(path).text


def test_the_page_of_a_search_is_sound(browse: Callable[..., Page], sound: Callable[[Page], None], road: Road) -> None:
    page = browse(f"/agreements/{running_agreement(road)}/market", as_="coordinator")
    sound(page)
    page.click("text=Make the referral")
    page.wait_for_load_state()
    sound(page)
