"""Read and keep evidence (A14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from lots.errors import NoSuchEntry
from lots.model import Evidence, EvidenceId, EvidenceKind, EvidenceState, ProviderId
from lots.store.catalogue import evidence_kinds
from lots.tables import EVIDENCE


def evidence(db: Connection, provider_id: ProviderId) -> tuple[Evidence, ...]:
    """Read everything that a provider put forward, newest first."""
    rows = db.execute(
        select(EVIDENCE)
        .where(EVIDENCE.c.provider_id == provider_id)
        .order_by(EVIDENCE.c.offered_at.desc(), EVIDENCE.c.kind, EVIDENCE.c.id)
    )
    return tuple(map(_evidence, rows))


def one_evidence(db: Connection, evidence_id: UUID) -> Evidence:
    """Read one piece; raise `NoSuchEntry`."""
    row = db.execute(select(EVIDENCE).where(EVIDENCE.c.id == evidence_id)).one_or_none()
    if row is None:
        raise NoSuchEntry("evidence", evidence_id)
    return _evidence(row)


def hold_evidence(db: Connection, evidence_id: EvidenceId) -> Evidence:
    """Hold one piece, to decide about it; raise `NoSuchEntry`."""
    row = db.execute(select(EVIDENCE).where(EVIDENCE.c.id == evidence_id).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchEntry("evidence", evidence_id)
    return _evidence(row)


def add_evidence(db: Connection, piece: Evidence, now: datetime) -> None:
    """Add a piece; one that is accepted with an application is decided at once."""
    values = asdict(piece) | {
        "state": piece.state.value,
        "offered_at": now,
        "decided_at": None if piece.state is EvidenceState.OFFERED else now,
    }
    db.execute(insert(EVIDENCE).values(**values))


def save_evidence_decision(
    db: Connection, evidence_id: EvidenceId, state: EvidenceState, note: str, now: datetime
) -> None:
    """Keep what was decided about a piece."""
    db.execute(
        update(EVIDENCE).where(EVIDENCE.c.id == evidence_id).values(state=state.value, note=note, decided_at=now)
    )


def kinds_by_key() -> Mapping[str, EvidenceKind]:
    """Give the kinds of evidence by their key."""
    return {kind.key: kind for kind in evidence_kinds()}


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(
        id=EvidenceId(row.id),
        provider_id=row.provider_id,
        property_id=row.property_id,
        kind=row.kind,
        reference=row.reference,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state=EvidenceState(row.state),
        note=row.note,
        document_id=row.document_id,
        offered_at=row.offered_at,
    )
