"""The other part of a placement, beside the one that is looked at (A23)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Award, Competition
from brokerage.desk.flow.parts import cost_beside, sibling_agreement
from brokerage.desk.work import Work
from lots import store as lots
from placements.model import Agreement


@dataclass(frozen=True, slots=True)
class Beside:
    """The other part as staff see it; `provider` is empty until one was chosen, `weekly_cost` what it comes to."""

    competition: Competition
    award: Award | None
    provider: str
    weekly_cost: Decimal
    agreement: Agreement | None


def beside(work: Work, found: Competition) -> Beside | None:
    """Show the other part of a competition; None for a whole."""
    other = competition_store.sibling(work.db, found)
    if other is None:
        return None
    award = competition_store.award_beside(work.db, found)
    return Beside(
        other,
        award,
        lots.provider(work.db, award.provider_id).name if award else "",
        cost_beside(work, found),
        sibling_agreement(work, found),
    )
