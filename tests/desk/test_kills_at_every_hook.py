"""A process gets SIGKILL at every hook of a sweep, of the post and of an offer; the next one completes it, once (A48).

A hook is the moment before each statement, on both sides of each commit, and on both sides of each message handed out.
Each round forks a process that kills itself one hook further on, until one comes through to its end.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import create_engine, event

from brokerage.config import Mode, Settings
from brokerage.desk.work import Desk
from brokerage.opening import LIMITS
from brokerage.web.app import create_app
from brokerage.worker.sweep import ring_due
from brokerage.worker.ticker import post_all
from notifications.channels import KeptHere
from notifications.model import Medium, Message, Result
from notifications.post import LEASE
from tests.desk.road import (
    Door,
    a_code,
    an_offer,
    an_open_competition,
    ask,
    bid,
    clock_of,
    close,
    look,
    record,
    state_of,
    verified,
)
from tests.keys import OPENER

MOST: Final = 120
"""More hooks than any of these has: a round that never comes to its end is a fault of the test."""


@dataclass(slots=True)
class Hooks:
    """The hooks passed by this process; the one to be killed at, if any."""

    kill_at: int = 0
    passed: int = 0

    def reach(self, *_: object) -> None:
        self.passed += 1
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
def hooked(desk: Desk, hooks: Hooks) -> Iterator[Desk]:
    """Give the desk of the process that is killed; nothing connects through it in this one."""
    engine = create_engine(desk.engine.url, connect_args={"options": LIMITS})
    event.listen(engine, "before_cursor_execute", hooks.reach)
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        hooks.reach()
        commit(connection)
        hooks.reach()

    engine.dialect.do_commit = do_commit  # type: ignore[assignment,method-assign]  # no event comes after a commit
    yield replace(desk, engine=engine)
    assert hooks.passed == 0, "this process was to stay out of it"


def killed(hooks: Hooks, number: int, play: Callable[[], object]) -> bool:
    """Play in a process of its own that is killed at this hook; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            signal.alarm(30)
            hooks.kill_at = number
            play()
            failed = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(failed)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), "the process neither ended well nor was killed by itself"
    return status != 0


def rounds() -> Iterator[int]:
    for number in count(1):
        assert number < MOST
        yield number


def until(state: Callable[[], str], wanted: str, beat: Callable[[], object]) -> None:
    """Beat as a worker does: what a dead process still holds is let go when its server side notices."""
    end = time.monotonic() + 10
    while state() != wanted:
        assert time.monotonic() < end, "the next worker does not complete it"
        beat()
        time.sleep(0.005)


def test_a_sweep_killed_at_any_hook_is_completed_once_by_the_next(desk: Desk, hooked: Desk, hooks: Hooks) -> None:
    first = an_open_competition(desk, urgency="urgent")
    bid(desk, first.doors[0])
    close(desk, first)
    told = messages(desk, "competition_closed")
    for number in rounds():
        opened = an_open_competition(desk, urgency="urgent")
        standing = bid(desk, opened.doors[0])
        clock_of(desk).push(timedelta(hours=1))
        was_killed = killed(hooks, number, partial(ring_due, hooked, OPENER))
        until(partial(state_of, desk, opened), "closed", partial(ring_due, desk, OPENER))
        ring_due(desk, OPENER)
        closings = [line for line in record(desk, opened.referral_id) if line.kind == "competition_closed"]
        assert [line.facts["digests"] for line in closings] == [[standing.digest]], number
        assert messages(desk, "competition_closed") == told * (number + 1), number
        assert waiting_timers(desk) == 0
        if not was_killed:
            break
    assert number > 10
    assert verified(desk).first_bad is None


class Outside(KeptHere):
    """The world outside: a file that no rollback reaches; a line a message handed over."""

    def __init__(self, medium: Medium, file: Path, hooks: Hooks) -> None:
        super().__init__(medium)
        self._file, self._hooks = file, hooks

    def send(self, message: Message, now: datetime) -> Result:
        self._hooks.reach()
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{message.id}\n")
        self._hooks.reach()
        return super().send(message, now)


def test_a_post_killed_at_any_hook_is_completed_by_the_next(
    desk: Desk, hooked: Desk, hooks: Hooks, tmp_path: Path
) -> None:
    """Only a kill after a message was handed over and before that was noted lets it be handed over again."""
    outside, ours = tmp_path / "outside", Hooks()
    door = an_open_competition(desk).doors[0]
    post_all(desk, {medium: KeptHere(medium) for medium in Medium})
    for number in rounds():
        clock_of(desk).push(timedelta(minutes=11))  # codes are few and far between
        a_code(desk, door)
        (message,) = ask(desk, "SELECT id FROM message WHERE status = 'queued'")
        outside.write_text("")
        channels = {medium: Outside(medium, outside, hooks) for medium in Medium}
        was_killed = killed(hooks, number, partial(post_all, hooked, channels))
        again = [message.id] if outside.read_text() and status_of(desk, message.id) == "sending" else []
        clock_of(desk).push(LEASE + timedelta(seconds=1))
        channels = {medium: Outside(medium, outside, ours) for medium in Medium}
        until(partial(status_of, desk, message.id), "delivered", partial(post_all, desk, channels))
        assert post_all(desk, channels) == 0
        assert outside.read_text().split() == [str(one) for one in [message.id, *again]], number
        if not was_killed:
            break
    assert number > 6


def test_an_offer_whose_web_process_is_killed_at_any_hook_is_received_once(
    desk: Desk, hooked: Desk, hooks: Hooks
) -> None:
    door = an_open_competition(desk).doors[0]
    settings = Settings(Mode.PRODUCTION, "", desk.public_url)
    dying, living = create_app(hooked, settings), create_app(desk, settings)
    document = an_offer(look(desk, door))
    seen: set[str] = set()
    with TestClient(living) as client:
        for number in rounds():
            clock_of(desk).push(timedelta(minutes=11))  # codes are few and far between
            asked = document | {"code": a_code(desk, door)}

            def send_and_die(key: str = f"click {number}", asked: dict[str, Any] = asked) -> None:
                with TestClient(dying) as web:
                    assert offer(web, door, key, asked).status_code == 201

            was_killed = killed(hooks, number, send_and_die)
            answers = [offer(client, door, f"click {number}", asked) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
            assert answers[0].json() == answers[1].json()
            seen.add(answers[0].json()["bid_id"])
            if not was_killed:
                break
    assert number > 10
    assert ask(desk, "SELECT count(*), max(version) FROM bid") == [(number, number)]
    placed = [line.facts["bid_id"] for line in record(desk) if line.kind == "bid_placed"]
    assert len(seen) == number and sorted(placed) == sorted(seen)
    assert verified(desk).first_bad is None


def offer(client: TestClient[Any], door: Door, key: str, document: dict[str, Any]) -> Any:
    return client.post(f"/api/invitations/{door.token}/bid", json=document, headers={"Idempotency-Key": key})


def messages(desk: Desk, kind: str) -> int:
    return int(ask(desk, "SELECT count(*) FROM message WHERE kind = :kind", kind=kind)[0][0])


def status_of(desk: Desk, message_id: UUID) -> str:
    return str(ask(desk, "SELECT status FROM message WHERE id = :id", id=message_id)[0][0])


def waiting_timers(desk: Desk) -> int:
    due = "SELECT count(*) FROM timer WHERE rang_at IS NULL AND due_at <= :now"
    return int(ask(desk, due, now=clock_of(desk).now)[0][0])
