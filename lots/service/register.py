"""Admit, suspend and remove providers (A13, A15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from lots import store
from lots.errors import (
    AlreadyRemoved,
    NoSuchEntry,
    NotNow,
    ProviderAlreadyAdmitted,
    ReasonMissing,
    RegistrationOfAnother,
    SuspensionOver,
)
from lots.events import (
    ProviderAdmitted,
    ProviderReadmitted,
    ProviderRemoved,
    ProviderSuspended,
    SuspensionEnded,
    SuspensionLifted,
)
from lots.model import Provider, ProviderId, Registration, Removal, RemovalId, Suspension, SuspensionId
from lots.rules import london_day


def admit_provider(
    db: Connection, provider: Provider, registrations: Iterable[Registration], now: datetime
) -> ProviderAdmitted:
    """Put a provider on the register with its registrations and any suspension it already has (A13).

    Raise `ProviderAlreadyAdmitted`, `RegistrationOfAnother` or `OverlappingRegistration`.
    """
    tendered = tuple(registrations)
    for registration in tendered:
        if registration.provider_id != provider.id:
            raise RegistrationOfAnother(provider.id, registration.provider_id)
    if store.is_admitted(db, provider.id):
        raise ProviderAlreadyAdmitted(provider.id)
    store.save_provider(db, provider, now)
    for suspension in provider.suspensions:
        store.save_suspension(db, provider.id, SuspensionId(uuid4()), suspension, now)
    for registration in tendered:
        store.save_registration(db, registration)
    return ProviderAdmitted(
        provider.id,
        tuple(each.id for each in tendered),
        tuple(sorted({each.category for each in tendered})),
    )


def suspend_provider(
    db: Connection, provider_id: ProviderId, suspension: Suspension, now: datetime
) -> ProviderSuspended:
    """Keep a provider out of new work (A15); waits for awards that hold its standing. Raise `NoSuchProvider`."""
    store.hold_to_change(db, provider_id)
    suspension_id = SuspensionId(uuid4())
    store.save_suspension(db, provider_id, suspension_id, suspension, now)
    return ProviderSuspended(provider_id, suspension_id, suspension.starts_on, suspension.ends_on, suspension.reason)


def lift_suspension(
    db: Connection, provider_id: ProviderId, suspension_id: SuspensionId, reason: str, now: datetime
) -> SuspensionLifted:
    """End a suspension today, before its last day (A15); one that has not begun never begins.

    Raise `NoSuchProvider`, `NoSuchEntry`, `SuspensionOver` or `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing("lift the suspension")
    provider, today = store.hold_to_change(db, provider_id), london_day(now)
    held = next((one for one in provider.suspensions if one.id == suspension_id), None)
    if held is None:
        raise NoSuchEntry("suspension", suspension_id)
    over_on = held.lifted_on or held.ends_on
    if held.lifted_on is not None or (over_on is not None and over_on < today):
        assert over_on is not None, "a suspension that is over has a last day"
        raise SuspensionOver(over_on)
    store.lift_suspension(db, suspension_id, today, reason, now)
    return SuspensionLifted(provider_id, suspension_id, today, reason)


def suspension_ends(db: Connection, suspension_id: SuspensionId, now: datetime) -> SuspensionEnded | None:
    """Say that a suspension's last day has gone by; `None` where it was lifted before, or holds."""
    provider_id = store.provider_of_suspension(db, suspension_id)
    if provider_id is None:
        return None
    held = next(one for one in store.hold_to_change(db, provider_id).suspensions if one.id == suspension_id)
    if held.lifted_on is not None or held.ends_on is None or london_day(now) <= held.ends_on:
        return None
    return SuspensionEnded(provider_id, suspension_id, held.ends_on)


def remove_provider(db: Connection, provider_id: ProviderId, removal: Removal, now: datetime) -> ProviderRemoved:
    """Take a provider off the register from a day on (A13, A15); it may apply again.

    Raise `NoSuchProvider` or `AlreadyRemoved`.
    """
    provider = store.hold_to_change(db, provider_id)
    for one in provider.removals:
        if one.readmitted_on is None:
            raise AlreadyRemoved(one.removed_on)
    removal_id = RemovalId(uuid4())
    store.save_removal(db, removal_id, provider_id, removal, now)
    return ProviderRemoved(provider_id, removal_id, removal.removed_on, removal.reason)


def readmit_provider(db: Connection, provider_id: ProviderId, reason: str, now: datetime) -> ProviderReadmitted:
    """End a removal today, with a reason (A13, A15); one that has not begun never begins.

    Raise `NoSuchProvider`, `NotNow` where it is on the register, or `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing("put the provider back on the register")
    provider, today = store.hold_to_change(db, provider_id), london_day(now)
    held = next((one for one in provider.removals if one.readmitted_on is None), None)
    if held is None or held.id is None:
        raise NotNow("provider", "on the register", "put back")
    store.readmit(db, provider_id, today)
    return ProviderReadmitted(provider_id, held.id, today, reason)
