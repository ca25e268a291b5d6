"""What a timer stands for."""

from __future__ import annotations

from brokerage.desk.consequences import TimerKind
from brokerage.desk.flow.agreements import review_falls_due
from brokerage.desk.flow.competitions import close_competition
from brokerage.desk.store import Timer
from brokerage.desk.work import Work


def ring(work: Work, timer: Timer) -> None:
    """Do what a timer stands for. One that was overtaken by events does nothing."""
    match TimerKind(timer.kind):
        case TimerKind.CLOSE_COMPETITION:
            close_competition(work, timer.subject_id, timer.due_at)
        case TimerKind.REVIEW_DUE:
            review_falls_due(work, timer.subject_id)
