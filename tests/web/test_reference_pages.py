"""The register, the matrix, the record, and what anybody may read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.demo.register import FIRMS, provider_id
from brokerage.desk import views
from brokerage.desk.work import Desk
from brokerage.web.problems import KINDS, word_book
from lots.model import CategoryCode
from matrix.store import in_force

Client = TestClient[Litestar]
Road = Any  # tests/web/road.py
CASE = {
    "date_of_birth_day": "1",
    "date_of_birth_month": "5",
    "date_of_birth_year": "2009",
    "status": "care_order_s31",
    "living_now": "foster_care",
    "needed": "planned",
    "in_education_or_training": "yes",
    "housing_benefit": "no",
}


@pytest.fixture
def as_(client: Client, sign_in: Callable[[Client, str], None]) -> Callable[[str], Client]:
    def become(persona: str) -> Client:
        sign_in(client, persona)
        return client

    return become


def a_case(road: Road, level: int = 2, **changes: str) -> dict[str, str]:
    edition = in_force(road.clock.now.date())
    return {**CASE, **{f"answer_{one.key}": str(level) for one in edition.domains}, **changes}


# The register


def test_the_register_lists_every_provider_with_its_prices(as_: Callable[[str], Client]) -> None:
    html = unescape(as_("coordinator").get("/providers").text)
    for firm in FIRMS:
        assert firm.name in html
    assert "£640.00 a week" in html
    assert "£24.50 an hour" in html
    assert html.count("Suspended") == 1


def test_the_register_can_be_read_by_category(as_: Callable[[str], Client]) -> None:
    html = unescape(as_("placements").get("/providers", params={"category": "2.3"}).text)
    for firm in FIRMS:
        assert (firm.name in html) is any(code == "2.3" for code, _, _ in firm.prices)
    assert "12 providers" in as_("placements").get("/providers", params={"category": "9.9"}).text


def test_a_provider_is_shown_with_its_standing(as_: Callable[[str], Client]) -> None:
    html = as_("approver").get(f"/providers/{provider_id('larkrise')}").text
    assert "Larkrise Care Leavers" in html
    assert "fire doors wedged open" in html
    assert "£418.00" in html
    assert as_("approver").get("/providers/00000000-0000-0000-0000-000000000000").status_code == 404


@pytest.mark.parametrize("path", ["/providers", "/matrix", "/matrix/what-if", "/record"])
def test_reference_pages_are_for_those_whose_role_includes_them(path: str, as_: Callable[[str], Client]) -> None:
    assert as_("provider_a").get(path).status_code == 403
    assert as_("coordinator").get(path).status_code == (403 if path == "/record" else 200)


@pytest.mark.parametrize("path", ["/providers", "/matrix", "/matrix/what-if", "/record"])
def test_reference_pages_ask_strangers_to_sign_in(path: str, client: Client) -> None:
    assert client.get(path).headers["location"] == f"/sign-in?next={path}"


# The matrix


def test_the_matrix_page_shows_the_whole_edition_and_its_warning(as_: Callable[[str], Client], road: Road) -> None:
    html = unescape(as_("placements").get("/matrix").text)
    edition = in_force(road.clock.now.date())
    assert "This edition is an illustration" in html
    for domain in edition.domains:
        assert all(level.text in html for level in domain.levels)
    said = [one.text for one in edition.floors]
    said += [one.text for one in edition.reductions]
    said += [one.text for one in edition.category_rules]
    assert all(one in html for one in said)
    assert edition.digest in html


def test_a_what_if_shows_hours_category_working_and_price_and_writes_nothing(
    as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road, desk: Desk
) -> None:
    client = as_("coordinator")
    with desk.engine.connect() as db:
        before = db.execute(text("SELECT authority, seq FROM record_head ORDER BY authority")).all()
    answer = client.post("/matrix/what-if", data={**a_case(road), "_csrf_token": csrf(client)})
    assert answer.status_code == 200
    html = unescape(answer.text)
    assert re.search(r"[0-9.]+ hours a week, category 1\.2", html)
    assert "Daily living, level 2" in html
    assert "median tendered prices" in html
    assert "Compared with" not in html
    assert html.count(" checked") == 14 + 3
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT authority, seq FROM record_head ORDER BY authority")).all() == before


def test_a_second_what_if_is_compared_with_the_first(
    as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road
) -> None:
    client = as_("coordinator")
    mark = {"_csrf_token": csrf(client)}
    html = client.post("/matrix/what-if", data=a_case(road) | mark).text
    found = re.search(r'name="before" value="([^"]*)"', html)
    assert found
    first = unescape(found[1])
    assert set(json.loads(first)) >= {"date_of_birth", "on", "answers"}
    changed = a_case(road, answer_money="4") | mark | {"before": first}
    html = unescape(client.post("/matrix/what-if", data=changed).text)
    assert "Compared with the first case" in html
    assert "Now: Money and benefits, level 4" in html
    assert "+1" in html
    same = client.post("/matrix/what-if", data=a_case(road) | mark | {"before": first})
    assert "No line of the working changed" in same.text
    restarted = client.post("/matrix/what-if", data=changed | {"restart": "yes"})
    assert "Compared with" not in restarted.text


@pytest.mark.parametrize("before", ["{", "[]", "{}", "null", "[" * 50_000, '{"answers": {"money": 9}}'])
def test_a_comparison_that_cannot_be_read_is_left_out(
    before: str, as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road
) -> None:
    client = as_("coordinator")
    answer = client.post("/matrix/what-if", data=a_case(road, before=before) | {"_csrf_token": csrf(client)})
    assert answer.status_code == 200
    assert "Compared with" not in answer.text


def test_an_unfinished_what_if_names_every_gap_and_keeps_what_was_typed(
    as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road
) -> None:
    client = as_("coordinator")
    typed = a_case(road, answer_money="", status="", date_of_birth_month="13") | {"_csrf_token": csrf(client)}
    answer = client.post("/matrix/what-if", data=typed)
    assert answer.status_code == 422
    html = unescape(answer.text)
    for name in ("answer_money", "status", "date_of_birth"):
        assert f'href="#{name}"' in html
    assert 'value="13"' in html
    assert html.count(" checked") == 13 + 3


def test_somebody_too_young_is_refused_by_the_rule_that_says_so(
    as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road
) -> None:
    client = as_("placements")
    case = a_case(road, date_of_birth_year="2015") | {"_csrf_token": csrf(client)}
    html = client.post("/matrix/what-if", data=case).text
    assert "Not eligible" in html
    assert "A1.under_16" in html


def test_the_price_is_the_median_of_what_was_tendered(desk: Desk, road: Road) -> None:
    with desk.work(road.actor("coordinator")) as work:
        rate = views.median_rate(work, CategoryCode.EMERGENCY)
    # 610, 625, 640, 648, 655, 670 a week; 23.75, 24.20, 24.50, 24.90, 25.00, 25.50 an hour.
    assert (str(rate.price.accommodation_weekly), str(rate.price.support_hourly)) == ("644.00", "24.70")
    assert rate.providers == 6


# The record


def test_the_record_is_shown_newest_first_and_page_by_page(as_: Callable[[str], Client], road: Road) -> None:
    for _ in range(20):
        road.opened()
    client = as_("auditor")
    seen: list[int] = []
    path = "/record"
    while path:
        html = client.get(path).text
        seen += [int(one) for one in re.findall(r'data-label="Line"><span>(\d+)<', html)]
        older = re.search(r'href="(/record\?before=\d+)">Older', html)
        path = older[1] if older else ""
    assert len(seen) > 50
    assert seen == list(range(len(seen), 0, -1))
    assert "Newer lines" in client.get("/record?before=2").text
    for odd in ("0", "1", "99999999", "-1", "x", ""):
        assert client.get(f"/record?before={odd}").status_code == 200


def test_the_record_names_no_young_person(as_: Callable[[str], Client], road: Road) -> None:
    road.opened()
    html = as_("auditor").get("/record").text
    for name in ("Zebedee", "Quillfeather", "Zebbo", "Wyverncrest"):
        assert name not in html


def test_a_sound_record_verifies(as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road) -> None:
    road.opened()
    client = as_("auditor")
    assert "The record is sound" in client.post("/record/verify", data={"_csrf_token": csrf(client)}).text
    assert client.post("/record/verify", data={}).status_code == 403


@pytest.mark.parametrize("change", ["actor = 'person:nobody'", "body = 'gone'", "kind = 'bid_placed'"])
def test_a_changed_line_is_found_and_still_shown(
    change: str, as_: Callable[[str], Client], csrf: Callable[[Client], str], road: Road, desk: Desk
) -> None:
    road.opened()
    with desk.engine.begin() as db:  # as somebody with the database's own password could
        db.execute(text("ALTER TABLE record DISABLE TRIGGER USER"))
        db.execute(text(f"UPDATE record SET {change} WHERE authority = 'derby-city' AND seq = 2"))
    client = as_("auditor")
    html = client.post("/record/verify", data={"_csrf_token": csrf(client)}).text
    assert "The record is broken" in html
    assert "Line 2 was changed" in html


# What anybody may read


def test_every_kind_of_problem_has_a_page(client: Client) -> None:
    for slug in word_book():
        answer = client.get(f"/problems/{slug}")
        assert answer.status_code == 200, slug
        assert "{{" not in answer.text, slug
        assert "{%" not in answer.text, slug
        assert f"/problems/{slug}" in answer.text


def test_every_refusal_has_a_page_and_nothing_else_has(client: Client) -> None:
    assert {kind.slug for kind in KINDS.values()} <= set(word_book())
    for other in ("nothing", "..%2F..%2Fetc", "%3Cscript%3E"):
        assert client.get(f"/problems/{other}").status_code == 404


def test_help_gives_the_councils_numbers_and_only_the_demo_calls_them_fictional(client: Client) -> None:
    html = client.get("/help").text
    assert "01632 960101" in html
    assert "fictional" not in html


# In a browser


@pytest.mark.parametrize(
    ("persona", "paths"),
    [
        (
            "coordinator",
            (
                "/providers",
                "/providers?category=1.2",
                f"/providers/{provider_id('larkrise')}",
                "/matrix",
                "/matrix/what-if",
            ),
        ),
        ("auditor", ("/record",)),
        ("", ("/accessibility", "/privacy", "/help", "/problems/bid-too-late")),
    ],
    ids=["coordinator", "auditor", "anybody"],
)
def test_reference_pages_are_accessible_and_fit_a_phone(
    persona: str,
    paths: tuple[str, ...],
    road: Road,
    live: str,
    browse: Callable[..., Page],
    sound: Callable[[Page], None],
) -> None:
    road.opened()
    page = browse(paths[0], as_=persona)
    for path in paths:
        page.goto(live + path)
        sound(page)


def test_a_what_if_is_answered_without_javascript_on_a_phone(
    road: Road,
    browse: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
) -> None:
    page = browse("/matrix/what-if", as_="coordinator", width=320, javascript=False)
    for name, value in a_case(road).items():
        control = page.locator(f"[name={name}]").first
        if control.get_attribute("type") == "radio":
            page.check(f"[name={name}][value='{value}']")
        elif name in {"status", "living_now"}:
            control.select_option(value)
        else:
            control.fill(value)
    page.get_by_role("button", name="Show the result").click()
    assert "hours a week" in page.locator("#result-title").inner_text()
    fits(page)
