"""What a timer stands for."""

from __future__ import annotations

from contextlib import suppress

from brokerage.competitions.errors import AlreadyOpened, NotNow
from brokerage.competitions.model import Opener
from brokerage.desk.consequences import TimerKind
from brokerage.desk.flow import lives
from brokerage.desk.flow.agreements import review_falls_due
from brokerage.desk.flow.competitions import close_competition, open_bids
from brokerage.desk.flow.concerns import escalate_concern
from brokerage.desk.flow.ends import last_day_is_over
from brokerage.desk.flow.evidence import watch_evidence
from brokerage.desk.flow.hours import check_week
from brokerage.desk.flow.nights import make_sheet
from brokerage.desk.flow.reviews import review_falls_late
from brokerage.desk.flow.shares import share_runs_out
from brokerage.desk.flow.standing import suspension_ends, tell_standing_lost
from brokerage.desk.store import Timer
from brokerage.desk.work import Work
from placements.model import AlarmKind


def ring(work: Work, timer: Timer, opener: Opener | None) -> None:  # noqa: C901  # one case a kind, none forgotten
    """Do what a timer stands for. One that was overtaken by events does nothing."""
    match kind := TimerKind(timer.kind):
        case TimerKind.CLOSE_COMPETITION:
            close_competition(work, timer.subject_id)
        case TimerKind.OPEN_BIDS:
            assert opener is not None  # the sweep leaves these to a worker that holds the key
            with suppress(AlreadyOpened, NotNow):
                open_bids(work, timer.subject_id, opener)
        case TimerKind.REVIEW_DUE:
            review_falls_due(work, timer.subject_id)
        case TimerKind.END_SHARE:
            share_runs_out(work, timer.subject_id)
        case TimerKind.NIGHT_SHEET:
            make_sheet(work)
        case TimerKind.STANDING_LOST:
            tell_standing_lost(work)
        case TimerKind.SUSPENSION_ENDS:
            suspension_ends(work, timer.subject_id)
        case TimerKind.REVIEW_LATE:
            review_falls_late(work, timer.subject_id)
        case TimerKind.START_AGREEMENT:
            lives.first_day_comes(work, timer.subject_id)
        case TimerKind.END_AGREEMENT:
            last_day_is_over(work, timer.subject_id)
        case TimerKind.INFORMATION_DUE:
            lives.warn_of_information(work, timer.subject_id)
        case TimerKind.EIGHTEEN_IN_90_DAYS | TimerKind.EIGHTEEN_IN_30_DAYS | TimerKind.LAST_NIGHT_ALLOWED:
            lives.alarm_rings(work, timer.subject_id, AlarmKind(kind.value))
        case TimerKind.HOURS_WEEK:
            check_week(work, timer.due_at)
        case TimerKind.CONCERN_WAITS:
            escalate_concern(work, timer.subject_id)
        case TimerKind.WATCH_EVIDENCE:
            watch_evidence(work, timer)
