"""Rules of messages: life cycle, retry plan, segments, numbers. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from notifications.errors import NotAMobile, NotNow
from notifications.model import Failure, Known, Refused, Reply, Result, Sent, Status, Unclear, Verb

RETRY_PLAN: Final = tuple(timedelta(seconds=s) for s in (1, 2, 5, 10, 30))
"""Waits after the first, second, ... try; then every `RETRY_EVERY` until the message expires."""
RETRY_EVERY: Final = timedelta(seconds=30)
LIFE: Final = timedelta(hours=72)
"""How long a message without its own `expires_at` is tried (as long as GOV.UK Notify tries)."""
VALIDITY: Final = range(1, 36_001)
"""Seconds that Twilio may hold a text; it must not arrive after the window (C7)."""


OPTED_OUT: Final = "opted out"
"""The error of a text that was not sent because its number asked for none."""

# Not in use, no mobile, unreachable for good; a mailbox that is not there.
_WRONG: Final = re.compile(
    r" code (21211|21214|21217|21614|30003|30005|30006)$|^smtp recipient 5\d\d$|^notify permanent-failure$"
)

HELP_EVERY: Final = timedelta(hours=1)
"""How often one provider is told how to reply."""
LONGEST_REPLY: Final = 60
"""Characters of a numbered reply; what is longer is a letter."""
MOST_REPLIES: Final = 10
"""Texts in an hour that one provider's replies may cause."""

# Texts of one word that the networks know; they opt out and in wherever they are sent (Twilio's defaults).
_STOP: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_START: Final = frozenset({"START", "YES", "UNSTOP"})
_NUMBERED: Final = re.compile(r"([12])[\s.:)]*(R[A-Z0-9\s-]{1,20}?)?[\s.!]*", re.IGNORECASE)


MOVES: Final[Mapping[tuple[Status, Verb], Status]] = {
    (Status.QUEUED, Verb.CLAIM): Status.SENDING,
    (Status.QUEUED, Verb.EXPIRE): Status.EXPIRED,
    (Status.SENDING, Verb.CLAIM): Status.SENDING,  # the lease ran out
    (Status.SENDING, Verb.ACCEPT): Status.SENT,
    (Status.SENDING, Verb.DELIVER): Status.DELIVERED,
    (Status.SENDING, Verb.PUT_OFF): Status.QUEUED,
    (Status.SENDING, Verb.REFUSE): Status.FAILED,
    (Status.SENDING, Verb.EXPIRE): Status.EXPIRED,
    # The provider's report may come before its answer, or after an answer that was lost (C2).
    (Status.QUEUED, Verb.ACCEPT): Status.SENT,
    (Status.QUEUED, Verb.DELIVER): Status.DELIVERED,
    (Status.QUEUED, Verb.REFUSE): Status.FAILED,
    (Status.SENT, Verb.DELIVER): Status.DELIVERED,
    (Status.SENT, Verb.REFUSE): Status.FAILED,
}

_RANK: Final[Mapping[Status, int]] = {
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.SENT: 2,
    Status.DELIVERED: 3,
    Status.FAILED: 3,
    Status.EXPIRED: 3,
}


def move(status: Status, verb: Verb) -> Status:
    """Answer where `verb` leads from `status`, or raise `NotNow`."""
    try:
        return MOVES[status, verb]
    except KeyError:
        raise NotNow(status, verb) from None


def rank(status: Status) -> int:
    """Order statuses for reports that arrive twice or out of order: only a higher rank may replace (C8)."""
    return _RANK[status]


def reported(status: Status, verb: Verb) -> Status | None:
    """Answer where a report leads, or None where it tells nothing new: twice, out of order, or too late (C8)."""
    reached = MOVES.get((status, verb))
    return reached if reached is not None and rank(reached) > rank(status) else None


def final(status: Status) -> bool:
    """Say whether nothing more can happen."""
    return _RANK[status] == 3


def next_try(attempts: int, now: datetime, expires_at: datetime | None) -> datetime | None:
    """Answer when to try again after `attempts` tries (>= 1), or None where that is not before `expires_at`."""
    wait = RETRY_PLAN[attempts - 1] if attempts <= len(RETRY_PLAN) else RETRY_EVERY
    due = now + wait
    return due if expires_at is None or due < expires_at else None


def failure(status: Status, error: str | None) -> Failure:
    """Say why a message has not reached anybody, from what its last try was answered."""
    if not final(status):
        return Failure.STILL_TRYING
    if error == OPTED_OUT or (error and error.endswith(" code 21610")):
        return Failure.OPTED_OUT
    if error and _WRONG.search(error):
        return Failure.WRONG_ADDRESS
    return Failure.OUT_OF_TIME if status is Status.EXPIRED else Failure.REFUSED


def validity_seconds(now: datetime, expires_at: datetime | None) -> int:
    """Answer the whole seconds left, 1 to 36000 (Twilio's `ValidityPeriod`)."""
    if expires_at is None:
        return VALIDITY[-1]
    return max(VALIDITY[0], min(VALIDITY[-1], int((expires_at - now).total_seconds())))


def which(listed: Mapping[str, str], body: str, known: Known) -> Sent | Unclear | None:
    """Say which of the texts that the provider lists for a number is the one looked for (C2); None for none.

    `listed` gives each reference its words, empty where the provider keeps none. Those are told apart by what is
    known of the number's other messages, and not at all while another one of them is in doubt too.
    """
    unknown = {ref: words for ref, words in listed.items() if ref not in known.refs}
    same = sorted(ref for ref, words in unknown.items() if words == body)
    if same:
        return Sent(same[0])
    blank = sorted(ref for ref, words in unknown.items() if not words)
    if not blank:
        return None
    return Unclear("which of several") if known.in_doubt else Sent(blank[0])


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a channel's answer does to its message."""

    status: Status
    not_before: datetime | None = None
    provider_ref: str | None = None
    error: str | None = None
    doubtful: bool = False


def settlement(result: Result, attempts: int, now: datetime, expires_at: datetime | None) -> Settlement:
    """Answer what a channel's answer to try number `attempts` leads to (C3 to C5)."""
    sending = Status.SENDING
    match result:
        case Sent(provider_ref, delivered):
            verb = Verb.DELIVER if delivered else Verb.ACCEPT
            return Settlement(move(sending, verb), provider_ref=provider_ref)
        case Refused(reason, True):
            return Settlement(move(sending, Verb.REFUSE), error=reason)
        case Refused(reason, _) | Unclear(reason):
            due = next_try(attempts, now, expires_at)
            status = move(sending, Verb.EXPIRE if due is None else Verb.PUT_OFF)
            return Settlement(status, not_before=due, error=reason, doubtful=isinstance(result, Unclear))
        case _:
            assert_never(result)


def read_reply(words: str, opt_out_type: str = "") -> tuple[Reply, str]:
    """Read a text: "1 R2041" asks for a link, "2 r-2041" declines, one word stops and starts; the rest is OTHER.

    Answers the reference in capitals without signs, or empty. `opt_out_type` is the network's own reading.
    """
    word = words.strip().strip(".!\"'").strip().upper()
    known = opt_out_type.upper()
    if known == "STOP" or word in _STOP:
        return Reply.STOP, ""
    if known == "START" or word in _START:
        return Reply.START, ""
    found = _NUMBERED.fullmatch(words.strip()) if len(words) <= LONGEST_REPLY else None
    if found is None:
        return Reply.OTHER, ""
    return Reply.LINK if found[1] == "1" else Reply.DECLINE, bare_reference(found[2] or "")


def bare_reference(reference: str) -> str:
    """Write a reference as replies are compared: R-2041, r 2041 and R2041 are one."""
    return "".join(c for c in reference.upper() if c.isalnum())


# GSM 03.38: the basic table in code order (escape left out), and what needs the escape: two septets.
_BASIC: Final = frozenset(
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5"
    "\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9"
    " !\"#\u00a4%&'()*+,-./0123456789:;<=>?"
    "\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7"
    "\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|\u20ac")

# What word processors put in, and what says the same in GSM-7.
_FOLDS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        "\u2026": "...",
        "\u2022": "-",
    }
)


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as the network counts it: units are septets (GSM-7) or UTF-16 code units (UCS-2)."""

    encoding: Encoding
    units: int
    count: int


def segments(text: str) -> Segments:
    """Count `text` in segments: 160 septets alone and 153 in parts, or 70 and 67 code units; no character is cut."""
    if all(c in _BASIC or c in _EXTENSION for c in text):
        encoding, alone, part = Encoding.GSM7, 160, 153
        widths = [2 if c in _EXTENSION else 1 for c in text]
    else:
        encoding, alone, part = Encoding.UCS2, 70, 67
        widths = [2 if ord(c) > 0xFFFF else 1 for c in text]
    units = sum(widths)
    if units <= alone:
        return Segments(encoding, units, 1)
    count, filled = 1, 0
    for width in widths:
        if filled + width > part:
            count, filled = count + 1, 0
        filled += width
    return Segments(encoding, units, count)


def one_segment(text: str) -> bool:
    """Say whether `text` is one GSM-7 segment, so that no carrier can cut off its link (C15)."""
    size = segments(text)
    return size.encoding is Encoding.GSM7 and size.count == 1


def folded(text: str) -> str:
    """Write `text` in GSM-7: straight quotes, plain dashes, letters without marks, `?` for what has no likeness."""

    def fold(c: str) -> str:
        if c in _BASIC or c in _EXTENSION:
            return c
        plain = "".join(p for p in unicodedata.normalize("NFKD", c) if p in _BASIC or p in _EXTENSION)
        return plain or ("" if unicodedata.combining(c) else "?")

    composed = unicodedata.normalize("NFC", text).translate(_FOLDS)
    return "".join(map(fold, composed))


def mobile(number: str, allow_drama: bool) -> str:
    """Write a typed number in E.164; only mobiles of the United Kingdom pass (C14), else `NotAMobile`.

    `allow_drama` lets 07700 900000 to 900999 through: numbers kept for fiction, which reach nobody.
    """
    import phonenumbers  # slow to import, and only typing a number needs it

    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        raise NotAMobile(number, "unreadable") from None
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if parsed.extension:
        raise NotAMobile(number, "extension")
    if parsed.country_code == 44 and 7_700_900_000 <= (parsed.national_number or 0) <= 7_700_900_999:
        if allow_drama:
            return written
        raise NotAMobile(number, "fiction")
    if not phonenumbers.is_valid_number(parsed):
        raise NotAMobile(number, "invalid")
    if phonenumbers.region_code_for_number(parsed) != "GB":
        raise NotAMobile(number, "abroad")
    if phonenumbers.number_type(parsed) != phonenumbers.PhoneNumberType.MOBILE:
        raise NotAMobile(number, "not mobile")
    return written
