"""Read and keep the register; load the catalogue."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from lots.errors import CatalogueNotValid, NoSuchProvider, OverlappingRegistration
from lots.model import (
    Category,
    CategoryCode,
    Lot,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Suspension,
    SuspensionId,
)
from lots.tables import PROVIDER, REGISTRATION, SUSPENSION

LIMITS: Final = frozenset({"min_nights", "max_nights", "min_months", "max_months", "ends_by_age"})
WORDS: Final = frozenset({"title", "summary"})
FLAGS: Final = frozenset({field.name for field in fields(Category)} - {"code"} - LIMITS - WORDS)


@cache
def catalogue() -> Mapping[CategoryCode, Category]:
    """Give the six categories in order of their code (A12)."""
    return _shipped()[1]


@cache
def lots() -> Mapping[str, Lot]:
    """Give the two lots by their code (A12)."""
    return _shipped()[0]


def category(code: CategoryCode) -> Category:
    """Give one category."""
    return catalogue()[code]


def parse_catalogue(text: str) -> tuple[Mapping[str, Lot], Mapping[CategoryCode, Category]]:
    """Read and check a catalogue in TOML.

    Raise `CatalogueNotValid` for a missing or unknown lot, category or field, or a value that cannot be.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise CatalogueNotValid(f"not TOML: {broken}") from broken
    _exactly("catalogue", data, {"lots", "categories"}, frozenset())
    for part in ("lots", "categories"):
        if not isinstance(data[part], dict):
            raise CatalogueNotValid(f"{part} must be a table")
    _exactly("lots", data["lots"], {code.lot for code in CategoryCode}, frozenset())
    _exactly("categories", data["categories"], {code.value for code in CategoryCode}, frozenset())
    return (
        MappingProxyType({code: _lot(code, data["lots"][code]) for code in sorted(data["lots"])}),
        MappingProxyType({code: _category(code, data["categories"][code.value]) for code in CategoryCode}),
    )


def register(db: Connection) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    """Read every provider with its suspensions and registrations, by name."""
    held: defaultdict[ProviderId, list[Registration]] = defaultdict(list)
    rows = db.execute(select(REGISTRATION).order_by(REGISTRATION.c.category, REGISTRATION.c.valid_from))
    for row in rows:
        registration = _registration(row)
        held[registration.provider_id].append(registration)
    return tuple((each, tuple(held[each.id])) for each in providers(db))


def providers(db: Connection) -> tuple[Provider, ...]:
    """Read every provider with its suspensions, by name."""
    suspensions: defaultdict[ProviderId, list[Suspension]] = defaultdict(list)
    for row in db.execute(select(SUSPENSION).order_by(SUSPENSION.c.starts_on, SUSPENSION.c.id)):
        suspensions[ProviderId(row.provider_id)].append(_suspension(row))
    found = [_provider(row, suspensions[ProviderId(row.id)]) for row in db.execute(select(PROVIDER))]
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))


def provider(db: Connection, provider_id: ProviderId) -> Provider:
    """Read one provider with its suspensions; raise `NoSuchProvider`."""
    row = db.execute(select(PROVIDER).where(PROVIDER.c.id == provider_id)).one_or_none()
    if row is None:
        raise NoSuchProvider(provider_id)
    suspensions = db.execute(
        select(SUSPENSION)
        .where(SUSPENSION.c.provider_id == provider_id)
        .order_by(SUSPENSION.c.starts_on, SUSPENSION.c.id)
    )
    return _provider(row, [_suspension(each) for each in suspensions])


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
    held = hold_standings(db, (provider_id,))
    if provider_id not in held:
        raise NoSuchProvider(provider_id)
    return held[provider_id]


def hold_standings(
    db: Connection, provider_ids: Collection[ProviderId]
) -> Mapping[ProviderId, tuple[Provider, tuple[Registration, ...]]]:
    """Read the standing of several providers as `hold_standing` does; those that are unknown are left out."""
    # The lock is a statement of its own: what is read after it is what stood when the lock was had.
    wanted = select(PROVIDER).where(PROVIDER.c.id.in_(provider_ids)).order_by(PROVIDER.c.id)
    held = db.execute(wanted.with_for_update(read=True)).all()
    suspensions: defaultdict[UUID, list[Suspension]] = defaultdict(list)
    registered: defaultdict[UUID, list[Registration]] = defaultdict(list)
    for row in db.execute(
        select(SUSPENSION)
        .where(SUSPENSION.c.provider_id.in_(provider_ids))
        .order_by(SUSPENSION.c.starts_on, SUSPENSION.c.id)
    ):
        suspensions[row.provider_id].append(_suspension(row))
    for row in db.execute(
        select(REGISTRATION)
        .where(REGISTRATION.c.provider_id.in_(provider_ids))
        .order_by(REGISTRATION.c.category, REGISTRATION.c.valid_from)
    ):
        registered[row.provider_id].append(_registration(row))
    return {ProviderId(row.id): (_provider(row, suspensions[row.id]), tuple(registered[row.id])) for row in held}


def hold_to_change(db: Connection, provider_id: ProviderId) -> Provider:
    """Hold a provider alone, to change its standing; raise `NoSuchProvider`."""
    db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id).with_for_update(key_share=True))
    return provider(db, provider_id)


def is_admitted(db: Connection, provider_id: ProviderId) -> bool:
    """Say whether the provider is on the register."""
    return db.execute(select(PROVIDER.c.id).where(PROVIDER.c.id == provider_id)).first() is not None


def save_provider(db: Connection, provider: Provider, admitted_at: datetime) -> None:
    """Add a provider without its suspensions, which are saved one by one."""
    facts = asdict(provider)
    del facts["suspensions"]
    facts["ofsted_categories"] = sorted(provider.ofsted_categories)
    db.execute(insert(PROVIDER).values(**facts, admitted_at=admitted_at))


def save_registration(db: Connection, registration: Registration) -> None:
    """Add a registration; raise `OverlappingRegistration`, after which the transaction can still be used."""
    try:
        with db.begin_nested():
            db.execute(insert(REGISTRATION).values(**{**asdict(registration), "category": registration.category.value}))
    except IntegrityError as refused:
        if _constraint(refused) == "ex_registration_no_overlap":
            raise OverlappingRegistration(
                registration.provider_id, registration.category, registration.valid_from, registration.valid_to
            ) from None
        raise


def save_suspension(
    db: Connection, provider_id: ProviderId, suspension_id: SuspensionId, suspension: Suspension, now: datetime
) -> None:
    """Add a suspension."""
    db.execute(
        insert(SUSPENSION).values(id=suspension_id, provider_id=provider_id, suspended_at=now, **asdict(suspension))
    )


def _shipped() -> tuple[Mapping[str, Lot], Mapping[CategoryCode, Category]]:
    return parse_catalogue(files("lots").joinpath("catalogue.toml").read_text(encoding="utf-8"))


def _exactly(where: str, table: Mapping[str, Any], needed: set[str], allowed: frozenset[str]) -> None:
    missing = sorted(needed - table.keys())
    unknown = sorted(table.keys() - needed - allowed)
    if missing or unknown:
        raise CatalogueNotValid(f"{where}: missing {missing}, unknown {unknown}")


def _lot(code: str, table: Mapping[str, Any]) -> Lot:
    _exactly(f"lot {code}", table, set(WORDS), frozenset())
    _words(f"lot {code}", table)
    return Lot(code, table["title"], table["summary"])


def _category(code: CategoryCode, table: Mapping[str, Any]) -> Category:
    where = f"category {code}"
    _exactly(where, table, set(WORDS | FLAGS), LIMITS)
    _words(where, table)
    for name in FLAGS:
        if not isinstance(table[name], bool):
            raise CatalogueNotValid(f"{where}: {name} must be true or false")
    for name in LIMITS & table.keys():
        if type(table[name]) is not int:
            raise CatalogueNotValid(f"{where}: {name} must be a whole number")
    limits: dict[str, Any] = dict.fromkeys(LIMITS)
    try:
        return Category(code=code, **(limits | dict(table)))
    except ValueError as wrong:
        raise CatalogueNotValid(str(wrong)) from wrong


def _words(where: str, table: Mapping[str, Any]) -> None:
    for name in WORDS:
        if not isinstance(table[name], str) or not table[name].strip():
            raise CatalogueNotValid(f"{where}: {name} must be words")


def _provider(row: Row[Any], suspensions: list[Suspension]) -> Provider:
    return Provider(
        id=ProviderId(row.id),
        name=row.name,
        email=row.email,
        mobile=row.mobile,
        phone=row.phone,
        out_of_hours=row.out_of_hours,
        ofsted_urn=row.ofsted_urn,
        ofsted_categories=frozenset(row.ofsted_categories),
        suspensions=tuple(suspensions),
    )


def _suspension(row: Row[Any]) -> Suspension:
    return Suspension(row.starts_on, row.ends_on, row.reason)


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


def _constraint(refused: IntegrityError) -> str | None:
    diagnostics = getattr(refused.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
