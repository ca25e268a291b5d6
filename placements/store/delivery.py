"""Read and keep what stands beside hours, and stream what runs: reasons, links, alarms, versions (A33, A35)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Column, Connection, Row, Select, Uuid, any_, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from lots.model import ProviderId
from placements.errors import NoSuchConcern, NoSuchLink
from placements.model import (
    AgreementId,
    AgreementState,
    AlarmedWeek,
    Concern,
    ConcernId,
    HoursAlarm,
    HoursEntry,
    HoursKind,
    HoursLink,
    Version,
)
from placements.store.agreements import version_of
from placements.store.lives import concern_of
from placements.tables import AGREEMENT, CONCERN, HOURS, HOURS_ALARM, HOURS_LINK, HOURS_REASON, SIGN_OFF, VERSION

BEGUN: Final = (AgreementState.STARTED.value, AgreementState.UNDER_NOTICE.value, AgreementState.ENDED.value)
"""States of a stay that has begun: before it, nothing is owed and nothing can be short."""

_AT_ONCE: Final = 1_000
"""Rows fetched from the server at a time, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class Running:
    """An agreement with the versions that hold on some days asked about."""

    agreement_id: AgreementId
    reference: str
    provider_id: ProviderId
    versions: tuple[Version, ...]


# Hours


def drop_hours(
    db: Connection, authority: str, agreement_id: AgreementId, gone: Iterable[tuple[date, HoursKind]]
) -> None:
    """Take away hours that a corrected week has no more."""
    for on, kind in gone:
        db.execute(
            delete(HOURS).where(
                HOURS.c.authority == authority,
                HOURS.c.agreement_id == agreement_id,
                HOURS.c.given_on == on,
                HOURS.c.kind == kind.value,
            )
        )


def hours_reasons(db: Connection, authority: str, agreement_id: AgreementId) -> Mapping[date, str]:
    """Read why more was given than was bought, by the week's Monday (A35)."""
    rows = db.execute(
        select(HOURS_REASON.c.week, HOURS_REASON.c.reason).where(
            HOURS_REASON.c.authority == authority, HOURS_REASON.c.agreement_id == agreement_id
        )
    )
    return {row.week: row.reason for row in rows}


def save_hours_reasons(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    reasons: Mapping[date, str],
    person_id: UUID,
    now: datetime,
) -> None:
    """Keep why more was given than was bought; the last word on a week stands."""
    for week, reason in reasons.items():
        facts = {"reason": reason, "recorded_by": person_id, "recorded_at": now}
        db.execute(
            insert(HOURS_REASON)
            .values(authority=authority, agreement_id=agreement_id, week=week, **facts)
            .on_conflict_do_update(constraint="pk_hours_reason", set_=facts)
        )


# Links


def link(db: Connection, token_hash: bytes) -> HoursLink:
    """Read the link of a token, whichever authority it belongs to; raise `NoSuchLink`."""
    row = db.execute(select(HOURS_LINK).where(HOURS_LINK.c.token_hash == token_hash)).one_or_none()
    if row is None:
        raise NoSuchLink
    return HoursLink(**dict(row._mapping) | {"agreement_id": AgreementId(row.agreement_id)})


def save_link(db: Connection, made: HoursLink) -> None:
    """Add a link."""
    db.execute(insert(HOURS_LINK).values(**asdict(made)))


def end_links(
    db: Connection, authority: str, agreement_id: AgreementId, week: date, now: datetime, *, answered: bool
) -> None:
    """End the link of a week that is alive: it was answered, or a newer one takes its place."""
    db.execute(
        update(HOURS_LINK)
        .where(
            HOURS_LINK.c.authority == authority,
            HOURS_LINK.c.agreement_id == agreement_id,
            HOURS_LINK.c.week == week,
            HOURS_LINK.c.ended_at.is_(None),
        )
        .values(ended_at=now, answered=answered)
    )


# Alarms


def save_alarms(db: Connection, authority: str, alarms: Sequence[AlarmedWeek], now: datetime) -> None:
    """Add alarms; one that is raised already stays as it is."""
    if not alarms:
        return
    values = [
        {
            "authority": authority,
            "agreement_id": one.agreement_id,
            "week": one.week,
            "kind": one.kind.value,
            "commissioned": one.commissioned,
            "delivered": one.delivered,
            "in_a_row": one.in_a_row,
            "raised_at": now,
        }
        for one in alarms
    ]
    db.execute(insert(HOURS_ALARM).on_conflict_do_nothing(constraint="pk_hours_alarm"), values)


def drop_alarms(
    db: Connection, authority: str, agreement_id: AgreementId, kind: HoursAlarm, weeks: Iterable[date]
) -> None:
    """Take back the alarms of weeks that are well now."""
    db.execute(
        delete(HOURS_ALARM).where(
            HOURS_ALARM.c.authority == authority,
            HOURS_ALARM.c.agreement_id == agreement_id,
            HOURS_ALARM.c.kind == kind.value,
            HOURS_ALARM.c.week.in_(set(weeks)),
        )
    )


def alarmed_weeks(db: Connection, authority: str, most: int) -> tuple[AlarmedWeek, ...]:
    """Read the newest alarms, those with the most hours missing first (A35)."""
    # The few are found before their agreements are: a council has a thousand short weeks and reads ten.
    missing = (HOURS_ALARM.c.commissioned - HOURS_ALARM.c.delivered).desc()
    newest = (
        select(HOURS_ALARM)
        .where(HOURS_ALARM.c.authority == authority)
        .order_by(HOURS_ALARM.c.week.desc(), missing, HOURS_ALARM.c.agreement_id)
        .limit(most)
        .subquery()
    )
    mine = (AGREEMENT.c.authority == newest.c.authority) & (AGREEMENT.c.id == newest.c.agreement_id)
    rows = db.execute(
        select(newest, AGREEMENT.c.reference)
        .join(AGREEMENT, mine)
        .order_by(newest.c.week.desc(), (newest.c.commissioned - newest.c.delivered).desc(), AGREEMENT.c.reference)
    )
    return tuple(
        AlarmedWeek(
            AgreementId(row.agreement_id),
            row.reference,
            row.week,
            HoursAlarm(row.kind),
            row.commissioned,
            row.delivered,
            row.in_a_row,
        )
        for row in rows
    )


def count_alarms(db: Connection, authority: str) -> int:
    """Count the alarms that stand."""
    return db.execute(
        select(func.count()).select_from(HOURS_ALARM).where(HOURS_ALARM.c.authority == authority)
    ).scalar_one()


# What runs, as a stream


def running(db: Connection, authority: str, from_on: date, until_on: date) -> Iterator[Running]:
    """Stream the agreements that hold on some day of a span, by reference, with their versions of those days.

    Only stays that have begun. Rows come from a cursor on the server, so any number of agreements takes as much memory
    as one; read it to its end before another statement on the same connection.
    """
    query = (
        select(VERSION, AGREEMENT.c.reference, AGREEMENT.c.provider_id)
        .join(AGREEMENT, (AGREEMENT.c.authority == VERSION.c.authority) & (AGREEMENT.c.id == VERSION.c.agreement_id))
        .where(
            VERSION.c.authority == authority,
            VERSION.c.from_on <= until_on,
            VERSION.c.until_on >= from_on,
            VERSION.c.until_on >= VERSION.c.from_on,
            AGREEMENT.c.state.in_(BEGUN),
        )
        .order_by(AGREEMENT.c.reference, VERSION.c.agreement_id, VERSION.c.number)
    )
    rows = db.execute(query, execution_options={"stream_results": True, "yield_per": _AT_ONCE})
    for agreement_id, group in groupby(rows, key=lambda row: row.agreement_id):
        versions = list(group)
        first = versions[0]
        yield Running(
            AgreementId(agreement_id),
            first.reference,
            ProviderId(first.provider_id),
            tuple(version_of(row) for row in versions),
        )


def every_hour_given(
    db: Connection, authority: str, from_on: date, until_on: date
) -> Mapping[AgreementId, list[HoursEntry]]:
    """Read the hours that the authority's agreements were given on some days, by agreement."""
    found: defaultdict[AgreementId, list[HoursEntry]] = defaultdict(list)
    rows = db.execute(
        select(HOURS.c.agreement_id, HOURS.c.given_on, HOURS.c.hours, HOURS.c.kind).where(
            HOURS.c.authority == authority, HOURS.c.given_on.between(from_on, until_on)
        )
    )
    for row in rows:
        found[AgreementId(row.agreement_id)].append(HoursEntry(row.given_on, row.hours, HoursKind(row.kind)))
    return found


def unsigned(db: Connection, authority: str, from_on: date, until_on: date) -> tuple[tuple[AgreementId, Decimal], ...]:
    """List the agreements with hours in the week of those days that nobody has signed or refused to sign."""
    answered = exists().where(
        SIGN_OFF.c.authority == HOURS.c.authority,
        SIGN_OFF.c.agreement_id == HOURS.c.agreement_id,
        SIGN_OFF.c.week == from_on,
    )
    rows = db.execute(
        select(HOURS.c.agreement_id, func.sum(HOURS.c.hours).label("hours"))
        .where(HOURS.c.authority == authority, HOURS.c.given_on.between(from_on, until_on), ~answered)
        .group_by(HOURS.c.agreement_id)
        .order_by(HOURS.c.agreement_id)
    )
    return tuple((AgreementId(row.agreement_id), row.hours) for row in rows)


def runs_after(db: Connection, authority: str, on: date) -> bool:
    """Say whether any agreement that has not ended lasts beyond a day."""
    return bool(
        db.execute(
            select(
                exists().where(
                    AGREEMENT.c.authority == authority,
                    AGREEMENT.c.state != AgreementState.ENDED.value,
                    AGREEMENT.c.ends_on > on,
                )
            )
        ).scalar_one()
    )


def by_reference(
    db: Connection, references: Collection[str], provider_id: ProviderId | None, authority: str | None
) -> Mapping[str, tuple[str, AgreementId]]:
    """Find agreements by reference, of a provider or of an authority: reference to (authority, id).

    A reference that two authorities gave to one provider's agreements is left out: it names neither.
    """
    query = select(AGREEMENT.c.reference, AGREEMENT.c.authority, AGREEMENT.c.id).where(
        AGREEMENT.c.reference.in_(set(references))
    )
    if provider_id is not None:
        query = query.where(AGREEMENT.c.provider_id == provider_id)
    if authority is not None:
        query = query.where(AGREEMENT.c.authority == authority)
    found: defaultdict[str, list[tuple[str, AgreementId]]] = defaultdict(list)
    for row in db.execute(query):
        found[row.reference].append((row.authority, AgreementId(row.id)))
    return {reference: places[0] for reference, places in found.items() if len(places) == 1}


def references(db: Connection, authority: str, agreement_ids: Collection[AgreementId]) -> Mapping[AgreementId, str]:
    """Read the references of agreements."""
    rows = db.execute(
        select(AGREEMENT.c.id, AGREEMENT.c.reference).where(
            AGREEMENT.c.authority == authority,
            AGREEMENT.c.id == any_(literal(list(agreement_ids), ARRAY(Uuid))),
        )
    )
    return {AgreementId(row.id): row.reference for row in rows}


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands about an agreement's hours: the days of the stay, versions, hours, reasons by Monday."""

    first: date
    last: date
    versions: tuple[Version, ...]
    hours: tuple[HoursEntry, ...]
    reasons: Mapping[date, str]


def kept_hours(
    db: Connection, authority: str, agreement_ids: Collection[AgreementId], from_on: date, until_on: date
) -> Mapping[AgreementId, Kept]:
    """Read what a timesheet is held against, of many agreements in four statements."""

    def of_each(query: Select[Any], column: Column[Any], make: Callable[[Row[Any]], Any]) -> dict[UUID, list[Any]]:
        found: defaultdict[UUID, list[Any]] = defaultdict(list)
        for row in db.execute(query.where(column == any_(literal(list(agreement_ids), ARRAY(Uuid))))):
            found[row.agreement_id].append(make(row))
        return found

    stays = db.execute(
        select(AGREEMENT.c.id, AGREEMENT.c.starts_on, AGREEMENT.c.ends_on, AGREEMENT.c.ended_on).where(
            AGREEMENT.c.authority == authority,
            AGREEMENT.c.id == any_(literal(list(agreement_ids), ARRAY(Uuid))),
        )
    )
    versions = of_each(
        select(VERSION).where(VERSION.c.authority == authority).order_by(VERSION.c.number),
        VERSION.c.agreement_id,
        version_of,
    )
    hours = of_each(
        select(HOURS).where(HOURS.c.authority == authority, HOURS.c.given_on.between(from_on, until_on)),
        HOURS.c.agreement_id,
        lambda row: HoursEntry(row.given_on, row.hours, HoursKind(row.kind), row.shared_with),
    )
    reasons = of_each(
        select(HOURS_REASON).where(HOURS_REASON.c.authority == authority),
        HOURS_REASON.c.agreement_id,
        lambda row: (row.week, row.reason),
    )
    return {
        AgreementId(row.id): Kept(
            row.starts_on,
            row.ended_on or row.ends_on,
            tuple(versions.get(row.id, ())),
            tuple(hours.get(row.id, ())),
            dict(reasons.get(row.id, ())),
        )
        for row in stays
    }


# Concerns


def concern_for_provider(db: Connection, provider_id: ProviderId, concern_id: ConcernId) -> Concern:
    """Read a concern of one of the provider's agreements; raise `NoSuchConcern`."""
    row = db.execute(
        select(CONCERN)
        .join(AGREEMENT, (AGREEMENT.c.authority == CONCERN.c.authority) & (AGREEMENT.c.id == CONCERN.c.agreement_id))
        .where(AGREEMENT.c.provider_id == provider_id, CONCERN.c.id == concern_id)
    ).one_or_none()
    return _found(row, concern_id)


def concern(db: Connection, authority: str, concern_id: ConcernId) -> Concern:
    """Read a concern of the authority; raise `NoSuchConcern`."""
    row = db.execute(select(CONCERN).where(CONCERN.c.authority == authority, CONCERN.c.id == concern_id)).one_or_none()
    return _found(row, concern_id)


def save_escalation(db: Connection, found: Concern) -> None:
    """Keep when a concern was escalated."""
    db.execute(
        update(CONCERN)
        .where(CONCERN.c.authority == found.authority, CONCERN.c.id == found.id)
        .values(escalated_at=found.escalated_at)
    )


def _found(row: Row[Any] | None, concern_id: ConcernId) -> Concern:
    if row is None:
        raise NoSuchConcern(concern_id)
    return concern_of(row)
