"""Fix ceilings, decide uplifts, consent to sub-contractors (A13, A18)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import Connection

from lots import store
from lots.errors import NoSuchEntry, ReasonMissing
from lots.events import (
    CeilingSet,
    SubcontractorDecided,
    SubcontractorEnded,
    SubcontractorNamed,
    UpliftDecided,
    UpliftProposed,
)
from lots.model import (
    Ceiling,
    ConsentState,
    ProviderId,
    Registration,
    RegistrationId,
    Subcontractor,
    SubcontractorId,
    Uplift,
    UpliftId,
    UpliftState,
)
from lots.rules import (
    accept_uplift,
    ceiling_on,
    check_consent,
    check_open,
    check_shares,
    check_uplift,
    london_day,
    move_consent,
    registration_on,
)
from lots.rules.days import DAY


def set_ceiling(db: Connection, ceiling: Ceiling, now: datetime) -> CeilingSet:
    """Fix the most that a council pays in a category, for a time; what held until then ends on the day before.

    Raise `OverlappingCeiling` where one begins on that day or later, within that time.
    """
    store.end_ceilings(db, ceiling.authority, ceiling.category, ceiling.valid_from - DAY)
    store.save_ceiling(db, ceiling, now)
    return CeilingSet(
        ceiling.authority,
        ceiling.id,
        ceiling.category,
        ceiling.accommodation_weekly,
        ceiling.support_hourly,
        ceiling.valid_from,
        ceiling.valid_to,
    )


def propose_uplift(db: Connection, uplift: Uplift, now: datetime) -> UpliftProposed:
    """Propose to raise a provider's prices in a category; nothing changes until it is accepted.

    Raise `NoSuchProvider`, `NoSuchEntry` where it has no prices there, `UpliftTooSoon`, or `NotNow` where one waits.
    """
    store.hold_to_change(db, uplift.provider_id)
    check_uplift(uplift, _current(db, uplift), london_day(now))
    store.add_uplift(db, uplift, now)
    return UpliftProposed(uplift.provider_id, uplift.id, uplift.category, uplift.percent, uplift.starts_on)


def decide_uplift(
    db: Connection, authority: str, uplift_id: UpliftId, note: str, now: datetime, *, accepted: bool
) -> UpliftDecided:
    """Accept an uplift, which makes a registration of its own from its day on, or refuse it with a reason.

    Accepted within the ceiling of the council that decides. Raise `NoSuchEntry`, `NotNow`, `ReasonMissing`,
    `UpliftTooSoon` or `OverCeiling`.
    """
    if not accepted and not note.strip():
        raise ReasonMissing("refuse the uplift")
    uplift = store.hold_uplift(db, uplift_id)
    if not accepted:
        check_open(uplift, "refuse")
        store.save_uplift(db, uplift_id, UpliftState.REFUSED, note, now)
        return UpliftDecided(uplift.provider_id, uplift_id, accepted=False, registration_id=None, note=note)
    store.hold_to_change(db, uplift.provider_id)
    ceiling = ceiling_on(store.ceilings(db, authority), uplift.category, uplift.starts_on)
    current = _current(db, uplift)
    after = accept_uplift(uplift, current, ceiling, RegistrationId(uuid4()), london_day(now))
    store.end_registration(db, current.id, uplift.starts_on - DAY)
    store.save_registration(db, after)
    store.save_uplift(db, uplift_id, UpliftState.ACCEPTED, note, now)
    return UpliftDecided(uplift.provider_id, uplift_id, accepted=True, registration_id=after.id, note=note)


def withdraw_uplift(db: Connection, uplift_id: UpliftId, now: datetime) -> UpliftDecided:
    """Take a proposal back. Raise `NoSuchEntry` or `NotNow`."""
    uplift = store.hold_uplift(db, uplift_id)
    check_open(uplift, "withdraw")
    store.save_uplift(db, uplift_id, UpliftState.WITHDRAWN, "", now)
    return UpliftDecided(uplift.provider_id, uplift_id, accepted=False, registration_id=None, note="")


def name_subcontractor(db: Connection, named: Subcontractor) -> SubcontractorNamed:
    """Ask a council for its consent to a sub-contractor (A18). Raise `NoSuchProvider` or `SharesAbove100`."""
    store.hold_to_change(db, named.provider_id)
    check_shares(named, store.subcontractors(db, named.authority, named.provider_id))
    store.add_subcontractor(db, named)
    return SubcontractorNamed(
        named.authority, named.provider_id, named.id, named.share, named.cost_yearly, named.starts_on
    )


def decide_subcontractor(
    db: Connection, authority: str, subcontractor_id: SubcontractorId, words: str, now: datetime, *, consented: bool
) -> SubcontractorDecided:
    """Consent to a sub-contractor in writing, before it starts, or refuse with a reason (A18).

    `words` is what is written. Raise `NoSuchEntry`, `NotNow`, `ReasonMissing` or `ConsentTooLate`.
    """
    if not words.strip():
        raise ReasonMissing("consent to the sub-contractor" if consented else "refuse the sub-contractor")
    named = store.hold_subcontractor(db, authority, subcontractor_id)
    state, today = move_consent(named.state, "consent" if consented else "refuse"), london_day(now)
    if consented:
        check_consent(named.starts_on, today)
    store.save_consent(db, authority, subcontractor_id, state, words, today if consented else None)
    return SubcontractorDecided(authority, named.provider_id, subcontractor_id, consented)


def end_subcontractor(
    db: Connection, authority: str, subcontractor_id: SubcontractorId, ended_on: date
) -> SubcontractorEnded:
    """Say which day was a sub-contractor's last (A18). Raise `NoSuchEntry` or `NotNow`."""
    named = store.hold_subcontractor(db, authority, subcontractor_id)
    state = move_consent(named.state, "end")
    assert state is ConsentState.ENDED, "there is one state to end in"
    store.save_ended(db, authority, subcontractor_id, ended_on)
    return SubcontractorEnded(authority, named.provider_id, subcontractor_id, ended_on)


def _current(db: Connection, uplift: Uplift) -> Registration:
    """Give the prices that would hold on the uplift's first day without it; raise `NoSuchEntry`."""
    held = store.registrations(db, ProviderId(uplift.provider_id))
    current = registration_on(held, uplift.category, uplift.starts_on)
    if current is None:
        raise NoSuchEntry(f"price in category {uplift.category}", uplift.provider_id)
    return current
