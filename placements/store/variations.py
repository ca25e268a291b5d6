"""Read and keep variations (A33, S16)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from placements.errors import NoSuchVariation, VariationOpen
from placements.model import (
    Agreement,
    AgreementId,
    CategoryDifference,
    Changes,
    FundingWord,
    Party,
    Variation,
    VariationId,
    VariationState,
)
from placements.store.agreements import constraint, hold_agreement, pairs, pairs_text
from placements.tables import VARIATION, VARIATION_FUNDING

OPEN = (VariationState.PROPOSED.value, VariationState.AWAITING_FUNDING.value)


def variations(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[Variation, ...]:
    """Read an agreement's variations by their number."""
    query = select(VARIATION).where(VARIATION.c.authority == authority, VARIATION.c.agreement_id == agreement_id)
    return _many(db, query)


def open_variations(db: Connection, authority: str) -> tuple[Variation, ...]:
    """Read the authority's variations that are still to be decided, the oldest first."""
    return _many(db, select(VARIATION).where(VARIATION.c.authority == authority, VARIATION.c.state.in_(OPEN)))


def variation(db: Connection, variation_id: VariationId) -> Variation:
    """Read a variation, whichever authority made its agreement; raise `NoSuchVariation`."""
    found = _many(db, select(VARIATION).where(VARIATION.c.id == variation_id))
    if not found:
        raise NoSuchVariation(variation_id)
    return found[0]


def hold_variation(db: Connection, authority: str, variation_id: VariationId) -> tuple[Agreement, Variation]:
    """Hold a variation and its agreement, to change them; raise `NoSuchVariation`."""
    query = select(VARIATION).where(VARIATION.c.authority == authority, VARIATION.c.id == variation_id)
    found = _many(db, query)
    if not found:
        raise NoSuchVariation(variation_id)
    agreement = hold_agreement(db, authority, found[0].agreement_id)
    # The agreement's lock is the lock of all that belongs to it; the variation is read again behind it.
    return agreement, _many(db, query)[0]


def save_variation(db: Connection, variation: Variation) -> None:
    """Add a variation; raise `VariationOpen`, after which the transaction can still be used."""
    changes, difference = variation.changes, variation.difference
    try:
        with db.begin_nested():
            db.execute(
                insert(VARIATION).values(
                    authority=variation.authority,
                    id=variation.id,
                    agreement_id=variation.agreement_id,
                    number=variation.number,
                    reason=variation.reason,
                    effective_on=variation.effective_on,
                    hours=changes.hours,
                    accommodation_weekly=changes.accommodation_weekly,
                    support_hourly=changes.support_hourly,
                    housing_benefit_weekly=changes.housing_benefit_weekly,
                    services=None if changes.services is None else pairs_text(changes.services),
                    ends_on=changes.ends_on,
                    differences=None if difference is None else difference.differences,
                    expertise=None if difference is None else difference.expertise,
                    weekly_before=variation.weekly_before,
                    weekly_after=variation.weekly_after,
                    state=variation.state.value,
                    proposed_by=variation.proposed_by.value,
                    proposer_id=variation.proposer_id,
                    proposed_at=variation.proposed_at,
                    agreed_by=variation.agreed_by,
                    agreed_at=variation.agreed_at,
                )
            )
    except IntegrityError as refused:
        if constraint(refused) != "uq_variation_one_open":
            raise
        standing = db.execute(
            select(VARIATION.c.id).where(
                VARIATION.c.authority == variation.authority,
                VARIATION.c.agreement_id == variation.agreement_id,
                VARIATION.c.state.in_(OPEN),
            )
        ).scalar_one()
        raise VariationOpen(standing) from None


def save_variation_state(db: Connection, variation: Variation) -> None:
    """Keep how far a variation has come, and the approvers' words that are new."""
    db.execute(
        update(VARIATION)
        .where(VARIATION.c.authority == variation.authority, VARIATION.c.id == variation.id)
        .values(state=variation.state.value, agreed_by=variation.agreed_by, agreed_at=variation.agreed_at)
    )
    kept = set(
        db.execute(
            select(VARIATION_FUNDING.c.approver).where(
                VARIATION_FUNDING.c.authority == variation.authority, VARIATION_FUNDING.c.variation_id == variation.id
            )
        ).scalars()
    )
    for word in variation.funding:
        if word.approver not in kept:
            db.execute(
                insert(VARIATION_FUNDING).values(
                    authority=variation.authority, variation_id=variation.id, approver=word.approver, said_at=word.at
                )
            )


def _many(db: Connection, query: Select[Any]) -> tuple[Variation, ...]:
    rows = db.execute(query.order_by(VARIATION.c.proposed_at, VARIATION.c.number)).all()
    words: defaultdict[UUID, list[FundingWord]] = defaultdict(list)
    if rows:
        for row in db.execute(
            select(VARIATION_FUNDING)
            .where(
                VARIATION_FUNDING.c.authority == rows[0].authority,
                VARIATION_FUNDING.c.variation_id.in_([row.id for row in rows]),
            )
            .order_by(VARIATION_FUNDING.c.said_at, VARIATION_FUNDING.c.approver)
        ):
            words[row.variation_id].append(FundingWord(row.approver, row.said_at))
    return tuple(_variation(row, tuple(words[row.id])) for row in rows)


def _variation(row: Row[Any], funding: tuple[FundingWord, ...]) -> Variation:
    return Variation(
        authority=row.authority,
        id=VariationId(row.id),
        agreement_id=AgreementId(row.agreement_id),
        number=row.number,
        reason=row.reason,
        changes=Changes(
            hours=row.hours,
            accommodation_weekly=row.accommodation_weekly,
            support_hourly=row.support_hourly,
            housing_benefit_weekly=row.housing_benefit_weekly,
            services=None if row.services is None else pairs(row.services),
            ends_on=row.ends_on,
        ),
        difference=None if row.differences is None else CategoryDifference(row.differences, row.expertise),
        effective_on=row.effective_on,
        weekly_before=row.weekly_before,
        weekly_after=row.weekly_after,
        state=VariationState(row.state),
        proposed_by=Party(row.proposed_by),
        proposer_id=row.proposer_id,
        proposed_at=row.proposed_at,
        agreed_by=row.agreed_by,
        agreed_at=row.agreed_at,
        funding=funding,
    )
