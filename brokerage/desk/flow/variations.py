"""Changes of an agreement: proposed by one party, agreed by the other, funded where they cost more (A11, A33, S16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from brokerage.desk.flow.agreements import FULL_AGE, agreement_of
from brokerage.desk.flow.beds import free_bed
from brokerage.desk.flow.parties import for_both, hold, speaker, speaks, young_person_of
from brokerage.desk.flow.parts import beside_agreement
from brokerage.desk.work import Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.people.store import person
from brokerage.referrals import store as referral_store
from lots import store as lots
from lots.events import StayEnded, StayFreed
from lots.model import Category
from matrix.rules import birthday
from placements import rules, store
from placements.errors import NoSuchAgreement, NoSuchReason, NoSuchVariation, VariationOpen
from placements.events import AgreementVaried, VariationAwaitsFunding, VariationDropped, VariationProposed
from placements.model import (
    Agreement,
    CategoryDifference,
    Changes,
    Terms,
    Variation,
    VariationId,
    VariationState,
    Version,
)
from placements.rules import Ledger
from placements.service import variations as placements

OPEN = (VariationState.PROPOSED, VariationState.AWAITING_FUNDING)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a party proposes: coded reason, changes, the difference of category where one is recorded, first day."""

    reason: str
    changes: Changes
    difference: CategoryDifference | None
    effective_on: date


@dataclass(frozen=True, slots=True)
class Effect:
    """What a variation would do: terms and last day before and after, and what is paid from its first day on.

    Both ledgers run from the first day of the variation to the later of the two last days, so that they compare.
    """

    before: Terms
    after: Terms
    ends_before: date
    ends_after: date
    paid_before: Ledger
    paid_after: Ledger
    needs_funding: bool


def weigh_variation(work: Work, agreement_id: UUID, proposal: Proposal) -> tuple[Proposal, Effect]:
    """Say what a proposal would do, in the words that both will read; nothing is kept.

    Raises what `propose_variation` raises.
    """
    found, _, _ = speaks(work, agreement_id, Permission.VARY_AGREEMENT)
    standing = next((one for one in store.variations(work.db, found.authority, found.id) if one.state in OPEN), None)
    if standing is not None:
        raise VariationOpen(standing.id)
    book = store.reasons()
    if proposal.reason not in book.variations:
        raise NoSuchReason(proposal.reason)
    proposal = _said(work, found, proposal)
    rules.check_reason(book.variations[proposal.reason], proposal.difference)
    category, turns_18_on = _limits(work, found)
    rules.check_new_end(found, proposal.changes, category, turns_18_on)
    return proposal, _effect(work, found, proposal.changes, proposal.difference, proposal.effective_on)


def effect_of(work: Work, found: Agreement, variation: Variation) -> Effect:
    """Say what an open variation would do as things stand; raises the refusals of `next_version`."""
    return _effect(work, found, variation.changes, variation.difference, variation.effective_on)


def propose_variation(work: Work, agreement_id: UUID, proposal: Proposal) -> VariationProposed:
    """Propose to change an agreement from a day on, for either party (A33).

    Raises NoSuchReason, DifferenceNeeded, VariationOpen, IdentityWouldShow, and the refusals of `next_version` and
    `check_new_end`.
    """
    found, party, person_id = speaks(work, agreement_id, Permission.VARY_AGREEMENT)
    found = hold(work, found)
    proposal = _said(work, found, proposal)
    category, turns_18_on = _limits(work, found)
    event = placements.propose_variation(
        work.db,
        found.authority,
        found.id,
        proposal.reason,
        proposal.changes,
        proposal.difference,
        proposal.effective_on,
        category,
        turns_18_on,
        party,
        person_id,
        work.now,
        store.reasons(),
    )
    work.record(event, found.referral_id)
    return event


def agree_variation(work: Work, variation_id: UUID) -> AgreementVaried | VariationAwaitsFunding:
    """Agree a variation as the party that did not propose it; it is in force, or waits for its money (A33, S16)."""
    party, person_id = speaker(work, Permission.VARY_AGREEMENT)
    found, variation = variation_of(work, variation_id)
    found = hold(work, found)
    event = placements.agree_variation(work.db, found.authority, variation.id, party, person_id, work.now)
    return _followed(work, found, event)


def refuse_variation(work: Work, variation_id: UUID) -> VariationDropped:
    """Refuse a variation as the party that did not propose it (A33)."""
    party, person_id = speaker(work, Permission.VARY_AGREEMENT)
    found, variation = variation_of(work, variation_id)
    _, variation = _hold(work, found, variation)
    rules.check_answer(variation, party)
    event = placements.refuse_variation(work.db, found.authority, variation.id, person_id, work.now)
    work.record(event, found.referral_id)
    return event


def withdraw_variation(work: Work, variation_id: UUID) -> VariationDropped:
    """Take a proposal back, as the party that made it and before it is in force (A33)."""
    party, person_id = speaker(work, Permission.VARY_AGREEMENT)
    found, variation = variation_of(work, variation_id)
    _, variation = _hold(work, found, variation)
    rules.check_withdrawal(variation, party)
    event = placements.withdraw_variation(work.db, found.authority, variation.id, person_id, work.now)
    work.record(event, found.referral_id)
    return event


def fund_variation(
    work: Work, variation_id: UUID, *, authorise: bool
) -> AgreementVaried | VariationAwaitsFunding | VariationDropped:
    """Authorise or refuse what a variation costs above what was funded, as somebody else's hand (S16).

    Above the approver's weekly limit a second approver decides with the first. Raises SameHand, NotNow.
    """
    work.require(Permission.AUTHORISE_FUNDING)
    found, variation = variation_of(work, variation_id)
    approver = person(work.db, work.person_id)
    if approver is None:
        raise NotSignedIn
    if found.part is not None:
        # Both parts' money in one order, as opening an agreement holds them: the limit is held against both (S16, A23).
        referral_store.hold(work.db, found.authority, found.referral_id)
    found, variation = _hold(work, found, variation)
    if not authorise:
        rules.check_money_open(variation)
        dropped = placements.refuse_variation(work.db, found.authority, variation.id, approver.id, work.now)
        work.record(dropped, found.referral_id)
        return dropped
    limit = (approver.weekly_limit or Decimal(0)) - beside_agreement(work, found)
    event = placements.fund_variation(work.db, found.authority, variation.id, approver.id, limit, work.now)
    return _followed(work, found, event)


def variation_of(work: Work, variation_id: UUID) -> tuple[Agreement, Variation]:
    """Find a variation of an agreement that concerns the asker. Raises NoSuchVariation for any other."""
    found = store.variation(work.db, VariationId(variation_id))
    try:
        return agreement_of(work, found.agreement_id), found
    except NoSuchAgreement:
        raise NoSuchVariation(variation_id) from None


def _followed(
    work: Work, found: Agreement, event: AgreementVaried | VariationAwaitsFunding
) -> AgreementVaried | VariationAwaitsFunding:
    """Record what came of a word; a new last day is the bed's too."""
    freed: tuple[StayEnded | StayFreed, ...] = ()
    if isinstance(event, AgreementVaried) and event.ends_on != found.ends_on:
        freed = free_bed(work, found, event.ends_on)
    for each in (event, *freed):
        work.record(each, found.referral_id)
    return event


def _hold(work: Work, found: Agreement, variation: Variation) -> tuple[Agreement, Variation]:
    held = store.hold_variation(work.db, found.authority, variation.id)
    work.tick()
    return held


def _said(work: Work, found: Agreement, proposal: Proposal) -> Proposal:
    """Give a proposal as both parties will read it: redacted, and saying only what it changes."""
    changes, difference = proposal.changes, proposal.difference
    if changes.services is not None:
        services = tuple((key, for_both(work, found, text)) for key, text in changes.services)
        changes = replace(changes, services=services)
    if difference is not None:
        difference = CategoryDifference(
            for_both(work, found, difference.differences), for_both(work, found, difference.expertise)
        )
    last = _last(store.versions(work.db, found.authority, found.id))
    changes = rules.what_changes(changes, last.terms, found.ends_on)
    return replace(proposal, changes=changes, difference=difference)


def _effect(
    work: Work, found: Agreement, changes: Changes, difference: CategoryDifference | None, effective_on: date
) -> Effect:
    versions = store.versions(work.db, found.authority, found.id)
    new = rules.next_version(found, versions, VariationId(found.id), changes, difference, effective_on, work.now)
    until = max(found.ends_on, new.ends_on)
    return Effect(
        _last(versions).terms,
        new.terms,
        found.ends_on,
        new.ends_on,
        rules.ledger(versions, effective_on, until),
        rules.ledger(rules.closed_by(versions, new), effective_on, until),
        rules.needs_funding(found, new.terms.weekly_cost),
    )


def _last(versions: tuple[Version, ...]) -> Version:
    """Give the version that a new one follows."""
    return rules.version_on(versions, date.max)


def _limits(work: Work, found: Agreement) -> tuple[Category, date | None]:
    """Give the category of an agreement, and the 18th birthday while it is still to come."""
    eighteen = birthday(young_person_of(work, found).date_of_birth, FULL_AGE)
    return lots.category(found.terms.category), eighteen if eighteen > work.today else None
