"""Admit and suspend providers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from lots import store
from lots.errors import ProviderAlreadyAdmitted, RegistrationOfAnother
from lots.events import ProviderAdmitted, ProviderSuspended
from lots.model import Provider, ProviderId, Registration, Suspension, SuspensionId


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
