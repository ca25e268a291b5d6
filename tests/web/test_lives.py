"""An agreement from its making to its reviews: accepted, released, reviewed, printed, as it stood on any day."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page
from pypdf import PdfReader

from brokerage.demo.register import personas
from brokerage.desk.clock import StoppedClock
from brokerage.worker.sweep import ring_due
from tests.keys import OPENER
from tests.web.papers import DOTS, inked, pictures
from tests.web.road import NAMED, Road

Client = TestClient[Litestar]
STARTS, ENDS = date(2026, 12, 7), date(2027, 6, 30)
SECRETS = (NAMED["given_name"], NAMED["family_name"], NAMED["known_as"], "2009-05-04", "4 May 2009")


def bearer(key: str) -> dict[str, str]:
    token = next(one.token for one in personas() if one.key == key)
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


@pytest.fixture
def agreed(road: Road) -> UUID:
    """An agreement from 7 December 2026 to 30 June 2027 with Amberside, for an urgent referral."""
    opened = road.opened()
    road.offered(opened)
    return road.agreed(opened, STARTS, ENDS)


def accepted(client: Client, agreement_id: UUID) -> None:
    for key in ("provider_a", "coordinator"):
        assert client.post(f"/api/agreements/{agreement_id}/acceptance", headers=bearer(key)).status_code == 200


def a_review(client: Client, agreement_id: UUID, held_on: str, level: int = 2, **changes: Any) -> dict[str, Any]:
    """Write a review; needs are the referral's, only self-care another level."""
    referral_id = client.get(f"/api/agreements/{agreement_id}", headers=bearer("coordinator")).json()["referral_id"]
    asked = client.get("/api/matrix", headers=bearer("coordinator")).json()
    levels = {one["key"]: 1 for one in asked["domains"]} | {"home": 2, "self_harm": 0}
    assert referral_id
    return {
        "held_on": held_on,
        "participants": [
            {"role": "young_person", "present": True},
            {"role": "provider", "present": True},
            {"role": "council", "present": False, "absence_reason": "Ill, sent a note"},
        ],
        "progress": {"keeps_home": level, "college": 1},
        "answers": levels | dict(changes.pop("answers", {})),
        "decision": "same",
        "plans": ["support", "pep"],
        **changes,
    }


def test_both_parties_accept_by_the_page_and_it_starts_on_its_day(
    client: Client,
    agreed: UUID,
    road: Road,
    clock: StoppedClock,
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
    new_client: Callable[[], Client],
) -> None:
    page = f"/agreements/{agreed}/acceptance"
    for persona in ("provider_a", "coordinator"):
        browser = new_client()
        sign_in(browser, persona)
        assert "waits for your acceptance" in browser.get(f"/agreements/{agreed}").text
        unread = browser.post(page, data={"_csrf_token": csrf(browser)})
        assert unread.status_code == 422
        assert "Tick the box" in unread.text
        assert browser.post(page, data={"_csrf_token": csrf(browser), "read": "yes"}).status_code == 303
        again = browser.post(page, data={"_csrf_token": csrf(browser), "read": "yes"})
        assert again.status_code == 409
    assert "Accepted by both" in browser.get(f"/agreements/{agreed}").text
    clock.now = datetime(2026, 12, 6, 23, 59, tzinfo=UTC)
    ring_due(road.desk, OPENER)
    assert state(client, agreed) == "accepted"
    clock.push(timedelta(minutes=1))  # midnight in London: the first day
    ring_due(road.desk, OPENER)
    assert state(client, agreed) == "started"
    clock.now = datetime(2027, 6, 30, 22, 59, 59, tzinfo=UTC)  # a second before midnight, British Summer Time
    ring_due(road.desk, OPENER)
    assert state(client, agreed) == "started"
    clock.push(timedelta(seconds=1))
    ring_due(road.desk, OPENER)
    assert state(client, agreed) == "ended"


def state(client: Client, agreement_id: UUID) -> str:
    return str(client.get(f"/api/agreements/{agreement_id}", headers=bearer("coordinator")).json()["state"])


def test_what_is_not_accepted_on_its_day_is_told_and_starts_with_the_last_acceptance(
    client: Client, agreed: UUID, road: Road, clock: StoppedClock
) -> None:
    client.post(f"/api/agreements/{agreed}/acceptance", headers=bearer("coordinator"))
    clock.now = datetime(2026, 12, 9, 12, tzinfo=UTC)  # the worker slept over the first day
    ring_due(road.desk, OPENER)
    assert state(client, agreed) == "part_accepted"
    assert "not_started" in kinds(road)
    last = client.post(f"/api/agreements/{agreed}/acceptance", headers=bearer("provider_a"))
    assert (last.status_code, last.json()["state"]) == (200, "started"), last.text


def kinds(road: Road) -> list[str]:
    from sqlalchemy import text

    with road.desk.engine.connect() as db:
        return [row.kind for row in db.execute(text("SELECT kind FROM message ORDER BY sequence"))]


def words(road: Road) -> str:
    from sqlalchemy import text

    with road.desk.engine.connect() as db:
        found = list(db.execute(text("SELECT coalesce(subject, '') || body AS said FROM message")))
    return "\n".join(row.said for row in found)


def test_the_provider_learns_who_it_is_by_a_recorded_act_alone(
    agreed: UUID,
    road: Road,
    new_client: Callable[[], Client],
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
) -> None:
    provider, other, council = new_client(), new_client(), new_client()
    sign_in(provider, "provider_a")
    sign_in(other, "provider_b")
    sign_in(council, "coordinator")
    pages = [f"/agreements/{agreed}{end}" for end in ("", "/start", "/acceptance", "/print", "/reviews", "/plan")]

    def shown(browser: Client) -> str:
        return "".join(browser.get(page).text for page in [*pages, f"/api/agreements/{agreed}"])

    assert not any(secret in shown(provider) for secret in SECRETS)
    assert not any(secret in pdf_text(provider, agreed) for secret in SECRETS)
    accepted(council, agreed)
    assert not any(secret in shown(provider) for secret in SECRETS)
    release = f"/agreements/{agreed}/start/identity"
    assert provider.post(release, data={"_csrf_token": csrf(provider)}).status_code == 403
    assert council.post(release, data={"_csrf_token": csrf(council)}).status_code == 303
    assert council.post(release, data={"_csrf_token": csrf(council)}).status_code == 409
    assert NAMED["family_name"] in provider.get(f"/agreements/{agreed}").text
    assert "4 May 2009" in provider.get(f"/agreements/{agreed}/start").text
    assert NAMED["family_name"] in pdf_text(provider, agreed)
    assert other.get(f"/agreements/{agreed}").status_code == 404
    assert not any(secret in words(road) for secret in SECRETS)
    assert "identity_released" in kinds(road)


def needs_pango() -> None:
    """Skip where the machine cannot make a PDF: the wheel is there, the system's library is not."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        pytest.skip("no Pango on this machine (Debian: apt-get install libpangoft2-1.0-0)")


def pdf_text(browser: Client, agreement_id: UUID) -> str:
    needs_pango()
    answer = browser.get(f"/agreements/{agreement_id}/agreement.pdf")
    assert answer.status_code == 200, answer.text
    return "\n".join(words_of(answer.content))


def words_of(paper: bytes) -> list[str]:
    """Read the words of each page."""
    return [one.extract_text() for one in PdfReader(io.BytesIO(paper)).pages]


def test_an_emergency_identity_needs_a_reason_before_both_accepted(client: Client, agreed: UUID) -> None:
    short = client.post(f"/api/agreements/{agreed}/identity", json={"reason": "now"}, headers=bearer("coordinator"))
    assert short.status_code == 422
    said = {"reason": "The young person arrives tonight"}
    for _ in range(2):  # the same key is answered once
        done = client.post(
            f"/api/agreements/{agreed}/identity",
            json=said,
            headers=bearer("coordinator") | {"idempotency-key": "one"},
        )
        assert done.status_code == 200, done.text
    told = client.get(f"/api/agreements/{agreed}", headers=bearer("provider_a")).json()
    assert told["young_person"]["family_name"] == NAMED["family_name"]


def test_the_paper_is_a_tagged_pdf_with_a_title_and_a_language(
    client: Client, agreed: UUID, sign_in: Callable[[Client, str], None]
) -> None:
    needs_pango()
    sign_in(client, "coordinator")
    answer = client.get(f"/agreements/{agreed}/agreement.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.content))
    root: Mapping[str, Any] = paper.trailer["/Root"]  # type: ignore[assignment]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert str(paper.metadata and paper.metadata.title).startswith("Individual placement agreement A")
    text = "\n".join(one.extract_text() for one in paper.pages)
    for said in ("The parties", NAMED["family_name"], "Schedule: accommodation", "7 December 2026"):
        assert said in text


def test_the_paper_as_a_printer_prints_it_keeps_its_margins_and_fills_its_pages(
    client: Client, agreed: UUID, sign_in: Callable[[Client, str], None]
) -> None:
    needs_pango()
    sign_in(client, "coordinator")
    paper = client.get(f"/agreements/{agreed}/agreement.pdf").content
    signing = next(said for said in words_of(paper) if "Signatures" in said)
    assert "For Amberside Homes" in signing and "Signature and date" in signing, "who signs stands on one page"
    pages = pictures(paper)
    inch, millimetre = DOTS, DOTS / 25.4
    assert len(pages) >= 2
    for number, page in enumerate(pages, start=1):
        assert page.size == pytest.approx((210 * millimetre, 297 * millimetre), abs=1)
        left, top, right, bottom = inked(page)
        assert left >= 10 * millimetre <= page.width - right, f"page {number} prints into its margin"
        assert top >= 5 * millimetre <= page.height - bottom, f"page {number} prints into its margin"
        # The last page ends where it ends; a page before it that is half empty was broken at the wrong place.
        assert right - left > 5 * inch
        assert number == len(pages) or bottom > page.height * 0.6, f"page {number} is half empty"
        assert page.getextrema()[0] < 60, f"page {number} has no dark words"


def test_the_full_information_is_asked_for_twice_then_late_and_told_above(
    client: Client, agreed: UUID, road: Road, clock: StoppedClock
) -> None:
    made_at = clock.now
    for after, warned in ((47, 0), (48, 1), (60, 2), (71, 2)):
        clock.now = made_at + timedelta(hours=after)
        ring_due(road.desk, OPENER)
        assert len(set(people_told(road, "information_due"))) == warned, after
    clock.now = made_at + timedelta(hours=72)
    ring_due(road.desk, OPENER)
    assert "information_late" in kinds(road)
    shared = client.post(f"/api/agreements/{agreed}/information", headers=bearer("coordinator"))
    assert shared.json()["late"] is True
    again = client.post(f"/api/agreements/{agreed}/information", headers=bearer("coordinator"))
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "information-shared")


def people_told(road: Road, kind: str) -> list[datetime]:
    from sqlalchemy import text

    with road.desk.engine.connect() as db:
        found = db.execute(text("SELECT DISTINCT created_at FROM message WHERE kind = :kind"), {"kind": kind})
        return [row.created_at for row in found]


def test_a_worker_that_slept_warns_once_and_what_was_shared_is_never_asked_for(
    client: Client, agreed: UUID, road: Road, clock: StoppedClock
) -> None:
    clock.now += timedelta(hours=61)
    ring_due(road.desk, OPENER)
    assert len(people_told(road, "information_due")) == 1
    assert client.post(f"/api/agreements/{agreed}/information", headers=bearer("placements")).json()["late"] is False
    clock.now += timedelta(hours=20)
    ring_due(road.desk, OPENER)
    assert "information_late" not in kinds(road)


def test_reviews_fall_due_late_and_go_to_somebody_above(
    client: Client, agreed: UUID, road: Road, clock: StoppedClock
) -> None:
    accepted(client, agreed)
    due = date(2026, 12, 21)
    for on, seen in ((due, "due"), (due + timedelta(days=1), "overdue"), (due + timedelta(days=7), "escalated")):
        clock.now = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
        ring_due(road.desk, OPENER)
        states = client.get(f"/api/agreements/{agreed}", headers=bearer("coordinator")).json()["review_states"]
        assert (states[0]["due_on"], states[0]["state"]) == (due.isoformat(), seen)
    told = kinds(road)
    assert [told.count(one) > 0 for one in ("review_due", "review_overdue", "review_escalated")] == [True] * 3


def test_reviews_show_the_distance_and_the_score_line_by_line(
    client: Client, agreed: UUID, clock: StoppedClock, road: Road, sign_in: Callable[[Client, str], None]
) -> None:
    accepted(client, agreed)
    clock.now = datetime(2026, 12, 21, 12, tzinfo=UTC)
    ring_due(road.desk, OPENER)
    path = f"/api/agreements/{agreed}/reviews"
    first = client.post(path, json=a_review(client, agreed, "2026-12-21", 1), headers=bearer("coordinator"))
    assert first.status_code == 201, first.text
    assert first.json()["difference"] == []
    clock.now = datetime(2027, 3, 5, 12, tzinfo=UTC)
    body = a_review(client, agreed, "2027-03-05", 3, answers={"home": 1}, decision="reduce")
    second = client.post(path, json=body, headers=bearer("placements"))
    assert second.status_code == 201, second.text
    found = second.json()
    assert {"outcome": "keeps_home", "first": 1, "before": 1, "now": 3, "gained": 2} in found["distance"]
    assert found["hours"] < found["hours_before"]
    gained = sum(one["hours"] for one in found["difference"])
    assert gained == pytest.approx(found["hours"] - found["hours_before"])
    assert found["next_reviews"] == ["2027-06-07"]
    for persona in ("provider_a", "coordinator"):
        sign_in(client, persona)
        page = client.get(f"/agreements/{agreed}/reviews/{found['id']}").text
        assert "Propose the change of the agreement" in page
        assert "+2" in page
        listed = client.get(f"/agreements/{agreed}/reviews").text
        assert "<svg" in listed
        assert "Distance travelled" in listed


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"held_on": "2027-12-01"}, "/on"),
        ({"participants": [{"role": "young_person", "present": True}]}, "/attendance"),
        ({"participants": [{"role": "council", "present": False}]}, "/participants/council"),
        ({"progress": {"keeps_home": 2}}, "/progress"),
        ({"progress": {"keeps_home": 9, "college": 1}}, "/progress/keeps_home"),
        ({"answers": {"home": 7}}, "/answers/home"),
        ({"answers": {"invented": 1}}, "/answers/invented"),
        ({"decision": "perhaps"}, "/decision"),
        ({"plans": ["holiday"]}, "/plans"),
        ({"review_id": "00000000-0000-0000-0000-000000000001"}, None),
    ],
)
def test_a_review_that_is_not_whole_is_refused_with_its_place(
    client: Client, agreed: UUID, clock: StoppedClock, change: dict[str, Any], pointer: str | None
) -> None:
    accepted(client, agreed)
    clock.now = datetime(2026, 12, 21, 12, tzinfo=UTC)
    answer = client.post(
        f"/api/agreements/{agreed}/reviews",
        json=a_review(client, agreed, **{"held_on": "2026-12-21", **change}),
        headers=bearer("coordinator"),
    )
    assert answer.status_code == (422 if pointer else 404), answer.text
    if pointer:
        assert pointer in [one["pointer"] for one in answer.json()["errors"]]


def test_an_extra_review_is_planned_beside_the_series_and_the_provider_may_not(client: Client, agreed: UUID) -> None:
    accepted(client, agreed)
    wanted = {"kind": "extra", "due_on": "2027-01-10", "cause": "young_person_asked"}  # a Sunday
    path = f"/api/agreements/{agreed}/reviews"
    assert client.post(path, json=wanted, headers=bearer("provider_a")).status_code == 403
    assert client.post(path, json=wanted, headers=bearer("coordinator_county")).status_code == 404
    planned = client.post(path, json=wanted, headers=bearer("coordinator"))
    assert (planned.status_code, planned.json()["due_on"]) == (201, "2027-01-08")
    dates = client.get(f"/api/agreements/{agreed}", headers=bearer("coordinator")).json()["reviews"]
    assert dates == ["2026-12-21", "2027-01-08", "2027-03-05", "2027-06-07"]


def test_an_agreement_is_shown_as_it_stood_on_a_day(
    client: Client, agreed: UUID, clock: StoppedClock, sign_in: Callable[[Client, str], None]
) -> None:
    clock.now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    accepted(client, agreed)
    path = f"/api/agreements/{agreed}"
    before = client.get(f"{path}?on=2026-11-24", headers=bearer("coordinator")).json()
    assert (before["state"], before["acceptances"]) == ("opened", [])
    after = client.get(f"{path}?on=2026-11-25", headers=bearer("provider_a")).json()
    assert (after["state"], len(after["acceptances"])) == ("accepted", 2)
    early = client.get(f"{path}?on=2026-11-20", headers=bearer("coordinator"))
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (404, "not-agreed-yet")
    sign_in(client, "provider_a")
    assert "as" in client.get(f"/agreements/{agreed}?on_day=24&on_month=11&on_year=2026").text
    wrong = client.get(f"/agreements/{agreed}?on_day=1&on_month=1&on_year=2020")
    assert wrong.status_code == 422
    assert "choose that day or a later one" in wrong.text


def test_the_provider_writes_the_support_plan_and_every_version_is_read(
    agreed: UUID,
    new_client: Callable[[], Client],
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
) -> None:
    provider, council = new_client(), new_client()
    sign_in(provider, "provider_a")
    sign_in(council, "coordinator")
    page = f"/agreements/{agreed}/plan/new"
    typed = {"how_keeps_home": "Cooks with staff", "how_college": "Bus money", "weekly": "Mondays", "together": "yes"}
    assert council.post(page, data=typed | {"_csrf_token": csrf(council)}).status_code == 403
    bare = provider.post(page, data={"_csrf_token": csrf(provider), "how_college": "Bus money"})
    assert bare.status_code == 422
    assert "Bus money" in bare.text
    assert provider.post(page, data=typed | {"_csrf_token": csrf(provider)}).status_code == 303
    typed["how_keeps_home"] = "Cooks alone"
    assert provider.post(page, data=typed | {"_csrf_token": csrf(provider)}).status_code == 303
    newest = council.get(f"/agreements/{agreed}/plan").text
    assert "Cooks alone" in newest
    assert "Version 1 said:" in newest
    oldest = council.get(f"/agreements/{agreed}/plan?version=1").text
    assert "Cooks alone" not in oldest


def test_meetings_are_planned_held_and_told_before_the_start(
    client: Client,
    road: Road,
    sign_in: Callable[[Client, str], None],
    csrf: Callable[[Client], str],
) -> None:
    opened = road.opened()
    road.offered(opened)
    award = road.funded(opened).award_id
    sign_in(client, "placements")
    page = f"/awards/{award}/meetings"
    today = road.clock.now.date()

    def planned(on: date, **more: str) -> dict[str, str]:
        parts = {"on_day": on.day, "on_month": on.month, "on_year": on.year}
        return {"_csrf_token": csrf(client), "kind": "visit", **{key: str(one) for key, one in parts.items()}, **more}

    past = client.post(page, data=planned(today - timedelta(days=1)))
    assert past.status_code == 422
    note = f"{NAMED['given_name']} comes along"
    assert client.post(page, data=planned(today, note=note)).status_code == 303
    shown = client.get(page).text
    assert "[young person] comes along" in shown
    meeting = shown.partition(f"{page}/")[2][:36]
    assert client.post(f"{page}/{meeting}", data=planned(today, became="held")).status_code == 303
    assert client.post(f"{page}/{meeting}", data=planned(today, became="held")).status_code == 409
    assert "meeting_planned" in kinds(road)


def test_the_pages_of_a_life_are_sound(
    client: Client,
    agreed: UUID,
    clock: StoppedClock,
    browse: Callable[..., Page],
    sound: Callable[[Page], None],
    tmp_path: Path,
) -> None:
    accepted(client, agreed)
    clock.now = datetime(2026, 12, 21, 12, tzinfo=UTC)
    path = f"/api/agreements/{agreed}/reviews"
    held = client.post(path, json=a_review(client, agreed, "2026-12-21"), headers=bearer("coordinator")).json()["id"]
    states = client.get(f"/api/agreements/{agreed}", headers=bearer("coordinator")).json()["review_states"]
    page = browse(f"/agreements/{agreed}", as_="coordinator")
    sound(page)
    start = page.url
    for end in ("/start", "/reviews", f"/reviews/{held}", f"/reviews/{states[1]['id']}", "/plan"):
        page.goto(start + end)
        sound(page)
        page.screenshot(path=tmp_path / f"{end.replace('/', '_')}.png", full_page=True)


def test_another_councils_and_another_firms_agreement_is_not_there(client: Client, agreed: UUID) -> None:
    for key in ("coordinator_county", "provider_b"):
        for path in ("", "/acceptance", "/identity", "/information"):
            call = client.get if not path else client.post
            answer = call(f"/api/agreements/{agreed}{path}", headers=bearer(key), **({} if not path else {"json": {}}))
            allowed = 403 if key == "provider_b" and path in ("/identity", "/information") else 404
            assert answer.status_code == allowed, (key, path)
