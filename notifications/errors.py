"""How messages say no."""

from __future__ import annotations

from dataclasses import dataclass, field

from notifications.model import MessageId, Status, Verb


class NotificationsError(Exception):
    """Base of everything that messages refuse."""


@dataclass(eq=False)
class NotNow(NotificationsError):
    """The message cannot make this move from where it stands."""

    status: Status
    verb: Verb


@dataclass(eq=False)
class NotAMobile(NotificationsError):
    """The number is not a United Kingdom mobile: some carriers read texts to landlines aloud, abroad is toll fraud."""

    number: str = field(repr=False)
    reason: str


@dataclass(eq=False)
class UnknownMessage(NotificationsError):
    """There is no such message."""

    message_id: MessageId


@dataclass(eq=False)
class NotGenuine(NotificationsError):
    """A call that claims to come from the message supplier does not (C9 to C11). It says no more than that."""


@dataclass(eq=False)
class NoWording(NotificationsError):
    """There is no template of this kind for this medium."""

    kind: str
    medium: str


@dataclass(eq=False)
class WordingUnfit(NotificationsError):
    """The templates break a promise: one GSM-7 segment, link last, known parameters only, a subject for e-mail."""

    problems: tuple[str, ...]
