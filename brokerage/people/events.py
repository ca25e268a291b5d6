"""What has happened to people and how they sign in. Secrets and addresses are marked so that no record holds them.

`authority` is the person's own, for a provider's user and the operator the council that keeps the register.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from brokerage.people.model import Means, PersonId, Purpose, Role

OFF_RECORD: Final = {"record": False}


@dataclass(frozen=True, slots=True)
class PersonAdded:
    authority: str
    person_id: PersonId
    roles: tuple[Role, ...]
    provider_id: UUID | None


@dataclass(frozen=True, slots=True)
class RolesChanged:
    authority: str
    person_id: PersonId
    roles: tuple[Role, ...]
    before: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class WeeklyLimitChanged:
    authority: str
    person_id: PersonId
    weekly_limit: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class PersonLeft:
    authority: str
    person_id: PersonId


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """Sessions ended by their owner or an administrator, and how many."""

    authority: str
    person_id: PersonId
    ended: int


@dataclass(frozen=True, slots=True)
class KeyRenewed:
    authority: str
    person_id: PersonId


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    authority: str
    person_id: PersonId


@dataclass(frozen=True, slots=True)
class LinkSent:
    authority: str
    person_id: PersonId
    purpose: Purpose
    link_id: UUID
    expires_at: datetime
    email: str = field(metadata=OFF_RECORD, repr=False)
    token: str = field(metadata=OFF_RECORD, repr=False)


@dataclass(frozen=True, slots=True)
class LoginCodeSent:
    authority: str
    person_id: PersonId
    means: Means
    code_id: UUID
    expires_at: datetime
    address: str = field(metadata=OFF_RECORD, repr=False)
    code: str = field(metadata=OFF_RECORD, repr=False)


@dataclass(frozen=True, slots=True)
class PasswordSet:
    authority: str
    person_id: PersonId
    change_id: UUID
    email: str = field(metadata=OFF_RECORD, repr=False)


@dataclass(frozen=True, slots=True)
class MeansChosen:
    """Somebody chose where their one-time codes come from."""

    authority: str
    person_id: PersonId
    means: Means
    change_id: UUID
    email: str = field(metadata=OFF_RECORD, repr=False)


@dataclass(frozen=True, slots=True)
class LoginBound:
    """An invited person signed in by the council's own service for the first time."""

    authority: str
    person_id: PersonId
