"""The metronome: APScheduler beats, the rows decide. Losing a beat loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from brokerage.competitions.model import Opener
from brokerage.desk import clock as clocks
from brokerage.desk import store
from brokerage.desk.work import SYSTEM, Desk
from brokerage.worker.sweep import ring_due
from notifications.channels import Channel
from notifications.model import Medium
from notifications.post import post_due

SWEEP_EVERY: Final = 0.25
POST_EVERY: Final = 0.5
BEAT_EVERY: Final = 5.0

_log = logging.getLogger(__name__)


def post_all(desk: Desk, channels: Mapping[Medium, Channel]) -> int:
    """Send every message that is due; answer how many were tried."""
    tried = 0

    def read(db: Connection) -> datetime:
        return clocks.read(desk.clock, db, None)

    while batch := post_due(desk.engine.begin, read, channels):
        tried += batch
    return tried


def start(desk: Desk, channels: Mapping[Medium, Channel], name: str, opener: Opener | None) -> BackgroundScheduler:
    """Start sweep, post and heartbeat in threads of this process; `shutdown()` of the result waits for them.

    With APScheduler's own defaults late beats are dropped in silence, so each job says otherwise.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    ticker = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )

    def beat() -> None:
        with desk.work(SYSTEM) as work:
            store.beat(work.db, name, work.now)

    jobs: tuple[tuple[Callable[[], object], float], ...] = (
        (lambda: ring_due(desk, opener), SWEEP_EVERY),
        (lambda: post_all(desk, channels), POST_EVERY),
        (beat, BEAT_EVERY),
    )
    for job, seconds in jobs:
        ticker.add_job(_surviving(job), "interval", seconds=seconds)
    beat()
    ticker.start()
    return ticker


def _surviving(job: Callable[[], object]) -> Callable[[], None]:
    """Keep the metronome going through a fault such as a restarting database; say it once a beat."""

    def run() -> None:
        try:
            job()
        except Exception as fault:  # the next beat tries again; rows remember what is to be done
            _log.warning("a beat failed: %s", type(fault).__name__)

    return run
