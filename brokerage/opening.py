"""Put the house together: engine, clock, words, channels."""

from __future__ import annotations

import gc
import select
from collections.abc import Mapping
from typing import Final

from psycopg import Connection as PsycopgConnection
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from brokerage import keys
from brokerage.competitions.model import KeyKind, Opener, Recipients
from brokerage.competitions.rules.seal import public_half
from brokerage.config import NotConfigured, Settings
from brokerage.desk.clock import Clock, DatabaseClock, MovableClock
from brokerage.desk.reach import NOBODY, OPTION, watch
from brokerage.desk.work import Desk
from brokerage.web.pages import templates_dir
from notifications.channels import Channel, KeptHere, Notify, SmtpEmail, TwilioSms
from notifications.model import Medium
from notifications.wording import load

LIMITS: Final = "-c timezone=UTC -c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s"
"""A stuck piece of work may not hold a closing competition's door."""


POOL_WAIT: Final = 0.05
"""Seconds to wait for a connection while all are out: long enough for a burst of short work, too short to be a hang."""


SELDOM: Final = (20_000, 20, 50)
"""What the collector of cycles waits for: Python's own 700 take a third of the time of reading 10,000 providers."""


def rest_collector() -> None:
    """Let the collector of cycles look seldom, and never again at what the process was built of.

    For the end of a process's start. Work here makes values, which are freed when nobody names them any more, and few
    cycles; what is imported and built lives as long as the process.
    """
    gc.set_threshold(*SELDOM)
    gc.collect()
    gc.freeze()


def open_engine(settings: Settings) -> Engine:
    """Open the pool. When all its connections are out it refuses at once, and what a restart cut off is replaced.

    Who does not say how far they reach sees no council's row.
    """
    engine = create_engine(
        settings.database_url,
        pool_size=settings.threads,
        max_overflow=0,
        pool_timeout=POOL_WAIT,
        pool_pre_ping=False,  # a round trip each time; `_drop_dead` asks the kernel instead
        connect_args={"options": LIMITS, "connect_timeout": 5},
        execution_options={OPTION: NOBODY},
        hide_parameters=True,  # an error's text must not carry what was typed into a log
    )
    event.listen(engine, "checkout", _drop_dead)
    watch(engine)
    return engine


def _drop_dead(connection: PsycopgConnection[object], *_: object) -> None:
    """Replace connections whose server has gone: an idle one has nothing to say unless it was closed."""
    if not connection.closed:
        asked = select.poll()
        asked.register(connection.fileno(), select.POLLIN)
        if not asked.poll(0):
            return
    raise InvalidatePoolError


def open_desk(settings: Settings, engine: Engine, clock: Clock | None = None) -> Desk:
    """Open the desk on a database, with the clock of the mode."""
    chosen = clock or (MovableClock() if settings.demo else DatabaseClock())
    recipients = Recipients(settings.opening_key_public, settings.recovery_key_public)
    return Desk(engine, chosen, load(templates_dir() / "messages"), settings.public_url, recipients)


def open_opener(settings: Settings) -> Opener | None:
    """Read the key that opens offers, where this process has one. Raises KeyNotUsable, also for another pair's key."""
    if settings.opening_key_file is None:
        return None
    opener = keys.read(settings.opening_key_file, KeyKind.OPENING)
    if public_half(opener.private) != settings.opening_key_public:
        raise keys.KeyNotUsable(settings.opening_key_file, "does not belong to BROKERAGE_OPENING_KEY_PUBLIC")
    return opener


def open_channels(settings: Settings) -> Mapping[Medium, Channel]:
    """Open the ways out; in the demo every message is kept here."""
    if settings.demo:
        return {medium: KeptHere(medium) for medium in Medium}
    channels: dict[Medium, Channel] = {}
    if settings.sms:
        sms = settings.sms
        channels[Medium.SMS] = TwilioSms(
            sms.account_sid,
            sms.auth_token,
            sms.sender,
            sms.base_url,
            status_callback_base=f"{settings.public_url}/webhooks/twilio/status",
        )
    if settings.smtp:
        smtp = settings.smtp
        channels[Medium.EMAIL] = SmtpEmail(
            smtp.host, smtp.port, smtp.sender, smtp.starttls, smtp.username, smtp.password
        )
    if settings.notify:
        notify = settings.notify
        templates = {Medium.SMS: notify.sms_template, Medium.EMAIL: notify.email_template}
        try:
            for medium, template in templates.items():
                if template and medium not in channels:
                    channels[medium] = Notify(medium, notify.api_key, template, notify.base_url)
        except ImportError:
            wanted = "NOTIFY_API_KEY is set, and the client is not installed: pip install 'dps-brokerage[notify]'"
            raise NotConfigured((wanted,)) from None
    return channels
