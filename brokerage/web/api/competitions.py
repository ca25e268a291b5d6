"""Competitions, awards, funding and agreements, for other systems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.errors import NoSuchBid
from brokerage.competitions.events import FundingAuthorised, FundingRefused
from brokerage.competitions.model import Choice
from brokerage.competitions.rules.reading import read_closing, read_next, read_reason
from brokerage.desk import flow, views
from brokerage.desk.flow.decisions import rerun_in_parts
from brokerage.desk.flow.homes import hold_bed
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import Fault, NotValid, Reader
from brokerage.web.api import agreements, shapes
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.auth import visit
from lots.model import BedId


@read("/competitions/{competition_id:uuid}")
def show_competition(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[str]:
    """Show a competition: counts while it is open, offers after the close."""
    with visit(request).work() as work:
        return reply(shapes.competition(views.competition(work, competition_id)))


@write("/competitions/{competition_id:uuid}/evaluation", status_code=200)
def evaluate(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: JSONBody[shapes.EvaluationBody]
) -> Response[str]:
    """Score every answer from 0 to 5 and get the ranking with its working."""

    def deed(work: Work) -> tuple[int, Any]:
        flow.evaluate(work, competition_id, _scores(data.scores))
        view = views.competition(work, competition_id)
        return 200, {"ranking": shapes.ranking(view.ranking or (), view)}

    return once(request, deed)


@write("/competitions/{competition_id:uuid}/award", status_code=201)
def award(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: JSONBody[shapes.AwardBody]
) -> Response[str]:
    """Choose an offer; out of rank, or the only one, with a reason."""

    def deed(work: Work) -> tuple[int, Any]:
        reason = _reason(data.reason)
        event = flow.award(work, competition_id, _uuid(data.bid_id, "/bid_id"), reason)
        return 201, {
            "id": event.award_id,
            "state": "awaiting_funding",
            "bid_id": event.bid_id,
            "provider_id": event.provider_id,
            "rank": event.rank,
            "weekly_cost": event.weekly_cost,
        }

    return once(request, deed)


@write("/awards/{award_id:uuid}/funding", status_code=200)
def decide_funding(
    request: Request[Any, Any, Any], award_id: FromPath[UUID], data: JSONBody[shapes.FundingBody]
) -> Response[str]:
    """Authorise or refuse the money, as somebody else than the person who chose."""

    def deed(work: Work) -> tuple[int, Any]:
        if data.decision not in {"authorise", "refuse"}:
            raise NotValid((Fault("/decision", "Decision must be one of: authorise, refuse"),))
        reason = _reason(data.reason)
        if data.decision == "refuse" and not reason:
            raise NotValid((Fault("/reason", "Give the reason for refusing the money"),))
        event = flow.decide_funding(work, award_id, data.decision, reason)
        if isinstance(event, FundingAuthorised):
            return 200, {"id": award_id, "state": "funded", "weekly_cost": event.weekly_cost}
        if isinstance(event, FundingRefused):
            return 200, {"id": award_id, "state": "refused"}
        return 200, {"id": award_id, "state": "awaiting_funding", "needs": "second_approver", "limit": event.limit}

    return once(request, deed)


@write("/awards/{award_id:uuid}/agreement", status_code=201)
def open_agreement(
    request: Request[Any, Any, Any], award_id: FromPath[UUID], data: JSONBody[shapes.AgreementBody]
) -> Response[str]:
    """Make the individual placement agreement of a funded award."""

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.open_agreement(
            work, award_id, data.starts_on, data.ends_on, data.met_on, data.waiver_reason, data.apart_reason
        )
        beds = [BedId(_uuid(one, "/bed_ids")) for one in data.bed_ids]
        hold_bed(work, flow.agreement_of(work, event.agreement_id), beds)
        return 201, agreements.agreement(work, views.agreement(work, event.agreement_id))

    return once(request, deed)


@write("/competitions/{competition_id:uuid}/extension", status_code=200)
def extend_window(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: JSONBody[shapes.ExtensionBody]
) -> Response[str]:
    """Move the close later, before it comes and for everybody invited."""

    def deed(work: Work) -> tuple[int, Any]:
        work.require(Permission.OPEN_COMPETITION)  # who may not is told so, whatever else is wrong
        event = flow.extend_window(work, competition_id, read_closing(data.closes_at), read_reason(data.reason))
        return 200, {"id": event.competition_id, "closed_before": event.closed_before, "closes_at": event.closes_at}

    return once(request, deed)


@write("/competitions/{competition_id:uuid}/give-up", status_code=200)
def give_up(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: JSONBody[shapes.ReasonBody]
) -> Response[str]:
    """Say, after the close, that no offer is suitable."""

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.give_up(work, competition_id, read_reason(data.reason))
        return 200, {"id": event.competition_id, "state": "unsuccessful"}

    return once(request, deed)


@write("/competitions/{competition_id:uuid}/next", status_code=200)
def decide_next(
    request: Request[Any, Any, Any], competition_id: FromPath[UUID], data: JSONBody[shapes.NextBody]
) -> Response[str]:
    """Decide what comes after no suitable offer: rerun or wider opens a competition, else it is bespoke."""

    def deed(work: Work) -> tuple[int, Any]:
        choice, category, reason = read_next(data.document() | {"parts": "yes" if data.parts else ""})
        if data.parts:
            wider = choice is Choice.WIDER
            event, both = rerun_in_parts(work, competition_id, reason, wider=wider, category=category)
            shown = [shapes.competition(views.competition(work, one.competition_id)) for one in both]
            return 200, {"choice": event.choice, "category": event.category, "decided_at": event.at, "parts": shown}
        event, opened = flow.decide_next(work, competition_id, choice, category, reason)
        body = {"choice": event.choice, "category": event.category, "decided_at": event.at}
        again = None if opened is None else shapes.competition(views.competition(work, opened.competition_id))
        return 200, body | {"competition": again}

    return once(request, deed)


def _scores(raw: dict[str, dict[str, int]]) -> dict[UUID, dict[str, int]]:
    return {_uuid(bid_id, f"/scores/{bid_id}"): given for bid_id, given in raw.items()}


def _uuid(text: str, pointer: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        if pointer == "/bid_id":
            raise NoSuchBid(UUID(int=0)) from None
        raise NotValid((Fault(pointer, "This is not the number of an offer"),)) from None


def _reason(raw: str | None) -> str:
    reader = Reader()
    reason = reader.text(raw, "/reason", "The reason", most=2000)
    reader.done()
    return reason


HANDLERS = (
    show_competition,
    extend_window,
    evaluate,
    give_up,
    decide_next,
    award,
    decide_funding,
    open_agreement,
)
