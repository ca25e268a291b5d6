"""What each role may do, which roles go together, how long things last, and what passes for a secret."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from brokerage.people.errors import LimitUnfit, NotAllowed, NotYourself, PasswordTooEasy, ProofNeeded, RolesUnfit
from brokerage.people.model import Actor, Limit, Permission, Person, Purpose, Role, Session

SESSION_IDLE: Final = timedelta(minutes=60)
SESSION_LONGEST: Final = timedelta(hours=12)
HALF_SESSION: Final = timedelta(minutes=15)
"""How long somebody may take from the password to the code."""
LINK_LIFE: Final[Mapping[Purpose, timedelta]] = {
    Purpose.SET_UP: timedelta(hours=24),
    Purpose.RESET: timedelta(minutes=60),
    Purpose.SIGN_IN: timedelta(minutes=15),
}
CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
CODE_SENDS: Final = 5
CODE_WITHIN: Final = timedelta(minutes=15)
"""A code is good for ten minutes and five tries, once; five are sent in a quarter of an hour."""

BY_ACCOUNT: Final = Limit("sign-in of an account", 10, timedelta(minutes=15))
BY_ADDRESS: Final = Limit("sign-in from an address", 100, timedelta(minutes=5))
"""Failures only: a whole council may sit behind one address."""
PROOFS: Final = Limit("one-time codes of an account", 10, timedelta(minutes=15))
LINKS_ASKED: Final = Limit("links asked for an account", 5, timedelta(hours=1))
LINKS_FROM: Final = Limit("links asked from an address", 30, timedelta(hours=1))
FORMS_FROM: Final = Limit("open forms from an address", 60, timedelta(hours=1))

STEP_UP: Final = frozenset({Permission.EVALUATE, Permission.AWARD, Permission.EXPORT_LEDGER, Permission.MANAGE_PEOPLE})
"""Reading and choosing offers, exports and the administration of people ask for a fresh proof of who sits there."""

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
    """Say whether any of the actor's roles includes the permission."""
    return any(permission in GRANTS[role] for role in actor.every_role)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor whose roles lack the permission. Raises NotAllowed; ProofNeeded where a fresh proof is due."""
    if not may(actor, permission):
        raise NotAllowed(permission, actor.role)
    if permission in STEP_UP and not actor.proven:
        raise ProofNeeded(permission)


def acting(session: Session, now: datetime, step_up: timedelta | None) -> Actor:
    """Give who acts in a session; `step_up` is how long a proof counts, None where the sign-in is proof enough."""
    actor = session.person.actor
    proven = step_up is None or (session.proved_at is not None and now - session.proved_at < step_up)
    return Actor(
        actor.role, actor.name, actor.authority, actor.person_id, actor.provider_id, actor.roles, proven=proven
    )


# Who manages whom ----------------------------------------------------------------------------------------------------

ALONE: Final = frozenset({Role.AUTHORITY_ADMIN, Role.AUDITOR, Role.OPERATOR})
"""Whoever gives roles, audits or runs the machines holds no other role."""

_MAIN: Final = tuple(Role)


def may_manage(actor: Actor, person: Person) -> bool:
    """Say whether somebody belongs to the council or firm whose people the actor administers."""
    if not may(actor, Permission.MANAGE_PEOPLE):
        return False
    if actor.provider_id is not None:
        return person.provider_id == actor.provider_id
    return actor.authority is not None and person.authority == actor.authority


def check_other(actor: Actor, person: Person) -> None:
    """Refuse a change of one's own rights. Raises NotYourself."""
    if actor.person_id == person.id:
        raise NotYourself


def roles_to_give(actor: Actor, *, keeps_register: bool) -> tuple[Role, ...]:
    """List the roles that an administrator may give: a firm's own, or a council's own."""
    if actor.provider_id is not None:
        return tuple(role for role in Role if role.of_provider)
    never = {Role.APPLICANT, Role.OPERATOR, Role.SYSTEM} | (set() if keeps_register else {Role.DPS_ADMIN})
    return tuple(role for role in Role if not role.of_provider and role not in never)


def check_roles(roles: Collection[Role], offered: Collection[Role]) -> tuple[Role, frozenset[Role]]:
    """Give the main role and the others. Raises RolesUnfit for one that is not offered or goes with no other."""
    if not roles:
        raise RolesUnfit("none", _MAIN[0])
    for role in roles:
        if role not in offered:
            raise RolesUnfit("elsewhere", role)
        if role in ALONE and len(set(roles)) > 1:
            raise RolesUnfit("alone", role)
    main = min(roles, key=_MAIN.index)
    return main, frozenset(roles) - {main}


def check_limit(roles: Collection[Role], limit: object) -> None:
    """Refuse a weekly limit for somebody who authorises no money. Raises LimitUnfit."""
    if limit is not None and not any(Permission.AUTHORISE_FUNDING in GRANTS[role] for role in roles):
        raise LimitUnfit


# Secrets -------------------------------------------------------------------------------------------------------------

PASSWORD_LEAST: Final = 12
PASSWORD_MOST: Final = 200
RECOVERY_CODES: Final = 8
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOT_LETTERS: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
_RUNS: Final = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


@cache
def _dummy() -> str:
    return _HASHER.hash(secrets.token_urlsafe(24))


@cache
def common() -> frozenset[str]:
    """Read the words that the first guesses are made of."""
    return frozenset((Path(__file__).parent / "common.txt").read_text(encoding="utf-8").split())


def check_password(password: str, person: Person) -> None:
    """Refuse a password that is short, or among the first guesses for this person. Raises PasswordTooEasy."""
    if len(password) < PASSWORD_LEAST:
        raise PasswordTooEasy("short", PASSWORD_LEAST)
    if len(password) > PASSWORD_MOST:
        raise PasswordTooEasy("long", PASSWORD_LEAST)
    plain = password.lower()
    own = {person.email.lower(), person.email.lower().partition("@")[0], "".join(person.name.lower().split())}
    letters = "".join(char for char in plain if char.isalnum())
    if plain in own or letters in {"".join(c for c in one if c.isalnum()) for one in own}:
        raise PasswordTooEasy("own", PASSWORD_LEAST)
    if len(set(plain)) < 5 or any(letters in run for run in _RUNS):
        raise PasswordTooEasy("common", PASSWORD_LEAST)
    disguised = plain.strip("0123456789!?.#*-_ ").translate(_NOT_LETTERS)
    words = {_stem(letters), _stem("".join(char for char in disguised if char.isalnum()))}
    own_words = {_stem("".join(c for c in one if c.isalnum())) for one in own}
    if words & (common() | own_words):
        raise PasswordTooEasy("common", PASSWORD_LEAST)


def _stem(letters: str) -> str:
    """Take figures from both ends, and a word said twice or more once: password1234, derbyderby."""
    word = letters.strip("0123456789")
    for length in range(3, len(word) // 2 + 1):
        if word == word[:length] * (len(word) // length):
            return word[:length].strip("0123456789")
    return word


def hash_password(password: str) -> str:
    """Hash a password with argon2id and a salt of its own."""
    return _HASHER.hash(password)


def password_right(password_hash: str | None, password: str) -> bool:
    """Compare a password; where there is none to compare with, the same work is done for nothing."""
    try:
        _HASHER.verify(password_hash or _dummy(), password[: PASSWORD_MOST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_app_key() -> str:
    """Make the key that an app on a phone shares with us, in base 32."""
    return pyotp.random_base32()


def app_address(app_key: str, email: str, service: str) -> str:
    """Write the key as the address that such apps read."""
    return pyotp.TOTP(app_key).provisioning_uri(name=email, issuer_name=service)


def app_step(app_key: str, typed: str, now: datetime) -> int | None:
    """Give the half minute that a code of the app belongs to, one either side of now; None where it is wrong."""
    totp, this = pyotp.TOTP(app_key), int(now.timestamp()) // 30
    code = "".join(typed.split()).encode()
    steps = [
        step for step in (this - 1, this, this + 1) if secrets.compare_digest(totp.generate_otp(step).encode(), code)
    ]
    return max(steps, default=None)


def app_key_right(app_key: str) -> bool:
    """Say whether this is a key that `new_app_key` makes."""
    try:
        return len(base64.b32decode(app_key)) == 20
    except ValueError:
        return False


def new_recovery_codes() -> tuple[str, ...]:
    """Make the codes that replace a lost phone, each once: 50 bits each."""
    made = (base64.b32encode(secrets.token_bytes(10))[:10].decode().lower() for _ in range(RECOVERY_CODES))
    return tuple(f"{one[:5]}-{one[5:]}" for one in made)


def recovery_hash(person_id: UUID, typed: str) -> bytes:
    return digest(f"recovery:{person_id}:{''.join(typed.lower().replace('-', '').split())}")


def new_code() -> str:
    """Make a one-time code of six figures."""
    return f"{secrets.randbelow(1_000_000):06}"


def code_hash(session: UUID, address: str, code: str) -> bytes:
    """Hash a code together with the session and the address it was sent for, so that it serves no other."""
    return digest(f"code:{session}:{address}:{''.join(code.split())}")


def new_secret() -> str:
    """Make an unguessable key of 192 bits: a bearer token or a session id."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> bytes:
    """Hash a secret for storage; the secret itself is stored nowhere."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(session_secret: str) -> str:
    """Derive the form token of a session, so that a token of another session cannot serve."""
    return hashlib.sha256(b"form:" + session_secret.encode()).hexdigest()[:40]


def folded(email: str) -> str:
    """Write an e-mail address as sign-ins compare it."""
    return email.strip().lower()
