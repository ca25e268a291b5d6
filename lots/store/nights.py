"""Read and keep out-of-hours numbers and calls (A17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, insert, select, update

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
    NightSheet,
    NightSheetId,
    ProviderId,
)
from lots.tables import NIGHT_CALL, NIGHT_CONTACT, NIGHT_SHEET


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
    values["called_by"] = values.pop("by")
    db.execute(insert(NIGHT_CALL).values(**values))


def calls(db: Connection, authority: str, provider_id: ProviderId, most: int = 50) -> tuple[Call, ...]:
    """Read a council's last calls to a provider, newest first, tests too."""
    rows = db.execute(
        select(NIGHT_CALL)
        .where(NIGHT_CALL.c.authority == authority, NIGHT_CALL.c.provider_id == provider_id)
        .order_by(NIGHT_CALL.c.called_at.desc(), NIGHT_CALL.c.id)
        .limit(most)
    )
    return tuple(map(_call, rows))


def calls_since(db: Connection, authority: str, since: datetime) -> tuple[Call, ...]:
    """Read a council's calls for young people from an instant on, to any provider, newest first."""
    rows = db.execute(
        select(NIGHT_CALL)
        .where(
            NIGHT_CALL.c.authority == authority,
            NIGHT_CALL.c.called_at >= since,
            NIGHT_CALL.c.kind == CallKind.REAL.value,
        )
        .order_by(NIGHT_CALL.c.called_at.desc(), NIGHT_CALL.c.id)
    )
    return tuple(map(_call, rows))


def test_calls(db: Connection, authority: str, since: datetime) -> tuple[Call, ...]:
    """Read a council's test calls from an instant on, newest first."""
    rows = db.execute(
        select(NIGHT_CALL)
        .where(
            NIGHT_CALL.c.authority == authority,
            NIGHT_CALL.c.called_at >= since,
            NIGHT_CALL.c.kind == CallKind.TEST.value,
        )
        .order_by(NIGHT_CALL.c.called_at.desc(), NIGHT_CALL.c.id)
    )
    return tuple(map(_call, rows))


def call(db: Connection, authority: str, call_id: CallId) -> Call:
    """Read one call of a council; raise `NoSuchEntry`."""
    return _one(db, select(NIGHT_CALL).where(NIGHT_CALL.c.authority == authority, NIGHT_CALL.c.id == call_id), call_id)


def hold_call(db: Connection, authority: str, call_id: CallId) -> Call:
    """Hold one call of a council, to place somebody on its word; raise `NoSuchEntry`."""
    wanted = select(NIGHT_CALL).where(NIGHT_CALL.c.authority == authority, NIGHT_CALL.c.id == call_id)
    return _one(db, wanted.with_for_update(), call_id)


def save_placed(db: Connection, authority: str, call_id: CallId, about: UUID, now: datetime) -> None:
    """Say for which referral somebody was placed on a call's word."""
    which = (NIGHT_CALL.c.authority == authority) & (NIGHT_CALL.c.id == call_id)
    db.execute(update(NIGHT_CALL).where(which).values(about=about, placed_at=now))


def add_night_sheet(db: Connection, sheet: NightSheet) -> None:
    """Keep the page of an evening."""
    db.execute(insert(NIGHT_SHEET).values(**asdict(sheet)))


def night_sheet(db: Connection, authority: str) -> NightSheet | None:
    """Read the page that was made last."""
    row = db.execute(
        select(NIGHT_SHEET)
        .where(NIGHT_SHEET.c.authority == authority)
        .order_by(NIGHT_SHEET.c.made_at.desc(), NIGHT_SHEET.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return NightSheet(row.authority, NightSheetId(row.id), row.for_on, row.made_at, row.html)


def _one(db: Connection, wanted: Select[Any], call_id: CallId) -> Call:
    row = db.execute(wanted).one_or_none()
    if row is None:
        raise NoSuchEntry("call", call_id)
    return _call(row)


def _call(row: Row[Any]) -> Call:
    return Call(
        row.authority,
        CallId(row.id),
        row.provider_id,
        NightContactId(row.contact_id),
        CallKind(row.kind),
        row.called_at,
        CallOutcome(row.outcome),
        row.note,
        row.about,
        row.called_by,
        row.placed_at,
    )


def _contact(row: Row[Any]) -> NightContact:
    line = NightLine(LinePurpose(row.purpose), row.who, row.phone, row.opens, row.closes, frozenset(row.weekdays))
    return NightContact(NightContactId(row.id), row.provider_id, line)
