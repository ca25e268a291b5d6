"""The metronome: APScheduler beats, the rows decide. Losing a beat loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Final

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from brokerage.competitions.model import Opener
from brokerage.desk import clock as clocks
from brokerage.desk import flow, store
from brokerage.desk.flow.signing_in import answer_asked, sweep_people
from brokerage.desk.work import SYSTEM, Desk
from brokerage.worker.sweep import BEAT, sweep
from brokerage.worker.watch import Watch
from notifications.channels import Channel
from notifications.model import Medium
from notifications.post import Postman, post_due

POST_EVERY: Final = 0.5
HANDS: Final = 32
"""Sends of one medium that may be under way at once in one process."""
BEAT_EVERY: Final = 5.0
TIDY_EVERY: Final = 60.0
"""Seconds between looks for sessions, links and counts that are over."""

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


def post_all(desk: Desk, channels: Mapping[Medium, Channel]) -> int:
    """Send every message that is due and tell of those that did not arrive; answer how many were tried."""
    tried = post_due(desk.begin, _reader(desk), channels)
    with desk.work(SYSTEM) as work:
        told = flow.tell_not_reached(work)
    return tried + (post_due(desk.begin, _reader(desk), channels) if told else 0)


def _reader(desk: Desk) -> Callable[[Connection], datetime]:
    def read(db: Connection) -> datetime:
        return clocks.read(desk.clock, db, None)

    return read


def sweep_on(desk: Desk, opener: Opener | None, stopping: Event, watch: Watch) -> None:
    """Ring what is due, and stay for what falls due before the next beat would come."""
    while not stopping.is_set():
        _, look = sweep(desk, opener, stopping.is_set, watch)
        if (pause := look.pause) is None:
            return
        stopping.wait(pause)


def start(
    desk: Desk,
    channels: Mapping[Medium, Channel],
    name: str,
    opener: Opener | None,
    turn: AbstractContextManager[object] | None = None,
) -> Ticker:
    """Start sweep, post and heartbeat in threads of this process.

    Each job waits for its `turn`, where one is given: while the demo moves its clock, nothing else rings what is due.

    With APScheduler's own defaults late beats are dropped in silence, so each job says otherwise.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    stopping, watch = Event(), Watch()

    # One postman a medium: a supplier of texts that hangs holds up neither e-mails nor telling of it (C5, C6).
    postmen = [
        Postman(desk.begin, _reader(desk), channels, HANDS, medium=medium, stopping=stopping.is_set)
        for medium in Medium
    ]

    def tell() -> None:
        with desk.work(SYSTEM) as work:
            flow.tell_not_reached(work)

    def answer() -> None:
        with desk.work(SYSTEM) as work:
            answer_asked(work)

    def tidy() -> None:
        with desk.work(SYSTEM) as work:
            sweep_people(work)

    def beat() -> None:
        with desk.work(SYSTEM) as work:
            store.beat(work.db, name, work.now)

    jobs: tuple[tuple[Callable[[], object], float], ...] = (
        (lambda: sweep_on(desk, opener, stopping, watch), BEAT.total_seconds()),
        *((postman.post_due, POST_EVERY) for postman in postmen),
        (tell, POST_EVERY),
        (answer, POST_EVERY),
        (tidy, TIDY_EVERY),
        (beat, BEAT_EVERY),
    )
    for job, seconds in jobs:
        scheduler.add_job(_surviving(job, turn or nullcontext()), "interval", seconds=seconds)
    for postman in postmen:
        scheduler.add_listener(lambda _, postman=postman: postman.close(), EVENT_SCHEDULER_SHUTDOWN)
    _surviving(beat, nullcontext())()
    scheduler.start()
    return Ticker(scheduler, stopping)


def _surviving(job: Callable[[], object], turn: AbstractContextManager[object]) -> Callable[[], None]:
    """Keep the metronome going through a fault such as a restarting database; say it once a beat."""

    def run() -> None:
        try:
            with turn:
                job()
        except Exception as fault:  # the next beat tries again; rows remember what is to be done
            _log.warning("a beat failed: %s", type(fault).__name__)

    return run
