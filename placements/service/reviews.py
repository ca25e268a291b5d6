"""Let reviews fall due and late, plan extra ones, and record what they found (A31, A32, S17)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import Connection

from matrix.model import Assessment
from matrix.rules import assessment_bytes
from placements import rules, store
from placements.events import ExtraReviewPlanned, ReviewFellDue, ReviewFellLate, ReviewHeld
from placements.model import (
    Agreement,
    AgreementId,
    HeldReview,
    Minutes,
    Plan,
    Review,
    ReviewCause,
    ReviewId,
    ReviewKind,
    ReviewState,
    ReviewVerb,
)
from placements.service.agreements import about


def review_falls_due(db: Connection, authority: str, review_id: ReviewId, now: datetime) -> ReviewFellDue | None:
    """Note that a review's day has come; `None` where it was noted or held already, or its agreement has ended.

    Raise `NoSuchReview` or `ReviewNotDueYet`.
    """
    agreement, review = store.hold_review(db, authority, review_id)
    state = rules.fall_due(agreement.state, review, now)
    if state is None:
        return None
    store.save_review_state(db, authority, review.id, state)
    return ReviewFellDue(
        authority=authority,
        review_id=review.id,
        agreement_id=agreement.id,
        reference=agreement.reference,
        referral_id=agreement.referral_id,
        provider_id=agreement.provider_id,
        number=review.number,
        kind=review.kind,
        due_on=review.due_on,
    )


def reviews_fall_due(
    db: Connection, authority: str, review_ids: Collection[ReviewId], now: datetime
) -> tuple[tuple[ReviewId, ReviewFellDue | None], ...]:
    """Note that the day of many reviews has come, in two statements: each review with what `review_falls_due` gives.

    Reviews that somebody else holds, or that are not there, are left out. Raise `ReviewNotDueYet`.
    """
    found: list[tuple[ReviewId, ReviewFellDue | None]] = []
    for agreement_id, reference, referral_id, provider_id, state, review in store.hold_reviews(
        db, authority, review_ids
    ):
        event = None
        if rules.fall_due(state, review, now) is not None:
            event = ReviewFellDue(
                authority=authority,
                review_id=review.id,
                agreement_id=agreement_id,
                reference=reference,
                referral_id=referral_id,
                provider_id=provider_id,
                number=review.number,
                kind=review.kind,
                due_on=review.due_on,
            )
        found.append((review.id, event))
    fallen = [review_id for review_id, event in found if event is not None]
    store.save_review_states(db, authority, fallen, ReviewState.DUE)
    return tuple(found)


def review_falls_late(db: Connection, authority: str, review_id: ReviewId, now: datetime) -> ReviewFellLate | None:
    """Note that a review was not held on its day, or not within a week; `None` where there is nothing new (A31).

    Raise `NoSuchReview`.
    """
    agreement, review = store.hold_review(db, authority, review_id)
    state = rules.fall_late(agreement.state, review, now)
    if state is None:
        return None
    store.save_review_state(db, authority, review.id, state)
    return ReviewFellLate(
        **about(agreement), review_id=review.id, number=review.number, due_on=review.due_on, state=state
    )


def plan_extra_review(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    cause: ReviewCause,
    wanted_on: date,
    person_id: UUID,
    now: datetime,
    closure_days: frozenset[date] = rules.NO_CLOSURES,
) -> ExtraReviewPlanned:
    """Plan a review beside the series, which stays as it is (A31, S17).

    Raise `NoSuchAgreement`, `AgreementOver` or `OutsideStay`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    due_on = rules.extra_review_day(agreement, wanted_on, rules.london_day(now), closure_days)
    number = len(store.every_review(db, authority, agreement_id)) + 1
    review = Review(ReviewId(uuid4()), agreement_id, number, due_on, ReviewKind.EXTRA, ReviewState.PLANNED, cause)
    store.save_reviews(db, authority, (review,))
    return ExtraReviewPlanned(
        **about(agreement), review_id=review.id, number=number, cause=cause, due_on=due_on, person_id=person_id
    )


def record_review(
    db: Connection,
    authority: str,
    review_id: ReviewId,
    minutes: Minutes,
    first_score: Assessment | None,
    person_id: UUID,
    now: datetime,
    closure_days: frozenset[date] = rules.NO_CLOSURES,
    *,
    rebase: bool = False,
) -> ReviewHeld:
    """Record a review that was held, with its minutes (A32).

    `first_score` is the one that the placement began with; later reviews are compared with the last one held before.
    With `rebase` an extra review begins the series anew (S17, setting). Raise `NoSuchReview`, `NotNow`,
    `AgreementOver`, `StillToCome`, `OutsideStay`, `ReviewersMissing` or `OutcomesDiffer`.
    """
    agreement, review = store.hold_review(db, authority, review_id)
    rules.check_minutes(agreement, minutes, rules.london_day(now))
    state = rules.move_review(review.state, ReviewVerb.HOLD)
    earlier = [one for one in store.held_reviews(db, authority, agreement.id) if one.minutes.held_on <= minutes.held_on]
    before = earlier[-1].minutes.score if earlier else first_score
    store.save_review_state(db, authority, review.id, state)
    store.save_minutes(db, authority, HeldReview(review.id, minutes, person_id, now))
    dropped: tuple[ReviewId, ...] = ()
    planned: tuple[Review, ...] = ()
    if rebase and review.kind is ReviewKind.EXTRA:
        days = rules.rebased_dates(minutes.held_on, agreement.ends_on, closure_days)
        anew = replace(agreement, reviews_from=minutes.held_on)
        store.save_agreement_state(db, anew)
        dropped, planned = replan_reviews(db, anew, days, minutes.held_on)
    return ReviewHeld(
        **about(agreement),
        review_id=review.id,
        number=review.number,
        kind=review.kind,
        held_on=minutes.held_on,
        decision=minutes.decision,
        plans=tuple(plan for plan in Plan if plan in minutes.plans),
        edition=minutes.score.edition,
        category=minutes.score.category,
        hours_before=None if before is None else before.hours,
        hours=minutes.score.hours,
        digest=_digest(minutes),
        person_id=person_id,
        dropped=dropped,
        planned=tuple(one.due_on for one in planned),
        planned_ids=tuple(one.id for one in planned),
    )


def replan_reviews(
    db: Connection, agreement: Agreement, days: tuple[date, ...], from_on: date
) -> tuple[tuple[ReviewId, ...], tuple[Review, ...]]:
    """Plan the series on those days from a day on; give the ids dropped, and the new reviews (S17)."""
    every = store.every_review(db, agreement.authority, agreement.id)
    dropped, new_days = rules.replan(every, days, from_on)
    dropped += tuple(one for one in rules.beyond(every, agreement.ends_on) if one not in dropped)
    drop_reviews(db, agreement, dropped)
    new = tuple(
        Review(ReviewId(uuid4()), agreement.id, number, due_on, ReviewKind.QUARTERLY, ReviewState.PLANNED)
        for number, due_on in enumerate(new_days, start=len(every) + 1)
    )
    store.save_reviews(db, agreement.authority, new)
    return tuple(one.id for one in dropped), new


def drop_reviews(db: Connection, agreement: Agreement, reviews: tuple[Review, ...]) -> None:
    """Drop planned reviews that an end or another plan took over."""
    for one in reviews:
        state = rules.move_review(one.state, ReviewVerb.DROP)
        store.save_review_state(db, agreement.authority, one.id, state)


def _digest(minutes: Minutes) -> str:
    """Give the SHA-256 of minutes, so that the record proves them without holding them."""
    plans = sorted(plan.value for plan in minutes.plans)
    parts = [repr((minutes.held_on.isoformat(), minutes.decision.value, plans))]
    parts += [repr((each.role.value, each.present, each.absence_reason)) for each in minutes.attendance]
    parts += [repr((each.outcome, each.level, each.evidence)) for each in minutes.progress]
    return sha256("\n".join(parts).encode() + b"\n" + assessment_bytes(minutes.score)).hexdigest()
