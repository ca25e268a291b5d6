"""Compare hours bought with hours given, week by week (DPS spec 3.6.5; A35)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Final

from placements.errors import AboveCommissioned, HoursChanged, LinkOver, NothingToSign, OutsideStay, StillToCome
from placements.model import Agreement, HoursEntry, HoursKind, HoursLink, RowFault, TimesheetRow, Version, Week
from placements.rules.days import DAY

WEEK: Final = timedelta(days=7)
HUNDREDTH: Final = Decimal("0.01")

ENOUGH: Final = Decimal("0.9")
"""A week with less than nine tenths of what was bought is a short one (decided; A35 names no share)."""

SHORT_WEEKS: Final = 2
"""So many short weeks one after the other raise the alarm (decided; A35): one may be a holiday or an illness."""

LINK_LASTS: Final = timedelta(days=14)
"""The young person's link to a week's hours dies so long after it was made (decided; A35)."""

UNSIGNED_AFTER: Final = timedelta(days=14)
"""A week of hours that nobody signed so long after its Sunday raises the alarm (decided; A35)."""


def monday_of(on: date) -> date:
    """Give the Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def commissioned(versions: Iterable[Version], monday: date) -> Decimal:
    """Give the hours bought for a week, in hundredths: each version by its days of the week / 7 (S21)."""
    sunday = monday + WEEK - DAY
    total = Decimal(0)
    for one in versions:
        first, last = max(monday, one.from_on), min(sunday, one.until_on)
        if first <= last:
            total += one.terms.hours * ((last - first).days + 1)
    return (total / 7).quantize(HUNDREDTH, ROUND_HALF_UP)


def weeks(
    versions: tuple[Version, ...], entries: Iterable[HoursEntry], from_on: date, until_on: date
) -> tuple[Week, ...]:
    """Compare every week that has a day in the span, in order (A35).

    A version that holds no day of a week adds nothing to it. Individual hours count against what was bought.
    """
    given: dict[tuple[date, HoursKind], Decimal] = {}
    for entry in entries:
        key = monday_of(entry.on), entry.kind
        given[key] = given.get(key, Decimal(0)) + entry.hours
    none = Decimal(0)
    return tuple(
        Week(
            monday,
            commissioned(versions, monday),
            given.get((monday, HoursKind.INDIVIDUAL), none),
            given.get((monday, HoursKind.SHARED), none),
            given.get((monday, HoursKind.NIGHT), none),
        )
        for monday in _mondays(from_on, until_on)
    )


def is_short(week: Week) -> bool:
    """Say whether a week was given too little of what was bought (A35)."""
    return week.individual < week.commissioned * ENOUGH


def under_delivered(found: tuple[Week, ...]) -> tuple[Week, ...]:
    """Give the short weeks that raise the alarm: those of every run of two or more, in order (A35).

    The weeks follow one another without a gap, as `weeks` gives them; only weeks that are over belong in them.
    """
    alarming: list[Week] = []
    run: list[Week] = []
    for week in found:
        run = [*run, week] if is_short(week) else []
        if len(run) >= SHORT_WEEKS:
            alarming += run if len(run) == SHORT_WEEKS else run[-1:]
    return tuple(alarming)


def check_entries(agreement: Agreement, entries: Iterable[HoursEntry], today: date) -> None:
    """Refuse hours outside the stay or in the future (A35); raise `OutsideStay` or `StillToCome`.

    Hours of a stay that has ended may still be recorded: timesheets come late.
    """
    for entry in entries:
        if entry.on > today:
            raise StillToCome(entry.on, today)
        if not agreement.starts_on <= entry.on <= agreement.last_day:
            raise OutsideStay(entry.on, agreement.starts_on, agreement.last_day)


def check_reasons(found: Iterable[Week], reasons: Mapping[date, str]) -> None:
    """Refuse more individual hours in a week than were bought, unless a reason says why (A35).

    `reasons` go by the week's Monday. Raise `AboveCommissioned` for the first week without one.
    """
    for week in found:
        if week.individual > week.commissioned and not reasons.get(week.monday, "").strip():
            raise AboveCommissioned(week.monday, week.commissioned, week.individual)


def row_faults(
    rows: Iterable[TimesheetRow],
    first: date,
    last: date,
    versions: tuple[Version, ...],
    kept: Iterable[HoursEntry],
    reasons: Mapping[date, str],
    today: date,
) -> tuple[RowFault, ...]:
    """Find the rows of one agreement's timesheet that its stay does not allow: the faults of `record_hours`, by row.

    `kept` are the hours that stand for the weeks of the rows, `reasons` those given before. A week with more hours than
    were bought is a fault of each of its rows, unless one of them says why.
    """
    faults, good = [], []
    for row in rows:
        if row.entry.on > today:
            faults.append(RowFault(row.line, "still_to_come", "date", row.entry.on.isoformat()))
        elif not first <= row.entry.on <= last:
            faults.append(RowFault(row.line, "outside_stay", "date", row.entry.on.isoformat()))
        else:
            good.append(row)
    after = {(each.on, each.kind): each for each in kept} | {(row.entry.on, row.entry.kind): row.entry for row in good}
    said = {**reasons, **{monday_of(row.entry.on): row.reason for row in good if row.reason}}
    days = [row.entry.on for row in good]
    above = {
        week.monday
        for week in (weeks(versions, after.values(), min(days), max(days)) if days else ())
        if week.individual > week.commissioned and not said.get(week.monday, "").strip()
    }
    faults += [
        RowFault(row.line, "above", "hours", f"{row.entry.hours.normalize():f}")
        for row in good
        if monday_of(row.entry.on) in above
    ]
    return tuple(sorted(faults, key=lambda fault: fault.line))


def hours_digest(entries: Iterable[HoursEntry]) -> str:
    """Give the SHA-256 of a week's hours, so that nobody signs other hours than were shown."""
    lines = sorted(f"{each.on.isoformat()} {each.kind.value} {each.hours.normalize():f}" for each in entries)
    return sha256("\n".join(lines).encode()).hexdigest()


def check_link_answer(link: HoursLink, entries: tuple[HoursEntry, ...], shown: str, now: datetime) -> None:
    """Refuse an answer by a link that is over, or to hours that were changed since they were shown (A35).

    `shown` is the digest of what was on the page. Raise `LinkOver`, `NothingToSign` or `HoursChanged`.
    """
    check_link(link, now)
    check_sign_off(link.week, entries)
    if shown != hours_digest(entries):
        raise HoursChanged(link.week)


def check_link(link: HoursLink, now: datetime) -> None:
    """Refuse a link that was answered, replaced, or is 14 days old; raise `LinkOver`."""
    if link.ended_at is not None or now >= link.expires_at:
        raise LinkOver(link.answered)


def unsigned_week(week: date) -> date:
    """Give the week whose signature is overdue on the Monday after another week (A35)."""
    return week - UNSIGNED_AFTER


def check_sign_off(week: date, entries: Iterable[HoursEntry]) -> None:
    """Refuse to sign a week without hours (A35); raise `NothingToSign`."""
    if not any(monday_of(entry.on) == week for entry in entries):
        raise NothingToSign(week)


def _mondays(from_on: date, until_on: date) -> Iterator[date]:
    monday = monday_of(from_on)
    while monday <= until_on:
        yield monday
        monday += WEEK
