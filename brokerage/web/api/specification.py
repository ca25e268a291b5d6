"""Changes of the specification and the equality report, for other systems (A19, A45)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.desk.flow import specification as flow
from brokerage.desk.views import equality as equality_views
from brokerage.desk.views import specification as views
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from brokerage.web.register.typed import read_answer, read_change, read_decision
from lots.model import SpecificationChange


class ClauseBody(Strict):
    number: str
    words: str


class ChangeBody(Strict):
    title: str
    reason: str
    clauses: list[ClauseBody]
    answer_by: str
    effective_on: str


class AnswerChangeBody(Strict):
    stance: str
    words: str = ""


class ChangeDecisionBody(Strict):
    decision: str
    note: str = ""


@read("/specification")
def show_specification(request: Request[Any, Any, Any]) -> Response[str]:
    """List the changes of the specification, the newest first."""
    with visit(request).work() as work:
        return reply([_change(one) for one in views.changes(work)])


@read("/specification/{change_id:uuid}")
def show_change(request: Request[Any, Any, Any], change_id: FromPath[UUID]) -> Response[str]:
    """Give one change with the answers: a firm gets its own, a council everybody's."""
    with visit(request).work() as work:
        view = views.change(work, change_id)
    answers = [
        {
            "provider_id": answer.provider_id,
            "provider": firm,
            "stance": answer.stance,
            "words": answer.words,
            "at": answer.answered_at,
        }
        for answer, firm in view.answers
    ]
    return reply({**_change(view.change), "answers": answers})


@write("/specification", status_code=201)
def propose_change(request: Request[Any, Any, Any], data: JSONBody[ChangeBody]) -> Response[str]:
    """Put a change to every provider on the register."""
    visit(request).require(Permission.CHANGE_SPECIFICATION)

    def deed(work: Work) -> tuple[int, Any]:
        new = read_change(data.document())
        event = flow.propose_change(work, new.title, new.reason, new.clauses, new.answer_by, new.effective_on)
        return 201, {"id": event.change_id, "state": "consulting", "asked": len(event.asked)}

    return once(request, deed)


@write("/specification/{change_id:uuid}/answer", status_code=201)
def answer_change(
    request: Request[Any, Any, Any], change_id: FromPath[UUID], data: JSONBody[AnswerChangeBody]
) -> Response[str]:
    """Answer for the own firm: `stance` is agree, object or comment."""
    visit(request).require(Permission.MANAGE_FIRM)

    def deed(work: Work) -> tuple[int, Any]:
        event = flow.answer_change(work, change_id, *read_answer(data.document()))
        return 201, {"id": event.answer_id, "stance": event.stance}

    return once(request, deed)


@write("/specification/{change_id:uuid}/decision", status_code=200)
def decide_change(
    request: Request[Any, Any, Any], change_id: FromPath[UUID], data: JSONBody[ChangeDecisionBody]
) -> Response[str]:
    """Authorise or refuse a change: `decision` is authorise or refuse."""
    visit(request).require(Permission.AUTHORISE_SPECIFICATION)

    def deed(work: Work) -> tuple[int, Any]:
        authorised, note = read_decision(data.document(), "authorise", "refuse", "note")
        event = (flow.authorise_change if authorised else flow.refuse_change)(work, change_id, note)
        return 200, {"id": event.change_id, "state": event.state, "effective_on": event.effective_on}

    return once(request, deed)


@read("/equality")
def show_equality_report(request: Request[Any, Any, Any]) -> Response[str]:
    """Report equality answers in numbers; null is fewer than 5, or hidden so that it cannot be worked out."""
    with visit(request).work() as work:
        tables = equality_views.equality_report(work)
    return reply([{"question": one.question, "counts": dict(one.counts), "total": one.total} for one in tables])


def _change(one: SpecificationChange) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "reason": one.reason,
        "clauses": one.clauses,
        "answer_by": one.answer_by,
        "effective_on": one.effective_on,
        "state": one.state,
        "note": one.note,
    }


HANDLERS = (show_specification, show_change, propose_change, answer_change, decide_change, show_equality_report)
