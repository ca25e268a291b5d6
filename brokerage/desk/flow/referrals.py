"""Referrals: from the first section to the last word."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.model import AwardState, State
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from brokerage.referrals.errors import NotEligible
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
)
from brokerage.referrals.rules.reading import read_referral


def start_referral(work: Work) -> ReferralStarted:
    """Begin a draft."""
    work.require(Permission.RAISE_REFERRAL)
    event = referrals.start_referral(work.db, work.authority, work.actor.person_id, work.now)
    work.record(event, event.referral_id)
    return event


def save_section(work: Work, referral_id: UUID, section: str, values: Mapping[str, object]) -> SectionSaved:
    """Keep one section of a draft as typed, finished or not."""
    work.require(Permission.RAISE_REFERRAL)
    event = referrals.save_section(work.db, work.authority, referral_id, section, values, work.now)
    work.record(event, referral_id)
    return event


def admit_exception(work: Work, referral_id: UUID, rule: str, reason: str) -> ExceptionAdmitted:
    """Admit, on a named authoriser's word, somebody whom a rule refuses (A1)."""
    work.require(Permission.ADMIT_EXCEPTION)
    by = work.person_id
    event = referrals.admit_exception(work.db, work.authority, referral_id, by, work.actor.name, reason, rule, work.now)
    work.record(event, referral_id)
    return event


def raise_referral(work: Work, document: Mapping[str, object]) -> ReferralRaised:
    """Raise a complete referral in one step, as other systems send it (A1, A7)."""
    work.require(Permission.RAISE_REFERRAL)
    started = start_referral(work)
    referral_store.save_document(work.db, work.authority, started.referral_id, document, work.now)
    return _raise(work, started.referral_id, strict=False)


def raise_draft(work: Work, referral_id: UUID) -> ReferralRaised:
    """Raise a draft whose sections are all complete."""
    work.require(Permission.RAISE_REFERRAL)
    return _raise(work, referral_id, strict=True)


def raise_carried(work: Work, referral_id: UUID) -> ReferralRaised:
    """Raise a draft that was carried over from another referral, as complete as that one was."""
    work.require(Permission.RAISE_REFERRAL)
    return _raise(work, referral_id, strict=False)


def withdraw_referral(work: Work, referral_id: UUID, reason: str) -> ReferralWithdrawn:
    """Withdraw a referral that is no longer needed; a running competition is cancelled and all are told."""
    work.require(Permission.OPEN_COMPETITION)
    cancel_running(work, referral_id, reason)
    event = referrals.withdraw_referral(work.db, work.authority, referral_id, reason, work.now)
    cancel_running(work, referral_id, reason)  # one may have opened while this waited for the referral
    work.record(event, referral_id)
    return event


def refusal_of(work: Work, referral_id: UUID) -> NotEligible | None:
    """Say which rule would refuse a complete draft, or None."""
    draft = referral_store.draft(work.db, work.authority, referral_id)
    new = read_referral({"on": work.today.isoformat(), **draft.document}, work.edition, work.today, strict=True)
    try:
        referral_rules.assess_referral(work.edition, new, draft.exception, work.today)
    except NotEligible as refusal:
        return refusal
    return None


def cancel_running(work: Work, referral_id: UUID, reason: str) -> None:
    """Cancel what still runs for a referral."""
    running = (State.OPEN, State.CLOSED, State.AWARDED)
    for one in competition_store.competitions(work.db, work.authority, running, referral_id):
        held = competition_store.hold(work.db, work.authority, one.id)
        if held.state not in running:
            continue  # it ended while this waited for it
        live = competition_store.live_award(work.db, work.authority, held.id)
        if live is not None and live.state is AwardState.AGREED:
            continue  # a part with its agreement goes on, and ends as agreements end (A23)
        work.record(competitions.cancel_competition(work.db, held, reason), referral_id)


def _raise(work: Work, referral_id: UUID, *, strict: bool) -> ReferralRaised:
    event = referrals.raise_referral(
        work.db,
        work.authority,
        referral_id,
        work.edition,
        work.actor.person_id,
        work.today,
        work.now,
        strict=strict,
    )
    work.record(event, referral_id)
    return event
