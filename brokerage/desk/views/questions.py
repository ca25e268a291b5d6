"""Questions as the council sees them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Asked, Competition
from brokerage.desk.flow import known_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals.rules.redaction import Redacted, redact


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as asked, and what would be replaced in it before others read it (S7, S26). Who asked is not said."""

    asked: Asked
    redacted: Redacted


@dataclass(frozen=True, slots=True)
class QuestionsView:
    competition: Competition
    items: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class OneQuestion:
    competition: Competition
    item: QuestionView


def questions(work: Work, competition_id: UUID) -> QuestionsView:
    """List what was asked in a competition: what waits first, then what is answered, each the oldest first."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    asked = competition_store.questions(work.db, work.authority, competition_id)
    known = known_of(work, found) if asked else None
    items = [QuestionView(one, redact(one.words, known)) for one in asked if known is not None]
    items.sort(key=lambda one: one.asked.answered_at is not None)
    return QuestionsView(found, tuple(items))


def question(work: Work, competition_id: UUID, question_id: UUID) -> OneQuestion:
    """Show one question of a competition, to be answered. Raises NoSuchQuestion."""
    work.require(Permission.SEE_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    asked = competition_store.question(work.db, work.authority, competition_id, question_id)
    return OneQuestion(found, QuestionView(asked, redact(asked.words, known_of(work, found))))
