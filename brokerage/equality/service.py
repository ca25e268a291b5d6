"""Keep, delete and report equality answers (A45)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from brokerage.equality import store
from brokerage.equality.errors import ConsentMissing, NothingGiven
from brokerage.equality.events import EqualityRecorded, EqualityWithdrawn
from brokerage.equality.model import PURPOSE, EqualityAnswers


def record_equality(
    db: Connection,
    authority: str,
    referral_id: UUID,
    answers: EqualityAnswers,
    by: UUID,
    now: datetime,
    *,
    consented: bool,
) -> EqualityRecorded:
    """Keep a young person's answers, by consent. Raises ConsentMissing."""
    if not consented:
        raise ConsentMissing
    store.save_answers(db, authority, referral_id, answers, PURPOSE, by, now)
    return EqualityRecorded(authority, referral_id, PURPOSE, by)


def withdraw_equality(db: Connection, authority: str, referral_id: UUID, by: UUID) -> EqualityWithdrawn:
    """Delete a young person's answers when the consent is taken back. Raises NothingGiven."""
    if not store.delete_answers(db, authority, referral_id):
        raise NothingGiven
    return EqualityWithdrawn(authority, referral_id, by)
