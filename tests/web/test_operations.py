"""What an operator sees: what is overdue, and that a silent worker or a strange clock is told."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import create_engine, text

from brokerage.desk import store
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.doctor import _clock, examine
from brokerage.worker.sweep import ring_due
from tests.keys import RECIPIENTS
from tests.web.road import NOW, Road

CHANNELS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "none",
    "TWILIO_SENDER": "+447700900000",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_SENDER": "tests@council.example",
    "BROKERAGE_OPENING_KEY_PUBLIC": base64.b64encode(RECIPIENTS.opening).decode(),
    "BROKERAGE_RECOVERY_KEY_PUBLIC": base64.b64encode(RECIPIENTS.recovery).decode(),
}


def beat(desk: Desk) -> None:
    with desk.work(SYSTEM) as work:
        store.beat(work.db, "a worker", work.now)


def test_readyz_and_metrics_say_what_is_overdue_and_since_when_no_worker_was_heard(
    client: TestClient[Any], desk: Desk, clock: StoppedClock, road: Road
) -> None:
    assert client.get("/readyz").json()["worker_silent_seconds"] is None
    opened = road.opened()
    beat(desk)
    fine = client.get("/readyz")
    assert (fine.status_code, fine.json()["status"], fine.json()["oldest_due_timer_seconds"]) == (200, "ready", 0)
    clock.now = opened.closes_at + timedelta(seconds=42)
    late = client.get("/readyz")
    assert late.status_code == 503
    assert late.json()["oldest_due_timer_seconds"] == 42
    assert late.json()["oldest_due_message_seconds"] == 0, "what is past its time is no longer due"
    assert late.json()["worker_silent_seconds"] == (clock.now - opened.opens_at).total_seconds()
    clock.now = opened.opens_at + timedelta(seconds=7)
    told = client.get("/metrics").text
    assert "brokerage_message_lateness_seconds 7.000\n" in told
    assert "brokerage_timer_lateness_seconds 0.000\n" in told
    assert "brokerage_worker_silence_seconds 7.000\n" in told


def test_the_doctor_tells_of_a_silent_worker_of_overdue_work_and_of_a_clock_that_stepped_back(
    desk: Desk, road: Road
) -> None:
    road.opened()
    url = desk.engine.url.render_as_string(hide_password=False)
    environ = CHANNELS | {"DATABASE_URL": url, "BROKERAGE_PUBLIC_URL": "http://127.0.0.1:8000"}

    def told() -> list[str]:
        return [str(finding) for finding in examine(environ)]

    engine = create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE timer SET not_before = clock_timestamp() - interval '5 minutes'")
        db.exec_driver_sql(
            "UPDATE message SET not_before = clock_timestamp() - interval '3 minutes', expires_at = '2100-01-01'"
        )
        db.exec_driver_sql("UPDATE record_head SET highest_at = clock_timestamp() + interval '1 hour'")
    wrong = "\n".join(one for one in told() if one.startswith("WRONG"))
    assert "worker: never heard" in wrong
    assert "timers: the most overdue has waited 30" in wrong
    assert "messages: the most overdue has waited 18" in wrong
    assert "behind what is already recorded" in wrong
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE timer SET not_before = clock_timestamp() + interval '5 minutes'")
        db.exec_driver_sql("UPDATE message SET not_before = clock_timestamp() + interval '5 minutes'")
        db.exec_driver_sql("UPDATE record_head SET highest_at = clock_timestamp() - interval '1 hour'")
        db.exec_driver_sql("INSERT INTO heartbeat VALUES ('a worker', clock_timestamp())")
    engine.dispose()
    wrongs = [one for one in told() if one.startswith("WRONG")]
    assert [one for one in wrongs if "durability" not in one] == [], "the tests' own server need not be durable"


def test_two_clocks_that_disagree_are_told_by_how_much() -> None:
    (fine,) = _clock(NOW, NOW + timedelta(seconds=4), NOW)
    assert fine.well
    (apart,) = _clock(NOW, NOW - timedelta(minutes=3), NOW)
    assert not apart.well
    assert "180.0 s apart" in apart.what


def test_a_timer_that_cannot_ring_is_told_to_the_coordinator_until_it_rings(
    client: TestClient[Any], sign_in: Callable[..., None], desk: Desk, clock: StoppedClock, road: Road
) -> None:
    opened = road.opened()
    spoil = "UPDATE referral SET state = :state WHERE id = :id"
    with desk.engine.begin() as db:
        db.execute(text(spoil), {"state": "withdrawn", "id": opened.referral_id})
    clock.now = opened.closes_at
    assert ring_due(desk) == 0
    beat(desk)
    sign_in(client, "placements")
    assert "Some timers could not ring (1)" in client.get("/").text
    with desk.engine.begin() as db:
        db.execute(text(spoil), {"state": "seeking", "id": opened.referral_id})
    clock.push(timedelta(seconds=1))
    assert ring_due(desk) == 1
    assert "could not ring" not in client.get("/").text
