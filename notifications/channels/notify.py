"""Texts and e-mails through GOV.UK Notify, which many councils have."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from notifications.channels.seam import TIMEOUT, never_connected
from notifications.model import Known, Medium, Message, Refused, Result, Sent, Unclear

LOST: Final = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})
BUSY: Final = frozenset({401, 403, 429})
"""The key, its limits, our clock: nothing against the message."""


class Notify:
    """One medium through GOV.UK Notify.

    The template there holds `((body))`, for e-mail with the subject `((subject))`: the words are ours, as for every
    channel. The reference is the message's id, so that Notify can be asked for it. It has no expiry: a text may arrive
    after the window, and the page behind its link then says so.
    """

    def __init__(
        self, medium: Medium, api_key: str, template: str, base_url: str | None = None, timeout: float = TIMEOUT
    ) -> None:
        from notifications_python_client.notifications import NotificationsAPIClient

        # The client logs Notify's own words, which may hold a number.
        logging.getLogger("notifications_python_client.base").setLevel(logging.ERROR)
        client: Any = NotificationsAPIClient
        self.medium = medium
        self._template = template
        given: dict[str, Any] = {"timeout": timeout} | ({"base_url": base_url} if base_url else {})
        self._make: Callable[[], Any] = lambda: client(api_key, **given)
        self._own = threading.local()  # the client is not made for several threads

    @property
    def _client(self) -> Any:
        if not hasattr(self._own, "client"):
            self._own.client = self._make()
        return self._own.client

    def send(self, message: Message, now: datetime) -> Result:
        """Hand a message to Notify under our own reference."""
        reference = str(message.id)
        try:
            if self.medium is Medium.SMS:
                words = {"body": message.body}
                answer = self._client.send_sms_notification(message.to, self._template, words, reference)
            else:
                words = {"subject": message.subject or "", "body": message.body}
                answer = self._client.send_email_notification(message.to, self._template, words, reference)
            return Sent(str(answer["id"]))
        except Exception as fault:
            return _answered(fault)

    def find(self, message: Message, known: Known) -> Result | None:
        """Ask for the reference (C2): it is ours alone, so what is known of others adds nothing."""
        try:
            found = self._client.get_all_notifications(reference=str(message.id))["notifications"]
        except Exception as fault:  # whatever went wrong, it is not known whether the message is there
            return Unclear(f"not found out ({type(fault).__name__})")
        if not found:
            return None
        arrived = [one for one in found if one["status"] not in LOST]
        if not arrived:
            return Refused(f"notify {found[0]['status']}", permanent=True)
        return Sent(str(arrived[0]["id"]), delivered=arrived[0]["status"] == "delivered")


def _answered(fault: Exception) -> Result:
    from notifications_python_client.errors import HTTPError

    if not isinstance(fault, HTTPError):  # an answer, but not Notify's
        return Unclear(f"unreadable answer ({type(fault).__name__})")
    if fault.response is None:
        cause = fault.__cause__
        name = type(cause).__name__
        never = isinstance(cause, Exception) and never_connected(cause)
        return Refused(name, permanent=False) if never else Unclear(name)
    status = fault.status_code
    if 400 <= status < 500:
        return Refused(f"notify {status}", permanent=status not in BUSY)
    return Unclear(f"notify {status}")
