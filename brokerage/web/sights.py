"""Who saw what: the reason for a look, the auditor's page, and what councils let each other read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk import drafts
from brokerage.desk.flow.shares import end_share, share_referral
from brokerage.desk.flow.sights import give_reason
from brokerage.desk.sights.model import Relation
from brokerage.desk.views import sights as views
from brokerage.people.errors import NoSuchAuthority
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.referrals.errors import AlreadyShared
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import text
from brokerage.web.referrals import typed
from brokerage.web.sheets import sheet
from matrix.rules import age_on

LEAST: Final = 10
MOST: Final = 500

RELATION_WORDS: Final[Mapping[Relation, str]] = {
    Relation.RAISED: "wrote the referral",
    Relation.ACTED: "has done something for it",
    Relation.ROLE: "it waits for their work",
    Relation.SHARED: "their council was let read it",
    Relation.PLACED: "the young person lives with them",
    Relation.REASON: "gave a reason",
}


@page("/referrals/{referral_id:uuid}/reason")
def ask_reason(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Ask why somebody must see a record that they have nothing to do with."""
    asking = visit(request)
    onward = _local(request.query_params.get("next", ""), referral_id)
    return _reason_page(asking, referral_id, {"next": onward}, {})


@form("/referrals/{referral_id:uuid}/reason")
def take_reason(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Keep the reason, for the auditor to read, and go on to the record."""
    asking = visit(request)
    onward = _local(text(data, "next"), referral_id)
    reader = Reader()
    reason = reader.text(text(data, "reason"), "/reason", "The reason", least=LEAST, most=MOST)
    try:
        reader.done()
    except NotValid as refused:
        return _reason_page(asking, referral_id, {**data, "next": onward}, {"reason": refused.faults[0].message})
    with asking.work() as work:
        give_reason(work, referral_id, reason)
    return asking.go(onward, "Your reason is kept. It holds for 8 hours.")


def _reason_page(
    asking: Visit, referral_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]
) -> Response[Any]:
    with asking.work() as work:
        drafts.state(work, referral_id)
    return asking.show_form("pages/sights/ask_reason.html", values, errors, referral_id=referral_id)


@page("/sights")
def show_sights(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show who saw whose record, when and why: by person, by young person; as a table to take away."""
    asking = visit(request)
    asking.require(Permission.SEE_SIGHTS)
    asked = {name: str(request.query_params.get(name, "")).strip()[:80] for name in ("person", "referral")}
    with asking.work() as work:
        staff, errors = views.staff(work), {}
        person = next((one for one in staff if str(one) == asked["person"]), None)
        referral = views.referral_named(work, asked["referral"]) if asked["referral"] else None
        if asked["referral"] and referral is None:
            errors["referral"] = "There is no referral with this reference in your council"
        found = () if errors else views.sights(work, person, referral)
    if request.query_params.get("format") == "csv":
        return _csv(found)
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items() if value)
    return asking.show_form(
        "pages/sights/show_sights.html", asked, errors, found=found, staff=staff, words=RELATION_WORDS, query=query
    )


def _csv(found: tuple[views.SightView, ...]) -> Response[Any]:
    head = ("when", "who", "person", "referral", "what", "relation", "reason")
    rows = [
        (
            one.sight.at.isoformat(),
            one.who,
            str(one.sight.person_id),
            one.reference,
            one.sight.what,
            one.sight.relation.value,
            one.sight.reason or "",
        )
        for one in found
    ]
    return sheet("sights", head, rows)


@page("/referrals/{referral_id:uuid}/share")
def show_shares_of(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show to which councils a referral is shared, and ask whether to share it with another."""
    return _share_page(visit(request), referral_id, {}, {})


@form("/referrals/{referral_id:uuid}/share")
def take_share(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Let another council read one referral, through a day."""
    asking, reader = visit(request), Reader()
    asking.require(Permission.SHARE)
    council = text(data, "with_authority")
    until_on = reader.day(typed.day(data, "until_on"), "/until_on", "The last day")
    reason = reader.text(text(data, "reason"), "/reason", "The reason", least=LEAST, most=MOST)
    if not council:
        reader.fault("/with_authority", "Choose a council")
    try:
        reader.done()
        assert until_on is not None  # the reader has refused everything else
        with asking.work() as work:
            share_referral(work, referral_id, council, until_on, reason)
    except NotValid as refused:
        errors = {fault.pointer.lstrip("/"): fault.message for fault in refused.faults}
        return _share_page(asking, referral_id, data, errors)
    except NoSuchAuthority:
        return _share_page(asking, referral_id, data, {"with_authority": "Choose one of the councils in the list"})
    except AlreadyShared as refused:
        return _share_page(asking, referral_id, data, asking.refused_in(refused))
    return asking.go(f"/referrals/{referral_id}/share", "The referral is shared")


def _share_page(
    asking: Visit, referral_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]
) -> Response[Any]:
    asking.require(Permission.SHARE)
    with asking.work() as work:
        found, today = views.shares_of(work, referral_id), work.today
    return asking.show_form(
        "pages/sights/show_shares_of.html", values, errors, found=found, referral_id=referral_id, today=today
    )


@page("/shares")
def show_shares(request: Request[Any, Any, Any]) -> Response[Any]:
    """List what the council shares with others, and what others share with it."""
    asking = visit(request)
    with asking.work() as work:
        given, taken, councils = views.shares(work)
        today = work.today
    return asking.show("pages/sights/show_shares.html", given=given, taken=taken, councils=councils, today=today)


@form("/shares/{share_id:uuid}/end")
def take_end_share(request: Request[Any, Any, Any], share_id: FromPath[UUID]) -> Response[Any]:
    """End a grant before its day."""
    asking = visit(request)
    with asking.work() as work:
        end_share(work, share_id)
    return asking.go("/shares", "The other council cannot read it any more")


@page("/shared/{referral_id:uuid}")
def show_shared(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Show a referral that another council shares, to be read only."""
    asking = visit(request)
    with asking.work() as work:
        found, today = views.shared_referral(work, referral_id), work.today
    age = age_on(found.referral.new.young_person.date_of_birth, today)
    return asking.show("pages/sights/show_shared.html", found=found, age=age)


def _local(address: str, referral_id: UUID) -> str:
    """Keep an address of this site's own records; anything else becomes the referral's page."""
    own = ("/referrals/", "/agreements/", "/awards/")
    return address if address.startswith(own) and "//" not in address else f"/referrals/{referral_id}"


HANDLERS = (
    ask_reason,
    take_reason,
    show_sights,
    show_shares_of,
    take_share,
    show_shares,
    take_end_share,
    show_shared,
)
