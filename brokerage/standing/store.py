"""Every statement about what councils decide when standing is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from brokerage.standing.model import Cause, PlacementChoice, PlacementDecision
from brokerage.standing.tables import STANDING_DECISION, STANDING_TOUCH
from lots.model import ProviderId


def touch(db: Connection, authority: str, cause: Cause, now: datetime) -> bool:
    """Note that a council was told of a cause; say whether it had not been."""
    wanted = upsert(STANDING_TOUCH).values(
        authority=authority, cause_id=cause.id, provider_id=cause.provider_id, touched_at=now
    )
    # Asked for by RETURNING: the driver keeps no count of inserted rows.
    return db.scalar(wanted.on_conflict_do_nothing().returning(STANDING_TOUCH.c.cause_id)) is not None


def decisions(db: Connection, authority: str) -> Mapping[UUID, tuple[PlacementDecision, ...]]:
    """Read what a council decided, by agreement, the oldest first."""
    rows = db.execute(
        select(STANDING_DECISION)
        .where(STANDING_DECISION.c.authority == authority)
        .order_by(STANDING_DECISION.c.decided_at, STANDING_DECISION.c.id)
    )
    found: defaultdict[UUID, list[PlacementDecision]] = defaultdict(list)
    for row in rows:
        found[row.agreement_id].append(_decision(row))
    return {agreement: tuple(made) for agreement, made in found.items()}


def add_decision(db: Connection, decision: PlacementDecision) -> None:
    db.execute(insert(STANDING_DECISION).values(**asdict(decision) | {"choice": decision.choice.value}))


def _decision(row: Row[Any]) -> PlacementDecision:
    values = dict(row._mapping)
    return PlacementDecision(
        **values | {"choice": PlacementChoice(row.choice), "provider_id": ProviderId(row.provider_id)}
    )
