"""Changes of an agreement: proposed by one party, agreed by the other, funded where they cost more (A33, S16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import variations as flow
from brokerage.desk.proposals import read_proposal
from brokerage.desk.views import variations as views
from brokerage.desk.views.variations import VariationsPage
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import day_values, errors_of, typed_day
from placements.errors import PlacementsError
from placements.events import AgreementVaried, VariationDropped

Data = Mapping[str, Any]

MONEY: Final = ("accommodation_weekly", "support_hourly", "housing_benefit_weekly")
TYPED: Final = (
    *("reason", "hours", *MONEY, "services", "differences", "expertise"),
    *(f"{name}_{part}" for name in ("effective_on", "ends_on") for part in ("day", "month", "year")),
)
PRICE_FIELDS: Final = {"accommodation": "accommodation_weekly", "support": "support_hourly"}


@page("/agreements/{agreement_id:uuid}/variations")
def show_variations(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """List what was proposed for an agreement, and what became of it."""
    asking = visit(request)
    with asking.work() as work:
        found = views.variations_page(work, agreement_id)
    return asking.show("pages/variations/show_variations.html", page=found)


@page("/agreements/{agreement_id:uuid}/variations/new")
def show_proposal(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Ask what is to change, from the terms that hold."""
    asking = visit(request)
    return _proposal_form(asking, agreement_id, None, {})


@form("/agreements/{agreement_id:uuid}/variations/new")
def propose_variation(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show what a change would cost; with the confirmation propose it."""
    asking = visit(request)
    typed = {name: str(data[name]) for name in TYPED if name in data}
    if "change" in data:
        return _proposal_form(asking, agreement_id, typed, {})
    try:
        with asking.work() as work:
            found = views.variations_page(work, agreement_id)
        proposal = read_proposal(_document(typed, found))
        with asking.work() as work:
            if data.get("confirm"):
                event = flow.propose_variation(work, agreement_id, proposal)
                return asking.go(f"/variations/{event.variation_id}", "The change is proposed. The other party is told")
            proposal, effect = flow.weigh_variation(work, agreement_id, proposal)
    except NotValid as refusal:
        return _proposal_form(asking, agreement_id, typed, errors_of(refusal))
    except PlacementsError as refusal:
        return _proposal_form(asking, agreement_id, typed, _beside(asking, refusal))
    return asking.show(
        "pages/variations/check_variation.html", page=found, proposal=proposal, effect=effect, typed=typed
    )


@page("/variations/{variation_id:uuid}")
def show_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[Any]:
    """Show one variation: what it changes, what it costs, and what waits for whom."""
    asking = visit(request)
    with asking.work() as work:
        view = views.variation(work, variation_id)
    return asking.show("pages/variations/show_variation.html", view=view)


@form("/variations/{variation_id:uuid}/agreement")
def agree_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[Any]:
    """Agree a variation that the other party proposed."""
    asking = visit(request)
    with asking.work() as work:
        event = flow.agree_variation(work, variation_id)
    if isinstance(event, AgreementVaried):
        return asking.go(f"/variations/{variation_id}", "Agreed: it holds from its first day")
    return asking.go(f"/variations/{variation_id}", "Agreed. An approver decides on the money before it holds")


@form("/variations/{variation_id:uuid}/refusal")
def refuse_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[Any]:
    """Refuse a variation that the other party proposed."""
    asking = visit(request)
    with asking.work() as work:
        flow.refuse_variation(work, variation_id)
    return asking.go(f"/variations/{variation_id}", "Refused. The agreement stays as it is")


@form("/variations/{variation_id:uuid}/withdrawal")
def withdraw_variation(request: Request[Any, Any, Any], variation_id: FromPath[UUID]) -> Response[Any]:
    """Take a proposal of one's own party back."""
    asking = visit(request)
    with asking.work() as work:
        flow.withdraw_variation(work, variation_id)
    return asking.go(f"/variations/{variation_id}", "Withdrawn. The agreement stays as it is")


@form("/variations/{variation_id:uuid}/funding")
def fund_variation(
    request: Request[Any, Any, Any], variation_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Authorise or refuse what a variation costs above what was funded."""
    asking = visit(request)
    asking.require(Permission.AUTHORISE_FUNDING)
    decision = str(data.get("decision", ""))
    if decision not in {"authorise", "refuse"}:
        with asking.work() as work:
            view = views.variation(work, variation_id)
        errors = {"decision": "Choose whether you authorise or refuse the money"}
        return asking.show_form("pages/variations/show_variation.html", data, errors, view=view)
    with asking.work() as work:
        event = flow.fund_variation(work, variation_id, authorise=decision == "authorise")
    if isinstance(event, AgreementVaried):
        said = "The money is authorised. The change holds from its first day"
    elif isinstance(event, VariationDropped):
        said = "The money is refused. The agreement stays as it is"
    else:
        said = "Your support is recorded. A second approver decides, because the cost is above your limit"
    return asking.go(f"/variations/{variation_id}", said)


def _proposal_form(asking: Visit, agreement_id: UUID, typed: Data | None, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        found = views.variations_page(work, agreement_id)
    if not found.parties.acts:
        raise NotAllowed(Permission.VARY_AGREEMENT, asking.actor.role)
    return asking.show_form(
        "pages/variations/show_proposal.html", _as_it_is(found) if typed is None else typed, errors, page=found
    )


def _as_it_is(found: VariationsPage) -> dict[str, str]:
    """Fill the boxes with the terms that hold: what is left alone does not change."""
    terms = found.terms
    prices = {name: getattr(terms, name) for name in MONEY}
    return {
        "hours": f"{terms.hours.normalize():f}",
        **{name: "" if price is None else str(price) for name, price in prices.items()},
        "services": "\n".join(text for _, text in terms.services),
        **day_values("ends_on", found.agreement.ends_on),
    }


def _document(typed: Data, found: VariationsPage) -> dict[str, object]:
    """Write what was typed as the API would send it. Raises NotValid for a day that is none."""
    reader = Reader()
    document: dict[str, object] = {name: typed.get(name, "") for name in ("reason", "hours", *MONEY)}
    document |= {name: typed.get(name, "").strip() for name in ("differences", "expertise")}
    days = {"effective_on": "The first day of the change", "ends_on": "The new last day"}
    document |= {name: typed_day(reader, typed, name, title) for name, title in days.items()}
    reader.done()
    lines = [line.strip() for line in str(typed.get("services", "")).splitlines() if line.strip()]
    keys = {text: key for key, text in found.terms.services}
    services = [{"key": keys.get(line, f"service_{number}"), "text": line} for number, line in enumerate(lines, 1)]
    document["services"] = _distinct(services)
    return document


def _distinct(services: list[dict[str, str]]) -> list[dict[str, str]]:
    """Let every service have a key of its own: a line that was there keeps its key, another takes a free one."""
    taken: set[str] = set()
    for one in services:
        number, key = 1, one["key"]
        while key in taken:
            number += 1
            key = f"{one['key']}_{number}"
        taken.add(key)
        one["key"] = key
    return services


def _beside(asking: Visit, refusal: PlacementsError) -> dict[str, str]:
    """Say a refusal beside the box that it is about; one that is about no box is raised on."""
    ((name, message),) = asking.refused_in(refusal).items()
    item = getattr(refusal, "item", None)
    fields = {"price": PRICE_FIELDS.get(str(item), name), "on": "effective_on"}
    return {fields.get(name, name): message}


HANDLERS = (
    show_variations,
    show_proposal,
    propose_variation,
    show_variation,
    agree_variation,
    refuse_variation,
    withdraw_variation,
    fund_variation,
)
