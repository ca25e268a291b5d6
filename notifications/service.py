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
from notifications.model import (
    Counts,
    Known,
    Medium,
    Message,
    MessageId,
    NewMessage,
    Refused,
    Report,
    Result,
    Status,
    Verb,
)
from notifications.wording import Wording, Written

EXPIRE_AT_ONCE: Final = 1000
"""Most messages given up in one claim, so that claiming stays short after a long stop."""


def queue(db: Connection, wording: Wording, messages: Sequence[NewMessage], now: datetime) -> int:
    """Write messages beside the event that causes them; answer how many are new (same dedupe key: the same message).

    Called after the record's append, which holds the authority's lock until the commit, places are given in commit
    order, so that somebody who pages through one authority's messages misses none.
    """
    rows = []
    said: dict[tuple[str, Medium, frozenset[tuple[str, str]]], Written] = {}  # colleagues are told in the same words
    for message in messages:
        named = {"link": message.link, "code": message.code}
        params = {**message.params, **{key: value for key, value in named.items() if value is not None}}
        words = (message.kind, message.medium, frozenset(params.items()))
        written = said[words] = said.get(words) or wording.write(message.kind, message.medium, params)
        expires_at = message.expires_at or now + rules.LIFE
        not_before = message.not_before or now
        message_id = MessageId(uuid4())
        rows.append(store.row_of(message_id, message, written.subject, written.body, not_before, expires_at, now))
    return store.add(db, rows)


def claim(
    db: Connection, now: datetime, limit: int, lease: timedelta, medium: Medium | None = None
) -> tuple[Message, ...]:
    """Take up to `limit` due messages, each for one worker until `now + lease` (C1); give up what is too late."""
    store.expire_due(db, now, EXPIRE_AT_ONCE)
    store.refuse_opted_out(db, now)
    return store.claim_due(db, now, limit, now + lease, medium)


def waiting(db: Connection, now: datetime, medium: Medium | None = None) -> bool:
    """Say whether anything is to be done, so that a beat with nothing to do costs one look."""
    return store.waiting(db, now, medium)


def known(db: Connection, message: Message) -> Known:
    """Say what is known of the other messages to an address, to find a doubtful one at the provider (C2)."""
    return store.known(db, message)


def oldest_due(db: Connection, now: datetime) -> datetime | None:
    """Say since when the message that has waited longest is due; None where none waits."""
    return store.oldest_due(db, now)


def settle_all(
    db: Connection, results: Mapping[tuple[MessageId, int], Result], now: datetime
) -> tuple[MessageSettled, ...]:
    """Record what channels answered to tries, by message and number; tries that are not running are left out."""
    held = store.hold_sending(db, results)
    settled = []
    for message in held:
        result = results[message.id, message.attempts]
        settled.append((message, rules.settlement(result, message.attempts, now, message.expires_at)))
        if isinstance(result, Refused) and result.opted_out:
            store.opt_out(db, message.to, now)
    store.save_settlements(db, settled, now)
    return tuple(_settled(message, done.status, now) for message, done in settled)


def report(db: Connection, said: Report, now: datetime) -> MessageSettled | None:
    """Take a report of the provider: each once, in rank order, never back (C8). None where it changes nothing.

    It also ties a reference that was lost to its message (C2). Raises UnknownMessage, with no effect, for a message
    that was never tried, and for a reference that is not the message's.
    """
    message = store.hold(db, said.message_id)
    if message is None or message.attempts == 0:
        raise UnknownMessage(said.message_id)
    another = message.provider_ref not in (None, said.provider_ref)
    if another and not message.doubtful:
        raise UnknownMessage(said.message_id)
    if not store.add_report(db, message, said, now):
        return None
    if another and said.verb is not Verb.DELIVER:
        return None  # of two copies the one that arrived counts
    status = rules.reported(message.status, said.verb)
    if status is None:
        return None
    store.save_report(db, message, said, status, now)
    if said.opted_out:
        store.opt_out(db, message.to, now)
    return _settled(message, status, now)


def _settled(message: Message, status: Status, now: datetime) -> MessageSettled:
    return MessageSettled(
        authority=message.authority,
        message_id=message.id,
        kind=message.kind,
        medium=message.medium,
        provider_id=message.provider_id,
        subject_id=message.subject_id,
        status=status,
        attempts=message.attempts,
        at=now,
    )


def receive(db: Connection, sid: str, now: datetime) -> UUID | None:
    """Note a text that came in, under an id of its own; None where it was delivered before (C10)."""
    return store.add_inbound(db, sid, now)


def answer(db: Connection, inbound_id: UUID, provider_id: UUID | None, did: str) -> None:
    """Note whose text it was and what it did."""
    store.save_inbound(db, inbound_id, provider_id, did)


def may_answer(db: Connection, provider_id: UUID, now: datetime) -> bool:
    """Say whether a provider's texts may cause another one, so that a spoofed sender cannot flood its phone."""
    return store.answered_since(db, provider_id, now - rules.HELP_EVERY) < rules.MOST_REPLIES


def may_help(db: Connection, provider_id: UUID, now: datetime) -> bool:
    """Say whether a provider may be told how to reply: once an hour."""
    return store.answered_since(db, provider_id, now - rules.HELP_EVERY, "help") == 0


def opt_out(db: Connection, number: str, now: datetime) -> None:
    """Send no more texts to a number; its e-mails still go."""
    store.opt_out(db, number, now)


def opt_in(db: Connection, number: str, now: datetime) -> None:
    """Send texts to a number again."""
    store.opt_in(db, number, now)


def opted_out(db: Connection, number: str) -> bool:
    """Say whether a number asked for no texts."""
    return store.opted_out(db, number)


def untold(db: Connection, kind: str, limit: int) -> tuple[Message, ...]:
    """Hold messages of a kind that reached nobody and of which nobody was told."""
    return store.hold_untold(db, kind, limit)


def tell(db: Connection, messages: Collection[Message], now: datetime) -> None:
    """Note that somebody was told of them."""
    store.mark_told(db, [message.id for message in messages], now)


def about(db: Connection, subject_ids: Collection[UUID], kind: str) -> tuple[Message, ...]:
    """List the messages of a kind about subjects, in their order."""
    return store.about(db, subject_ids, kind)


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
