"""Prices and sub-contractors: a firm proposes, a council decides (A13, A18, A22)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from brokerage.desk.flow.standing import require_keeper
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.errors import NoSuchAuthority, NotSignedIn
from brokerage.people.model import Permission
from lots import service as register
from lots import store as lots
from lots.errors import NoSuchEntry
from lots.events import (
    CeilingSet,
    SubcontractorDecided,
    SubcontractorEnded,
    SubcontractorNamed,
    UpliftDecided,
    UpliftProposed,
)
from lots.model import (
    CategoryCode,
    Ceiling,
    CeilingId,
    Price,
    ProviderId,
    Subcontractor,
    SubcontractorId,
    Uplift,
    UpliftId,
)


def set_ceiling(
    work: Work, category: CategoryCode, price: Price, valid_from: date, valid_to: date | None
) -> CeilingSet:
    """Fix the most that the council pays in a category; what held ends on the day before. Raises OverlappingCeiling."""
    work.require(Permission.SET_PRICES)
    ceiling = Ceiling(
        work.authority,
        CeilingId(uuid4()),
        category,
        price.accommodation_weekly,
        price.support_hourly,
        valid_from,
        valid_to,
    )
    event = register.set_ceiling(work.db, ceiling, work.now)
    work.record(event, None)
    return event


def propose_uplift(
    work: Work, category: CategoryCode, percent: Decimal, starts_on: date, reason: str
) -> UpliftProposed:
    """Propose to raise the own firm's prices. Raises NoSuchEntry, UpliftTooSoon, NotNow."""
    work.require(Permission.MANAGE_FIRM)
    uplift = Uplift(UpliftId(uuid4()), own_firm(work), category, percent, starts_on, reason)
    event = register.propose_uplift(work.db, uplift, work.now)
    work.record(event, None)
    return event


def withdraw_uplift(work: Work, uplift_id: UUID) -> UpliftDecided:
    """Take the own firm's proposal back. Raises NoSuchEntry, NotNow."""
    work.require(Permission.MANAGE_FIRM)
    if lots.hold_uplift(work.db, UpliftId(uplift_id)).provider_id != own_firm(work):
        raise NoSuchEntry("uplift", uplift_id)
    event = register.withdraw_uplift(work.db, UpliftId(uplift_id), work.now)
    work.record(event, None)
    return event


def decide_uplift(work: Work, uplift_id: UUID, note: str, *, accepted: bool) -> UpliftDecided:
    """Accept or refuse a proposal, for the register.

    Raises KeptElsewhere, NoSuchEntry, NotNow, ReasonMissing, UpliftTooSoon, OverCeiling.
    """
    work.require(Permission.SET_PRICES)
    require_keeper(work)
    event = register.decide_uplift(work.db, work.authority, UpliftId(uplift_id), note, work.now, accepted=accepted)
    work.record(event, None)
    return event


def name_subcontractor(
    work: Work, authority: str, name: str, service: str, share: Decimal, cost_yearly: Decimal, starts_on: date
) -> SubcontractorNamed:
    """Ask a council for its consent to a sub-contractor. Raises NoSuchAuthority, SharesAbove100."""
    work.require(Permission.MANAGE_FIRM)
    if people_store.authority(work.db, authority) is None:
        raise NoSuchAuthority(authority)
    named = Subcontractor(
        authority, SubcontractorId(uuid4()), own_firm(work), name, service, share, cost_yearly, starts_on
    )
    event = register.name_subcontractor(work.db, named)
    work.record(event, None)
    return event


def decide_subcontractor(work: Work, subcontractor_id: UUID, words: str, *, consented: bool) -> SubcontractorDecided:
    """Consent in writing, or refuse with a reason. Raises NoSuchEntry, NotNow, ReasonMissing, ConsentTooLate."""
    work.require(Permission.CONSENT_SUBCONTRACTOR)
    event = register.decide_subcontractor(
        work.db, work.authority, SubcontractorId(subcontractor_id), words, work.now, consented=consented
    )
    work.record(event, None)
    return event


def end_subcontractor(work: Work, subcontractor_id: UUID, ended_on: date) -> SubcontractorEnded:
    """Say which day was the last of the own firm's sub-contractor. Raises NoSuchEntry, NotNow."""
    work.require(Permission.MANAGE_FIRM)
    mine = {one.id: one for one in lots.subcontractors_of(work.db, own_firm(work))}
    found = mine.get(SubcontractorId(subcontractor_id))
    if found is None:
        raise NoSuchEntry("sub-contractor", subcontractor_id)
    event = register.end_subcontractor(work.db, found.authority, found.id, ended_on)
    work.record(event, None)
    return event


def own_firm(work: Work) -> ProviderId:
    """Give the firm that the asker works for. Raises NotSignedIn for anybody else."""
    if work.actor.provider_id is None:
        raise NotSignedIn
    return ProviderId(work.actor.provider_id)
