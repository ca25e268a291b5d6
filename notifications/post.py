"""The postman: claim in one short transaction, send with none open, settle in another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from notifications import rules, service
from notifications.channels import LINES, Channel
from notifications.model import Medium, Message, MessageId, Refused, Result, Unclear

LEASE: Final = timedelta(seconds=25)
"""Longer than a channel takes to be asked and to send, so that a killed worker's messages go on within 30 s (C1).

A message is claimed only when a hand is free for it, so nothing waits under its lease.
"""

PAUSE: Final = 0.05
"""Seconds to wait for more free hands before claiming with those that are: fewer, larger claims."""

IN_TURN: Final = 100
"""Messages that a single hand claims at once."""

_log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Connection]]
ReadClock = Callable[[Connection], datetime]


@dataclass(slots=True)
class Postman:
    """Sends what is due with several hands. Any number of postmen, in any number of processes, may be out at once.

    `begin` opens a transaction and commits it on leaving. Once `stopping()` is true nothing more is claimed.
    A send that hangs keeps one hand busy and no more. With a `medium` it carries no other, so that a supplier of
    texts that hangs holds up no e-mail.
    One hand is the caller's own and carries a claim in turn: for channels that answer at once, as a seed's do.
    """

    begin: Begin
    read_clock: ReadClock
    channels: Mapping[Medium, Channel]
    hands: int = LINES
    lease: timedelta = LEASE
    stopping: Callable[[], bool] = lambda: False
    medium: Medium | None = None
    _pool: ThreadPoolExecutor | None = None
    _free: int = field(init=False)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _brought: dict[tuple[MessageId, int], Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._free = self.hands

    def post_due(self) -> int:
        """Claim until nothing is due; answer how many are being sent. Does not wait for their end."""
        taken = 0
        with self.begin() as db:
            if not service.waiting(db, self.read_clock(db), self.medium):
                return 0
        while not self.stopping() and (claimed := self._claim()):
            taken += len(claimed)
        return taken

    def rest(self) -> None:
        """Wait until every hand is free again."""
        with self._lock:
            self._lock.wait_for(lambda: self._free == self.hands)

    def close(self) -> None:
        """Finish what is in hand; a postman that is closed claims no more."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def _claim(self) -> tuple[Message, ...]:
        with self._lock:
            self._lock.wait_for(lambda: self._free * 2 >= self.hands, PAUSE)
            self._lock.wait_for(lambda: self._free > 0)
            free, self._free = self._free, 0
        claimed: tuple[Message, ...] = ()
        try:
            with self.begin() as db:
                now = self.read_clock(db)
                claimed = service.claim(db, now, free if self.hands > 1 else IN_TURN, self.lease, self.medium)
        finally:
            self._put_back(free - (len(claimed) if self.hands > 1 else 0))
        for message in claimed:
            if self.hands == 1:
                self._carry(message, now)
                continue
            self._pool = self._pool or ThreadPoolExecutor(self.hands, "post")
            self._pool.submit(self._carry, message, now)
        return claimed

    def _carry(self, message: Message, now: datetime) -> None:
        try:
            self._settle(message, self._ask_and_send(message, now))
        except Exception as fault:  # the lease runs out and somebody else goes on with it
            _log.warning("message %s was not settled: %s", message.id, type(fault).__name__)
        finally:
            if self.hands > 1:
                self._put_back(1)

    def _settle(self, message: Message, result: Result) -> None:
        """Write down what came of a try; while one hand writes, what the others bring is written together."""
        with self._lock:
            self._brought[message.id, message.attempts] = result
        with self._writing:
            with self._lock:
                brought, self._brought = self._brought, {}
            if brought:  # else the hand before has written ours too
                with self.begin() as db:
                    service.settle_all(db, brought, self.read_clock(db))

    def _put_back(self, hands: int) -> None:
        with self._lock:
            self._free += hands
            self._lock.notify_all()

    def _ask_and_send(self, message: Message, now: datetime) -> Result:
        """Send; what may have got through already is asked for first (C2, C4)."""
        channel = self.channels.get(message.medium)
        if channel is None:
            return Refused(f"no channel for {message.medium}", permanent=False)
        try:
            if message.doubtful:
                with self.begin() as db:
                    known = service.known(db, message)
                found = channel.find(message, known)
                if found is not None and not (isinstance(found, Unclear) and _last(message, now)):
                    return found
                if found is not None:
                    _log.warning("message %s may go out twice: its time is nearly out", message.id)
            return channel.send(message, now)
        except Exception as fault:
            # One bad message must not stop the rest; the fault's own text may hold a number or a link.
            _log.error("channel %s failed on message %s: %s", message.medium, message.id, type(fault).__name__)
            return Unclear(type(fault).__name__)


def post_due(begin: Begin, read_clock: ReadClock, channels: Mapping[Medium, Channel], hands: int = LINES) -> int:
    """Send everything that is due and wait for it; answer how many were tried."""
    postman = Postman(begin, read_clock, channels, hands)
    try:
        tried = 0
        while taken := postman.post_due():
            postman.rest()
            tried += taken
        return tried
    finally:
        postman.close()


def _last(message: Message, now: datetime) -> bool:
    """Say whether this try is the last before the message's time is out: silence would then be certain."""
    return rules.next_try(message.attempts, now, message.expires_at) is None
