"""Reviews of a placement: planned, held, and read (A31, A32)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import reviews as flow
from brokerage.desk.views import reviews as views
from brokerage.desk.views.reviews import ReviewView
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.agreements.agreement import Answer, Asked
from brokerage.web.agreements.reading import WORDS_MOST, read_review
from brokerage.web.agreements.stepdown import picture_of
from brokerage.web.agreements.typed import Typed, chosen
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of, read_day, text
from brokerage.web.problems import in_field
from matrix.errors import CaseNotValid
from placements.errors import OutsideStay, StillToCome
from placements.model import ReviewCause, Role

NEXT: Final[Mapping[str, tuple[str, str]]] = {
    "reduce": ("variations", "Propose the change of the agreement"),
    "increase": ("variations", "Propose the change of the agreement"),
    "move_on": ("market", "Ask the market for the next home"),
    "end": ("notice", "Give notice"),
}
"""Where a decision leads: a page of the same agreement, and what is done there (A32, A33, A34, A41)."""


@page("/agreements/{agreement_id:uuid}/reviews")
def show_reviews(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Show all reviews, the distance travelled and the way down from the first package."""
    return _reviews(visit(request), agreement_id, {}, {})


@form("/agreements/{agreement_id:uuid}/reviews")
def plan_extra_review(request: Asked, agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Plan a review beside the series."""
    asking, reader = visit(request), Reader()
    asking.require(Permission.REVIEW_PLACEMENT)
    try:
        due_on = read_day(reader, data, "due_on", "The day of the review")
        cause = reader.choice(text(data, "cause"), "/cause", "Why it is held", ReviewCause)
        reader.done()
        assert due_on is not None  # the reader has no faults
        assert cause is not None
        with asking.work() as work:
            event = flow.plan_extra_review(work, agreement_id, cause, due_on)
    except NotValid as refusal:
        return _reviews(asking, agreement_id, data, errors_of(refusal))
    except OutsideStay as refusal:
        return _reviews(asking, agreement_id, data, {"due_on": _said(asking, refusal)})
    return asking.go(f"/agreements/{agreement_id}/reviews", f"Review {event.number} is planned. The provider is told")


@page("/agreements/{agreement_id:uuid}/reviews/{review_id:uuid}")
def show_review(request: Asked, agreement_id: FromPath[UUID], review_id: FromPath[UUID]) -> Answer:
    """Show what a review found, or the form to record it."""
    return _review(visit(request), agreement_id, review_id, {}, {})


@form("/agreements/{agreement_id:uuid}/reviews/{review_id:uuid}")
def record_review(
    request: Asked, agreement_id: FromPath[UUID], review_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Record a review that was held; what was typed stays on the page where something is wrong."""
    asking = visit(request)
    asking.require(Permission.REVIEW_PLACEMENT)
    with asking.work() as work:
        view = views.review(work, agreement_id, review_id)
    try:
        found = read_review(_document(data, view))
        with asking.work() as work:
            flow.record_review(work, agreement_id, review_id, found)
    except NotValid as refusal:
        wrong = {_box(fault.pointer): fault.message for fault in refusal.faults}
        return _review(asking, agreement_id, review_id, data, wrong)
    except CaseNotValid as refusal:
        wrong = {_box(fault.pointer): fault.message for fault in refusal.faults}
        return _review(asking, agreement_id, review_id, data, wrong)
    except (OutsideStay, StillToCome) as refusal:
        return _review(asking, agreement_id, review_id, data, {"held_on": _said(asking, refusal)})
    return asking.go(f"/agreements/{agreement_id}/reviews/{review_id}", "The review is recorded. The provider is told")


def _reviews(asking: Visit, agreement_id: UUID, values: Typed, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        found, today = views.reviews_page(work, agreement_id), work.today
    return asking.show_form(
        "pages/agreements/show_reviews.html",
        values,
        errors,
        found=found,
        page=found.page,
        today=today,
        picture=picture_of(found.steps),
    )


def _review(asking: Visit, agreement_id: UUID, review_id: UUID, values: Typed, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view, today = views.review(work, agreement_id, review_id), work.today
    typed = {f"answers_{key}": str(level) for key, level in view.last_levels.items()} if not values else {}
    return asking.show_form(
        "pages/agreements/show_review.html",
        {**typed, **values, "plans": chosen(values, "plans")},
        errors,
        view=view,
        page=view.page,
        today=today,
        roles=list(Role),
        most=WORDS_MOST,
        after=NEXT.get(view.held.minutes.decision.value) if view.held else None,
    )


def _document(data: Typed, view: ReviewView) -> dict[str, Any]:
    """Turn the boxes of the form into the document that other systems send."""
    reader = Reader()
    held_on = read_day(reader, data, "held_on", "The day of the review")
    participants = []
    for role in Role:
        said = text(data, f"took_part_{role}")
        if said in ("yes", "no"):
            participants.append(
                {"role": role, "present": said == "yes", "absence_reason": text(data, f"absent_{role}")}
            )
        elif role in (Role.YOUNG_PERSON, Role.PROVIDER, Role.COUNCIL):
            reader.fault(f"/participants/{role}", f"Say whether the {role.replace('_', ' ')} took part")
    outcomes = [key for key, _ in view.page.view.agreement.outcomes]
    for key in outcomes:
        if not text(data, f"progress_{key}"):
            reader.fault(f"/progress/{key}", "Choose how near this outcome is")
    reader.done()
    asked = [*(one.key for one in view.edition.domains), *(one.key for one in view.edition.facts)]
    levels = {key: text(data, f"answers_{key}") for key in asked if text(data, f"answers_{key}")}
    return {
        "held_on": held_on,
        "participants": participants,
        "progress": {key: text(data, f"progress_{key}") for key in outcomes},
        "evidence": {key: text(data, f"evidence_{key}") for key in outcomes},
        "answers": {key: int(said) if said.isdecimal() and len(said) == 1 else said for key, said in levels.items()},
        "decision": text(data, "decision"),
        "plans": chosen(data, "plans"),
    }


def _box(pointer: str) -> str:
    """Give the box that a place of the document was typed into."""
    first, *rest = pointer.split("/")[1:]
    names = {"participants": "took_part", "progress": "progress", "evidence": "evidence", "answers": "answers"}
    return f"{names[first]}_{rest[0]}" if first in names and rest else first


def _said(asking: Visit, refusal: Exception) -> str:
    found = in_field(asking.house.env, refusal)
    return found[1] if found else ""


HANDLERS = (show_reviews, plan_extra_review, show_review, record_review)
