"""Read and keep applications to join (A13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from lots.errors import ApplicationOpenAlready, NoSuchEntry
from lots.model import (
    Application,
    ApplicationId,
    ApplicationState,
    Finding,
    Joining,
    ProviderId,
    Section,
)
from lots.rules.joining import LIVE
from lots.store.register import constraint
from lots.tables import APPLICATION, CONFIRMED_MOBILE, FINDING, SECTION


def application(db: Connection, application_id: ApplicationId) -> Application:
    """Read one application; raise `NoSuchEntry`."""
    row = db.execute(select(APPLICATION).where(APPLICATION.c.id == application_id)).one_or_none()
    if row is None:
        raise NoSuchEntry("application", application_id)
    return _application(db, row)


def hold_application(db: Connection, application_id: ApplicationId) -> Application:
    """Hold an application alone, to change it; raise `NoSuchEntry`."""
    db.execute(select(APPLICATION.c.id).where(APPLICATION.c.id == application_id).with_for_update())
    return application(db, application_id)


def applications(db: Connection, states: Iterable[ApplicationState] = LIVE) -> tuple[Application, ...]:
    """Read the applications in these states, those with the nearest decision first, drafts last."""
    rows = db.execute(
        select(APPLICATION)
        .where(APPLICATION.c.state.in_([each.value for each in states]))
        .order_by(APPLICATION.c.decide_by.asc().nulls_last(), APPLICATION.c.begun_at, APPLICATION.c.id)
    ).all()
    return tuple(_application(db, row) for row in rows)


def applications_of(db: Connection, provider_id: ProviderId) -> tuple[Application, ...]:
    """Read every application of a provider, the newest first."""
    rows = db.execute(
        select(APPLICATION)
        .where(APPLICATION.c.provider_id == provider_id)
        .order_by(APPLICATION.c.begun_at.desc(), APPLICATION.c.id)
    ).all()
    return tuple(_application(db, row) for row in rows)


def add_application(
    db: Connection, application_id: ApplicationId, provider_id: ProviderId, profile: str, now: datetime
) -> None:
    """Add a draft; raise `ApplicationOpenAlready` where the provider has an application that is not decided yet."""
    try:
        with db.begin_nested():
            db.execute(
                insert(APPLICATION).values(
                    id=application_id,
                    provider_id=provider_id,
                    profile=profile,
                    state=ApplicationState.DRAFT.value,
                    begun_at=now,
                )
            )
    except IntegrityError as refused:
        if constraint(refused) != "uq_application_live":
            raise
        open_one = db.scalar(
            select(APPLICATION.c.id).where(
                APPLICATION.c.provider_id == provider_id, APPLICATION.c.state.in_([each.value for each in LIVE])
            )
        )
        raise ApplicationOpenAlready(ApplicationId(open_one or application_id)) from None


def copy_sections(db: Connection, source: ApplicationId, target: ApplicationId, now: datetime) -> None:
    """Begin an application with what was typed in another one."""
    typed = select(literal(target), SECTION.c.section, SECTION.c.typed, literal(now)).where(
        SECTION.c.application_id == source
    )
    db.execute(insert(SECTION).from_select(["application_id", "section", "typed", "saved_at"], typed))
    confirmed = select(literal(target), CONFIRMED_MOBILE.c.mobile, CONFIRMED_MOBILE.c.confirmed_at).where(
        CONFIRMED_MOBILE.c.application_id == source
    )
    db.execute(insert(CONFIRMED_MOBILE).from_select(["application_id", "mobile", "confirmed_at"], confirmed))


def save_section(
    db: Connection, application_id: ApplicationId, section: Section, typed: Mapping[str, object], now: datetime
) -> None:
    """Keep a section as it was typed, in place of what was typed before."""
    row = upsert(SECTION).values(application_id=application_id, section=section.value, typed=dict(typed), saved_at=now)
    db.execute(
        row.on_conflict_do_update(
            constraint="pk_application_section", set_={"typed": row.excluded.typed, "saved_at": row.excluded.saved_at}
        )
    )


def save_mobile(db: Connection, application_id: ApplicationId, mobile: str, now: datetime) -> None:
    """Keep that a mobile was confirmed; the first time stands."""
    db.execute(
        upsert(CONFIRMED_MOBILE)
        .values(application_id=application_id, mobile=mobile, confirmed_at=now)
        .on_conflict_do_nothing()
    )


def save_submitted(
    db: Connection, application_id: ApplicationId, content: Joining, submitted_at: datetime, decide_by: date
) -> None:
    """Keep what an application says, and by when it is decided."""
    _change(
        db,
        application_id,
        state=ApplicationState.SUBMITTED.value,
        content=msgspec.to_builtins(content),
        submitted_at=submitted_at,
        decide_by=decide_by,
    )


def save_extended(db: Connection, application_id: ApplicationId, decide_by: date, reason: str) -> None:
    """Keep a later last day for the decision, with its reason."""
    _change(db, application_id, decide_by=decide_by, extended_reason=reason)


def save_findings(
    db: Connection, application_id: ApplicationId, state: ApplicationState, findings: Iterable[Finding]
) -> None:
    """Put these in place of what was found."""
    _change(db, application_id, state=state.value)
    db.execute(delete(FINDING).where(FINDING.c.application_id == application_id))
    db.execute(insert(FINDING), [{"application_id": application_id, **asdict(each)} for each in findings])


def save_decided(
    db: Connection, application_id: ApplicationId, state: ApplicationState, note: str, now: datetime
) -> None:
    """Keep a decision."""
    _change(db, application_id, state=state.value, decision_note=note, decided_at=now)


def save_withdrawn(db: Connection, application_id: ApplicationId) -> None:
    """Keep that the applicant took the application back."""
    _change(db, application_id, state=ApplicationState.WITHDRAWN.value)


def waiting(db: Connection) -> int:
    """Count the applications that wait for a decision."""
    states = (ApplicationState.SUBMITTED.value, ApplicationState.ASSESSED.value)
    return db.scalar(select(func.count()).select_from(APPLICATION).where(APPLICATION.c.state.in_(states))) or 0


def _change(db: Connection, application_id: ApplicationId, **values: Any) -> None:
    db.execute(update(APPLICATION).where(APPLICATION.c.id == application_id).values(**values))


def _application(db: Connection, row: Row[Any]) -> Application:
    mine = row.id
    typed = db.execute(select(SECTION).where(SECTION.c.application_id == mine))
    confirmed = db.scalars(select(CONFIRMED_MOBILE.c.mobile).where(CONFIRMED_MOBILE.c.application_id == mine))
    findings = db.execute(select(FINDING).where(FINDING.c.application_id == mine).order_by(FINDING.c.criterion))
    return Application(
        id=ApplicationId(mine),
        provider_id=ProviderId(row.provider_id),
        profile=row.profile,
        state=ApplicationState(row.state),
        typed={Section(each.section): each.typed for each in typed},
        confirmed=frozenset(confirmed),
        content=None if row.content is None else msgspec.convert(row.content, Joining),
        begun_at=row.begun_at,
        submitted_at=row.submitted_at,
        decide_by=row.decide_by,
        extended_reason=row.extended_reason,
        findings=tuple(Finding(each.criterion, each.met, each.note) for each in findings),
        decided_at=row.decided_at,
        decision_note=row.decision_note,
    )
