"""Take evidence in, decide about it, and say when it runs out (A14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from lots import store
from lots.errors import NoSuchEntry, NotNow, ReasonMissing
from lots.events import EvidenceAsked, EvidenceDecided, EvidenceOffered, EvidenceRunsOut
from lots.model import Evidence, EvidenceId, EvidenceState, PropertyId, ProviderId
from lots.rules import check_offered, london_day, warnings_due


def offer_evidence(db: Connection, piece: Evidence, now: datetime) -> EvidenceOffered:
    """Put a piece of evidence forward; it counts once it is accepted.

    Raise `NoSuchProvider`, `NoSuchEntry` for a home of another, `NoSuchEvidenceKind`, `WrongHolder` or
    `EvidenceTooOld`.
    """
    provider = store.provider(db, ProviderId(piece.provider_id))
    check_offered(store.kinds_by_key().get(piece.kind), piece, london_day(now))
    home_id = None if piece.property_id is None else PropertyId(piece.property_id)
    if home_id is not None and all(one.id != home_id for one in store.homes(db, provider.id).get(provider.id, ())):
        raise NoSuchEntry("home", home_id)
    store.add_evidence(db, replace(piece, state=EvidenceState.OFFERED, note=""), now)
    return EvidenceOffered(provider.id, piece.id, piece.kind, home_id, piece.valid_from, piece.valid_to)


def decide_evidence(
    db: Connection, evidence_id: EvidenceId, note: str, now: datetime, *, accepted: bool
) -> EvidenceDecided:
    """Accept a piece of evidence, which from now on keeps its provider in standing, or refuse it with a reason.

    Raise `NoSuchEntry`, `NotNow` or `ReasonMissing`.
    """
    if not accepted and not note.strip():
        raise ReasonMissing("refuse the evidence")
    held = store.hold_evidence(db, evidence_id)
    if held.state is not EvidenceState.OFFERED:
        raise NotNow("evidence", held.state.value, "accept" if accepted else "refuse")
    state = EvidenceState.ACCEPTED if accepted else EvidenceState.REFUSED
    store.save_evidence_decision(db, evidence_id, state, note, now)
    return EvidenceDecided(ProviderId(held.provider_id), evidence_id, held.kind, accepted, note)


def ask_evidence(db: Connection, provider_id: ProviderId, asked_from: date) -> EvidenceAsked:
    """Say from which day on missing evidence counts against a provider; waits for awards that hold its standing.

    For providers that were on the register before evidence was kept. Raise `NoSuchProvider`.
    """
    store.hold_to_change(db, provider_id)
    store.ask_evidence(db, provider_id, asked_from)
    return EvidenceAsked(provider_id, asked_from)


def warn_of_expiry(db: Connection, after: date, on: date) -> tuple[EvidenceRunsOut, ...]:
    """List the warnings that fall due after one day and by another, by provider and home (A14). Changes nothing."""
    homes = store.homes(db)
    found = []
    for provider in store.providers(db):
        if any(removal.holds_on(on) for removal in provider.removals):
            continue
        own = [kind for kind in provider.asked if not kind.per_property]
        for warning in warnings_due(own, provider.evidence, after, on):
            kind = warning.kind
            found.append(EvidenceRunsOut(provider.id, None, kind.key, warning.ends_on, warning.days_left, kind.title))
        standards = [kind for kind in provider.asked if kind.per_property]
        for home in homes.get(provider.id, ()):
            if home.closed_on is not None and home.closed_on < on:
                continue
            for warning in warnings_due(standards, home.evidence, after, on):
                found.append(
                    EvidenceRunsOut(
                        provider.id,
                        home.id,
                        warning.kind.key,
                        warning.ends_on,
                        warning.days_left,
                        warning.kind.title,
                        home.name,
                    )
                )
    return tuple(found)
