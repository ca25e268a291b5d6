"""Watch the database's clock: one that jumps is believed only once it goes on steadily."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from sqlalchemy import Connection

from brokerage.desk import clock as clocks
from brokerage.desk.clock import Clock, DatabaseClock

FORWARD: Final = timedelta(seconds=5)
"""A worker may be suspended or starved for a moment, and clocks are slewed; a leap of more is a jump."""
BACK: Final = timedelta(milliseconds=100)
"""No clock that is only slewed goes back; this allows for the rounding of two clocks against each other."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """The database's clock, and this process's own stop watch before and after it was read (seconds)."""

    at: datetime
    before: float
    after: float


def jump(last: Reading, this: Reading) -> timedelta | None:
    """Say how far the clock jumped between two readings, at the least; None for one that went on steadily."""
    moved = this.at - last.at
    longest = timedelta(seconds=this.after - last.before)
    shortest = timedelta(seconds=this.before - last.after)
    if moved - longest > FORWARD:
        return moved - longest
    if shortest - moved > BACK:
        return moved - shortest
    return None


@dataclass(slots=True)
class Watch:
    """One worker's watch. `steady` is asked once a look, and says no once a jump."""

    clock: Clock = field(default_factory=DatabaseClock)
    _last: Reading | None = None

    def steady(self, db: Connection) -> bool:
        """Read the clock; False, and a line in the log, when it jumped since the last time."""
        before = monotonic()
        this = Reading(clocks.read(self.clock, db, None), before, monotonic())
        jumped = jump(self._last, this) if self._last else None
        self._last = this
        if jumped is None:
            return True
        _log.warning(
            "the database's clock jumped by %.3f s; nothing rings until it goes on steadily", jumped.total_seconds()
        )
        return False
