"""What the operator sets, read once at the entry points and passed down."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

PUBLIC_KEYS: Final = ("BROKERAGE_OPENING_KEY_PUBLIC", "BROKERAGE_RECOVERY_KEY_PUBLIC")
STEP_UP_MINUTES: Final = 15
OPENING_KEY_FILE: Final = "BROKERAGE_OPENING_KEY_FILE"


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(eq=False)
class NotConfigured(Exception):
    """The settings are missing something or contradict each other; every fault is listed at once."""

    faults: tuple[str, ...]

    def __str__(self) -> str:
        return "The settings are not usable:\n" + "\n".join(f"  - {fault}" for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Sms:
    account_sid: str
    auth_token: str
    sender: str
    base_url: str | None
    previous_token: str | None = None


@dataclass(frozen=True, slots=True)
class Smtp:
    host: str
    port: int
    sender: str
    starttls: bool
    username: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Notify:
    """GOV.UK Notify, for the media that have no channel of their own and a template here."""

    api_key: str
    sms_template: str | None
    email_template: str | None
    callback_token: str | None
    base_url: str | None


@dataclass(frozen=True, slots=True)
class Oidc:
    """The council's own sign-in service. `trusted_amr` names the methods that count as a second factor."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    trusted_amr: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another."""

    mode: Mode
    database_url: str
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    sms: Sms | None = None
    smtp: Smtp | None = None
    threads: int = 20
    opening_key_public: bytes = b""
    recovery_key_public: bytes = b""
    opening_key_file: Path | None = None
    notify: Notify | None = None
    oidc: Oidc | None = None
    step_up_minutes: int | None = None
    client_header: str | None = None

    @property
    def demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def secure(self) -> bool:
        """Say whether the public address is https, so that cookies may be marked Secure."""
        return urlsplit(self.public_url).scheme == "https"


def with_driver(url: str) -> str:
    """Name psycopg 3 in a PostgreSQL address that names no driver."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def from_env(environ: Mapping[str, str]) -> Settings:
    """Read the settings of a production installation.

    Raises NotConfigured with every fault found. Demo settings are refused here: the demo builds its
    own Settings in code, so no environment variable can turn a live installation into one.
    """
    faults: list[str] = []
    database_url = environ.get("DATABASE_URL", "")
    if not database_url:
        faults.append("DATABASE_URL is not set. Give the address of your PostgreSQL 15 or newer.")
    public_url = environ.get("BROKERAGE_PUBLIC_URL", "").rstrip("/")
    parts = urlsplit(public_url)
    if not public_url:
        faults.append(
            "BROKERAGE_PUBLIC_URL is not set. Give the address people type, such as https://placements.example."
        )
    elif parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
        faults.append("BROKERAGE_PUBLIC_URL must start with https:// so that links in texts cannot be read on the way.")
    if any(name.startswith("BROKERAGE_DEMO") for name in environ):
        faults.append("A BROKERAGE_DEMO... variable is set. Demo settings are refused in production: unset it.")
    port = environ.get("BROKERAGE_PORT", "8000")
    if not port.isdigit():
        faults.append(f"BROKERAGE_PORT is {port!r}; it must be a number.")
    notify = _notify(environ, faults)
    sms = _sms(environ, faults, otherwise=notify is not None and notify.sms_template is not None)
    smtp = _smtp(environ, faults, otherwise=notify is not None and notify.email_template is not None)
    opening, recovery = (_public_key(environ, name, faults) for name in PUBLIC_KEYS)
    if opening and opening == recovery:
        faults.append(f"{' and '.join(PUBLIC_KEYS)} are the same key: the recovery key must be another.")
    oidc = _oidc(environ, faults)
    step_up = environ.get("BROKERAGE_STEP_UP_MINUTES", str(STEP_UP_MINUTES))
    if not (step_up.isdigit() and 1 <= int(step_up) <= 60):
        faults.append(f"BROKERAGE_STEP_UP_MINUTES is {step_up!r}; it must be a number from 1 to 60.")
    if faults:
        raise NotConfigured(tuple(faults))
    return Settings(
        mode=Mode.PRODUCTION,
        database_url=with_driver(database_url),
        public_url=public_url,
        host=environ.get("BROKERAGE_HOST", "127.0.0.1"),
        port=int(port),
        sms=sms,
        smtp=smtp,
        notify=notify,
        opening_key_public=opening,
        recovery_key_public=recovery,
        opening_key_file=Path(environ[OPENING_KEY_FILE]) if environ.get(OPENING_KEY_FILE) else None,
        oidc=oidc,
        step_up_minutes=int(step_up),
        client_header=environ.get("BROKERAGE_CLIENT_HEADER") or None,
    )


def for_web(settings: Settings) -> Settings:
    """Let the web process start only without the key that opens offers. Raises NotConfigured."""
    if settings.opening_key_file is not None:
        raise NotConfigured(
            (
                f"{OPENING_KEY_FILE} is set. What serves pages must not be able to open offers: set it for"
                " `brokerage work` only.",
            )
        )
    return settings


def _public_key(environ: Mapping[str, str], name: str, faults: list[str]) -> bytes:
    text = environ.get(name, "")
    if not text:
        faults.append(f"{name} is not set. Make the keys with: brokerage keys new DIR")
        return b""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        faults.append(f"{name} is not a public key: copy the line that `brokerage keys new` printed.")
        return b""
    return key


def _oidc(environ: Mapping[str, str], faults: list[str]) -> Oidc | None:
    issuer = environ.get("BROKERAGE_OIDC_ISSUER", "").rstrip("/")
    client = environ.get("BROKERAGE_OIDC_CLIENT_ID", "")
    secret, file = environ.get("BROKERAGE_OIDC_CLIENT_SECRET", ""), environ.get("BROKERAGE_OIDC_CLIENT_SECRET_FILE", "")
    if not issuer:
        if client or secret or file:
            faults.append("BROKERAGE_OIDC_ISSUER is not set, and other BROKERAGE_OIDC_... settings are.")
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
        faults.append("BROKERAGE_OIDC_ISSUER must start with https://.")
    if file and not secret:
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except OSError:
            faults.append(f"BROKERAGE_OIDC_CLIENT_SECRET_FILE cannot be read: {file}")
            return None
    if not client or not secret:
        faults.append("Set BROKERAGE_OIDC_CLIENT_ID and BROKERAGE_OIDC_CLIENT_SECRET_FILE with BROKERAGE_OIDC_ISSUER.")
        return None
    name = environ.get("BROKERAGE_OIDC_NAME") or "your council account"
    trusted = frozenset(environ.get("BROKERAGE_OIDC_TRUSTED_AMR", "").replace(",", " ").split())
    return Oidc(issuer, client, secret, name, trusted)


def _notify(environ: Mapping[str, str], faults: list[str]) -> Notify | None:
    given = {name: environ.get(f"NOTIFY_{name}") or None for name in ("SMS_TEMPLATE", "EMAIL_TEMPLATE")}
    key, token = environ.get("NOTIFY_API_KEY") or None, environ.get("NOTIFY_CALLBACK_TOKEN") or None
    if key is None:
        if any(given.values()) or token:
            faults.append("NOTIFY_API_KEY is not set, and other NOTIFY_... settings are.")
        return None
    if not any(given.values()):
        faults.append("NOTIFY_API_KEY is set: set NOTIFY_SMS_TEMPLATE or NOTIFY_EMAIL_TEMPLATE with it.")
    if token is not None and len(token) < 16:
        faults.append("NOTIFY_CALLBACK_TOKEN is too easy to guess: use 16 characters or more.")
    return Notify(key, given["SMS_TEMPLATE"], given["EMAIL_TEMPLATE"], token, environ.get("NOTIFY_API_BASE") or None)


def _sms(environ: Mapping[str, str], faults: list[str], *, otherwise: bool) -> Sms | None:
    names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_SENDER")
    given = [name for name in names if environ.get(name)]
    if not given and otherwise:
        return None
    if not given:
        faults.append("No text message channel: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_SENDER.")
        return None
    missing = [name for name in names if name not in given]
    if missing:
        faults.append(f"{' and '.join(missing)} must be set together with {given[0]}.")
        return None
    return Sms(
        environ["TWILIO_ACCOUNT_SID"],
        environ["TWILIO_AUTH_TOKEN"],
        environ["TWILIO_SENDER"],
        environ.get("TWILIO_API_BASE") or None,
        environ.get("TWILIO_AUTH_TOKEN_PREVIOUS") or None,
    )


def _smtp(environ: Mapping[str, str], faults: list[str], *, otherwise: bool) -> Smtp | None:
    host = environ.get("SMTP_HOST")
    if not host and otherwise:
        return None
    if not host:
        faults.append("No e-mail channel: set SMTP_HOST and SMTP_SENDER.")
        return None
    sender = environ.get("SMTP_SENDER", "")
    if not sender:
        faults.append("SMTP_SENDER is not set: the address that e-mails come from.")
    port = environ.get("SMTP_PORT", "587")
    if not port.isdigit():
        faults.append(f"SMTP_PORT is {port!r}; it must be a number.")
        return None
    return Smtp(
        host,
        int(port),
        sender,
        environ.get("SMTP_STARTTLS", "1") not in {"0", "no", "false"},
        environ.get("SMTP_USERNAME") or None,
        environ.get("SMTP_PASSWORD") or None,
    )
