"""E-mail through an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

from notifications.channels.seam import TIMEOUT
from notifications.model import Known, Medium, Message, Refused, Result, Sent, Unclear


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

    def find(self, message: Message, known: Known) -> None:
        """Find nothing: a mail server cannot be asked. A second copy carries the same Message-ID and shows as one."""

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
