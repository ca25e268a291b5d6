"""The web application: which handlers, behind which checks."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Message, Scope

from brokerage.config import Settings
from brokerage.desk.work import Desk
from brokerage.people.errors import ProofNeeded
from brokerage.web import (
    about,
    agreements,
    applications,
    applying,
    awards,
    bids,
    calendar,
    competitions,
    concerns,
    decisions,
    differences,
    ends,
    equality,
    evidence,
    homes,
    hours,
    ledger,
    live,
    market,
    negotiations,
    nights,
    oidc,
    operations,
    people,
    problems,
    proof,
    questions,
    referrals,
    register,
    session,
    sights,
    signing,
    variations,
    webhooks,
    work,
)
from brokerage.web import demo as demo_pages
from brokerage.web.api import agreements as agreements_api
from brokerage.web.api import applications as applications_api
from brokerage.web.api import competitions as competitions_api
from brokerage.web.api import delivery as delivery_api
from brokerage.web.api import differences as differences_api
from brokerage.web.api import ends as ends_api
from brokerage.web.api import homes as homes_api
from brokerage.web.api import invitations as invitations_api
from brokerage.web.api import market as market_api
from brokerage.web.api import negotiations as negotiations_api
from brokerage.web.api import nights as nights_api
from brokerage.web.api import prices as prices_api
from brokerage.web.api import questions as questions_api
from brokerage.web.api import referrals as referrals_api
from brokerage.web.api import register as register_api
from brokerage.web.api import sights as sights_api
from brokerage.web.api import specification as specification_api
from brokerage.web.api import standing as standing_api
from brokerage.web.api import variations as variations_api
from brokerage.web.api.calls import keep_body
from brokerage.web.auth import DemoHooks, House, same_site
from brokerage.web.pages import environment

MOST_BYTES: Final = 512 * 1024
"""The longest form is twelve answers in any script; anything larger is no form of ours."""

SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def create_app(desk: Desk, settings: Settings, demo: DemoHooks | None = None) -> Litestar:
    """Build the application. The demo's routes exist only in the demo."""
    house = House(desk, settings, environment(settings.demo), demo)
    api = Router(
        "/api",
        route_handlers=[
            *referrals_api.HANDLERS,
            *competitions_api.HANDLERS,
            *agreements_api.HANDLERS,
            *invitations_api.HANDLERS,
            *questions_api.HANDLERS,
            *register_api.HANDLERS,
            *sights_api.HANDLERS,
            *homes_api.HANDLERS,
            *nights_api.HANDLERS,
            *standing_api.HANDLERS,
            *prices_api.HANDLERS,
            *specification_api.HANDLERS,
            *delivery_api.HANDLERS,
            *variations_api.HANDLERS,
            *ends_api.HANDLERS,
            *market_api.HANDLERS,
            *differences_api.HANDLERS,
            *negotiations_api.HANDLERS,
            *applications_api.HANDLERS,
        ],
        before_request=keep_body,
        tags=["api"],
    )
    return Litestar(
        [*operations.HANDLERS, *webhooks.handlers(settings), api, *_pages(settings)],
        state=State({"house": house}),
        exception_handlers={
            Exception: problems.answer,
            HTTPException: problems.answer,
            ProofNeeded: proof.answer,
        },
        request_max_body_size=MOST_BYTES,
        compression_config=CompressionConfig(backend="gzip", exclude=["/static"], minimum_size=1000),
        openapi_config=OpenAPIConfig(
            "Placement brokerage", "1", path="/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
        before_send=[_safe, proof.send_cookie],
        on_startup=[lambda: _widen(settings.threads)],
        debug=False,
        logging_config=None,
    )


def _widen(connections: int) -> None:
    """Give requests more threads than there are connections: who finds none is refused at once, not left waiting.

    Unasked, Python has five threads more than cores, and behind a slow query everybody would hang in a queue.
    """
    threads = ThreadPoolExecutor(2 * connections, thread_name_prefix="request")
    asyncio.get_running_loop().set_default_executor(threads)


async def _safe(message: Message, scope: Scope) -> None:
    """Put the safe headers on every answer, refusals and faults included."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SAFE.items():
            headers.setdefault(name, value)


def _pages(settings: Settings) -> list[Router]:
    """Gather the pages: those of signed-in people check their forms' mark; a link is its own authority."""
    signed_in = [
        handler
        for module in (
            work,
            live,
            referrals,
            competitions,
            decisions,
            awards,
            agreements,
            calendar,
            variations,
            ends,
            market,
            differences,
            negotiations,
            applications,
            evidence,
            register,
            equality,
            bids,
            questions,
            homes,
            nights,
            hours,
            concerns,
            ledger,
            session,
            sights,
            proof,
            people,
        )
        for handler in module.HANDLERS
    ]
    strangers = [*session.OPEN_HANDLERS, *oidc.OPEN_HANDLERS, *applying.OPEN_HANDLERS]
    links = (bids, questions, calendar, signing)
    anybody = [*(one for each in links for one in each.LINK_HANDLERS), *evidence.FILE_HANDLERS, *about.HANDLERS]
    if settings.demo:
        anybody += demo_pages.HANDLERS
    return [
        Router("/", route_handlers=signed_in, before_request=proof.check),
        Router("/", route_handlers=strangers, before_request=same_site),
        Router("/", route_handlers=applying.HANDLERS, before_request=applying.check_door),
        Router("/", route_handlers=anybody),
    ]
