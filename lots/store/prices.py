"""Read and keep ceilings, uplifts and sub-contractors."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from lots.errors import NoSuchEntry, NotNow, OverlappingCeiling
from lots.model import (
    CategoryCode,
    Ceiling,
    CeilingId,
    ConsentState,
    ProviderId,
    Subcontractor,
    SubcontractorId,
    Uplift,
    UpliftId,
    UpliftState,
)
from lots.store.register import constraint
from lots.tables import CEILING, SUBCONTRACTOR, UPLIFT


def ceilings(db: Connection, authority: str) -> tuple[Ceiling, ...]:
    """Read one council's ceilings, past and coming ones too, by category and day."""
    rows = db.execute(
        select(CEILING).where(CEILING.c.authority == authority).order_by(CEILING.c.category, CEILING.c.valid_from)
    )
    return tuple(
        Ceiling(
            row.authority,
            CeilingId(row.id),
            CategoryCode(row.category),
            row.accommodation_weekly,
            row.support_hourly,
            row.valid_from,
            row.valid_to,
        )
        for row in rows
    )


def end_ceilings(db: Connection, authority: str, category: CategoryCode, last_day: date) -> None:
    """Let what holds in a category the day after `last_day` end on it; what begins later stays."""
    db.execute(
        update(CEILING)
        .where(
            CEILING.c.authority == authority,
            CEILING.c.category == category.value,
            CEILING.c.valid_from <= last_day,
            CEILING.c.valid_to.is_(None) | (CEILING.c.valid_to > last_day),
        )
        .values(valid_to=last_day)
    )


def save_ceiling(db: Connection, ceiling: Ceiling, now: datetime) -> None:
    """Add a ceiling; raise `OverlappingCeiling`, after which the transaction can still be used."""
    try:
        with db.begin_nested():
            db.execute(insert(CEILING).values(**asdict(ceiling) | {"category": ceiling.category.value}, set_at=now))
    except IntegrityError as refused:
        if constraint(refused) == "ex_ceiling_no_overlap":
            raise OverlappingCeiling(ceiling.category, ceiling.valid_from, ceiling.valid_to) from None
        raise


def uplifts(db: Connection, provider_id: ProviderId) -> tuple[Uplift, ...]:
    """Read every uplift that a provider proposed, newest first."""
    rows = db.execute(
        select(UPLIFT).where(UPLIFT.c.provider_id == provider_id).order_by(UPLIFT.c.proposed_at.desc(), UPLIFT.c.id)
    )
    return tuple(map(_uplift, rows))


def uplift(db: Connection, uplift_id: UpliftId) -> Uplift:
    """Read one uplift; raise `NoSuchEntry`."""
    row = db.execute(select(UPLIFT).where(UPLIFT.c.id == uplift_id)).one_or_none()
    if row is None:
        raise NoSuchEntry("uplift", uplift_id)
    return _uplift(row)


def hold_uplift(db: Connection, uplift_id: UpliftId) -> Uplift:
    """Hold one uplift, to decide about it; raise `NoSuchEntry`."""
    row = db.execute(select(UPLIFT).where(UPLIFT.c.id == uplift_id).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchEntry("uplift", uplift_id)
    return _uplift(row)


def add_uplift(db: Connection, uplift: Uplift, now: datetime) -> None:
    """Add a proposal; raise `NotNow` where one in this category waits for a decision."""
    values = asdict(uplift) | {
        "category": uplift.category.value,
        "state": uplift.state.value,
        "proposed_at": now,
    }
    try:
        with db.begin_nested():
            db.execute(insert(UPLIFT).values(**values))
    except IntegrityError as refused:
        if constraint(refused) == "uq_uplift_open":
            raise NotNow("uplift", UpliftState.PROPOSED.value, "propose") from None
        raise


def open_uplifts(db: Connection) -> tuple[Uplift, ...]:
    """Read every proposal that waits for a decision, the oldest first."""
    rows = db.execute(
        select(UPLIFT).where(UPLIFT.c.state == UpliftState.PROPOSED.value).order_by(UPLIFT.c.proposed_at, UPLIFT.c.id)
    )
    return tuple(map(_uplift, rows))


def save_uplift(db: Connection, uplift_id: UpliftId, state: UpliftState, note: str, now: datetime) -> None:
    """Keep what became of a proposal."""
    db.execute(
        update(UPLIFT).where(UPLIFT.c.id == uplift_id).values(state=state.value, decision_note=note, decided_at=now)
    )


def subcontractors(db: Connection, authority: str, provider_id: ProviderId) -> tuple[Subcontractor, ...]:
    """Read the sub-contractors that a provider named to one council, by name."""
    rows = db.execute(
        select(SUBCONTRACTOR)
        .where(SUBCONTRACTOR.c.authority == authority, SUBCONTRACTOR.c.provider_id == provider_id)
        .order_by(SUBCONTRACTOR.c.name, SUBCONTRACTOR.c.id)
    )
    return tuple(map(_subcontractor, rows))


def subcontractors_of(db: Connection, provider_id: ProviderId) -> tuple[Subcontractor, ...]:
    """Read the sub-contractors that a provider named to any council, by council and name."""
    rows = db.execute(
        select(SUBCONTRACTOR)
        .where(SUBCONTRACTOR.c.provider_id == provider_id)
        .order_by(SUBCONTRACTOR.c.authority, SUBCONTRACTOR.c.name, SUBCONTRACTOR.c.id)
    )
    return tuple(map(_subcontractor, rows))


def subcontractors_to(db: Connection, authority: str) -> tuple[Subcontractor, ...]:
    """Read the sub-contractors that were named to one council, by name."""
    rows = db.execute(
        select(SUBCONTRACTOR)
        .where(SUBCONTRACTOR.c.authority == authority)
        .order_by(SUBCONTRACTOR.c.name, SUBCONTRACTOR.c.id)
    )
    return tuple(map(_subcontractor, rows))


def hold_subcontractor(db: Connection, authority: str, subcontractor_id: SubcontractorId) -> Subcontractor:
    """Hold one sub-contractor, to decide about it; raise `NoSuchEntry`."""
    row = db.execute(
        select(SUBCONTRACTOR)
        .where(SUBCONTRACTOR.c.authority == authority, SUBCONTRACTOR.c.id == subcontractor_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchEntry("sub-contractor", subcontractor_id)
    return _subcontractor(row)


def add_subcontractor(db: Connection, named: Subcontractor) -> None:
    """Add a sub-contractor."""
    db.execute(insert(SUBCONTRACTOR).values(**asdict(named) | {"state": named.state.value}))


def save_consent(
    db: Connection,
    authority: str,
    subcontractor_id: SubcontractorId,
    state: ConsentState,
    consent: str | None,
    consented_on: date | None,
) -> None:
    """Keep whether a council consented."""
    _change(db, authority, subcontractor_id, state=state.value, consent=consent, consented_on=consented_on)


def save_ended(db: Connection, authority: str, subcontractor_id: SubcontractorId, ended_on: date) -> None:
    """Keep that a sub-contractor's work ended."""
    _change(db, authority, subcontractor_id, state=ConsentState.ENDED.value, ended_on=ended_on)


def _change(db: Connection, authority: str, subcontractor_id: SubcontractorId, **values: Any) -> None:
    db.execute(
        update(SUBCONTRACTOR)
        .where(SUBCONTRACTOR.c.authority == authority, SUBCONTRACTOR.c.id == subcontractor_id)
        .values(**values)
    )


def _uplift(row: Row[Any]) -> Uplift:
    return Uplift(
        id=UpliftId(row.id),
        provider_id=ProviderId(row.provider_id),
        category=CategoryCode(row.category),
        percent=row.percent,
        starts_on=row.starts_on,
        reason=row.reason,
        state=UpliftState(row.state),
        decision_note=row.decision_note,
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
    )


def _subcontractor(row: Row[Any]) -> Subcontractor:
    values = dict(row._mapping)
    return Subcontractor(**values | {"state": ConsentState(row.state)})
