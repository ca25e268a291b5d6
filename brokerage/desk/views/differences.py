"""Differences of category, as the council and as one invitee see them (A11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Competition, Difference, DifferenceState, Invitation, State
from brokerage.desk.flow.differences import differences_with, invitation_of
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from lots import store as lots
from lots.model import Category


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """What was recorded with one invitee; `acts` while the window runs, `mine` says whether the provider asks."""

    competition: Competition
    category: Category
    invitation: Invitation
    provider: str
    council: str
    found: tuple[Difference, ...]
    now: datetime
    by_provider: bool

    @property
    def acts(self) -> bool:
        """Say whether anything can still be recorded or answered."""
        return self.competition.state is State.OPEN and self.now < self.competition.window.closes_at

    @property
    def standing(self) -> Difference | None:
        """Give the one that is open or agreed."""
        kept = {DifferenceState.PROPOSED, DifferenceState.AGREED}
        return next((one for one in self.found if one.state in kept), None)


@dataclass(frozen=True, slots=True)
class DifferencesPage:
    """All that was recorded in a competition, with whoever was invited by name; `coordinates` may look and answer."""

    competition: Competition
    found: tuple[Difference, ...]
    invited: tuple[Invitation, ...]
    names: Mapping[UUID, str]
    runs: bool
    coordinates: bool


def difference_with(work: Work, invitation_id: UUID) -> DifferenceView:
    """Show what was recorded with one invitee, to the council or to the invitee. Raises NoSuchInvitation."""
    mine = invitation_of(work, invitation_id)
    found = competition_store.competition(work.db, mine.authority, mine.competition_id)
    return DifferenceView(
        found,
        lots.category(found.profile.category),
        mine,
        lots.provider(work.db, mine.provider_id).name,
        work.council(mine.authority).name,
        differences_with(work, mine),
        work.now,
        work.actor.role.of_provider,
    )


def differences(work: Work, competition_id: UUID) -> DifferencesPage:
    """List what was recorded in a competition of the council. Raises NoSuchCompetition."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    runs = found.state is State.OPEN and work.now < found.window.closes_at
    names = {UUID(str(one.id)): one.name for one in lots.providers(work.db)}
    invited = competition_store.invitations(work.db, work.authority, competition_id)
    return DifferencesPage(
        found,
        competition_store.differences(work.db, work.authority, competition_id),
        tuple(sorted(invited, key=lambda one: names[one.provider_id])),
        names,
        runs,
        people_rules.may(work.actor, Permission.AWARD),
    )
