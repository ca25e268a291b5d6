"""Who sees a young person's record: with a relation, with a reason, by another council's grant, and never unseen."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import Desk
from brokerage.worker.sweep import ring_due
from tests.web.road import Road

Client = TestClient[Litestar]
Enter = Callable[[str], Client]
WHY = "A complaint about the plan has to be answered"


@pytest.fixture
def enter(new_client: Callable[[], Client], sign_in: Callable[[Client, str], None]) -> Enter:
    def begin(persona: str) -> Client:
        client = new_client()
        sign_in(client, persona)
        return client

    return begin


@pytest.fixture
def raised(road: Road) -> UUID:
    return road.raised()


@pytest.fixture
def rows(desk: Desk) -> Callable[[], list[tuple[str, str, str | None]]]:
    def ask() -> list[tuple[str, str, str | None]]:
        with desk.engine.connect() as db:
            found = db.exec_driver_sql("SELECT what, relation, reason FROM sight ORDER BY at, id")
            return [(row.what, row.relation, row.reason) for row in found]

    return ask


def send(client: Client, path: str, csrf: Callable[[Client], str], **typed: str) -> int:
    answer = client.post(path, data={**typed, "_csrf_token": csrf(client)})
    return int(answer.status_code)


Rows = Callable[[], list[tuple[str, str, str | None]]]


def test_whoever_works_on_it_sees_it_at_once_and_each_sight_stands_in_the_log(
    enter: Enter, raised: UUID, rows: Rows
) -> None:
    coordinator = enter("coordinator")
    before = len(rows())
    assert coordinator.get(f"/referrals/{raised}").status_code == 200
    assert len(rows()) == before + 1
    assert rows()[-1][1:] == ("role", None)
    coordinator.get(f"/referrals/{raised}/history")
    assert len(rows()) == before + 2


def test_who_has_nothing_to_do_with_it_says_why_once_in_eight_hours(
    enter: Enter, raised: UUID, rows: Rows, csrf: Callable[[Client], str], clock: StoppedClock
) -> None:
    auditor = enter("auditor")
    path = f"/referrals/{raised}"
    asked = auditor.get(path)
    assert asked.status_code == 303
    assert asked.headers["location"] == f"{path}/reason?next={path}"
    page = auditor.get(asked.headers["location"])
    assert page.status_code == 200
    assert "Jordan" not in page.text
    assert send(auditor, f"{path}/reason", csrf, reason="short", next=path) == 422
    assert not rows()
    assert send(auditor, f"{path}/reason", csrf, reason=WHY, next=path) == 303
    assert auditor.get(path).status_code == 200
    assert rows()[-1][1:] == ("reason", WHY)
    clock.push(timedelta(hours=8))
    assert auditor.get(path).status_code in {303, 401}  # the session idled as well: nothing is shown
    assert len([one for one in rows() if one[0] != "reason"]) == 1


def test_a_list_names_only_those_whom_one_has_to_do_with(enter: Enter, raised: UUID, rows: Rows) -> None:
    listed = enter("auditor").get("/referrals").text
    assert "Not shown" in listed
    assert not rows()
    assert "Not shown" not in enter("placements").get("/referrals").text
    assert rows()[-1][0] == "list of referrals"


def test_a_system_gives_its_reason_in_a_header(app: Litestar, raised: UUID, rows: Rows) -> None:
    with TestClient(app) as api:
        ask = {"Authorization": "Bearer demo-auditor"}
        refused = api.get(f"/api/referrals/{raised}", headers=ask)
        assert refused.status_code == 403
        assert refused.json()["type"].endswith("/sight-needs-reason")
        assert api.get(f"/api/referrals/{raised}", headers=ask | {"Reason": WHY}).status_code == 200
        assert api.get(f"/api/referrals/{raised}", headers=ask).status_code == 200
        kept = api.get(f"/api/sights?referral_id={raised}", headers=ask).json()
        assert [one["relation"] for one in kept] == ["reason"] * 3
        assert api.get("/api/sights", headers={"Authorization": "Bearer demo-coordinator"}).status_code == 403


def test_the_auditor_reads_who_saw_what_by_person_and_by_young_person_and_takes_it_away(
    enter: Enter, raised: UUID, road: Road
) -> None:
    other = road.raised()
    coordinator, auditor = enter("coordinator"), enter("auditor")
    coordinator.get(f"/referrals/{raised}")
    found = re.search(r"R-[0-9A-Z]{4,}", coordinator.get(f"/referrals/{raised}").text)
    assert found is not None
    page = auditor.get(f"/sights?referral={raised}")
    assert page.status_code == 200
    assert str(raised) in page.text
    assert str(other) not in page.text
    assert found[0] in page.text
    assert auditor.get("/sights?referral=R-NONE").text.count("There is no referral with this reference") == 2
    got = auditor.get(f"/sights?referral={raised}&format=csv")
    table = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert {row["relation"] for row in table} <= {"role", "raised", "acted"}
    assert len(table) == 2
    assert enter("coordinator").get("/sights").status_code == 403


def test_a_sight_cannot_be_undone(desk: Desk, enter: Enter, raised: UUID) -> None:
    enter("coordinator").get(f"/referrals/{raised}")
    for statement in ("UPDATE sight SET what = 'nothing'", "DELETE FROM sight", "TRUNCATE sight"):
        with pytest.raises(Exception, match="kept as it was written"), desk.engine.begin() as db:
            db.exec_driver_sql(statement)


def test_one_council_lets_another_read_one_referral_until_a_day_or_until_it_is_ended(
    enter: Enter, raised: UUID, road: Road, rows: Rows, csrf: Callable[[Client], str], desk: Desk
) -> None:
    other = road.raised()
    county, derby = enter("coordinator_county"), enter("coordinator")
    assert county.get(f"/shared/{raised}").status_code == 404
    typed = {"until_on_day": "30", "until_on_month": "11", "until_on_year": "2026"}
    share = f"/referrals/{raised}/share"
    assert send(derby, share, csrf, with_authority="derbyshire", reason="", **typed) == 422
    assert send(derby, share, csrf, with_authority="derby-city", reason=WHY, **typed) == 422
    assert (
        send(derby, share, csrf, with_authority="derbyshire", reason=WHY, **{**typed, "until_on_year": "2027"}) == 422
    )
    assert send(derby, share, csrf, with_authority="derbyshire", reason=WHY, **typed) == 303
    assert send(derby, share, csrf, with_authority="derbyshire", reason=WHY, **typed) == 422
    page = county.get(f"/shared/{raised}")
    assert page.status_code == 200
    assert rows()[-1][:2] == ("shared referral", "shared")
    assert str(raised) in county.get("/shares").text
    for path in (f"/shared/{other}", f"/referrals/{raised}", f"/referrals/{raised}/history", share):
        assert county.get(path).status_code == 404, path
    assert "somebody of another council" in enter("auditor").get("/sights").text
    ending = next(part for part in derby.get(share).text.split('"') if part.endswith("/end"))
    assert send(county, ending, csrf) == 404
    assert send(derby, ending, csrf) == 303
    assert send(derby, ending, csrf) == 404
    assert county.get(f"/shared/{raised}").status_code == 404


def test_a_grant_ends_by_itself_after_its_day(app: Litestar, raised: UUID, clock: StoppedClock, desk: Desk) -> None:
    with TestClient(app) as api:
        derby, county = ({"Authorization": f"Bearer demo-{one}"} for one in ("coordinator", "coordinator-county"))
        body = {"with_authority": "derbyshire", "until_on": "2026-11-30", "reason": WHY}
        made = api.post(f"/api/referrals/{raised}/shares", headers=derby, json=body)
        assert made.status_code == 201
        shown = api.get(f"/api/shared/{raised}", headers=county)
        assert shown.status_code == 200, shown.text
        assert shown.json()["shared_until"] == "2026-11-30"
        clock.push(timedelta(days=20))
        assert api.get(f"/api/shared/{raised}", headers=county).status_code == 404
        ring_due(desk)
        assert api.post(f"/api/shares/{made.json()['id']}/end", headers=derby).status_code == 404
        assert api.post(f"/api/shares/{uuid4()}/end", headers=county).status_code == 404


def test_the_pages_are_sound(browse: Callable[..., object], sound: Callable[[object], None], raised: UUID) -> None:
    sound(browse(f"/referrals/{raised}/reason", as_="auditor"))
    sound(browse("/sights", as_="auditor"))
    sound(browse(f"/referrals/{raised}/share", as_="coordinator"))
    sound(browse("/shares", as_="coordinator"))
