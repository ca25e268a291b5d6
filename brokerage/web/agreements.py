"""Individual placement agreements, for the council's staff and for the provider they were made with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from brokerage.desk import views
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.web.auth import page, visit


@page("/agreements")
def show_agreements(request: Request[Any, Any, Any]) -> Response[Any]:
    """List the agreements that concern whoever asks."""
    asking = visit(request)
    with asking.work() as work:
        found, today = views.listed_agreements(work), work.today
    staff = may(asking.actor, Permission.SEE_REFERRAL)
    return asking.show("pages/agreements/show_agreements.html", listed=found, today=today, staff=staff)


@page("/agreements/{agreement_id:uuid}")
def show_agreement(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Show an agreement with its reviews."""
    asking = visit(request)
    with asking.work() as work:
        found, today = views.agreement_page(work, agreement_id), work.today
    return asking.show("pages/agreements/show_agreement.html", page=found, today=today)


@page("/agreements/{agreement_id:uuid}/print")
def print_agreement(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Show the agreement as a paper to print and sign."""
    asking = visit(request)
    with asking.work() as work:
        found = views.agreement_page(work, agreement_id)
    return asking.show("papers/agreement.html", page=found)


HANDLERS = (show_agreements, show_agreement, print_agreement)
