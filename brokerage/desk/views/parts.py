"""The other part of a placement, beside the one that is looked at (A23)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Award, Competition
from brokerage.desk.flow.parts import competition_of, cost_beside, sibling_agreement
from brokerage.desk.work import Work
from lots import store as lots
from lots.model import Provider, Wants
from placements import rules
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


@dataclass(frozen=True, slots=True)
class OtherPart:
    """The other part of a placement beside an agreement.

    A provider is shown the other firm once both are agreed, and nothing else; `beside` is for the council's staff.
    `apart` says that support has days without accommodation, `homeless` that the accommodation's agreement ended or
    was never made.
    """

    part: Wants
    firm: Provider | None
    beside: Beside | None
    apart: bool
    homeless: bool


def other_part(work: Work, made: Agreement) -> OtherPart | None:
    """Show the other part of an agreement's placement to whoever may see the agreement; None for a whole."""
    if made.part is None:
        return None
    part = rules.other_part(made.part)
    firm = lots.provider(work.db, made.sibling.provider_id) if made.sibling else None
    if work.actor.provider_id is not None:
        return OtherPart(part, firm, None, apart=False, homeless=False)
    found = beside(work, competition_of(work, made))
    other = found.agreement if found else None
    home, support = (made, other) if made.part is Wants.ACCOMMODATION else (other, made)
    if support is None or support.ended_on is not None:
        return OtherPart(part, firm, found, apart=False, homeless=False)
    homeless = home is None or home.ended_on is not None
    return OtherPart(part, firm, found, rules.sticks_out(support.starts_on, support.last_day, home), homeless)
