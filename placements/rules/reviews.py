"""Decide about reviews and read progress from them (DPS spec 3.8.1; A31, A32, S17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from matrix.model import Assessment, Line
from matrix.rules import difference
from placements.errors import NotNow, OutcomesDiffer, OutsideStay, ReviewersMissing, ReviewNotDueYet, StillToCome
from placements.model import (
    REVIEWERS,
    Agreement,
    AgreementState,
    Distance,
    Minutes,
    Review,
    ReviewKind,
    ReviewState,
    ReviewVerb,
    Role,
)
from placements.rules.agreements import check_not_over
from placements.rules.days import NO_CLOSURES, london_day, rebased_dates, review_dates, working_day_on_or_before

OVERDUE_AFTER: Final = timedelta(days=1)
"""A review that was not held on its day is overdue the day after ("within 2 weeks", DPS spec 3.8.1, A31)."""

ESCALATED_AFTER: Final = timedelta(days=7)
"""One that is a week late goes to somebody above (decided; A31 asks for escalation and names no days)."""

_PLANNED, _DUE, _OVERDUE = ReviewState.PLANNED, ReviewState.DUE, ReviewState.OVERDUE
_ESCALATED, _HELD, _DROPPED = ReviewState.ESCALATED, ReviewState.HELD, ReviewState.DROPPED

REVIEW_MOVES: Final[Mapping[tuple[ReviewState, ReviewVerb], ReviewState]] = {
    (_PLANNED, ReviewVerb.FALL_DUE): _DUE,
    (_PLANNED, ReviewVerb.FALL_OVERDUE): _OVERDUE,
    (_DUE, ReviewVerb.FALL_OVERDUE): _OVERDUE,
    (_PLANNED, ReviewVerb.ESCALATE): _ESCALATED,
    (_DUE, ReviewVerb.ESCALATE): _ESCALATED,
    (_OVERDUE, ReviewVerb.ESCALATE): _ESCALATED,
    (_PLANNED, ReviewVerb.HOLD): _HELD,
    (_DUE, ReviewVerb.HOLD): _HELD,
    (_OVERDUE, ReviewVerb.HOLD): _HELD,
    (_ESCALATED, ReviewVerb.HOLD): _HELD,
    (_PLANNED, ReviewVerb.DROP): _DROPPED,
}
"""A review may be held before its day or after it; a worker that slept may find it overdue at once (A31)."""


def move_review(state: ReviewState, verb: ReviewVerb) -> ReviewState:
    """Give the review's next state; raise `NotNow`."""
    if (state, verb) not in REVIEW_MOVES:
        raise NotNow(state, verb)
    return REVIEW_MOVES[state, verb]


def fall_due(agreement: AgreementState, review: Review, now: datetime) -> ReviewState | None:
    """Give the state of a review whose day has come, in London, or `None` where nothing is left to remind of.

    Raise `ReviewNotDueYet`.
    """
    if review.state is not _PLANNED or agreement is AgreementState.ENDED:
        return None
    today = london_day(now)
    if today < review.due_on:
        raise ReviewNotDueYet(review.due_on, today)
    return move_review(review.state, ReviewVerb.FALL_DUE)


def fall_late(agreement: AgreementState, review: Review, now: datetime) -> ReviewState | None:
    """Give the state of a review that was not held in time: overdue, a week later escalated; `None` for no change."""
    if agreement is AgreementState.ENDED or review.state in (_HELD, _DROPPED, _ESCALATED):
        return None
    late = london_day(now) - review.due_on
    if late >= ESCALATED_AFTER:
        return move_review(review.state, ReviewVerb.ESCALATE)
    if late >= OVERDUE_AFTER and review.state is not _OVERDUE:
        return move_review(review.state, ReviewVerb.FALL_OVERDUE)
    return None


def extra_review_day(
    agreement: Agreement, wanted_on: date, today: date, closure_days: frozenset[date] = NO_CLOSURES
) -> date:
    """Give the day of an extra review: the working day on or before the one wanted, though not before today (A31, S17).

    Raise `AgreementOver` or `OutsideStay`.
    """
    check_not_over(agreement)
    first = max(today, agreement.starts_on)
    if not first <= wanted_on <= agreement.ends_on:
        raise OutsideStay(wanted_on, first, agreement.ends_on)
    moved = working_day_on_or_before(wanted_on, closure_days)
    return moved if moved >= first else wanted_on


def check_held_on(agreement: Agreement, held_on: date, today: date) -> None:
    """Refuse a review held on no day of this stay so far (A32).

    Raise `AgreementOver`, `StillToCome` or `OutsideStay`.
    """
    check_not_over(agreement)
    if held_on > today:
        raise StillToCome(held_on, today)
    if not agreement.starts_on <= held_on <= agreement.ends_on:
        raise OutsideStay(held_on, agreement.starts_on, agreement.ends_on)


def check_minutes(agreement: Agreement, minutes: Minutes, today: date) -> None:
    """Refuse minutes that are not those of a review of this stay (A32).

    Raise `AgreementOver`, `StillToCome`, `OutsideStay`, `ReviewersMissing` or `OutcomesDiffer`.
    """
    check_held_on(agreement, minutes.held_on, today)
    named = {each.role for each in minutes.attendance}
    missing = tuple(role for role in Role if role in REVIEWERS - named)
    if missing:
        raise ReviewersMissing(missing)
    check_outcomes(agreement, [each.outcome for each in minutes.progress])


def check_outcomes(agreement: Agreement, keys: Iterable[str]) -> None:
    """Refuse keys that are not those of the agreed outcomes, each once or more (A32, A36); raise `OutcomesDiffer`."""
    given = tuple(keys)
    agreed = [key for key, _ in agreement.outcomes]
    missing = tuple(key for key in agreed if key not in given)
    unknown = tuple(key for key in given if key not in agreed)
    if missing or unknown:
        raise OutcomesDiffer(missing, unknown)


def distances(held: Iterable[Minutes]) -> tuple[Distance, ...]:
    """Show how far each outcome has come since the first review that looked at it, in order of their days (A32).

    Reviews of one day count in the order given.
    """
    levels: dict[str, list[int]] = {}
    for minutes in sorted(held, key=lambda each: each.held_on):
        for progress in minutes.progress:
            levels.setdefault(progress.outcome, []).append(progress.level)
    return tuple(
        Distance(outcome, found[0], found[-2] if len(found) > 1 else None, found[-1])
        for outcome, found in levels.items()
    )


def score_change(before: Assessment | None, minutes: Minutes) -> tuple[Line, ...]:
    """List line by line what the new score changes; without a score before, nothing can be compared (A9, A32)."""
    return () if before is None else difference(before, minutes.score)


def replan(
    reviews: Iterable[Review], days: tuple[date, ...], from_on: date
) -> tuple[tuple[Review, ...], tuple[date, ...]]:
    """Compare the series as planned with the days it should have from a day on: what is dropped, what is new (S17).

    A review that is due, late or held stays, and so does an extra one up to the last day; no day gets a second review.
    """
    reviews = tuple(reviews)
    wanted = {on for on in days if on >= from_on}
    dropped = tuple(
        one
        for one in reviews
        if one.state is _PLANNED
        and one.kind is not ReviewKind.EXTRA
        and one.due_on >= from_on
        and one.due_on not in wanted
    )
    kept = {one.due_on for one in reviews if one.state is not _DROPPED} - {one.due_on for one in dropped}
    return dropped, tuple(sorted(wanted - kept))


def series_of(agreement: Agreement, closure_days: frozenset[date] = NO_CLOSURES) -> tuple[date, ...]:
    """List the days of an agreement's series up to its last day, from where it counts (S17)."""
    if agreement.reviews_from is None:
        return review_dates(agreement.starts_on, agreement.ends_on, closure_days)
    return rebased_dates(agreement.reviews_from, agreement.ends_on, closure_days)


def beyond(reviews: Iterable[Review], last_on: date) -> tuple[Review, ...]:
    """List the planned reviews that a new last day leaves behind (A34)."""
    return tuple(one for one in reviews if one.state is _PLANNED and one.due_on > last_on)


def overdue_from(due_on: date) -> date:
    """Give the first day on which a review is overdue (A31)."""
    return due_on + OVERDUE_AFTER


def escalated_from(due_on: date) -> date:
    """Give the first day on which an overdue review goes to somebody above (A31)."""
    return due_on + ESCALATED_AFTER
