"""Where a category does not fit: both parties' word before the close, and one price above the tender (A11)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.competitions.errors import OverTendered
from brokerage.demo.register import personas
from placements import store
from placements.model import AgreementId
from tests.web.lives import DERBY, END, START
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
WORDS = {"differences": "Zebedee needs a nurse every night", "expertise": "A nurse on the premises at night"}


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


def test_three_steps_admit_one_providers_offer_up_to_the_agreed_price(
    call: Callable[..., Any],
    new_client: Callable[[], Client],
    sign_in: SignIn,
    csrf: Callable[[Client], str],
    road: Road,
) -> None:
    opened = road.opened()
    mine, others = road.invitation_id(opened, "amberside"), road.invitation_id(opened, "brightwater")
    with pytest.raises(OverTendered):
        road.offered(opened, "amberside", support_hourly="60.00")
    provider = new_client()
    sign_in(provider, "provider_a")
    path = f"/offers/{mine}/difference"
    assert path in provider.get(f"/offers/{mine}").text
    typed = {"_csrf_token": csrf(provider), **WORDS}
    wrong = provider.post(path, data=typed | {"support_hourly": "1.00"})
    assert (wrong.status_code, "above the price that may be offered" in words(wrong.text)) == (422, True)
    assert provider.post(path, data=typed | {"support_hourly": "60.00"}).status_code == 303
    again = provider.post(path, data=typed | {"support_hourly": "61.00"})
    assert again.status_code == 409
    shown = words(provider.get(path).text)
    assert WORDS["differences"] in shown, "a guess at a name gets no answer: a provider's own words stay as they are"
    coordinator = new_client()
    sign_in(coordinator, "coordinator")
    listed = coordinator.get(f"/competitions/{opened.competition_id}/differences")
    assert "£60.00 an hour of support" in words(listed.text)
    asked = coordinator.get(path).text
    (difference_id,) = re.findall(r"/differences/([0-9a-f-]{36})/agreement", asked)
    with pytest.raises(OverTendered):
        road.offered(opened, "amberside", support_hourly="60.00")
    assert call("provider_a", f"/differences/{difference_id}/agreement").json()["type"].endswith("/own-difference")
    assert call("coordinator", f"/differences/{difference_id}/withdrawal").json()["type"].endswith("/others-difference")
    for who, status in (("provider_b", 404), ("coordinator_county", 404), ("approver", 403)):
        assert call(who, f"/differences/{difference_id}/agreement").status_code == status, who
    done = coordinator.post(f"/differences/{difference_id}/agreement", data={"_csrf_token": csrf(coordinator)})
    assert done.status_code == 303
    with pytest.raises(OverTendered):
        road.offered(opened, "amberside", support_hourly="60.01")
    with pytest.raises(OverTendered):
        road.offered(opened, "brightwater", support_hourly="60.00")
    road.offered(opened, "amberside", support_hourly="60.00")
    agreement_id = road.agreed(opened, START, END)
    with road.desk.engine.connect() as db:
        (version,) = store.versions(db, DERBY, AgreementId(agreement_id))
    assert str(version.limits.support_hourly) == "60.00", "later changes are held against what was agreed"
    late = call("coordinator", f"/offers/{others}/difference", {**WORDS, "support_hourly": "60.00"})
    assert late.json()["type"].endswith("/window-over")


def test_refused_or_taken_back_the_tendered_prices_hold(
    call: Callable[..., Any], new_client: Callable[[], Client], sign_in: SignIn, road: Road
) -> None:
    opened = road.opened()
    path = f"/offers/{road.invitation_id(opened, 'amberside')}/difference"
    body = {**WORDS, "accommodation_weekly": "900.00"}
    for who, status in (("provider_b", 404), ("coordinator_county", 404), ("approver", 403)):
        assert call(who, path, body).status_code == status, who
    for missing in ("differences", "expertise"):
        assert call("coordinator", path, body | {missing: "short"}).status_code == 422
    assert call("coordinator", path, WORDS).status_code == 422
    first = call("coordinator", path, body).json()["id"]
    provider = new_client()
    sign_in(provider, "provider_a")
    shown = words(provider.get(path).text)
    assert "[young person] needs a nurse every night" in shown
    assert not any(str(one) in shown for one in NAMED.values())
    assert call("provider_a", f"/differences/{first}/refusal").json()["state"] == "refused"
    assert call("provider_a", f"/differences/{first}/agreement").json()["type"].endswith("/difference-decided")
    second = call("provider_a", path, body).json()["id"]
    assert call("provider_a", f"/differences/{second}/withdrawal").json()["state"] == "withdrawn"
    with pytest.raises(OverTendered):
        road.offered(opened, "amberside", accommodation_weekly="900.00")


def test_the_page_of_a_difference_is_sound(
    browse: Callable[..., Page], sound: Callable[[Page], None], road: Road
) -> None:
    opened = road.opened()
    invitation: UUID = road.invitation_id(opened, "amberside")
    page = browse(f"/offers/{invitation}/difference", as_="provider_a")
    sound(page)
    page.fill("#differences", WORDS["differences"])
    page.fill("#expertise", WORDS["expertise"])
    page.fill("#support_hourly", "60.00")
    page.click("text=Send it to")
    page.wait_for_load_state()
    sound(page)
