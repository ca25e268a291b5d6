"""Evidence: a provider's own page, the desk of those who decide about it, and the files themselves (A14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, MultipartBody, URLEncodedBody

from brokerage.desk.flow import evidence as flow
from brokerage.desk.joining import check_days
from brokerage.desk.views import evidence as views
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import Reader
from brokerage.web.applying import cookie_name, door_of, file_of
from brokerage.web.applying_typed import text
from brokerage.web.auth import form, look, page, visit
from brokerage.web.dates import has_day, read_day
from lots import store as lots
from lots.errors import DocumentUnfit, EvidenceTooOld, NoSuchEntry, ReasonMissing
from lots.model import MediaType
from lots.rules.documents import MOST_BYTES

Answer = Response[Any]
Data = Mapping[str, Any]
Ask = Request[Any, Any, Any]

MOST_UPLOAD: Final = MOST_BYTES + 1024 * 1024
ENDINGS: Final[Mapping[MediaType, str]] = {MediaType.PDF: "pdf", MediaType.PNG: "png", MediaType.JPEG: "jpg"}


@page("/evidence")
def show_evidence(request: Ask) -> Answer:
    """Show a provider's administrator what is held; show those who decide what waits and what runs out."""
    asking = visit(request)
    with asking.work() as work:
        if may(asking.actor, Permission.MANAGE_FIRM):
            own, watch = views.own_evidence(work), None
        else:
            own, watch = None, views.watch(work)
    if watch is not None:
        return asking.show("pages/evidence/watch.html", watch=watch)
    return asking.show("pages/evidence/own.html", view=own, staff=False)


@page("/providers/{provider_id:uuid}/evidence")
def show_provider_evidence(request: Ask, provider_id: FromPath[UUID]) -> Answer:
    """Show one provider's evidence to those who decide about it."""
    asking = visit(request)
    with asking.work() as work:
        view = views.evidence(work, provider_id)
    return asking.show("pages/evidence/own.html", view=view, staff=True)


@page("/evidence/new/{kind:str}")
def show_offer(request: Ask, kind: FromPath[str]) -> Answer:
    """Ask for a newer piece of one kind."""
    return _offer(request, kind, {}, {})


@form("/evidence/new/{kind:str}", request_max_body_size=MOST_UPLOAD)
def offer_evidence(request: Ask, kind: FromPath[str], data: MultipartBody[dict[str, Any]]) -> Answer:
    """Put a piece forward with its file; it counts once it is accepted."""
    asking, reader = visit(request), Reader()
    reference = reader.text(text(data, "reference"), "/reference", "The reference", least=1, most=120)
    first = read_day(reader, data, "valid_from", "The first day")
    last = read_day(reader, data, "valid_to", "The last day") if has_day(data, "valid_to") else None
    check_days(reader, "", first, last)
    content = file_of(data.get("file"))
    if not content:
        reader.fault("/file", "Choose the document")
    if reader.faults or first is None:
        return _offer(request, kind, data, {one.pointer[1:]: one.message for one in reader.faults})
    try:
        with asking.work() as work:
            flow.offer_evidence(work, kind, _uuid(text(data, "home")), reference, first, last, content)
    except (DocumentUnfit, EvidenceTooOld) as refusal:
        return _offer(request, kind, data, asking.refused_in(refusal))
    return asking.go("/evidence", "Your evidence is with the council. It counts once it is accepted")


@page("/evidence/{evidence_id:uuid}")
def show_piece(request: Ask, evidence_id: FromPath[UUID]) -> Answer:
    """Show one piece, to accept or refuse it."""
    return _piece(request, evidence_id, {}, {})


@form("/evidence/{evidence_id:uuid}")
def decide_evidence(request: Ask, evidence_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Accept or refuse a piece; its provider is told."""
    asking, accepted = visit(request), text(data, "decision") == "accept"
    try:
        with asking.work() as work:
            flow.decide_evidence(work, evidence_id, text(data, "note").strip()[:2000], accepted=accepted)
    except ReasonMissing as refusal:
        return _piece(request, evidence_id, data, {"note": asking.refused_in(refusal)["reason"]})
    return asking.go("/evidence", "The evidence is accepted" if accepted else "The evidence is refused")


@page("/documents/{document_id:uuid}")
def show_document(request: Ask, document_id: FromPath[UUID]) -> Answer:
    """Hand a file over to be saved, never to be shown in the browser; its name and type are ours."""
    asking = look(request)
    if asking.person is None and not request.cookies.get(cookie_name(asking.house)):
        raise NotSignedIn
    actor = asking.person if asking.person is not None else door_of(request).actor
    with asking.house.desk.work(actor) as work:
        document, content = flow.look_at_document(work, document_id)
    name = f"evidence-{str(document.id)[:8]}.{ENDINGS[document.media_type]}"
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def _offer(request: Ask, kind: str, typed: Data, errors: Mapping[str, str]) -> Answer:
    asking = visit(request)
    with asking.work() as work:
        view = views.own_evidence(work)
    found = lots.kinds_by_key().get(kind)
    home = text(typed, "home") or request.query_params.get("home", "")
    shown = [one for one in view.shown if one.kind.key == kind and str(one.home.id if one.home else "") == home]
    if found is None or not shown:
        raise NoSuchEntry("kind of evidence", view.provider.id)
    return asking.show_form("pages/evidence/offer.html", typed, errors, one=shown[0], home=home)


def _piece(request: Ask, evidence_id: UUID, typed: Data, errors: Mapping[str, str]) -> Answer:
    asking = visit(request)
    with asking.work() as work:
        provider, piece, kind, home = views.piece(work, evidence_id)
    return asking.show_form(
        "pages/evidence/piece.html", typed, errors, provider=provider, piece=piece, kind=kind, home=home
    )


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw) if raw else None
    except ValueError:
        return None


HANDLERS = (show_evidence, show_provider_evidence, show_offer, offer_evidence, show_piece, decide_evidence)
FILE_HANDLERS = (show_document,)
"""For applicants too, who have no session: reading only."""
