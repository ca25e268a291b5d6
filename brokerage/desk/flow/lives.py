"""What happens to an agreement from its making on: accepted, released, started, told ahead."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of, party_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from placements import service, store
from placements.errors import AgreementOver, NotInStanding, NotItsDay, NotNow
from placements.events import (
    AgreementAccepted,
    AgreementNotStarted,
    AgreementStarted,
    AlarmRang,
    FullInformationShared,
    IdentityReleased,
    InformationWarned,
)
from placements.model import Agreement, AgreementId, AgreementState, AlarmKind, Party


def accept_agreement(work: Work, agreement_id: UUID) -> AgreementAccepted:
    """Accept an agreement for the asker's party; the second acceptance on or after the first day starts it (A30)."""
    party = party_of(work)
    work.require(Permission.DELIVER if party is Party.PROVIDER else Permission.OPEN_AGREEMENT)
    found = agreement_of(work, agreement_id)
    event = service.accept_agreement(work.db, found.authority, found.id, party, person_of(work), work.tick())
    work.record(event, event.referral_id)
    if event.by_both and work.today >= found.starts_on:
        _start(work, found)
    return event


def start_agreement(work: Work, agreement_id: UUID) -> AgreementStarted:
    """Start a placement whose first day has come, after what stood in its way is mended (A30, S6)."""
    work.require(Permission.OPEN_AGREEMENT)
    event = service.start_agreement(work.db, work.authority, AgreementId(agreement_id), work.tick())
    work.record(event, event.referral_id)
    return event


def release_identity(work: Work, agreement_id: UUID, reason: str) -> IdentityReleased:
    """Tell the awarded provider, and nobody else, whom it will house (S7)."""
    work.require(Permission.OPEN_AGREEMENT)
    event = service.release_identity(
        work.db, work.authority, AgreementId(agreement_id), reason, work.person_id, work.tick()
    )
    work.record(event, event.referral_id)
    return event


def share_information(work: Work, agreement_id: UUID) -> FullInformationShared:
    """Record that the provider of an emergency has the full information (A25)."""
    work.require(Permission.REVIEW_PLACEMENT)
    event = service.share_information(work.db, work.authority, AgreementId(agreement_id), work.person_id, work.tick())
    work.record(event, event.referral_id)
    return event


def first_day_comes(work: Work, agreement_id: UUID) -> AgreementStarted | AgreementNotStarted | None:
    """Start an accepted agreement on its day; say what stands in the way of another."""
    return _start(work, store.hold_agreement(work.db, work.authority, AgreementId(agreement_id)))


def warn_of_information(work: Work, agreement_id: UUID) -> InformationWarned | None:
    """Ask for the full information of an emergency, or say that it is late (A25)."""
    event = service.warn_of_information(work.db, work.authority, AgreementId(agreement_id), work.now)
    if event is not None:
        work.record(event, event.referral_id)
    return event


def alarm_rings(work: Work, agreement_id: UUID, alarm: AlarmKind) -> AlarmRang | None:
    """Tell ahead of a birthday or a last night, unless the placement has ended or ends before (S19)."""
    found = store.agreement(work.db, work.authority, AgreementId(agreement_id))
    if found.state is AgreementState.ENDED or found.ends_on < work.today:
        return None
    event = AlarmRang(**service.about(found), alarm=alarm)
    work.record(event, event.referral_id)
    return event


def person_of(work: Work) -> UUID:
    """Give the id of who acts for either party: of a firm the person, or the firm where its system speaks for it."""
    return work.actor.person_id or work.actor.provider_id or work.person_id


def _start(work: Work, found: Agreement) -> AgreementStarted | AgreementNotStarted | None:
    with suppress(AgreementOver, NotItsDay):
        if found.state in (AgreementState.STARTED, AgreementState.UNDER_NOTICE):
            return None
        event: AgreementStarted | AgreementNotStarted
        try:
            event = service.start_agreement(work.db, found.authority, found.id, work.now)
        except NotNow:
            missing = "party" if not found.acceptances else _other(found)
            event = AgreementNotStarted(**service.about(found), starts_on=found.starts_on, why=missing)
        except NotInStanding:
            event = AgreementNotStarted(**service.about(found), starts_on=found.starts_on, why="standing")
        work.record(event, event.referral_id)
        return event
    return None


def _other(found: Agreement) -> str:
    """Name the party that has not accepted."""
    accepted = {one.party for one in found.acceptances}
    return next(party.value for party in Party if party not in accepted)
