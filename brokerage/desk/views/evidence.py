"""What is shown of evidence: to its provider, and to those who decide about it (A14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from brokerage.desk.flow.applications import require_keeper
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from lots import store as lots
from lots.errors import NoSuchEntry
from lots.model import Evidence, EvidenceKind, EvidenceState, Held, Property, Provider, ProviderId
from lots.rules import WARN_DAYS, counts_until, covered_until, evidence_gap
from lots.rules.days import covers

SOON: Final = timedelta(days=max(WARN_DAYS))


@dataclass(frozen=True, slots=True)
class Shown:
    """How things stand with one kind of evidence, of a provider or of one of its homes.

    `state` is counts, soon, expired, to_come, missing or not_asked; `until` the last day that is covered without a
    gap, or on which it ended; `pieces` everything put forward for it, the newest first.
    """

    kind: EvidenceKind
    home: Property | None
    state: str
    until: date | None
    days_left: int | None
    pieces: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A provider's evidence whole, and the first gap in it that keeps it from being invited today."""

    provider: Provider
    shown: tuple[Shown, ...]
    kept_out: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What waits for those who decide about evidence: new pieces, and what runs out or has."""

    offered: tuple[tuple[Provider, Evidence], ...]
    ending: tuple[tuple[Provider, Shown], ...]


def own_evidence(work: Work) -> EvidenceView:
    """Show the asker's own firm's evidence."""
    work.require(Permission.MANAGE_FIRM)
    return _view(work, ProviderId(work.actor.provider_id or UUID(int=0)))


def evidence(work: Work, provider_id: UUID) -> EvidenceView:
    """Show a provider's evidence to those who decide about it. Raises NoSuchProvider."""
    require_keeper(work, Permission.DECIDE_EVIDENCE)
    return _view(work, ProviderId(provider_id))


def watch(work: Work) -> Watch:
    """Gather what waits for a decision, and what runs out within 60 days or has run out."""
    require_keeper(work, Permission.DECIDE_EVIDENCE)
    waiting, ending = [], []
    for provider in lots.providers(work.db):
        if any(removal.holds_on(work.today) for removal in provider.removals):
            continue
        for one in _view(work, provider.id).shown:
            waiting += [(provider, piece) for piece in one.pieces if piece.state is EvidenceState.OFFERED]
            if one.state in {"soon", "expired"}:
                ending.append((provider, one))
    waiting.sort(key=lambda pair: (pair[1].offered_at is None, pair[1].offered_at, pair[1].id))
    ending.sort(key=lambda pair: (pair[1].until or work.today, pair[0].name.casefold()))
    return Watch(tuple(waiting), tuple(ending))


def piece(work: Work, evidence_id: UUID) -> tuple[Provider, Evidence, EvidenceKind, Property | None]:
    """Show one piece to those who decide about it. Raises NoSuchEntry."""
    require_keeper(work, Permission.DECIDE_EVIDENCE)
    found = lots.one_evidence(work.db, evidence_id)
    provider = lots.provider(work.db, ProviderId(found.provider_id))
    homes = lots.homes(work.db, provider.id).get(provider.id, ())
    kind = lots.kinds_by_key().get(found.kind)
    if kind is None:
        raise NoSuchEntry("kind of evidence", evidence_id)
    return provider, found, kind, next((home for home in homes if home.id == found.property_id), None)


def _view(work: Work, provider_id: ProviderId) -> EvidenceView:
    provider, today = lots.provider(work.db, provider_id), work.today
    pieces = lots.evidence(work.db, provider_id)
    chosen = {
        one.category for one in lots.registrations(work.db, provider_id) if covers(one.valid_from, one.valid_to, today)
    }
    shown = []
    for kind in lots.evidence_kinds():
        if kind.per_property:
            for home in lots.homes(work.db, provider_id).get(provider_id, ()):
                if home.closed_on is None or home.closed_on >= today:
                    shown.append(_shown(kind, home, home.evidence, pieces, provider.evidence_asked_from, today))
        elif chosen & kind.categories or not chosen:
            shown.append(_shown(kind, None, provider.evidence, pieces, provider.evidence_asked_from, today))
    asked = (one for one in provider.asked if not one.per_property and chosen & one.categories)
    gap = evidence_gap(asked, provider.evidence, provider.evidence_asked_from, today)
    return EvidenceView(provider, tuple(shown), gap[1] if gap else "")


def _shown(
    kind: EvidenceKind,
    home: Property | None,
    held: tuple[Held, ...],
    pieces: tuple[Evidence, ...],
    asked_from: date | None,
    today: date,
) -> Shown:
    own = tuple(one for one in pieces if one.kind == kind.key and one.property_id == (home.id if home else None))
    periods = [
        (one.valid_from, counts_until(kind, one.valid_from, one.valid_to)) for one in held if one.kind == kind.key
    ]
    if any(covers(first, last, today) for first, last in periods):
        until = covered_until(kind, held, today)
        left = None if until is None else (until - today).days
        return Shown(kind, home, "soon" if until and until - today <= SOON else "counts", until, left, own)
    ended = max((last for _, last in periods if last is not None and last < today), default=None)
    if ended is not None:
        return Shown(kind, home, "expired", ended, (ended - today).days, own)
    if periods:
        return Shown(kind, home, "to_come", min(first for first, _ in periods), None, own)
    asked = asked_from is not None and asked_from <= today
    return Shown(kind, home, "missing" if asked else "not_asked", None, None, own)
