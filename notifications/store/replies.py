"""What comes back: reports, texts, and who wants none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from notifications.model import Message, Report, Status
from notifications.rules import final
from notifications.tables import INBOUND_TEXT, MESSAGE, MESSAGE_REPORT, OPT_OUT


def add_report(db: Connection, message: Message, report: Report, now: datetime) -> bool:
    """Keep what the provider said; False where it said so before."""
    new = db.execute(
        insert(MESSAGE_REPORT)
        .values(
            authority=message.authority,
            message_id=message.id,
            provider_ref=report.provider_ref,
            status=report.status,
            received_at=now,
        )
        .on_conflict_do_nothing(constraint="message_report_pkey")
        .returning(MESSAGE_REPORT.c.status)
    )
    return new.one_or_none() is not None


def save_report(db: Connection, message: Message, report: Report, status: Status, now: datetime) -> None:
    """Move a held message to where a report leads it; a try that is still running is over with it."""
    db.execute(
        update(MESSAGE)
        .where(MESSAGE.c.authority == message.authority, MESSAGE.c.id == message.id)
        .values(
            status=status.value,
            lease_until=None,
            sent_at=message.sent_at or now,
            settled_at=now if final(status) else None,
            provider_ref=message.provider_ref or report.provider_ref,
            last_error=report.reason or message.last_error,
        )
    )


def opt_out(db: Connection, number: str, now: datetime) -> None:
    """Send no more texts to a number; one that opted out before keeps its day."""
    db.execute(
        insert(OPT_OUT)
        .values(number=number, since=now)
        .on_conflict_do_update(
            constraint="opt_out_pkey", set_={"since": now, "lifted_at": None}, where=OPT_OUT.c.lifted_at.is_not(None)
        )
    )


def opt_in(db: Connection, number: str, now: datetime) -> None:
    """Send texts to a number again."""
    db.execute(
        update(OPT_OUT)
        .where(OPT_OUT.c.number == number, OPT_OUT.c.lifted_at.is_(None))
        .values(lifted_at=func.greatest(now, OPT_OUT.c.since))
    )


def opted_out(db: Connection, number: str) -> bool:
    return (
        db.execute(
            select(OPT_OUT.c.number).where(OPT_OUT.c.number == number, OPT_OUT.c.lifted_at.is_(None))
        ).one_or_none()
        is not None
    )


def add_inbound(db: Connection, sid: str, now: datetime) -> UUID | None:
    """Note that a text came in, or None where it came in before. A second delivery waits for the first one's end."""
    new: UUID | None = db.execute(
        insert(INBOUND_TEXT)
        .values(id=uuid4(), sid=sid, did="nothing", at=now)
        .on_conflict_do_nothing(constraint="inbound_text_sid_key")
        .returning(INBOUND_TEXT.c.id)
    ).scalar_one_or_none()
    return new


def save_inbound(db: Connection, inbound_id: UUID, provider_id: UUID | None, did: str) -> None:
    db.execute(update(INBOUND_TEXT).where(INBOUND_TEXT.c.id == inbound_id).values(provider_id=provider_id, did=did))


def answered_since(db: Connection, provider_id: UUID, since: datetime, did: str | None = None) -> int:
    """Count the texts of a provider that were answered with one since an instant; `did` narrows."""
    wanted = select(func.count()).where(
        INBOUND_TEXT.c.provider_id == provider_id,
        INBOUND_TEXT.c.at > since,
        INBOUND_TEXT.c.did.in_([did] if did else ["link", "decline", "help"]),
    )
    return db.execute(wanted).scalar_one()
