"""The verbs of questions: asked by a provider, answered to all (S26)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from brokerage.competitions import store
from brokerage.competitions.events import QuestionAnswered, QuestionAsked
from brokerage.competitions.model import Asked, Competition, Gate, QuestionId
from brokerage.competitions.rules import deciding
from brokerage.competitions.rules.content import words_digest


def ask_question(db: Connection, gate: Gate, words: str) -> tuple[QuestionAsked | None, Asked]:
    """Keep a question through a held gate; the same words a second time are the same question, without an event.

    Raises CompetitionCancelled, WindowOver, TooManyQuestions.
    """
    asked = store.questions_of_invitation(db, gate)
    same = next((one for one in asked if one.words == words), None)
    if same is not None:
        return None, same
    deciding.ask_question(gate, len(asked))
    question = Asked(QuestionId(uuid4()), gate.invitation_id, words, gate.now)
    store.add_question(db, gate, question.id, words)
    event = QuestionAsked(
        gate.authority, gate.competition_id, question.id, gate.reference, words_digest(words), question.asked_at
    )
    return event, question


def answer_question(
    db: Connection, competition: Competition, question: Asked, shown: str, answer: str, by: UUID, now: datetime
) -> QuestionAnswered:
    """Answer a question of a held competition, in words for all invited.

    Raises CompetitionCancelled, WindowOver, AlreadyAnswered.
    """
    deciding.answer_question(competition, question, now)
    store.save_answer(db, competition.authority, question.id, shown, answer, by, now)
    return QuestionAnswered(
        competition.authority,
        competition.id,
        question.id,
        competition.reference,
        competition.window.closes_at,
        words_digest(shown),
        words_digest(answer),
        now,
        tuple((one.id, one.provider_id) for one in store.invitations(db, competition.authority, competition.id)),
    )
