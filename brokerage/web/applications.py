"""The DPS administrator's side of joining: what waits, assessing, more time, admitting and refusing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import applications as flow
from brokerage.desk.views import applications as views
from brokerage.reading import Reader
from brokerage.web.applying_typed import CHOICES, text
from brokerage.web.auth import form, page, visit
from lots import store as lots
from lots.errors import AlreadyExtended, ReasonMissing
from lots.model import Finding

Answer = Response[Any]
Data = Mapping[str, Any]
Ask = Request[Any, Any, Any]
NOTE_MOST: Final = 2000


@page("/applications")
def show_applications(request: Ask) -> Answer:
    """List what waits for a decision, the nearest day first, and what was decided."""
    asking = visit(request)
    with asking.work() as work:
        found = views.applications(work)
    return asking.show("pages/applications/list.html", found=found)


@page("/applications/{application_id:uuid}")
def show_application(request: Ask, application_id: FromPath[UUID]) -> Answer:
    """Show one application whole, with what was found and what can be done now."""
    return _page(request, application_id, {}, {})


@form("/applications/{application_id:uuid}/assessment")
def assess_application(request: Ask, application_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Keep for each published criterion whether it is met; what is not met needs a note."""
    reader, findings = Reader(), []
    for one in lots.criteria():
        met = text(data, f"met_{one.key}")
        note = reader.text(
            text(data, f"note_{one.key}"), f"/note_{one.key}", f"The note on {one.title}", most=NOTE_MOST
        )
        if met not in {"yes", "no"}:
            reader.fault(f"/met_{one.key}", f"Choose whether this is met: {one.title}")
        elif met == "no" and not note:
            reader.fault(f"/note_{one.key}", f"Say why this is not met: {one.title}")
        else:
            findings.append(Finding(one.key, met == "yes", note))
    if reader.faults:
        return _page(request, application_id, data, {one.pointer[1:]: one.message for one in reader.faults})
    asking = visit(request)
    with asking.work() as work:
        flow.assess_application(work, application_id, findings)
    return asking.go(f"/applications/{application_id}#decision", "The assessment is saved")


@form("/applications/{application_id:uuid}/extension")
def extend_decision(request: Ask, application_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Take the longer time, with a reason that the applicant is told."""
    asking = visit(request)
    try:
        with asking.work() as work:
            event = flow.extend_decision(work, application_id, text(data, "reason").strip()[:NOTE_MOST])
    except ReasonMissing as refusal:
        return _page(request, application_id, data, asking.refused_in(refusal))
    except AlreadyExtended:
        return asking.go(f"/applications/{application_id}", "The time was extended already")
    return asking.go(
        f"/applications/{application_id}", f"The applicant is told. The decision is due by {event.decide_by}"
    )


@form("/applications/{application_id:uuid}/decision")
def decide_application(request: Ask, application_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Admit or refuse, as the assessment says; the applicant is told with the reasons."""
    asking, note = visit(request), text(data, "note").strip()[:NOTE_MOST]
    try:
        with asking.work() as work:
            if text(data, "decision") == "admit":
                flow.admit_application(work, application_id, note)
            else:
                flow.refuse_application(work, application_id, note)
    except ReasonMissing as refusal:
        return _page(request, application_id, data, {"note": asking.refused_in(refusal)["reason"]})
    done = "admitted and on the register" if text(data, "decision") == "admit" else "refused, and told why"
    return asking.go(f"/applications/{application_id}", f"The applicant is {done}")


def _page(request: Ask, application_id: UUID, typed: Data, errors: Mapping[str, str]) -> Answer:
    asking = visit(request)
    with asking.work() as work:
        view = views.application(work, application_id)
    values: dict[str, Any] = {}
    for one in view.application.findings:
        values |= {f"met_{one.criterion}": "yes" if one.met else "no", f"note_{one.criterion}": one.note}
    return asking.show_form(
        "pages/applications/show.html",
        values | dict(typed),
        errors,
        view=view,
        criteria=lots.criteria(),
        unmet=[one for one in view.application.findings if not one.met],
        catalogue=lots.catalogue(),
        kinds=lots.kinds_by_key(),
        words=CHOICES,
    )


HANDLERS = (show_applications, show_application, assess_application, extend_decision, decide_application)
