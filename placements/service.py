"""Open agreements and let their reviews fall due."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from lots.model import Category, ProviderId
from lots.rules import OFSTED_UNDER, out_of_standing
from lots.store import hold_standing
from placements import rules, store
from placements.errors import NotInStanding
from placements.events import AgreementOpened, ReviewFellDue
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


def open_agreement(
    db: Connection,
    authority: str,
    award_id: UUID,
    referral_id: UUID,
    provider_id: ProviderId,
    reference: str,
    terms: Terms,
    outcomes: tuple[tuple[str, str], ...],
    introduction: Introduction,
    starts_on: date,
    ends_on: date,
    category: Category,
    turns_18_on: date | None,
    earliest_start: date,
    now: datetime,
    closure_days: frozenset[date] = rules.NO_CLOSURES,
    *,
    urgent: bool = False,
) -> AgreementOpened:
    """Make the individual placement agreement of an award whose funding is authorised (A26, A30, A31).

    The caller holds the award. Standing is checked today and on the first day, under a lock that a suspension waits
    for (S5, S6). `turns_18_on` is `None` for who is 18 already.
    An `urgent` referral is an emergency in any category (DPS spec 3.3.5). Raise the refusals of `check_dates` and
    `check_introduction`, `NotInStanding`, `AlreadyAgreed` or `NoSuchProvider`.
    """
    if terms.category is not category.code:
        raise ValueError(f"terms in category {terms.category} under category {category.code}")
    rules.check_dates(category, starts_on, ends_on, turns_18_on, earliest_start)
    emergency = category.emergency or urgent
    met = rules.check_introduction(emergency, introduction.met_on, introduction.waiver_reason, starts_on)
    provider, registrations = hold_standing(db, provider_id)
    age = rules.age_at_start(starts_on, turns_18_on)
    for day in sorted({rules.london_day(now), starts_on}):
        exclusion = out_of_standing(provider, registrations, category.code, age, day)
        if exclusion is not None:
            raise NotInStanding(exclusion, day)
    agreement = Agreement(
        authority=authority,
        id=AgreementId(uuid4()),
        reference=reference,
        award_id=award_id,
        referral_id=referral_id,
        provider_id=provider_id,
        terms=terms,
        introduction=met,
        starts_on=starts_on,
        ends_on=ends_on,
        state=AgreementState.AGREED,
        agreed_at=now,
        outcomes=outcomes,
        under_18=age < OFSTED_UNDER,
        ofsted_urn=provider.ofsted_urn,
    )
    days = rules.review_dates(starts_on, ends_on, closure_days)
    reviews = tuple(
        Review(
            ReviewId(uuid4()),
            agreement.id,
            number,
            due_on,
            ReviewKind.FIRST if number == 1 else ReviewKind.QUARTERLY,
            ReviewState.PLANNED,
        )
        for number, due_on in enumerate(days, start=1)
    )
    store.save_agreement(db, agreement)
    store.save_reviews(db, authority, reviews)
    return AgreementOpened(
        authority=authority,
        agreement_id=agreement.id,
        reference=reference,
        award_id=award_id,
        referral_id=referral_id,
        provider_id=provider_id,
        category=category.code,
        weekly_cost=terms.weekly_cost,
        starts_on=starts_on,
        ends_on=ends_on,
        first_review_on=days[0] if days else None,
        reviews=days,
        review_ids=tuple(each.id for each in reviews),
    )


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
