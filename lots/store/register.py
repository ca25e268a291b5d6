"""Keep providers, their standing and their prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Connection,
    delete,
    func,
    insert,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from lots.errors import OverlappingRegistration
from lots.model import (
    Contact,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Removal,
    Suspension,
    SuspensionId,
)
from lots.tables import AREA, CONTACT, PROVIDER, REGISTRATION, REMOVAL, SUSPENSION

DAY: Final = timedelta(days=1)


def save_provider(db: Connection, provider: Provider, admitted_at: datetime) -> None:
    """Add a provider without its suspensions, removals and evidence, which are saved one by one."""
    db.execute(insert(PROVIDER).values(**_facts(provider), admitted_at=admitted_at))


def change_provider(db: Connection, provider: Provider) -> None:
    """Write a provider's own facts anew; its standing is kept elsewhere."""
    db.execute(update(PROVIDER).where(PROVIDER.c.id == provider.id).values(**_facts(provider)))


def save_contacts(db: Connection, provider_id: ProviderId, people: Sequence[Contact]) -> None:
    """Put these in place of a provider's contacts."""
    db.execute(delete(CONTACT).where(CONTACT.c.provider_id == provider_id))
    rows = [{"provider_id": provider_id, "place": place, **asdict(one)} for place, one in enumerate(people, 1)]
    if rows:
        db.execute(insert(CONTACT), rows)


def add_areas(db: Connection, provider_id: ProviderId, codes: Iterable[str]) -> None:
    """Add the outward codes that a provider works in to those it has."""
    rows = [{"provider_id": provider_id, "outward_code": code} for code in sorted(set(codes))]
    if rows:
        db.execute(upsert(AREA).on_conflict_do_nothing(), rows)


def save_registration(db: Connection, registration: Registration) -> None:
    """Add a registration; raise `OverlappingRegistration`, after which the transaction can still be used."""
    try:
        with db.begin_nested():
            db.execute(insert(REGISTRATION).values(**{**asdict(registration), "category": registration.category.value}))
    except IntegrityError as refused:
        if constraint(refused) == "ex_registration_no_overlap":
            raise OverlappingRegistration(
                registration.provider_id, registration.category, registration.valid_from, registration.valid_to
            ) from None
        raise


def replace_registration(db: Connection, registration: Registration) -> None:
    """Add a registration in place of what held or would hold from its first day on.

    What held ends on the day before; what had not begun is gone. Raise `OverlappingRegistration` where the prices that
    hold began on that very day: they may have been offered already.
    """
    mine = (REGISTRATION.c.provider_id == registration.provider_id) & (
        REGISTRATION.c.category == registration.category.value
    )
    first = registration.valid_from
    db.execute(delete(REGISTRATION).where(mine, REGISTRATION.c.valid_from > first))
    db.execute(
        update(REGISTRATION)
        .where(
            mine,
            REGISTRATION.c.valid_from < first,
            REGISTRATION.c.valid_to.is_(None) | (REGISTRATION.c.valid_to >= first),
        )
        .values(valid_to=first - DAY)
    )
    save_registration(db, registration)


def end_registration(db: Connection, registration_id: RegistrationId, last_day: date) -> None:
    """Set a registration's last day."""
    db.execute(update(REGISTRATION).where(REGISTRATION.c.id == registration_id).values(valid_to=last_day))


def save_suspension(
    db: Connection, provider_id: ProviderId, suspension_id: SuspensionId, suspension: Suspension, now: datetime
) -> None:
    """Add a suspension."""
    db.execute(
        insert(SUSPENSION).values(
            id=suspension_id,
            provider_id=provider_id,
            starts_on=suspension.starts_on,
            ends_on=suspension.ends_on,
            reason=suspension.reason,
            suspended_at=now,
        )
    )


def lift_suspension(
    db: Connection, suspension_id: SuspensionId, lifted_on: date, reason: str, lifted_at: datetime
) -> None:
    """Say from which day on a suspension does not hold any more."""
    db.execute(
        update(SUSPENSION)
        .where(SUSPENSION.c.id == suspension_id)
        .values(lifted_on=lifted_on, lifted_reason=reason, lifted_at=lifted_at)
    )


def save_removal(db: Connection, removal_id: UUID, provider_id: ProviderId, removal: Removal, now: datetime) -> None:
    """Add a removal."""
    facts = asdict(removal) | {"id": removal_id, "provider_id": provider_id, "removed_at": now}
    db.execute(insert(REMOVAL).values(**facts))


def readmit(db: Connection, provider_id: ProviderId, on: date) -> None:
    """End a removal that holds, from the day on."""
    db.execute(
        update(REMOVAL)
        .where(REMOVAL.c.provider_id == provider_id, REMOVAL.c.readmitted_on.is_(None))
        .values(readmitted_on=func.greatest(REMOVAL.c.removed_on, on))
    )


def ask_evidence(db: Connection, provider_id: ProviderId, asked_from: date) -> None:
    """Say from which day on evidence that is missing counts against a provider."""
    db.execute(update(PROVIDER).where(PROVIDER.c.id == provider_id).values(evidence_asked_from=asked_from))


def constraint(refused: IntegrityError) -> str | None:
    """Name the constraint that refused a statement."""
    diagnostics = getattr(refused.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


def _facts(provider: Provider) -> dict[str, Any]:
    return {
        "id": provider.id,
        "name": provider.name,
        "email": provider.email,
        "mobile": provider.mobile,
        "phone": provider.phone,
        "out_of_hours": provider.out_of_hours,
        "ofsted_urn": provider.ofsted_urn,
        "ofsted_categories": sorted(provider.ofsted_categories),
        "ofsted_outcome": None if provider.ofsted_outcome is None else provider.ofsted_outcome.value,
        "evidence_asked_from": provider.evidence_asked_from,
    }
