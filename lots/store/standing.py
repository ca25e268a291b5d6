"""Read providers with their standing and their prices; every invitation waits for this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)

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
from lots.rules import counts_since
from lots.store.catalogue import evidence_kinds
from lots.tables import AREA, CONTACT, EVIDENCE, PROVIDER, REGISTRATION, REMOVAL, SUSPENSION

One = TypeVar("One")
_KEPT: Final = 65_536
"""So many values are kept, by the words that PostgreSQL writes for them."""


def register(db: Connection) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    """Read every provider with its standing and registrations, by name."""
    return _paired(db, select(*_TERMS), providers(db))


def register_for(
    db: Connection, category: CategoryCode, on: date
) -> tuple[tuple[Provider, tuple[Registration, ...]], ...]:
    """Read the register, in no order, as far as it decides who is invited in a category on a day.

    Every publication waits for this. Most providers hold all the evidence that is asked for: theirs stays in the
    database, and no more is `asked` of them than what is held for homes. The rules decide the same on this as on
    `register`.
    """
    asked = evidence_kinds()
    of_homes = tuple(one for one in asked if one.per_property)
    rows = db.execute(_register_for(category), _days(category, on)).all()
    evidence = _in_words(_evidence(db, [UUID(row[1]) for row in rows if not row[0]]))
    suspensions, removals = _in_words(_suspensions(db, None)), _in_words(_removals(db, None))
    barred = suspensions.keys() | removals.keys()
    found: list[tuple[Provider, tuple[Registration, ...]]] = []
    last, code = None, category.value
    for row in rows:
        own, words = row[1], row[1:]
        if row[0] and own not in barred:
            pair = _with_nothing_against(code, words)
        else:
            against = suspensions.get(own, ()), removals.get(own, ()), () if row[0] else evidence.get(own, ())
            pair = _provider(_facts(words), *against, of_homes if row[0] else asked), _offered(code, words)
        if own == last:
            pair = (pair[0], found.pop()[1] + pair[1])
        found.append(pair)
        last = own
    return tuple(found)


def providers(db: Connection) -> tuple[Provider, ...]:
    """Read every provider with its standing, by name."""
    return tuple(sorted(_whole(db, None), key=lambda each: (each.name.casefold(), each.id)))


def provider(db: Connection, provider_id: ProviderId) -> Provider:
    """Read one provider with its standing; raise `NoSuchProvider`."""
    found = _whole(db, (provider_id,))
    if not found:
        raise NoSuchProvider(provider_id)
    return found[0]


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
    if not held:
        return {}
    return {each.id: (each, own) for each, own in _paired(db, _of(held), _whole(db, held))}


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


def _whole(db: Connection, provider_ids: Collection[UUID] | None) -> tuple[Provider, ...]:
    """Read providers with their standing and all that was accepted of them, every one without ids."""
    suspensions, removals = _suspensions(db, provider_ids), _removals(db, provider_ids)
    evidence = _evidence(db, provider_ids)
    return tuple(
        _provider(
            row, suspensions.get(row[0], ()), removals.get(row[0], ()), evidence.get(row[0], ()), evidence_kinds()
        )
        for row in _read(db, select(*_FACTS), PROVIDER.c.id, provider_ids)
    )


def _suspensions(db: Connection, provider_ids: Collection[UUID] | None) -> Mapping[UUID, tuple[Suspension, ...]]:
    return _gathered(db, SUSPENSION, _SUSPENDED, Suspension, provider_ids)


def _removals(db: Connection, provider_ids: Collection[UUID] | None) -> Mapping[UUID, tuple[Removal, ...]]:
    return _gathered(db, REMOVAL, _REMOVED, Removal, provider_ids)


def _evidence(db: Connection, provider_ids: Collection[UUID] | None) -> Mapping[UUID, tuple[Held, ...]]:
    return _gathered(db, EVIDENCE, Held._fields, Held, provider_ids)


def _gathered(
    db: Connection,
    table: Table,
    columns: tuple[str, ...],
    make: Callable[..., One],
    provider_ids: Collection[UUID] | None,
) -> Mapping[UUID, tuple[One, ...]]:
    """Read what providers have in a table, in the order of its columns; of every one without ids."""
    held: defaultdict[UUID, list[One]] = defaultdict(list)
    for row in _read(db, _rows_of(table, columns), table.c.provider_id, provider_ids):
        held[row[0]].append(make(*row[1:]))
    return {own: tuple(each) for own, each in held.items()}


@cache
def _rows_of(table: Table, columns: tuple[str, ...]) -> Select[Any]:
    wanted = [table.c[key] for key in columns]
    counts = _ACCEPTED if table is EVIDENCE else ()
    return select(table.c.provider_id, *wanted).where(*counts).order_by(*wanted)


def _read(
    db: Connection, wanted: Select[Any], own: ColumnElement[UUID], provider_ids: Collection[UUID] | None
) -> Sequence[Row[Any]]:
    """Read the rows of some providers; of every one without ids."""
    if provider_ids is None:
        return db.execute(wanted).all()
    if not provider_ids:
        return ()
    # One array in PostgreSQL's own words: the driver writes an array one item at a time, `IN` a parameter an item.
    listed = literal(f"{{{','.join(map(str, provider_ids))}}}", Text())
    return db.execute(wanted.where(own == any_(cast(listed, ARRAY(Uuid()))))).all()


@cache
def _register_for(category: CategoryCode) -> Select[Any]:
    """Read each provider: whether it holds all that is asked in a category, its facts, its registrations there."""
    kinds = _asked_in(category)
    assert kinds, f"nothing is asked in category {category}"
    on = bindparam("on", type_=Date())
    kind, began = EVIDENCE.c.kind, EVIDENCE.c.valid_from
    bits = case(
        *(((kind == one.key) & (began >= bindparam(one.key, type_=Date())), 1 << n) for n, one in enumerate(kinds))
    )
    whole = (
        select(EVIDENCE.c.provider_id)
        .where(
            *_ACCEPTED,
            began <= on,
            EVIDENCE.c.valid_to.is_(None) | (EVIDENCE.c.valid_to >= on),
        )
        .group_by(EVIDENCE.c.provider_id)
        .having(func.bit_or(bits) == (1 << len(kinds)) - 1)
    )
    mine = (REGISTRATION.c.provider_id == PROVIDER.c.id) & (REGISTRATION.c.category == category.value)
    words: list[ColumnElement[Any]] = [cast(each, Text()) for each in (*_FACTS, REGISTRATION.c.id, *_TERMS[_PRICED:])]
    return (
        select(PROVIDER.c.id.in_(whole), *words)
        .outerjoin(REGISTRATION, mine)
        .order_by(PROVIDER.c.id, REGISTRATION.c.valid_from)
    )


def _asked_in(category: CategoryCode) -> tuple[EvidenceKind, ...]:
    return tuple(one for one in evidence_kinds() if not one.per_property and category in one.categories)


def _days(category: CategoryCode, on: date) -> Mapping[str, date]:
    """Give the days that `_register_for` asks about: the day itself, and since when each kind counts on it."""
    return {"on": on} | {kind.key: counts_since(kind, on) or date.min for kind in _asked_in(category)}


@cache
def _categories(listed: str) -> frozenset[int]:
    """Read the categories as PostgreSQL writes an array: `{1,2}`; there are 16 such words, and a thousand providers."""
    return frozenset(int(one) for one in listed.strip("{}").split(",") if one)


def _provider(
    facts: Sequence[Any],
    suspensions: tuple[Suspension, ...],
    removals: tuple[Removal, ...],
    evidence: tuple[Held, ...],
    asked: tuple[EvidenceKind, ...],
) -> Provider:
    own, name, email, mobile, phone, out_of_hours, urn, categories, outcome, asked_from = facts
    return Provider(
        # By place, which is faster, and a register has a thousand rows.
        ProviderId(own),
        name,
        email,
        mobile,
        phone,
        out_of_hours,
        urn,
        _categories(categories),
        suspensions,
        None if outcome is None else OfstedOutcome(outcome),
        removals,
        evidence,
        asked_from,
        asked,
    )


def _registration(row: Sequence[Any]) -> Registration:
    own, provider_id, category, *terms = row
    return Registration(RegistrationId(own), ProviderId(provider_id), CategoryCode(category), *terms)


def _in_words(found: Mapping[UUID, One]) -> Mapping[str, One]:
    return {str(own): each for own, each in found.items()}


def _facts(words: Sequence[str | None]) -> Sequence[Any]:
    own, *facts, asked_from = words[: len(_FACTS)]
    return UUID(own), *facts, asked_from and date.fromisoformat(asked_from)


def _offered(category: str, words: Sequence[str | None]) -> tuple[Registration, ...]:
    own, accommodation, support, discount, valid_from, valid_to = words[len(_FACTS) :]
    if own is None:
        return ()
    prices = (None if one is None else Decimal(one) for one in (accommodation, support, discount))
    days = (None if one is None else date.fromisoformat(one) for one in (valid_from, valid_to))
    return (_registration((UUID(own), UUID(words[0]), category, *prices, *days)),)


@lru_cache(_KEPT)
def _with_nothing_against(category: str, words: Sequence[str | None]) -> tuple[Provider, tuple[Registration, ...]]:
    # Equal words are one value, which is made and checked once.
    of_homes = tuple(one for one in evidence_kinds() if one.per_property)
    return _provider(_facts(words), (), (), (), of_homes), _offered(category, words)


_FACTS: Final = (
    *(PROVIDER.c[key] for key in ("id", "name", "email", "mobile", "phone", "out_of_hours", "ofsted_urn")),
    # The driver makes lists of numbers slowly, one number at a time.
    cast(PROVIDER.c.ofsted_categories, Text()),
    PROVIDER.c.ofsted_outcome,
    PROVIDER.c.evidence_asked_from,
)
_TERMS: Final = tuple(REGISTRATION.c[one.name] for one in fields(Registration))
_PRICED: Final = 3
"""Where the terms begin to differ from one registration of a provider in a category to the next: after whose it is."""
_SUSPENDED: Final = ("starts_on", "ends_on", "reason", "lifted_on", "lifted_reason", "id")
_REMOVED: Final = ("removed_on", "reason", "readmitted_on", "id")
_ACCEPTED: Final = (EVIDENCE.c.state == EvidenceState.ACCEPTED.value, EVIDENCE.c.property_id.is_(None))
"""Evidence for a home stops that home alone, never its provider."""
