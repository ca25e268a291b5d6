"""Every open window of an authority at a glance, in a handful of statements however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Competition, Counts, State
from brokerage.desk import store
from brokerage.desk.pulse import QUIET
from brokerage.desk.views.competitions import InvitedView, counts, invited_views
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from lots import store as lots
from notifications.service import counts_by_subject


@dataclass(frozen=True, slots=True)
class LiveWindow:
    """One window: numbers only, and by name only who could not be reached (S8)."""

    competition: Competition
    counts: Counts
    not_reached: tuple[InvitedView, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class LiveView:
    """`silent_since` is the worker's last sign of life where that is long ago; `never_heard` where there was none."""

    windows: tuple[LiveWindow, ...]
    failing_timers: int
    silent_since: datetime | None
    never_heard: bool
    now: datetime


def live(work: Work) -> LiveView:
    """Show every open window, closing soonest first (A25)."""
    work.require(Permission.SEE_COMPETITION)
    running = competition_store.competitions(work.db, work.authority, (State.OPEN,))
    ids = [one.id for one in running]
    invitations = competition_store.invitations_of(work.db, work.authority, ids)
    messages = counts_by_subject(work.db, [one.id for invited in invitations.values() for one in invited], "invitation")
    offers = competition_store.offers_of(work.db, work.authority, ids)
    questions = competition_store.open_questions(work.db, work.authority, ids)
    register = {one.id: one for one in lots.providers(work.db)}

    def window(found: Competition) -> LiveWindow:
        invited = invited_views(invitations[found.id], register, messages)
        missed = tuple(one for one in invited if one.not_reached)
        return LiveWindow(
            found, counts(invitations[found.id], messages, offers.get(found.id, 0)), missed, questions.get(found.id, 0)
        )

    beat = store.last_beat(work.db)
    return LiveView(
        tuple(window(one) for one in running),
        store.failing_timers(work.db, work.authority),
        beat if beat is not None and work.now - beat > QUIET else None,
        beat is None,
        work.now,
    )
