"""Read and keep providers, their standing and their prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import starmap
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Subquery, Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from lots.errors import NoSuchProvider, OverlappingRegistration
from lots.model import (
    CategoryCode,
    Contact,
    EvidenceState,
    Held,
    OfstedOutcome,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Removal,
    Suspension,
    SuspensionId,
)
from lots.store.catalogue import evidence_kinds
from lots.tables import AREA, CONTACT, EVIDENCE, PROVIDER, REGISTRATION, REMOVAL, SUSPENSION

DAY: Final = timedelta(days=1)


def register(
    db: Connection, category: CategoryCode | None = None
) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    """Read every provider with its standing and registrations, by name; with a category, only registrations in it.

    Two statements whatever the size of the register, because every invitation waits for them.
    """
    held: defaultdict[UUID, list[Registration]] = defaultdict(list)
    wanted = select(REGISTRATION).order_by(REGISTRATION.c.category, REGISTRATION.c.valid_from)
    if category is not None:
        wanted = wanted.where(REGISTRATION.c.category == category.value)
    for row in db.execute(wanted):
        held[row.provider_id].append(_registration(row))
    return tuple((each, tuple(held[each.id])) for each in providers(db))


def providers(db: Connection) -> tuple[Provider, ...]:
    """Read every provider with its standing, by name."""
    return tuple(sorted(map(_provider, db.execute(_WITH_STANDING)), key=lambda each: (each.name.casefold(), each.id)))


def provider(db: Connection, provider_id: ProviderId) -> Provider:
    """Read one provider with its standing; raise `NoSuchProvider`."""
    row = db.execute(_WITH_STANDING.where(PROVIDER.c.id == provider_id)).one_or_none()
    if row is None:
        raise NoSuchProvider(provider_id)
    return _provider(row)


def registrations(db: Connection, provider_id: ProviderId) -> tuple[Registration, ...]:
    """Read one provider's registrations, past and coming ones too, by category and day."""
    rows = db.execute(
        select(REGISTRATION)
        .where(REGISTRATION.c.provider_id == provider_id)
        .order_by(REGISTRATION.c.category, REGISTRATION.c.valid_from)
    )
    return tuple(_registration(row) for row in rows)


def hold_standing(db: Connection, provider_id: ProviderId) -> tuple[Provider, tuple[Registration, ...]]:
    """Read a provider's standing and keep it from being changed until the transaction ends (S6).

    Many may hold it at once; a suspension waits for them. Raise `NoSuchProvider`.
    """
    # The lock is a statement of its own: what is read after it is what stood when the lock was had.
    db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id).with_for_update(read=True))
    return provider(db, provider_id), registrations(db, provider_id)


def hold_to_change(db: Connection, provider_id: ProviderId) -> Provider:
    """Hold a provider alone, to change its standing; raise `NoSuchProvider`."""
    db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id).with_for_update(key_share=True))
    return provider(db, provider_id)


def is_admitted(db: Connection, provider_id: ProviderId) -> bool:
    """Say whether the provider is on the register, or was."""
    return db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id)).first() is not None


def contacts(db: Connection, provider_id: ProviderId) -> tuple[Contact, ...]:
    """Read who is to be reached at a provider, the first first."""
    rows = db.execute(select(CONTACT).where(CONTACT.c.provider_id == provider_id).order_by(CONTACT.c.place))
    return tuple(Contact(row.name, row.role, row.email, row.mobile) for row in rows)


def areas(db: Connection, provider_id: ProviderId) -> tuple[str, ...]:
    """Read the outward codes that a provider works in."""
    return tuple(
        db.scalars(select(AREA.c.outward_code).where(AREA.c.provider_id == provider_id).order_by(AREA.c.outward_code))
    )


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
    db.execute(insert(REMOVAL).values(id=removal_id, provider_id=provider_id, removed_at=now, **asdict(removal)))


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


def _gathered(table: Table, name: str, columns: Sequence[str], only: ColumnElement[bool] | None = None) -> Subquery:
    """Gather a provider's rows into one array a column, so that the register is one row a provider."""
    order = [table.c[columns[0]], *(table.c[key] for key in columns[1:])]
    gathered = [func.array_agg(aggregate_order_by(table.c[key], *order)).label(f"{name}_{key}") for key in columns]
    found = select(table.c.provider_id, *gathered).group_by(table.c.provider_id)
    return (found if only is None else found.where(only)).subquery(name)


def _provider(row: Row[Any]) -> Provider:
    return Provider(
        id=ProviderId(row.id),
        name=row.name,
        email=row.email,
        mobile=row.mobile,
        phone=row.phone,
        out_of_hours=row.out_of_hours,
        ofsted_urn=row.ofsted_urn,
        ofsted_categories=frozenset(row.ofsted_categories),
        ofsted_outcome=None if row.ofsted_outcome is None else OfstedOutcome(row.ofsted_outcome),
        evidence_asked_from=row.evidence_asked_from,
        suspensions=tuple(starmap(Suspension, _zip(row, "suspension", _SUSPENDED))),
        removals=tuple(starmap(Removal, _zip(row, "removal", _REMOVED))),
        evidence=tuple(starmap(Held, _zip(row, "evidence", Held._fields))),
        asked=evidence_kinds(),
    )


def _zip(row: Row[Any], name: str, columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    arrays = [getattr(row, f"{name}_{key}") for key in columns]
    return () if arrays[0] is None else zip(*arrays, strict=True)


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        id=RegistrationId(row.id),
        provider_id=ProviderId(row.provider_id),
        category=CategoryCode(row.category),
        accommodation_weekly=row.accommodation_weekly,
        support_hourly=row.support_hourly,
        block_discount=row.block_discount,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


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


_SUSPENDED: Final = ("starts_on", "ends_on", "reason", "lifted_on", "lifted_reason", "id")
_REMOVED: Final = ("removed_on", "reason", "readmitted_on")
_SUSPENSIONS: Final = _gathered(SUSPENSION, "suspension", _SUSPENDED)
_REMOVALS: Final = _gathered(REMOVAL, "removal", _REMOVED)
_EVIDENCE: Final = _gathered(
    EVIDENCE,
    "evidence",
    Held._fields,
    (EVIDENCE.c.state == EvidenceState.ACCEPTED.value) & EVIDENCE.c.property_id.is_(None),
)
_GATHERED: Final = (_SUSPENSIONS, _REMOVALS, _EVIDENCE)
_WITH_STANDING: Final = (
    select(PROVIDER, *(column for one in _GATHERED for column in one.c if column.key != "provider_id"))
    .outerjoin(_SUSPENSIONS, _SUSPENSIONS.c.provider_id == PROVIDER.c.id)
    .outerjoin(_REMOVALS, _REMOVALS.c.provider_id == PROVIDER.c.id)
    .outerjoin(_EVIDENCE, _EVIDENCE.c.provider_id == PROVIDER.c.id)
)
