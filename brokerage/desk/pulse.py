"""How the machinery does: what is overdue, and when a worker was last heard. Says nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from brokerage.desk import clock as clocks
from brokerage.desk import store
from brokerage.desk.clock import Clock
from notifications.service import oldest_due

SILENT: Final = timedelta(seconds=60)
"""A worker beats every 5 s; one that was not heard for so long is gone."""
QUIET: Final = timedelta(seconds=30)
"""Whoever watches a window close is told earlier."""
LATE: Final = timedelta(seconds=60)
"""Timers ring within milliseconds and messages leave within seconds; later than this somebody should look."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """`silence` is None where no worker was ever heard; `timer_late` and `message_late` are 0 where nothing is due."""

    now: datetime
    timer_late: timedelta
    message_late: timedelta
    silence: timedelta | None

    @property
    def silent(self) -> bool:
        return self.silence is None or self.silence > SILENT


def pulse(db: Connection, clock: Clock) -> Pulse:
    """Read how late the most overdue timer and message are, and how long no worker was heard."""
    now = clocks.read(clock, db, None)
    timer, message, beat = store.next_due(db), oldest_due(db, now), store.last_beat(db)
    none = timedelta(0)
    return Pulse(
        now,
        max(now - timer, none) if timer else none,
        max(now - message, none) if message else none,
        now - beat if beat else None,
    )
