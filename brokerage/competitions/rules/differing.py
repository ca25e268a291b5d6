"""What may be agreed where a category does not fit, before the award (DPS spec 3.2.5, A11, S11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from brokerage.competitions.errors import DifferenceDecided, DifferenceNeedless, OthersDifference, OwnDifference
from brokerage.competitions.model import Difference, DifferenceState, DifferenceVerb
from lots.model import Price
from lots.rules import over_tendered

DIFFERENCE_MOVES: Final[Mapping[tuple[DifferenceState, DifferenceVerb], DifferenceState]] = {
    (DifferenceState.PROPOSED, DifferenceVerb.AGREE): DifferenceState.AGREED,
    (DifferenceState.PROPOSED, DifferenceVerb.REFUSE): DifferenceState.REFUSED,
    (DifferenceState.PROPOSED, DifferenceVerb.WITHDRAW): DifferenceState.WITHDRAWN,
}
"""Recorded by one party with its price, agreed or refused by the other, or taken back: each once."""


def allowed(tendered: Price, agreed: Price | None) -> Price:
    """Give the prices that an offer may not pass: the tendered ones, or those agreed for a difference (A22, S11)."""
    if agreed is None:
        return tendered
    return Price(
        _more(tendered.accommodation_weekly, agreed.accommodation_weekly),
        _more(tendered.support_hourly, agreed.support_hourly),
    )


def check_difference(asked: Price, tendered: Price, *, bespoke: bool = False) -> None:
    """Refuse a price that needs no agreement: nothing in it is above what may be offered; raise DifferenceNeedless."""
    if bespoke or not over_tendered(asked, tendered):
        raise DifferenceNeedless


def answer_difference(
    found: Difference, verb: DifferenceVerb, person_id: UUID, now: datetime, *, by_provider: bool
) -> Difference:
    """Give a difference with the other party's word, or taken back by its own.

    Raises DifferenceDecided, OwnDifference for agreeing to one's own, OthersDifference for taking back another's.
    """
    if (found.state, verb) not in DIFFERENCE_MOVES:
        raise DifferenceDecided(found.state)
    own = found.by_provider == by_provider
    if verb is DifferenceVerb.WITHDRAW and not own:
        raise OthersDifference
    if verb is not DifferenceVerb.WITHDRAW and own:
        raise OwnDifference
    return replace(found, state=DIFFERENCE_MOVES[found.state, verb], answered_by=person_id, answered_at=now)


def _more(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return max((each for each in (one, other) if each is not None), default=None)
