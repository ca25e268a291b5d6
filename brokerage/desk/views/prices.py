"""Rate cards, ceilings, proposals and sub-contractors (A13, A16, A18, A22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.model import Permission
from brokerage.standing import rules as standing_rules
from brokerage.standing.model import Cause
from lots import rules as lot_rules
from lots import store as lots
from lots.errors import NoSuchEntry
from lots.model import (
    CategoryCode,
    Ceiling,
    Price,
    Provider,
    ProviderId,
    Registration,
    Subcontractor,
    Uplift,
    UpliftId,
    UpliftState,
    Wants,
)


@dataclass(frozen=True, slots=True)
class RateLine:
    """One category on one day: what holds, what comes next, and what the council pays at most (staff only)."""

    category: CategoryCode
    held: Registration | None
    coming: Registration | None
    ceiling: Ceiling | None

    @property
    def above(self) -> frozenset[Wants]:
        """Say which of the prices are above the council's ceiling."""
        if self.held is None:
            return frozenset()
        return frozenset(item for item, _, _ in lot_rules.over_ceiling(self.held.tendered, self.ceiling))


@dataclass(frozen=True, slots=True)
class RateCard:
    """A provider's prices as they hold on a day; `causes` is what keeps it out of new work today."""

    provider: Provider
    on: date
    today: date
    lines: tuple[RateLine, ...]
    uplifts: tuple[Uplift, ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class UpliftView:
    """A proposal beside the prices it would raise, as they are and as they would be."""

    uplift: Uplift
    provider: Provider
    before: Price | None
    after: Price | None
    ceiling: Ceiling | None


@dataclass(frozen=True, slots=True)
class NamedSubcontractor:
    subcontractor: Subcontractor
    provider: str
    council: str


def rate_card(work: Work, provider_id: UUID | None, on: date | None) -> RateCard:
    """Show a firm its own prices, or a council's staff anybody's, on a day. Raises NoSuchProvider."""
    most: tuple[Ceiling, ...] = ()
    if work.actor.provider_id is not None:
        work.require(Permission.BID)
        own = ProviderId(work.actor.provider_id)
    else:
        work.require(Permission.SEE_REGISTER)
        assert provider_id is not None, "a council names the firm"
        own, most = ProviderId(provider_id), lots.ceilings(work.db, work.authority)
    provider, day = lots.provider(work.db, own), on or work.today
    held = lots.registrations(work.db, own)
    lines = tuple(
        RateLine(
            code,
            lot_rules.registration_on(held, code, day),
            next((one for one in held if one.category is code and one.valid_from > day), None),
            lot_rules.ceiling_on(most, code, day),
        )
        for code in CategoryCode
        if any(one.category is code for one in held)
    )
    return RateCard(
        provider,
        day,
        work.today,
        lines,
        lots.uplifts(work.db, own),
        standing_rules.causes(provider, work.today),
    )


def open_uplifts(work: Work) -> tuple[UpliftView, ...]:
    """List the proposals that wait for a decision, for those who may see the register."""
    work.require(Permission.SEE_REGISTER)
    return tuple(_beside(work, one) for one in lots.open_uplifts(work.db))


def uplift(work: Work, uplift_id: UUID) -> UpliftView:
    """Show one proposal to who decides about it. Raises NoSuchEntry."""
    work.require(Permission.SET_PRICES)
    return _beside(work, lots.uplift(work.db, UpliftId(uplift_id)))


def ceilings(work: Work) -> tuple[Ceiling, ...]:
    """List the council's ceilings, past and coming ones too."""
    work.require(Permission.SEE_REGISTER)
    return lots.ceilings(work.db, work.authority)


def subcontractors(work: Work) -> tuple[NamedSubcontractor, ...]:
    """List the sub-contractors of the own firm, or those named to the council."""
    names = {one.key: one.name for one in people_store.authorities(work.db)}
    firms = {one.id: one.name for one in lots.providers(work.db)}
    if work.actor.provider_id is not None:
        work.require(Permission.BID)
        found = lots.subcontractors_of(work.db, ProviderId(work.actor.provider_id))
    else:
        work.require(Permission.SEE_REGISTER)
        found = lots.subcontractors_to(work.db, work.authority)
    return tuple(NamedSubcontractor(one, firms[one.provider_id], names[one.authority]) for one in found)


def subcontractor(work: Work, subcontractor_id: UUID) -> NamedSubcontractor:
    """Show one sub-contractor that concerns the asker. Raises NoSuchEntry."""
    for one in subcontractors(work):
        if one.subcontractor.id == subcontractor_id:
            return one
    raise NoSuchEntry("sub-contractor", subcontractor_id)


def _beside(work: Work, proposed: Uplift) -> UpliftView:
    held = lots.registrations(work.db, proposed.provider_id)
    eve = proposed.starts_on - lot_rules.DAY if proposed.state is UpliftState.ACCEPTED else proposed.starts_on
    current = lot_rules.registration_on(held, proposed.category, eve)
    ceiling = lot_rules.ceiling_on(lots.ceilings(work.db, work.authority), proposed.category, proposed.starts_on)
    before = current.tendered if current else None
    after = lot_rules.uplifted(before, proposed.percent) if before else None
    return UpliftView(proposed, lots.provider(work.db, proposed.provider_id), before, after, ceiling)
