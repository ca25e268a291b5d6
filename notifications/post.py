"""The postman: claim in one short transaction, send with none open, settle in another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from notifications import service
from notifications.channels import Channel
from notifications.model import Medium, Message, Refused, Result, Unclear

LEASE: Final = timedelta(seconds=28)
"""Longer than any channel's time-out, short enough that a killed worker's messages go on within 30 seconds (C1)."""
RENEW_BELOW: Final = timedelta(seconds=24)
"""What a send may take, to connect and to answer: with less left of the lease it is renewed before the next send."""

_log = logging.getLogger(__name__)


def post_due(
    begin: Callable[[], AbstractContextManager[Connection]],
    read_clock: Callable[[Connection], datetime],
    channels: Mapping[Medium, Channel],
    limit: int = 50,
) -> int:
    """Send up to `limit` due messages, one after another; answer how many were tried.

    Any number of workers and threads may run this at once. `begin` opens a transaction and commits it on leaving.
    """
    with begin() as db:
        now = read_clock(db)
        claimed = service.claim(db, now, limit, LEASE)
    held_until = now + LEASE
    ours = {message.id for message in claimed}
    tried = 0
    for place, message in enumerate(claimed):
        if message.id not in ours:
            continue
        result = _send(channels, message, now)
        tried += 1
        rest = {later.id: later.attempts for later in claimed[place + 1 :] if later.id in ours}
        with begin() as db:
            now = read_clock(db)
            service.settle(db, message.id, message.attempts, result, now)
            if rest and held_until - now < RENEW_BELOW:
                ours = set(service.hold_longer(db, rest, now, LEASE))
                held_until = now + LEASE
    return tried


def _send(channels: Mapping[Medium, Channel], message: Message, now: datetime) -> Result:
    if message.expires_at <= now:
        return Refused("out of time", permanent=False)
    channel = channels.get(message.medium)
    if channel is None:
        return Refused(f"no channel for {message.medium}", permanent=False)
    try:
        return channel.send(message, now)
    except Exception as fault:
        # One bad message must not stop the rest; the fault's own text may hold a number or a link, so only its name.
        _log.error("channel %s failed on message %s: %s", message.medium, message.id, type(fault).__name__)
        return Unclear(type(fault).__name__)
