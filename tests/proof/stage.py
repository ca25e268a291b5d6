"""What the proofs of time and durability stand on: a PostgreSQL of their own, a settled desk, windows of a second."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine, create_engine, text

from brokerage import migrations
from brokerage.competitions import rules as competition_rules
from brokerage.competitions.model import Receipt, Window
from brokerage.demo.postgres import Cluster
from brokerage.demo.register import settle
from brokerage.desk.clock import Clock, DatabaseClock, day_in_london
from brokerage.desk.work import SYSTEM, Desk
from brokerage.opening import LIMITS
from brokerage.worker.sweep import ring_due
from tests.desk import road
from tests.folders import a_folder
from tests.proof.history import Kept

PATIENCE: Final = 120
"""Seconds to wait for a process of a proof before the proof gives up."""

FORK: Final = multiprocessing.get_context("fork")


@contextmanager
def a_cluster(settings: Mapping[str, str] | None = None, *, on_disk: bool = False) -> Iterator[Cluster]:
    """Run a PostgreSQL of its own in a folder that is thrown away; `on_disk` where seconds are measured."""
    folder = Path(tempfile.mkdtemp(prefix="dps-proof-")) if on_disk else a_folder("dps-proof-")
    try:
        with Cluster(folder, settings) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settled(url: str) -> None:
    """Make tables, register and people."""
    migrations.upgrade(url)
    engine = an_engine(url)
    with road.a_desk(engine, DatabaseClock()).work(SYSTEM) as work:
        settle(work, date(2020, 1, 1))
    engine.dispose()


def an_engine(url: str, connections: int = 2) -> Engine:
    """Open a pool with the limits of production."""
    return create_engine(url, pool_size=connections, max_overflow=0, connect_args={"options": LIMITS})


@contextmanager
def a_live_desk(url: str, connections: int = 2, clock: Clock | None = None) -> Iterator[Desk]:
    """Give a desk on the database's own clock."""
    engine = an_engine(url, connections)
    yield road.a_desk(engine, clock or DatabaseClock())
    engine.dispose()


def now(desk: Desk) -> datetime:
    with desk.work(SYSTEM) as work:
        return work.now


def a_referral(desk: Desk, **changes: Any) -> UUID:
    """Raise a referral of somebody who is seventeen today, whatever day it is."""
    today = day_in_london(now(desk))
    born = date(today.year - 17, today.month, min(today.day, 28)) - timedelta(days=40)
    return road.a_raised_referral(desk, on=today.isoformat(), date_of_birth=born.isoformat(), **changes)


@contextmanager
def windows_of(length: timedelta) -> Iterator[None]:
    """Let windows that open meanwhile last so long instead of 1 hour or 24; all else is as ever."""
    whole = competition_rules.window
    competition_rules.window = lambda urgency, now, *, waits_for_morning: Window(now, now + length)
    try:
        yield
    finally:
        competition_rules.window = whole


def an_offer(desk: Desk, door: road.Door, price: str = "300.00") -> dict[str, Any]:
    gate = road.look(desk, door)
    return road.an_offer(gate, price, earliest_start=(day_in_london(gate.now) + timedelta(days=14)).isoformat())


def kept(receipt: Receipt) -> Kept:
    return Kept(receipt.bid_id, receipt.version, receipt.received_at, receipt.digest)


# --- what is stored; here and nowhere else do the proofs speak of columns ---


def rows(desk: Desk, competition_id: UUID | None = None) -> tuple[Kept, ...]:
    """Read every offer kept, of one competition or of all."""
    found = road.ask(
        desk,
        "SELECT id, version, received_at, digest FROM bid WHERE CAST(:id AS uuid) IS NULL OR competition_id = :id",
        id=competition_id,
    )
    return tuple(Kept(row.id, row.version, row.received_at, row.digest) for row in found)


def standing(desk: Desk, competition_id: UUID) -> tuple[str, ...]:
    """Read the digests of the offers that stand."""
    found = road.ask(
        desk,
        "SELECT b.digest FROM invitation i JOIN bid b ON b.authority = i.authority AND b.id = i.standing_bid"
        " WHERE i.competition_id = :id",
        id=competition_id,
    )
    return tuple(row.digest for row in found)


def without_the_last_line(url: str) -> None:
    """Take away the triggers that refuse an offer outside its window, whatever the gate said."""
    engine = create_engine(url)
    with engine.begin() as db:
        for table in ("bid", "invitation"):
            db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    engine.dispose()


def close_of(desk: Desk, competition_id: UUID) -> tuple[str, datetime]:
    """Read a competition's state and close."""
    row = road.ask(desk, "SELECT state, closes_at FROM competition WHERE id = :id", id=competition_id)[0]
    return row.state, row.closes_at


def slow_bids(desk: Desk, share: float, most: timedelta) -> None:
    """Let the database dawdle over some offers behind the gate, with the lock held and the clock already read."""
    dawdle = (
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF random() < {share:f}"
        " THEN PERFORM pg_sleep(random() * {most:f}); END IF; RETURN NEW; END $$"
    )
    with desk.engine.begin() as db:
        db.execute(text(dawdle.format(share=share, most=most.total_seconds())))
        db.execute(text("CREATE TRIGGER dawdle BEFORE INSERT ON bid FOR EACH ROW EXECUTE FUNCTION dawdle()"))


def settle_timers(desk: Desk) -> None:
    """Ring what is left, such as a close that was tried while its window was being extended."""
    road.ask(desk, "UPDATE timer SET not_before = due_at WHERE rang_at IS NULL RETURNING id")
    ring_due(desk)


def recorded(desk: Desk, kind: str, about: UUID | None = None) -> Iterator[Mapping[str, Any]]:
    """Give the facts of the record's lines of one kind."""
    return (line.facts for line in road.record(desk, about) if line.kind == kind)


def recorded_bids(desk: Desk) -> tuple[UUID, ...]:
    """Give the offer of every line that says one was placed."""
    return tuple(UUID(facts["bid_id"]) for facts in recorded(desk, "bid_placed"))


# --- processes ---


class Child:
    """A process of a proof that is told one thing after another and answers each."""

    def __init__(self, play: Callable[..., Any], *given: Any) -> None:
        ours, theirs = FORK.Pipe()
        self._pipe: Pipe = ours
        self._process = FORK.Process(target=_child, args=(play, theirs, given), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def tell(self, what: Any) -> None:
        self._pipe.send(what)

    def answer(self) -> Any:
        """Wait for the answer; what went wrong there goes wrong here."""
        if not self._pipe.poll(PATIENCE):
            raise TimeoutError(f"process {self.pid} gave no answer in {PATIENCE} seconds")
        found = self._pipe.recv()
        if isinstance(found, _Failed):
            raise RuntimeError(found.why)
        return found

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


class _Failed:
    def __init__(self, why: str) -> None:
        self.why = why


def _child(play: Callable[..., Any], pipe: Pipe, given: Sequence[Any]) -> None:
    """Play a part: `play(*given)` gives a function that is called with each thing told, and answers."""
    try:
        act = play(*given)
        while True:
            pipe.send(act(pipe.recv()))
    except EOFError:
        return
    except BaseException as fault:
        pipe.send(_Failed(f"{type(fault).__name__}: {fault}"))


@contextmanager
def children(*parts: Sequence[Any]) -> Iterator[list[Child]]:
    """Start a process a part, and see all of them ended."""
    started: list[Child] = []
    try:
        for play, *given in parts:
            started.append(Child(play, *given))
        yield started
    finally:
        for child in started:
            child.end()
