"""Read providers with their standing and their prices; every invitation waits for this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Connection,
    Date,
    FromClause,
    Select,
    Subquery,
    bindparam,
    case,
    func,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.types import NULLTYPE

from lots.errors import NoSuchProvider
from lots.model import (
    CategoryCode,
    Contact,
    EvidenceKind,
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


def register(db: Connection) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    """Read every provider with its standing and registrations, by name."""
    return _paired(db, select(*_TERMS), providers(db))


def register_for(
    db: Connection, category: CategoryCode, on: date
) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    """Read the register, in no order, as far as it decides who is invited in a category on a day.

    Every publication waits for this. Two statements, whatever the register's size. Most providers hold all the evidence
    that is asked for: theirs stays in the database, and no more is `asked` of them than what is held for homes. The
    rules decide the same on this as on `register`.
    """
    kinds, standing = _standing_for(category)
    of_homes = tuple(one for one in evidence_kinds() if one.per_property)
    rows = db.execute(standing, {"on": on}).all()
    found = tuple(_provider(row, of_homes if row.evidence_whole else kinds + of_homes) for row in rows)
    return _paired(db, select(*_TERMS).where(REGISTRATION.c.category == category.value), found)


def providers(db: Connection) -> tuple[Provider, ...]:
    """Read every provider with its standing, by name."""
    return _by_name(_provider(row, evidence_kinds()) for row in db.execute(_WITH_STANDING).all())


def provider(db: Connection, provider_id: ProviderId) -> Provider:
    """Read one provider with its standing; raise `NoSuchProvider`."""
    row = db.execute(_WITH_STANDING.where(PROVIDER.c.id == provider_id)).one_or_none()
    if row is None:
        raise NoSuchProvider(provider_id)
    return _provider(row, evidence_kinds())


def registrations(db: Connection, provider_id: ProviderId) -> tuple[Registration, ...]:
    """Read one provider's registrations, past and coming ones too, by category and day."""
    rows = db.execute(_of((provider_id,)).order_by(REGISTRATION.c.category, REGISTRATION.c.valid_from))
    return tuple(_registration(row) for row in rows)


def hold_standing(db: Connection, provider_id: ProviderId) -> tuple[Provider, tuple[Registration, ...]]:
    """Read a provider's standing and keep it from being changed until the transaction ends (S6).

    Many may hold it at once; a suspension waits for them. Raise `NoSuchProvider`.
    """
    held = hold_standings(db, (provider_id,))
    if provider_id not in held:
        raise NoSuchProvider(provider_id)
    return held[provider_id]


def hold_standings(
    db: Connection, provider_ids: Collection[ProviderId]
) -> Mapping[ProviderId, tuple[Provider, tuple[Registration, ...]]]:
    """Read the standing of several providers as `hold_standing` does; those that are unknown are left out."""
    # The lock is a statement of its own: what is read after it is what stood when the lock was had.
    wanted = select(PROVIDER.c.id).where(PROVIDER.c.id.in_(provider_ids)).order_by(PROVIDER.c.id)
    held = list(db.scalars(wanted.with_for_update(read=True)))
    rows = db.execute(_WITH_STANDING.where(PROVIDER.c.id.in_(held))).all() if held else ()
    found = tuple(_provider(row, evidence_kinds()) for row in rows)
    return {each.id: (each, own) for each, own in _paired(db, _of(held), found)}


def hold_to_change(db: Connection, provider_id: ProviderId) -> Provider:
    """Hold a provider alone, to change its standing; raise `NoSuchProvider`."""
    db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id).with_for_update(key_share=True))
    return provider(db, provider_id)


def provider_of_suspension(db: Connection, suspension_id: SuspensionId) -> ProviderId | None:
    """Say whose suspension this is."""
    found = db.scalar(select(SUSPENSION.c.provider_id).where(SUSPENSION.c.id == suspension_id))
    return None if found is None else ProviderId(found)


def provider_of_registration(db: Connection, registration_id: RegistrationId) -> ProviderId | None:
    """Say whose registration this is."""
    found = db.scalar(select(REGISTRATION.c.provider_id).where(REGISTRATION.c.id == registration_id))
    return None if found is None else ProviderId(found)


def is_admitted(db: Connection, provider_id: ProviderId) -> bool:
    """Say whether the provider is on the register, or was."""
    return db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id)).first() is not None


def urn_taken(db: Connection, urn: str, by: ProviderId) -> bool:
    """Say whether an Ofsted number belongs to another provider that is on the register, or was."""
    mine = (func.upper(PROVIDER.c.ofsted_urn) == urn.upper()) & (PROVIDER.c.id != by)
    return db.execute(select(PROVIDER.c.id).where(mine).limit(1)).first() is not None


def hold_urn(db: Connection, urn: str, by: ProviderId) -> bool:
    """Hold an Ofsted number until the transaction ends, then say whether it belongs to another provider."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("ofsted:" + urn.upper(), 0))))
    return urn_taken(db, urn, by)


def contacts(db: Connection, provider_id: ProviderId) -> tuple[Contact, ...]:
    """Read who is to be reached at a provider, the first first."""
    rows = db.execute(select(CONTACT).where(CONTACT.c.provider_id == provider_id).order_by(CONTACT.c.place))
    return tuple(Contact(row.name, row.role, row.email, row.mobile) for row in rows)


def areas(db: Connection, provider_id: ProviderId) -> tuple[str, ...]:
    """Read the outward codes that a provider works in."""
    return tuple(
        db.scalars(select(AREA.c.outward_code).where(AREA.c.provider_id == provider_id).order_by(AREA.c.outward_code))
    )


def _paired(
    db: Connection, wanted: Select[Any], found: tuple[Provider, ...]
) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    held: defaultdict[UUID, list[Registration]] = defaultdict(list)
    for row in db.execute(wanted.order_by(REGISTRATION.c.category, REGISTRATION.c.valid_from)).all():
        held[row[1]].append(_registration(row))
    return tuple((each, tuple(held[each.id])) for each in found)


def _of(provider_ids: Collection[UUID]) -> Select[Any]:
    return select(*_TERMS).where(REGISTRATION.c.provider_id.in_(provider_ids))


def _by_name(found: Iterable[Provider]) -> tuple[Provider, ...]:
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))


def _gathered(table: FromClause, name: str, columns: Sequence[str]) -> Subquery:
    """Gather a provider's rows into one array a column, so that the register is one row a provider."""
    order = [table.c[key] for key in columns]
    # Without a type of its own the driver's list stays as it is: an array's type would go through it item by item.
    gathered = [
        func.array_agg(aggregate_order_by(table.c[key], *order), type_=NULLTYPE).label(f"{name}_{key}")
        for key in columns
    ]
    return select(table.c.provider_id, *gathered).group_by(table.c.provider_id).subquery(name)


@cache
def _standing_for(category: CategoryCode) -> tuple[tuple[EvidenceKind, ...], Select[Any]]:
    """Give the kinds asked in a category, and the statement that reads standing in it on the day `on`.

    It gathers the evidence of providers that lack some; the others are `evidence_whole`, without any.
    """
    kinds = tuple(one for one in evidence_kinds() if not one.per_property and category in one.categories)
    on = bindparam("on", type_=Date())
    bits = case({kind.key: 1 << place for place, kind in enumerate(kinds)}, value=_OWN.c.kind, else_=0)
    months = {kind.key: func.make_interval(0, kind.months) for kind in kinds if kind.months is not None}
    longest = case(months, value=_OWN.c.kind) if months else null()
    counts = (
        (_OWN.c.valid_from <= on)
        & (_OWN.c.valid_to.is_(None) | (_OWN.c.valid_to >= on))
        & (longest.is_(None) | (_OWN.c.valid_from + longest >= on))
    )
    whole = func.coalesce(func.bit_or(bits).filter(counts), 0) == (1 << len(kinds)) - 1
    gathered = [
        case((whole, null()), else_=func.array_agg(_OWN.c[key], type_=NULLTYPE)).label(f"evidence_{key}")
        for key in Held._fields
    ]
    found = select(_OWN.c.provider_id, *gathered, whole.label("evidence_whole")).group_by(_OWN.c.provider_id)
    return kinds, _with_standing(found.subquery("evidence"))


def _with_standing(evidence: Subquery) -> Select[Any]:
    gathered = (
        column for one in (_SUSPENSIONS, _REMOVALS, evidence) for column in one.c if column.key != "provider_id"
    )
    return (
        select(*(PROVIDER.c[key] for key in _FACTS), *gathered)
        .outerjoin(_SUSPENSIONS, _SUSPENSIONS.c.provider_id == PROVIDER.c.id)
        .outerjoin(_REMOVALS, _REMOVALS.c.provider_id == PROVIDER.c.id)
        .outerjoin(evidence, evidence.c.provider_id == PROVIDER.c.id)
    )


def _provider(row: Sequence[Any], asked: tuple[EvidenceKind, ...]) -> Provider:
    # By place: a name is looked up in every row anew, and a register has a thousand rows of twenty columns.
    own, name, email, mobile, phone, out_of_hours, urn, categories, outcome, asked_from = row[:10]
    suspended, removed, held = row[10:16], row[16:20], row[20:23]
    return Provider(
        id=ProviderId(own),
        name=name,
        email=email,
        mobile=mobile,
        phone=phone,
        out_of_hours=out_of_hours,
        ofsted_urn=urn,
        ofsted_categories=frozenset(categories),
        ofsted_outcome=None if outcome is None else OfstedOutcome(outcome),
        evidence_asked_from=asked_from,
        suspensions=tuple(map(Suspension, *suspended)) if suspended[0] else (),
        removals=tuple(map(Removal, *removed)) if removed[0] else (),
        evidence=tuple(map(Held, *held)) if held[0] else (),
        asked=asked,
    )


def _registration(row: Sequence[Any]) -> Registration:
    own, provider_id, category, *terms = row
    return Registration(RegistrationId(own), ProviderId(provider_id), CategoryCode(category), *terms)


_FACTS: Final = (
    *("id", "name", "email", "mobile", "phone", "out_of_hours"),
    *("ofsted_urn", "ofsted_categories", "ofsted_outcome", "evidence_asked_from"),
)
_TERMS: Final = tuple(REGISTRATION.c[one.name] for one in fields(Registration))
_SUSPENDED: Final = ("starts_on", "ends_on", "reason", "lifted_on", "lifted_reason", "id")
_REMOVED: Final = ("removed_on", "reason", "readmitted_on", "id")
_SUSPENSIONS: Final = _gathered(SUSPENSION, "suspension", _SUSPENDED)
_REMOVALS: Final = _gathered(REMOVAL, "removal", _REMOVED)
_OWN: Final = (
    select(EVIDENCE)
    .where(EVIDENCE.c.state == EvidenceState.ACCEPTED.value, EVIDENCE.c.property_id.is_(None))
    .subquery("own")
)
_WITH_STANDING: Final = _with_standing(_gathered(_OWN, "evidence", Held._fields))
