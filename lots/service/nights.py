"""Find a place tonight, log calls, place by telephone (DPS spec 3.3.6, A17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from lots import rules, store
from lots.errors import BelongsToAnother, NotInStandingTonight
from lots.events import CallLogged, NightContactAdded, PlacedNow
from lots.model import (
    BedId,
    Call,
    CallId,
    CategoryCode,
    Need,
    NightContact,
    ProviderId,
    Tonight,
    TonightIn,
)
from lots.rules import london_day
from lots.service.homes import hold_beds


def add_night_contact(db: Connection, contact: NightContact) -> NightContactAdded:
    """Add a number out of hours to a provider's. Raise `NoSuchProvider`."""
    provider = store.provider(db, ProviderId(contact.provider_id))
    store.add_night_contacts(db, [contact])
    return NightContactAdded(provider.id, contact.id, contact.line.purpose)


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


def tonight_in(
    db: Connection,
    need: Need,
    near: str | None,
    now: datetime,
    categories: Sequence[CategoryCode] = rules.NIGHT_CATEGORIES,
    *,
    single: bool = False,
    step_free: bool = False,
) -> TonightIn:
    """Find as `tonight` does, in several categories at once; the one of `need` is not looked at."""
    return rules.tonight_in(
        [
            (
                category,
                tonight(db, replace(need, category=category), near, now, single=single, step_free=step_free),
            )
            for category in categories
        ]
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
    db: Connection,
    authority: str,
    call_id: CallId,
    about: UUID,
    reference: str,
    need: Need,
    bed_ids: Sequence[BedId],
    nights: int,
    now: datetime,
) -> PlacedNow:
    """Place somebody for tonight on the word of a call in which the provider said yes: the beds are taken from today.

    The provider's standing is held meanwhile; the paperwork follows under the referral `about` (3.3.5). Raise
    `NoSuchEntry`, `NotNow` for a call that was no yes of this night or was used, `NotInStandingTonight`, or what
    `hold_beds` raises.
    """
    call = store.hold_call(db, authority, call_id)
    rules.check_yes(call, now)
    provider_id, today = ProviderId(call.provider_id), london_day(now)
    provider, registrations = store.hold_standing(db, provider_id)
    found = rules.exclusion(provider, registrations, need, today)
    if found is not None:
        raise NotInStandingTonight(provider_id, found.rule, found.reason)
    ends_on = rules.last_night(today, nights)
    held = hold_beds(db, authority, about, provider_id, bed_ids, today, ends_on, now, need)
    store.save_placed(db, authority, call_id, about, now)
    return PlacedNow(
        authority, provider_id, held.stays, held.beds, call_id, about, reference, now, held.starts_on, held.ends_on
    )
