"""Rate cards, proposals, ceilings and sub-contractors, for other systems (A13, A18, A22)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery, JSONBody

from brokerage.desk.flow import prices as flow
from brokerage.desk.views import prices as views
from brokerage.desk.views.prices import NamedSubcontractor, RateCard
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.model import Permission
from brokerage.reading import Reader
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from brokerage.web.register.typed import read_ceiling, read_decision, read_ended, read_subcontractor, read_uplift


class UpliftBody(Strict):
    category: str
    percent: str
    starts_on: str
    reason: str


class UpliftDecisionBody(Strict):
    decision: str
    note: str = ""


class CeilingBody(Strict):
    category: str
    valid_from: str
    accommodation_weekly: str | None = None
    support_hourly: str | None = None
    valid_to: str | None = None


class SubcontractorBody(Strict):
    authority: str
    name: str
    service: str
    share: str
    cost_yearly: str
    starts_on: str


class ConsentBody(Strict):
    decision: str
    words: str


class EndedBody(Strict):
    ended_on: str


@read("/rates")
def show_own_rates(request: Request[Any, Any, Any], on: FromQuery[str | None] = None) -> Response[str]:
    """Give a firm its own prices as they hold on a day."""
    asking = visit(request)
    asking.require(Permission.BID)
    with asking.work() as work:
        return reply(_rates(views.rate_card(work, None, _on(on))))


@read("/providers/{provider_id:uuid}/rates")
def show_rates(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], on: FromQuery[str | None] = None
) -> Response[str]:
    """Give staff a firm's prices as they hold on a day, beside the council's ceilings."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    with asking.work() as work:
        return reply(_rates(views.rate_card(work, provider_id, _on(on))))


@write("/uplifts", status_code=201)
def propose_uplift(request: Request[Any, Any, Any], data: JSONBody[UpliftBody]) -> Response[str]:
    """Propose to raise the own prices of a category."""
    visit(request).require(Permission.MANAGE_FIRM)

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.propose_uplift(work, *read_uplift(data.document()))
        return 201, {"id": event.uplift_id, "state": "proposed"}

    return once(request, deed)


@write("/uplifts/{uplift_id:uuid}/decision", status_code=200)
def decide_uplift(
    request: Request[Any, Any, Any], uplift_id: FromPath[UUID], data: JSONBody[UpliftDecisionBody]
) -> Response[str]:
    """Accept or refuse a proposal: `decision` is accept or refuse."""
    visit(request).require(Permission.SET_PRICES)

    def deed(work: Work) -> tuple[int, Any]:
        accepted, note = read_decision(data.document(), "accept", "refuse", "note")
        event = flow.decide_uplift(work, uplift_id, note, accepted=accepted)
        state = "accepted" if event.accepted else "refused"
        return 200, {"id": event.uplift_id, "state": state, "registration_id": event.registration_id}

    return once(request, deed)


@read("/ceilings")
def show_ceilings(request: Request[Any, Any, Any]) -> Response[str]:
    """List the council's ceilings, past and coming ones too."""
    with visit(request).work() as work:
        return reply(views.ceilings(work))


@write("/ceilings", status_code=201)
def set_ceiling(request: Request[Any, Any, Any], data: JSONBody[CeilingBody]) -> Response[str]:
    """Fix a ceiling; the one that held ends on the day before."""
    visit(request).require(Permission.SET_PRICES)

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.set_ceiling(work, *read_ceiling(data.document()))
        return 201, {"id": event.ceiling_id, "category": event.category, "valid_from": event.valid_from}

    return once(request, deed)


@read("/subcontractors")
def show_subcontractors(request: Request[Any, Any, Any]) -> Response[str]:
    """List the own firm's sub-contractors, or those named to the council."""
    with visit(request).work() as work:
        return reply([_subcontractor(one) for one in views.subcontractors(work)])


@write("/subcontractors", status_code=201)
def name_subcontractor(request: Request[Any, Any, Any], data: JSONBody[SubcontractorBody]) -> Response[str]:
    """Ask a council for its consent to a sub-contractor."""
    visit(request).require(Permission.MANAGE_FIRM)

    def deed(work: Work) -> tuple[int, Any]:
        councils = frozenset(one.key for one in people_store.authorities(work.db))
        new = read_subcontractor(data.document(), councils, work.today)
        event = flow.name_subcontractor(
            work, new.authority, new.name, new.service, new.share, new.cost_yearly, new.starts_on
        )
        return 201, {"id": event.subcontractor_id, "state": "asked"}

    return once(request, deed)


@write("/subcontractors/{subcontractor_id:uuid}/consent", status_code=200)
def decide_subcontractor(
    request: Request[Any, Any, Any], subcontractor_id: FromPath[UUID], data: JSONBody[ConsentBody]
) -> Response[str]:
    """Consent in writing, or refuse with a reason: `decision` is consent or refuse."""
    visit(request).require(Permission.CONSENT_SUBCONTRACTOR)

    def deed(work: Work) -> tuple[int, Any]:
        consented, words = read_decision(data.document(), "consent", "refuse", "words", always=True)
        event = flow.decide_subcontractor(work, subcontractor_id, words, consented=consented)
        return 200, {"id": event.subcontractor_id, "state": "consented" if event.consented else "refused"}

    return once(request, deed)


@write("/subcontractors/{subcontractor_id:uuid}/end", status_code=200)
def end_subcontractor(
    request: Request[Any, Any, Any], subcontractor_id: FromPath[UUID], data: JSONBody[EndedBody]
) -> Response[str]:
    """Say which day was a sub-contractor's last."""
    visit(request).require(Permission.MANAGE_FIRM)

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.end_subcontractor(work, subcontractor_id, read_ended(data.document(), work.today))
        return 200, {"id": event.subcontractor_id, "state": "ended", "ended_on": event.ended_on}

    return once(request, deed)


def _on(raw: str | None) -> Any:
    reader = Reader()
    found = None if raw is None else reader.day(raw, "/on", "The day")
    reader.done()
    return found


def _rates(card: RateCard) -> dict[str, Any]:
    return {
        "provider_id": card.provider.id,
        "provider": card.provider.name,
        "on": card.on,
        "rates": [
            {
                "category": line.category,
                "accommodation_weekly": line.held.accommodation_weekly,
                "support_hourly": line.held.support_hourly,
                "block_discount": line.held.block_discount,
                "valid_from": line.held.valid_from,
                "valid_to": line.held.valid_to,
                "above_ceiling": sorted(line.above),
            }
            for line in card.lines
            if line.held is not None
        ],
        "uplifts": [
            {
                "id": one.id,
                "category": one.category,
                "percent": one.percent,
                "starts_on": one.starts_on,
                "state": one.state,
            }
            for one in card.uplifts
        ],
    }


def _subcontractor(named: NamedSubcontractor) -> dict[str, Any]:
    one = named.subcontractor
    return {
        "id": one.id,
        "authority": one.authority,
        "provider_id": one.provider_id,
        "provider": named.provider,
        "name": one.name,
        "service": one.service,
        "share": one.share,
        "cost_yearly": one.cost_yearly,
        "starts_on": one.starts_on,
        "state": one.state,
        "consent": one.consent,
        "consented_on": one.consented_on,
        "ended_on": one.ended_on,
    }


HANDLERS = (
    show_own_rates,
    show_rates,
    propose_uplift,
    decide_uplift,
    show_ceilings,
    set_ceiling,
    show_subcontractors,
    name_subcontractor,
    decide_subcontractor,
    end_subcontractor,
)
