"""Find a place tonight, log calls, place by telephone (DPS spec 3.3.6, A17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from lots import rules, store
from lots.errors import BelongsToAnother, NotInStandingTonight, NotNow
from lots.events import CallLogged, PlacedNow
from lots.model import (
    BedId,
    Call,
    CallKind,
    CallOutcome,
    Need,
    NightContact,
    ProviderId,
    Tonight,
)
from lots.rules import london_day
from lots.service.homes import hold_beds


def add_night_contact(db: Connection, contact: NightContact) -> None:
    """Add a number out of hours to a provider's. Raise `NoSuchProvider`."""
    store.provider(db, ProviderId(contact.provider_id))
    store.add_night_contacts(db, [contact])


def tonight(
    db: Connection,
    need: Need,
    near: str | None,
    now: datetime,
    *,
    single: bool = False,
    step_free: bool = False,
) -> Tonight:
    """Find who can take a young person tonight, nearest to an outward code first, and who cannot and why (A17)."""
    return rules.tonight(
        store.register_for(db, need.category, london_day(now)),
        store.homes(db),
        store.night_contacts(db),
        store.taken_on(db, london_day(now)),
        need,
        now,
        near,
        store.places(),
        single=single,
        step_free=step_free,
    )


def log_call(db: Connection, call: Call) -> CallLogged:
    """Keep a call to a provider's number, or a try of it (A17). Raise `NoSuchEntry` or `BelongsToAnother`."""
    contact = store.night_contact(db, call.contact_id)
    if contact.provider_id != call.provider_id:
        raise BelongsToAnother(call.provider_id, contact.provider_id)
    store.add_call(db, call)
    return CallLogged(
        call.authority, call.id, ProviderId(call.provider_id), call.contact_id, call.kind, call.outcome, call.called_at
    )


def place_now(
    db: Connection, call: Call, need: Need, bed_ids: Sequence[BedId], ends_on: date | None, now: datetime
) -> PlacedNow:
    """Place somebody for tonight after a call in which the provider said yes: the beds are taken from today on.

    The call is logged and the provider's standing held with it; the paperwork follows (3.3.5). Raise `NotNow` for a
    call that asked for no place or got a no, `NotInStandingTonight`, or what `hold_beds` and `log_call` raise.
    """
    if call.kind is not CallKind.REAL or call.outcome is not CallOutcome.CAN_TAKE or call.about is None:
        raise NotNow("call", call.outcome.value, "place somebody")
    provider_id, today = ProviderId(call.provider_id), london_day(now)
    provider, registrations = store.hold_standing(db, provider_id)
    found = rules.exclusion(provider, registrations, need, today)
    if found is not None:
        raise NotInStandingTonight(provider_id, found.rule, found.reason)
    log_call(db, call)
    about: UUID = call.about
    held = hold_beds(db, call.authority, about, provider_id, bed_ids, today, ends_on, now)
    return PlacedNow(
        call.authority, provider_id, held.stays, held.beds, call.id, about, now, held.starts_on, held.ends_on
    )
