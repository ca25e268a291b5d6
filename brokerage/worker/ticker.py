"""The metronome: APScheduler beats, the rows decide. Losing a beat loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from brokerage.desk import clock as clocks
from brokerage.desk import store
from brokerage.desk.work import SYSTEM, Desk
from brokerage.worker.sweep import BEAT, sweep
from brokerage.worker.watch import Watch
from notifications.channels import Channel
from notifications.model import Medium
from notifications.post import post_due

POST_EVERY: Final = 0.5
BEAT_EVERY: Final = 5.0

PATIENCE: Final = 15.0
"""Seconds a worker that is told to stop may take to finish what it holds: a service manager kills it after 20 or 30."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ticker:
    """A running metronome."""

    scheduler: BackgroundScheduler
    stopping: Event

    def shutdown(self, patience: float = PATIENCE) -> bool:
        """Take on nothing more and finish what is held; False when that takes longer than `patience` seconds.

        What is cut short then is taken up by another worker: timers were not marked, messages come back with
        the end of their lease.
        """
        self.stopping.set()
        ending = Thread(target=self.scheduler.shutdown, daemon=True)
        ending.start()
        ending.join(patience)
        return not ending.is_alive()


def post_all(desk: Desk, channels: Mapping[Medium, Channel], stopping: Callable[[], bool] = lambda: False) -> int:
    """Send every message that is due; answer how many were tried."""
    tried = 0

    def read(db: Connection) -> datetime:
        return clocks.read(desk.clock, db, None)

    while not stopping() and (batch := post_due(desk.engine.begin, read, channels)):
        tried += batch
    return tried


def sweep_on(desk: Desk, stopping: Event, watch: Watch) -> None:
    """Ring what is due, and stay for what falls due before the next beat would come."""
    while not stopping.is_set():
        _, look = sweep(desk, stopping.is_set, watch)
        if (pause := look.pause) is None:
            return
        stopping.wait(pause)


def start(desk: Desk, channels: Mapping[Medium, Channel], name: str) -> Ticker:
    """Start sweep, post and heartbeat in threads of this process.

    With APScheduler's own defaults late beats are dropped in silence, so each job says otherwise.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    stopping, watch = Event(), Watch()

    def beat() -> None:
        with desk.work(SYSTEM) as work:
            store.beat(work.db, name, work.now)

    jobs: tuple[tuple[Callable[[], object], float], ...] = (
        (lambda: sweep_on(desk, stopping, watch), BEAT.total_seconds()),
        (lambda: post_all(desk, channels, stopping.is_set), POST_EVERY),
        (beat, BEAT_EVERY),
    )
    for job, seconds in jobs:
        scheduler.add_job(_surviving(job), "interval", seconds=seconds)
    _surviving(beat)()
    scheduler.start()
    return Ticker(scheduler, stopping)


def _surviving(job: Callable[[], object]) -> Callable[[], None]:
    """Keep the metronome going through a fault such as a restarting database; say it once a beat."""

    def run() -> None:
        try:
            job()
        except Exception as fault:  # the next beat tries again; rows remember what is to be done
            _log.warning("a beat failed: %s", type(fault).__name__)

    return run
