"""Questions during a window: a provider asks, the council answers, everybody invited reads both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.competitions.errors import TooManyQuestions
from brokerage.competitions.rules import deciding
from brokerage.competitions.rules.reading import QUESTION_MOST, read_answer, read_question
from brokerage.desk import flow, views
from brokerage.desk.work import SYSTEM
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid
from brokerage.web.auth import form, look, page, visit
from brokerage.web.bids import Door

Data = Mapping[str, Any]
Answer = Response[Any]


# The provider's side, by both doors


def show_question(door: Door, typed: Data, errors: Mapping[str, str]) -> Answer:
    """Ask for the question; what was answered already stands beside it."""
    with door.asking.house.desk.work(door.actor) as work:
        view = views.invitation(work, flow.look_at_invitation(work, door.key))
        deciding.runs(view.gate, view.gate.now)
    return door.asking.show_form(
        "pages/questions/show_question.html",
        typed,
        errors,
        base=door.base,
        mark=door.mark,
        view=view,
        most=QUESTION_MOST,
    )


def ask_question(door: Door, data: Data) -> Answer:
    """Keep a question for the council; a second click asks nothing twice."""
    try:
        words = read_question(data.get("text"))
        with door.asking.house.desk.work(door.actor) as work:
            flow.ask_question(work, door.key, words)
    except NotValid as refusal:
        return show_question(door, data, {"text": refusal.faults[0].message})
    except TooManyQuestions as refusal:
        return show_question(door, data, door.asking.refused_in(refusal))
    return door.asking.go(
        f"{door.base}#questions", "Your question is with the council. The answer goes to everybody invited"
    )


@page("/b/{token:str}/question")
def show_question_by_link(request: Request[Any, Any, Any], token: FromPath[str]) -> Answer:
    return show_question(_by_link(request, token), {}, {})


@form("/b/{token:str}/question")
def ask_question_by_link(
    request: Request[Any, Any, Any], token: FromPath[str], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    return ask_question(_by_link(request, token), data)


@page("/offers/{invitation_id:uuid}/question")
def show_own_question(request: Request[Any, Any, Any], invitation_id: FromPath[UUID]) -> Answer:
    return show_question(_signed_in(request, invitation_id), {}, {})


@form("/offers/{invitation_id:uuid}/question")
def ask_own_question(
    request: Request[Any, Any, Any], invitation_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    return ask_question(_signed_in(request, invitation_id), data)


def _by_link(request: Request[Any, Any, Any], token: str) -> Door:
    return Door(look(request), SYSTEM, token, f"/b/{token}", "")


def _signed_in(request: Request[Any, Any, Any], invitation_id: UUID) -> Door:
    asking = visit(request)
    mark = people_rules.csrf_token(asking.secret) if asking.secret else ""
    return Door(asking, asking.actor, invitation_id, f"/offers/{invitation_id}", mark)


# The council's side


@page("/competitions/{competition_id:uuid}/questions")
def show_questions(request: Request[Any, Any, Any], competition_id: FromPath[UUID]) -> Answer:
    """List what providers asked: what waits for an answer first."""
    asking = visit(request)
    with asking.work() as work:
        view, names, now = views.questions(work, competition_id), views.people(work), work.now
    return asking.show(
        "pages/questions/show_questions.html",
        view=view,
        names=names,
        now=now,
        may_answer=may(asking.actor, Permission.OPEN_COMPETITION),
    )


@page("/competitions/{competition_id:uuid}/questions/{question_id:uuid}")
def show_answer(request: Request[Any, Any, Any], competition_id: FromPath[UUID], question_id: FromPath[UUID]) -> Answer:
    """Ask for the answer, and for the question as others shall read it."""
    return _answer_form(request, competition_id, question_id, {}, {})


@form("/competitions/{competition_id:uuid}/questions/{question_id:uuid}")
def answer_question(
    request: Request[Any, Any, Any],
    competition_id: FromPath[UUID],
    question_id: FromPath[UUID],
    data: URLEncodedBody[dict[str, Any]],
) -> Answer:
    """Show question and answer as all will read them; with the confirmation give the answer."""
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    typed: Data = {name: str(data[name]) for name in ("text", "question") if name in data}
    if "change" in data:
        return _answer_form(request, competition_id, question_id, typed, {})
    try:
        answer, shown = read_answer(typed.get("text"), typed.get("question"))
    except NotValid as refusal:
        errors = {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}
        return _answer_form(request, competition_id, question_id, typed, errors)
    with asking.work() as work:
        if data.get("confirm"):
            flow.answer_question(work, competition_id, question_id, answer, shown)
        else:
            found, said = flow.check_answer(work, competition_id, question_id, answer, shown)
            invited, now = len(views.competition(work, competition_id).invited), work.now
    if data.get("confirm"):
        return asking.go(f"/competitions/{competition_id}/questions", "The answer is with everybody invited")
    return asking.show(
        "pages/questions/check_answer.html", found=found, said=said, typed=typed, invited=invited, now=now
    )


def _answer_form(
    request: Request[Any, Any, Any], competition_id: UUID, question_id: UUID, typed: Data, errors: Mapping[str, str]
) -> Answer:
    asking = visit(request)
    asking.require(Permission.OPEN_COMPETITION)
    with asking.work() as work:
        view, now = views.question(work, competition_id, question_id), work.now
    deciding.answer_question(view.competition, view.item.asked, now)
    values = {"question": view.item.redacted.text, **typed}
    return asking.show_form("pages/questions/show_answer.html", values, errors, view=view, now=now)


HANDLERS = (show_own_question, ask_own_question, show_questions, show_answer, answer_question)
LINK_HANDLERS = (show_question_by_link, ask_question_by_link)
