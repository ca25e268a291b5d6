"""Rate cards by category and day, proposals to raise them, and the councils' ceilings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import prices as flow
from brokerage.desk.views import prices as views
from brokerage.desk.views.prices import RateCard
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of, has_day, read_day
from brokerage.web.register.typed import read_ceiling, read_decision, read_uplift, with_days
from brokerage.web.sheets import sheet
from lots import store as lots
from lots.errors import LotsError, OverCeiling, OverlappingCeiling

Data = Mapping[str, Any]


# The rate card ----------------------------------------------------------------------------------------------------


@page("/rates")
def show_own_rates(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show a firm its own prices and proposals, and its standing."""
    return _rates(visit(request), None)


@page("/providers/{provider_id:uuid}/rates")
def show_rates(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Response[Any]:
    """Show staff a firm's prices beside their own council's ceilings."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    return _rates(asking, provider_id)


@page("/rates.csv")
def export_own_rates(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give a firm its own prices for a spreadsheet."""
    asking = visit(request)
    asking.require(Permission.BID)
    with asking.work() as work:
        return _sheet(views.rate_card(work, None, None))


@page("/providers/{provider_id:uuid}/rates.csv")
def export_rates(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Response[Any]:
    """Give staff a firm's prices for a spreadsheet."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    with asking.work() as work:
        return _sheet(views.rate_card(work, provider_id, None))


def _rates(asking: Visit, provider_id: UUID | None) -> Response[Any]:
    if provider_id is None:
        asking.require(Permission.BID)
    query = asking.request.query_params
    errors: dict[str, str] = {}
    on = None
    if has_day(query, "on"):
        reader = Reader()
        on = read_day(reader, query, "on", "The day")
        errors = {fault.pointer.removeprefix("/"): fault.message for fault in reader.faults}
    with asking.work() as work:
        card = views.rate_card(work, provider_id, on)
    return asking.show_form(
        "pages/prices/show_rates.html",
        dict(query),
        errors,
        card=card,
        own=provider_id is None,
        catalogue=lots.catalogue(),
        able={one.value for one in Permission if may(asking.actor, one)},
    )


def _sheet(card: RateCard) -> Response[Any]:
    head = ("Provider", "Category", "Accommodation a week", "Support an hour", "Block discount %", "From", "To", "On")
    rows = [
        (
            card.provider.name,
            line.category.value,
            line.held.accommodation_weekly,
            line.held.support_hourly,
            line.held.block_discount,
            line.held.valid_from,
            line.held.valid_to,
            card.on,
        )
        for line in card.lines
        if line.held is not None
    ]
    return sheet("rates", head, rows)


# Proposals --------------------------------------------------------------------------------------------------------


@page("/rates/propose")
def show_propose(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask by how much, from when and why."""
    return _propose(visit(request), {}, {})


@form("/rates/propose")
def propose_uplift(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Propose to raise the own prices."""
    asking = visit(request)
    asking.require(Permission.MANAGE_FIRM)
    try:
        proposed = read_uplift(with_days(data, "starts_on"))
        with asking.work() as work:
            flow.propose_uplift(work, *proposed)
    except NotValid as refusal:
        return _propose(asking, data, errors_of(refusal))
    except LotsError as refusal:
        return _propose(asking, data, asking.refused_in(refusal))
    return asking.go("/rates", "Your proposal is sent. Your present prices hold until it is decided")


@form("/rates/proposals/{uplift_id:uuid}/withdraw")
def withdraw_uplift(request: Request[Any, Any, Any], uplift_id: FromPath[UUID]) -> Response[Any]:
    """Take the own proposal back."""
    asking = visit(request)
    with asking.work() as work:
        flow.withdraw_uplift(work, uplift_id)
    return asking.go("/rates", "Your proposal is withdrawn")


@page("/proposals")
def show_proposals(request: Request[Any, Any, Any]) -> Response[Any]:
    """List the proposals that wait for a decision."""
    asking = visit(request)
    with asking.work() as work:
        found = views.open_uplifts(work)
    return asking.show("pages/prices/show_proposals.html", found=found, catalogue=lots.catalogue())


@page("/proposals/{uplift_id:uuid}")
def show_proposal(request: Request[Any, Any, Any], uplift_id: FromPath[UUID]) -> Response[Any]:
    """Show one proposal beside the present prices and the ceiling."""
    return _proposal(visit(request), uplift_id, {}, {})


@form("/proposals/{uplift_id:uuid}")
def decide_uplift(
    request: Request[Any, Any, Any], uplift_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Accept or refuse a proposal."""
    asking = visit(request)
    asking.require(Permission.SET_PRICES)
    try:
        accepted, note = read_decision(data, "accept", "refuse", "note")
        with asking.work() as work:
            flow.decide_uplift(work, uplift_id, note, accepted=accepted)
    except NotValid as refusal:
        return _proposal(asking, uplift_id, data, errors_of(refusal))
    except OverCeiling as refusal:
        message = (
            f"The new price would be £{refusal.asked:,.2f}, above your council's ceiling of £{refusal.ceiling:,.2f}"
        )
        return _proposal(asking, uplift_id, data, {"decision": message})
    return asking.go("/proposals", f"The proposal is {'accepted' if accepted else 'refused'}. The provider is told")


def _propose(asking: Visit, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    asking.require(Permission.MANAGE_FIRM)
    with asking.work() as work:
        card = views.rate_card(work, None, None)
    return asking.show_form("pages/prices/show_propose.html", typed, errors, card=card, catalogue=lots.catalogue())


def _proposal(asking: Visit, uplift_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.uplift(work, uplift_id)
    return asking.show_form("pages/prices/show_proposal.html", typed, errors, view=view, catalogue=lots.catalogue())


# Ceilings ---------------------------------------------------------------------------------------------------------


@page("/ceilings")
def show_ceilings(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the most that the council pays, by category and day."""
    return _ceilings(visit(request), {}, {})


@form("/ceilings")
def set_ceiling(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Fix a ceiling; the one that held ends on the day before."""
    asking = visit(request)
    asking.require(Permission.SET_PRICES)
    try:
        ceiling = read_ceiling(with_days(data, "valid_from", "valid_to"))
        with asking.work() as work:
            flow.set_ceiling(work, *ceiling)
    except NotValid as refusal:
        return _ceilings(asking, data, errors_of(refusal))
    except OverlappingCeiling:
        message = "Another ceiling of this category begins within these days. Give a last day before it"
        return _ceilings(asking, data, {"valid_from": message})
    return asking.go("/ceilings", "The ceiling is set")


def _ceilings(asking: Visit, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        found, today = views.ceilings(work), work.today
    return asking.show_form(
        "pages/prices/show_ceilings.html",
        typed,
        errors,
        found=found,
        today=today,
        catalogue=lots.catalogue(),
        may_set=may(asking.actor, Permission.SET_PRICES),
    )


HANDLERS = (
    show_own_rates,
    show_rates,
    export_own_rates,
    export_rates,
    show_propose,
    propose_uplift,
    withdraw_uplift,
    show_proposals,
    show_proposal,
    decide_uplift,
    show_ceilings,
    set_ceiling,
)
