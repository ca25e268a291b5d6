"""Calls that come in from the message suppliers: is it they, and what do they say."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from twilio.request_validator import (  # type: ignore[import-untyped]  # ships no types
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from notifications.errors import NotGenuine
from notifications.model import Inbound, MessageId, Report, Verb
from notifications.rules import read_reply

MOST_BYTES: Final = 16 * 1024
MOST_NAMES: Final = 40

_log = logging.getLogger(__name__)

_SID: Final = r"(SM|MM)[0-9a-f]{32}"
_ANYTHING: Final = r"[^\x00]{0,2000}"
_WORD: Final = r"[A-Za-z_ -]{0,60}"
_PARTY: Final = r"\+[1-9][0-9]{6,14}|[0-9]{3,6}|[A-Za-z0-9 &._+-]{1,11}"

# Twilio signs names and values run together, so `Body=xStatusdelivered` has the signature of `Body=x` with
# `Status=delivered` (C11): each name is known, comes once, and its value has the shape that only it can have.
_BOTH: Final[Mapping[str, str]] = {
    "MessageSid": _SID,
    "SmsSid": _SID,
    "SmsStatus": "[a-z_]{2,30}",
    "AccountSid": "AC[0-9a-f]{32}",
    "MessagingServiceSid": "(MG[0-9a-f]{32})?",
    "From": _PARTY,
    "To": _PARTY,
    "ApiVersion": "2010-04-01",
}
STATUS_NAMES: Final[Mapping[str, str]] = {
    **_BOTH,
    "MessageStatus": "[a-z_]{2,30}",
    "ErrorCode": "[0-9]{0,6}",
    "ErrorMessage": "[^\\x00]{0,300}",
    "RawDlrDoneDate": "[0-9]{0,14}",
    "ChannelToAddress": "[^\\x00]{0,80}",
    "ChannelPrefix": _WORD,
    "ChannelInstallSid": "[A-Za-z0-9]{0,40}",
    "EventType": _WORD,
}
INBOUND_NAMES: Final[Mapping[str, str]] = {
    **_BOTH,
    "SmsMessageSid": _SID,
    "Body": _ANYTHING,
    "NumMedia": "[0-9]{0,2}",
    "NumSegments": "[0-9]{0,2}",
    "ReferralNumMedia": "[0-9]{0,2}",
    "OptOutType": "(STOP|START|HELP)?",
    **{side + name: "[^\\x00]{0,80}" for side in ("From", "To") for name in ("City", "State", "Zip", "Country")},
}

_MEANS: Final[Mapping[str, Verb]] = {
    "accepted": Verb.ACCEPT,
    "scheduled": Verb.ACCEPT,
    "queued": Verb.ACCEPT,
    "sending": Verb.ACCEPT,
    "sent": Verb.ACCEPT,
    "partially_delivered": Verb.ACCEPT,
    "delivered": Verb.DELIVER,
    "read": Verb.DELIVER,
    "undelivered": Verb.REFUSE,
    "failed": Verb.REFUSE,
    "canceled": Verb.REFUSE,
}


@dataclass(frozen=True, slots=True)
class TwilioHooks:
    """Twilio's calls to one installation. `tokens` are two while one is being rotated (C13)."""

    account_sid: str
    tokens: tuple[str, ...] = field(repr=False)
    public_url: str

    def status_url(self) -> str:
        """Where Twilio reports to; the message's id follows."""
        return f"{self.public_url}/webhooks/twilio/status"

    def status(self, message_id: MessageId, body: bytes, headers: Mapping[str, str]) -> Report:
        """Read a status report. Raises NotGenuine."""
        params = self._read(f"{self.status_url()}/{message_id}", body, headers, STATUS_NAMES)
        verb = _MEANS.get(params.get("MessageStatus", ""))
        if verb is None:
            raise _refused("an unknown status")
        code = params.get("ErrorCode", "")
        reason = None
        if verb is Verb.REFUSE:
            reason = f"twilio {params['MessageStatus']}" + (f" code {code}" if code else "")
        return Report(message_id, params["MessageSid"], params["MessageStatus"], verb, reason, code == "21610")

    def inbound(self, body: bytes, headers: Mapping[str, str]) -> Inbound:
        """Read a text that came in. Raises NotGenuine."""
        params = self._read(f"{self.public_url}/webhooks/twilio/inbound", body, headers, INBOUND_NAMES)
        if not {"From", "To", "Body"} <= set(params):
            raise _refused("a name is missing")
        reply, reference = read_reply(params["Body"], params.get("OptOutType", ""))
        return Inbound(params["MessageSid"], params["From"], reply, reference)

    def _read(self, url: str, body: bytes, headers: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
        params = _form(body)
        signature = headers.get(SIGNATURE_HEADER.lower(), "")
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER.lower(), ""))
        # The configured address, never the Host header: whoever asks chooses that (C9).
        if algorithm.upper() not in {HMAC_SHA1, HMAC_SHA256}:
            raise _refused("the algorithm")
        checks = [RequestValidator(token).validate(url, params, signature, algorithm) for token in self.tokens]
        if not signature or not any(checks):
            raise _refused("the signature")
        for name, value in params.items():
            if name not in names or not re.fullmatch(names[name], value):
                raise _refused(f"the parameter {name[:30]!r}")
        if _run_together(params, names):
            raise _refused("a name inside a value")
        sids = {params.get(name) for name in ("MessageSid", "SmsSid", "SmsMessageSid") if name in params}
        if "MessageSid" not in params or len(sids) != 1 or params.get("AccountSid") != self.account_sid:
            raise _refused("whom it is from")
        return params


_NOTIFY_MEANS: Final[Mapping[str, Verb]] = {
    "delivered": Verb.DELIVER,
    "permanent-failure": Verb.REFUSE,
    "temporary-failure": Verb.REFUSE,
    "technical-failure": Verb.REFUSE,
}


def notify_receipt(token: str, body: bytes, headers: Mapping[str, str]) -> Report:
    """Read a receipt of GOV.UK Notify, known by the bearer token that was agreed. Raises NotGenuine."""
    if not compare_digest(headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
        raise _refused("the bearer token")
    try:
        said = json.loads(body)
        reference, provider_ref, status = UUID(said["reference"]), UUID(said["id"]), str(said["status"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused("the receipt") from None
    verb = _NOTIFY_MEANS.get(status)
    if verb is None:
        raise _refused("an unknown status")
    reason = f"notify {status}" if verb is Verb.REFUSE else None
    return Report(MessageId(reference), str(provider_ref), status, verb, reason)


def _run_together(params: Mapping[str, str], names: Mapping[str, str]) -> bool:
    """Say whether a value holds the name and value that would follow it, which are missing then: signed the same."""
    held = sorted(params)
    for name, following in zip(held, [*held[1:], None], strict=True):
        for missing in names:
            if name < missing and (following is None or missing < following):
                _, found, tail = params[name].rpartition(missing)
                if found and re.fullmatch(names[missing], tail):
                    return True
    return False


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_NAMES,
        )
    except ValueError:
        raise _refused("the form") from None
    params = dict(pairs)
    if len(params) != len(pairs):
        raise _refused("a name twice")
    return params


def _refused(why: str) -> NotGenuine:
    _log.warning("a call that claims to be the message supplier's was refused: %s", why)
    return NotGenuine()
