"""One council lets another read one referral: an explicit, recorded grant (A4)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from brokerage.desk.clock import LONDON
from brokerage.desk.sights import rules, store
from brokerage.desk.sights.model import Share
from brokerage.desk.work import Work
from brokerage.people import store as people
from brokerage.people.errors import NoSuchAuthority
from brokerage.people.model import Permission
from brokerage.people.rules import digest
from brokerage.reading import Fault, NotValid
from brokerage.referrals import store as referrals
from brokerage.referrals.errors import AlreadyShared, NoSuchShare
from brokerage.referrals.events import ReferralShared, ShareEnded


def share_referral(work: Work, referral_id: UUID, with_authority: str, until_on: date, reason: str) -> ReferralShared:
    """Let another council read one referral of the own, through a day.

    Raises NoSuchReferral, NoSuchAuthority, AlreadyShared, and NotValid for a day that is past or too far.
    """
    work.require(Permission.SHARE)
    referrals.state_of(work.db, work.authority, referral_id)
    if with_authority == work.authority or people.authority(work.db, with_authority) is None:
        raise NoSuchAuthority(with_authority)
    if not work.today <= until_on <= work.today + rules.SHARED_AT_MOST:
        most = rules.SHARED_AT_MOST.days
        raise NotValid((Fault("/until_on", f"The last day must be today or later, and at most {most} days from now"),))
    for one in store.shares(work.db, of=work.authority, to=with_authority, referral_id=referral_id):
        if one.ended_at is None:
            raise AlreadyShared(one.until_on)
    share = Share(work.authority, uuid4(), referral_id, with_authority, reason, until_on, work.person_id, work.now)
    store.add_share(work.db, share)
    midnight = datetime.combine(until_on + timedelta(days=1), time(0), LONDON)
    event = ReferralShared(
        work.authority, referral_id, share.id, with_authority, until_on, midnight, digest(reason).hex()
    )
    work.record(event, referral_id)
    return event


def end_share(work: Work, share_id: UUID) -> ShareEnded:
    """End a grant of the own council before its day. Raises NoSuchShare."""
    work.require(Permission.SHARE)
    event = share_runs_out(work, share_id)
    if event is None:
        raise NoSuchShare
    return event


def share_runs_out(work: Work, share_id: UUID) -> ShareEnded | None:
    """End a grant whose day is over; None where it has ended already."""
    found = next((one for one in store.shares(work.db, of=work.authority) if one.id == share_id), None)
    if found is None or not store.end_share(work.db, work.authority, share_id, work.now):
        return None
    event = ShareEnded(work.authority, found.referral_id, share_id, found.with_authority)
    work.record(event, found.referral_id)
    return event
