"""Texts through Twilio."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from notifications.channels.seam import LINES, TIMEOUT, never_connected
from notifications.model import Known, Medium, Message, Refused, Result, Sent, Unclear
from notifications.rules import validity_seconds, which

SKEW: Final = timedelta(minutes=2)
"""By how much Twilio's clock may be behind ours."""
MOST_LISTED: Final = 200
OPTED_OUT_CODE: Final = 21610
LOST: Final = frozenset({"failed", "undelivered", "canceled"})


class TwilioSms:
    """Texts through Twilio. `sender` is a number in E.164 or up to 11 letters; `base_url` points elsewhere for tests.

    With `status_callback_base` Twilio reports to `<base>/<message id>`, which finds a message again whose
    provider reference was lost (C2).
    """

    medium: Final = Medium.SMS

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str | None = None,
        status_callback_base: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        # Slow to import (it pulls in aiohttp), and needed only where texts really go out.
        from requests.adapters import HTTPAdapter
        from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]  # ships no types
        from twilio.rest import Client  # type: ignore[import-untyped]  # ships no types

        quiet = logging.getLogger("notifications.twilio")
        quiet.setLevel(logging.WARNING)  # the client logs whole requests at INFO
        http = TwilioHttpClient(timeout=timeout, logger=quiet)
        # As many lines as hands, and no retry of its own: that is decided where the row is.
        many = HTTPAdapter(pool_maxsize=LINES, max_retries=0)
        http.session.mount("https://", many)
        http.session.mount("http://", many)
        self._client = Client(account_sid, auth_token, http_client=http)
        if base_url is not None:
            self._client.api.base_url = base_url
        self._sender = sender
        self._callback = status_callback_base

    def find(self, message: Message, known: Known) -> Result | None:
        """Look through what was sent to the number since the message was written (C2, C4).

        The listing is not asked by its sending day: what still waits at Twilio has none.
        """
        since = message.created_at - SKEW
        try:
            listed = self._client.messages.list(to=message.to, limit=MOST_LISTED)
            fresh = [one for one in listed if one.date_created is None or one.date_created >= since]
        except Exception as fault:  # whatever went wrong, it is not known whether the text is there
            return Unclear(f"not found out ({type(fault).__name__})")
        if len(fresh) == MOST_LISTED:
            return Unclear("too many to look through")
        ours = {one.sid: one for one in fresh if str(one.direction).startswith("outbound") and one.to == message.to}
        found = which({ref: one.body or "" for ref, one in ours.items()}, message.body, known)
        if isinstance(found, Unclear) or found is None:
            return found
        return stands(ours[found.provider_ref])

    def send(self, message: Message, now: datetime) -> Result:
        """Hand a text to Twilio, to be dropped there when its time is out (C7)."""
        from requests import RequestException
        from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]  # ships no types

        callback = {"status_callback": f"{self._callback.rstrip('/')}/{message.id}"} if self._callback else {}
        try:
            taken = self._client.messages.create(
                to=message.to,
                from_=self._sender,
                body=message.body,
                validity_period=validity_seconds(now, message.expires_at),
                content_retention="discard",
                smart_encoded=True,
                **callback,
            )
        except TwilioRestException as answer:
            return _answered(answer.status, answer.code)
        except TwilioException as answer:  # the newer shape of an error, which is no TwilioRestException
            return _answered(getattr(answer, "status", 0), getattr(answer, "code", 0))
        except RequestException as fault:
            name = type(fault).__name__
            return Refused(name, permanent=False) if never_connected(fault) else Unclear(name)
        except (ValueError, KeyError, TypeError) as fault:  # an answer, but not Twilio's
            return Unclear(f"unreadable answer ({type(fault).__name__})")
        return Sent(taken.sid) if taken.sid else Unclear("an answer without a sid")


def stands(found: Any) -> Sent | Refused:
    """Say what a text that Twilio has already stands for."""
    if str(found.status) in LOST:
        code = found.error_code or 0
        reason = f"twilio {found.status} code {code}" if code else f"twilio {found.status}"
        return Refused(reason, permanent=True, opted_out=code == OPTED_OUT_CODE)
    return Sent(found.sid, delivered=str(found.status) in {"delivered", "read"})


# The account, its keys or its rate: our fault or a passing one, and nothing against the message.
_NOT_THE_MESSAGE: Final = frozenset({401, 403, 429})


def _answered(status: int, code: int) -> Result:
    reason = f"twilio {status}" if code in (0, status) else f"twilio {status} code {code}"
    if status in _NOT_THE_MESSAGE:
        return Refused(reason, permanent=False)
    if 400 <= status < 500:
        return Refused(reason, permanent=True, opted_out=code == OPTED_OUT_CODE)
    return Unclear(reason)
