"""Take applications to join from the first section to the decision (A13, S25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection

from lots import store
from lots.errors import AlreadyExtended, NoSuchEntry, ReasonMissing, UrnOfAnother
from lots.events import (
    ApplicationAdmitted,
    ApplicationAssessed,
    ApplicationExtended,
    ApplicationRefused,
    ApplicationSectionSaved,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from lots.model import (
    Application,
    ApplicationId,
    ApplicationState,
    ApplicationVerb,
    Finding,
    Joining,
    ProviderId,
    Section,
)
from lots.rules import check_complete, check_decision, check_findings, decide_by, london_day
from lots.rules.days import NO_CLOSURES
from lots.rules.joining import move
from lots.service.admitting import put_on_register


def start_application(
    db: Connection,
    application_id: ApplicationId,
    provider_id: ProviderId,
    profile: str,
    now: datetime,
    like: ApplicationId | None = None,
) -> ApplicationStarted:
    """Begin to apply; `like` is an earlier application of the provider to begin with, after a refusal for one.

    Raise `NoSuchEntry` for an unknown legal profile or earlier application, or `ApplicationOpenAlready`.
    """
    if profile not in store.profiles():
        raise NoSuchEntry(f"legal profile {profile}", application_id)
    if like is not None and store.application(db, like).provider_id != provider_id:
        raise NoSuchEntry("application", like)
    store.add_application(db, application_id, provider_id, profile, now)
    if like is not None:
        store.copy_sections(db, like, application_id, now)
    return ApplicationStarted(application_id, provider_id)


def save_section(
    db: Connection, application_id: ApplicationId, section: Section, typed: Mapping[str, object], now: datetime
) -> ApplicationSectionSaved:
    """Keep a section of a draft as it was typed, right or wrong. Raise `NoSuchEntry` or `NotNow`."""
    held = store.hold_application(db, application_id)
    move(held.state, ApplicationVerb.SAVE)
    store.save_section(db, application_id, section, typed, now)
    return ApplicationSectionSaved(application_id, held.provider_id, section)


def confirm_mobile(db: Connection, application_id: ApplicationId, mobile: str, now: datetime) -> None:
    """Keep that the code sent to a mobile came back from it. Raise `NoSuchEntry` or `NotNow`."""
    move(store.hold_application(db, application_id).state, ApplicationVerb.SAVE)
    store.save_mobile(db, application_id, mobile, now)


def submit_application(
    db: Connection,
    application_id: ApplicationId,
    joining: Joining,
    now: datetime,
    closure_days: frozenset[date] = NO_CLOSURES,
) -> ApplicationSubmitted:
    """Submit an application whole, as read from its sections; the clock for the decision starts (S25).

    Raise `NoSuchEntry`, `NotNow`, or `ApplicationIncomplete` with everything that is lacking.
    """
    held = store.hold_application(db, application_id)
    move(held.state, ApplicationVerb.SUBMIT)
    taken = joining.ofsted is not None and store.urn_taken(db, joining.ofsted.urn, held.provider_id)
    check_complete(joining, held.confirmed, store.evidence_kinds(), store.catalogue(), london_day(now), urn_taken=taken)
    due = decide_by(now, store.profiles()[held.profile], extended=False, closure_days=closure_days)
    store.save_submitted(db, application_id, joining, now, due)
    return ApplicationSubmitted(
        application_id,
        held.provider_id,
        tuple(sorted(joining.categories)),
        now,
        due,
        joining.organisation.email,
    )


def extend_decision(
    db: Connection,
    application_id: ApplicationId,
    reason: str,
    closure_days: frozenset[date] = NO_CLOSURES,
) -> ApplicationExtended:
    """Take the longer time for a decision, once, with a reason that the applicant is told (S25).

    Raise `NoSuchEntry`, `NotNow`, `AlreadyExtended` or `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing("take longer for the decision")
    held = store.hold_application(db, application_id)
    move(held.state, ApplicationVerb.EXTEND)
    assert held.decide_by is not None, "what was submitted has a day for its decision"
    assert held.submitted_at is not None, "what was submitted has an instant"
    if held.extended_reason is not None:
        raise AlreadyExtended(held.decide_by)
    due = decide_by(held.submitted_at, store.profiles()[held.profile], extended=True, closure_days=closure_days)
    store.save_extended(db, application_id, due, reason)
    return ApplicationExtended(application_id, held.provider_id, due, reason, _email(held))


def assess_application(
    db: Connection, application_id: ApplicationId, findings: Iterable[Finding]
) -> ApplicationAssessed:
    """Keep for each published criterion whether it is met; may be done again until the decision.

    Raise `NoSuchEntry`, `NotNow` or `FindingsNotWhole`.
    """
    found = tuple(findings)
    held = store.hold_application(db, application_id)
    state = move(held.state, ApplicationVerb.ASSESS)
    check_findings(store.criteria(), found)
    store.save_findings(db, application_id, state, found)
    return ApplicationAssessed(
        application_id,
        held.provider_id,
        tuple(each.criterion for each in found if each.met),
        tuple(each.criterion for each in found if not each.met),
    )


def admit_application(db: Connection, application_id: ApplicationId, note: str, now: datetime) -> ApplicationAdmitted:
    """Admit an application of which every criterion is met: its provider is on the register from today (A13).

    A firm that is on the register gets the new categories and prices beside those it has, and one that was removed is
    on it again. Raise `NoSuchEntry`, `NotNow`, `DecisionAgainstFindings`, `UrnOfAnother`
    or `OverlappingRegistration`.
    """
    held = store.hold_application(db, application_id)
    state = move(held.state, ApplicationVerb.ADMIT)
    check_decision(ApplicationVerb.ADMIT, held.findings)
    assert held.content is not None, "what was submitted has content"
    if held.content.ofsted is not None and store.hold_urn(db, held.content.ofsted.urn, held.provider_id):
        raise UrnOfAnother(held.content.ofsted.urn)
    today = london_day(now)
    registered = put_on_register(db, held, held.content, today, now)
    store.save_decided(db, application_id, state, note, now)
    return ApplicationAdmitted(
        application_id,
        held.provider_id,
        tuple(each.id for each in registered),
        tuple(sorted(each.category for each in registered)),
        late=_late(held, today),
        email=_email(held),
    )


def refuse_application(db: Connection, application_id: ApplicationId, note: str, now: datetime) -> ApplicationRefused:
    """Refuse an application for the criteria that it does not meet, with their notes as reasons (A13).

    Raise `NoSuchEntry`, `NotNow`, `ReasonMissing` or `DecisionAgainstFindings`.
    """
    if not note.strip():
        raise ReasonMissing("refuse the application")
    held = store.hold_application(db, application_id)
    state = move(held.state, ApplicationVerb.REFUSE)
    unmet = check_decision(ApplicationVerb.REFUSE, held.findings)
    store.save_decided(db, application_id, state, note, now)
    return ApplicationRefused(
        application_id,
        held.provider_id,
        tuple(each.criterion for each in unmet),
        late=_late(held, london_day(now)),
        reasons=tuple(each.note for each in unmet),
        email=_email(held),
    )


def withdraw_application(db: Connection, application_id: ApplicationId) -> ApplicationWithdrawn:
    """Take an application back. Raise `NoSuchEntry` or `NotNow`."""
    held = store.hold_application(db, application_id)
    state = move(held.state, ApplicationVerb.WITHDRAW)
    assert state is ApplicationState.WITHDRAWN, "there is one state to withdraw to"
    store.save_withdrawn(db, application_id)
    return ApplicationWithdrawn(application_id, held.provider_id)


def _email(held: Application) -> str:
    return "" if held.content is None else held.content.organisation.email


def _late(held: Application, today: date) -> bool:
    return held.decide_by is not None and held.decide_by < today
