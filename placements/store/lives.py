"""Read and keep ends, support plans, hours and concerns (A34, A35, A36, A38)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from placements.errors import NoSuchConcern
from placements.model import (
    AgreementId,
    Concern,
    ConcernId,
    ConcernKind,
    EndedBy,
    Ending,
    HoursEntry,
    HoursKind,
    PlanGoal,
    SignOff,
    SupportPlan,
)
from placements.tables import CONCERN, ENDING, HOURS, SIGN_OFF, SUPPORT_PLAN

NOTICE, END = "notice", "end"


def notice(db: Connection, authority: str, agreement_id: AgreementId) -> Ending | None:
    """Read the notice of an agreement, if one was given (A34)."""
    return _ending_of(db, authority, agreement_id, NOTICE)


def ending(db: Connection, authority: str, agreement_id: AgreementId) -> Ending | None:
    """Read how an agreement ended, if it has (A34)."""
    return _ending_of(db, authority, agreement_id, END)


def save_ending(db: Connection, authority: str, found: Ending) -> None:
    """Add a notice, or an end, which says where the young person moved on to."""
    db.execute(
        insert(ENDING).values(
            authority=authority,
            agreement_id=found.agreement_id,
            kind=NOTICE if found.move_on is None else END,
            ended_by=found.by.value,
            reason=found.reason,
            national=found.national,
            expected=found.expected,
            served_on=found.served_on,
            options=json.dumps(found.options, separators=(",", ":"), ensure_ascii=False),
            planned_on=found.planned_on,
            last_on=found.last_on,
            move_on=found.move_on,
            recorded_by=found.recorded_by,
            recorded_at=found.recorded_at,
        )
    )


def support_plans(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[SupportPlan, ...]:
    """Read every version of an agreement's support plan, the first one first (A36)."""
    rows = db.execute(
        select(SUPPORT_PLAN)
        .where(SUPPORT_PLAN.c.authority == authority, SUPPORT_PLAN.c.agreement_id == agreement_id)
        .order_by(SUPPORT_PLAN.c.number)
    )
    return tuple(
        SupportPlan(
            agreement_id=AgreementId(row.agreement_id),
            number=row.number,
            goals=tuple(PlanGoal(*each) for each in json.loads(row.goals)),
            weekly=row.weekly,
            with_young_person=row.with_young_person,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in rows
    )


def save_support_plan(db: Connection, authority: str, plan: SupportPlan) -> None:
    """Add a version of a support plan."""
    goals = json.dumps([[each.outcome, each.how] for each in plan.goals], separators=(",", ":"), ensure_ascii=False)
    db.execute(insert(SUPPORT_PLAN).values(**asdict(plan) | {"authority": authority, "goals": goals}))


def hours_given(
    db: Connection, authority: str, agreement_id: AgreementId, from_on: date, until_on: date
) -> tuple[HoursEntry, ...]:
    """Read the hours given from one day to another, both included (A35)."""
    rows = db.execute(
        select(HOURS)
        .where(
            HOURS.c.authority == authority,
            HOURS.c.agreement_id == agreement_id,
            HOURS.c.given_on.between(from_on, until_on),
        )
        .order_by(HOURS.c.given_on, HOURS.c.kind)
    )
    return tuple(HoursEntry(row.given_on, row.hours, HoursKind(row.kind), row.shared_with) for row in rows)


def save_hours(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    entries: Iterable[HoursEntry],
    person_id: UUID,
    now: datetime,
) -> None:
    """Keep hours; the last word on a day and kind stands."""
    values = [
        {
            "authority": authority,
            "agreement_id": agreement_id,
            "given_on": each.on,
            "kind": each.kind.value,
            "hours": each.hours,
            "shared_with": each.shared_with,
            "recorded_by": person_id,
            "recorded_at": now,
        }
        for each in entries
    ]
    if not values:
        return
    adding = insert(HOURS)
    replacing = {name: adding.excluded[name] for name in ("hours", "shared_with", "recorded_by", "recorded_at")}
    db.execute(adding.on_conflict_do_update(constraint="pk_hours_given", set_=replacing), values)


def sign_offs(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[SignOff, ...]:
    """Read the weeks that the young person signed or did not, in order (A35)."""
    rows = db.execute(
        select(SIGN_OFF)
        .where(SIGN_OFF.c.authority == authority, SIGN_OFF.c.agreement_id == agreement_id)
        .order_by(SIGN_OFF.c.week)
    )
    return tuple(SignOff(row.week, row.signed, row.reason, row.recorded_by, row.recorded_at) for row in rows)


def save_sign_off(db: Connection, authority: str, agreement_id: AgreementId, sign_off: SignOff) -> None:
    """Keep the word on a week; the last one stands."""
    adding = insert(SIGN_OFF).values(**asdict(sign_off) | {"authority": authority, "agreement_id": agreement_id})
    replacing = {name: adding.excluded[name] for name in ("signed", "reason", "recorded_by", "recorded_at")}
    db.execute(adding.on_conflict_do_update(constraint="pk_hours_sign_off", set_=replacing))


def drop_sign_offs(
    db: Connection, authority: str, agreement_id: AgreementId, weeks: Iterable[date]
) -> tuple[date, ...]:
    """Take back the signatures of weeks whose hours have changed since; give those weeks."""
    gone = db.execute(
        delete(SIGN_OFF)
        .where(
            SIGN_OFF.c.authority == authority,
            SIGN_OFF.c.agreement_id == agreement_id,
            SIGN_OFF.c.week.in_(set(weeks)),
        )
        .returning(SIGN_OFF.c.week)
    )
    return tuple(sorted(gone.scalars()))


def concerns(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[Concern, ...]:
    """Read an agreement's concerns, the first told first (A38)."""
    rows = db.execute(
        select(CONCERN)
        .where(CONCERN.c.authority == authority, CONCERN.c.agreement_id == agreement_id)
        .order_by(CONCERN.c.told_at, CONCERN.c.id)
    )
    return tuple(concern_of(row) for row in rows)


def open_concerns(db: Connection, authority: str) -> tuple[Concern, ...]:
    """Read the authority's concerns that nobody has acknowledged, the most pressing first (A38)."""
    rows = db.execute(
        select(CONCERN)
        .where(CONCERN.c.authority == authority, CONCERN.c.acknowledged_at.is_(None))
        .order_by(CONCERN.c.acknowledge_by, CONCERN.c.id)
    )
    return tuple(concern_of(row) for row in rows)


def hold_concern(db: Connection, authority: str, concern_id: ConcernId) -> Concern:
    """Hold a concern, to change it; raise `NoSuchConcern`."""
    row = db.execute(
        select(CONCERN).where(CONCERN.c.authority == authority, CONCERN.c.id == concern_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchConcern(concern_id)
    return concern_of(row)


def save_concern(db: Connection, concern: Concern) -> None:
    """Add a concern."""
    db.execute(insert(CONCERN).values(**asdict(concern) | {"kind": concern.kind.value}))


def save_acknowledgement(db: Connection, concern: Concern) -> None:
    """Keep who acknowledged a concern, and when."""
    db.execute(
        update(CONCERN)
        .where(CONCERN.c.authority == concern.authority, CONCERN.c.id == concern.id)
        .values(
            acknowledged_at=concern.acknowledged_at,
            acknowledged_by=concern.acknowledged_by,
            next_step=concern.next_step,
        )
    )


def _ending_of(db: Connection, authority: str, agreement_id: AgreementId, kind: str) -> Ending | None:
    row = db.execute(
        select(ENDING).where(
            ENDING.c.authority == authority, ENDING.c.agreement_id == agreement_id, ENDING.c.kind == kind
        )
    ).one_or_none()
    if row is None:
        return None
    return Ending(
        agreement_id=AgreementId(row.agreement_id),
        by=EndedBy(row.ended_by),
        reason=row.reason,
        national=row.national,
        expected=row.expected,
        served_on=row.served_on,
        options=tuple(json.loads(row.options)),
        planned_on=row.planned_on,
        last_on=row.last_on,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        move_on=row.move_on,
    )


def concern_of(row: Row[Any]) -> Concern:
    """Turn a row into a concern."""
    facts = dict(row._mapping)
    return Concern(**facts | {"kind": ConcernKind(row.kind), "id": ConcernId(row.id)})
