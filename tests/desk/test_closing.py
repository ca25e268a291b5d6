"""Closing many windows together is closing each (A21, A48), and no one bad or busy window keeps the others open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from brokerage.competitions.errors import BidTooLate
from brokerage.desk import flow, store
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor
from brokerage.worker.sweep import AT_ONCE, ring_due, sweep
from brokerage.worker.ticker import sweep_on
from brokerage.worker.watch import Watch
from tests.conftest import _database
from tests.desk.road import (
    DERBY,
    Open,
    a_desk,
    an_open_competition,
    ask,
    bid,
    clock_of,
    record,
    state_of,
    suspend_today,
    verified,
    with_clock,
    withdraw,
)
from tests.desk.windows import copy_windows

LEFT_BEHIND = (
    "SELECT id, state, closed_at FROM competition ORDER BY id",
    "SELECT id, state, changed_at FROM referral ORDER BY id",
    "SELECT subject_id, kind, due_at, rang_at, failures FROM timer ORDER BY subject_id, due_at, kind",
    "SELECT kind, to_address, subject_id, subject, body, dedupe_key, not_before, expires_at FROM message"
    " ORDER BY sequence",
    # The chain's own hashes: the same lines at the same instant in the same order.
    "SELECT seq, at, actor, kind, about, body, hash FROM record ORDER BY authority, seq",
)


def one_at_a_time(desk: Desk) -> None:
    with desk.work(SYSTEM) as work:
        due = store.due_timers(work.db, work.now, 1000)
    for timer in due:
        with desk.work(Actor(SYSTEM.role, SYSTEM.name, timer.authority)) as work:
            flow.ring(work, timer, None)
            store.timers_rang(work.db, (timer.id,), work.now)


def many(desk: Desk, opened: Open, copies: int, step: timedelta = timedelta(0)) -> None:
    with desk.engine.begin() as db:
        copy_windows(db, opened, copies, opened.event.closes_at, step)


def test_closing_together_leaves_exactly_what_closing_one_by_one_leaves(desk: Desk, postgres_url: str) -> None:
    wanted = an_open_competition(desk)
    for door in wanted.doors[:3]:
        bid(desk, door)
    lonely = an_open_competition(desk)  # nobody offers: its referral goes back
    for opened in (wanted, lonely):
        many(desk, opened, 12, timedelta(milliseconds=3))
    cancelled, extended = an_open_competition(desk), an_open_competition(desk)
    withdraw(desk, cancelled.referral_id)
    later = extended.event.closes_at + timedelta(hours=1)
    ask(desk, "UPDATE competition SET closes_at = :later WHERE id = :id RETURNING id", later=later, id=extended.id)
    suspend_today(desk, wanted.doors[1].provider_id)
    end = wanted.event.closes_at + timedelta(seconds=1)
    desk.engine.dispose()  # a template may have no visitors while it is copied

    def left_by(ring: Callable[[Desk], Any]) -> list[Any]:
        with _database(postgres_url, desk.engine.url.database) as url:
            other = a_desk(create_engine(url))
            clock_of(other).now = end
            ring(other)
            left = [[tuple(row) for row in ask(other, sql)] for sql in LEFT_BEHIND]
            assert verified(other).first_bad is None
            other.engine.dispose()
            return left

    together, alone = left_by(ring_due), left_by(one_at_a_time)
    for mine, theirs in zip(together, alone, strict=True):
        assert mine == theirs
    states = [row[1] for row in together[0]]
    assert {state: states.count(state) for state in states} == {
        "closed": 13, "unsuccessful": 13, "cancelled": 1, "open": 1
    }  # fmt: skip
    closings = [row for row in together[2] if row[1] == "close_competition"]
    assert all(row[3] == end for row in closings), "every timer rang, that of the extended window too"


def test_after_a_long_stop_windows_close_in_the_order_of_their_deadlines(desk: Desk) -> None:
    opened = an_open_competition(desk)
    many(desk, opened, AT_ONCE + 30, timedelta(seconds=1))
    clock_of(desk).now = opened.event.closes_at + timedelta(days=3)
    assert ring_due(desk) == AT_ONCE + 31
    told = [line.facts["closes_at"] for line in record(desk) if line.kind == "competition_closed"]
    assert len(told) == AT_ONCE + 31
    assert told == sorted(told)
    assert verified(desk).first_bad is None


def test_a_bad_window_keeps_no_other_open_and_shows(desk: Desk) -> None:
    opened = an_open_competition(desk)
    many(desk, opened, 8)
    # A referral that cannot go back, since somebody ended it by hand: the whole batch fails of it.
    bad = ask(
        desk,
        "UPDATE referral SET state = 'withdrawn'"
        " WHERE id = (SELECT referral_id FROM competition WHERE id <> :id LIMIT 1) RETURNING id",
        id=opened.id,
    )[0].id
    clock_of(desk).now = opened.event.closes_at
    assert ring_due(desk) == 8
    assert ask(desk, "SELECT state, count(*) FROM competition GROUP BY state ORDER BY state") == [
        ("open", 1),
        ("unsuccessful", 8),
    ]
    failed = ask(desk, "SELECT failures, last_error, not_before FROM timer WHERE rang_at IS NULL")
    assert failed == [(1, "NotNow", opened.event.closes_at + timedelta(seconds=1))]
    with desk.work(SYSTEM) as work:
        assert store.failing_timers(work.db, DERBY) == 1
    # It is tried again by itself, and rings once what was wrong is put right.
    ask(desk, "UPDATE referral SET state = 'seeking' WHERE id = :id RETURNING id", id=bad)
    assert ring_due(desk) == 0
    clock_of(desk).push(timedelta(seconds=1))
    assert ring_due(desk) == 1


def test_an_offer_in_flight_delays_its_own_window_only(desk: Desk) -> None:
    opened = an_open_competition(desk)
    many(desk, opened, 5)
    clock_of(desk).now = opened.event.closes_at
    # What a bid holds from its gate to its commit.
    with desk.engine.begin() as bidder:
        bidder.execute(text("SELECT 1 FROM competition WHERE id = :id FOR SHARE"), {"id": opened.id})
        waiting = create_engine(desk.engine.url, connect_args={"options": "-c lock_timeout=100ms"})
        patient = a_desk(waiting, desk.clock)
        assert ring_due(patient) == 5, "passed over twice, then waited for, and put off when it takes too long"
        assert state_of(desk, opened) == "open"
    assert ask(desk, "SELECT failures, last_error FROM timer WHERE rang_at IS NULL") == [(1, "OperationalError")]
    clock_of(desk).push(timedelta(seconds=1))
    assert ring_due(patient) == 1
    with pytest.raises(BidTooLate):
        bid(desk, opened.doors[0])
    waiting.dispose()


def test_a_worker_told_to_stop_finishes_what_it_holds_and_takes_on_no_more(desk: Desk) -> None:
    opened = an_open_competition(desk)
    many(desk, opened, 2 * AT_ONCE)
    clock_of(desk).now = opened.event.closes_at
    asked = iter([False, True, True, True])  # told to after the first batch
    assert sweep(desk, stopping=lambda: next(asked, True))[0] == AT_ONCE
    assert verified(desk).first_bad is None
    assert ring_due(desk) == AT_ONCE + 1


def test_nothing_closes_in_the_sweep_that_sees_the_clock_jump_and_everything_in_the_next(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    opened = an_open_competition(desk)
    watch = Watch(clock_of(desk))
    assert sweep(desk, watch=watch)[0] == 0
    clock_of(desk).now = opened.event.closes_at  # a day in no time
    rang, look = sweep(desk, watch=watch)
    assert (rang, look.due, look.pause) == (0, (), None)
    assert state_of(desk, opened) == "open"
    assert "jumped by 86399" in caplog.text or "jumped by 86400" in caplog.text
    assert sweep(desk, watch=watch)[0] == 1, "it goes on steadily from there, so it is believed"
    clock_of(desk).push(timedelta(hours=-2))
    assert sweep(desk, watch=watch)[1].pause is None
    assert "jumped by -72" in caplog.text


def test_a_worker_stays_awake_for_what_falls_due_before_its_next_beat(desk: Desk) -> None:
    live = with_clock(desk, DatabaseClock())
    opened = an_open_competition(desk)
    start = ask(desk, "UPDATE record_head SET highest_at = clock_timestamp() RETURNING highest_at")[0].highest_at
    soon = start + timedelta(milliseconds=125)
    with desk.engine.begin() as db:
        copy_windows(db, opened, 6, soon, timedelta(milliseconds=30))
        db.execute(text("DELETE FROM timer WHERE subject_id = :id"), {"id": opened.id})  # whatever day it is today
    sweep_on(live, None, threading.Event(), Watch())
    late = ask(desk, "SELECT closed_at - closes_at AS late FROM competition WHERE id <> :id", id=opened.id)
    assert len(late) == 6
    assert all(row.late is not None for row in late), "all were closed within one beat"
