"""Reviews of a placement: planned, late, held (A31, A32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from brokerage.desk.flow.agreements import for_provider
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import Referral
from matrix import rules as matrix_rules
from matrix import store as matrix
from matrix.errors import CaseNotValid
from matrix.model import Assessment, Needed
from placements import rules, service, store
from placements.errors import NoSuchReview
from placements.events import ExtraReviewPlanned, ReviewFellLate, ReviewHeld
from placements.model import (
    Agreement,
    AgreementId,
    Attendance,
    Decision,
    Minutes,
    Plan,
    Progress,
    Review,
    ReviewCause,
    ReviewId,
    ReviewState,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What people found at a review, before the matrix has looked at it."""

    held_on: date
    attendance: tuple[Attendance, ...]
    progress: tuple[Progress, ...]
    answers: Mapping[str, int]
    decision: Decision
    plans: frozenset[Plan]


def plan_extra_review(work: Work, agreement_id: UUID, cause: ReviewCause, wanted_on: date) -> ExtraReviewPlanned:
    """Plan a review beside the series (A31, S17)."""
    work.require(Permission.REVIEW_PLACEMENT)
    found = AgreementId(agreement_id)
    event = service.plan_extra_review(work.db, work.authority, found, cause, wanted_on, work.person_id, work.tick())
    work.record(event, event.referral_id)
    return event


def record_review(work: Work, agreement_id: UUID, review_id: UUID, found: Found) -> ReviewHeld:
    """Record a review that was held: what was found, the new score, and what was decided (A32).

    Raises CaseNotValid where the answers do not fit the edition, and the refusals of the service.
    """
    work.require(Permission.REVIEW_PLACEMENT)
    agreement = store.hold_agreement(work.db, work.authority, AgreementId(agreement_id))
    if review_id not in {one.id for one in store.every_review(work.db, work.authority, agreement.id)}:
        raise NoSuchReview(review_id)
    work.tick()
    rules.check_held_on(agreement, found.held_on, work.today)
    referral = referral_store.referral(work.db, work.authority, agreement.referral_id, editions())
    minutes = Minutes(
        found.held_on,
        tuple(replace(each, absence_reason=for_provider(referral, each.absence_reason)) for each in found.attendance),
        tuple(replace(each, evidence=for_provider(referral, each.evidence) or "") for each in found.progress),
        score(referral, found.answers, found.held_on),
        found.decision,
        found.plans,
    )
    event = service.record_review(
        work.db, work.authority, ReviewId(review_id), minutes, referral.assessment, work.person_id, work.now
    )
    work.record(event, event.referral_id)
    return event


def next_review(work: Work, agreement: Agreement) -> Review:
    """Find the review that is to be held next. Raises NoSuchReview where none is left."""
    for one in store.reviews(work.db, agreement.authority, agreement.id):
        if one.state is not ReviewState.HELD:
            return one
    raise NoSuchReview(agreement.id)


def score(referral: Referral, answers: Mapping[str, int], on: date) -> Assessment:
    """Score a young person anew, by the edition in force that day (A9, A32).

    Who lives in a placement keeps it over a birthday, so a refusal of A1 is no refusal here; the reason says so.
    Raises CaseNotValid where the answers do not fit the edition.
    """
    edition = matrix.in_force(on)
    if faults := matrix_rules.answer_faults(edition, answers):
        raise CaseNotValid(faults)
    case = replace(referral.new.case, on=on, needed=Needed.PLANNED, answers=dict(answers))
    return matrix_rules.assess(edition, case, exception=True)


def review_falls_late(work: Work, review_id: UUID) -> ReviewFellLate | None:
    """Note that a review was not held in time (A31)."""
    event = service.review_falls_late(work.db, work.authority, ReviewId(review_id), work.now)
    if event is not None:
        work.record(event, event.referral_id)
    return event
