"""The support plan: the provider writes it, all parties read it, every version is kept (A36)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar.params import FromPath, URLEncodedBody

from brokerage.desk import views
from brokerage.desk.flow import plans as flow
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.web.agreements.agreement import Answer, Asked
from brokerage.web.agreements.typed import Typed
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of, text
from placements.model import AgreementState, PlanGoal

PLAN_MOST: Final = 4000


@page("/agreements/{agreement_id:uuid}/plan")
def show_plan(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Show a version of the support plan beside the one before it; the newest where none is asked for."""
    asking = visit(request)
    with asking.work() as work:
        found, today = views.agreement_page(work, agreement_id), work.today
    asked = request.query_params.get("version", "")
    numbers = {str(one.number): one for one in found.plans}
    shown = numbers.get(asked, found.plans[-1] if found.plans else None)
    before = numbers.get(str(shown.number - 1)) if shown else None
    return asking.show(
        "pages/agreements/show_plan.html",
        page=found,
        today=today,
        shown=shown,
        before={goal.outcome: goal.how for goal in before.goals} if before else None,
        weekly_before=before.weekly if before else None,
        may_write=_may_write(asking, found),
    )


@page("/agreements/{agreement_id:uuid}/plan/new")
def write_plan(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Ask for the next version, beginning with the last one."""
    return _write(visit(request), agreement_id, {}, {})


@form("/agreements/{agreement_id:uuid}/plan/new")
def make_support_plan(request: Asked, agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Keep the next version of the support plan."""
    asking = visit(request)
    asking.require(Permission.DELIVER)
    with asking.work() as work:
        outcomes = views.agreement_page(work, agreement_id).view.agreement.outcomes
    reader = Reader()
    try:
        goals = tuple(
            PlanGoal(key, reader.text(text(data, f"how_{key}"), f"/how_{key}", "How", most=PLAN_MOST, least=1))
            for key, _ in outcomes
        )
        weekly = reader.text(text(data, "weekly"), "/weekly", "When support is given", most=PLAN_MOST, least=1)
        together = reader.flag(text(data, "together"), "/together", "Was it made with the young person?")
        reader.done()
        with asking.work() as work:
            event = flow.make_support_plan(work, agreement_id, goals, weekly, together)
    except NotValid as refusal:
        return _write(asking, agreement_id, data, errors_of(refusal))
    return asking.go(f"/agreements/{agreement_id}/plan", f"Version {event.number} of the support plan is kept")


def _write(asking: Visit, agreement_id: UUID, values: Typed, errors: Mapping[str, str]) -> Answer:
    asking.require(Permission.DELIVER)
    with asking.work() as work:
        found, today = views.agreement_page(work, agreement_id), work.today
    typed: dict[str, Any] = {}
    if found.plans:
        last = found.plans[-1]
        typed = {f"how_{goal.outcome}": goal.how for goal in last.goals} | {"weekly": last.weekly}
    return asking.show_form(
        "pages/agreements/write_plan.html", values or typed, errors, page=found, today=today, most=PLAN_MOST
    )


def _may_write(asking: Visit, found: views.AgreementPage) -> bool:
    over = found.view.agreement.state is AgreementState.ENDED
    return may(asking.actor, Permission.DELIVER) and not over


HANDLERS = (show_plan, write_plan, make_support_plan)
