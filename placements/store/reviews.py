"""Read and keep reviews and their minutes (A31, A32)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, any_, insert, literal, select, text, update

from lots.model import ProviderId
from matrix.rules import assessment_bytes, read_assessment
from placements.errors import NoSuchReview
from placements.model import (
    Agreement,
    AgreementId,
    AgreementState,
    Attendance,
    Decision,
    HeldReview,
    Minutes,
    Plan,
    Progress,
    Review,
    ReviewCause,
    ReviewId,
    ReviewKind,
    ReviewState,
    Role,
)
from placements.store.agreements import hold_agreement
from placements.tables import AGREEMENT, MINUTES, REVIEW, WAITING


def reviews(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[Review, ...]:
    """Read an agreement's reviews that stand, by their day; those that another plan took over are left out."""
    every = every_review(db, authority, agreement_id)
    return tuple(
        sorted((one for one in every if one.state is not ReviewState.DROPPED), key=lambda one: (one.due_on, one.number))
    )


def every_review(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[Review, ...]:
    """Read all reviews that an agreement ever had, by their number."""
    rows = db.execute(
        select(REVIEW)
        .where(REVIEW.c.authority == authority, REVIEW.c.agreement_id == agreement_id)
        .order_by(REVIEW.c.number)
    )
    return tuple(_review(row) for row in rows)


def upcoming_reviews(db: Connection, authority: str, until: date, most: int | None = None) -> tuple[Review, ...]:
    """Read the reviews still to be held up to that day, overdue ones too, of agreements that have not ended.

    With `most`, only so many, the first due first.
    """
    rows = db.execute(
        select(REVIEW)
        .join(AGREEMENT, (AGREEMENT.c.authority == REVIEW.c.authority) & (AGREEMENT.c.id == REVIEW.c.agreement_id))
        .where(
            REVIEW.c.authority == authority,
            text(WAITING),  # written out, so that the index of those is found
            REVIEW.c.due_on <= until,
            AGREEMENT.c.state != AgreementState.ENDED.value,
        )
        .order_by(REVIEW.c.due_on, REVIEW.c.agreement_id, REVIEW.c.number)
        .limit(most)
    )
    return tuple(_review(row) for row in rows)


def escalated_reviews(db: Connection, authority: str) -> tuple[Review, ...]:
    """Read the reviews that went up to somebody and were not held since, of agreements that have not ended."""
    rows = db.execute(
        select(REVIEW)
        .join(AGREEMENT, (AGREEMENT.c.authority == REVIEW.c.authority) & (AGREEMENT.c.id == REVIEW.c.agreement_id))
        .where(
            REVIEW.c.authority == authority,
            REVIEW.c.state == ReviewState.ESCALATED.value,
            AGREEMENT.c.state != AgreementState.ENDED.value,
        )
        .order_by(REVIEW.c.due_on, REVIEW.c.agreement_id, REVIEW.c.number)
    )
    return tuple(_review(row) for row in rows)


def reviews_to_hold(db: Connection, agreement_ids: Collection[AgreementId]) -> tuple[Review, ...]:
    """Read what is still to be held of some agreements, by day."""
    rows = db.execute(
        select(REVIEW)
        .where(REVIEW.c.agreement_id == any_(literal(list(agreement_ids), ARRAY(Uuid))), text(WAITING))
        .order_by(REVIEW.c.due_on, REVIEW.c.agreement_id, REVIEW.c.number)
    )
    return tuple(_review(row) for row in rows)


def hold_reviews(
    db: Connection, authority: str, review_ids: Collection[ReviewId]
) -> tuple[tuple[AgreementId, str, UUID, ProviderId, AgreementState, Review], ...]:
    """Hold many reviews and their agreements; those that somebody else holds are left out.

    Each with its agreement's id, reference, referral, provider and state.
    """
    rows = db.execute(
        select(
            REVIEW,
            AGREEMENT.c.reference,
            AGREEMENT.c.referral_id,
            AGREEMENT.c.provider_id,
            AGREEMENT.c.state.label("agreement_state"),
        )
        .join(AGREEMENT, (AGREEMENT.c.authority == REVIEW.c.authority) & (AGREEMENT.c.id == REVIEW.c.agreement_id))
        .where(REVIEW.c.authority == authority, REVIEW.c.id == any_(literal(list(review_ids), ARRAY(Uuid))))
        .with_for_update(key_share=True, skip_locked=True)
    )
    return tuple(
        (
            AgreementId(row.agreement_id),
            row.reference,
            row.referral_id,
            ProviderId(row.provider_id),
            AgreementState(row.agreement_state),
            _review(row),
        )
        for row in rows
    )


def save_review_states(db: Connection, authority: str, review_ids: Collection[ReviewId], state: ReviewState) -> None:
    """Keep how far many reviews have come."""
    db.execute(
        update(REVIEW)
        .where(REVIEW.c.authority == authority, REVIEW.c.id == any_(literal(list(review_ids), ARRAY(Uuid))))
        .values(state=state.value)
    )


def hold_review(db: Connection, authority: str, review_id: ReviewId) -> tuple[Agreement, Review]:
    """Hold a review and its agreement, to change them; raise `NoSuchReview`."""
    found = db.execute(
        select(REVIEW.c.agreement_id).where(REVIEW.c.authority == authority, REVIEW.c.id == review_id)
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchReview(review_id)
    # The agreement first, as every verb on it does, so that two verbs never wait for each other.
    agreement = hold_agreement(db, authority, AgreementId(found))
    held = db.execute(
        select(REVIEW).where(REVIEW.c.authority == authority, REVIEW.c.id == review_id).with_for_update(key_share=True)
    ).one()
    return agreement, _review(held)


def save_reviews(db: Connection, authority: str, reviews: tuple[Review, ...]) -> None:
    """Add reviews."""
    if reviews:
        db.execute(
            insert(REVIEW),
            [
                asdict(each)
                | {
                    "authority": authority,
                    "kind": each.kind.value,
                    "state": each.state.value,
                    "cause": None if each.cause is None else each.cause.value,
                }
                for each in reviews
            ],
        )


def save_review_state(db: Connection, authority: str, review_id: ReviewId, state: ReviewState) -> None:
    """Keep how far a review has come."""
    db.execute(
        update(REVIEW).where(REVIEW.c.authority == authority, REVIEW.c.id == review_id).values(state=state.value)
    )


def save_minutes(db: Connection, authority: str, held: HeldReview) -> None:
    """Add the minutes of a review."""
    minutes = held.minutes
    db.execute(
        insert(MINUTES).values(
            authority=authority,
            review_id=held.review_id,
            held_on=minutes.held_on,
            attendance=_json([[each.role.value, each.present, each.absence_reason] for each in minutes.attendance]),
            progress=_json([[each.outcome, each.level, each.evidence] for each in minutes.progress]),
            score=assessment_bytes(minutes.score).decode(),
            decision=minutes.decision.value,
            plans=_json([plan.value for plan in Plan if plan in minutes.plans]),
            recorded_by=held.recorded_by,
            recorded_at=held.recorded_at,
        )
    )


def held_reviews(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[HeldReview, ...]:
    """Read the minutes of an agreement's reviews, in order of their days (A32)."""
    rows = db.execute(
        select(MINUTES)
        .join(REVIEW, (REVIEW.c.authority == MINUTES.c.authority) & (REVIEW.c.id == MINUTES.c.review_id))
        .where(REVIEW.c.authority == authority, REVIEW.c.agreement_id == agreement_id)
        .order_by(MINUTES.c.held_on, REVIEW.c.number)
    )
    return tuple(_held(row) for row in rows)


def _review(row: Row[Any]) -> Review:
    return Review(
        id=ReviewId(row.id),
        agreement_id=AgreementId(row.agreement_id),
        number=row.number,
        due_on=row.due_on,
        kind=ReviewKind(row.kind),
        state=ReviewState(row.state),
        cause=None if row.cause is None else ReviewCause(row.cause),
    )


def _held(row: Row[Any]) -> HeldReview:
    return HeldReview(
        review_id=ReviewId(row.review_id),
        minutes=Minutes(
            held_on=row.held_on,
            attendance=tuple(
                Attendance(Role(role), present, reason) for role, present, reason in json.loads(row.attendance)
            ),
            progress=tuple(Progress(*each) for each in json.loads(row.progress)),
            score=read_assessment(row.score.encode()),
            decision=Decision(row.decision),
            plans=frozenset(Plan(each) for each in json.loads(row.plans)),
        ),
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )


def _json(value: list[Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
