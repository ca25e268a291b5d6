"""Questions during a window: asked by one, answered to all, the asker unnamed (S26)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.events import QuestionAnswered
from brokerage.competitions.model import Asked, Competition
from brokerage.competitions.rules import deciding
from brokerage.competitions.service import questions
from brokerage.desk.flow.bids import gate_of
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import store as referral_store
from brokerage.referrals.errors import IdentityWouldShow
from brokerage.referrals.rules.redaction import Known, Redacted, leaks_in, redact


@dataclass(frozen=True, slots=True)
class ForAll:
    """A question and its answer as all invited will read them, with what is replaced (S7)."""

    asked: Asked
    question: Redacted
    answer: Redacted


def ask_question(work: Work, key: str | UUID, words: str) -> Asked:
    """Ask by link or signed in, without a code; the words stay with the council until they are answered (S26).

    Raises CompetitionCancelled, WindowOver, TooManyQuestions.
    """
    gate = gate_of(work, key, hold=True)
    event, asked = questions.ask_question(work.db, gate, words)
    if event is not None:
        work.record(event, gate.referral_id)
    return asked


def check_answer(
    work: Work, competition_id: UUID, question_id: UUID, answer: str, shown: str | None
) -> tuple[Competition, ForAll]:
    """Show an answer as all will read it, changing nothing. Raises what `answer_question` raises."""
    work.require(Permission.OPEN_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    asked = competition_store.question(work.db, work.authority, competition_id, question_id)
    deciding.answer_question(found, asked, work.now)
    return found, _for_all(work, found, asked, answer, shown)


def answer_question(
    work: Work, competition_id: UUID, question_id: UUID, answer: str, shown: str | None = None
) -> QuestionAnswered:
    """Answer a question to all invited; question and answer are redacted as plans are (S7, S26).

    `shown` is the question in other words. A person looks at every question before it is shown: one that guesses
    at a name would be answered by what the redaction replaces in it.
    Raises NoSuchQuestion, AlreadyAnswered, CompetitionCancelled, WindowOver, IdentityWouldShow.
    """
    work.require(Permission.OPEN_COMPETITION)
    held = competition_store.hold(work.db, work.authority, competition_id)
    work.tick()
    asked = competition_store.question(work.db, work.authority, competition_id, question_id)
    said = _for_all(work, held, asked, answer, shown)
    event = questions.answer_question(
        work.db, held, asked, said.question.text, said.answer.text, work.person_id, work.now
    )
    work.record(event, held.referral_id)
    return event


def known_of(work: Work, found: Competition) -> Known:
    """Gather what identifies the young person of a competition, to be taken out of what providers read."""
    referral = referral_store.referral(work.db, found.authority, found.referral_id, editions())
    return referral_rules.known(referral.new.young_person)


def _for_all(work: Work, found: Competition, asked: Asked, answer: str, shown: str | None) -> ForAll:
    known = known_of(work, found)
    said = ForAll(asked, redact(shown or asked.words, known), redact(answer, known))
    left = leaks_in((said.question.text, said.answer.text), known)
    if left:
        raise IdentityWouldShow(left)
    return said
