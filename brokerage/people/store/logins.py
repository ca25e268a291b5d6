"""Every statement about how people sign in: passwords, apps, codes, links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, any_, case, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.people.model import Login, PersonId, Purpose
from brokerage.people.rules import CODE_TRIES
from brokerage.people.tables import LOGIN, LOGIN_ASKED, LOGIN_CODE, LOGIN_LINK

_COLUMNS = tuple(
    LOGIN.c[name] for name in ("person_id", "email", "password_hash", "app_key", "mobile", "issuer", "subject")
)


def login(db: Connection, person_id: UUID) -> Login | None:
    return _read(db.execute(select(*_COLUMNS).where(LOGIN.c.person_id == person_id)).one_or_none())


def login_by_email(db: Connection, email: str) -> Login | None:
    """Find who signs in with an address, written as `folded` writes it."""
    return _read(db.execute(select(*_COLUMNS).where(LOGIN.c.email == email)).one_or_none())


def login_by_subject(db: Connection, issuer: str, subject: str) -> Login | None:
    wanted = select(*_COLUMNS).where(LOGIN.c.issuer == issuer, LOGIN.c.subject == subject)
    return _read(db.execute(wanted).one_or_none())


def bind(db: Connection, person_id: UUID, issuer: str, subject: str) -> bool:
    """Tie a person to somebody of a sign-in service; False where they are tied to somebody already."""
    done = db.execute(
        update(LOGIN)
        .where(LOGIN.c.person_id == person_id, LOGIN.c.subject.is_(None))
        .values(issuer=issuer, subject=subject)
    )
    return done.rowcount == 1


def save_password(db: Connection, person_id: UUID, password_hash: str) -> None:
    db.execute(update(LOGIN).where(LOGIN.c.person_id == person_id).values(password_hash=password_hash))


def save_means(
    db: Connection, person_id: UUID, app_key: str | None, step: int, recovery: list[bytes], mobile: str | None
) -> None:
    """Put where the codes come from in place of what was chosen before."""
    db.execute(
        update(LOGIN)
        .where(LOGIN.c.person_id == person_id)
        .values(app_key=app_key, app_step=step, recovery=recovery, mobile=mobile)
    )


def forget_login(db: Connection, person_id: UUID) -> None:
    """Take away every way in: somebody leaves."""
    for table in (LOGIN_LINK, LOGIN_CODE, LOGIN):
        db.execute(delete(table).where(table.c.person_id == person_id))


def use_step(db: Connection, person_id: UUID, step: int) -> bool:
    """Use an app's half minute up; False when it, or a later one, was used already."""
    done = db.execute(
        update(LOGIN).where(LOGIN.c.person_id == person_id, LOGIN.c.app_step < step).values(app_step=step)
    )
    return done.rowcount == 1


def use_recovery(db: Connection, person_id: UUID, code_hash: bytes) -> bool:
    """Use a recovery code up; False where there is no such one."""
    done = db.execute(
        update(LOGIN)
        .where(LOGIN.c.person_id == person_id, literal(code_hash) == any_(LOGIN.c.recovery))
        .values(recovery=func.array_remove(LOGIN.c.recovery, code_hash))
    )
    return done.rowcount == 1


def save_code(
    db: Connection,
    person_id: UUID,
    code_hash: bytes,
    now: datetime,
    expires_at: datetime,
    most_sends: int,
    within: timedelta,
) -> bool:
    """Keep a new code in place of the last one; False when too many were sent lately."""
    values = {"code_hash": code_hash, "sent_at": now, "expires_at": expires_at, "tries": 0, "used": False}
    fresh = LOGIN_CODE.c.sent_at < now - within
    done = db.execute(
        upsert(LOGIN_CODE)
        .values(person_id=person_id, sends=1, **values)
        .on_conflict_do_update(
            constraint="login_code_pkey",
            set_=values | {"sends": case((fresh, 1), else_=LOGIN_CODE.c.sends + 1)},
            where=fresh | (LOGIN_CODE.c.sends < most_sends),
        )
        .returning(LOGIN_CODE.c.sends)
    ).one_or_none()
    return done is not None


def spend_try(db: Connection, person_id: UUID, now: datetime) -> bytes | None:
    """Charge one try before comparing, so that guessing in parallel gains nothing; None when there is none left."""
    found: bytes | None = db.execute(
        update(LOGIN_CODE)
        .where(
            LOGIN_CODE.c.person_id == person_id,
            LOGIN_CODE.c.used.is_(False),
            LOGIN_CODE.c.tries < CODE_TRIES,
            LOGIN_CODE.c.expires_at > now,
        )
        .values(tries=LOGIN_CODE.c.tries + 1)
        .returning(LOGIN_CODE.c.code_hash)
    ).scalar_one_or_none()
    return found


def use_code(db: Connection, person_id: UUID, code_hash: bytes) -> bool:
    """Use a code up; False when somebody used it a moment earlier."""
    done = db.execute(
        update(LOGIN_CODE)
        .where(LOGIN_CODE.c.person_id == person_id, LOGIN_CODE.c.code_hash == code_hash, LOGIN_CODE.c.used.is_(False))
        .values(used=True)
    )
    return done.rowcount == 1


def save_link(db: Connection, token_hash: bytes, person_id: UUID, purpose: Purpose, expires_at: datetime) -> None:
    """Keep a link in place of those sent before for the same purpose."""
    older = (LOGIN_LINK.c.person_id == person_id) & (LOGIN_LINK.c.purpose == purpose.value)
    db.execute(delete(LOGIN_LINK).where(older))
    db.execute(
        insert(LOGIN_LINK).values(
            token_hash=token_hash, person_id=person_id, purpose=purpose.value, expires_at=expires_at
        )
    )


def link(db: Connection, token_hash: bytes, purposes: tuple[Purpose, ...], now: datetime) -> PersonId | None:
    """Say whose link this is, without using it up."""
    found = db.scalar(
        select(LOGIN_LINK.c.person_id).where(
            LOGIN_LINK.c.token_hash == token_hash,
            LOGIN_LINK.c.purpose.in_([purpose.value for purpose in purposes]),
            LOGIN_LINK.c.used_at.is_(None),
            LOGIN_LINK.c.expires_at > now,
        )
    )
    return PersonId(found) if found else None


def use_link(
    db: Connection, token_hash: bytes, purposes: tuple[Purpose, ...], now: datetime
) -> tuple[PersonId, Purpose] | None:
    """Use a link up; None where it is used, too old, or was never there."""
    row = db.execute(
        update(LOGIN_LINK)
        .where(
            LOGIN_LINK.c.token_hash == token_hash,
            LOGIN_LINK.c.purpose.in_([purpose.value for purpose in purposes]),
            LOGIN_LINK.c.used_at.is_(None),
            LOGIN_LINK.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(LOGIN_LINK.c.person_id, LOGIN_LINK.c.purpose)
    ).one_or_none()
    return (PersonId(row.person_id), Purpose(row.purpose)) if row else None


def ask(db: Connection, asked_id: UUID, email: str, purpose: Purpose, now: datetime) -> None:
    """Note that a link was asked for an address, known or not."""
    db.execute(insert(LOGIN_ASKED).values(id=asked_id, email=email, purpose=purpose.value, asked_at=now))


def take_asked(db: Connection, most: int) -> list[tuple[UUID, str, Purpose, datetime]]:
    """Take what was asked, each by one worker."""
    some = select(LOGIN_ASKED.c.id).order_by(LOGIN_ASKED.c.asked_at).limit(most).with_for_update(skip_locked=True)
    rows = db.execute(delete(LOGIN_ASKED).where(LOGIN_ASKED.c.id.in_(some)).returning(*LOGIN_ASKED.c)).all()
    return [(row.id, row.email, Purpose(row.purpose), row.asked_at) for row in rows]


def sweep_logins(db: Connection, now: datetime) -> int:
    """Take away links and codes that are over; answer how many."""
    links = db.execute(delete(LOGIN_LINK).where(LOGIN_LINK.c.expires_at <= now)).rowcount
    return links + db.execute(delete(LOGIN_CODE).where(LOGIN_CODE.c.expires_at <= now - timedelta(days=1))).rowcount


def _read(row: Row[Any] | None) -> Login | None:
    return Login(**row._mapping) if row else None
