"""Hours, concerns and the ledger: pages, links and API (A33, A35, A38)."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import threading
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.demo.register import personas
from brokerage.desk.work import Desk
from brokerage.worker.sweep import ring_due
from placements.model import AgreementId, Party
from placements.service import accept_agreement, start_agreement
from tests.keys import OPENER
from tests.web.road import NAMED, Road

Client = TestClient[Litestar]
SignIn = Callable[[Client, str], None]
Csrf = Callable[[Client], str]
MONDAY = date(2026, 12, 7)


@pytest.fixture
def agreement(road: Road) -> UUID:
    """Make an agreement of amberside (provider_a) that runs from Tuesday 1 December, on Wednesday the 16th."""
    opened = road.opened()
    road.offered(opened, "amberside")
    found = road.agreed(opened, date(2026, 12, 1), date(2027, 4, 20))
    road.clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    with road.desk.work(road.actor("coordinator")) as work:
        for party in Party:
            accept_agreement(work.db, work.authority, AgreementId(found), party, uuid4(), work.now)
        work.record(start_agreement(work.db, work.authority, AgreementId(found), work.now), None)
    road.clock.now = datetime(2026, 12, 16, 10, tzinfo=UTC)
    return found


@pytest.fixture
def reference(road: Road, agreement: UUID) -> str:
    return str(ask(road.desk, "SELECT reference FROM agreement")[0][0])


def ask(desk: Desk, sql: str, **values: Any) -> list[Any]:
    with desk.engine.begin() as db:
        return list(db.execute(text(sql), values))


def bearer(key: str) -> dict[str, str]:
    token = next(one.token for one in personas() if one.key == key)
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


def sheet(csrf: str, *sessions: Mapping[str, str], **more: str) -> dict[str, str]:
    fields = {"_csrf_token": csrf, **more}
    for place, session in enumerate(sessions):
        fields |= {f"{name}_{place}": session.get(name, "") for name in ("day", "from", "to", "hours", "kind", "with")}
    return fields


def test_a_week_is_typed_saved_and_shown(client: Client, sign_in: SignIn, csrf: Csrf, agreement: UUID) -> None:
    sign_in(client, "provider_a")
    path = f"/agreements/{agreement}/hours/{MONDAY}"
    assert client.get(path).status_code == 200
    typed = sheet(
        csrf(client),
        {"day": "2026-12-07", "from": "4pm", "to": "6:30pm", "kind": "individual"},
        {"day": "2026-12-07", "from": "22:00", "to": "07:00", "kind": "night"},
        {"day": "2026-12-09", "hours": "1.25", "kind": "individual"},
        {"day": "2026-12-10", "hours": "3", "kind": "shared", "with": "2"},
    )
    saved = client.post(path, data=typed)
    assert saved.status_code == 303, saved.text
    page = client.get(f"/agreements/{agreement}/hours").text
    assert "Not signed" in page
    assert "3.75" in page
    again = client.get(path).text
    assert 'value="3"' in again and "2.5" in again


def test_what_is_wrong_is_said_at_its_field_and_all_is_kept(
    client: Client, sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID
) -> None:
    sign_in(client, "provider_a")
    path = f"/agreements/{agreement}/hours/{MONDAY}"
    typed = sheet(
        csrf(client),
        {"day": ""},
        {"day": "2026-12-07", "from": "4pm", "to": "4:20pm"},
        {"day": "2026-12-08", "hours": "2.1"},
        {"day": "2026-12-08", "from": "9am", "to": "11am", "hours": "3"},
        {"day": "2026-12-09", "hours": "1", "kind": "individual", "with": "2"},
        {"day": "2026-12-10", "from": "1pm", "to": "3pm"},
        {"day": "2026-12-10", "from": "2pm", "to": "4pm"},
    )
    answer = client.post(path, data=typed)
    assert answer.status_code == 422
    for field in ("to_1", "hours_2", "hours_3", "with_4", "from_6"):
        assert f'href="#{field}"' in answer.text
    assert 'value="4:20pm"' in answer.text
    assert ask(road.desk, "SELECT count(*) FROM hours_given")[0][0] == 0


def test_more_than_was_bought_needs_a_reason(
    client: Client, sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID
) -> None:
    sign_in(client, "provider_a")
    path = f"/agreements/{agreement}/hours/{MONDAY}"
    typed = sheet(csrf(client), *({"day": f"2026-12-{day:02}", "hours": "20"} for day in (7, 8, 9)))
    refused = client.post(path, data=typed)
    assert refused.status_code == 422
    assert 'href="#reason"' in refused.text
    assert client.post(path, data=typed | {"reason": "Moved flat that week"}).status_code == 303
    assert ask(road.desk, "SELECT reason FROM hours_reason")[0][0] == "Moved flat that week"
    assert "Moved flat that week" in client.get(f"/agreements/{agreement}/hours").text


def test_a_corrected_week_replaces_the_old_one_and_its_signature(
    client: Client, new_client: Callable[[], Client], sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID
) -> None:
    sign_in(client, "provider_a")
    path = f"/agreements/{agreement}/hours/{MONDAY}"
    client.post(
        path, data=sheet(csrf(client), {"day": "2026-12-07", "hours": "2"}, {"day": "2026-12-08", "hours": "3"})
    )
    link = a_link(client, csrf, path)
    assert answer(new_client(), link, "yes").status_code == 200
    assert "Signed" in client.get(f"/agreements/{agreement}/hours").text
    client.post(path, data=sheet(csrf(client), {"day": "2026-12-08", "hours": "3"}))
    assert ask(road.desk, "SELECT given_on, hours FROM hours_given") == [(date(2026, 12, 8), 3)]
    assert ask(road.desk, "SELECT count(*) FROM hours_sign_off")[0][0] == 0


# The young person's link


def a_link(client: Client, csrf: Csrf, path: str) -> str:
    made = client.post(path + "/link", data={"_csrf_token": csrf(client)})
    assert made.status_code == 200, made.text
    return "/h/" + re.findall(r"/h/([\w-]+)", made.text)[0]


def answer(client: Client, link: str, what: str, words: str = "") -> Any:
    shown = re.search(r'name="shown" value="(\w+)"', client.get(link).text)
    return client.post(link, data={"answer": what, "words": words, "shown": shown[1] if shown else ""})


@pytest.fixture
def a_week(client: Client, sign_in: SignIn, csrf: Csrf, agreement: UUID) -> str:
    """Record 2 hours of the week; give the path of its sheet."""
    sign_in(client, "provider_a")
    path = f"/agreements/{agreement}/hours/{MONDAY}"
    client.post(path, data=sheet(csrf(client), {"day": "2026-12-07", "hours": "2"}))
    return path


def test_the_link_names_nobody_changes_nothing_and_works_once(
    client: Client, new_client: Callable[[], Client], csrf: Csrf, road: Road, a_week: str
) -> None:
    link = a_link(client, csrf, a_week)
    phone = new_client()
    page = phone.get(link)
    assert page.status_code == 200
    assert not any(str(word) in page.text for word in NAMED.values() if isinstance(word, str))
    assert ask(road.desk, "SELECT count(*) FROM hours_sign_off")[0][0] == 0
    assert link[3:] not in str(ask(road.desk, "SELECT * FROM hours_link"))
    shown = re.findall(r'name="shown" value="(\w+)"', page.text)[0]
    answers = []

    def tap() -> None:
        answers.append(new_phone.post(link, data={"answer": "yes", "shown": shown}).status_code)

    new_phone = new_client()
    taps = [threading.Thread(target=tap) for _ in range(2)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert answers == [200, 200]
    assert ask(road.desk, "SELECT signed, recorded_by FROM hours_sign_off") == [(True, None)]
    assert ask(road.desk, "SELECT count(*) FROM record WHERE kind = 'week_signed'")[0][0] == 1
    assert phone.get(link).status_code == 410


def test_something_is_not_right_is_told_to_the_council_only(
    client: Client, new_client: Callable[[], Client], sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID,
    a_week: str,
) -> None:  # fmt: skip
    link = a_link(client, csrf, a_week)
    thanks = answer(new_client(), link, "no", "Nobody came on Monday")
    assert "not right" in thanks.text
    page = f"/agreements/{agreement}/hours"
    assert "Nobody came" not in client.get(page).text
    assert "Not right" in client.get(page).text
    council = new_client()
    sign_in(council, "coordinator")
    assert "Nobody came on Monday" in council.get(page).text
    (message,) = ask(road.desk, "SELECT subject, body FROM message WHERE kind = 'hours_not_right'")
    assert "Nobody came" not in message.body
    assert "Zebedee" not in message.body


def test_hours_that_changed_are_looked_at_again_and_an_old_link_dies(
    client: Client, new_client: Callable[[], Client], csrf: Csrf, road: Road, a_week: str
) -> None:
    link = a_link(client, csrf, a_week)
    phone = new_client()
    shown = re.findall(r'name="shown" value="(\w+)"', phone.get(link).text)[0]
    client.post(a_week, data=sheet(csrf(client), {"day": "2026-12-07", "hours": "4"}))
    again = phone.post(link, data={"answer": "yes", "shown": shown})
    assert again.status_code == 422
    assert "4 hours" in unescape(again.text)
    newer = a_link(client, csrf, a_week)
    assert phone.get(link).status_code == 410
    assert phone.get(newer).status_code == 200
    road.clock.push(timedelta(days=14))
    assert phone.get(newer).status_code == 410
    assert answer(phone, newer, "yes").status_code == 410
    assert phone.get("/h/never-made").status_code == 410
    assert ask(road.desk, "SELECT count(*) FROM hours_sign_off")[0][0] == 0


# A file


def upload(client: Client, csrf: Csrf, raw: bytes) -> Any:
    return client.post(
        "/hours/upload", data={"_csrf_token": csrf(client)}, files={"file": ("hours.csv", raw, "text/csv")}
    )


def test_a_file_is_shown_first_and_its_good_rows_are_saved(
    client: Client, sign_in: SignIn, csrf: Csrf, road: Road, reference: str
) -> None:
    sign_in(client, "provider_a")
    raw = (
        "agreement;date;hours;kind\r\n"
        f"{reference};07/12/2026;2.5;\r\n"
        f"{reference};2026-12-08;1.25;night\r\n"
        f"{reference};2026-11-30;1;\r\n"
        f"{reference};2026-12-17;1;\r\n"
        "A-NOBODY;2026-12-08;1;\r\n"
        "=HYPERLINK(1);2026-12-08;1;\r\n"
    ).encode("utf-16")
    shown = upload(client, csrf, raw)
    assert shown.status_code == 200, shown.text
    assert "2 rows are right, 4 rows are not" in shown.text
    assert ask(road.desk, "SELECT count(*) FROM hours_given")[0][0] == 0
    packed = unescape(re.findall(r'name="packed" value="([^"]+)"', shown.text)[0])
    faults = client.post("/hours/upload/faults", data={"_csrf_token": csrf(client), "packed": packed})
    assert faults.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(faults.text.lstrip("\ufeff"))))
    assert [row[0] for row in rows] == ["row", "4", "5", "6", "7"]
    assert rows[4][2] == "'=HYPERLINK(1)"
    saved = client.post("/hours/upload/save", data={"_csrf_token": csrf(client), "packed": packed, "rows": "2"})
    assert saved.status_code == 303
    assert ask(road.desk, "SELECT sum(hours) FROM hours_given")[0][0] == 3.75
    stale = client.post("/hours/upload/save", data={"_csrf_token": csrf(client), "packed": packed, "rows": "6"})
    assert stale.status_code == 422


def test_a_large_file_passes_and_a_larger_one_or_a_bomb_does_not(
    client: Client, sign_in: SignIn, csrf: Csrf, reference: str
) -> None:
    sign_in(client, "provider_a")
    large = "agreement,date,hours,kind,note\n" + f"{reference},2026-12-07,1,,{'x' * 60}\n" * 9_000
    assert len(large) > 600_000
    assert "8,999 rows are not" in upload(client, csrf, large.encode()).text
    many = "agreement,date,hours,kind\n" + f"{reference},2026-12-07,1,\n" * 10_001
    refused = upload(client, csrf, many.encode())
    assert refused.status_code == 422
    assert "10001 rows" in refused.text.replace(",", "")
    bomb = base64.b64encode(zlib.compress(b"0" * 50_000_000, 9)).decode()
    assert client.post("/hours/upload/save", data={"_csrf_token": csrf(client), "packed": bomb}).status_code == 422
    assert upload(client, csrf, b"").status_code == 422


# Weekly look


def test_the_weekly_look_finds_short_weeks_and_tells_the_coordinator_once(
    client: Client, sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID, reference: str
) -> None:
    ring_due(road.desk, OPENER)
    (message,) = ask(
        road.desk, "SELECT body FROM message WHERE kind = 'hours_week' AND body LIKE '%week of Monday 7 December%'"
    )
    assert reference in message.body
    assert "0 of" in message.body
    sign_in(client, "coordinator")
    assert reference in client.get("/hours").text
    assert reference in client.get("/").text
    again = ask(road.desk, "SELECT due_at FROM timer WHERE kind = 'hours_week' AND rang_at IS NULL")
    assert [one.due_at for one in again] == [datetime(2026, 12, 21, 9, tzinfo=UTC)]
    before = ask(road.desk, "SELECT count(*) FROM hours_alarm")[0][0]
    (week,) = client.get(f"/api/agreements/{agreement}/hours", headers=bearer("coordinator")).json()["weeks"][1:2]
    body = {"week": [{"date": "2026-12-07", "hours": week["commissioned"]}]}
    assert client.post(f"/api/agreements/{agreement}/hours", json=body, headers=bearer("provider_a")).status_code == 200
    assert ask(road.desk, "SELECT count(*) FROM hours_alarm")[0][0] == before - 1
    road.clock.now = datetime(2027, 1, 4, 10, tzinfo=UTC)
    ring_due(road.desk, OPENER)
    found = ask(road.desk, "SELECT week FROM hours_alarm WHERE kind = 'unsigned'")
    assert [one.week for one in found] == [MONDAY]


# API


def test_the_api_records_hours_and_says_how_each_week_stands(client: Client, agreement: UUID) -> None:
    path = f"/api/agreements/{agreement}/hours"
    sent = {"entries": [{"date": "2026-12-07", "from": "16:00", "to": "18:30"}, {"date": "2026-12-01", "hours": 1}]}
    answered = client.post(path, json=sent, headers=bearer("provider_a") | {"idempotency-key": "one"})
    assert answered.status_code == 200, answered.text
    assert [(one["starts_on"], one["delivered"], one["state"]) for one in answered.json()["weeks"]] == [
        ("2026-11-30", 1.0, "unsigned"),
        ("2026-12-07", 2.5, "unsigned"),
    ]
    again = client.post(path, json=sent, headers=bearer("provider_a") | {"idempotency-key": "one"})
    assert again.json() == answered.json()
    outside = client.post(path, json={"entries": [{"date": "2026-11-30", "hours": 1}]}, headers=bearer("coordinator"))
    assert (outside.status_code, outside.json()["type"].rpartition("/")[2]) == (422, "outside-stay")
    above = client.post(path, json={"week": [{"date": "2026-12-07", "hours": 24}]}, headers=bearer("provider_a"))
    assert above.json()["type"].endswith("/above-commissioned")
    for key, status in (("provider_b", 404), ("coordinator_county", 404), ("auditor", 403)):
        assert client.post(path, json=sent, headers=bearer(key)).status_code == status, key
    far = ({"entries": [{"date": f"{year}-12-31", "from": "22:00", "to": "07:00"}]} for year in ("9999", "0001"))
    for body in (*far, {}, {"week": [], "entries": []}, {"entries": []}, {"entries": [{"day": "x"}]}, {"what": 1}):
        assert client.post(path, json=body, headers=bearer("provider_a")).status_code == 422


# Concerns


CONCERN = {"kind": "safeguarding", "known_day": "16", "known_month": "12", "known_year": "2026", "known_time": "8am"}
CONCERN |= {"words": "Zebedee came home with a bruise", "action": "Rang the duty team"}


def test_a_concern_is_told_acknowledged_and_never_in_an_email(
    client: Client, new_client: Callable[[], Client], sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID
) -> None:
    sign_in(client, "provider_a")
    path = f"/agreements/{agreement}/concerns"
    assert "midnight GMT, Thursday 17 December" in client.get(path).text
    told = client.post(path, data=CONCERN | {"_csrf_token": csrf(client)})
    assert told.status_code == 303, told.text
    at = told.headers["location"]
    assert client.post(path, data=CONCERN | {"_csrf_token": csrf(client)}).headers["location"] == at
    quality = new_client()
    sign_in(quality, "quality")
    assert at in quality.get("/").text
    page = quality.get(at).text
    assert "came home with a bruise" in page
    nothing = quality.post(at, data={"_csrf_token": csrf(quality), "next_step": " "})
    assert nothing.status_code == 422
    said = {"_csrf_token": csrf(quality), "next_step": "A social worker visits Zebedee today"}
    assert quality.post(at, data=said).status_code == 303
    assert quality.post(at, data=said).status_code == 409
    read = client.get(at).text
    assert "social worker visits" in read
    assert "Zebedee today" not in read
    messages = ask(road.desk, "SELECT kind, subject, body FROM message WHERE kind LIKE 'concern%'")
    assert {one.kind for one in messages} == {"concern_raised", "concern_acknowledged"}
    assert not any(word in one.body for one in messages for word in ("bruise", "Zebedee"))
    road.clock.push(timedelta(hours=3))
    ring_due(road.desk, OPENER)
    assert ask(road.desk, "SELECT escalated_at FROM concern")[0][0] is None


def test_a_concern_nobody_acknowledges_is_escalated_after_two_hours(
    client: Client, road: Road, agreement: UUID
) -> None:
    body = {"kind": "serious_incident", "known_at": "2026-12-15T08:00:00Z", "words": "Police came", "action": "Rang"}
    path = f"/api/agreements/{agreement}/concerns"
    told = client.post(path, json=body, headers=bearer("provider_a"))
    assert told.status_code == 201, told.text
    assert told.json()["late"] is True
    road.clock.push(timedelta(hours=2) - timedelta(seconds=1))
    ring_due(road.desk, OPENER)
    assert ask(road.desk, "SELECT escalated_at FROM concern")[0][0] is None
    road.clock.push(timedelta(seconds=1))
    ring_due(road.desk, OPENER)
    assert ask(road.desk, "SELECT escalated_at FROM concern")[0][0] == road.clock.now
    assert ask(road.desk, "SELECT count(*) FROM message WHERE kind = 'concern_escalated'")[0][0] >= 3
    late = f"/api/concerns/{told.json()['id']}/acknowledgement"
    assert client.post(late, json={"next_step": "We visit"}, headers=bearer("coordinator_county")).status_code == 404
    assert client.post(late, json={"next_step": "We visit"}, headers=bearer("placements")).status_code == 403
    done = client.post(late, json={"next_step": "We visit"}, headers=bearer("coordinator"))
    assert done.json()["next_step"] == "We visit"
    for wrong in (
        {"known_at": "9999-12-31T23:59:59Z"},
        {"known_at": "0001-01-01T00:00:00Z"},
        {"known_at": "yesterday"},
        {"known_at": "2026-12-15T08:00:00"},
        {"kind": "gossip"},
        {"words": " "},
    ):
        assert client.post(path, json=body | wrong, headers=bearer("provider_a")).status_code == 422
    future = client.post(path, json=body | {"known_at": "2026-12-20T08:00:00Z"}, headers=bearer("provider_a"))
    assert future.json()["type"].endswith("/still-to-come")
    for key, status in (("provider_b", 404), ("coordinator", 403)):
        assert client.post(path, json=body, headers=bearer(key)).status_code == status


# The ledger


def test_the_ledger_adds_up_in_every_form_and_is_recorded(
    client: Client, sign_in: SignIn, csrf: Csrf, road: Road, agreement: UUID, reference: str
) -> None:
    span = {"from": "2026-11-25", "to": "2026-12-20"}
    rows = client.get("/api/ledger", params=span, headers=bearer("approver"))
    assert rows.status_code == 200, rows.text
    lines = [json.loads(line) for line in rows.text.splitlines()]
    assert [(one["week"], one["days"]) for one in lines] == [("2026-11-30", 6), ("2026-12-07", 7), ("2026-12-14", 7)]
    assert {one["agreement"] for one in lines} == {reference}
    total = sum(round(float(one["amount"]) * 100) for one in lines)
    assert rows.headers["x-ledger-total"] == f"{total / 100:.2f}"
    as_csv = client.get("/api/ledger", params=span, headers=bearer("approver") | {"accept": "text/csv"})
    read = list(csv.reader(io.StringIO(as_csv.text.lstrip("\ufeff"))))
    assert len(read) == 1 + 3 + 1
    assert read[-1][-1] == f"{total / 100:.2f}"
    assert (
        rows.headers["x-ledger-sha256"]
        == ask(
            road.desk, "SELECT body::json->>'digest' FROM record WHERE kind = 'ledger_exported' ORDER BY seq LIMIT 1"
        )[0][0]
    )
    sign_in(client, "commissioner")
    assert client.get("/ledger").status_code == 200
    typed = {"from_day": "1", "from_month": "12", "from_year": "2026", "to_day": "31", "to_month": "12"}
    typed |= {"to_year": "2026", "form": "xlsx", "_csrf_token": csrf(client)}
    book = client.post("/ledger", data=typed)
    assert book.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None
    assert client.post("/ledger", data=typed | {"to_year": "2030"}).status_code == 422
    assert client.get("/api/ledger", params=span, headers=bearer("provider_a")).status_code == 403
    county = client.get("/api/ledger", params=span, headers=bearer("coordinator_county"))
    assert county.text == ""
    assert (
        client.get(
            "/api/ledger", params={"from": "2026-12-20", "to": "2026-12-01"}, headers=bearer("approver")
        ).status_code
        == 422
    )


def test_days_outside_the_stay_or_the_calendar_are_refused(
    client: Client, sign_in: SignIn, csrf: Csrf, reference: str, agreement: UUID
) -> None:
    sign_in(client, "provider_a")
    for week in ("9999-12-31", "0001-01-01", "2026-11-23", "2026-12-21"):
        path = f"/agreements/{agreement}/hours/{week}"
        assert client.get(path).status_code == 422
        assert client.post(path, data={"_csrf_token": csrf(client)}).status_code == 422
        assert client.post(path + "/link", data={"_csrf_token": csrf(client)}).status_code == 422
    days = "\n".join(f"{reference},{day},1," for day in ("9999-12-31", "0001-01-01", "2026-12-08"))
    shown = upload(client, csrf, f"agreement,date,hours,kind\n{days}".encode())
    assert "1 row is right, 2 rows are not" in shown.text
    far = {"from": "9999-12-25", "to": "9999-12-31"}
    assert client.get("/api/ledger", params=far, headers=bearer("approver")).status_code == 422


def test_pages_are_sound_on_a_phone(
    browse: Callable[..., Page], sound: Callable[[Page], None], client: Client, csrf: Csrf, agreement: UUID,
    a_week: str,
) -> None:  # fmt: skip
    link = a_link(client, csrf, a_week)
    for path, who in (
        (link, ""),
        (a_week, "provider_a"),
        (f"/agreements/{agreement}/hours", "provider_a"),
        (f"/agreements/{agreement}/concerns", "provider_a"),
        ("/hours", "provider_a"),
        ("/ledger", "commissioner"),
    ):
        page = browse(path, as_=who)
        sound(page)
        page.close()
