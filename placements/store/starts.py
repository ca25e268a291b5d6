"""Read and keep meetings, the clock of full information and the release of an identity (A25, A26, S7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from lots.model import ProviderId
from placements.errors import NoSuchMeeting
from placements.model import (
    AgreementId,
    AgreementState,
    Information,
    Meeting,
    MeetingId,
    MeetingKind,
    MeetingState,
    Release,
)
from placements.tables import AGREEMENT, INFORMATION, MEETING, RELEASE


def meetings(db: Connection, authority: str, award_id: UUID) -> tuple[Meeting, ...]:
    """Read what was planned and held before a placement, by day (A26)."""
    rows = db.execute(
        select(MEETING)
        .where(MEETING.c.authority == authority, MEETING.c.award_id == award_id)
        .order_by(MEETING.c.on_day, MEETING.c.id)
    )
    return tuple(_meeting(row) for row in rows)


def hold_meeting(db: Connection, authority: str, meeting_id: MeetingId) -> Meeting:
    """Hold a meeting, to say what became of it; raise `NoSuchMeeting`."""
    row = db.execute(
        select(MEETING).where(MEETING.c.authority == authority, MEETING.c.id == meeting_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchMeeting(meeting_id)
    return _meeting(row)


def save_meeting(db: Connection, meeting: Meeting) -> None:
    """Keep a meeting, new or as it is now."""
    facts = {
        "provider_id": meeting.provider_id,
        "award_id": meeting.award_id,
        "kind": meeting.kind.value,
        "on_day": meeting.on,
        "state": meeting.state.value,
        "note": meeting.note,
        "recorded_by": meeting.recorded_by,
        "recorded_at": meeting.recorded_at,
    }
    db.execute(
        upsert(MEETING)
        .values(authority=meeting.authority, id=meeting.id, **facts)
        .on_conflict_do_update(constraint="pk_meeting", set_=facts)
    )


def information(db: Connection, authority: str, agreement_id: AgreementId, *, hold: bool = False) -> Information | None:
    """Read the clock of full information; `None` where the placement was no emergency (A25)."""
    wanted = select(INFORMATION).where(INFORMATION.c.authority == authority, INFORMATION.c.agreement_id == agreement_id)
    row = db.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    return None if row is None else _information(row)


def information_to_share(db: Connection, authority: str) -> tuple[Information, ...]:
    """Read the clocks that run, of agreements that have not ended, the first to run out first (A25)."""
    rows = db.execute(
        select(INFORMATION)
        .join(
            AGREEMENT,
            (AGREEMENT.c.authority == INFORMATION.c.authority) & (AGREEMENT.c.id == INFORMATION.c.agreement_id),
        )
        .where(
            INFORMATION.c.authority == authority,
            INFORMATION.c.shared_at.is_(None),
            AGREEMENT.c.state != AgreementState.ENDED.value,
        )
        .order_by(INFORMATION.c.due_at, INFORMATION.c.agreement_id)
    )
    return tuple(_information(row) for row in rows)


def save_information(db: Connection, authority: str, found: Information) -> None:
    """Keep the clock, new or as it is now."""
    facts = {
        "due_at": found.due_at,
        "warned": found.warned,
        "shared_at": found.shared_at,
        "shared_by": found.shared_by,
    }
    db.execute(
        upsert(INFORMATION)
        .values(authority=authority, agreement_id=found.agreement_id, **facts)
        .on_conflict_do_update(constraint="pk_full_information", set_=facts)
    )


def release(db: Connection, authority: str, agreement_id: AgreementId) -> Release | None:
    """Read whether and when the provider was told the identity (S7)."""
    row = db.execute(
        select(RELEASE).where(RELEASE.c.authority == authority, RELEASE.c.agreement_id == agreement_id)
    ).one_or_none()
    if row is None:
        return None
    return Release(AgreementId(row.agreement_id), row.reason, row.released_by, row.released_at)


def save_release(db: Connection, authority: str, found: Release) -> None:
    """Add that the provider was told the identity."""
    db.execute(
        insert(RELEASE).values(
            authority=authority,
            agreement_id=found.agreement_id,
            reason=found.reason,
            released_by=found.released_by,
            released_at=found.released_at,
        )
    )


def _meeting(row: Row[Any]) -> Meeting:
    return Meeting(
        row.authority,
        MeetingId(row.id),
        row.award_id,
        ProviderId(row.provider_id),
        MeetingKind(row.kind),
        row.on_day,
        MeetingState(row.state),
        row.note,
        row.recorded_by,
        row.recorded_at,
    )


def _information(row: Row[Any]) -> Information:
    return Information(AgreementId(row.agreement_id), row.due_at, row.warned, row.shared_at, row.shared_by)
