"""Who acts: authorities, people, what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)


class Role(StrEnum):
    PLACEMENTS = "placements"
    COORDINATOR = "coordinator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    PROVIDER = "provider"
    SYSTEM = "system"


class Permission(StrEnum):
    """One thing a person may do. Permissions decide, roles bundle them."""

    ASSESS = "assess"
    RAISE_REFERRAL = "raise_referral"
    SEE_REFERRAL = "see_referral"
    OPEN_COMPETITION = "open_competition"
    SEE_COMPETITION = "see_competition"
    EVALUATE = "evaluate"
    AWARD = "award"
    AUTHORISE_FUNDING = "authorise_funding"
    ADMIT_EXCEPTION = "admit_exception"
    OPEN_AGREEMENT = "open_agreement"
    SEE_AGREEMENT = "see_agreement"
    SEE_REGISTER = "see_register"
    SEE_RECORD = "see_record"
    BID = "bid"


@dataclass(frozen=True, slots=True)
class Authority:
    """One council. `offer_code` is S9's setting: a link offer needs a code sent to the phone."""

    key: str
    name: str
    legal_basis: str
    offer_code: bool = True
    urgent_waits_for_morning: bool = False
    office_phone: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does a thing: a person of an authority, a provider's user, or the system."""

    role: Role
    name: str
    authority: str | None = None
    person_id: PersonId | None = None
    provider_id: UUID | None = None

    @property
    def key(self) -> str:
        """Name the actor in the record: an id, never a name, so that a person can be forgotten."""
        if self.person_id:
            return f"person:{self.person_id}"
        return f"provider:{self.provider_id}" if self.provider_id else self.role.value


@dataclass(frozen=True, slots=True)
class Person:
    id: PersonId
    authority: str | None
    name: str
    role: Role
    email: str
    provider_id: UUID | None = None
    weekly_limit: Decimal | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.role, self.name, self.authority, self.id, self.provider_id)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. Only the hash of its id is stored."""

    person: Person
    expires_at: datetime
    seen_at: datetime
