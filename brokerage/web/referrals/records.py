"""The list of referrals, and the record page of one that was raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.model import AwardState
from brokerage.desk import drafts, flow, views
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.referrals.errors import NoSuchReferral, NotNow
from brokerage.referrals.model import State, Verb
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import text
from brokerage.web.pages import A_PAGE, Form, page_number
from brokerage.web.referrals.words import book, named, timeline
from matrix.rules import age_on

FILTERS: Final[Mapping[str, tuple[State, ...]]] = {
    "all": (),
    "drafts": (State.DRAFT,),
    "ready": (State.RAISED,),
    "looking": (State.SEEKING,),
    "placed": (State.PLACED,),
    "bespoke": (State.BESPOKE,),
    "withdrawn": (State.WITHDRAWN,),
}
REASON_LEAST: Final = 10
REASON_MOST: Final = 2000
ENDED: Final = frozenset({State.PLACED, State.WITHDRAWN})


@page("/referrals")
def show_referrals(request: Request[Any, Any, Any]) -> Response[Any]:
    """List referrals by state, and find one by reference or name."""
    asking = visit(request)
    asked = request.query_params
    state = asked.get("state", "all")
    state, words = state if state in FILTERS else "all", str(asked.get("q", "")).strip()[:100]
    with asking.work() as work:
        found = drafts.listed(work, FILTERS[state], words)
        last = max((len(found) + A_PAGE - 1) // A_PAGE, 1)
        at = min(page_number(asked.get("page", "1")), last)
        shown = drafts.named(work, found[(at - 1) * A_PAGE : at * A_PAGE])
    return asking.show(
        "pages/referrals/list.html",
        form=Form({"q": words}),
        shown=shown,
        total=len(found),
        state=state,
        filters=tuple(FILTERS),
        at=at,
        last=last,
        q=words,
        words=book(),
        may_write=may(asking.actor, Permission.RAISE_REFERRAL),
    )


@page("/referrals/{referral_id:uuid}")
def show_referral(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show what was decided and why: the matrix's working, and the plans as written and as providers see them."""
    return _record(visit(request), referral_id, "overview")


@page("/referrals/{referral_id:uuid}/competition")
def show_competitions(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """List the competitions of a referral with how far each came."""
    return _record(visit(request), referral_id, "competition")


@page("/referrals/{referral_id:uuid}/agreement")
def show_agreements(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """List the agreements that were made for a referral."""
    return _record(visit(request), referral_id, "agreement")


@page("/referrals/{referral_id:uuid}/history")
def show_history(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Tell what happened to a referral, newest first."""
    return _record(visit(request), referral_id, "history")


@page("/referrals/{referral_id:uuid}/withdraw")
def show_withdraw(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Ask why a referral is not needed any more, and say what will happen."""
    return _withdraw_page(visit(request), referral_id, {}, {})


@form("/referrals/{referral_id:uuid}/withdraw")
def withdraw_referral(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Withdraw a referral; everybody who was invited is told."""
    asking, reader = visit(request), Reader()
    reason = reader.text(
        text(data, "reason"), "/reason", "The reason for withdrawing", least=REASON_LEAST, most=REASON_MOST
    )
    try:
        reader.done()
    except NotValid as refused:
        return _withdraw_page(asking, referral_id, data, {"reason": refused.faults[0].message})
    with asking.work() as work:
        flow.withdraw_referral(work, referral_id, reason)
    return asking.go(f"/referrals/{referral_id}", "The referral is withdrawn")


def _record(asking: Visit, referral_id: UUID, tab: str) -> Response[Any]:
    with asking.work() as work:
        state = drafts.state(work, referral_id)
        if state is State.DRAFT:
            return asking.go(f"/referrals/{referral_id}/tasks")
        history = views.history(work, referral_id)
        reason = drafts.withdrawn_reason(work, referral_id) if state is State.WITHDRAWN else ""
        try:
            view = views.referral(work, referral_id)
        except NoSuchReferral:
            if state is not State.WITHDRAWN:
                raise
            view = None  # a draft that was withdrawn has a history and nothing else
        competitions = [views.competition(work, one.id) for one in view.competitions] if view else []
        now, today, edition = work.now, work.today, None
        if view:
            edition = flow.editions()[view.referral.assessment.edition]
    told = timeline(asking.house.env, history) if tab == "history" or view is None else []
    if view is None or edition is None:
        return asking.show("pages/referrals/withdrawn_draft.html", items=told, reason=reason)
    found = view.referral
    return asking.show(
        f"pages/referrals/{tab}.html",
        view=view,
        found=found,
        age=age_on(found.new.young_person.date_of_birth, today),
        competitions=competitions,
        in_parts=_parts(competitions),
        providers=competitions[0].provider_names if competitions else {},
        items=told,
        reason=reason,
        now=now,
        edition=edition,
        words=book(),
        named={choice: named(choice) for choice in book()["choices"]},
        may_publish=state in {State.RAISED, State.BESPOKE} and may(asking.actor, Permission.OPEN_COMPETITION),
        may_withdraw=state not in ENDED and may(asking.actor, Permission.OPEN_COMPETITION),
        may_share=may(asking.actor, Permission.SHARE),
        may_ask_equality=may(asking.actor, Permission.RAISE_REFERRAL),
    )


def _parts(competitions: Sequence[views.CompetitionView]) -> list[views.CompetitionView]:
    """Give the last competition of each part, accommodation first; nothing where the last one was for the whole."""
    last: dict[str, views.CompetitionView] = {}
    for one in sorted(competitions, key=lambda each: each.competition.window.opens_at):
        part = one.competition.part
        last = {**last, part.value: one} if part else {}
    return [last[part] for part in sorted(last)]


def _withdraw_page(
    asking: Visit, referral_id: UUID, data: Mapping[str, Any], errors: Mapping[str, str]
) -> Response[Any]:
    asking.require(Permission.OPEN_COMPETITION)
    with asking.work() as work:
        state = drafts.state(work, referral_id)
        if state in ENDED:
            raise NotNow(state, Verb.WITHDRAW)
        view = None if state is State.DRAFT else views.referral(work, referral_id)
        reference = view.referral.reference if view else drafts.draft(work, referral_id).draft.reference
        running = [
            one
            for one in (views.competition(work, one.id) for one in (view.competitions if view else ()))
            if one.competition.state in ("open", "closed", "awarded")
        ]
        agreed = [one.award for one in running if one.award and one.award.state is AwardState.AGREED]
        running = [one for one in running if one.award not in agreed]
        kept = view.agreements if view and agreed else ()
    return asking.show_form(
        "pages/referrals/withdraw.html",
        data,
        errors,
        referral_id=referral_id,
        reference=reference,
        state=state,
        running=running,
        kept=kept,
    )


HANDLERS = (
    show_referrals,
    show_referral,
    show_competitions,
    show_agreements,
    show_history,
    show_withdraw,
    withdraw_referral,
)
