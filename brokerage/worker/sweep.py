"""Ring the timers that are due. Timers are rows, so any number of workers may sweep at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from brokerage.competitions.model import Opener
from brokerage.desk import flow, store
from brokerage.desk.consequences import TimerKind
from brokerage.desk.store import Timer
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor
from brokerage.worker.watch import Watch

AT_ONCE: Final = 1000
"""Timers held by one look. Closings and reviews that fall due are one transaction an authority and kind, all else one
each."""

TOGETHER: Final = (TimerKind.CLOSE_COMPETITION, TimerKind.REVIEW_DUE)
"""What is rung many at a time."""

BEAT: Final = timedelta(milliseconds=250)
"""How often a sweep begins; it stays for what falls due before the next one."""

MOST_PASSES: Final = 2
"""How often a competition that an offer in flight holds is passed over before it is waited for."""

BACK_OFF: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600))
"""Waits after a failure; the last one is repeated, so that a bad row never blocks the queue."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: what was due then, and the next to come if it comes before the next beat.

    `next_in` counts from the instant at which this process's stop watch stood at `at` seconds.
    """

    due: Sequence[Timer]
    next_in: timedelta | None
    at: float

    @property
    def pause(self) -> float | None:
        """Seconds from now to the next timer, not below 0; None where the next beat is soon enough."""
        if self.next_in is None:
            return None
        return max(self.at + self.next_in.total_seconds() - monotonic(), 0.0)


def ring_due(desk: Desk, opener: Opener | None = None) -> int:
    """Ring everything that is due, and what falls due with it, the earliest first; answer how many rang.

    A worker without the opening key leaves the opening of offers to one that has it.
    """
    rang = 0
    while some := sweep(desk, opener)[0]:
        rang += some
    return rang


def sweep(
    desk: Desk,
    opener: Opener | None = None,
    stopping: Callable[[], bool] = lambda: False,
    watch: Watch | None = None,
) -> tuple[int, Look]:
    """Ring what is due; answer how many rang, and the last look.

    It goes on until a look found nothing to do, or nothing but what it has done and a next timer to wait for.

    With `stopping()` true it finishes the transaction it is in and takes on nothing more. Where `watch` sees the
    database's clock jump, nothing rings until the next sweep has seen it go on steadily.
    """
    rang, passed, crowded = 0, Counter[UUID](), False
    while True:
        look = _look(desk, opener, watch, free=crowded)
        seen, done = passed.total(), 0
        for together in _gather(look.due, passed):
            if not stopping():
                done += _ring_all(desk, together, passed, opener)
        rang += done
        if done or passed.total() > seen:
            idle = done == len(look.due) and look.next_in is not None
        else:  # other workers have them all: look once more, past what they hold
            idle, crowded = crowded or not look.due, True
        if idle or stopping():
            return rang, look


def _look(desk: Desk, opener: Opener | None, watch: Watch | None, *, free: bool) -> Look:
    """See what is due. Leaving out what others hold writes to the disk, so it is done only where there are others."""
    with desk.work(SYSTEM) as work:
        steady = watch is None or watch.steady(work.db)
        now, at = work.now, monotonic()
        if not steady:
            return Look((), None, at)
        left = () if opener else (TimerKind.OPEN_BIDS.value,)
        coming = store.due_timers(work.db, now + BEAT, AT_ONCE, free=free, without=left)
        due = [timer for timer in coming if timer.not_before <= now]
        return Look(due, coming[len(due)].not_before - now if len(due) < len(coming) else None, at)


def _gather(due: Sequence[Timer], passed: Counter[UUID]) -> list[list[Timer]]:
    """Put the timers of an authority and kind together that may be; what was passed over often enough stays alone."""
    groups: dict[tuple[str, str] | UUID, list[Timer]] = {}
    for timer in due:
        alone = timer.kind not in TOGETHER or passed[timer.id] >= MOST_PASSES
        groups.setdefault(timer.id if alone else (timer.authority, timer.kind), []).append(timer)
    return list(groups.values())


def _ring_all(desk: Desk, timers: Sequence[Timer], passed: Counter[UUID], opener: Opener | None) -> int:
    """Ring what was gathered, exactly once in effect: marks and deeds are one transaction. Answer how many rang."""
    first = timers[0]
    if first.kind not in TOGETHER or passed[first.id] >= MOST_PASSES:
        return _ring(desk, first, opener)
    try:
        rang, over = _ring_together(desk, timers)
    except Exception as fault:  # one of them is bad: find out which, and let the others ring
        _log.warning("%d timers %s at once failed: %s", len(timers), first.kind, type(fault).__name__)
        return sum(_ring(desk, timer, opener) for timer in timers)
    passed.update(over)
    return rang


def _ring_together(desk: Desk, timers: Sequence[Timer]) -> tuple[int, list[UUID]]:
    """Ring one authority's timers of one kind; answer how many rang, and which were passed over."""
    deed = flow.close_competitions if timers[0].kind == TimerKind.CLOSE_COMPETITION else flow.reviews_fall_due
    with desk.work(_system_of(timers[0])) as work:
        held = store.hold_timers(work.db, [timer.id for timer in timers])
        mine = [timer for timer in timers if timer.id in held]
        if not mine:
            return 0, []
        done = deed(work, [timer.subject_id for timer in mine])
        rang = [timer.id for timer in mine if timer.subject_id in done and timer.due_at <= work.now]
        store.timers_rang(work.db, rang, work.now)
        return len(rang), [timer.id for timer in mine if timer.subject_id not in done]


def _ring(desk: Desk, timer: Timer, opener: Opener | None) -> bool:
    """Ring one timer, waiting for whatever its subject is held by; say whether it rang."""
    actor = _system_of(timer)
    try:
        with desk.work(actor) as work:
            if not store.hold_timers(work.db, (timer.id,)) or work.tick() < timer.due_at:
                return False
            flow.ring(work, timer, opener)
            if work.now < timer.due_at:
                return False  # the clock stepped back under it, so nothing was done: it is not due any more
            store.timers_rang(work.db, (timer.id,), work.now)
            return True
    except Exception as fault:
        # Any fault of one timer is kept beside it and must not stop the others.
        _log.exception("timer %s %s failed", timer.kind, timer.id)
        wait = BACK_OFF[min(timer.failures, len(BACK_OFF) - 1)]
        with desk.work(actor) as work:
            store.timer_failed(work.db, timer.id, work.now + wait, type(fault).__name__)
        return False


def _system_of(timer: Timer) -> Actor:
    return Actor(SYSTEM.role, SYSTEM.name, timer.authority)
