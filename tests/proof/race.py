"""The deadline race: offers, two closers and extensions meet at the close of many short windows (A21, S2, S27).

Two processes of four writers offer as fast as they can through the product's own verb until some time after the close;
the database dawdles over some offers behind the gate, so that they are in flight when the window ends. One closer
sweeps timers, the other closes as a coordinator's page does. Every third window is extended in its last milliseconds.
What each call was answered, between two readings of the database's clock, goes to a checker that knows only the
promises.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from brokerage.competitions.errors import BidTooLate, NotNow, WindowOver
from brokerage.competitions.model import State
from brokerage.desk import flow
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor
from brokerage.worker.sweep import ring_due
from tests.desk import road
from tests.proof import stage
from tests.proof.figures import Figure
from tests.proof.history import Closing, Extension, Operation, Race, race_violations

NAMES: Final = ("race_operations", "race_within_10ms", "race_violations")

THREADS: Final = 4
LENGTH: Final = timedelta(milliseconds=450)
TAIL: Final = timedelta(milliseconds=40)
"""How long after the close it was told of a writer goes on."""
NEAR: Final = timedelta(milliseconds=10)
THINK: Final = 0.1
"""Seconds at most between two offers of a writer in a window that is extended: who extends waits for a moment
in which no offer is under way, and eight writers without a pause leave none."""
# Nothing is kept, and the lock's queue does not care how long a commit takes.
SETTINGS: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Size:
    operations: int
    near: int
    most_windows: int


FULL: Final = Size(50_000, 1_000, 1_500)
QUICK: Final = Size(800, 20, 80)


def prove(quick: bool) -> Iterator[Figure]:
    """Race until the size is reached, and count what broke a promise."""
    size = QUICK if quick else FULL
    with stage.a_cluster(SETTINGS) as cluster:
        stage.settled(cluster.url)
        races = list(run(cluster.url, size))
    done = sum(len(race.operations) for race in races)
    near = sum(race.near(NEAR) for race in races)
    wrong = [one for race in races for one in race_violations(race)]
    extended = sum(len(race.extensions) for race in races)
    accepted = sum(len(race.rows) for race in races)
    how = (
        f"{len(races)} windows of {LENGTH.total_seconds():g} s, 2 processes of {THREADS} writers, 2 closers, "
        f"{extended} extensions; {accepted} accepted, {done - accepted} late"
    )
    yield Figure("race_operations", done, f">= {size.operations}", "operations", how)
    yield Figure("race_within_10ms", near, f">= {size.near}", "operations", "judged at most 10 ms from the close")
    yield Figure("race_violations", len(wrong), "= 0", "violations", "; ".join([*wrong[:3], "four promises a call"]))


def run(url: str, size: Size, doors: int = 6, slow: tuple[float, timedelta] | None = None) -> Iterator[Race]:
    """Race window after window; fewer doors than writers let two offer for the same provider at once."""
    parts = [(writer, url)] * 2 + [(sweeper, url), (closer, url)]
    with stage.children(*parts) as crew, stage.a_live_desk(url, 4) as desk:
        stage.slow_bids(desk, *(slow or (0.1, timedelta(milliseconds=25))))
        done, near = 0, 0
        ran: list[tuple[road.Open, Race]] = []
        while (done < size.operations or near < size.near) and len(ran) < size.most_windows:
            referral_id = stage.a_referral(desk)
            with stage.windows_of(LENGTH):
                opened = road.open_again(desk, referral_id)
            offer = stage.an_offer(desk, opened.doors[0])
            lanes = [opened.doors[number % doors] for number in range(2 * THREADS)]
            extending = len(ran) % 3 == 0
            for number, child in enumerate(crew[:2]):
                child.tell((lanes[number * THREADS :][:THREADS], offer, THINK if extending else 0))
            for child in crew[2:]:
                child.tell((opened.id, opened.event.closes_at))
            extensions = tuple(extended(desk, opened)) if extending else ()
            operations = tuple(one for child in crew[:2] for one in child.answer())
            for child in crew[2:]:
                child.answer()
            race = Race(opened.event.closes_at, operations, extensions, (), (), (), opened.event.closes_at)
            done, near = done + len(operations), near + race.near(NEAR)
            ran.append((opened, race))
        stage.settle_timers(desk)
        for opened, race in ran:  # long after: the set that was frozen must still be the one that stands
            yield _read(desk, opened, race)


def _read(desk: Desk, opened: road.Open, race: Race) -> Race:
    closings = tuple(
        Closing(datetime.fromisoformat(facts["closed_at"]), tuple(facts["digests"]))
        for facts in stage.recorded(desk, "competition_closed", opened.referral_id)
    )
    _, closes_at = stage.close_of(desk, opened.id)
    rows, standing = stage.rows(desk, opened.id), stage.standing(desk, opened.id)
    return Race(race.closes_at, race.operations, race.extensions, closings, rows, standing, closes_at)


# --- the parts that processes play ---


def writer(url: str) -> Callable[[Any], list[Operation]]:
    engine, watches = stage.an_engine(url, THREADS), stage.an_engine(url, THREADS)
    desk = road.a_desk(engine, DatabaseClock())
    lines = [watches.connect().execution_options(isolation_level="AUTOCOMMIT") for _ in range(THREADS)]
    pool = ThreadPoolExecutor(THREADS)

    def act(told: Any) -> list[Operation]:
        doors, offer, think = told
        got = pool.map(lambda door, line: push(desk, line, door, offer, think), doors, lines)
        return [one for done in got for one in done]

    return act


def push(desk: Desk, line: Connection, door: road.Door, offer: dict[str, Any], think: float) -> list[Operation]:
    """Offer again and again until a while after the close; one reading ends a call and begins the next."""
    done: list[Operation] = []
    read = _clock(line)
    while True:
        if think:
            time.sleep(random.uniform(0, think))
            read = _clock(line)
        try:
            receipt = flow.place_bid(desk, door.actor, door.invitation_id, offer, code=None, request_key=None)
        except BidTooLate as late:
            begun, read = read, _clock(line)
            done.append(Operation(door.invitation_id, begun, read, late.received_at, None))
            if read > late.closed_at + TAIL:
                return done
        else:
            begun, read = read, _clock(line)
            kept = stage.kept(receipt)
            done.append(Operation(door.invitation_id, begun, read, kept.received_at, kept))


def sweeper(url: str) -> Callable[[Any], None]:
    # A timer that rings while its window is being extended is put off, and says so.
    logging.getLogger("brokerage.worker.sweep").setLevel(logging.CRITICAL)
    desk = road.a_desk(stage.an_engine(url), DatabaseClock())

    def act(told: Any) -> None:
        competition_id, closes_at = told
        _wait(desk, closes_at)
        while stage.close_of(desk, competition_id)[0] == State.OPEN:
            ring_due(desk)
            time.sleep(0.002)

    return act


def closer(url: str) -> Callable[[Any], None]:
    """Close as whoever comes first after the close does, through the verb itself."""
    desk = road.a_desk(stage.an_engine(url), DatabaseClock())
    actor = Actor(SYSTEM.role, SYSTEM.name, road.DERBY)

    def act(told: Any) -> None:
        competition_id, closes_at = told
        _wait(desk, closes_at)
        over = False
        while not over:
            try:
                with desk.work(actor) as work:
                    over = flow.close_competition(work, competition_id) is None
            except NotNow:
                time.sleep(0.002)

    return act


def extended(desk: Desk, opened: road.Open) -> Iterator[Extension]:
    """Extend a window in its last milliseconds, and some of them twice."""
    closes_at = opened.event.closes_at
    for _ in range(random.choice((1, 2))):
        _wait(desk, closes_at, timedelta(milliseconds=random.uniform(3, 80)))
        made = extend(desk, opened.id, timedelta(milliseconds=random.uniform(20, 120)))
        if made is None:
            return
        yield made
        closes_at = made.closes_at


def extend(desk: Desk, competition_id: UUID, by: timedelta) -> Extension | None:
    """Let a window end later; None when it was over."""
    begun = stage.now(desk)
    later = stage.close_of(desk, competition_id)[1] + by
    try:
        with desk.work(road.PEOPLE["placements"]) as work:
            flow.extend_window(work, competition_id, later, "More time for everybody.")
    except WindowOver:
        return None
    return Extension(begun, stage.now(desk), later)


def _clock(line: Connection) -> datetime:
    read: datetime = line.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return read


def _wait(desk: Desk, closes_at: datetime, before: timedelta = timedelta(milliseconds=15)) -> None:
    time.sleep(max(0.0, (closes_at - before - stage.now(desk)).total_seconds()))
