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
        Permission.SEE_NIGHTS,
    }
)
_PROVIDER: Final = frozenset({Permission.BID, Permission.SEE_AGREEMENT, Permission.DELIVER})
GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.PLACEMENTS: _STAFF | {Permission.RAISE_REFERRAL, Permission.OPEN_COMPETITION, Permission.REVIEW_PLACEMENT},
    Role.COORDINATOR: _STAFF
    | {
        Permission.RAISE_REFERRAL,
        Permission.OPEN_COMPETITION,
        Permission.EVALUATE,
        Permission.AWARD,
        Permission.OPEN_AGREEMENT,
        Permission.REVIEW_PLACEMENT,
        Permission.VARY_AGREEMENT,
        Permission.END_AGREEMENT,
        Permission.ACKNOWLEDGE_CONCERN,
        Permission.EXPORT_LEDGER,
        Permission.PLACE_NOW,
        Permission.SHARE,
    },
    Role.APPROVER: _STAFF | {Permission.AUTHORISE_FUNDING, Permission.ADMIT_EXCEPTION, Permission.EXPORT_LEDGER},
    Role.COMMISSIONER: frozenset(
        {
            Permission.SEE_REGISTER,
            Permission.SEE_AGREEMENT,
            Permission.SET_PRICES,
            Permission.CONSENT_SUBCONTRACTOR,
            Permission.CHANGE_SPECIFICATION,
            Permission.AUTHORISE_SPECIFICATION,
            Permission.SEE_EQUALITY,
            Permission.EXPORT_LEDGER,
        }
    ),
    Role.QUALITY: frozenset(
        {
            Permission.SEE_REGISTER,
            Permission.SEE_AGREEMENT,
            Permission.CHANGE_STANDING,
            Permission.DECIDE_EVIDENCE,
            Permission.ACKNOWLEDGE_CONCERN,
        }
    ),
    Role.DPS_ADMIN: frozenset(
        {
            Permission.SEE_REGISTER,
            Permission.ASSESS_APPLICATION,
            Permission.CHANGE_STANDING,
            Permission.DECIDE_EVIDENCE,
            Permission.SET_PRICES,
            Permission.CHANGE_SPECIFICATION,
            Permission.SEE_EQUALITY,
        }
    ),
    Role.CARELINE: frozenset({Permission.SEE_REGISTER, Permission.SEE_NIGHTS, Permission.PLACE_NOW}),
    Role.AUDITOR: _STAFF | {Permission.SEE_RECORD, Permission.SEE_SIGHTS},
    Role.AUTHORITY_ADMIN: frozenset(
        {Permission.MANAGE_PEOPLE, Permission.MANAGE_SETTINGS, Permission.SHARE, Permission.SEE_REGISTER}
    ),
    Role.PROVIDER: _PROVIDER,
    Role.PROVIDER_ADMIN: _PROVIDER | {Permission.MANAGE_FIRM, Permission.MANAGE_PEOPLE, Permission.APPLY},
    Role.APPLICANT: frozenset({Permission.APPLY}),
    Role.OPERATOR: frozenset({Permission.SEE_HEALTH}),
    Role.SYSTEM: frozenset(),
}
"""Least privilege: the operator of the system sees no council's business, the administrator of people no young person.

A placements officer's colleague who audits reads; the DPS administrator decides about firms and sees no referral.
"""


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
