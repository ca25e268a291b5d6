"""Sub-contractors: a firm names them, the council consents in writing before they start (A18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import prices as flow
from brokerage.desk.views import prices as views
from brokerage.people import store as people_store
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of
from brokerage.web.register.typed import read_decision, read_ended, read_subcontractor, with_days
from lots.errors import SharesAbove100

Data = Mapping[str, Any]


@page("/subcontractors")
def show_subcontractors(request: Request[Any, Any, Any]) -> Response[Any]:
    """List a firm's own sub-contractors, or those named to the council: what waits comes first."""
    asking = visit(request)
    with asking.work() as work:
        found = views.subcontractors(work)
    return asking.show(
        "pages/subcontractors/show_subcontractors.html",
        found=sorted(found, key=lambda one: (one.subcontractor.state.value != "asked", one.provider)),
        of_firm=asking.actor.provider_id is not None,
        able={one.value for one in Permission if may(asking.actor, one)},
    )


@page("/subcontractors/name")
def show_name(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask who it is, what it does and what it costs."""
    return _name(visit(request), {}, {})


@form("/subcontractors/name")
def name_subcontractor(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Ask a council for its consent."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        with asking.work() as work:
            councils = frozenset(one.key for one in people_store.authorities(work.db))
            new = read_subcontractor(with_days(data, "starts_on"), councils, work.today)
            flow.name_subcontractor(
                work, new.authority, new.name, new.service, new.share, new.cost_yearly, new.starts_on
            )
    except NotValid as refusal:
        return _name(asking, data, errors_of(refusal))
    except SharesAbove100 as refusal:
        return _name(asking, data, asking.refused_in(refusal))
    return asking.go("/subcontractors", "The council is asked. The sub-contractor may not start before it consents")


@page("/subcontractors/{subcontractor_id:uuid}")
def show_subcontractor(request: Request[Any, Any, Any], subcontractor_id: FromPath[UUID]) -> Response[Any]:
    """Show one sub-contractor to whom it concerns, with what may be done."""
    return _one(visit(request), subcontractor_id, {}, {})


@form("/subcontractors/{subcontractor_id:uuid}/consent")
def decide_subcontractor(
    request: Request[Any, Any, Any], subcontractor_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Consent in writing, or refuse with a reason."""
    asking = visit(request)
    asking.require(Permission.CONSENT_SUBCONTRACTOR)
    try:
        consented, words = read_decision(data, "consent", "refuse", "words", always=True)
        with asking.work() as work:
            flow.decide_subcontractor(work, subcontractor_id, words, consented=consented)
    except NotValid as refusal:
        return _one(asking, subcontractor_id, data, errors_of(refusal))
    return asking.go("/subcontractors", "Your decision is recorded, and the provider is told")


@form("/subcontractors/{subcontractor_id:uuid}/end")
def end_subcontractor(
    request: Request[Any, Any, Any], subcontractor_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Say which day was the last."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        with asking.work() as work:
            flow.end_subcontractor(work, subcontractor_id, read_ended(with_days(data, "ended_on"), work.today))
    except NotValid as refusal:
        return _one(asking, subcontractor_id, data, errors_of(refusal))
    return asking.go("/subcontractors", "The last day is recorded")


def _name(asking: Visit, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    asking.require(Permission.MANAGE_FIRM)
    with asking.work() as work:
        councils = [(one.key, one.name) for one in people_store.authorities(work.db)]
    return asking.show_form("pages/subcontractors/show_name.html", typed, errors, councils=councils)


def _one(asking: Visit, subcontractor_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.subcontractor(work, subcontractor_id)
    return asking.show_form(
        "pages/subcontractors/show_subcontractor.html",
        typed,
        errors,
        view=view,
        one=view.subcontractor,
        able={one.value for one in Permission if may(asking.actor, one)},
    )


HANDLERS = (
    show_subcontractors,
    show_name,
    name_subcontractor,
    show_subcontractor,
    decide_subcontractor,
    end_subcontractor,
)
