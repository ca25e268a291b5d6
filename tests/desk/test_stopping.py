"""SIGTERM: the worker and the web finish what they hold and end with 0 within 20 seconds."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import text

from brokerage.desk.work import Desk
from brokerage.worker.sweep import AT_ONCE
from tests.desk.road import an_open_competition, ask, bid, clock_of, verified
from tests.desk.windows import copy_windows
from tests.keys import RECIPIENTS

WITHIN = 20


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def a_process(desk: Desk, *command: str, port: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ours on the desk's database; at the end it is gone, one way or the other."""
    environment = os.environ | {
        "DATABASE_URL": desk.engine.url.render_as_string(hide_password=False),
        "BROKERAGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BROKERAGE_PORT": str(port),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "none",
        "TWILIO_SENDER": "+447700900000",
        "TWILIO_API_BASE": "http://127.0.0.1:9",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "9",
        "SMTP_SENDER": "tests@council.example",
        "BROKERAGE_OPENING_KEY_PUBLIC": base64.b64encode(RECIPIENTS.opening).decode(),
        "BROKERAGE_RECOVERY_KEY_PUBLIC": base64.b64encode(RECIPIENTS.recovery).decode(),
    }
    process = subprocess.Popen([sys.executable, "-m", "brokerage", *command], env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(seen: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def terminate(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=WITHIN)
    assert process.returncode == 0, said.decode()


def live(desk: Desk) -> Any:
    """Let the record believe in the database's clock; give its time."""
    return ask(desk, "UPDATE record_head SET highest_at = clock_timestamp() RETURNING highest_at")[0].highest_at


def count(desk: Desk, state: str) -> int:
    return int(ask(desk, "SELECT count(*) FROM competition WHERE state = :state", state=state)[0][0])


def test_a_worker_ends_with_what_it_holds_done_and_the_rest_left_to_others(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    many = 6 * AT_ONCE
    with desk.engine.begin() as db:
        copy_windows(db, opened, many, live(desk) - timedelta(hours=1))
        db.execute(text("DELETE FROM timer WHERE subject_id = :id"), {"id": opened.id})
        db.execute(text("DELETE FROM message"))  # nobody takes messages here
    with a_process(desk, "work") as worker:
        until(lambda: count(desk, "closed") > 0)
        terminate(worker)
    closed = count(desk, "closed")
    assert 0 < closed <= many
    # Each was closed whole or not at all.
    rang = ask(desk, "SELECT count(rang_at) FROM timer")[0][0]
    told = ask(desk, "SELECT count(*) FROM message WHERE kind = 'competition_closed'")[0][0]
    lines = ask(desk, "SELECT count(*) FROM record WHERE kind = 'competition_closed'")[0][0]
    assert (rang, told, lines) == (closed, closed, closed)
    assert verified(desk).first_bad is None


def test_the_web_answers_what_it_was_asked_before_it_ends(desk: Desk) -> None:
    clock_of(desk).now = now = live(desk)
    opened = an_open_competition(desk, on=now.date().isoformat(), date_of_birth="2009-05-01")
    door, port = opened.doors[0], _free_port()
    address = f"http://127.0.0.1:{port}/api/invitations/{door.token}/decline"
    answered: list[int] = []

    def decline() -> None:
        body, head = json.dumps({"reason": "no_room"}).encode(), {"Content-Type": "application/json"}
        with urlopen(Request(address, body, head), timeout=WITHIN) as answer:
            answered.append(answer.status)

    with a_process(desk, "serve", port=port) as web:
        until(lambda: _listens(port))
        asking = threading.Thread(target=decline)
        with desk.engine.begin() as other:
            other.execute(text("SELECT 1 FROM invitation WHERE id = :id FOR UPDATE"), {"id": door.invitation_id})
            asking.start()
            until(lambda: _waits_for_a_lock(desk))
            web.send_signal(signal.SIGTERM)
            until(lambda: not _listens(port))  # nothing new is taken on
        terminate(web)
        asking.join()
    assert answered == [200]
    assert ask(desk, "SELECT count(*) FROM invitation WHERE declined_at IS NOT NULL") == [(1,)]


def _waits_for_a_lock(desk: Desk) -> bool:
    """Look with the login's own rights: the system's role sees nobody else's waiting."""
    with desk.engine.connect() as db:
        return bool(db.execute(text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).all())


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True
