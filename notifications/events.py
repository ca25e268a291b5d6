"""What has happened to a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notifications.model import Medium, MessageId, Status


@dataclass(frozen=True, slots=True)
class MessageSettled:
    """A try ended. `status` is queued when another try follows; failed and expired need a person's eye (C5)."""

    authority: str
    message_id: MessageId
    kind: str
    medium: Medium
    provider_id: UUID | None
    subject_id: UUID
    status: Status
    attempts: int
    at: datetime
