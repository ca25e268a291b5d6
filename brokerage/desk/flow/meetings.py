"""Provider and young person meet before the start (A26)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.desk.flow.agreements import for_provider
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from placements import service, store
from placements.errors import NoSuchMeeting
from placements.events import MeetingHeld, MeetingPlanned
from placements.model import MeetingId, MeetingKind


def plan_meeting(work: Work, award_id: UUID, kind: MeetingKind, on: date, note: str) -> MeetingPlanned:
    """Plan a meeting or a visit, and tell the provider the day (A26)."""
    work.require(Permission.REVIEW_PLACEMENT)
    found = competition_store.award(work.db, work.authority, award_id)
    competition = competition_store.competition(work.db, work.authority, found.competition_id)
    referral = referral_store.referral(work.db, work.authority, competition.referral_id, editions())
    words = for_provider(referral, note) or ""
    event = service.plan_meeting(
        work.db,
        work.authority,
        award_id,
        found.provider_id,
        competition.reference,
        kind,
        on,
        words,
        work.person_id,
        work.now,
    )
    work.record(event, competition.referral_id)
    return event


def record_meeting(work: Work, award_id: UUID, meeting_id: UUID, held_on: date | None, note: str) -> MeetingHeld:
    """Record that a meeting was held, or called off where there is no day (A26)."""
    work.require(Permission.REVIEW_PLACEMENT)
    found = competition_store.award(work.db, work.authority, award_id)
    competition = competition_store.competition(work.db, work.authority, found.competition_id)
    referral = referral_store.referral(work.db, work.authority, competition.referral_id, editions())
    if meeting_id not in {one.id for one in store.meetings(work.db, work.authority, award_id)}:
        raise NoSuchMeeting(meeting_id)
    words = for_provider(referral, note) or ""
    event = service.record_meeting(
        work.db, work.authority, MeetingId(meeting_id), held_on, words, work.person_id, work.tick()
    )
    work.record(event, competition.referral_id)
    return event
