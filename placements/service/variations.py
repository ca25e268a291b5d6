"""Propose variations, agree and fund them, and bring them into force (A11, A33, S16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import Connection

from lots.model import Category
from placements import rules, store
from placements.errors import NoSuchReason
from placements.events import AgreementVaried, VariationAwaitsFunding, VariationDropped, VariationProposed
from placements.model import (
    Agreement,
    AgreementId,
    CategoryDifference,
    Changes,
    Party,
    ReasonBook,
    Review,
    ReviewId,
    Variation,
    VariationId,
    VariationState,
    VariationVerb,
)
from placements.service.agreements import about
from placements.service.reviews import replan_reviews


def propose_variation(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    reason: str,
    changes: Changes,
    difference: CategoryDifference | None,
    effective_on: date,
    category: Category,
    turns_18_on: date | None,
    party: Party,
    person_id: UUID,
    now: datetime,
    book: ReasonBook,
) -> VariationProposed:
    """Propose to change an agreement from a day on (A33); the proposer agrees to it.

    `turns_18_on` is `None` for who is 18 already. Raise `NoSuchAgreement`, `NoSuchReason`, `DifferenceNeeded`,
    `VariationOpen`, or the refusals of `next_version` and `check_new_end`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    if reason not in book.variations:
        raise NoSuchReason(reason)
    rules.check_reason(book.variations[reason], difference)
    versions = store.versions(db, authority, agreement_id)
    variation_id = VariationId(uuid4())
    version = rules.next_version(agreement, versions, variation_id, changes, difference, effective_on, now)
    rules.check_new_end(agreement, changes, category, turns_18_on)
    variation = Variation(
        authority=authority,
        id=variation_id,
        agreement_id=agreement_id,
        number=len(store.variations(db, authority, agreement_id)) + 1,
        reason=reason,
        changes=changes,
        difference=difference,
        effective_on=effective_on,
        weekly_before=rules.version_on(versions, effective_on).terms.weekly_cost,
        weekly_after=version.terms.weekly_cost,
        state=VariationState.PROPOSED,
        proposed_by=party,
        proposer_id=person_id,
        proposed_at=now,
    )
    store.save_variation(db, variation)
    return VariationProposed(
        **about(agreement),
        variation_id=variation.id,
        number=variation.number,
        reason_code=reason,
        proposed_by=party,
        proposer_id=person_id,
        effective_on=effective_on,
        weekly_before=variation.weekly_before,
        weekly_after=variation.weekly_after,
    )


def agree_variation(
    db: Connection,
    authority: str,
    variation_id: VariationId,
    party: Party,
    person_id: UUID,
    now: datetime,
    closure_days: frozenset[date] = rules.NO_CLOSURES,
) -> AgreementVaried | VariationAwaitsFunding:
    """Agree a variation for the other party; it is in force, or waits for its money (A33, S16).

    Raise `NoSuchVariation`, `NotNow`, `OwnProposal`, or the refusals of `next_version`: the agreement may have ended.
    """
    agreement, variation = store.hold_variation(db, authority, variation_id)
    variation = rules.agree_variation(agreement, variation, party, person_id, now)
    return _agreed(db, agreement, variation, now, closure_days)


def fund_variation(
    db: Connection,
    authority: str,
    variation_id: VariationId,
    approver: UUID,
    limit: Decimal,
    now: datetime,
    closure_days: frozenset[date] = rules.NO_CLOSURES,
) -> AgreementVaried | VariationAwaitsFunding:
    """Authorise a variation's weekly cost; above the approver's limit a second one decides with the first (S16).

    Raise `NoSuchVariation`, `NotNow`, `SameHand`, or the refusals of `next_version`.
    """
    agreement, variation = store.hold_variation(db, authority, variation_id)
    variation = rules.fund_variation(variation, approver, limit, now)
    return _agreed(db, agreement, variation, now, closure_days)


def refuse_variation(
    db: Connection, authority: str, variation_id: VariationId, person_id: UUID, now: datetime
) -> VariationDropped:
    """Refuse a variation, as the other party or as the one who holds the money (A33).

    Raise `NoSuchVariation` or `NotNow`.
    """
    return _dropped(db, authority, variation_id, VariationVerb.REFUSE, person_id)


def withdraw_variation(
    db: Connection, authority: str, variation_id: VariationId, person_id: UUID | None, now: datetime
) -> VariationDropped:
    """Take a proposal back before it is in force (A33), or let it fall with its agreement; that is by nobody.

    Raise `NoSuchVariation` or `NotNow`.
    """
    return _dropped(db, authority, variation_id, VariationVerb.WITHDRAW, person_id)


def _agreed(
    db: Connection, agreement: Agreement, variation: Variation, now: datetime, closure_days: frozenset[date]
) -> AgreementVaried | VariationAwaitsFunding:
    """Save what was agreed, and bring it into force where nothing is left to decide."""
    versions = store.versions(db, agreement.authority, agreement.id)
    new = rules.next_version(
        agreement, versions, variation.id, variation.changes, variation.difference, variation.effective_on, now
    )
    store.save_variation_state(db, variation)
    agreed_by = variation.agreed_by
    assert agreed_by is not None
    if variation.state is VariationState.AWAITING_FUNDING:
        return VariationAwaitsFunding(
            **about(agreement),
            variation_id=variation.id,
            agreed_by=agreed_by,
            weekly_after=variation.weekly_after,
            funded_weekly=agreement.funded_weekly or Decimal(0),
            supported_by=tuple(word.approver for word in variation.funding),
        )
    store.save_versions(db, agreement, rules.closed_by(versions, new))
    funded = max(agreement.funded_weekly or Decimal(0), variation.weekly_after)
    varied = replace(agreement, ends_on=new.ends_on, funded_weekly=funded)
    store.save_agreement_state(db, varied)
    dropped: tuple[ReviewId, ...] = ()
    planned: tuple[Review, ...] = ()
    if new.ends_on != agreement.ends_on:
        days = rules.series_of(varied, closure_days)
        dropped, planned = replan_reviews(db, varied, days, min(agreement.ends_on, new.ends_on))
    return AgreementVaried(
        **about(agreement),
        variation_id=variation.id,
        version=new.number,
        reason_code=variation.reason,
        agreed_by=agreed_by,
        funded_by=tuple(word.approver for word in variation.funding),
        effective_on=new.from_on,
        ends_on=new.ends_on,
        hours=new.terms.hours,
        weekly_before=variation.weekly_before,
        weekly_after=variation.weekly_after,
        dropped=dropped,
        planned=tuple(one.due_on for one in planned),
        planned_ids=tuple(one.id for one in planned),
    )


def _dropped(
    db: Connection, authority: str, variation_id: VariationId, verb: VariationVerb, person_id: UUID | None
) -> VariationDropped:
    agreement, variation = store.hold_variation(db, authority, variation_id)
    state = rules.move_variation(variation.state, verb)
    store.save_variation_state(db, replace(variation, state=state))
    return VariationDropped(**about(agreement), variation_id=variation.id, state=state, person_id=person_id)
