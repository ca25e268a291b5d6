"""A database that is busy, away or lost in the middle: refused at once and truly, and well again by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from brokerage.config import Mode, Settings
from brokerage.desk.work import Desk
from brokerage.opening import open_engine
from tests.web.apps import app_of

AT_ONCE = 1.0
"""Seconds for a slow machine's own work; waiting for a connection would take until it is given back: for ever."""
CONNECTIONS = 2


@pytest.fixture
def pooled(desk: Desk) -> Iterator[Engine]:
    """The pool as `brokerage serve` opens it, with two connections."""
    url = desk.engine.url.render_as_string(hide_password=False)
    engine = open_engine(Settings(Mode.PRODUCTION, url, desk.public_url, threads=CONNECTIONS))
    yield engine
    engine.dispose()


@pytest.fixture
def busy(desk: Desk, pooled: Engine) -> Iterator[TestClient[Any]]:
    settings = Settings(Mode.PRODUCTION, "", desk.public_url, threads=CONNECTIONS)
    app = app_of(Desk(pooled, desk.clock, desk.wording, desk.public_url, desk.recipients), settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def operator(desk: Desk) -> Iterator[Any]:
    """`operator(sql)`: what somebody does on the server, from another database of it."""
    engine = create_engine(desk.engine.url.set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def say(sql: str) -> None:
        with engine.connect() as db:
            db.execute(text(sql), {"name": desk.engine.url.database} if ":name" in sql else {})

    return say


KILL = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"


def refused(answer: Any, slug: str) -> dict[str, Any]:
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["type"].endswith(f"/problems/{slug}")
    return body


def test_with_every_connection_out_the_next_is_refused_at_once_and_health_still_answers(
    busy: TestClient[Any], pooled: Engine
) -> None:
    busy.get("/problems/busy", headers={"accept": "text/html"})  # templates are read once a process
    held = [pooled.connect() for _ in range(CONNECTIONS)]
    started = time.monotonic()
    refused(busy.get("/api/providers", headers={"Authorization": "Bearer demo-auditor"}), "busy")
    page = busy.get("/sign-in?next=/", headers={"accept": "text/html", "cookie": "session=somebody"})
    assert time.monotonic() - started < AT_ONCE
    assert (page.status_code, page.headers["retry-after"]) == (503, "1")
    assert "The service is busy" in page.text
    assert "Try again in a few seconds" in page.text
    assert busy.get("/healthz").status_code == 200
    for one in held:
        one.close()
    assert busy.get("/api/providers", headers={"Authorization": "Bearer demo-auditor"}).status_code == 200


def test_more_requests_than_threads_of_pythons_own_wait_for_nobody(busy: TestClient[Any], pooled: Engine) -> None:
    # Every connection is out and stays out: each of many is told so at once, side by side.
    held = [pooled.connect() for _ in range(CONNECTIONS)]
    answers: list[int] = []

    def ask_once() -> None:
        answers.append(busy.get("/api/providers", headers={"Authorization": "Bearer demo-auditor"}).status_code)

    asking = [threading.Thread(target=ask_once) for _ in range(20)]
    started = time.monotonic()
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert time.monotonic() - started < 3 * AT_ONCE
    assert answers == [503] * 20
    for one in held:
        one.close()


def test_connections_that_a_restart_cut_off_are_replaced_before_anybody_sees_it(
    busy: TestClient[Any], pooled: Engine, operator: Any
) -> None:
    ask = {"Authorization": "Bearer demo-auditor"}
    held = [pooled.connect() for _ in range(CONNECTIONS)]
    for one in held:
        one.close()  # the pool now keeps two
    operator(KILL)
    for _ in range(2 * CONNECTIONS):
        assert busy.get("/api/providers", headers=ask).status_code == 200


def test_a_server_that_is_away_is_a_503_and_its_return_needs_no_restart_of_ours(
    busy: TestClient[Any], operator: Any, desk: Desk
) -> None:
    ask = {"Authorization": "Bearer demo-auditor"}
    assert busy.get("/api/providers", headers=ask).status_code == 200
    desk.engine.dispose()
    name = desk.engine.url.database
    operator(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    operator(KILL)
    for _ in range(3):
        assert "Nothing was changed" in refused(busy.get("/api/providers", headers=ask), "busy")["detail"]
    assert busy.get("/readyz").status_code == 503
    operator(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert busy.get("/api/providers", headers=ask).status_code == 200


def test_a_connection_lost_in_the_middle_says_that_the_outcome_is_not_known(
    busy: TestClient[Any], operator: Any, desk: Desk, road: Any
) -> None:
    token = road.token(road.opened())
    answers: list[Any] = []
    with desk.engine.begin() as other:
        other.execute(text("SELECT 1 FROM invitation FOR UPDATE"))
        decline = {"reason": "no_room"}
        asking = threading.Thread(
            target=lambda: answers.append(busy.post(f"/api/invitations/{token}/decline", json=decline))
        )
        asking.start()
        waits = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not (waiting := desk_rows(desk, waits)):
            assert asking.is_alive()
            time.sleep(0.01)
        operator(f"SELECT pg_terminate_backend({waiting[0].pid})")
        asking.join()
    body = refused(answers[0], "cut-off")
    assert "lost" in body["detail"]
    assert busy.post(f"/api/invitations/{token}/decline", json=decline).status_code == 200


def desk_rows(desk: Desk, sql: str) -> list[Any]:
    with desk.engine.connect() as db:
        return list(db.execute(text(sql)))
