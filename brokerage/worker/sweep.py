"""Ring the timers that are due. Timers are rows, so any number of workers may sweep at once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from brokerage.competitions.model import Opener
from brokerage.desk import flow, store
from brokerage.desk.consequences import TimerKind
from brokerage.desk.store import Timer
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor

AT_ONCE: Final = 50
"""Timers held by one look; each rings in a transaction of its own."""

BACK_OFF: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600))
"""Waits after a failure; the last one is repeated, so that a bad row never blocks the queue."""

_log = logging.getLogger(__name__)


def ring_due(desk: Desk, opener: Opener | None = None) -> int:
    """Ring everything that is due, and what falls due with it, the earliest first; answer how many rang.

    A worker without the opening key leaves the opening of offers to one that has it.
    """
    left = () if opener else (TimerKind.OPEN_BIDS.value,)
    rang = 0
    while True:
        with desk.work(SYSTEM) as work:
            due = list(store.due_timers(work.db, work.now, AT_ONCE, left))
        done = sum(_ring(desk, timer, opener) for timer in due)
        rang += done
        if done == 0:
            return rang


def _ring(desk: Desk, timer: Timer, opener: Opener | None) -> bool:
    """Ring one timer, exactly once in effect: its mark and its deed are one transaction."""
    actor = Actor(SYSTEM.role, SYSTEM.name, timer.authority)
    try:
        with desk.work(actor) as work:
            if not store.hold_timer(work.db, timer.id):
                return False
            flow.ring(work, timer, opener)
            store.timer_rang(work.db, timer.id, work.now)
            return True
    except Exception as fault:
        # Any fault of one timer is kept beside it and must not stop the others.
        _log.exception("timer %s %s failed", timer.kind, timer.id)
        wait = BACK_OFF[min(timer.failures, len(BACK_OFF) - 1)]
        with desk.work(actor) as work:
            store.timer_failed(work.db, timer.id, work.now + wait, type(fault).__name__)
        return False
