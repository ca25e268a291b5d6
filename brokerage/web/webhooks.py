"""Calls of the message suppliers: only where one is configured, without session or cookie."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody

from brokerage.config import Settings, Sms
from brokerage.desk import flow
from brokerage.desk.work import SYSTEM
from brokerage.web.auth import House, house_of
from notifications import hooks
from notifications.errors import NotGenuine
from notifications.hooks import MOST_BYTES, TwilioHooks
from notifications.model import MessageId

NOTHING: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""What Twilio takes for "no answer": replies are messages like any other, with their own row."""

FORM: Final = "application/x-www-form-urlencoded"


@post("/webhooks/twilio/status/{message:str}", status_code=204, sync_to_thread=True, request_max_body_size=MOST_BYTES)
def twilio_status(request: Request[Any, Any, Any], message: FromPath[str], body: RawBody) -> None:
    """Take Twilio's report of what became of a text."""
    house = house_of(request)
    report = _twilio(house, request).status(_id(message), body, request.headers)
    with house.desk.work(SYSTEM) as work:
        flow.receive_report(work, report)


@post("/webhooks/twilio/inbound", status_code=200, sync_to_thread=True, request_max_body_size=MOST_BYTES)
def twilio_inbound(request: Request[Any, Any, Any], body: RawBody) -> Response[str]:
    """Take a text that somebody sent us."""
    house = house_of(request)
    text = _twilio(house, request).inbound(body, request.headers)
    with house.desk.work(SYSTEM) as work:
        flow.receive_text(work, text)
    return Response(NOTHING, media_type="text/xml")


@post("/webhooks/notify/receipt", status_code=204, sync_to_thread=True, request_max_body_size=MOST_BYTES)
def notify_receipt(request: Request[Any, Any, Any], body: RawBody) -> None:
    """Take GOV.UK Notify's receipt of what became of a message."""
    house = house_of(request)
    notify = house.settings.notify
    if notify is None or not notify.callback_token:
        raise NotFoundException
    report = hooks.notify_receipt(notify.callback_token, body, request.headers)
    with house.desk.work(SYSTEM) as work:
        flow.receive_report(work, report)


def hooks_of(sms: Sms, public_url: str) -> TwilioHooks:
    """Say how Twilio's calls to this installation are known."""
    tokens = (sms.auth_token, *((sms.previous_token,) if sms.previous_token else ()))
    return TwilioHooks(sms.account_sid, tokens, public_url)


def handlers(settings: Settings) -> list[HTTPRouteHandler]:
    """Gather the calls of the suppliers that are configured."""
    found: list[HTTPRouteHandler] = [twilio_status, twilio_inbound] if settings.sms else []
    return [*found, notify_receipt] if settings.notify and settings.notify.callback_token else found


def _twilio(house: House, request: Request[Any, Any, Any]) -> TwilioHooks:
    if house.settings.sms is None:
        raise NotFoundException
    if request.url.query or request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NotGenuine  # none of the addresses that we give away has a query
    return hooks_of(house.settings.sms, house.settings.public_url)


def _id(message: str) -> MessageId:
    """Read the id as we wrote it; the signature covers the address to the letter."""
    try:
        found = UUID(message)
    except ValueError:
        raise NotGenuine from None
    if str(found) != message:
        raise NotGenuine
    return MessageId(found)
