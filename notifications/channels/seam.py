"""What the post knows of a way out."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from notifications.model import Known, Medium, Message, Result

TIMEOUT: Final = 6.0
"""Seconds to connect, and again to answer: asking and then sending (four of these) end before `post.LEASE`."""

LINES: Final = 32
"""Sends that may be under way at once in one process."""


class Channel(Protocol):
    """A way out for one medium. Its calls may take long and are made with no transaction open, by many threads."""

    @property
    def medium(self) -> Medium: ...

    def send(self, message: Message, now: datetime) -> Result:
        """Hand the message over."""

    def find(self, message: Message, known: Known) -> Result | None:
        """Say whether an earlier try got through: what it stands for, None for certainly not, or Unclear."""


def never_connected(fault: Exception) -> bool:
    """Say whether a request certainly did not reach the other side."""
    from requests.exceptions import ConnectTimeout, ProxyError, SSLError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(fault, ConnectTimeout | ProxyError | SSLError):
        return True
    cause = fault.args[0] if fault.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
