"""Read and keep out-of-hours numbers and calls (A17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from lots.errors import NoSuchEntry
from lots.model import (
    Call,
    CallId,
    CallKind,
    CallOutcome,
    LinePurpose,
    NightContact,
    NightContactId,
    NightLine,
    ProviderId,
)
from lots.tables import NIGHT_CALL, NIGHT_CONTACT


def night_contacts(db: Connection) -> Mapping[ProviderId, tuple[NightContact, ...]]:
    """Read every number out of hours, by provider."""
    found: defaultdict[ProviderId, list[NightContact]] = defaultdict(list)
    for row in db.execute(select(NIGHT_CONTACT).order_by(NIGHT_CONTACT.c.opens, NIGHT_CONTACT.c.id)):
        found[ProviderId(row.provider_id)].append(_contact(row))
    return {key: tuple(each) for key, each in found.items()}


def night_contact(db: Connection, contact_id: NightContactId) -> NightContact:
    """Read one number; raise `NoSuchEntry`."""
    row = db.execute(select(NIGHT_CONTACT).where(NIGHT_CONTACT.c.id == contact_id)).one_or_none()
    if row is None:
        raise NoSuchEntry("out-of-hours number", contact_id)
    return _contact(row)


def add_night_contacts(db: Connection, contacts: Sequence[NightContact]) -> None:
    """Add numbers; those that were called stay, so that a call always says which number it was."""
    rows = [
        {
            "id": one.id,
            "provider_id": one.provider_id,
            **asdict(one.line),
            "purpose": one.line.purpose.value,
            "weekdays": sorted(one.line.weekdays),
        }
        for one in contacts
    ]
    if rows:
        db.execute(insert(NIGHT_CONTACT), rows)


def add_call(db: Connection, call: Call) -> None:
    """Add a call to the log."""
    values: dict[str, Any] = asdict(call) | {"kind": call.kind.value, "outcome": call.outcome.value}
    db.execute(insert(NIGHT_CALL).values(**values))


def calls(db: Connection, authority: str, provider_id: ProviderId, most: int = 50) -> tuple[Call, ...]:
    """Read a council's last calls to a provider, newest first, tests too."""
    rows = db.execute(
        select(NIGHT_CALL)
        .where(NIGHT_CALL.c.authority == authority, NIGHT_CALL.c.provider_id == provider_id)
        .order_by(NIGHT_CALL.c.called_at.desc(), NIGHT_CALL.c.id)
        .limit(most)
    )
    return tuple(
        Call(
            row.authority,
            CallId(row.id),
            row.provider_id,
            NightContactId(row.contact_id),
            CallKind(row.kind),
            row.called_at,
            CallOutcome(row.outcome),
            row.note,
            row.about,
        )
        for row in rows
    )


def _contact(row: Row[Any]) -> NightContact:
    line = NightLine(LinePurpose(row.purpose), row.who, row.phone, row.opens, row.closes, frozenset(row.weekdays))
    return NightContact(NightContactId(row.id), row.provider_id, line)
