"""Equality answers, by consent and apart from the referral (A45)."""

from __future__ import annotations

from uuid import UUID

from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.equality import service as equality
from brokerage.equality.events import EqualityRecorded, EqualityWithdrawn
from brokerage.equality.model import EqualityAnswers
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store


def record_equality(work: Work, referral_id: UUID, answers: EqualityAnswers, *, consented: bool) -> EqualityRecorded:
    """Keep what a young person said about themselves. Raises NoSuchReferral, ConsentMissing."""
    work.require(Permission.RAISE_REFERRAL)
    referral_store.referral(work.db, work.authority, referral_id, editions())
    event = equality.record_equality(
        work.db, work.authority, referral_id, answers, work.person_id, work.now, consented=consented
    )
    work.record(event, referral_id)
    return event


def withdraw_equality(work: Work, referral_id: UUID) -> EqualityWithdrawn:
    """Delete it when the consent is taken back. Raises NoSuchReferral, NothingGiven."""
    work.require(Permission.RAISE_REFERRAL)
    referral_store.referral(work.db, work.authority, referral_id, editions())
    event = equality.withdraw_equality(work.db, work.authority, referral_id, work.person_id)
    work.record(event, referral_id)
    return event
