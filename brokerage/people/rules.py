"""What each role may do, and how long a session lasts."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from brokerage.people.errors import NotAllowed
from brokerage.people.model import Actor, Permission, Role

SESSION_IDLE: Final = timedelta(minutes=60)
SESSION_LONGEST: Final = timedelta(hours=12)

_STAFF: Final = frozenset(
    {
        Permission.ASSESS,
        Permission.SEE_REFERRAL,
        Permission.SEE_COMPETITION,
        Permission.SEE_AGREEMENT,
        Permission.SEE_REGISTER,
    }
)
GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.PLACEMENTS: _STAFF | {Permission.RAISE_REFERRAL, Permission.OPEN_COMPETITION},
    Role.COORDINATOR: _STAFF
    | {
        Permission.RAISE_REFERRAL,
        Permission.OPEN_COMPETITION,
        Permission.EVALUATE,
        Permission.AWARD,
        Permission.OPEN_AGREEMENT,
    },
    Role.APPROVER: _STAFF | {Permission.AUTHORISE_FUNDING, Permission.ADMIT_EXCEPTION},
    Role.AUDITOR: _STAFF | {Permission.SEE_RECORD},
    Role.PROVIDER: frozenset({Permission.BID, Permission.SEE_AGREEMENT}),
    Role.SYSTEM: frozenset(),
}


def may(actor: Actor, permission: Permission) -> bool:
    return permission in GRANTS[actor.role]


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor whose role lacks the permission. Raises NotAllowed."""
    if not may(actor, permission):
        raise NotAllowed(permission, actor.role)


def new_secret() -> str:
    """Make an unguessable key of 192 bits: a bearer token or a session id."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> bytes:
    """Hash a secret for storage; the secret itself is stored nowhere."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(session_secret: str) -> str:
    """Derive the form token of a session, so that a token of another session cannot serve."""
    return hashlib.sha256(b"form:" + session_secret.encode()).hexdigest()[:40]
