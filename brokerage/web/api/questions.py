"""Questions during a window: asked by one provider, answered to all, for other systems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from brokerage.competitions.rules.reading import read_answer, read_question
from brokerage.desk import flow, views
from brokerage.desk.work import SYSTEM, Work
from brokerage.web.api import shapes
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.auth import house_of, visit


@write("/invitations/{token:str}/questions", status_code=201)
def ask_question(
    request: Request[Any, Any, Any], token: FromPath[str], data: JSONBody[shapes.QuestionBody]
) -> Response[str]:
    """Ask the council; the answer goes to everybody invited, and nobody learns who asked."""
    words = read_question(data.text)
    with house_of(request).desk.work(SYSTEM) as work:
        asked = flow.ask_question(work, token, words)
        return reply({"id": asked.id, "asked_at": asked.asked_at}, 201)


@read("/competitions/{competition_id:uuid}/questions")
def show_questions(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Response[str]:
    """List what providers asked, as typed, with what others will read."""
    with visit(request).work() as work:
        return reply(shapes.questions_asked(views.questions(work, competition_id)))


@write("/competitions/{competition_id:uuid}/questions/{question_id:uuid}/answer", status_code=200)
def answer_question(
    request: Request[Any, Any, Any],
    competition_id: FromPath[UUID],
    question_id: FromPath[UUID],
    data: JSONBody[shapes.AnswerBody],
) -> Response[str]:
    """Answer a question to everybody invited, before the close; both are redacted as plans are."""

    def deed(work: Work) -> tuple[int, Any]:
        answer, shown = read_answer(data.text, data.question)
        flow.answer_question(work, competition_id, question_id, answer, shown)
        items = shapes.questions_asked(views.questions(work, competition_id))["questions"]
        return 200, next(one for one in items if one["id"] == question_id)

    return once(request, deed)


HANDLERS = (ask_question, show_questions, answer_question)
