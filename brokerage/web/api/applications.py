"""Applications to join the register, for other systems.

An application is sent whole, section by section as `docs/operations.md` says; what cannot be read is named by its
place. Files are sent on the pages.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.desk.flow import applications as flow
from brokerage.desk.views import applications as views
from brokerage.desk.views.applications import ListedApplication
from brokerage.desk.work import Work
from brokerage.reading import Fault, NotValid
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from lots.model import Finding, Section


class ApplicationBody(Strict):
    """A whole application: each section an object with its own fields."""

    organisation: dict[str, Any]
    categories: dict[str, Any]
    areas: dict[str, Any]
    prices: dict[str, Any]
    contacts: dict[str, Any]
    out_of_hours: dict[str, Any]
    homes: dict[str, Any] | None = None
    ofsted: dict[str, Any] | None = None
    insurance: dict[str, Any] | None = None
    safeguarding: dict[str, Any] | None = None
    dbs: dict[str, Any] | None = None
    training: dict[str, Any] | None = None
    housing_standard: dict[str, Any] | None = None
    continuity: dict[str, Any] | None = None

    def sections(self) -> dict[Section, dict[str, Any]]:
        return {Section(name): part for name, part in self.document().items() if part is not None}


class FindingBody(Strict):
    criterion: str
    met: bool
    note: str = ""


class DecisionBody(Strict):
    """A decision with the findings that it follows from; findings may have been saved before."""

    decision: Literal["admit", "refuse"]
    note: str = ""
    findings: list[FindingBody] | msgspec.UnsetType = msgspec.UNSET


@write("/applications", status_code=201)
def send_application(request: Request[Any, Any, Any], data: JSONBody[ApplicationBody]) -> Response[str]:
    """Apply for the own firm, or enter what a new firm sent: read whole, submitted at once."""

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.send_application(work, data.sections())
        return 201, {"id": event.application_id, "state": "submitted", "decide_by": event.decide_by}

    return once(request, deed)


@read("/applications")
def show_applications(request: Request[Any, Any, Any]) -> Response[str]:
    """List every application, those that wait first."""
    with visit(request).work() as work:
        found = views.applications(work)
    return reply([_listed(one) for one in (*found.waiting, *found.drafts, *found.decided)])


@read("/applications/{application_id:uuid}")
def show_application(request: Request[Any, Any, Any], application_id: FromPath[UUID]) -> Response[str]:
    """Show one application whole, with what was found."""
    with visit(request).work() as work:
        view = views.application(work, application_id)
    held = view.application
    return reply(
        _listed(ListedApplication(held, view.firm, view.days_left))
        | {
            "profile": held.profile,
            "content": held.content,
            "findings": held.findings,
            "extended_reason": held.extended_reason,
            "decision_note": held.decision_note,
        }
    )


@write("/applications/{application_id:uuid}/decision", status_code=200)
def decide_application(
    request: Request[Any, Any, Any], application_id: FromPath[UUID], data: JSONBody[DecisionBody]
) -> Response[str]:
    """Admit or refuse; the findings come along or were saved before."""

    def deed(work: Work) -> tuple[int, Any]:
        if not isinstance(data.findings, msgspec.UnsetType):
            flow.assess_application(work, application_id, _findings(data.findings))
        if data.decision == "admit":
            flow.admit_application(work, application_id, data.note)
        else:
            flow.refuse_application(work, application_id, data.note)
        held = views.application(work, application_id).application
        return 200, {"id": held.id, "state": held.state, "provider_id": held.provider_id}

    return once(request, deed)


def _findings(sent: list[FindingBody]) -> list[Finding]:
    faults = [
        Fault(f"/findings/{place}/note", "Say why the criterion is not met")
        for place, one in enumerate(sent)
        if not one.met and not one.note.strip()
    ]
    if faults:
        raise NotValid(tuple(faults))
    return [Finding(one.criterion, one.met, one.note) for one in sent]


def _listed(one: ListedApplication) -> dict[str, Any]:
    held = one.application
    return {
        "id": held.id,
        "provider_id": held.provider_id,
        "provider": one.firm,
        "state": held.state,
        "submitted_at": held.submitted_at,
        "decide_by": held.decide_by,
        "working_days_left": one.days_left,
        "decided_at": held.decided_at,
    }


HANDLERS = (send_application, show_applications, show_application, decide_application)
