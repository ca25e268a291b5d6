"""Make and judge what opens an application: links, codes, browsers that entered one (A13, S9)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

LINK_LIFE: Final = timedelta(days=30)
"""An application takes weeks to write; a new link is one form away."""

CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
CODE_SENDS: Final = 5
VISIT_IDLE: Final = timedelta(minutes=60)
VISIT_LONGEST: Final = timedelta(hours=12)


def new_token() -> str:
    """Make an unguessable link token of 128 bits."""
    return secrets.token_urlsafe(16)


def new_code() -> str:
    """Make a code of six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def secret_hash(secret: str) -> bytes:
    """Hash a link's or browser's secret for storage; the secret itself is stored nowhere."""
    return hashlib.sha256(secret.encode()).digest()


def code_hash(code_id: UUID, code: str) -> bytes:
    """Hash a code with what it is for, so that equal codes do not look equal."""
    return hashlib.sha256(code_id.bytes + code.encode()).digest()
