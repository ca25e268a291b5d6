"""Rounds of negotiation on bespoke packages (A10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from brokerage.competitions.errors import NoSuchRound
from brokerage.competitions.model import InvitationId, Package, Round, RoundId, RoundState
from brokerage.competitions.tables import ROUND
from lots.model import Price, ProviderId


def add_round(db: Connection, found: Round) -> None:
    """Keep a proposal; the caller holds its competition, so that its number is the next."""
    db.execute(
        insert(ROUND).values(
            authority=found.authority,
            id=found.id,
            competition_id=found.competition_id,
            invitation_id=found.invitation_id,
            provider_id=found.provider_id,
            number=found.number,
            hours=found.package.hours,
            accommodation_weekly=found.package.price.accommodation_weekly,
            support_hourly=found.package.price.support_hourly,
            words=found.words,
            state=found.state.value,
            by_provider=found.by_provider,
            proposed_by=found.proposed_by,
            proposed_at=found.proposed_at,
        )
    )


def save_round(db: Connection, found: Round) -> None:
    db.execute(
        update(ROUND)
        .where(ROUND.c.authority == found.authority, ROUND.c.id == found.id)
        .values(state=found.state.value, answered_by=found.answered_by, answered_at=found.answered_at)
    )


def round_of(db: Connection, round_id: UUID) -> Round:
    """Find a round by its id alone; the walls keep others' away. Raises NoSuchRound."""
    row = db.execute(select(ROUND).where(ROUND.c.id == round_id)).mappings().one_or_none()
    if row is None:
        raise NoSuchRound
    return _round(row)


def rounds(db: Connection, authority: str, competition_id: UUID) -> tuple[Round, ...]:
    """List the rounds of a competition, bidder by bidder as they were proposed."""
    wanted = select(ROUND).where(ROUND.c.authority == authority, ROUND.c.competition_id == competition_id)
    rows = db.execute(wanted.order_by(ROUND.c.invitation_id, ROUND.c.number)).mappings()
    return tuple(_round(row) for row in rows)


def _round(row: Mapping[Any, Any]) -> Round:
    return Round(
        row["authority"],
        RoundId(row["id"]),
        row["competition_id"],
        InvitationId(row["invitation_id"]),
        ProviderId(row["provider_id"]),
        row["number"],
        Package(row["hours"], Price(row["accommodation_weekly"], row["support_hourly"])),
        row["words"],
        RoundState(row["state"]),
        row["by_provider"],
        row["proposed_by"],
        row["proposed_at"],
        row["answered_by"],
        row["answered_at"],
    )
