"""Windows close on time, once each, however many end together and however long no worker ran (A21, A31, A48)."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from brokerage import migrations
from brokerage.competitions.errors import BidTooLate
from brokerage.config import Mode, Settings
from brokerage.demo.postgres import Cluster
from brokerage.demo.register import settle
from brokerage.desk import flow, store
from brokerage.desk.clock import Clock, DatabaseClock, MovableClock, StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.opening import open_engine
from brokerage.people.model import Actor
from brokerage.worker.sweep import BEAT, ring_due
from brokerage.worker.ticker import sweep_on
from brokerage.worker.watch import Watch
from tests.desk.road import WORDING, Open, a_desk, an_offer, an_open_competition, ask, bid, look, verified
from tests.desk.windows import copied, copy_windows
from tests.keys import RECIPIENTS
from tests.proof.figures import Figure

NAMES: Final = ("late_accepted", "double_closes", "close_10000_s", "close_lateness_p99_ms")

BIDS: Final = 3
"""Standing offers in every window."""
SWEEPERS: Final = 4
JOBS: Final = 1_000
"""Windows of the comparison: ten times as many take ten times as long."""
WARMING: Final = 3
"""Windows that end half of `LEAD` before the others and are not measured."""
LEAD: Final = timedelta(seconds=2)
"""Between the copying and the first deadline, for the sweeper to be asleep when it comes."""

# When the close was committed, not when it was decided: the commit is what others see.
_LATE: Final = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - closes_at) AS late
  FROM competition WHERE state = 'closed' AND id <> :original AND closes_at >= :first ORDER BY late
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """A server, and on it a database with register, people and one competition that has offers, to be copied."""

    cluster: Cluster
    opened: Open
    offer: dict[str, Any]

    @contextmanager
    def desk(self, clock: Clock) -> Iterator[Desk]:
        """Give a desk on a database of its own."""
        url, name = make_url(self.cluster.url), f"proof_{time.monotonic_ns()}"
        admin = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with admin.connect() as db:
            db.execute(text(f"CREATE DATABASE {name} TEMPLATE {url.database}"))
        own = url.set(database=name).render_as_string(hide_password=False)
        engine = open_engine(Settings(Mode.PRODUCTION, own, "http://127.0.0.1"))
        yield Desk(engine, clock, WORDING, "http://127.0.0.1", RECIPIENTS)
        engine.dispose()
        with admin.connect() as db:
            db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def copy(self, desk: Desk, many: int, spread: timedelta = timedelta(0), ahead: timedelta = LEAD) -> datetime:
        """Make windows whose deadlines begin `ahead` of the end of the copying; give the first deadline.

        A few more end just before: a worker's first close of all compiles its statements.
        """
        guess = _now(desk) + timedelta(days=1)
        with _bulk(desk) as db:
            copy_windows(db, self.opened, many, guess, spread / many)
            copy_windows(db, self.opened, WARMING, guess - LEAD / 2, first=many + 1)
            db.execute(text("DELETE FROM timer WHERE subject_id = :id"), {"id": self.opened.id})
            db.execute(text("DELETE FROM message"))
        with create_engine(desk.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as db:
            if many > 1_000:
                db.execute(text("VACUUM ANALYZE"))  # a database in use has statistics
                db.execute(text("CHECKPOINT"))  # what the copying wrote is not to be paid for by the closing
        return self._move(desk, guess, ahead + timedelta(milliseconds=many / 3))

    def _move(self, desk: Desk, closes_at: datetime, ahead: timedelta) -> datetime:
        """Move the copies so that the first deadline is `ahead`, now that the copying is done."""
        first = _now(desk) + ahead
        moved = {"by": first - closes_at}
        with _bulk(desk) as db:
            db.execute(
                text("UPDATE competition SET opens_at = opens_at + :by, closes_at = closes_at + :by WHERE id <> :id"),
                moved | {"id": self.opened.id},
            )
            db.execute(text("UPDATE bid SET received_at = received_at + :by"), moved)
            db.execute(text("UPDATE timer SET due_at = due_at + :by, not_before = not_before + :by"), moved)
        if _now(desk) + ahead / 4 < first:
            return first
        return self._move(desk, first, 2 * ahead)  # a busy machine: there must be time to fall asleep


def prove(quick: bool) -> Iterator[Figure]:
    """Close windows late, together, twice and spread out."""
    with _ground() as ground:
        yield _late(ground, 40 if quick else 300)
        yield _double(ground, 100 if quick else 2_000)
        yield _together(ground, 500 if quick else 10_000, quick)
        yield _spread(ground, 200 if quick else 10_000, quick)


@contextmanager
def _ground() -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="dps-closing-"))  # not inside a folder of mode 0700: the server is `nobody`
    try:
        with Cluster(folder, {"track_commit_timestamp": "on"}) as cluster:
            migrations.upgrade(cluster.url)
            engine = create_engine(cluster.url)
            clock = StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))
            desk = a_desk(engine, clock)
            clock.now = _now(a_desk(engine, DatabaseClock()))
            with desk.work(SYSTEM) as work:
                settle(work, date(2020, 1, 1))
            opened = an_open_competition(desk, on=clock.now.date().isoformat(), date_of_birth="2009-05-01")
            offer = an_offer(look(desk, opened.doors[0]), earliest_start=opened.event.closes_at.date().isoformat())
            for door in opened.doors[:BIDS]:
                bid(desk, door, earliest_start=offer["earliest_start"])
            engine.dispose()
            yield Ground(cluster, opened, offer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _late(ground: Ground, many: int) -> Figure:
    windows = max(many // 10, 1)
    with ground.desk(MovableClock()) as desk:
        closes_at = ground.copy(desk, windows, ahead=timedelta(minutes=10))
        accepted = 0

        def offer(number: int) -> bool:
            door = ground.opened.doors[number % BIDS]
            invitation_id = copied(door.invitation_id, 1 + number % windows)
            try:
                flow.place_bid(desk, door.actor, invitation_id, ground.offer, code=None, request_key=None)
            except BidTooLate:
                return False
            return True

        if not offer(0):
            raise AssertionError("an offer in time was refused, so refusing late ones would prove nothing")
        with desk.work(SYSTEM) as work:
            store.shift_clock(work.db, closes_at - work.now + timedelta(hours=1))
        with ThreadPoolExecutor(4) as pool:
            accepted += sum(pool.map(offer, range(many)))
        ring_due(desk)  # the worker comes back
        accepted += ask(
            desk,
            "SELECT count(*) FROM bid b JOIN competition c ON c.id = b.competition_id"
            " WHERE b.received_at >= c.closes_at",
        )[0][0]
        if _states(desk, ground) != {"closed": windows + WARMING} or verified(desk).first_bad is not None:
            raise AssertionError("the worker that came back left windows open or the record broken")
    how = f"{many} offers to {windows} windows whose worker was off for an hour, 4 threads; receipts and rows counted"
    return Figure("late_accepted", accepted, "= 0", "offers", how)


def _double(ground: Ground, many: int) -> Figure:
    with ground.desk(MovableClock()) as desk:
        closes_at = ground.copy(desk, many, timedelta(seconds=1), timedelta(minutes=10))
        with desk.work(SYSTEM) as work:
            store.shift_clock(work.db, closes_at - work.now + timedelta(seconds=2))
        ready = threading.Barrier(SWEEPERS)

        def sweeper(_: int) -> int:
            ready.wait()
            rang = 0
            while _states(desk, ground).get("open"):
                rang += ring_due(desk)
            return rang

        with ThreadPoolExecutor(SWEEPERS) as pool:
            shares = list(pool.map(sweeper, range(SWEEPERS)))
        told = "SELECT count(*) - count(DISTINCT {}) FROM {} WHERE kind = 'competition_closed'"
        twice = abs(sum(shares) - many - WARMING)
        twice += ask(desk, told.format("body", "record"))[0][0]
        twice += ask(desk, told.format("dedupe_key", "message"))[0][0]
        lines = ask(desk, "SELECT count(*) FROM record WHERE kind = 'competition_closed'")[0][0]
        twice += abs(lines - many - WARMING)
        if verified(desk).first_bad is not None:
            raise AssertionError("the record is broken")
    how = f"{SWEEPERS} sweepers at once over {many} due windows ({', '.join(map(str, shares))}); marks, lines, messages"
    return Figure("double_closes", twice, "= 0", "closes", how)


def _together(ground: Ground, many: int, quick: bool) -> Figure:
    lates = _sweep(ground, many, timedelta(0))
    how = f"{many} windows of {BIDS} offers ending at one instant, one sweeper; last commit after the deadline"
    if not quick:
        jobs = _one_job_a_window(ground, JOBS)
        ratio = jobs / JOBS / (lates[-1] / many)
        how += f". Beside it one APScheduler job a window: {jobs:.1f} s for {JOBS}, {ratio:.1f} times as long a window"
    return Figure("close_10000_s", round(lates[-1], 2), "" if quick else "<= 30", "s", how)


def _spread(ground: Ground, many: int, quick: bool) -> Figure:
    spread = timedelta(seconds=1 if quick else 200)
    lates = _sweep(ground, many, spread)
    middle, p99, most = (lates[int(share * (many - 1))] * 1000 for share in (0.5, 0.99, 1))
    how = (
        f"{many} windows of {BIDS} offers spread over {spread.total_seconds():.0f} s, one sweeper; deadline to commit:"
        f" median {middle:.0f}, p99 {p99:.0f}, most {most:.0f} ms"
    )
    return Figure("close_lateness_p99_ms", round(p99, 1), "" if quick else "<= 50", "ms", how)


def _sweep(ground: Ground, many: int, spread: timedelta) -> list[float]:
    """Let one sweeper close copies as they fall due; give how late each was committed (seconds, rising)."""
    stopping = threading.Event()

    with ground.desk(DatabaseClock()) as desk:
        first = ground.copy(desk, many, spread)

        def beats() -> None:
            watch = Watch()
            while not stopping.wait(BEAT.total_seconds()):
                sweep_on(desk, None, stopping, watch)

        sweeper = threading.Thread(target=beats, daemon=True)
        sweeper.start()
        try:
            _until_closed(desk, ground)
        finally:
            stopping.set()
            sweeper.join()
        return [float(row.late) for row in ask(desk, _LATE, original=ground.opened.id, first=first)]


def _one_job_a_window(ground: Ground, many: int) -> float:
    """Close as many windows by a job each, in its ten threads; give how late the last was."""
    with ground.desk(DatabaseClock()) as desk:
        scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"misfire_grace_time": None})
        closes_at = ground.copy(desk, many)

        def job(competition_id: UUID) -> None:
            with desk.work(Actor(SYSTEM.role, SYSTEM.name, ground.opened.event.authority)) as work:
                flow.close_competition(work, competition_id)

        for number in range(1, many + WARMING + 1):
            scheduler.add_job(job, "date", run_date=closes_at, args=[copied(ground.opened.id, number)])
        scheduler.start()
        try:
            _until_closed(desk, ground)
        finally:
            scheduler.shutdown()
        return float(ask(desk, _LATE, original=ground.opened.id, first=closes_at)[-1].late)


def _until_closed(desk: Desk, ground: Ground) -> None:
    """Wait until every copy is closed; five minutes are more than any machine needs."""
    end = time.monotonic() + 300
    while _states(desk, ground).get("open"):
        if time.monotonic() > end:
            raise AssertionError(f"not closed in five minutes: {_states(desk, ground)}")
        time.sleep(0.2)


@contextmanager
def _bulk(desk: Desk) -> Iterator[Connection]:
    """Give a connection for the making of many rows: no time-out, and no trigger and no check of foreign keys.

    The copies fit together as their original does; the trigger would refuse to move a window earlier.
    """
    engine = create_engine(desk.engine.url, poolclass=NullPool)
    with engine.begin() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        yield db


def _states(desk: Desk, ground: Ground) -> dict[str, int]:
    rows = ask(
        desk, "SELECT state, count(*) AS many FROM competition WHERE id <> :id GROUP BY state", id=ground.opened.id
    )
    return {row.state: row.many for row in rows}


def _now(desk: Desk) -> datetime:
    with desk.work(SYSTEM) as work:
        return work.now
