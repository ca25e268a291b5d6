"""The links of invitations, and what an invitation belongs to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, func, insert, select

from brokerage.competitions.model import Gate
from brokerage.competitions.tables import COMPETITION, INVITATION, INVITATION_LINK


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where an invitation belongs."""

    competition_id: UUID
    referral_id: UUID
    reference: str
    provider_id: UUID


def links(db: Connection, at: Gate) -> int:
    """Count the links of an invitation."""
    return db.execute(
        select(func.count()).where(
            INVITATION_LINK.c.authority == at.authority, INVITATION_LINK.c.invitation_id == at.invitation_id
        )
    ).scalar_one()


def add_link(db: Connection, at: Gate, token_hash: bytes, now: datetime) -> None:
    db.execute(
        insert(INVITATION_LINK).values(
            authority=at.authority, invitation_id=at.invitation_id, token_hash=token_hash, made_at=now
        )
    )


def belongings(db: Connection, invitation_ids: Collection[UUID]) -> Mapping[UUID, Belonging]:
    """Say where invitations belong."""
    rows = db.execute(
        select(
            INVITATION.c.id,
            INVITATION.c.provider_id,
            INVITATION.c.competition_id,
            COMPETITION.c.referral_id,
            COMPETITION.c.reference,
        )
        .join(
            COMPETITION,
            and_(COMPETITION.c.authority == INVITATION.c.authority, COMPETITION.c.id == INVITATION.c.competition_id),
        )
        .where(INVITATION.c.id.in_(invitation_ids))
    )
    return {row.id: Belonging(row.competition_id, row.referral_id, row.reference, row.provider_id) for row in rows}
