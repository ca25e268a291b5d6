"""A sight, a grant, and the facts that say whether somebody has to do with a young person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from brokerage.referrals.model import State


class Relation(StrEnum):
    """Why somebody may see a record, or that they had to say why."""

    RAISED = "raised"
    ACTED = "acted"
    ROLE = "role"
    SHARED = "shared"
    PLACED = "placed"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties one person to one referral, as facts; `reason` is the last one given and still good."""

    authority: str
    state: State
    raised: bool
    acted: bool
    to_fund: bool
    placed_now: bool
    shared_until: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    authority: str
    id: UUID
    person_id: UUID
    referral_id: UUID
    at: datetime
    relation: Relation
    reason: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Share:
    """One council lets another read one referral, through `until_on`, or until it was ended."""

    authority: str
    id: UUID
    referral_id: UUID
    with_authority: str
    reason: str
    until_on: date
    made_by: UUID
    made_at: datetime
    ended_at: datetime | None = None

    def holds_on(self, day: date) -> bool:
        return self.ended_at is None and day <= self.until_on
