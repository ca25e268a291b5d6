"""Plan meetings, share the full information, release the identity (A25, A26, S7)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from lots.model import ProviderId
from placements import rules, store
from placements.errors import NoInformationDue
from placements.events import (
    FullInformationShared,
    IdentityReleased,
    InformationWarned,
    MeetingHeld,
    MeetingPlanned,
)
from placements.model import (
    AgreementId,
    AgreementState,
    Meeting,
    MeetingId,
    MeetingKind,
    MeetingState,
    Release,
)
from placements.service.agreements import about


def plan_meeting(
    db: Connection,
    authority: str,
    award_id: UUID,
    provider_id: ProviderId,
    reference: str,
    kind: MeetingKind,
    on: date,
    note: str,
    person_id: UUID,
    now: datetime,
) -> MeetingPlanned:
    """Plan a meeting or a visit of provider and young person; the caller knows the award (A26).

    Raise `MeetingInThePast`.
    """
    rules.check_meeting(on, rules.london_day(now))
    made = Meeting(
        authority,
        MeetingId(uuid4()),
        award_id,
        provider_id,
        kind,
        on,
        MeetingState.PLANNED,
        note,
        person_id,
        now,
    )
    store.save_meeting(db, made)
    return MeetingPlanned(authority, made.id, award_id, reference, provider_id, kind, on, person_id)


def record_meeting(
    db: Connection,
    authority: str,
    meeting_id: MeetingId,
    held_on: date | None,
    note: str,
    person_id: UUID,
    now: datetime,
) -> MeetingHeld:
    """Record that a meeting was held on a day, or was called off (A26).

    Raise `NoSuchMeeting`, `MeetingRecorded` or `StillToCome`.
    """
    planned = store.hold_meeting(db, authority, meeting_id)
    found = rules.record_meeting(planned, held_on, note, rules.london_day(now))
    store.save_meeting(db, found)
    return MeetingHeld(
        authority, found.id, found.award_id, found.provider_id, found.kind, found.state, held_on, person_id
    )


def warn_of_information(
    db: Connection, authority: str, agreement_id: AgreementId, now: datetime
) -> InformationWarned | None:
    """Ask for the full information of an emergency; `None` where there is nothing new to say (A25).

    Raise `NoSuchAgreement`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    found = store.information(db, authority, agreement_id, hold=True)
    if found is None or agreement.state is AgreementState.ENDED:
        return None
    warned = rules.warn_of_information(found, now)
    if warned is None:
        return None
    store.save_information(db, authority, warned)
    return InformationWarned(**about(agreement), due_at=warned.due_at, late=now >= warned.due_at, warning=warned.warned)


def share_information(
    db: Connection, authority: str, agreement_id: AgreementId, person_id: UUID, now: datetime
) -> FullInformationShared:
    """Record that the provider has the full information (A25).

    Raise `NoSuchAgreement`, `NoInformationDue` or `AlreadyShared`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    found = store.information(db, authority, agreement_id, hold=True)
    if found is None:
        raise NoInformationDue
    shared = rules.share_information(found, person_id, now)
    store.save_information(db, authority, shared)
    return FullInformationShared(**about(agreement), due_at=shared.due_at, late=shared.late, person_id=person_id)


def release_identity(
    db: Connection, authority: str, agreement_id: AgreementId, reason: str, person_id: UUID, now: datetime
) -> IdentityReleased:
    """Let the provider of an agreement know whom it will house, once (S7).

    Raise `NoSuchAgreement` or the refusals of `check_release`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    emergency = agreement.introduction.met_on is None or store.information(db, authority, agreement_id) is not None
    rules.check_release(agreement, store.release(db, authority, agreement_id), reason, emergency=emergency)
    store.save_release(db, authority, Release(agreement_id, reason.strip(), person_id, now))
    early = agreement.state in (AgreementState.OPENED, AgreementState.PART_ACCEPTED)
    return IdentityReleased(**about(agreement), before_acceptance=early, person_id=person_id)
