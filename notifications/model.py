"""Nouns of messages out: what is asked for, what is stored, what a channel answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

MessageId = NewType("MessageId", UUID)

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL: Final = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")


class Medium(StrEnum):
    SMS = "sms"
    EMAIL = "email"


class Status(StrEnum):
    """Where a message stands; the moves between these are `rules.MOVES`.

    queued -> sending -> sent -> delivered | failed, with sending -> queued for another try,
    sending -> delivered where a channel knows at once, and queued | sending -> expired.
    """

    QUEUED = "queued"  # written with the event; waits for its instant or for another try
    SENDING = "sending"  # one worker holds it under a lease; a lease that ran out is claimed again
    SENT = "sent"  # the provider took it over and has not reported yet
    DELIVERED = "delivered"  # final: it reached the phone, or the page that stands for the phone
    FAILED = "failed"  # final: refused for good
    EXPIRED = "expired"  # final: its time ran out before anybody took it over


class Verb(StrEnum):
    CLAIM = "claim"
    ACCEPT = "accept"
    DELIVER = "deliver"
    PUT_OFF = "put_off"
    REFUSE = "refuse"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message asked for; `queue` writes its words from `kind` and `params`.

    `params` are finished texts (times and money already formatted). `link` and `code` are added to them under
    those names. `subject_id` is what the message is about. One `dedupe_key` makes one message an authority.
    """

    authority: str
    kind: str
    medium: Medium
    to: str = field(repr=False)
    provider_id: UUID | None
    person_id: UUID | None
    subject_id: UUID
    params: Mapping[str, str] = field(repr=False)
    link: str | None = field(repr=False)
    code: str | None = field(repr=False)
    dedupe_key: str
    not_before: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        shape = _E164 if self.medium is Medium.SMS else _EMAIL
        if not shape.fullmatch(self.to):
            raise ValueError(f"not an address for {self.medium}")
        for instant in (self.not_before, self.expires_at):
            if instant is not None and instant.tzinfo is None:
                raise ValueError("a naive instant")
        if not (self.authority and self.kind and self.dedupe_key):
            raise ValueError("authority, kind and dedupe_key say something")


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message. `sequence` orders them, newest last.

    `attempts` counts claims and is the fence for `settle`. `doubtful` says that an earlier try may have got through
    (unclear answer, or a worker that died under its lease), so that one more try may be a duplicate.
    """

    id: MessageId
    authority: str
    sequence: int
    kind: str
    medium: Medium
    to: str = field(repr=False)
    provider_id: UUID | None
    person_id: UUID | None
    subject_id: UUID
    subject: str | None = field(repr=False)
    body: str = field(repr=False)
    link: str | None = field(repr=False)
    code: str | None = field(repr=False)
    dedupe_key: str
    status: Status
    attempts: int
    doubtful: bool
    not_before: datetime
    expires_at: datetime
    lease_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    provider_ref: str | None
    last_error: str | None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages about one subject stand where."""

    waiting: int = 0  # queued or sending
    sent: int = 0  # taken over, no report yet
    delivered: int = 0
    failed: int = 0  # refused for good, or out of time

    @property
    def total(self) -> int:
        """All messages about the subject."""
        return self.waiting + self.sent + self.delivered + self.failed


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it over; `delivered` where the channel already knows that it arrived."""

    provider_ref: str
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It certainly did not go out. `permanent`: trying again is pointless; `opted_out`: they asked for no texts."""

    reason: str
    permanent: bool
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """It may or may not have gone out (5xx, time-out, reset)."""

    reason: str


Result = Sent | Refused | Unclear


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of other messages to an address when the provider is asked for one that may have got through.

    `refs` are the provider's references of those others; `in_doubt` counts those without one that may be there too.
    """

    refs: frozenset[str] = frozenset()
    in_doubt: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says became of a message, in its own word and as the move that it means to us."""

    message_id: MessageId
    provider_ref: str
    status: str
    verb: Verb
    reason: str | None = None
    opted_out: bool = False


class Reply(StrEnum):
    """What an inbound text asks for."""

    LINK = "link"
    DECLINE = "decline"
    STOP = "stop"
    START = "start"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that came in. `reference` is as typed, in capitals without signs (R2041), or empty."""

    sid: str
    sender: str = field(repr=False)
    reply: Reply
    reference: str = ""


class Failure(StrEnum):
    """Why a message did not reach anybody, as a person needs to know it."""

    OPTED_OUT = "opted_out"
    WRONG_ADDRESS = "wrong_address"
    OUT_OF_TIME = "out_of_time"
    REFUSED = "refused"
    STILL_TRYING = "still_trying"
