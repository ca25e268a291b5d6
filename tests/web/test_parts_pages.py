"""Accommodation and support bought separately, by page and by API (A23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from html import unescape
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.competitions.events import CompetitionOpened
from brokerage.competitions.model import Weights
from brokerage.desk import flow
from brokerage.desk.flow.competitions import open_parts
from brokerage.desk.flow.homes import hold_bed
from brokerage.reading import NotValid
from lots.model import BedId
from tests.web.lives import END, START, day
from tests.web.road import Road
from tests.web.test_ends_pages import a_bed, bed_until
from tests.web.test_referrals_pages import Writer

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]

ONLY_HOME = {"support_hourly": None}
ONLY_SUPPORT = {"accommodation_weekly": None}


@pytest.fixture
def act(new_client: Callable[[], Client], sign_in: SignIn) -> Callable[[str], Client]:
    def begin(persona: str) -> Client:
        client = new_client()
        sign_in(client, persona)
        return client

    return begin


def in_parts(road: Road) -> tuple[CompetitionOpened, CompetitionOpened]:
    referral_id = road.raised()
    with road.desk.work(road.actor("coordinator")) as work:
        home, support = open_parts(work, referral_id, Weights())
    return home, support


def two_agreements(road: Road, supporter: str = "brightwater") -> tuple[UUID, UUID]:
    """Give accommodation to provider A and support to provider B, or to A too."""
    home, support = in_parts(road)
    road.offered(home, "amberside", **ONLY_HOME)
    road.offered(support, supporter, **ONLY_SUPPORT)
    awards = [road.funded(one) for one in (home, support)]
    made = []
    for one in awards:
        with road.desk.work(road.actor("approver_2")) as work:
            found = work.db.exec_driver_sql("SELECT state FROM award WHERE id = %s", (one.award_id,)).scalar_one()
            if found == "awaiting_funding":
                flow.decide_funding(work, one.award_id, "authorise", "")
        with road.desk.work(road.actor("coordinator")) as work:
            event = flow.open_agreement(work, one.award_id, START, END, road.clock.now.date(), None)
        made.append(event.agreement_id)
    return made[0], made[1]


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:400]
    return " ".join(unescape(answer.text).split())


def test_a_draft_is_published_in_two_parts_from_check_and_publish(
    client: Client, sign_in: SignIn, csrf: Callable[[Client], str]
) -> None:
    sign_in(client, "placements")
    writer = Writer(client, csrf(client))
    writer.write()
    check = writer.page("/check")
    assert "How are accommodation and support bought?" in check
    assert 'value="one" checked' in " ".join(check.split())
    weights = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10", "parts": "two"}
    again = writer.post(writer.at + "/check", weights)
    assert again.status_code == 422  # the profile was not read
    assert 'value="two" checked' in " ".join(unescape(again.text).split())
    published = writer.post(writer.at + "/check", {**weights, "read": "yes"})
    assert published.headers["location"] == writer.at + "/competition"
    listed = writer.page("/competition")
    assert "Accommodation part, published" in listed
    assert "Support part, published" in listed
    assert "Accommodation and support are bought separately" in writer.page()


def test_one_thing_has_no_choice_of_parts(client: Client, sign_in: SignIn, csrf: Callable[[Client], str]) -> None:
    sign_in(client, "placements")
    writer = Writer(client, csrf(client))
    writer.write(location={"wants": ["accommodation"]})
    assert "bought?" not in writer.page("/check")
    forced = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10", "read": "yes", "parts": "two"}
    refused = writer.post(writer.at + "/check", forced)
    assert refused.status_code == 422
    assert "There is one thing to buy, not two" in unescape(refused.text)
    assert "Check and publish" in writer.page("/check")  # it is a draft still


def test_other_systems_publish_in_parts_and_read_each_beside_the_other(
    act: Callable[[str], Client], road: Road
) -> None:
    plain, referral_id = road.raised(), road.raised()
    client = act("coordinator")
    one = client.post(f"/api/referrals/{plain}/competitions", json={}).json()
    assert "parts" not in one
    assert "part" not in one
    answer = client.post(f"/api/referrals/{referral_id}/competitions", json={"parts": True})
    assert answer.status_code == 201, answer.text
    home, support = answer.json()["parts"]
    assert (home["part"], support["part"]) == ("accommodation", "support")
    assert home["closes_at"] == support["closes_at"]
    assert set(home) == set(one) | {"part", "budget_left_weekly", "other_part"}
    assert support["other_part"]["competition_id"] == home["id"]
    again = client.post(f"/api/referrals/{referral_id}/competitions", json={"parts": True})
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "referral-not-now")
    only = road.raised(wants=["support"])
    refused = client.post(f"/api/referrals/{only}/competitions", json={"parts": True})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "not-in-parts")
    assert act("coordinator_county").get(f"/api/competitions/{home['id']}").status_code == 404
    assert act("approver").post(f"/api/referrals/{plain}/competitions", json={"parts": True}).status_code == 403


def test_an_invitation_to_a_part_says_which_and_names_no_other_firm(client: Client, road: Road) -> None:
    home, support = in_parts(road)
    page = text_of(client, f"/b/{road.token(home)}")
    assert "This request is for <strong>accommodation only</strong>" in page
    assert "for accommodation and support together" in page
    asked = client.get(f"/api/invitations/{road.token(support)}").json()
    assert (asked["part"], asked["wants"], asked["reference"]) == ("support", ["support"], support.reference)


def test_the_other_part_is_shown_to_staff_whole_and_to_a_provider_once_agreed(
    act: Callable[[str], Client], road: Road
) -> None:
    first, second = two_agreements(road)
    staff = text_of(act("coordinator"), f"/agreements/{first}")
    assert "This agreement is for accommodation only." in staff
    other = act("coordinator").get(f"/api/agreements/{second}").json()
    assert other["reference"] in staff
    assert (other["part"], other["other_part"]["agreement_id"]) == ("support", str(first))
    firm = text_of(act("provider_a"), f"/agreements/{first}")
    assert "Support is given by" in firm
    assert other["reference"] not in firm
    known = act("provider_a").get(f"/api/agreements/{first}").json()["other_part"]
    assert set(known) == {"part", "provider", "phone", "email"}
    assert act("provider_a").get(f"/agreements/{second}").status_code == 404
    assert act("provider_b").get(f"/agreements/{first}").status_code == 404
    assert act("coordinator_county").get(f"/agreements/{first}").status_code == 404


def test_ending_one_part_says_that_the_other_goes_on(act: Callable[[str], Client], road: Road) -> None:
    first, second = two_agreements(road)
    for persona, made in (("coordinator", first), ("provider_a", first)):
        page = text_of(act(persona), f"/agreements/{made}/end")
        assert "This ends the accommodation only." in page
        assert "goes on" in page
    road.clock.now = datetime.combine(START, time(12), UTC)
    client = act("coordinator")
    body = {"kind": "early", "reason": early_reason(client, first), "ends_on": START.isoformat(), "move_on": "family"}
    ended = client.post(f"/api/agreements/{first}/termination", json=body)
    assert ended.status_code == 200, ended.text
    assert "There is support and no accommodation any more" in text_of(client, f"/agreements/{second}")
    assert client.get(f"/api/agreements/{second}").json()["state"] == "opened"
    with road.desk.work(road.actor("coordinator")) as work:
        told = work.db.exec_driver_sql("SELECT subject_id, provider_id FROM message WHERE kind = 'part_ends'").all()
    assert {row.subject_id for row in told} == {second}
    assert any(row.provider_id for row in told)
    assert any(row.provider_id is None for row in told)


def test_the_bed_is_the_accommodations_also_where_one_provider_gives_both(
    act: Callable[[str], Client], road: Road
) -> None:
    first, second = two_agreements(road, "amberside")
    referral_id = a_bed(road, first)
    assert bed_until(road, referral_id) == [END]
    road.clock.now = datetime.combine(START, time(12), UTC)
    client = act("coordinator")
    body = {"kind": "early", "reason": early_reason(client, second), "ends_on": START.isoformat(), "move_on": "family"}
    assert client.post(f"/api/agreements/{second}/termination", json=body).status_code == 200
    assert bed_until(road, referral_id) == [END]
    with pytest.raises(NotValid), road.desk.work(road.actor("coordinator")) as work:
        hold_bed(work, flow.agreement_of(work, second), [BedId(second)])
    ended = client.post(f"/api/agreements/{first}/termination", json=body)
    assert ended.status_code == 200
    assert bed_until(road, referral_id) == [START]


def early_reason(client: Client, agreement_id: UUID) -> str:
    """Take a reason that the page offers the council for an end at once."""
    page = client.get(f"/agreements/{agreement_id}/end").text
    values = [piece.split('"')[0] for piece in page.split('name="reason" type="radio" value="')[1:]]
    return next(one for one in values if one != "planned")


def test_support_without_accommodation_is_asked_about_on_the_page(
    act: Callable[[str], Client], csrf: Callable[[Client], str], road: Road
) -> None:
    home, support = in_parts(road)
    road.offered(support, "brightwater", **ONLY_SUPPORT)
    awarded = road.funded(support)
    client = act("coordinator")
    page = text_of(client, f"/awards/{awarded.award_id}")
    assert "There is no accommodation at present" in page or "has no agreement yet" in page
    stay = {**day("starts_on", START), **day("ends_on", END), **day("met_on", road.clock.now.date())}
    path, mark = f"/awards/{awarded.award_id}/agreement", csrf(client)
    refused = client.post(path, data={**stay, "_csrf_token": mark})
    assert refused.status_code == 422
    assert "Say why there is support without accommodation" in unescape(refused.text)
    why = "A place with family is found, and support begins there"
    made = client.post(path, data={**stay, "apart_reason": why, "_csrf_token": mark})
    assert made.status_code == 303, made.text[:300]
    assert why in text_of(client, made.headers["location"])
    assert home.referral_id == support.referral_id


def test_the_pages_of_two_parts_fit_a_phone_and_are_accessible(
    browse: Callable[..., Page], sound: Callable[[Page], None], road: Road
) -> None:
    first, second = two_agreements(road)
    referral_id = road.raised()
    page = browse(f"/referrals/{referral_id}/publish", as_="coordinator", width=320)
    page.get_by_label("Accommodation and support separately").check()
    sound(page)
    page.get_by_label("I have read what providers will see").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Publish: invite the providers").click()
    sound(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Support part, published").click()
    sound(page)
    for agreement_id in (first, second):
        page.goto(urljoin(page.url, f"/agreements/{agreement_id}"))
        sound(page)
