"""Individual placement agreements, for the council's staff and for the provider they were made with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk import views
from brokerage.desk.flow import lives
from brokerage.desk.views.agreements import waits_for
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of, has_day, read_day
from brokerage.web.pages import A_PAGE, Form, london_day, page_number
from placements.errors import NotAgreedYet
from placements.model import AgreementState

Asked = Request[Any, Any, Any]
Answer = Response[Any]


FILTERS: Final[Mapping[str, tuple[AgreementState, ...]]] = {
    "running": tuple(state for state in AgreementState if state is not AgreementState.ENDED),
    "ended": (AgreementState.ENDED,),
    "all": tuple(AgreementState),
}


@page("/agreements")
def show_agreements(request: Asked) -> Answer:
    """List the agreements that concern whoever asks, those that run first, and find one by its reference."""
    asking = visit(request)
    asked = request.query_params
    which, words = asked.get("which", ""), str(asked.get("q", "")).strip()[:100]
    which = which if which in FILTERS else "all" if words else "running"
    at = page_number(asked.get("page", "1"))
    with asking.work() as work:
        found, total = views.listed_agreements(work, FILTERS[which], words, (at - 1) * A_PAGE, A_PAGE)
        last = max((total + A_PAGE - 1) // A_PAGE, 1)
        if at > last:
            at = last
            found, _ = views.listed_agreements(work, FILTERS[which], words, (at - 1) * A_PAGE, A_PAGE)
        today = work.today
    return asking.show(
        "pages/agreements/show_agreements.html",
        form=Form({"q": words}),
        listed=found,
        today=today,
        staff=may(asking.actor, Permission.SEE_REFERRAL),
        which=which,
        filters=tuple(FILTERS),
        q=words,
        total=total,
        at=at,
        last=last,
    )


@page("/agreements/{agreement_id:uuid}")
def show_agreement(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Show an agreement as it stands, or as it stood on a day."""
    asking = visit(request)
    try:
        on = asked_day(request)
        return _agreement(asking, agreement_id, on, {})
    except NotValid as refusal:
        return _agreement(asking, agreement_id, None, errors_of(refusal))
    except NotAgreedYet as refusal:
        if has_day(request.query_params, "on"):
            said = f"The agreement was made on {london_day(refusal.agreed_on)}: choose that day or a later one"
            return _agreement(asking, agreement_id, None, {"on": said})
        raise


@page("/agreements/{agreement_id:uuid}/acceptance")
def show_acceptance(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Show what is to be accepted, for the asker's party."""
    asking = visit(request)
    with asking.work() as work:
        found, today = views.agreement_page(work, agreement_id), work.today
    waits = waits_for(found.view.agreement, found.party)
    return asking.show("pages/agreements/show_acceptance.html", page=found, today=today, waits=waits)


@form("/agreements/{agreement_id:uuid}/acceptance")
def accept_agreement(request: Asked, agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Accept an agreement for the asker's party (A30)."""
    asking = visit(request)
    if data.get("read") != "yes":
        with asking.work() as work:
            found, today = views.agreement_page(work, agreement_id), work.today
        wrong = {"read": "Tick the box to say that you have read the agreement and accept it"}
        return asking.show_form(
            "pages/agreements/show_acceptance.html",
            data,
            wrong,
            page=found,
            today=today,
            waits=waits_for(found.view.agreement, found.party),
        )
    with asking.work() as work:
        event = lives.accept_agreement(work, agreement_id)
    said = "Both parties have now accepted it" if event.by_both else "The other party is asked to accept it too"
    return asking.go(f"/agreements/{agreement_id}", f"You have accepted agreement {event.reference}. {said}")


@form("/agreements/{agreement_id:uuid}/start/now")
def start_agreement(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Start a placement whose first day has come, after what stood in its way was mended."""
    asking = visit(request)
    with asking.work() as work:
        event = lives.start_agreement(work, agreement_id)
    return asking.go(f"/agreements/{agreement_id}", f"The placement {event.reference} has started")


def asked_day(request: Asked) -> date | None:
    """Read the day that is asked about: `?on=2026-12-01`, or the three boxes of the form. Raises NotValid."""
    asked, reader = request.query_params, Reader()
    on: date | None = None
    if asked.get("on"):
        on = reader.day(asked["on"], "/on", "The day")
    elif has_day(asked, "on"):
        on = read_day(reader, asked, "on", "The day")
    reader.done()
    return on


def _agreement(asking: Visit, agreement_id: UUID, on: date | None, errors: dict[str, str]) -> Answer:
    with asking.work() as work:
        found, today = views.agreement_page(work, agreement_id, on), work.today
    made = found.view.agreement
    waiting = on is None and made.state is AgreementState.ACCEPTED and made.starts_on <= today
    return asking.show_form(
        "pages/agreements/show_agreement.html",
        asking.request.query_params,
        errors,
        page=found,
        today=today,
        waits=waits_for(made, found.party),
        may_start=waiting and may(asking.actor, Permission.OPEN_AGREEMENT),
        staff=may(asking.actor, Permission.SEE_REFERRAL),
    )


HANDLERS = (show_agreements, show_agreement, show_acceptance, accept_agreement, start_agreement)
