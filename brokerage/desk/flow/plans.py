"""The support plan: the provider writes it, all parties read it (A36)."""

from __future__ import annotations

from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.flow.lives import person_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from placements import service
from placements.events import SupportPlanMade
from placements.model import PlanGoal


def make_support_plan(
    work: Work, agreement_id: UUID, goals: tuple[PlanGoal, ...], weekly: str, with_young_person: bool
) -> SupportPlanMade:
    """Make the next version of a support plan; earlier ones are kept (A36)."""
    work.require(Permission.DELIVER)
    found = agreement_of(work, agreement_id)
    event = service.make_support_plan(
        work.db, found.authority, found.id, goals, weekly, with_young_person, person_of(work), work.tick()
    )
    work.record(event, event.referral_id)
    return event
