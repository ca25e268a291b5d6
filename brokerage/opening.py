"""Put the house together: engine, clock, words, channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Engine, create_engine

from brokerage.config import NotConfigured, Settings
from brokerage.desk.clock import Clock, DatabaseClock, MovableClock
from brokerage.desk.work import Desk
from brokerage.web.pages import templates_dir
from notifications.channels import Channel, KeptHere, Notify, SmtpEmail, TwilioSms
from notifications.model import Medium
from notifications.wording import load

LIMITS: Final = "-c timezone=UTC -c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s"
"""A stuck piece of work may not hold a closing competition's door."""


def open_engine(settings: Settings) -> Engine:
    """Open the pool: as many connections as threads; when all are out, refuse within two seconds, never hang."""
    return create_engine(
        settings.database_url,
        pool_size=settings.threads,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=False,
        connect_args={"options": LIMITS, "connect_timeout": 5},
        hide_parameters=True,  # an error's text must not carry what was typed into a log
    )


def open_desk(settings: Settings, engine: Engine, clock: Clock | None = None) -> Desk:
    """Open the desk on a database, with the clock of the mode."""
    chosen = clock or (MovableClock() if settings.demo else DatabaseClock())
    return Desk(engine, chosen, load(templates_dir() / "messages"), settings.public_url)


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
