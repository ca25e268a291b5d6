"""Joining the register, from a stranger's e-mail address to a firm that is invited (A13, A14, S24, S25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image
from sqlalchemy import text

from brokerage.desk.work import Desk
from brokerage.people.rules import csrf_token
from tests.web.road import Road

Client = TestClient[Litestar]
MOBILE = "07700 900950"
EMAIL = "office@newfield.example"


def a_png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def latest(desk: Desk, kind: str, column: str) -> str:
    with desk.engine.connect() as db:
        wanted = text(f"SELECT {column} FROM message WHERE kind = :kind ORDER BY sequence DESC LIMIT 1")
        return str(db.execute(wanted, {"kind": kind}).scalar())


def kinds(desk: Desk) -> list[str]:
    with desk.engine.connect() as db:
        return list(db.execute(text("SELECT kind FROM message ORDER BY sequence")).scalars())


def set_up(client: Client, desk: Desk, email: str) -> None:
    """Choose a password by the link that was sent, and codes by e-mail; end signed in."""

    def send(path: str, **data: str) -> Any:
        return client.post(path, data={"_csrf_token": csrf_token(client.cookies["session"]), **data})

    client.cookies.clear()
    link = latest(desk, "set_up_link", "link")
    path = link[link.index("/set-up/") :]
    assert client.post(path, data={"password": "plum harbour ladder"}).headers["location"] == "/sign-in/code"
    assert email in latest(desk, "set_up_link", "to_address")
    send("/sign-in/choice", means="email")
    assert send("/sign-in/choice/address", code=latest(desk, "sign_in_code", "code")).status_code == 303


def a_day(name: str, day: str) -> dict[str, str]:
    year, month, number = day.split("-")
    return {f"{name}_year": year, f"{name}_month": month, f"{name}_day": number}


def a_paper(name: str, first: str = "2026-06-01", last: str = "2027-05-31") -> dict[str, str]:
    return {f"{name}_reference": "On file", **a_day(f"{name}_valid_from", first), **a_day(f"{name}_valid_to", last)}


SECTIONS: dict[str, dict[str, Any]] = {
    "organisation": {
        "name": "Newfield Homes", "number": "01234567", "address": "1 New Road, Derby", "email": EMAIL,
        "phone": "01632 960950",
    },
    "categories": {"categories": ["1.1", "1.2"]},
    "areas": {"areas": "de1, NG7"},
    "prices": {
        "prices_0_category": "1.1", "prices_0_accommodation_weekly": "£600", "prices_0_support_hourly": "24.00",
        "prices_1_category": "1.2", "prices_1_accommodation_weekly": "400", "prices_1_support_hourly": "22.50",
        "prices_1_block_discount": "5%",
    },
    "homes/new": {
        "name": "Newfield House", "address": "2 New Road, Derby", "outward_code": "DE1", "ofsted_category": "2",
        "rooms_0_name": "1", "rooms_0_sharing": "single", "rooms_0_beds": "1", "rooms_0_step_free": "yes",
        "rooms_1_name": "2", "rooms_1_sharing": "shared", "rooms_1_beds": "2",
    },
    "ofsted": {"registered": "yes", "urn": "sc900950", "categories": ["1", "2"], "outcome": "not_inspected"},
    "papers/insurance": a_paper("papers_employers_liability") | a_paper("papers_public_liability"),
    "papers/safeguarding": a_paper("papers_safeguarding_policy"),
    "papers/dbs": a_paper("papers_dbs"),
    "papers/training": a_paper("papers_training"),
    "papers/housing-standard": a_paper("standards_h1"),
    "papers/continuity": a_paper("papers_business_continuity"),
    "out-of-hours": {
        "lines_0_purpose": "young_people", "lines_0_who": "On call", "lines_0_phone": "01632 960951",
        "lines_0_opens": "5pm", "lines_0_closes": "9am", "lines_0_days": "every_day",
        "lines_1_purpose": "emergency_places", "lines_1_who": "Duty", "lines_1_phone": "01632 960952",
        "lines_1_opens": "22:00", "lines_1_closes": "09:00", "lines_1_days": "every_day",
    },
    "contacts": {
        "contacts_0_name": "Nell Newfield", "contacts_0_role": "Manager", "contacts_0_email": "nell@newfield.example",
        "contacts_0_mobile": MOBILE,
    },
}  # fmt: skip


class Applicant:
    """A browser of somebody who applies."""

    def __init__(self, client: Client, desk: Desk) -> None:
        self.client, self.desk, self.at = client, desk, ""

    def come_in(self, email: str = EMAIL, firm: str = "Newfield Homes") -> str:
        assert "We sent a link" in self.client.post("/apply", data={"email": email, "firm": firm}).text
        link = latest(self.desk, "apply_link", "link").partition("testserver.local")[2]
        assert self.client.get(link).status_code == 200
        assert self.client.post(f"{link}/code").status_code == 200
        answer = self.client.post(link, data={"code": latest(self.desk, "apply_code", "code")})
        assert answer.status_code == 303, answer.text
        self.at = answer.headers["location"]
        return self.at

    def post(self, path: str, data: dict[str, Any], go: str = "continue", files: Any = None) -> Any:
        mark = {"_csrf_token": csrf_token(self.client.cookies["applicant"]), "go": go}
        if path.startswith("papers/"):
            files = files or {"ignored": ("", b"")}
        return self.client.post(f"{self.at}/{path}", data=mark | data, files=files)

    def fill(self, **changes: dict[str, Any]) -> None:
        for path, data in SECTIONS.items():
            answer = self.post(path, data | changes.get(path.replace("/", "_").replace("-", "_"), {}))
            assert answer.status_code == 303, (path, answer.status_code, unescape(answer.text))
        self.post("mobiles/0", {}, "send")
        assert self.post("mobiles/0", {"code": latest(self.desk, "apply_code", "code")}).status_code == 303

    def submit(self) -> str:
        answer = self.post("check", {"declare": "true"})
        assert answer.status_code == 303, unescape(answer.text)
        return self.at.rpartition("/")[2]


@pytest.fixture
def applicant(new_client: Callable[[], Client], desk: Desk) -> Applicant:
    return Applicant(new_client(), desk)


def test_an_applicant_fills_the_task_list_and_submits(applicant: Applicant) -> None:
    applicant.come_in()
    html = unescape(applicant.client.get(applicant.at).text)
    assert "Newfield Homes" in html
    assert "0 of 14 sections completed" in html
    applicant.fill()
    html = unescape(applicant.client.get(applicant.at).text)
    assert "14 of 14 sections completed" in html, html
    check = unescape(applicant.client.get(f"{applicant.at}/check").text)
    assert "£600.00 a week" in check and "Newfield House" in check and "+447700900950" in check
    applicant.submit()
    assert "We decide by <strong>4 December 2026</strong>" in applicant.client.get(applicant.at).text
    assert kinds(applicant.desk)[-2:] == ["application_received", "application_waiting"]


def test_the_same_answer_for_whoever_asks_and_the_link_goes_on_where_it_stopped(
    applicant: Applicant, new_client: Callable[[], Client]
) -> None:
    first = applicant.come_in()
    again = Applicant(new_client(), applicant.desk)
    assert again.come_in(EMAIL.upper(), "newfield homes") == first
    assert Applicant(new_client(), applicant.desk).come_in("other@newfield.example") != first


def test_nobody_else_comes_in(applicant: Applicant, new_client: Callable[[], Client], client: Client) -> None:
    at = applicant.come_in()
    other = Applicant(new_client(), applicant.desk)
    other.come_in("other@elsewhere.example", "Elsewhere Homes")
    for stranger in (client, other.client):
        assert stranger.get(at).status_code == 404
        assert stranger.get(f"{at}/organisation").status_code == 404
    other.at = at
    assert other.post("organisation", SECTIONS["organisation"]).status_code == 404
    assert applicant.client.post(f"{at}/organisation", data={"name": "X"}).status_code == 403


def test_a_code_is_good_once_and_for_five_tries(applicant: Applicant) -> None:
    applicant.client.post("/apply", data={"email": EMAIL, "firm": "Newfield Homes"})
    link = latest(applicant.desk, "apply_link", "link").partition("testserver.local")[2]
    applicant.client.post(f"{link}/code")
    right = latest(applicant.desk, "apply_code", "code")
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1):
        html = applicant.client.post(link, data={"code": wrong}).text
        assert f"You have {left} tr" in html
    assert "no tries left" in applicant.client.post(link, data={"code": wrong}).text
    assert applicant.client.post(link, data={"code": right}).status_code == 422
    assert applicant.client.get("/a/nobodys-link").status_code == 404


def test_what_is_wrong_is_said_and_kept(applicant: Applicant) -> None:
    applicant.come_in()
    applicant.post("categories", SECTIONS["categories"])
    wrong = SECTIONS["contacts"] | {"contacts_0_email": "nobody", "contacts_0_mobile": "01632 960950"}
    answer = applicant.post("contacts", wrong)
    assert answer.status_code == 422
    html = unescape(answer.text)
    assert "must be a United Kingdom mobile" in html and 'value="nobody"' in html
    assert "There is a problem" in applicant.client.get(applicant.at).text
    days = a_paper("papers_dbs", "2027-01-01", "2026-01-01")
    assert "The last day must not be before the first" in unescape(applicant.post("papers/dbs", days).text)
    expired = a_paper("papers_dbs", "2020-01-01", "2021-01-01")
    assert "nothing is shown that counts today" in unescape(applicant.post("papers/dbs", expired).text)
    future = a_paper("papers_dbs", "2027-01-01", "2028-01-01")
    assert "nothing is shown that counts today" in unescape(applicant.post("papers/dbs", future).text)
    assert applicant.post("papers/dbs", future, "later").status_code == 303
    taken = SECTIONS["ofsted"] | {"urn": "SC900101"}
    assert "belongs to another provider" in unescape(applicant.post("ofsted", taken).text)
    assert applicant.post("check", {"declare": "true"}).status_code == 422


def test_files_are_taken_by_what_they_are(applicant: Applicant) -> None:
    applicant.come_in()
    lie = {"file_dbs": ("dbs.png", b"MZ not a picture", "image/png")}
    answer = applicant.post("papers/dbs", SECTIONS["papers/dbs"], files=lie)
    assert "not a PDF, PNG or JPEG" in unescape(answer.text)
    good = {"file_dbs": ("../../dbs.exe", a_png(), "application/x-msdownload")}
    assert applicant.post("papers/dbs", SECTIONS["papers/dbs"], files=good).status_code == 303
    html = applicant.client.get(f"{applicant.at}/papers/dbs").text
    place = "/documents/" + html.partition("/documents/")[2][:36]
    sent = applicant.client.get(place)
    assert sent.content.startswith(b"\x89PNG")
    assert sent.headers["content-type"] == "application/octet-stream"
    assert sent.headers["content-disposition"].startswith("attachment;")
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in sent.headers["content-security-policy"]
    big = {"file_dbs": ("dbs.pdf", b"%PDF-" + b"0" * (21 * 1024 * 1024 + 1024), "application/pdf")}
    assert applicant.post("papers/dbs", SECTIONS["papers/dbs"], files=big).status_code == 413


def assess(client: Client, mark: str, at: str, unmet: str = "") -> None:
    from lots.store import criteria

    data = {f"met_{one.key}": "no" if one.key == unmet else "yes" for one in criteria()} | {"_csrf_token": mark}
    if unmet:
        answer = client.post(f"{at}/assessment", data=data)
        assert answer.status_code == 422 and "Say why this is not met" in answer.text
        data[f"note_{unmet}"] = "Two staff have no check"
    assert client.post(f"{at}/assessment", data=data).status_code == 303


def test_an_admitted_firm_is_on_the_register_and_invited(
    applicant: Applicant, client: Client, sign_in: Any, csrf: Any, road: Road
) -> None:
    applicant.come_in()
    applicant.fill()
    at = f"/applications/{applicant.submit()}"
    sign_in(client, "dps_admin")
    assert "9 working days" in client.get("/applications").text or "10 working days" in client.get("/applications").text
    mark = {"_csrf_token": csrf(client)}
    assert client.post(f"{at}/extension", data=mark | {"reason": " "}).status_code == 422
    assert client.post(f"{at}/extension", data=mark | {"reason": "A visit"}).status_code == 303
    assert "11 December 2026" in client.get(at).text
    assess(client, csrf(client), at)
    assert client.post(f"{at}/decision", data=mark | {"decision": "admit"}).status_code == 303
    assert {"application_admitted", "set_up_link", "application_extended"} <= set(kinds(applicant.desk))
    assert "Newfield Homes" in client.get("/providers").text
    set_up(client, applicant.desk, "nell@newfield.example")
    html = unescape(client.get("/evidence").text)
    assert "Staff training" in html and "31 May 2027" in html
    road.clock.push(timedelta(days=1))
    assert "Newfield Homes" in [one.provider for one, _ in road.opened().links]


def test_a_refused_firm_is_told_why_and_applies_again_with_its_answers(
    applicant: Applicant, client: Client, sign_in: Any, csrf: Any
) -> None:
    applicant.come_in()
    applicant.fill()
    at = f"/applications/{applicant.submit()}"
    sign_in(client, "dps_admin")
    assess(client, csrf(client), at, unmet="dbs")
    mark = {"_csrf_token": csrf(client)}
    assert client.post(f"{at}/decision", data=mark | {"decision": "admit"}).status_code == 409
    assert client.post(f"{at}/decision", data=mark | {"decision": "refuse", "note": ""}).status_code == 422
    assert client.post(f"{at}/decision", data=mark | {"decision": "refuse", "note": "Not yet"}).status_code == 303
    assert "Two staff have no check" in latest(applicant.desk, "application_refused", "body")
    assert "Two staff have no check" in applicant.client.get(applicant.at).text
    again = applicant.post("again", {}).headers["location"]
    assert again != applicant.at
    applicant.at = again
    assert "14 of 14 sections completed" in applicant.client.get(again).text
    applicant.submit()
    assert applicant.post("withdraw", {}).status_code == 303


@pytest.mark.parametrize("persona", ["coordinator", "quality", "provider_a", "placements_county"])
def test_only_the_keepers_administrator_sees_applications(client: Client, sign_in: Any, persona: str) -> None:
    sign_in(client, persona)
    assert client.get("/applications").status_code == 403


def test_evidence_is_renewed_by_its_firm_and_accepted_by_quality(
    client: Client, new_client: Callable[[], Client], sign_in: Any, csrf: Any, desk: Desk
) -> None:
    staff = new_client()
    sign_in(client, "provider_admin")
    sign_in(staff, "quality")
    data = {"_csrf_token": csrf(client), "reference": "PL 7"} | a_day("valid_from", "2026-11-01")
    sent = {"file": ("x.png", a_png())}
    assert client.post("/evidence/new/public_liability", data=data).status_code in {400, 422}
    late = data | a_day("valid_from", "2020-01-01") | a_day("valid_to", "2021-01-01")
    assert "run out" in client.post("/evidence/new/public_liability", data=late, files=sent).text
    assert client.post("/evidence/new/public_liability", data=data, files=sent).status_code == 303
    place = latest(desk, "evidence_offered", "link").partition("testserver.local")[2]
    assert "PL 7" in staff.get(place).text
    mark = {"_csrf_token": csrf(staff)}
    assert staff.post(place, data=mark | {"decision": "refuse"}).status_code == 422
    assert staff.post(place, data=mark | {"decision": "accept"}).status_code == 303
    assert staff.post(place, data=mark | {"decision": "accept"}).status_code == 409
    assert "accepted" in client.get("/evidence").text
    with desk.engine.connect() as db:
        document = UUID(str(db.execute(text("SELECT id FROM document")).scalar()))
    got = client.get(f"/documents/{document}")
    assert got.status_code == 200, got.text
    sign_in(client, "provider_b")
    assert client.get(f"/documents/{document}").status_code == 404
    sign_in(client, "coordinator")
    assert client.get(f"/documents/{document}").status_code == 403
    assert new_client().get(f"/documents/{document}").headers["location"].startswith("/sign-in")


def test_the_evidence_of_one_home_is_renewed_by_itself(
    client: Client, new_client: Callable[[], Client], sign_in: Any, csrf: Any, desk: Desk
) -> None:
    staff = new_client()
    sign_in(client, "provider_admin")
    sign_in(staff, "quality")
    mark = {"_csrf_token": csrf(client)}
    home = {"name": "New House", "address": "1 New Road", "outward_code": "DE1", "ofsted_category": "2"}
    made = client.post("/homes/new", data=mark | home | a_day("opened_on", "2026-11-01")).headers["location"]
    asked = f"/evidence/new/housing_standard?home={made.rpartition('/')[2]}"
    assert asked in client.get("/evidence").text
    assert "New House" in client.get(asked).text
    typed = mark | {"reference": "HMO 9", "home": made.rpartition("/")[2]} | a_day("valid_from", "2026-11-01")
    path, sent = "/evidence/new/housing_standard", {"file": ("x.png", a_png())}
    assert client.post(path, data=typed | {"home": str(UUID(int=7))}, files=sent).status_code == 404
    assert client.post(path, data=typed, files=sent).status_code == 303
    place = latest(desk, "evidence_offered", "link").partition("testserver.local")[2]
    assert "New House" in staff.get(place).text
    assert staff.post(place, data={"_csrf_token": csrf(staff), "decision": "accept"}).status_code == 303
    with desk.engine.connect() as db:
        found = db.execute(text("SELECT state FROM evidence WHERE reference = 'HMO 9'")).scalar_one()
    assert found == "accepted"
    shown = unescape(client.get("/evidence").text)
    assert "accepted" in shown[shown.index("New House") :]


API = {
    "organisation": {
        "name": "Oak Rooms", "number": "", "address": "3 Oak Road, Derby", "email": "o@oak.example",
        "phone": "01632 960953",
    },
    "categories": {"categories": ["1.3"]},
    "areas": {"areas": ["DE1"]},
    "prices": {"prices": [{"category": "1.3", "support_hourly": "21.00"}]},
    "contacts": {"contacts": [{"name": "Olu Oak", "role": "", "email": "o@oak.example", "mobile": "07700 900951"}]},
    "out_of_hours": {
        "lines": [{"purpose": "young_people", "who": "On call", "phone": "01632 960954", "opens": "00:00",
                   "closes": "00:00", "days": "every_day"}]
    },
} | {
    section: {"papers": {kind: {"reference": "r", "valid_from": "2026-06-01", "valid_to": "2027-05-01"} for kind in of}}
    for section, of in {
        "insurance": ("employers_liability", "public_liability"), "safeguarding": ("safeguarding_policy",),
        "dbs": ("dbs",), "training": ("training",), "continuity": ("business_continuity",),
    }.items()
}  # fmt: skip


def test_the_api_takes_an_application_whole_and_decides(app: Litestar) -> None:
    from lots.store import criteria

    with TestClient(app) as api:
        staff = {"Authorization": "Bearer demo-dps-admin"}
        sent = api.post("/api/applications", json=API, headers=staff | {"Idempotency-Key": "one"})
        assert sent.status_code == 201, sent.text
        assert (sent.json()["state"], sent.json()["decide_by"]) == ("submitted", "2026-12-04")
        twice = api.post("/api/applications", json=API, headers=staff | {"Idempotency-Key": "one"})
        assert twice.json() == sent.json()
        place = f"/api/applications/{sent.json()['id']}"
        assert api.get("/api/applications", headers=staff).json()[0]["provider"] == "Oak Rooms"
        assert api.get(place, headers=staff).json()["content"]["areas"] == ["DE1"]
        assert api.get(place, headers={"Authorization": "Bearer demo-coordinator"}).status_code == 403
        findings = [{"criterion": one.key, "met": True} for one in criteria()]
        early = api.post(f"{place}/decision", json={"decision": "admit"}, headers=staff)
        assert early.status_code == 409
        done = api.post(f"{place}/decision", json={"decision": "admit", "findings": findings}, headers=staff)
        assert (done.status_code, done.json()["state"]) == (200, "admitted")
        own = api.post("/api/applications", json=API, headers={"Authorization": "Bearer demo-provider-admin"})
        assert own.status_code == 422
        assert own.json()["gaps"] == [
            {"section": "contacts", "message": "The mobile +447700900951 of Olu Oak is not confirmed yet"}
        ]
        wrong = API | {"areas": {"areas": ["Derby"]}, "prices": {"prices": [{"category": "9.9"}]}}
        faults = api.post("/api/applications", json=wrong, headers=staff).json()["errors"]
        assert {one["pointer"] for one in faults} == {"/areas/areas", "/prices/prices/0/category"}
