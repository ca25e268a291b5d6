"""What may be decided about a window: questions and more time while it runs, what comes after it (A29, S26, S27)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from brokerage.competitions.errors import (
    AlreadyAnswered,
    CompetitionCancelled,
    NothingToDecide,
    NotLater,
    NoWiderCategory,
    TooFar,
    TooManyQuestions,
    WindowOver,
)
from brokerage.competitions.model import Asked, Competition, Gate, State, Window
from lots.model import CategoryCode

LONGEST: Final = timedelta(days=7)
"""A window is never moved further than this from now: after a week the referral itself has to be looked at again."""

MOST_QUESTIONS: Final = 10
"""Questions that one invitation may ask: enough for any, and too few to bury a coordinator in."""


def runs(competition: Competition | Gate, now: datetime) -> None:
    """Refuse what is only possible before the close. Raises CompetitionCancelled, WindowOver."""
    if competition.state is State.CANCELLED:
        raise CompetitionCancelled(competition.reference)
    if competition.state is not State.OPEN or now >= competition.window.closes_at:
        raise WindowOver(competition.window.closes_at)


def ask_question(gate: Gate, asked: int) -> None:
    """Let a provider ask, before the close and also before the window opens (S26).

    Raises CompetitionCancelled, WindowOver, TooManyQuestions.
    """
    runs(gate, gate.now)
    if asked >= MOST_QUESTIONS:
        raise TooManyQuestions(MOST_QUESTIONS)


def answer_question(competition: Competition, question: Asked, now: datetime) -> None:
    """Let a question be answered, once and before the close (S26).

    Raises CompetitionCancelled, WindowOver, AlreadyAnswered.
    """
    runs(competition, now)
    if question.answered_at is not None:
        raise AlreadyAnswered(question.answered_at)


def extend_window(competition: Competition, closes_at: datetime, now: datetime) -> Window:
    """Give the window moved later, for everybody (S27).

    Raises CompetitionCancelled, WindowOver, NotLater, TooFar.
    """
    runs(competition, now)
    window = competition.window
    if closes_at <= window.closes_at:
        raise NotLater(window.closes_at)
    latest = max(now, window.opens_at) + LONGEST
    if closes_at > latest:
        raise TooFar(latest)
    return Window(window.opens_at, closes_at)


def decide_next(competition: Competition) -> None:
    """Let what comes next be decided, once a window ended without a suitable offer. Raises NothingToDecide."""
    if competition.state is not State.UNSUCCESSFUL:
        raise NothingToDecide(competition.state)


def wider(category: CategoryCode | None, possible: tuple[CategoryCode, ...], present: CategoryCode) -> CategoryCode:
    """Give the category to look in next: the one that was asked for, or the nearest. Raises NoWiderCategory."""
    if not possible or (category is not None and category not in possible):
        asked = category or present
        raise NoWiderCategory(asked.value, tuple(one.value for one in possible))
    return category or possible[0]
