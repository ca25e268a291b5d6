"""Differences of category, and the prices agreed for them (A11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from brokerage.competitions.errors import DifferenceOpen, NoSuchDifference
from brokerage.competitions.model import Difference, DifferenceId, DifferenceState, InvitationId
from brokerage.competitions.tables import DIFFERENCE
from lots.model import Price, ProviderId


def add_difference(db: Connection, found: Difference) -> None:
    """Keep a difference; raise DifferenceOpen where one is open or agreed: the index decides a race."""
    try:
        with db.begin_nested():
            db.execute(
                insert(DIFFERENCE).values(
                    authority=found.authority,
                    id=found.id,
                    competition_id=found.competition_id,
                    invitation_id=found.invitation_id,
                    provider_id=found.provider_id,
                    differences=found.differences,
                    expertise=found.expertise,
                    accommodation_weekly=found.price.accommodation_weekly,
                    support_hourly=found.price.support_hourly,
                    state=found.state.value,
                    by_provider=found.by_provider,
                    proposed_by=found.proposed_by,
                    proposed_at=found.proposed_at,
                )
            )
    except IntegrityError as refused:
        taken = {DifferenceState.PROPOSED, DifferenceState.AGREED}
        others = differences(db, found.authority, found.competition_id)
        if not any(one.invitation_id == found.invitation_id and one.state in taken for one in others):
            raise
        raise DifferenceOpen from refused


def save_difference(db: Connection, found: Difference) -> None:
    db.execute(
        update(DIFFERENCE)
        .where(DIFFERENCE.c.authority == found.authority, DIFFERENCE.c.id == found.id)
        .values(state=found.state.value, answered_by=found.answered_by, answered_at=found.answered_at)
    )


def difference(db: Connection, difference_id: UUID) -> Difference:
    """Give a difference, whichever authority's. Raises NoSuchDifference."""
    found = _many(db, select(DIFFERENCE).where(DIFFERENCE.c.id == difference_id))
    if not found:
        raise NoSuchDifference
    return found[0]


def differences(db: Connection, authority: str, competition_id: UUID) -> tuple[Difference, ...]:
    """List the differences of a competition, the oldest first."""
    return _many(
        db,
        select(DIFFERENCE).where(DIFFERENCE.c.authority == authority, DIFFERENCE.c.competition_id == competition_id),
    )


def agreed_price(db: Connection, authority: str, invitation_id: UUID) -> Price | None:
    """Give the price that was agreed for a difference with this invitee, if one was."""
    row = db.execute(
        select(DIFFERENCE.c.accommodation_weekly, DIFFERENCE.c.support_hourly).where(
            DIFFERENCE.c.authority == authority,
            DIFFERENCE.c.invitation_id == invitation_id,
            DIFFERENCE.c.state == DifferenceState.AGREED.value,
        )
    ).one_or_none()
    return None if row is None else Price(row.accommodation_weekly, row.support_hourly)


def _many(db: Connection, query: Select[Any]) -> tuple[Difference, ...]:
    rows = db.execute(query.order_by(DIFFERENCE.c.proposed_at, DIFFERENCE.c.id)).mappings()
    return tuple(_difference(row) for row in rows)


def _difference(row: Mapping[Any, Any]) -> Difference:
    return Difference(
        row["authority"],
        DifferenceId(row["id"]),
        row["competition_id"],
        InvitationId(row["invitation_id"]),
        ProviderId(row["provider_id"]),
        row["differences"],
        row["expertise"],
        Price(row["accommodation_weekly"], row["support_hourly"]),
        DifferenceState(row["state"]),
        row["by_provider"],
        row["proposed_by"],
        row["proposed_at"],
        row["answered_by"],
        row["answered_at"],
    )
