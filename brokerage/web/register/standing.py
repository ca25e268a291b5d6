"""Suspended, removed and back again: what it touches is shown first, then confirmed. And why one was not invited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import standing as flow
from brokerage.desk.views import standing as views
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import NotValid
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of
from brokerage.web.register.typed import read_choice, read_removal, read_suspension, reason_of, with_days
from lots import store as lots
from lots.errors import NoSuchEntry
from lots.model import Provider, ProviderId

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """One change of standing: how its form is read, how it is done, what is said then.

    `days` are the names of its days; `loses` says that work is taken away, so its effect is shown.
    """

    key: str
    days: tuple[str, ...]
    loses: bool
    read: Callable[[Work, Data], object]
    act: Callable[[Work, UUID, Data], object]
    done: str


SUSPEND: Final = Deed(
    "suspend",
    ("starts_on", "ends_on"),
    True,
    lambda work, data: read_suspension(data, work.today),
    lambda work, provider_id, data: flow.suspend_provider(work, provider_id, read_suspension(data, work.today)),
    "The provider is suspended. It is told, and so is every council that it touches",
)
REMOVE: Final = Deed(
    "remove",
    ("removed_on",),
    True,
    lambda work, data: read_removal(data, work.today),
    lambda work, provider_id, data: flow.remove_provider(work, provider_id, read_removal(data, work.today)),
    "The provider is taken off the register. It is told, and so is every council that it touches",
)
READMIT: Final = Deed(
    "readmit",
    (),
    False,
    lambda work, data: reason_of(data.get("reason")),
    lambda work, provider_id, data: flow.readmit_provider(work, provider_id, reason_of(data.get("reason"))),
    "The provider is on the register again, and is told",
)


def _lift(suspension_id: UUID) -> Deed:
    return Deed(
        "lift",
        (),
        False,
        lambda work, data: reason_of(data.get("reason")),
        lambda work, provider_id, data: flow.lift_suspension(
            work, provider_id, suspension_id, reason_of(data.get("reason"))
        ),
        "The suspension is lifted, and the provider is told",
    )


@page("/providers/{provider_id:uuid}/suspend")
def show_suspend(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Response[Any]:
    """Ask from when, until when and why."""
    return _ask(visit(request), provider_id, SUSPEND, {}, {})


@form("/providers/{provider_id:uuid}/suspend")
def suspend_provider(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show what the suspension touches; with the confirmation suspend."""
    return _do(visit(request), provider_id, SUSPEND, data)


@page("/providers/{provider_id:uuid}/remove")
def show_remove(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Response[Any]:
    """Ask from when and why."""
    return _ask(visit(request), provider_id, REMOVE, {}, {})


@form("/providers/{provider_id:uuid}/remove")
def remove_provider(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show what the removal touches; with the confirmation remove."""
    return _do(visit(request), provider_id, REMOVE, data)


@page("/providers/{provider_id:uuid}/readmit")
def show_readmit(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Response[Any]:
    """Ask why."""
    return _ask(visit(request), provider_id, READMIT, {}, {})


@form("/providers/{provider_id:uuid}/readmit")
def readmit_provider(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Show what is about to be done; with the confirmation put the provider back."""
    return _do(visit(request), provider_id, READMIT, data)


@page("/providers/{provider_id:uuid}/suspensions/{suspension_id:uuid}/lift")
def show_lift(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], suspension_id: FromPath[UUID]
) -> Response[Any]:
    """Ask why the suspension ends early."""
    return _ask(visit(request), provider_id, _lift(suspension_id), {}, {}, suspension_id)


@form("/providers/{provider_id:uuid}/suspensions/{suspension_id:uuid}/lift")
def lift_suspension(
    request: Request[Any, Any, Any],
    provider_id: FromPath[UUID],
    suspension_id: FromPath[UUID],
    data: URLEncodedBody[dict[str, Any]],
) -> Response[Any]:
    """Show what is about to be done; with the confirmation lift the suspension."""
    return _do(visit(request), provider_id, _lift(suspension_id), data, suspension_id)


def _ask(
    asking: Visit,
    provider_id: UUID,
    deed: Deed,
    typed: Data,
    errors: Mapping[str, str],
    suspension_id: UUID | None = None,
) -> Response[Any]:
    asking.require(Permission.CHANGE_STANDING)
    with asking.work() as work:
        provider, today = _provider(work, provider_id, suspension_id), work.today
    values = dict(typed)
    if not typed and deed.days:
        first = deed.days[0]
        values = {f"{first}_day": today.day, f"{first}_month": today.month, f"{first}_year": today.year}
    return asking.show_form(
        "pages/standing/show_deed.html",
        values,
        errors,
        provider=provider,
        deed=deed.key,
        touched=views.effect(asking.house.desk, asking.actor, provider_id) if deed.loses else (),
        path=asking.request.url.path,
        today=today,
    )


def _do(asking: Visit, provider_id: UUID, deed: Deed, data: Data, suspension_id: UUID | None = None) -> Response[Any]:
    asking.require(Permission.CHANGE_STANDING)
    fields = [f"{day}_{part}" for day in deed.days for part in ("day", "month", "year")]
    typed = {name: str(data[name]) for name in (*fields, "reason") if name in data}
    if "change" in data:
        return _ask(asking, provider_id, deed, typed, {}, suspension_id)
    document = with_days(typed, *deed.days)
    try:
        with asking.work() as work:
            if data.get("confirm"):
                deed.act(work, provider_id, document)
            else:
                flow.require_keeper(work)
                provider, found, today = (
                    _provider(work, provider_id, suspension_id),
                    deed.read(work, document),
                    work.today,
                )
    except NotValid as refusal:
        return _ask(asking, provider_id, deed, typed, errors_of(refusal), suspension_id)
    if data.get("confirm"):
        return asking.go(f"/providers/{provider_id}", deed.done)
    return asking.show(
        "pages/standing/check_deed.html",
        provider=provider,
        deed=deed.key,
        found=found,
        typed=typed,
        touched=views.effect(asking.house.desk, asking.actor, provider_id) if deed.loses else (),
        path=asking.request.url.path,
        today=today,
    )


def _provider(work: Work, provider_id: UUID, suspension_id: UUID | None) -> Provider:
    """Read the provider, and look that the suspension in the address is its own."""
    provider = lots.provider(work.db, ProviderId(provider_id))
    if suspension_id is not None and all(one.id != suspension_id for one in provider.suspensions):
        raise NoSuchEntry("suspension", suspension_id)
    return provider


# Why one provider was not invited ---------------------------------------------------------------------------------


@page("/competitions/{competition_id:uuid}/why")
def show_why(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[Any]:
    """Answer why a provider was not invited: as it was at publication, and as it would be today."""
    asking = visit(request)
    with asking.work() as work:
        view = views.why(work, competition_id, _uuid(request.query_params.get("provider", "")))
    return asking.show("pages/standing/show_why.html", view=view)


def _uuid(raw: str) -> UUID | None:
    """Read an id from the address; what is none is an unknown provider's."""
    if not raw:
        return None
    try:
        return UUID(raw)
    except ValueError:
        return UUID(int=0)


# What becomes of a placement --------------------------------------------------------------------------------------


@page("/agreements/{agreement_id:uuid}/standing")
def show_placement(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Ask what happens to a placement whose provider lost its standing."""
    return _placement(visit(request), agreement_id, {}, {})


@form("/agreements/{agreement_id:uuid}/standing")
def decide_placement(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Record what was decided, and why."""
    asking = visit(request)
    asking.require(Permission.END_AGREEMENT)
    try:
        choice, reason = read_choice(data)
        with asking.work() as work:
            flow.decide_placement(work, agreement_id, choice, reason)
    except NotValid as refusal:
        return _placement(asking, agreement_id, data, errors_of(refusal))
    return asking.go(f"/agreements/{agreement_id}", "Your decision about this placement is recorded")


def _placement(asking: Visit, agreement_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.placement(work, agreement_id)
    return asking.show_form("pages/standing/show_placement.html", typed, errors, view=view)


HANDLERS = (
    show_suspend,
    suspend_provider,
    show_remove,
    remove_provider,
    show_readmit,
    readmit_provider,
    show_lift,
    lift_suspension,
    show_why,
    show_placement,
    decide_placement,
)
