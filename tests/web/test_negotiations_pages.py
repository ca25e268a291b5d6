"""A bespoke package on the pages of both sides: advertised, offered freely, negotiated, chosen (A10)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.competitions.events import CompetitionOpened
from brokerage.demo.register import personas, provider_id
from brokerage.desk import views
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
HOURS = {"override": {"hours": 168, "reason": "Two adults at all hours for now"}}
PACKAGE = {"hours": "150", "accommodation_weekly": "700.00", "support_hourly": "19.00"}
WORDS = "Zebedee sleeps through the night"


@pytest.fixture
def call(new_client: Callable[[], Client]) -> Callable[..., Any]:
    browser = new_client()

    def ask(persona: str, path: str, body: Any = None, method: str = "POST") -> Any:
        token = next(one.token for one in personas() if one.key == persona)
        sent = {"authorization": f"Bearer {token}", "accept": "application/json"}
        return browser.request(method, "/api" + path, json=body, headers=sent)

    return ask


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def offered(road: Road) -> CompetitionOpened:
    """Advertise a package of 168 hours and open two offers far above what was tendered."""
    opened = road.opened(**HOURS)
    for firm in ("amberside", "brightwater"):
        road.offered(opened, firm, accommodation_weekly="900.00", support_hourly="60.00")
    road.closed(opened)
    return opened


def test_a_bespoke_package_is_advertised_and_priced_freely(
    new_client: Callable[[], Client], sign_in: SignIn, csrf: Callable[[Client], str], road: Road
) -> None:
    coordinator, provider = new_client(), new_client()
    sign_in(coordinator, "coordinator")
    sign_in(provider, "provider_a")
    referral_id = road.raised(**HOURS)
    at = f"/referrals/{referral_id}"
    assert at in coordinator.get("/").text
    assert "Advertise" in words(coordinator.get(at).text)
    asked = words(coordinator.get(at + "/publish").text)
    assert "Advertise the bespoke package" in asked
    assert "in standing in a category of the lot" in asked
    weights = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10", "read": "yes"}
    done = coordinator.post(at + "/publish", data={"_csrf_token": csrf(coordinator), **weights})
    path = done.headers["location"]
    with road.desk.work(road.actor("provider_a")) as work:
        ((found, mine, _, _),) = views.invitations_of_provider(work)
    assert path == f"/competitions/{found.id}"
    invitation = f"/offers/{mine.id}"
    shown = words(provider.get(invitation).text)
    assert "bespoke package" in shown
    assert "168 hours a week" in shown
    form = words(provider.get(invitation + "/offer").text)
    assert "price it freely" in form
    assert "Offer that or less" not in form


def test_both_sides_negotiate_on_their_pages_and_the_award_takes_what_was_agreed(
    new_client: Callable[[], Client], sign_in: SignIn, csrf: Callable[[Client], str], road: Road
) -> None:
    opened = offered(road)
    coordinator, provider = new_client(), new_client()
    sign_in(coordinator, "coordinator")
    sign_in(provider, "provider_a")
    competition = f"/competitions/{opened.competition_id}"
    path = f"/offers/{road.invitation_id(opened)}/negotiation"
    listed = coordinator.get(competition).text
    assert path in listed
    assert "£410.00 a week" in words(listed), "the tendered price is shown beside the offer"
    wrong = coordinator.post(path, data={"_csrf_token": csrf(coordinator), **PACKAGE, "hours": "169", "words": WORDS})
    assert (wrong.status_code, "between 0 and 168" in words(wrong.text), WORDS in wrong.text) == (422, True, True)
    sent = coordinator.post(path, data={"_csrf_token": csrf(coordinator), **PACKAGE, "words": WORDS})
    assert sent.headers["location"] == path
    assert path in provider.get(f"/offers/{road.invitation_id(opened)}").text
    seen = provider.get(path).text
    assert "[young person] sleeps through the night" in words(seen)
    assert not any(str(one) in seen for one in NAMED.values())
    assert "Housing Benefit" in words(seen)
    (first,) = re.findall(r"/rounds/([0-9a-f-]{36})/refusal", seen)
    assert provider.post(f"/rounds/{first}/refusal", data={"_csrf_token": csrf(provider)}).status_code == 303
    mine = {"_csrf_token": csrf(provider), **PACKAGE, "hours": "160", "words": WORDS}
    assert provider.post(path, data=mine).status_code == 303
    waits = coordinator.get(path).text
    assert WORDS in words(waits), "a provider's own words stay as they are"
    assert "Answer round 2" in words(coordinator.get(competition).text)
    (second,) = re.findall(r"/rounds/([0-9a-f-]{36})/agreement", waits)
    assert coordinator.post(f"/rounds/{second}/agreement", data={"_csrf_token": csrf(coordinator)}).status_code == 303
    assert "160 hours a week, £19.00 an hour of support" in words(provider.get(path).text)
    ranked = road.evaluated(opened)
    choices = words(coordinator.get(f"{competition}/award").text)
    assert "Agreed since: 160 hours a week" in choices
    chosen = {"bid_id": str(next(one.bid_id for one in ranked if one.provider_id == provider_id("amberside")))}
    plain = {"_csrf_token": csrf(coordinator), "sure": "yes", **chosen}
    without = coordinator.post(f"{competition}/award", data=plain)
    assert (without.status_code, "Something else was agreed than was offered" in words(without.text)) == (422, True)
    done = coordinator.post(f"{competition}/award", data=plain | {"reason": "Agreed in two rounds"})
    shown = words(coordinator.get(done.headers["location"]).text)
    assert "Support 160 hours x £19.00" in shown
    assert "£3,740.00" in shown
    over = words(provider.get(path).text)
    assert "nothing more is negotiated" in over


def test_other_systems_negotiate_and_are_refused_by_type(call: Callable[..., Any], road: Road) -> None:
    referral_id = road.raised(**HOURS)
    opened_by_api = call("coordinator", f"/referrals/{referral_id}/competitions", {})
    assert (opened_by_api.status_code, opened_by_api.json()["bespoke"]) == (201, True)
    opened = offered(road)
    path = f"/offers/{road.invitation_id(opened)}/negotiation"
    body = {**PACKAGE, "hours": 150, "words": WORDS}
    for who, status in (("provider_b", 404), ("coordinator_county", 404), ("approver", 403)):
        assert call(who, path, body).status_code == status, who
        assert call(who, path, method="GET").status_code == status, who
    made = call("provider_a", path, body)
    assert (made.status_code, made.json()["number"]) == (201, 1)
    round_id = made.json()["id"]

    def refusal(who: str, verb: str) -> str:
        return str(call(who, f"/rounds/{round_id}/{verb}").json()["type"]).rsplit("/", 1)[-1]

    assert refusal("provider_a", "agreement") == "own-round"
    assert refusal("coordinator", "withdrawal") == "others-round"
    assert call("coordinator", path, body).json()["type"].endswith("/round-open")
    for who, status in (("provider_b", 404), ("coordinator_county", 404), ("approver", 403)):
        assert call(who, f"/rounds/{round_id}/agreement").status_code == status, who
    assert call("coordinator", f"/rounds/{round_id}/agreement").json()["state"] == "agreed"
    assert refusal("coordinator", "refusal") == "round-decided"
    seen = call("provider_a", path, method="GET").json()
    assert (seen["holding"]["hours"], seen["agreed_in"], len(seen["rounds"])) == (150.0, round_id, 1)
    ordinary = road.opened()
    road.offered(ordinary)
    road.closed(ordinary)
    other = f"/offers/{road.invitation_id(ordinary)}/negotiation"
    assert call("coordinator", other, body).json()["type"].endswith("/not-bespoke")
    nothing = f"/offers/{road.invitation_id(opened, 'dovecote')}/negotiation"
    assert call("coordinator", nothing, body).json()["type"].endswith("/nothing-offered")


def test_the_page_of_a_negotiation_is_sound(
    browse: Callable[..., Page], sound: Callable[[Page], None], road: Road
) -> None:
    opened = offered(road)
    sound(browse(f"/competitions/{opened.competition_id}", as_="coordinator"))
    page = browse(f"/offers/{road.invitation_id(opened)}/negotiation", as_="provider_a")
    sound(page)
    page.fill("#hours", "150")
    page.fill("#words", WORDS)
    page.click("text=Propose it to")
    page.wait_for_load_state()
    sound(page)
