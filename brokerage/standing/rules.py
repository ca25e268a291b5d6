"""Say what keeps a provider out of new work, and which placements wait for a decision (A15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from brokerage.standing.errors import NothingLost
from brokerage.standing.model import Cause, CauseKind, PlacementDecision
from lots.model import Provider


def causes(provider: Provider, on: date) -> tuple[Cause, ...]:
    """List the suspensions and removals that hold on a day, the latest first."""
    found = [
        Cause(one.id, provider.id, CauseKind.REMOVED, one.removed_on, None, one.reason)
        for one in provider.removals
        if one.id is not None and one.holds_on(on)
    ]
    found += [
        Cause(one.id, provider.id, CauseKind.SUSPENDED, one.starts_on, one.ends_on, one.reason)
        for one in provider.suspensions
        if one.id is not None and one.holds_on(on)
    ]
    return tuple(sorted(found, key=lambda one: (one.since, str(one.id)), reverse=True))


def undecided(found: Iterable[Cause], decisions: Iterable[PlacementDecision]) -> tuple[Cause, ...]:
    """Give those causes about which nothing was decided for a placement; a new cause asks anew."""
    decided = {one.cause_id for one in decisions}
    return tuple(one for one in found if one.id not in decided)


def check_decidable(found: tuple[Cause, ...], *, runs: bool) -> Cause:
    """Give the cause a decision is about: the latest that holds. Raises NothingLost."""
    if not found or not runs:
        raise NothingLost
    return found[0]
