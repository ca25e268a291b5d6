"""The register of providers: who offers what at which tendered price, and who stands in the way of new work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.web.auth import page, visit
from lots import rules as lot_rules
from lots import store as lots
from lots.model import CategoryCode, Provider, ProviderId, Registration, Removal, Suspension


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider in the list: its prices today by category, and what keeps it out of new work today."""

    provider: Provider
    held: Mapping[str, Registration]
    suspension: Suspension | None
    removed: bool


@page("/providers")
def show_providers(request: Request[Any, Any, Any]) -> Response[Any]:
    """List the register: who offers what at which tendered price."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    wanted = request.query_params.get("category", "")
    chosen = next((one for one in lots.catalogue().values() if one.code.value == wanted), None)
    with asking.work() as work:
        today = work.today
        listed = [_listed(provider, held, today) for provider, held in lots.register(work.db)]
    return asking.show(
        "pages/register/show_providers.html",
        providers=[one for one in listed if chosen is None or chosen.code.value in one.held],
        categories=tuple(lots.catalogue().values()),
        chosen=chosen,
        total=len(listed),
    )


@page("/providers/{provider_id:uuid}")
def show_provider(request: Request[Any, Any, Any], provider_id: FromPath[UUID]) -> Response[Any]:
    """Show one provider: prices, Ofsted registration, standing, how to reach it."""
    asking = visit(request)
    asking.require(Permission.SEE_REGISTER)
    with asking.work() as work:
        today = work.today
        provider = lots.provider(work.db, ProviderId(provider_id))
        registrations = lots.registrations(work.db, provider.id)
        keeps = may(asking.actor, Permission.CHANGE_STANDING) and work.authority == work.keeper
        judges = may(asking.actor, Permission.DECIDE_EVIDENCE) and work.authority == work.keeper
    return asking.show(
        "pages/register/show_provider.html",
        provider=provider,
        removal=_removal(provider, today),
        keeps=keeps,
        judges=judges,
        registrations=registrations,
        catalogue=lots.catalogue(),
        suspension=_suspension(provider, today),
        today=today,
    )


def _listed(provider: Provider, held: tuple[Registration, ...], today: date) -> Listed:
    found = {
        code.value: one for code in CategoryCode if (one := lot_rules.registration_on(held, code, today)) is not None
    }
    return Listed(provider, found, _suspension(provider, today), _removal(provider, today) is not None)


def _suspension(provider: Provider, today: date) -> Suspension | None:
    return next((one for one in provider.suspensions if one.holds_on(today)), None)


def _removal(provider: Provider, today: date) -> Removal | None:
    return next((one for one in provider.removals if one.holds_on(today)), None)


HANDLERS = (show_providers, show_provider)
