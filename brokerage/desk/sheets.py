"""Read a week's sheet as it was typed or sent: sessions with times or hours, summed by day and kind (A35, S21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from brokerage.desk.clock import LONDON
from brokerage.reading import Reader
from placements.model import DAY_HOURS, HOUR_STEP, HoursEntry, HoursKind
from placements.rules import monday_of

FIELDS: Final = ("date", "from", "to", "hours", "kind", "shared_with")
MOST_SESSIONS: Final = 200
"""A week has fewer sessions than this."""

YEARS: Final = range(2000, 2100)
MOST_REASON: Final = 1_000

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Session:
    at: str
    on: date
    hours: Decimal
    kind: HoursKind
    shared_with: int | None
    began: datetime | None
    ended: datetime | None


def read_sheet(rows: Sequence[Row], at: str, week: date | None = None) -> tuple[HoursEntry, ...]:
    """Read sessions into hours by day and kind; every fault is collected, at `<at>/<place>/<field>`.

    A session has `from` and `to` (London clock time; one that ends before it begins ends the next day and belongs to
    the day it began; hours are elapsed ones, so a night of a clock change has an hour more or less) or `hours`, or both
    where they agree. With `week`, a Monday, every day lies in it. Raises NotValid.
    """
    reader = Reader()
    if len(rows) > MOST_SESSIONS:
        reader.fault(at, f"Send {MOST_SESSIONS} sessions or fewer at once; there are {len(rows):,}")
        reader.done()
    found = [one for place, row in enumerate(rows) if (one := _session(reader, row, f"{at}/{place}", week))]
    _check_overlaps(reader, found)
    sums: dict[tuple[date, HoursKind], Decimal] = {}
    with_most: dict[tuple[date, HoursKind], int | None] = {}
    for one in found:
        key = one.on, one.kind
        sums[key] = sums.get(key, Decimal(0)) + one.hours
        with_most[key] = max(with_most.get(key) or 0, one.shared_with or 0) or None
        if sums[key] > DAY_HOURS:
            reader.fault(f"{one.at}/hours", f"There are more than {DAY_HOURS} hours of one kind on this day")
    reader.done()
    return tuple(HoursEntry(on, hours, kind, with_most[on, kind]) for (on, kind), hours in sorted(sums.items()))


def read_day(reader: Reader, raw: object, at: str, name: str) -> date | None:
    """Read a day of this century, so that nothing reckoned from it leaves the calendar."""
    return of_this_century(reader, reader.day(raw, at, name), at, name)


def of_this_century(reader: Reader, on: date | None, at: str, name: str) -> date | None:
    """Refuse a day from which nothing sensible can be reckoned."""
    if on is not None and on.year not in YEARS:
        reader.fault(at, f"{name} must be between {YEARS[0]} and {YEARS[-1]}")
        return None
    return on


def read_reason(raw: object) -> str:
    """Read why more hours were given than were bought; it may be empty. Raises NotValid."""
    reader = Reader()
    reason = reader.text(raw, "/reason", "The reason", most=MOST_REASON)
    reader.done()
    return reason


def _session(reader: Reader, row: Row, at: str, week: date | None) -> _Session | None:
    reader.only(row, at, FIELDS)
    on = read_day(reader, row.get("date"), f"{at}/date", "The day")
    kind = reader.choice(row.get("kind") or HoursKind.INDIVIDUAL, f"{at}/kind", "The kind of hours", HoursKind)
    if on is not None and week is not None and monday_of(on) != week:
        reader.fault(f"{at}/date", "The day is not in this week")
    shared_with = None
    if row.get("shared_with") not in (None, ""):
        shared_with = reader.count(row["shared_with"], f"{at}/shared_with", "The number of others", least=1, most=99)
        if kind is not None and kind is not HoursKind.SHARED:
            reader.fault(f"{at}/shared_with", "Only shared hours are shared with others")
            shared_with = None
    began, ended = _times(reader, row, at, on)
    hours = _hours(reader, row, at, began, ended)
    if on is None or kind is None or hours is None:
        return None
    return _Session(at, on, hours, kind, shared_with, began, ended)


def _times(reader: Reader, row: Row, at: str, on: date | None) -> tuple[datetime | None, datetime | None]:
    if not row.get("from") and not row.get("to"):
        return None, None
    first = reader.clock(row.get("from"), f"{at}/from", "The time it began")
    last = reader.clock(row.get("to"), f"{at}/to", "The time it ended")
    if first is None or last is None or on is None:
        return None, None
    began = _instant(on, first)
    ended = _instant(on + timedelta(days=1) if last <= first else on, last)
    return began, ended


def _instant(on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, LONDON).astimezone(UTC)


def _hours(reader: Reader, row: Row, at: str, began: datetime | None, ended: datetime | None) -> Decimal | None:
    typed = row.get("hours")
    given = None
    if typed not in (None, ""):
        given = reader.hours(typed, f"{at}/hours", "The hours")
        if given is not None and not 0 < given <= DAY_HOURS:
            reader.fault(f"{at}/hours", f"The hours must be more than 0 and at most {DAY_HOURS}")
            given = None
    if began is None or ended is None:
        if typed in (None, "") and not row.get("from") and not row.get("to"):
            reader.fault(f"{at}/hours", "Enter when it began and ended, or the hours")
        return given
    elapsed = Decimal((ended - began) // timedelta(minutes=1)) / 60
    if elapsed % HOUR_STEP:
        reader.fault(f"{at}/to", "Times must give whole quarters of an hour, such as 4pm to 5:45pm")
        return None
    if given is not None and given != elapsed:
        reader.fault(f"{at}/hours", f"From and to give {elapsed.normalize():f} hours: correct one of the three")
        return None
    return elapsed


def _check_overlaps(reader: Reader, found: Sequence[_Session]) -> None:
    """Refuse two sessions with the one young person at the same time: one of them is typed twice."""
    timed = [
        (one.began, one.ended, one.at)
        for one in found
        if one.kind is HoursKind.INDIVIDUAL and one.began is not None and one.ended is not None
    ]
    timed.sort()
    for (_, ended, _), (began, _, at) in pairwise(timed):
        if began < ended:
            reader.fault(f"{at}/from", "These times overlap with another session on the sheet")
