"""Reviews: what was found, how far somebody has come, and what the score says now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from brokerage.desk.flow import editions
from brokerage.desk.views.agreements import AgreementPage, agreement_page
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from matrix.model import Assessment, Edition, Line
from matrix.rules import levels_of
from placements import rules
from placements.errors import NoSuchReview
from placements.model import Agreement, AgreementState, Distance, HeldReview, Review, ReviewState


@dataclass(frozen=True, slots=True)
class Step:
    """Hours a week that the matrix said on a day, beside those that were bought."""

    on: date
    scored: Decimal | None
    bought: Decimal


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """All reviews of a placement; `steps` begin with the score it was bought by."""

    page: AgreementPage
    distances: tuple[Distance, ...]
    steps: tuple[Step, ...]
    may_review: bool


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One review; held, with the distance up to it and the new score line by line against the one before (A9, A32)."""

    page: AgreementPage
    review: Review
    held: HeldReview | None
    distances: tuple[Distance, ...]
    before: Assessment | None
    changes: tuple[Line, ...]
    may_review: bool
    edition: Edition
    last_levels: dict[str, int]


def reviews_page(work: Work, agreement_id: UUID) -> ReviewsPage:
    """Show the reviews of an agreement and the way down from its first package (A31, A32)."""
    page = agreement_page(work, agreement_id)
    made, held = page.view.agreement, page.view.held
    first = _first_score(work, made)
    scores = [(made.starts_on, first), *((one.minutes.held_on, one.minutes.score) for one in held)]
    days = {on: score.hours for on, score in scores}
    days |= {one.from_on: None for one in page.view.versions if one.held and one.from_on not in days}
    steps = tuple(Step(on, days[on], rules.version_on(page.view.versions, on).terms.hours) for on in sorted(days))
    return ReviewsPage(page, rules.distances(one.minutes for one in held), steps, _may_review(work, made))


def review(work: Work, agreement_id: UUID, review_id: UUID) -> ReviewView:
    """Show one review of an agreement. Raises NoSuchAgreement or NoSuchReview."""
    page = agreement_page(work, agreement_id)
    made = page.view.agreement
    found = next((one for one in page.view.reviews if one.id == review_id), None)
    if found is None:
        raise NoSuchReview(review_id)
    held = next((one for one in page.view.held if one.review_id == found.id), None)
    earlier = page.view.held if held is None else page.view.held[: page.view.held.index(held)]
    before = earlier[-1].minutes.score if earlier else _first_score(work, made)
    upto = earlier if held is None else (*earlier, held)
    return ReviewView(
        page,
        found,
        held,
        rules.distances(one.minutes for one in upto),
        before,
        () if held is None else rules.score_change(before, held.minutes),
        _may_review(work, made) and found.state is not ReviewState.HELD,
        work.edition,
        _levels(work, made, before),
    )


def _first_score(work: Work, made: Agreement) -> Assessment:
    return referral_store.referral(work.db, made.authority, made.referral_id, editions()).assessment


def _levels(work: Work, made: Agreement, before: Assessment) -> dict[str, int]:
    """Give the answers to begin with, for staff who hold reviews: the last score's, else the referral's."""
    if not people_rules.may(work.actor, Permission.REVIEW_PLACEMENT):
        return {}
    answers = referral_store.referral(work.db, made.authority, made.referral_id, editions()).new.case.answers
    edition = work.edition
    asked = {one.key for one in edition.domains} | {one.key for one in edition.facts}
    return {key: level for key, level in answers.items() if key in asked} | levels_of(edition, before.working)


def _may_review(work: Work, made: Agreement) -> bool:
    over = made.state is AgreementState.ENDED
    return people_rules.may(work.actor, Permission.REVIEW_PLACEMENT) and not over
