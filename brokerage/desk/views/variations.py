"""Variations as each party and the approver see them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of, party_of
from brokerage.desk.flow.parts import beside_agreement
from brokerage.desk.flow.variations import Effect, effect_of, variation_of
from brokerage.desk.views.awards import limit_of, people
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from lots import store as lots
from placements import store as placements
from placements.errors import PlacementsError
from placements.model import Agreement, AgreementState, Party, Terms, Variation, VariationState
from placements.rules import version_on


@dataclass(frozen=True, slots=True)
class Parties:
    """The two who sign, by name, and for which of them the asker speaks; `acts` is whether the asker may."""

    provider: str
    council: str
    mine: Party
    acts: bool

    def name(self, party: Party) -> str:
        """Name a party."""
        return self.provider if party is Party.PROVIDER else self.council


@dataclass(frozen=True, slots=True)
class VariationsPage:
    """All variations of an agreement, the last first, with the terms that a new one would follow."""

    agreement: Agreement
    parties: Parties
    terms: Terms
    variations: tuple[Variation, ...]
    reasons: Mapping[str, str]

    @property
    def open(self) -> Variation | None:
        """Give the one that is still to be decided."""
        undecided = {VariationState.PROPOSED, VariationState.AWAITING_FUNDING}
        return next((one for one in self.variations if one.state in undecided), None)


@dataclass(frozen=True, slots=True)
class VariationView:
    """One variation; `effect` is there while it is open and could come into force. Staff see `names`, no provider."""

    variation: Variation
    agreement: Agreement
    parties: Parties
    reason: str
    effect: Effect | None
    names: Mapping[UUID, str]
    limit: Decimal
    may_fund: bool
    beside: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A variation that waits for the asker: to be answered, or for its money."""

    variation: Variation
    reference: str
    provider: str


def variations_page(work: Work, agreement_id: UUID) -> VariationsPage:
    """Show what was proposed for an agreement. Raises NoSuchAgreement."""
    work.require(Permission.SEE_AGREEMENT)
    found = agreement_of(work, agreement_id)
    versions = placements.versions(work.db, found.authority, found.id)
    return VariationsPage(
        found,
        parties(work, found, Permission.VARY_AGREEMENT),
        version_on(versions, found.last_day).terms,
        placements.variations(work.db, found.authority, found.id)[::-1],
        {key: one.words for key, one in placements.reasons().variations.items()},
    )


def variation(work: Work, variation_id: UUID) -> VariationView:
    """Show one variation with what it would do. Raises NoSuchVariation."""
    work.require(Permission.SEE_AGREEMENT)
    found, one = variation_of(work, variation_id)
    effect = None
    if one.state in {VariationState.PROPOSED, VariationState.AWAITING_FUNDING}:
        with suppress(PlacementsError):  # what stands in its way is said to whoever tries to go on
            effect = effect_of(work, found, one)
    staff = party_of(work) is Party.COUNCIL
    known = placements.reasons().variations.get(one.reason)
    return VariationView(
        one,
        found,
        parties(work, found, Permission.VARY_AGREEMENT),
        known.words if known else one.reason,
        effect,
        people(work) if staff else {},
        limit_of(work) if staff else Decimal(0),
        _may_fund(work, one),
        beside_agreement(work, found) if staff else Decimal(0),
    )


def waiting(work: Work) -> tuple[Waiting, ...]:
    """List the variations of the council that wait for the asker, the oldest first."""
    decides = {
        VariationState.PROPOSED: people_rules.may(work.actor, Permission.VARY_AGREEMENT),
        VariationState.AWAITING_FUNDING: people_rules.may(work.actor, Permission.AUTHORISE_FUNDING),
    }
    found = [
        one
        for one in placements.open_variations(work.db, work.authority)
        if decides[one.state] and (one.state is not VariationState.PROPOSED or one.proposed_by is Party.PROVIDER)
    ]
    shown = []
    for one in found:
        made = placements.agreement(work.db, work.authority, one.agreement_id)
        if made.state is not AgreementState.ENDED:
            shown.append(Waiting(one, made.reference, lots.provider(work.db, made.provider_id).name))
    return tuple(shown)


def parties(work: Work, found: Agreement, of_council: Permission) -> Parties:
    """Name the parties of an agreement and say whether the asker may act for one."""
    mine = party_of(work)
    return Parties(
        lots.provider(work.db, found.provider_id).name,
        work.council(found.authority).name,
        mine,
        people_rules.may(work.actor, Permission.DELIVER if mine is Party.PROVIDER else of_council),
    )


def _may_fund(work: Work, one: Variation) -> bool:
    """Say whether the asker's word on the money is wanted."""
    if one.state is not VariationState.AWAITING_FUNDING:
        return False
    hands = {one.proposer_id, one.agreed_by, *(word.approver for word in one.funding)}
    return people_rules.may(work.actor, Permission.AUTHORISE_FUNDING) and work.actor.person_id not in hands
