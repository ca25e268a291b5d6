"""A competition as staff see it: counts while it is open; offers, scores and the choice after the close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.errors import NoSuchBid, NotEvaluated, NotNow, ReasonNeeded
from brokerage.competitions.model import Bid, State, Verb
from brokerage.competitions.rules import unseal
from brokerage.desk import flow, views
from brokerage.desk.views import CompetitionView, OfferView
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import Fault, NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from lots import store as lots

REFRESH: Final = 30
"""An open competition's page loads itself again after so many seconds, unless its reader stopped that.

By header and not by `<meta>`, so that the page itself stays within WCAG; the link to stop it comes first.
"""
REASON_MOST: Final = 2000


@page("/competitions/{competition_id:uuid}")
def show_competition(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Show how far the invitations came, or the opened offers beside one another."""
    asking = visit(request)
    with asking.work() as work:
        view, names, now = views.competition(work, competition_id), views.people(work), work.now
        award = views.award(work, view.award.id) if view.award else None
    state = view.competition.state
    stopped = request.query_params.get("refresh") == "off"
    return asking.show(
        "pages/competitions/open.html" if state is State.OPEN else "pages/competitions/over.html",
        headers={"Refresh": str(REFRESH)} if state is State.OPEN and not stopped else {},
        view=view,
        category=lots.category(view.competition.profile.category),
        offers=_by_name(view),
        agreement=award.agreement if award else None,
        names=names,
        now=now,
        stopped=stopped,
        able=_able(asking),
    )


@page("/competitions/{competition_id:uuid}/evaluate")
def show_evaluation(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Ask for a score of every answer; what was scored before is there."""
    asking = visit(request)
    asking.require(Permission.EVALUATE)
    view = _unsealed(asking, competition_id)
    values = {_field(bid_id, key): str(score) for bid_id, given in view.scores.items() for key, score in given.items()}
    return _evaluation(asking, view, values, {})


@form("/competitions/{competition_id:uuid}/evaluate")
def evaluate(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Keep the scores and rank the offers."""
    asking = visit(request)
    asking.require(Permission.EVALUATE)
    view = _unsealed(asking, competition_id)
    offers = view.offers or ()
    scores: dict[UUID, dict[str, int]] = {one.bid.id: _scores(view, one.bid, data) for one in offers}
    try:
        with asking.work() as work:
            flow.evaluate(work, competition_id, scores)
    except NotValid as refusal:
        return _evaluation(asking, view, data, _score_errors(refusal, offers))
    return asking.go(f"/competitions/{competition_id}", "The scores are saved and the offers are ranked")


@page("/competitions/{competition_id:uuid}/award")
def show_choice(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Ask which offer it shall be; none is chosen beforehand."""
    asking = visit(request)
    asking.require(Permission.AWARD)
    view = _unsealed(asking, competition_id)
    if view.ranking is None:
        raise NotEvaluated
    return asking.show("pages/competitions/choice.html", view=view)


@form("/competitions/{competition_id:uuid}/award")
def award(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Choose an offer and tell every provider that offered."""
    asking = visit(request)
    asking.require(Permission.AWARD)
    try:
        bid_id, reason = _choice(data)
        with asking.work() as work:
            made = flow.award(work, competition_id, bid_id, reason)
    except NotValid as refusal:
        errors = {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}
    except (NoSuchBid, ReasonNeeded) as refusal:
        errors = asking.refused_in(refusal)
    else:
        return asking.go(
            f"/awards/{made.award_id}", "The offer is chosen. Every provider that offered is told, the approvers too"
        )
    with asking.work() as work:
        view = views.competition(work, competition_id)
        unseal(view.competition, work.now)
    if view.ranking is None:
        raise NotEvaluated
    return asking.show_form("pages/competitions/choice.html", data, errors, view=view)


def _unsealed(asking: Visit, competition_id: UUID) -> CompetitionView:
    """Give a closed competition with its offers. Raises StillSealed, BeingOpened, and NotNow once it went on."""
    with asking.work() as work:
        view = views.competition(work, competition_id)
        unseal(view.competition, work.now)
    if view.competition.state is not State.CLOSED:
        raise NotNow(view.competition.state, Verb.AWARD)
    return view


def _evaluation(
    asking: Visit, view: CompetitionView, values: Mapping[str, Any], errors: Mapping[str, str]
) -> Response[Any]:
    fields = {
        (one.bid.id, question.key): _field(one.bid.id, question.key)
        for one in view.offers or ()
        for question in view.competition.questions
    }
    return asking.show_form(
        "pages/competitions/evaluation.html", values, errors, view=view, offers=_by_name(view), fields=fields
    )


def _by_name(view: CompetitionView) -> list[OfferView]:
    """Put the offers in the order of their names: an order that favours nobody."""
    return sorted(view.offers or (), key=lambda one: (one.provider, str(one.bid.id)))


def _field(bid_id: UUID, key: str) -> str:
    """Name a score's entry; ids in a page begin with a letter."""
    return f"score_{bid_id}_{key}"


def _scores(view: CompetitionView, bid: Bid, data: Mapping[str, Any]) -> dict[str, int]:
    """Read the scores that were given to one offer; what is no number is left to the rules to miss."""
    typed = {one.key: str(data.get(_field(bid.id, one.key), "")) for one in view.competition.questions}
    return {key: int(value) for key, value in typed.items() if len(value) == 1 and value in "0123456789"}


def _score_errors(refusal: NotValid, offers: tuple[OfferView, ...]) -> dict[str, str]:
    """Name in each message whose answer it is about: the summary shows them under one another."""
    names = {str(one.bid.id): one.provider for one in offers}
    errors = {}
    for fault in refusal.faults:
        bid_id, _, key = fault.pointer.removeprefix("/scores/").partition("/")
        errors[_field(UUID(bid_id), key)] = f"{names[bid_id]}: {fault.message[:1].lower()}{fault.message[1:]}"
    return errors


def _choice(data: Mapping[str, Any]) -> tuple[UUID, str]:
    """Read which offer was chosen and why. Raises NotValid, NoSuchBid."""
    reader = Reader()
    reason = reader.text(data.get("reason"), "/reason", "The reason", most=REASON_MOST)
    chosen = str(data.get("bid_id", ""))
    if not chosen:
        reader.faults.insert(0, Fault("/bid_id", "Choose the offer you award"))
    if data.get("sure") != "yes":
        reader.fault("/sure", "Confirm that you want to award this offer")
    reader.done()
    try:
        return UUID(chosen), reason
    except ValueError:
        raise NoSuchBid(UUID(int=0)) from None


def _able(asking: Visit) -> set[str]:
    return {permission.value for permission in Permission if may(asking.actor, permission)}


HANDLERS = (show_competition, show_evaluation, evaluate, show_choice, award)
