"""The provider's side: an invitation, an offer, its receipt; by the link of a message or signed in.

Both doors lead through the same pages. A link shows and declines, and offers with a code from the registered phone
(S9); a signed-in provider needs no code. Looking never acts, and what was typed comes back with every answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.errors import (
    BidTooLate,
    CodeNeeded,
    CodeWrong,
    CompetitionCancelled,
    NothingToWithdraw,
    NotOpenYet,
    OverTendered,
    TooManyCodes,
    WindowOver,
)
from brokerage.competitions.model import State
from brokerage.competitions.rules.reading import read_code, read_decline
from brokerage.desk import flow, views
from brokerage.desk.views import InvitationView
from brokerage.desk.work import SYSTEM
from brokerage.people import rules as people_rules
from brokerage.people.errors import KeyNotKnown, NotSignedIn
from brokerage.people.model import Actor
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, by_secret, check_form, form, look, page, sign_in, visit
from brokerage.web.limits import address_of, charge, give_back
from brokerage.web.pages import Form
from brokerage.web.problems import FormExpired, facts_of, kind_of, words_of
from lots import store as lots

Data = Mapping[str, Any]
Answer = Response[Any]

PRICES: Final = ("accommodation_weekly", "support_hourly")
DAY: Final = ("earliest_start_day", "earliest_start_month", "earliest_start_year")
PLACE: Final = ("place_outward_code", "place_shared", "place_description")
ANSWER: Final = "answer_"
MOST_KEPT: Final = 40
"""A form has at most 12 questions and 8 other entries; a request with more names is none of ours."""

REFUSALS: Final = (NotValid, OverTendered, BidTooLate, CompetitionCancelled, NotOpenYet)
"""What may be said to an offer, and is said with the offer still on the page."""

FIELD_OF: Final[Mapping[str, str]] = {
    "/accommodation_weekly": "accommodation_weekly",
    "/support_hourly": "support_hourly",
    "/earliest_start": "earliest_start",
    "/place": "place_outward_code",
    "/place/outward_code": "place_outward_code",
    "/place/shared": "place_shared",
    "/place/description": "place_description",
    "/code": "code",
}


@dataclass(frozen=True, slots=True)
class Door:
    """One of the two ways to an invitation; `base` is the address that its pages start with."""

    asking: Visit
    actor: Actor
    key: str | UUID
    base: str
    mark: str

    @property
    def by_link(self) -> bool:
        return isinstance(self.key, str)

    def show(self, template: str, **context: Any) -> Response[str]:
        return self.asking.show(f"pages/bids/{template}.html", base=self.base, mark=self.mark, **context)

    def form(self, template: str, values: Data, errors: Mapping[str, str], **context: Any) -> Response[str]:
        name = f"pages/bids/{template}.html"
        return self.asking.show_form(name, values, errors, base=self.base, mark=self.mark, **context)


def _by_link(request: Request[Any, Any, Any], token: str) -> Door:
    """Come in by the link of a message. Who else is signed in changes nothing: the link speaks for its provider."""
    return Door(look(request), SYSTEM, token, f"/b/{token}", "")


def _signed_in(request: Request[Any, Any, Any], invitation_id: UUID) -> Door:
    """Come in as a signed-in provider. Raises NotSignedIn."""
    return _door_of(visit(request), invitation_id)


def _door_of(asking: Visit, invitation_id: UUID) -> Door:
    mark = people_rules.csrf_token(asking.secret) if asking.secret else ""
    return Door(asking, asking.actor, invitation_id, f"/offers/{invitation_id}", mark)


# Looking


def show_invitation(door: Door) -> Answer:
    """Show the summary, or how it ended; only the first sight is noted (A28)."""
    view = _look(door)
    if not _runs(view):
        return _show_over(door, view)
    found = view.competition
    category = lots.category(found.profile.category)
    return door.show("show_invitation", view=view, category=category, waits=_waits(view), person=_own(door))


def show_offer(door: Door) -> Answer:
    """Show the form: empty, or with the tendered prices to replace an offer that nobody can read."""
    view = _look(door)
    if not _runs(view) or _waits(view):
        return _show_over(door, view) if not _runs(view) else door.asking.go(door.base)
    return door.form("show_offer", tendered_of(view) if view.standing else {}, {}, view=view)


def show_decline(door: Door) -> Answer:
    """Ask why."""
    view = _look(door)
    return door.form("show_decline", {}, {}, view=view) if _runs(view) else _show_over(door, view)


def show_withdraw(door: Door) -> Answer:
    """Ask whether the standing offer is really to be taken back."""
    view = _look(door)
    if not _runs(view):
        return _show_over(door, view)
    return door.show("show_withdraw", view=view) if view.standing else door.asking.go(door.base)


def show_start(door: Door) -> Answer:
    """Lead from the address of a step that only a form reaches back to the invitation."""
    _look(door)
    return door.asking.go(door.base)


# Acting


def check_offer(door: Door, data: Data) -> Answer:
    """Hold an offer against window and tendered prices and show it whole before it is sent."""
    typed = _typed(data)
    if "change" in data:
        return _show_form(door, typed, {})
    return _checked(door, typed, code_sent=False)


def send_code(door: Door, data: Data) -> Answer:
    """Text a code to the registered phone; the offer waits on the page."""
    typed = _typed(data)
    try:
        with door.asking.house.desk.work(door.actor) as work:
            flow.check_offer(work, door.key, document_of(typed))
            flow.send_code(work, str(door.key))
    except TooManyCodes as refusal:
        return _checked(door, typed, code_sent=True, errors={"code": _words(door, refusal)})
    except REFUSALS as refusal:
        _keep_late(door, refusal)
        return _refused(door, typed, refusal)
    return _checked(door, typed, code_sent=True, fresh=True)


def place_bid(door: Door, data: Data) -> Answer:
    """Receive the offer; a double click sends once and gets the same receipt."""
    typed = _typed(data)
    document, code = document_of(typed), None
    try:
        if door.by_link and typed.get("code"):
            code = read_code(typed["code"])
        receipt = flow.place_bid(
            door.asking.house.desk, door.actor, door.key, document, code=code, request_key=typed.get("request_key")
        )
    except (CodeNeeded, CodeWrong) as refusal:
        errors = door.asking.refused_in(refusal)
        return _checked(door, typed, code_sent=True, errors=errors)
    except REFUSALS as refusal:
        return _refused(door, typed, refusal)
    return door.show("place_bid", receipt=receipt, typed=typed, answers=_answers(typed))


def decline(door: Door, data: Data) -> Answer:
    """Note that the provider cannot offer, and why."""
    document = {"reason": _one(data.get("reason")), "note": _one(data.get("note"))}
    try:
        reason, note = read_decline(document)
        with door.asking.house.desk.work(door.actor) as work:
            flow.decline(work, door.key, reason, note)
            view = views.invitation(work, flow.look_at_invitation(work, door.key))
    except NotValid as refusal:
        errors = {fault.pointer.lstrip("/"): fault.message for fault in refusal.faults}
        return door.form("show_decline", document, errors, view=_look(door))
    except (WindowOver, CompetitionCancelled):
        return _show_over(door, _look(door), status=409)
    return door.show("decline", view=view)


def withdraw_bid(door: Door, data: Data) -> Answer:
    """Take the standing offer back; a second click finds it gone and says the same."""
    try:
        with door.asking.house.desk.work(door.actor) as work:
            flow.withdraw_bid(work, door.key)
    except NothingToWithdraw:
        pass
    except (WindowOver, CompetitionCancelled):
        return _show_over(door, _look(door), status=409)
    view = _look(door)
    return door.show("withdraw_bid", view=view)


# The signed-in provider's own list


@page("/provider")
def show_provider(request: Request[Any, Any, Any]) -> Answer:
    """List open invitations, the next to close first, and what became of the others."""
    asking = visit(request)
    with asking.work() as work:
        desk = views.provider_desk(work)
    return asking.show("pages/bids/show_provider.html", desk=desk)


@form("/offers/{invitation_id:uuid}/resume")
def resume(
    request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Sign in again in the middle of an offer, with everything typed still there. Nothing is sent by it."""
    asking, typed = look(request), _typed(data)
    tries = (people_rules.BY_ADDRESS, address_of(request))
    charge(request, tries)
    try:
        secret = sign_in(asking.house, str(_one(data.get("key"))))
    except KeyNotKnown as refusal:
        return _keep(asking, invitation_id, typed, asking.refused_in(refusal))
    give_back(request, tries)
    again = by_secret(asking.house, request, secret)
    response = _checked(_door_of(again, invitation_id), typed, code_sent=False)
    response.set_cookie(asking.house.session_cookie(secret, seconds=None))
    return response


def _keep(asking: Visit, invitation_id: UUID, typed: Data, errors: Mapping[str, str]) -> Answer:
    """Show a form that came back after its session ended, to be signed in and gone on with."""
    lost = Visit(asking.house, asking.request, None, "", asking.nonce)
    base = f"/offers/{invitation_id}"
    return lost.show(
        "pages/bids/keep.html",
        status=422 if errors else 403,
        form=Form(typed, errors),
        base=base,
        typed=typed,
        answers=_answers(typed),
    )


# What a form says


def document_of(typed: Data) -> dict[str, object]:
    """Turn the form's entries into the offer's document, in the API's shape."""
    day, month, year = (typed.get(name, "").strip() for name in DAY)
    place: dict[str, object] = {
        "outward_code": typed.get("place_outward_code", ""),
        "description": typed.get("place_description", ""),
    }
    if typed.get("place_shared"):
        place["shared"] = typed["place_shared"]
    return {
        **{name: typed[name] for name in PRICES if typed.get(name)},
        "earliest_start": f"{year}-{month}-{day}" if day or month or year else "",
        "place": place,
        "answers": dict(_answers(typed)),
    }


def tendered_of(view: InvitationView) -> dict[str, str]:
    """Begin the form of another offer with the tendered prices: the first one is sealed from its maker too."""
    tendered = view.gate.tendered
    return {
        name: str(price)
        for name, price in zip(PRICES, (tendered.accommodation_weekly, tendered.support_hourly), strict=True)
        if price is not None
    }


def errors_of(refusal: NotValid, view: InvitationView) -> dict[str, str]:
    """Put faults to the form's fields; one about no field of it goes to the head of the form."""
    fields = {**FIELD_OF} | {f"/answers/{one.key}": ANSWER + one.key for one in view.gate.questions}
    return {fields.get(fault.pointer, ""): fault.message for fault in refusal.faults}


def _typed(data: Data) -> dict[str, str]:
    """Keep the entries of the offer's form and nothing else, one value each."""
    names = {*PRICES, *DAY, *PLACE, "code", "request_key"}
    kept = [name for name in data if name in names or name.startswith(ANSWER)]
    return {name: _one(data[name]) for name in kept[:MOST_KEPT]}


def _answers(typed: Data) -> list[tuple[str, str]]:
    return [(name.removeprefix(ANSWER), text) for name, text in typed.items() if name.startswith(ANSWER)]


def _one(value: Any) -> str:
    return str(value[0] if isinstance(value, list) and value else value or "")


# What several pages need


def _look(door: Door) -> InvitationView:
    with door.asking.house.desk.work(door.actor) as work:
        return views.invitation(work, flow.look_at_invitation(work, door.key))


def _runs(view: InvitationView) -> bool:
    return view.gate.state is State.OPEN and view.gate.now < view.gate.window.closes_at


def _waits(view: InvitationView) -> bool:
    return view.gate.now < view.gate.window.opens_at


def _own(door: Door) -> str:
    """Give the id under which the link's own provider, when signed in, may offer without a code."""
    person = door.asking.person
    return person.name if person and person.provider_id and door.by_link else ""


def _show_over(door: Door, view: InvitationView, status: int = 200) -> Answer:
    """Say that the time for offers is over, and what came of it; a window without offers looks like any other."""
    kind = "closed"
    if view.gate.state is State.CANCELLED:
        kind = "cancelled"
    elif view.outcome is not None:
        kind = "outcome"
    return door.show("over", status=status, view=view, kind=kind)


def _show_form(door: Door, typed: Data, errors: Mapping[str, str], view: InvitationView | None = None) -> Answer:
    view = view or _look(door)
    return door.form("show_offer", typed, errors, view=view)


def _checked(
    door: Door, typed: Data, *, code_sent: bool, errors: Mapping[str, str] | None = None, fresh: bool = False
) -> Answer:
    """Show the whole offer once more: what is sent is what stands on this page."""
    document = document_of(typed)
    try:
        with door.asking.house.desk.work(door.actor) as work:
            gate, offer = flow.check_offer(work, door.key, document)
            view = views.invitation(work, gate)
    except REFUSALS as refusal:
        _keep_late(door, refusal)
        return _refused(door, typed, refusal)
    return door.form(
        "check_offer",
        typed,
        errors or {},
        view=view,
        offer=offer,
        cost=views.cost_of_offer(view, offer),
        typed={name: value for name, value in typed.items() if name not in {"code", "request_key"}},
        request_key=typed.get("request_key") or secrets.token_urlsafe(16),
        needs_code=door.by_link and gate.offer_code,
        code_sent=code_sent,
        fresh=fresh,
    )


def _keep_late(door: Door, refusal: Exception) -> None:
    """Keep the receipt of an offer that came too late on its way to be checked: its maker cannot send it any more."""
    if isinstance(refusal, BidTooLate):
        flow.refuse_late(door.asking.house.desk, door.actor, door.key, refusal)


def _refused(door: Door, typed: Data, refusal: Exception) -> Answer:
    """Show a refused offer again with everything that was typed: in its fields, or to be read out to the council."""
    view = _look(door)
    if isinstance(refusal, CompetitionCancelled):
        return _show_over(door, view, status=410)
    if isinstance(refusal, BidTooLate):
        words = words_of(door.asking.house.env, "bid-too-late", facts_of(refusal))
        return door.show("late", status=409, view=view, words=words, late=refusal, typed=typed, answers=_answers(typed))
    if isinstance(refusal, NotOpenYet):
        return _show_form(door, typed, {"": _words(door, refusal)}, view)
    if isinstance(refusal, NotValid):
        errors = errors_of(refusal, view)
        if set(errors) == {"code"}:
            return _checked(door, typed, code_sent=True, errors=errors)
        return _show_form(door, typed, errors, view)
    return _show_form(door, typed, door.asking.refused_in(refusal), view)


def _words(door: Door, refusal: Exception) -> str:
    kind = kind_of(refusal)
    words = words_of(door.asking.house.env, kind.slug if kind else "fault", facts_of(refusal))
    return f"{words.title}. {words.happened} {words.next_steps[0]}"


# The two doors

KEPT: Final = {"/offer", "/send"}
"""The forms that hold an offer: where a session ended, they wait for the next one."""


async def _check_or_keep(request: Request[Any, Any, Any]) -> None:
    """Look at the form's mark; where it is missing the handler does nothing but show what was typed."""
    try:
        await check_form(request)
    except (NotSignedIn, FormExpired):
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise  # another site's form is not shown as if it were the provider's own
        request.state.lapsed = True


def _link_page(path: str, show: Callable[[Door], Answer]) -> HTTPRouteHandler:
    @page("/b/{token:str}" + path)
    def handler(request: Request[Any, Any, Any], token: FromPath[str]) -> Answer:
        return show(_by_link(request, token))

    return handler


def _link_form(path: str, act: Callable[[Door, Data], Answer]) -> HTTPRouteHandler:
    @form("/b/{token:str}" + path)
    def handler(request: Request[Any, Any, Any], token: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Answer:
        return act(_by_link(request, token), data)

    return handler


def _own_page(path: str, show: Callable[[Door], Answer]) -> HTTPRouteHandler:
    @page("/offers/{invitation_id:uuid}" + path)
    def handler(request: Request[Any, Any, Any], invitation_id: FromPath[UUID]) -> Answer:
        return show(_signed_in(request, invitation_id))

    return handler


def _own_form(path: str, act: Callable[[Door, Data], Answer]) -> HTTPRouteHandler:
    @form("/offers/{invitation_id:uuid}" + path, before_request=_check_or_keep)
    def handler(
        request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
    ) -> Answer:
        asking = look(request)
        if asking.person is not None and not request.state.get("lapsed"):
            return act(_door_of(asking, invitation_id), data)
        if path not in KEPT:
            raise FormExpired
        return _keep(asking, invitation_id, _typed(data), {})

    return handler


@route("/b/{token:str}", http_method=[HttpMethod.HEAD], sync_to_thread=False, include_in_schema=False, status_code=200)
def glance(token: FromPath[str]) -> Response[bytes]:
    """Answer a scanner of links without looking anything up: every link, known or not, answers alike."""
    return Response(b"", media_type="text/html")


PAGES: Final = {
    "": show_invitation,
    "/offer": show_offer,
    "/decline": show_decline,
    "/withdraw": show_withdraw,
    "/send": show_start,
}
FORMS: Final = {"/offer": check_offer, "/send": place_bid, "/decline": decline, "/withdraw": withdraw_bid}

LINK_HANDLERS = (
    glance,
    *(_link_page(path, show) for path, show in PAGES.items()),
    _link_page("/code", show_start),
    *(_link_form(path, act) for path, act in FORMS.items()),
    _link_form("/code", send_code),
    resume,
)
HANDLERS = (
    show_provider,
    *(_own_page(path, show) for path, show in PAGES.items()),
    *(_own_form(path, act) for path, act in FORMS.items()),
)
