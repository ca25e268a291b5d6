"""Verbs on messages: queue, claim, settle, look. Nothing here commits, sends or reads a clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection

from notifications import rules, store
from notifications.errors import UnknownMessage
from notifications.events import MessageSettled
from notifications.model import Counts, Message, MessageId, NewMessage, Result
from notifications.wording import Wording

EXPIRE_AT_ONCE: Final = 1000
"""Most messages given up in one claim, so that claiming stays short after a long stop."""


def queue(db: Connection, wording: Wording, messages: Sequence[NewMessage], now: datetime) -> int:
    """Write messages beside the event that causes them; answer how many are new (same dedupe key: the same message).

    Called after the record's append, which holds the authority's lock until the commit, places are given in commit
    order, so that somebody who pages through one authority's messages misses none.
    """
    rows = []
    for message in messages:
        named = {"link": message.link, "code": message.code}
        params = {**message.params, **{key: value for key, value in named.items() if value is not None}}
        written = wording.write(message.kind, message.medium, params)
        expires_at = message.expires_at or now + rules.LIFE
        not_before = message.not_before or now
        message_id = MessageId(uuid4())
        rows.append(store.row_of(message_id, message, written.subject, written.body, not_before, expires_at, now))
    return store.add(db, rows)


def claim(db: Connection, now: datetime, limit: int, lease: timedelta) -> tuple[Message, ...]:
    """Take up to `limit` due messages, each for one worker until `now + lease` (C1); give up what is too late."""
    store.expire_due(db, now, EXPIRE_AT_ONCE)
    return store.claim_due(db, now, limit, now + lease)


def oldest_due(db: Connection, now: datetime) -> datetime | None:
    """Say since when the message that has waited longest is due; None where none waits."""
    return store.oldest_due(db, now)


def hold_longer(
    db: Connection, tries: Mapping[MessageId, int], now: datetime, lease: timedelta
) -> Collection[MessageId]:
    """Renew the lease of claimed messages (id to its `attempts`); answer those that are still this worker's."""
    return store.extend(db, tries, now + lease)


def settle(
    db: Connection, message_id: MessageId, attempts: int, result: Result, now: datetime
) -> MessageSettled | None:
    """Record what a channel answered to try number `attempts`.

    None where that try is not the running one any more: its lease ran out and another worker went on.
    """
    message = store.hold_sending(db, message_id, attempts)
    if message is None:
        return None
    settlement = rules.settlement(result, attempts, now, message.expires_at)
    store.save_settlement(db, message, settlement, now)
    return MessageSettled(
        authority=message.authority,
        message_id=message.id,
        kind=message.kind,
        medium=message.medium,
        provider_id=message.provider_id,
        subject_id=message.subject_id,
        status=settlement.status,
        attempts=attempts,
        at=now,
    )


def outbox(db: Connection, after: MessageId | None, limit: int, authority: str | None = None) -> tuple[Message, ...]:
    """List messages, newest last: the next `limit` after one, or without it the last `limit`; else `UnknownMessage`."""
    place = None
    if after is not None:
        place = store.sequence_of(db, after)
        if place is None:
            raise UnknownMessage(after)
    return store.page(db, place, limit, authority)


def counts_by_subject(db: Connection, subject_ids: Collection[UUID], kind: str | None = None) -> Mapping[UUID, Counts]:
    """Count messages about each subject: waiting, sent, delivered, failed (expired is failed); `kind` narrows."""
    return store.counts(db, subject_ids, kind)


def latest_for(db: Connection, subject_id: UUID, kind: str | None = None) -> Message | None:
    """Answer the newest message about a subject; `kind` narrows."""
    return store.latest(db, subject_id, kind)
