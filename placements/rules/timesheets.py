"""Read timesheets in CSV, with a fault for every row that cannot be read (DPS spec 3.6.5; A35)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from placements.errors import TimesheetUnreadable
from placements.model import DAY_HOURS, HOUR_STEP, HoursEntry, HoursKind, RowFault, Timesheet, TimesheetRow

MOST_ROWS: Final = 10_000
"""A file has at most so many rows of hours; more are sent in more files (A35)."""

COLUMNS: Final = ("agreement", "date", "hours", "kind")
"""What the first row names, in any order, capital letters or small; other columns are not read."""

MAY_HAVE: Final = ("shared with", "reason")
"""Columns that a file may have: with how many others hours were shared; why more was given than was bought (A35)."""

MOST_CHARACTERS: Final = 200
"""A cell longer than this is no date, number or word of a timesheet."""

_FORMULA: Final = re.compile(r"\s*[=+@\t\r-]")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_BRITISH: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_KINDS: Final[Mapping[str, HoursKind]] = {kind.value: kind for kind in HoursKind}

_Cells = Mapping[str, str]


class _Fault(Exception):
    """A cell cannot be read: a code and the column."""

    def __init__(self, code: str, column: str | None, found: str) -> None:
        super().__init__(code)
        self.code, self.column, self.found = code, column, found


def read_timesheet(raw: bytes) -> Timesheet:
    """Read a timesheet; each row is either good or a fault, and keeps its line in the file (the heading is line 1).

    The columns are `agreement` (its reference), `date` (2026-11-21 or 21/11/2026), `hours` (in quarters) and `kind`
    (individual, shared or night; empty is individual), and if wanted those of `MAY_HAVE`; separated by commas,
    semicolons or tabs. UTF-8, UTF-16 and Windows-1252 are read, line by line, as files from several desks are joined.
    A cell that a spreadsheet would run as a formula is a fault, whatever it says. A second row for one agreement, day
    and kind is a fault. Raise `TimesheetUnreadable` where a column is missing or there are more rows than `MOST_ROWS`.
    """
    lines = _lines(raw)
    heading = lines[0] if lines and lines[0] is not None else ""
    separator = max(",;\t", key=heading.count)
    names = [cell.strip().lower() for cell in _cells(heading, separator) or []]
    filled = sum(1 for line in lines[1:] if line is None or line.strip())
    missing = tuple(column for column in COLUMNS if column not in names)
    if missing or filled > MOST_ROWS:
        raise TimesheetUnreadable(missing, filled, MOST_ROWS)
    rows: list[TimesheetRow] = []
    faults: list[RowFault] = []
    seen: set[tuple[str, date, HoursKind]] = set()
    for number, line in enumerate(lines[1:], start=2):
        if line is not None and not line.strip(f" {separator}"):
            continue
        try:
            row = _row(number, line, names, separator)
            key = (row.reference, row.entry.on, row.entry.kind)
            if key in seen:
                raise _Fault("twice", None, f"{row.reference} {row.entry.on.isoformat()} {row.entry.kind}")
        except _Fault as fault:
            faults.append(RowFault(number, fault.code, fault.column, fault.found[:MOST_CHARACTERS]))
        else:
            seen.add(key)
            rows.append(row)
    return Timesheet(tuple(rows), tuple(faults))


def _row(number: int, line: str | None, names: list[str], separator: str) -> TimesheetRow:
    if line is None:
        raise _Fault("encoding", None, "")
    cells = _cells(line, separator)
    if cells is None or len(cells) < len(names):
        raise _Fault("columns", None, line)
    by_name = dict(zip(names, cells, strict=False))
    for column in (*COLUMNS, *MAY_HAVE):
        found = by_name.get(column, "")
        if len(found) > MOST_CHARACTERS or not found.isprintable():
            raise _Fault("unreadable", column, "")
        if _FORMULA.match(found):
            raise _Fault("formula", column, found)
    reference = by_name["agreement"].strip()
    if not reference:
        raise _Fault("empty", "agreement", "")
    kind = _kind(by_name)
    entry = HoursEntry(_day(by_name), _hours(by_name), kind, _shared_with(by_name, kind))
    return TimesheetRow(number, reference, entry, by_name.get("reason", "").strip())


def _shared_with(cells: _Cells, kind: HoursKind) -> int | None:
    found = cells.get("shared with", "").strip()
    if not found:
        return None
    if kind is not HoursKind.SHARED or not re.fullmatch(r"[1-9][0-9]?", found):
        raise _Fault("shared_with", "shared with", found)
    return int(found)


def _day(cells: _Cells) -> date:
    found = cells["date"].strip()
    parts: tuple[str, ...] | None = None
    if iso := _ISO.fullmatch(found):
        parts = iso.groups()
    elif british := _BRITISH.fullmatch(found):
        parts = british.groups()[::-1]
    try:
        if parts is None or not found.isascii():
            raise ValueError(found)
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        raise _Fault("date", "date", found) from None


def _hours(cells: _Cells) -> Decimal:
    found = cells["hours"].strip()
    try:
        if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", found):
            raise InvalidOperation
        hours = Decimal(found)
        if not 0 < hours <= DAY_HOURS or hours % HOUR_STEP:
            raise InvalidOperation
    except InvalidOperation:
        raise _Fault("hours", "hours", found) from None
    return hours


def _kind(cells: _Cells) -> HoursKind:
    found = cells["kind"].strip().lower()
    if found and found not in _KINDS:
        raise _Fault("kind", "kind", found)
    return _KINDS.get(found, HoursKind.INDIVIDUAL)


def _cells(line: str, separator: str) -> list[str] | None:
    """Cut a line at its separators; `None` where its quotes do not close."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _lines(raw: bytes) -> list[str | None]:
    """Give every line as text, `None` for one in no known encoding; a byte order mark speaks for the whole file."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark) and encoding != "utf-8":
            return list(raw[len(mark) :].decode(encoding, errors="replace").splitlines())
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    return list(_decoded(raw))


def _decoded(raw: bytes) -> Iterator[str | None]:
    for line in raw.splitlines():
        for encoding in ("utf-8", "cp1252"):
            try:
                yield line.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            yield None
