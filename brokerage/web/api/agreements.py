"""Agreements, their acceptance and their reviews, for other systems."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery, JSONBody

from brokerage.desk import views
from brokerage.desk.flow import lives, plans
from brokerage.desk.flow import reviews as flow
from brokerage.desk.views import AgreementView
from brokerage.desk.views import reviews as review_views
from brokerage.desk.views.agreements import young_person_of
from brokerage.desk.views.parts import other_part
from brokerage.desk.work import Work
from brokerage.reading import Reader
from brokerage.web.agreements.reading import WORDS_MOST, read_review
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from placements import store
from placements.model import Agreement, PlanGoal, ReviewCause, ReviewState

Asked = Request[Any, Any, Any]
Answer = Response[str]


class ParticipantBody(Strict):
    role: str
    present: bool
    absence_reason: str | None = None


class ReviewBody(Strict):
    """A review that was held, or with `kind` "extra" and without `held_on` one that is to be planned."""

    kind: str | None = None
    due_on: date | None = None
    cause: str | None = None
    review_id: UUID | None = None
    held_on: date | None = None
    participants: list[ParticipantBody] | None = None
    progress: dict[str, int] | None = None
    evidence: dict[str, str] | None = None
    answers: dict[str, int] | None = None
    decision: str | None = None
    plans: list[str] | None = None


class ReleaseBody(Strict):
    reason: str = ""


class PlanBody(Strict):
    """How each outcome is worked towards, by its key, and when in the week support is given."""

    goals: dict[str, str]
    weekly: str
    with_young_person: bool


@read("/agreements/{agreement_id:uuid}")
def show_agreement(request: Asked, agreement_id: FromPath[UUID], on: FromQuery[date | None] = None) -> Answer:
    """Show an agreement as it stands, or as it stood on a day."""
    with visit(request).work() as work:
        return reply(agreement(work, views.agreement(work, agreement_id, on)))


@write("/agreements/{agreement_id:uuid}/acceptance", status_code=200)
def accept_agreement(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Accept an agreement for the asker's party, once."""

    def deed(work: Work) -> tuple[int, Any]:
        lives.accept_agreement(work, agreement_id)
        return 200, agreement(work, views.agreement(work, agreement_id))

    return once(request, deed)


@write("/agreements/{agreement_id:uuid}/identity", status_code=200)
def release_identity(request: Asked, agreement_id: FromPath[UUID], data: JSONBody[ReleaseBody]) -> Answer:
    """Tell the awarded provider, and nobody else, whom it will house."""
    reader = Reader()
    reason = reader.text(data.reason, "/reason", "The reason", most=WORDS_MOST)
    reader.done()

    def deed(work: Work) -> tuple[int, Any]:
        lives.release_identity(work, agreement_id, reason)
        return 200, {"id": agreement_id, "released_at": work.now}

    return once(request, deed)


@write("/agreements/{agreement_id:uuid}/information", status_code=200)
def share_information(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Record that the provider of an emergency has the full information."""

    def deed(work: Work) -> tuple[int, Any]:
        event = lives.share_information(work, agreement_id)
        return 200, {"id": agreement_id, "due_at": event.due_at, "shared_at": work.now, "late": event.late}

    return once(request, deed)


@write("/agreements/{agreement_id:uuid}/reviews", status_code=201)
def record_review(request: Asked, agreement_id: FromPath[UUID], data: JSONBody[ReviewBody]) -> Answer:
    """Record a review that was held, the next one where none is named; or plan an extra one."""

    def deed(work: Work) -> tuple[int, Any]:
        if data.kind is not None or data.held_on is None:
            return 201, _planned(work, agreement_id, data)
        found = read_review(data.document())
        made = views.agreement(work, agreement_id).agreement
        review_id = data.review_id or flow.next_review(work, made).id
        flow.record_review(work, agreement_id, review_id, found)
        return 201, _review(work, agreement_id, review_id)

    return once(request, deed)


@write("/agreements/{agreement_id:uuid}/support-plan", status_code=201)
def make_support_plan(request: Asked, agreement_id: FromPath[UUID], data: JSONBody[PlanBody]) -> Answer:
    """Make the next version of the support plan, as the provider."""
    reader = Reader()
    most = 2 * WORDS_MOST
    goals = tuple(
        PlanGoal(key, reader.text(how, f"/goals/{key}", "How", most=most, least=1)) for key, how in data.goals.items()
    )
    weekly = reader.text(data.weekly, "/weekly", "When support is given", most=most, least=1)
    reader.done()

    def deed(work: Work) -> tuple[int, Any]:
        event = plans.make_support_plan(work, agreement_id, goals, weekly, data.with_young_person)
        return 201, {"number": event.number, "with_young_person": event.with_young_person}

    return once(request, deed)


def agreement(work: Work, view: AgreementView) -> dict[str, Any]:
    """Show an agreement; the young person only to whoever may know."""
    made, terms = view.agreement, view.agreement.terms
    person = young_person_of(work, view) if work.actor.provider_id is not None else None
    return {
        "id": made.id,
        "reference": made.reference,
        "state": made.state,
        "on": view.on,
        "award_id": made.award_id,
        "referral_id": made.referral_id,
        "provider_id": made.provider_id,
        "provider": view.provider,
        "category": terms.category,
        "hours": float(terms.hours),
        "accommodation_weekly": terms.accommodation_weekly,
        "support_hourly": terms.support_hourly,
        "housing_benefit_weekly": terms.housing_benefit_weekly,
        "beds": terms.beds,
        "weekly_cost": terms.weekly_cost,
        "starts_on": made.starts_on,
        "ends_on": made.ends_on,
        "ended_on": made.ended_on,
        "met_on": made.introduction.met_on,
        "waiver_reason": made.introduction.waiver_reason,
        "agreed_at": made.agreed_at,
        "acceptances": [{"party": one.party, "at": one.at} for one in made.acceptances],
        "outcomes": [{"key": key, "text": text} for key, text in made.outcomes],
        "reviews": [one.due_on for one in view.reviews],
        "review_states": [
            {"id": one.id, "number": one.number, "due_on": one.due_on, "kind": one.kind, "state": one.state}
            for one in view.reviews
        ],
        "versions": [
            {
                "number": one.number,
                "from_on": one.from_on,
                "until_on": one.until_on if one.held else None,
                "hours": float(one.terms.hours),
                "weekly_cost": one.terms.weekly_cost,
                "made_at": one.made_at,
            }
            for one in view.versions
        ],
        "identity_released_at": view.released.released_at if view.released else None,
        **_part(work, made),
        **(
            {}
            if person is None
            else {
                "young_person": {
                    "given_name": person.given_name,
                    "family_name": person.family_name,
                    "known_as": person.known_as,
                    "date_of_birth": person.date_of_birth,
                }
            }
        ),
    }


def _part(work: Work, made: Agreement) -> dict[str, Any]:
    """Say of a part what it is and who gives the other; nothing for a whole."""
    other = other_part(work, made)
    if other is None:
        return {}
    known: dict[str, Any] = {"part": other.part, "provider": other.firm.name if other.firm else None}
    if other.firm and other.beside is None:
        known |= {"phone": other.firm.phone, "email": other.firm.email}
    if other.beside:
        sibling = other.beside.agreement
        known |= {"competition_id": other.beside.competition.id, "agreement_id": sibling.id if sibling else None}
        known |= {"reference": sibling.reference if sibling else None, "weekly_cost": other.beside.weekly_cost}
        known |= {"support_without_accommodation": other.homeless or other.apart}
    return {"part": made.part, "apart_reason": made.apart_reason, "other_part": known}


def _planned(work: Work, agreement_id: UUID, data: ReviewBody) -> dict[str, Any]:
    reader = Reader()
    if data.kind != "extra":
        reader.fault("/held_on", 'Give the day it was held on; to plan an extra review give kind "extra"')
    due_on = reader.day(data.due_on, "/due_on", "The day of the review")
    cause = reader.choice(data.cause, "/cause", "Why it is held", ReviewCause)
    reader.done()
    assert due_on is not None  # the reader has no faults
    assert cause is not None
    event = flow.plan_extra_review(work, agreement_id, cause, due_on)
    return {"id": event.review_id, "number": event.number, "kind": "extra", "due_on": event.due_on, "cause": cause}


def _review(work: Work, agreement_id: UUID, review_id: UUID) -> dict[str, Any]:
    view = review_views.review(work, agreement_id, review_id)
    made, held = view.page.view.agreement, view.held
    assert held is not None  # it was recorded a moment ago
    score = held.minutes.score
    waiting = store.reviews(work.db, made.authority, made.id)
    return {
        "id": review_id,
        "number": view.review.number,
        "held_on": held.minutes.held_on,
        "decision": held.minutes.decision,
        "plans": sorted(held.minutes.plans),
        "distance": [
            {
                "outcome": one.outcome,
                "first": one.baseline,
                "before": one.before,
                "now": one.now,
                "gained": one.travelled,
            }
            for one in view.distances
        ],
        "hours_before": None if view.before is None or view.before.hours is None else float(view.before.hours),
        "hours": None if score.hours is None else float(score.hours),
        "category": score.category,
        "difference": [{"rule": one.rule, "text": one.text, "hours": float(one.hours)} for one in view.changes],
        "next_reviews": [one.due_on for one in waiting if one.state is not ReviewState.HELD],
    }


HANDLERS = (
    show_agreement,
    accept_agreement,
    release_identity,
    share_information,
    record_review,
    make_support_plan,
)
