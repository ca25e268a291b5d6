"""Messages that go no further than the outbox page. Demo and development."""

from __future__ import annotations

from datetime import datetime

from notifications.model import Known, Medium, Message, Result, Sent


class KeptHere:
    """Send nothing out: the outbox page is the phone, so what is written there has arrived. Demo and development."""

    def __init__(self, medium: Medium) -> None:
        self.medium = medium

    def send(self, message: Message, now: datetime) -> Result:
        """Keep it."""
        return Sent(f"kept-{message.id}", delivered=True)

    def find(self, message: Message, known: Known) -> None:
        """Find nothing: keeping it again is keeping it once."""
