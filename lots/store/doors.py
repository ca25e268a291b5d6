"""Read and keep what opens an application: links, codes, browsers (A13)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from lots.errors import LinkNotUsable
from lots.model import ApplicantLink, ApplicationId
from lots.rules.doors import CODE_LIFE, CODE_SENDS, CODE_TRIES, VISIT_IDLE, VISIT_LONGEST
from lots.tables import APPLICANT_CODE, APPLICANT_LINK, APPLICANT_VISIT


def add_link(db: Connection, token_hash: bytes, link: ApplicantLink, now: datetime) -> None:
    """Keep a link that goes out."""
    db.execute(
        insert(APPLICANT_LINK).values(
            token_hash=token_hash,
            email=link.email,
            firm=link.firm,
            application_id=link.application_id,
            made_at=now,
            expires_at=link.expires_at,
        )
    )


def link(db: Connection, token_hash: bytes, now: datetime, *, hold: bool = False) -> ApplicantLink:
    """Find a link; raise `LinkNotUsable`."""
    wanted = select(APPLICANT_LINK).where(APPLICANT_LINK.c.token_hash == token_hash, APPLICANT_LINK.c.expires_at > now)
    row = db.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    if row is None:
        raise LinkNotUsable
    application_id = None if row.application_id is None else ApplicationId(row.application_id)
    return ApplicantLink(row.email, row.firm, application_id, row.expires_at)


def application_of(db: Connection, email: str, firm: str) -> ApplicationId | None:
    """Find the application that somebody last went on with by links to this address for this firm."""
    found: UUID | None = db.scalar(
        select(APPLICANT_LINK.c.application_id)
        .where(
            func.lower(APPLICANT_LINK.c.email) == email.lower(),
            func.lower(APPLICANT_LINK.c.firm) == firm.lower(),
            APPLICANT_LINK.c.application_id.is_not(None),
        )
        .order_by(APPLICANT_LINK.c.made_at.desc())
        .limit(1)
    )
    return None if found is None else ApplicationId(found)


def use_link(db: Connection, token_hash: bytes, application_id: ApplicationId) -> None:
    """Say which application a link opens."""
    db.execute(
        update(APPLICANT_LINK).where(APPLICANT_LINK.c.token_hash == token_hash).values(application_id=application_id)
    )


def pass_links_on(db: Connection, before: ApplicationId, after: ApplicationId) -> None:
    """Let the links and browsers of one application open the next one of the same firm."""
    for table in (APPLICANT_LINK, APPLICANT_VISIT):
        db.execute(update(table).where(table.c.application_id == before).values(application_id=after))


def save_code(db: Connection, code_id: UUID, code_hash: bytes, now: datetime) -> bool:
    """Keep a new code in place of the last one; False when too many were sent lately."""
    values = {"code_hash": code_hash, "sent_at": now, "expires_at": now + CODE_LIFE, "tries": 0, "used": False}
    fresh = APPLICANT_CODE.c.sent_at < now - CODE_LIFE
    done = db.execute(
        upsert(APPLICANT_CODE)
        .values(id=code_id, sends=1, **values)
        .on_conflict_do_update(
            constraint="pk_applicant_code",
            set_=values | {"sends": case((fresh, 1), else_=APPLICANT_CODE.c.sends + 1)},
            where=fresh | (APPLICANT_CODE.c.sends < CODE_SENDS),
        )
        .returning(APPLICANT_CODE.c.sends)
    ).one_or_none()
    return done is not None


def spend_try(db: Connection, code_id: UUID, now: datetime) -> tuple[bytes, int] | None:
    """Charge one try before comparing, so that guessing in parallel gains nothing; None when there is none left."""
    row = db.execute(
        update(APPLICANT_CODE)
        .where(
            APPLICANT_CODE.c.id == code_id,
            APPLICANT_CODE.c.used.is_(False),
            APPLICANT_CODE.c.tries < CODE_TRIES,
            APPLICANT_CODE.c.expires_at > now,
        )
        .values(tries=APPLICANT_CODE.c.tries + 1)
        .returning(APPLICANT_CODE.c.code_hash, APPLICANT_CODE.c.tries)
    ).one_or_none()
    return (row.code_hash, CODE_TRIES - row.tries) if row else None


def use_code(db: Connection, code_id: UUID, code_hash: bytes) -> bool:
    """Use a code up; False when somebody used it a moment earlier."""
    used = db.execute(
        update(APPLICANT_CODE)
        .where(
            APPLICANT_CODE.c.id == code_id, APPLICANT_CODE.c.code_hash == code_hash, APPLICANT_CODE.c.used.is_(False)
        )
        .values(used=True)
    )
    return used.rowcount == 1


def open_visit(db: Connection, id_hash: bytes, application_id: ApplicationId, now: datetime) -> None:
    """Let a browser in; visits that are over are forgotten."""
    db.execute(delete(APPLICANT_VISIT).where(APPLICANT_VISIT.c.made_at < now - VISIT_LONGEST))
    db.execute(insert(APPLICANT_VISIT).values(id_hash=id_hash, application_id=application_id, made_at=now, seen_at=now))


def visited(db: Connection, id_hash: bytes, now: datetime) -> ApplicationId | None:
    """Find which application a browser may work on; it has neither idled nor aged out."""
    row: UUID | None = db.scalar(
        update(APPLICANT_VISIT)
        .where(
            APPLICANT_VISIT.c.id_hash == id_hash,
            APPLICANT_VISIT.c.made_at > now - VISIT_LONGEST,
            APPLICANT_VISIT.c.seen_at > now - VISIT_IDLE,
        )
        .values(seen_at=now)
        .returning(APPLICANT_VISIT.c.application_id)
    )
    return None if row is None else ApplicationId(row)


def close_visit(db: Connection, id_hash: bytes) -> None:
    """Let a browser out."""
    db.execute(delete(APPLICANT_VISIT).where(APPLICANT_VISIT.c.id_hash == id_hash))
