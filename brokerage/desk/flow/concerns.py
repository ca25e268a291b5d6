"""Safeguarding concerns and serious incidents: told, acknowledged, escalated (A38)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.flow.hours import for_provider, hand_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from lots.model import ProviderId
from placements import service
from placements import store as placement_store
from placements.events import ConcernAcknowledged, ConcernEscalated
from placements.model import Concern, ConcernId, ConcernKind


def raise_concern(
    work: Work, agreement_id: UUID, kind: ConcernKind, known_at: datetime, words: str, action: str
) -> ConcernId:
    """Tell the council of a concern or an incident; too late is kept as late, never refused (A38).

    The very same, sent twice by a second click, is told once. Raises NoSuchAgreement, or StillToCome where it was known
    in the future.
    """
    work.require(Permission.DELIVER)
    found = agreement_of(work, agreement_id)
    placement_store.hold_agreement(work.db, found.authority, found.id)
    for one in placement_store.concerns(work.db, found.authority, found.id):
        if (one.kind, one.known_at, one.words, one.action) == (kind, known_at, words, action):
            return one.id
    event = service.raise_concern(
        work.db, found.authority, found.id, kind, known_at, words, hand_of(work), work.now, action
    )
    work.record(event, found.referral_id)
    return event.concern_id


def acknowledge_concern(work: Work, concern_id: UUID, next_step: str) -> ConcernAcknowledged:
    """Acknowledge a concern for the council and say what comes next, once (A38).

    The provider reads what comes next, so it is redacted (S7). Raises NoSuchConcern or AlreadyAcknowledged.
    """
    work.require(Permission.ACKNOWLEDGE_CONCERN)
    found = placement_store.concern(work.db, work.authority, ConcernId(concern_id))
    agreement = placement_store.agreement(work.db, work.authority, found.agreement_id)
    said = for_provider(work, agreement, next_step)
    event = service.acknowledge_concern(work.db, work.authority, found.id, work.person_id, work.now, said)
    work.record(event, agreement.referral_id)
    return event


def escalate_concern(work: Work, concern_id: UUID) -> ConcernEscalated | None:
    """Tell more people of a concern that nobody has acknowledged for two hours (A38)."""
    event = service.escalate_concern(work.db, work.authority, ConcernId(concern_id), work.now)
    if event is not None:
        work.record(event, event.referral_id)
    return event


def concern_of(work: Work, concern_id: UUID) -> Concern:
    """Find a concern of the own council, or of an agreement of the own firm. Raises NoSuchConcern."""
    if work.actor.provider_id is not None:
        own = ProviderId(work.actor.provider_id)
        return placement_store.concern_for_provider(work.db, own, ConcernId(concern_id))
    return placement_store.concern(work.db, work.authority, ConcernId(concern_id))
