"""Concerns and incidents with their clocks (A38)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of, party_of
from brokerage.desk.flow.concerns import concern_of
from brokerage.desk.views.awards import people
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from lots import store as lots
from placements import store as placements
from placements.model import Agreement, AgreementId, Concern, Party


@dataclass(frozen=True, slots=True)
class ConcernView:
    """One concern, its agreement, and who of the council acknowledged it; `may_acknowledge` is about the asker."""

    concern: Concern
    agreement: Agreement
    provider: str
    council: str
    acknowledged_by: str
    may_acknowledge: bool
    of_council: bool


@dataclass(frozen=True, slots=True)
class ConcernsView:
    """What was told about an agreement, the newest first; `may_raise` is about the asker."""

    agreement: Agreement
    provider: str
    council: str
    office_phone: str
    concerns: tuple[Concern, ...]
    may_raise: bool


@dataclass(frozen=True, slots=True)
class OpenConcern:
    """A concern that waits for the council, with its agreement's reference."""

    concern: Concern
    reference: str


def concerns(work: Work, agreement_id: UUID) -> ConcernsView:
    """Show what was told about an agreement to its council's staff or its provider (A38). Raises NoSuchAgreement."""
    work.require(Permission.SEE_AGREEMENT)
    found = agreement_of(work, agreement_id)
    council = work.council(found.authority)
    return ConcernsView(
        found,
        lots.provider(work.db, found.provider_id).name,
        council.name,
        council.office_phone,
        placements.concerns(work.db, found.authority, found.id)[::-1],
        people_rules.may(work.actor, Permission.DELIVER),
    )


def concern(work: Work, concern_id: UUID) -> ConcernView:
    """Show one concern to its council's staff or its provider (A38). Raises NoSuchConcern."""
    work.require(Permission.SEE_AGREEMENT)
    found = concern_of(work, concern_id)
    agreement = placements.agreement(work.db, found.authority, found.agreement_id)
    of_council = party_of(work) is Party.COUNCIL
    names = people(work) if of_council else {}
    return ConcernView(
        found,
        agreement,
        lots.provider(work.db, agreement.provider_id).name,
        work.council(found.authority).name,
        names.get(found.acknowledged_by, "") if found.acknowledged_by is not None else "",
        people_rules.may(work.actor, Permission.ACKNOWLEDGE_CONCERN),
        of_council,
    )


def open_concerns(work: Work) -> tuple[OpenConcern, ...]:
    """List the concerns that nobody has acknowledged, the most pressing first (A38)."""
    work.require(Permission.ACKNOWLEDGE_CONCERN)
    waiting = placements.open_concerns(work.db, work.authority)
    ids = {AgreementId(one.agreement_id) for one in waiting}
    references = placements.references(work.db, work.authority, ids)
    return tuple(OpenConcern(one, references[one.agreement_id]) for one in waiting)
