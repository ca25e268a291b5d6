"""Whom the invitations have not reached, with what a person needs to reach them another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from brokerage.competitions.model import Invitation
from brokerage.desk.work import Work
from lots.model import Provider
from notifications.model import Failure, Medium, Status
from notifications.rules import failure
from notifications.service import about

REACHED = frozenset({Status.SENT, Status.DELIVERED})


@dataclass(frozen=True, slots=True)
class NotReached:
    """One invitee that one medium has not reached. `reason` is STILL_TRYING while its message is tried again."""

    provider_id: UUID
    provider: str
    medium: Medium
    reason: Failure
    phone: str
    email: str


def not_reached(
    work: Work, invitations: Sequence[Invitation], register: Mapping[UUID, Provider]
) -> tuple[NotReached, ...]:
    """List the invitees whose message failed, ran out of time, or is being tried again after a failure (C5, C6)."""
    providers = {UUID(str(one.id)): register[one.provider_id] for one in invitations}
    found = (
        NotReached(
            provider.id, provider.name, message.medium, failure(message.status, message.last_error), provider.phone,
            provider.email,
        )
        for message in about(work.db, list(providers), "invitation")
        if message.status not in REACHED and (message.last_error or message.status is Status.EXPIRED)
        for provider in (providers[message.subject_id],)
    )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.provider, one.medium)))
