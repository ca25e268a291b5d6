"""Ways out: kept here, Twilio for texts, SMTP for e-mail."""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final, Protocol

from notifications.model import Medium, Message, Refused, Result, Sent, Unclear
from notifications.rules import validity_seconds

TIMEOUT: Final = 8.0
"""Seconds to connect, and again to answer: together below `post.RENEW_BELOW`."""


class Channel(Protocol):
    """A way out for one medium. `send` may take long and is called with no transaction open."""

    @property
    def medium(self) -> Medium: ...

    def send(self, message: Message, now: datetime) -> Result: ...


class KeptHere:
    """Send nothing out: the outbox page is the phone, so what is written there has arrived. Demo and development."""

    def __init__(self, medium: Medium) -> None:
        self.medium = medium

    def send(self, message: Message, now: datetime) -> Result:
        """Keep it."""
        return Sent(f"kept-{message.id}", delivered=True)


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
        from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
        from twilio.rest import Client  # type: ignore[import-untyped]

        quiet = logging.getLogger("notifications.twilio")
        quiet.setLevel(logging.WARNING)  # the client logs whole requests at INFO
        http = TwilioHttpClient(timeout=timeout, logger=quiet)
        self._client = Client(account_sid, auth_token, http_client=http)
        if base_url is not None:
            self._client.api.base_url = base_url
        self._sender = sender
        self._callback = status_callback_base

    def send(self, message: Message, now: datetime) -> Result:
        """Hand a text to Twilio, to be dropped there when its time is out (C7)."""
        from requests import RequestException
        from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]

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
            return Refused(name, permanent=False) if _never_connected(fault) else Unclear(name)
        except (ValueError, KeyError, TypeError) as fault:  # an answer, but not Twilio's
            return Unclear(f"unreadable answer ({type(fault).__name__})")
        return Sent(taken.sid) if taken.sid else Unclear("an answer without a sid")


# The account, its keys or its rate: our fault or a passing one, and nothing against the message.
_NOT_THE_MESSAGE: Final = frozenset({401, 403, 429})


def _answered(status: int, code: int) -> Result:
    reason = f"twilio {status}" if code in (0, status) else f"twilio {status} code {code}"
    if status in _NOT_THE_MESSAGE:
        return Refused(reason, permanent=False)
    if 400 <= status < 500:
        return Refused(reason, permanent=True)
    return Unclear(reason)


def _never_connected(fault: Exception) -> bool:
    """Say whether a request certainly did not reach the other side."""
    from requests.exceptions import ConnectTimeout, ProxyError, SSLError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(fault, ConnectTimeout | ProxyError | SSLError):
        return True
    cause = fault.args[0] if fault.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


class SmtpEmail:
    """E-mail through one SMTP server, as plain text. There is no report: such a message stays `sent`."""

    medium: Final = Medium.EMAIL

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        starttls: bool = True,
        username: str | None = None,
        password: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._starttls, self._username, self._password = starttls, username, password
        self._timeout = timeout
        self._domain = parseaddr(sender)[1].rpartition("@")[2]

    def send(self, message: Message, now: datetime) -> Result:
        """Hand an e-mail to the server; its Message-ID is the message's own, so that a duplicate shows."""
        letter = EmailMessage()
        letter["Subject"] = message.subject or ""
        letter["From"] = self._sender
        letter["To"] = message.to
        letter["Date"] = format_datetime(now)
        letter["Message-ID"] = f"<{message.id}@{self._domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body)
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as fault:  # no letter was named yet
            return Refused(f"smtp {type(fault).__name__}", permanent=False)
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as answer:
            return _declined("recipient", next(iter(answer.recipients.values()))[0])
        except smtplib.SMTPResponseException as answer:  # to MAIL or to DATA
            return _declined("letter", answer.smtp_code)
        except smtplib.SMTPNotSupportedError as fault:
            return Refused(f"smtp {type(fault).__name__}", permanent=True)
        except (OSError, smtplib.SMTPException) as fault:
            return Unclear(f"smtp {type(fault).__name__}")
        finally:
            _leave(server)
        return Sent(str(letter["Message-ID"]))

    def _open(self) -> smtplib.SMTP:
        server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._starttls:
                server.starttls(context=ssl.create_default_context())
            if self._username is not None:
                server.login(self._username, self._password or "")
        except BaseException:
            server.close()
            raise
        return server


def _declined(what: str, code: int) -> Result:
    return Refused(f"smtp {what} {code}", permanent=500 <= code < 600)


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):  # the letter is taken or not by now; the good-bye changes nothing
        server.close()
