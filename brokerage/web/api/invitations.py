"""The provider's side: the link shows, the code acts."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.rules.reading import read_code, read_decline
from brokerage.desk import flow, views
from brokerage.desk.work import SYSTEM
from brokerage.web.api import shapes
from brokerage.web.api.calls import read, reply, write
from brokerage.web.auth import house_of, look


@read("/invitations/{token:str}")
def look_at_invitation(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Show the de-identified summary behind a link. Looking changes nothing."""
    with house_of(request).desk.work(SYSTEM) as work:
        return reply(shapes.invitation(views.invitation(work, flow.look_at_invitation(work, token))))


@write("/invitations/{token:str}/code", status_code=202)
def send_code(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Text a 6-digit code to the provider's registered mobile."""
    with house_of(request).desk.work(SYSTEM) as work:
        event = flow.send_code(work, token)
        return reply({"expires_at": event.expires_at}, 202)


@write("/invitations/{token:str}/bid", status_code=201)
def place_bid(request: Request[Any, Any, Any], token: FromPath[str], data: JSONBody[shapes.BidBody]) -> Response[str]:
    """Make or replace an offer; the last one before the close stands."""
    house = house_of(request)
    document = {name: value for name, value in data.document().items() if name != "code" and value is not None}
    key = request.headers.get("idempotency-key")
    actor = look(request).actor if request.headers.get("authorization") else SYSTEM
    code = read_code(data.code) if data.code else None
    receipt = flow.place_bid(house.desk, actor, token, document, code=code, request_key=key)
    body = {
        "bid_id": receipt.bid_id,
        "version": receipt.version,
        "received_at": receipt.received_at,
        "digest": receipt.digest,
    }
    return reply(body, 201)


@write("/invitations/{token:str}/withdrawal", status_code=200)
def withdraw_bid(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Take your standing offer back, before the close."""
    with house_of(request).desk.work(SYSTEM) as work:
        event = flow.withdraw_bid(work, token)
        return reply({"bid_id": event.bid_id, "withdrawn_at": event.at})


@write("/invitations/{token:str}/decline", status_code=200)
def decline(request: Request[Any, Any, Any], token: FromPath[str], data: JSONBody[shapes.DeclineBody]) -> Response[str]:
    """Say that you cannot offer, and why."""
    reason, note = read_decline({name: value for name, value in data.document().items() if value is not None})
    with house_of(request).desk.work(SYSTEM) as work:
        event = flow.decline(work, token, reason, note)
        return reply({"declined_at": event.at, "reason": event.reason})


HANDLERS = (look_at_invitation, send_code, place_bid, withdraw_bid, decline)
