"""Back to the market from a running agreement, in one step and linked to it (A41)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from brokerage.competitions.events import CompetitionOpened
from brokerage.competitions.model import Weights
from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.flow.competitions import open_competition
from brokerage.desk.flow.parties import hold
from brokerage.desk.flow.referrals import raise_carried
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from brokerage.referrals.events import ReferralRaised, WentToMarket
from brokerage.referrals.model import MarketReason, Origin
from matrix.model import Assessment, Outcome
from placements import rules, store
from placements.model import Agreement, HeldReview

CHANGED: Final = (
    *("answers", "evidence", "override", "urgency", "needed", "wants", "provision", "outcomes", "risk_plan"),
    *("pathway_plan", "outward_code", "out_of_area_reason", "beds", "indicative_budget_weekly"),
    *("housing_benefit", "housing_benefit_weekly", "in_education_or_training", "status"),
)
"""What may be said anew of the young person's case; who they are is carried over as it stands."""


@dataclass(frozen=True, slots=True)
class MarketCase:
    """Why a placement is looked for anew, and what is said anew of the case, in the API's shape."""

    reason: MarketReason
    why: str
    changes: Mapping[str, object]


def go_to_market(work: Work, agreement_id: UUID, asked: MarketCase) -> WentToMarket:
    """Make a draft of a running placement's case, linked to its agreement; the placement goes on as it is (A41).

    Raises NoSuchAgreement, AgreementOver, AlreadyInMarket.
    """
    work.require(Permission.RAISE_REFERRAL)
    found = hold(work, agreement_of(work, agreement_id))
    rules.check_not_over(found)
    started = referrals.start_referral(work.db, work.authority, work.actor.person_id, work.now)
    origin = Origin(found.id, asked.reason, asked.why)
    referral_store.save_origin(work.db, work.authority, started.referral_id, origin)
    document = {**carried(work, found), **asked.changes, "on": work.today.isoformat()}
    referral_store.save_document(work.db, work.authority, started.referral_id, document, work.now)
    event = WentToMarket(
        work.authority,
        started.referral_id,
        started.reference,
        found.referral_id,
        found.id,
        found.reference,
        asked.reason.value,
        hashlib.sha256(asked.why.encode()).hexdigest(),
        work.now,
    )
    work.record(started, started.referral_id)
    work.record(event, found.referral_id)
    return event


def publish_again(
    work: Work, agreement_id: UUID, asked: MarketCase, weights: Weights
) -> tuple[WentToMarket, ReferralRaised, CompetitionOpened | None]:
    """Go back to the market and publish, all or nothing; a bespoke package is raised only.

    Raises what `go_to_market`, `raise_referral` and `open_competition` raise.
    """
    went = go_to_market(work, agreement_id, asked)
    raised = raise_carried(work, went.referral_id)
    if raised.hours > referral_rules.MOST_HOURS:
        return went, raised, None
    return went, raised, open_competition(work, went.referral_id, weights)


def carried(work: Work, found: Agreement) -> dict[str, object]:
    """Give the case of a placed referral as it is carried over: home and urgency of now, score of the last review.

    A review's score has hours and category and no answers, so it stands as a judgement with its reason (S15) beside
    the answers of the referral, until the matrix is answered anew.
    """
    document = dict(referral_store.draft(work.db, found.authority, found.referral_id).document)
    document |= {"living_now": "supported_accommodation", "needed": "planned", "urgency": "standard"}
    if found.part is not None:
        document["wants"] = [found.part.value]  # what is looked for anew is this part; the other goes on (A23)
    last = last_review(work, found)
    if last is not None and _in_market(last.minutes.score):
        score = last.minutes.score
        document["override"] = {
            "hours": str(score.hours),
            "category": str(score.category),
            "reason": f"As scored at the review on {last.minutes.held_on.isoformat()}, edition {score.edition}",
        }
    return document


def last_review(work: Work, found: Agreement) -> HeldReview | None:
    """Give the last review that was held."""
    held = store.held_reviews(work.db, found.authority, found.id)
    return max(held, key=lambda one: (one.minutes.held_on, one.recorded_at), default=None)


def _in_market(score: Assessment) -> bool:
    return score.outcome is Outcome.CATEGORY and score.category is not None
