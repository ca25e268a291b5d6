"""Read and keep agreements and reviews."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from lots.model import CategoryCode, ProviderId
from placements.errors import AlreadyAgreed, NoSuchAgreement, NoSuchReview
from placements.model import (
    Agreement,
    AgreementId,
    AgreementState,
    Introduction,
    Review,
    ReviewId,
    ReviewKind,
    ReviewState,
    Terms,
)
from placements.tables import AGREEMENT, REVIEW


def agreement(db: Connection, authority: str, agreement_id: AgreementId) -> Agreement:
    """Read one agreement of the authority; raise `NoSuchAgreement`."""
    return _one(db, select(AGREEMENT).where(AGREEMENT.c.authority == authority), agreement_id)


def agreement_for_provider(db: Connection, provider_id: ProviderId, agreement_id: AgreementId) -> Agreement:
    """Read one agreement of the provider, whichever authority made it; raise `NoSuchAgreement`."""
    return _one(db, select(AGREEMENT).where(AGREEMENT.c.provider_id == provider_id), agreement_id)


def agreements(db: Connection, authority: str) -> tuple[Agreement, ...]:
    """Read every agreement of the authority, the latest start first."""
    return _many(db, select(AGREEMENT).where(AGREEMENT.c.authority == authority))


def agreements_of_provider(db: Connection, provider_id: ProviderId) -> tuple[Agreement, ...]:
    """Read every agreement of the provider, the latest start first."""
    return _many(db, select(AGREEMENT).where(AGREEMENT.c.provider_id == provider_id))


def agreement_of_award(db: Connection, authority: str, award_id: UUID) -> Agreement | None:
    """Read the agreement made from the award, if there is one."""
    row = db.execute(
        select(AGREEMENT).where(AGREEMENT.c.authority == authority, AGREEMENT.c.award_id == award_id)
    ).one_or_none()
    return None if row is None else _agreement(row)


def reviews(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[Review, ...]:
    """Read an agreement's reviews by their number."""
    rows = db.execute(
        select(REVIEW)
        .where(REVIEW.c.authority == authority, REVIEW.c.agreement_id == agreement_id)
        .order_by(REVIEW.c.number)
    )
    return tuple(_review(row) for row in rows)


def upcoming_reviews(db: Connection, authority: str, until: date) -> tuple[Review, ...]:
    """Read the reviews still to be held up to that day, overdue ones too, of agreements that have not ended."""
    rows = db.execute(
        select(REVIEW)
        .join(AGREEMENT, (AGREEMENT.c.authority == REVIEW.c.authority) & (AGREEMENT.c.id == REVIEW.c.agreement_id))
        .where(
            REVIEW.c.authority == authority,
            REVIEW.c.state != ReviewState.HELD.value,
            REVIEW.c.due_on <= until,
            AGREEMENT.c.state != AgreementState.ENDED.value,
        )
        .order_by(REVIEW.c.due_on, REVIEW.c.agreement_id, REVIEW.c.number)
    )
    return tuple(_review(row) for row in rows)


def hold_review(db: Connection, authority: str, review_id: ReviewId) -> tuple[Agreement, Review]:
    """Hold a review and its agreement, to change them; raise `NoSuchReview`."""
    found = db.execute(
        select(REVIEW.c.agreement_id).where(REVIEW.c.authority == authority, REVIEW.c.id == review_id)
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchReview(review_id)
    # The agreement first, as every verb on it does, so that two verbs never wait for each other.
    row = db.execute(
        select(AGREEMENT)
        .where(AGREEMENT.c.authority == authority, AGREEMENT.c.id == found)
        .with_for_update(key_share=True)
    ).one()
    held = db.execute(
        select(REVIEW).where(REVIEW.c.authority == authority, REVIEW.c.id == review_id).with_for_update(key_share=True)
    ).one()
    return _agreement(row), _review(held)


def save_agreement(db: Connection, agreement: Agreement) -> None:
    """Add an agreement; raise `AlreadyAgreed`, after which the transaction can still be used."""
    terms = asdict(agreement.terms) | {"category": agreement.terms.category.value}
    facts = asdict(agreement) | terms | asdict(agreement.introduction)
    del facts["terms"], facts["introduction"]
    facts["state"] = agreement.state.value
    facts["outcomes"] = json.dumps(agreement.outcomes, separators=(",", ":"), ensure_ascii=False)
    try:
        with db.begin_nested():
            db.execute(insert(AGREEMENT).values(**facts))
    except IntegrityError as refused:
        if _constraint(refused) == "uq_agreement_award":
            raise AlreadyAgreed(agreement.award_id) from None
        raise


def save_reviews(db: Connection, authority: str, reviews: tuple[Review, ...]) -> None:
    """Add reviews."""
    if reviews:
        db.execute(
            insert(REVIEW),
            [
                asdict(each) | {"authority": authority, "kind": each.kind.value, "state": each.state.value}
                for each in reviews
            ],
        )


def save_review_state(db: Connection, authority: str, review_id: ReviewId, state: ReviewState) -> None:
    """Keep how far a review has come."""
    db.execute(
        update(REVIEW).where(REVIEW.c.authority == authority, REVIEW.c.id == review_id).values(state=state.value)
    )


def _one(db: Connection, query: Select[Any], agreement_id: AgreementId) -> Agreement:
    row = db.execute(query.where(AGREEMENT.c.id == agreement_id)).one_or_none()
    if row is None:
        raise NoSuchAgreement(agreement_id)
    return _agreement(row)


def _many(db: Connection, query: Select[Any]) -> tuple[Agreement, ...]:
    rows = db.execute(query.order_by(AGREEMENT.c.starts_on.desc(), AGREEMENT.c.reference, AGREEMENT.c.id))
    return tuple(_agreement(row) for row in rows)


def _agreement(row: Row[Any]) -> Agreement:
    return Agreement(
        authority=row.authority,
        id=AgreementId(row.id),
        reference=row.reference,
        award_id=row.award_id,
        referral_id=row.referral_id,
        provider_id=ProviderId(row.provider_id),
        terms=Terms(
            category=CategoryCode(row.category),
            hours=row.hours,
            accommodation_weekly=row.accommodation_weekly,
            support_hourly=row.support_hourly,
            housing_benefit_weekly=row.housing_benefit_weekly,
            beds=row.beds,
            block_discount=row.block_discount,
            weekly_cost=row.weekly_cost,
            bespoke=row.bespoke,
        ),
        introduction=Introduction(row.met_on, row.waiver_reason),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=AgreementState(row.state),
        agreed_at=row.agreed_at,
        outcomes=tuple((key, text) for key, text in json.loads(row.outcomes)),
        under_18=row.under_18,
        ofsted_urn=row.ofsted_urn,
    )


def _review(row: Row[Any]) -> Review:
    return Review(
        id=ReviewId(row.id),
        agreement_id=AgreementId(row.agreement_id),
        number=row.number,
        due_on=row.due_on,
        kind=ReviewKind(row.kind),
        state=ReviewState(row.state),
    )


def _constraint(refused: IntegrityError) -> str | None:
    diagnostics = getattr(refused.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
