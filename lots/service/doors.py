"""Let an applicant in: a link by e-mail, a code, a browser that entered it; confirm mobiles (A13, S9)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection

from lots.errors import CodeNotRight, CodesUsedUp
from lots.events import ApplicantCodeSent, ApplicantLinkSent
from lots.model import ApplicantLink, ApplicationId
from lots.rules import doors as rules
from lots.store import doors as store


def send_link(db: Connection, email: str, firm: str, now: datetime) -> ApplicantLinkSent:
    """Make a link to a firm's application, or to a new one where there is none under this address."""
    token, ends = rules.new_token(), now + rules.LINK_LIFE
    kept = ApplicantLink(email, firm, store.application_of(db, email, firm), ends)
    store.add_link(db, rules.secret_hash(token), kept, now)
    return ApplicantLinkSent(uuid4(), ends, email, token)


def send_code(db: Connection, code_id: UUID, now: datetime, *, email: str = "", mobile: str = "") -> ApplicantCodeSent:
    """Make a code in place of the last one for the same thing; raise `CodesUsedUp`."""
    code = rules.new_code()
    if not store.save_code(db, code_id, rules.code_hash(code_id, code), now):
        raise CodesUsedUp
    return ApplicantCodeSent(code_id, now + rules.CODE_LIFE, email, mobile, code)


def spend_try(db: Connection, code_id: UUID, code: str, now: datetime) -> int | None:
    """Charge one try at a code; None when it is right, else the tries left."""
    kept = store.spend_try(db, code_id, now)
    if kept is None:
        return 0
    hashed, left = kept
    return None if hashed == rules.code_hash(code_id, code) else left


def use_code(db: Connection, code_id: UUID, code: str) -> None:
    """Use a code up; raise `CodeNotRight` where somebody did a moment earlier."""
    if not store.use_code(db, code_id, rules.code_hash(code_id, code)):
        raise CodeNotRight(0)


def code_of_link(token: str) -> UUID:
    """Name the code of a link."""
    return UUID(bytes=rules.secret_hash(token)[:16])


def code_of_mobile(application_id: ApplicationId, mobile: str) -> UUID:
    """Name the code of a mobile in an application."""
    return uuid5(application_id, mobile)
