"""What can be done where a window found no suitable offer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Competition
from brokerage.competitions.rules import splitting
from brokerage.desk.flow import lots_eligible, wider_categories
from brokerage.desk.views.competitions import CompetitionView, competition
from brokerage.desk.work import Work
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import State as ReferralState
from lots import store as lots
from lots.model import Category, CategoryCode, Need

WAITING: Final = frozenset({ReferralState.RAISED, ReferralState.BESPOKE})
"""States of a referral that nobody is invited to, and that still looks."""


@dataclass(frozen=True, slots=True)
class Market:
    """A category to publish in, and how many providers would be invited today."""

    category: Category
    providers: int


@dataclass(frozen=True, slots=True)
class NextView:
    """A competition that found nobody, where it may be published next, and whether its referral still waits."""

    view: CompetitionView
    waits: bool
    again: Market
    wider: tuple[Market, ...]
    parts: tuple[Market, ...]

    @property
    def in_parts(self) -> bool:
        """Say whether it can be published again in two parts: somebody is invited for each (A23)."""
        return bool(self.parts) and all(one.providers for one in self.parts)


def next_steps(work: Work, competition_id: UUID) -> NextView:
    """Show what can come after a competition (A29)."""
    view = competition(work, competition_id)
    found = view.competition
    return NextView(
        view,
        _waits(work, found),
        _market(work, found, found.profile.category),
        tuple(_market(work, found, code) for code in wider_categories(found)),
        _parts(work, found),
    )


def _parts(work: Work, found: Competition) -> tuple[Market, ...]:
    if not splitting.can_split(found.profile.wants, found.profile.hours):
        return ()
    apart = (replace(found, profile=splitting.part_profile(found.profile, one)) for one in splitting.PARTS)
    return tuple(_market(work, one, found.profile.category) for one in apart)


def _waits(work: Work, found: Competition) -> bool:
    """Say whether a referral still waits to be published; of a part, while the other may be looked for (A23)."""
    reached = referral_store.state_of(work.db, work.authority, found.referral_id)
    if found.part is None or reached is not ReferralState.SEEKING:
        return reached in WAITING
    return competition_store.running_for(work.db, work.authority, found.referral_id, found.part) is None


def _market(work: Work, found: Competition, code: CategoryCode) -> Market:
    need = Need(code, found.age, found.profile.wants, found.profile.hours, found.profile.beds)
    eligible = lots_eligible(work, need, work.today, bespoke=found.bespoke)
    return Market(lots.category(code), len(eligible.invited))
