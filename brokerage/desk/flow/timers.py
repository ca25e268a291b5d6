"""What a timer stands for."""

from __future__ import annotations

from contextlib import suppress

from brokerage.competitions.errors import AlreadyOpened, NotNow
from brokerage.competitions.model import Opener
from brokerage.desk.consequences import TimerKind
from brokerage.desk.flow.agreements import review_falls_due
from brokerage.desk.flow.competitions import close_competition, open_bids
from brokerage.desk.flow.evidence import watch_evidence
from brokerage.desk.store import Timer
from brokerage.desk.work import Work


def ring(work: Work, timer: Timer, opener: Opener | None) -> None:
    """Do what a timer stands for. One that was overtaken by events does nothing."""
    match TimerKind(timer.kind):
        case TimerKind.CLOSE_COMPETITION:
            close_competition(work, timer.subject_id)
        case TimerKind.OPEN_BIDS:
            assert opener is not None  # the sweep leaves these to a worker that holds the key
            with suppress(AlreadyOpened, NotNow):
                open_bids(work, timer.subject_id, opener)
        case TimerKind.REVIEW_DUE:
            review_falls_due(work, timer.subject_id)
        case TimerKind.WATCH_EVIDENCE:
            watch_evidence(work, timer)
