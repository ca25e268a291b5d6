"""The money of a choice, and the start that follows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.events import FundingAuthorised, FundingRefused
from brokerage.desk import flow, views
from brokerage.desk.again import again
from brokerage.desk.flow.homes import hold_bed
from brokerage.desk.views.homes import beds_of_award
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import Fault, NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import has_day, read_day
from brokerage.web.problems import KINDS, facts_of, words_of
from lots.errors import BedTaken, HomeNotFit
from lots.model import BedId
from placements.errors import PlacementsError
from placements.events import AgreementOpened

REASON_MOST: Final = 2000


@page("/awards/{award_id:uuid}")
def show_award(request: Request[Any, Any, Any], award_id: FromPath[UUID]) -> Response[Any]:
    """Show all that the decision on the money needs, and afterwards what was decided."""
    return _award(visit(request), award_id, {}, {})


@form("/awards/{award_id:uuid}/funding")
def decide_funding(
    request: Request[Any, Any, Any], award_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Authorise or refuse the money."""
    asking = visit(request)
    asking.require(Permission.AUTHORISE_FUNDING)
    try:
        decision, reason = _decision(data)
    except NotValid as refusal:
        return _award(asking, award_id, data, _errors(refusal))
    with asking.work() as work:
        event = flow.decide_funding(work, award_id, decision, reason)
    if isinstance(event, FundingAuthorised):
        said = "The funding is authorised. The coordinator can agree the start"
    elif isinstance(event, FundingRefused):
        said = "The funding is refused. The coordinator can choose another offer"
    else:
        said = "Your support is recorded. A second approver decides, because the cost is above your limit"
    return asking.go(f"/awards/{award_id}", said)


@form("/awards/{award_id:uuid}/agreement")
def open_agreement(
    request: Request[Any, Any, Any], award_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Agree the start of a funded placement."""
    asking = visit(request)
    asking.require(Permission.OPEN_AGREEMENT)
    try:
        starts_on, ends_on, met_on, waiver_reason, apart_reason = _stay(data)
        beds = _beds(data)

        def deed() -> AgreementOpened:
            with asking.work() as work:
                event = flow.open_agreement(work, award_id, starts_on, ends_on, met_on, waiver_reason, apart_reason)
                hold_bed(work, flow.agreement_of(work, event.agreement_id), beds)
                return event

        event = again(deed)
    except NotValid as refusal:
        return _award(asking, award_id, data, _errors(refusal))
    except PlacementsError as refusal:
        return _award(asking, award_id, data, asking.refused_in(refusal))
    except (BedTaken, HomeNotFit) as refusal:
        words = words_of(asking.house.env, KINDS[type(refusal)].slug, facts_of(refusal))
        return _award(asking, award_id, data, {"beds": f"{words.title}. {words.happened}"})
    return asking.go(f"/agreements/{event.agreement_id}", f"Agreement {event.reference} is made. The provider is told")


def _award(asking: Visit, award_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.award(work, award_id)
        beds = beds_of_award(work, view) if may(asking.actor, Permission.OPEN_AGREEMENT) else ()
    return asking.show_form(
        "pages/awards/show_award.html",
        values,
        errors,
        view=view,
        beds=beds,
        me=asking.actor.person_id,
        able={permission.value for permission in Permission if may(asking.actor, permission)},
    )


def _decision(data: Mapping[str, Any]) -> tuple[str, str]:
    """Read the decision; a refusal says why. Raises NotValid."""
    reader = Reader()
    decision = str(data.get("decision", ""))
    if decision not in {"authorise", "refuse"}:
        reader.fault("/decision", "Choose whether you authorise or refuse the money")
    refused = decision == "refuse"
    reason = reader.text(data.get("reason"), "/reason", "The reason", most=REASON_MOST, least=1 if refused else 0)
    reader.done()
    return decision, reason


def _stay(data: Mapping[str, Any]) -> tuple[date, date, date | None, str | None, str | None]:
    """Read the days of a stay and of the meeting before it. Raises NotValid."""
    reader = Reader()
    starts_on = read_day(reader, data, "starts_on", "The first day")
    ends_on = read_day(reader, data, "ends_on", "The last day")
    met_on = read_day(reader, data, "met_on", "The day they met") if has_day(data, "met_on") else None
    reason = reader.text(data.get("waiver_reason"), "/waiver_reason", "The reason", most=REASON_MOST)
    apart = reader.text(data.get("apart_reason"), "/apart_reason", "The reason", most=REASON_MOST)
    reader.done()
    assert starts_on is not None  # the reader has no faults
    assert ends_on is not None
    return starts_on, ends_on, met_on, reason or None, apart or None


def _beds(data: Mapping[str, Any]) -> tuple[BedId, ...]:
    """Read the beds that were chosen, if any. Raises NotValid."""
    chosen = data.get("beds") or ()
    try:
        return tuple(BedId(UUID(one)) for one in ([chosen] if isinstance(chosen, str) else chosen))
    except (ValueError, TypeError, AttributeError):
        raise NotValid((Fault("/beds", "Choose beds from the list"),)) from None


def _errors(refusal: NotValid) -> dict[str, str]:
    return {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}


HANDLERS = (show_award, decide_funding, open_agreement)
