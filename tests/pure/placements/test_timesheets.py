"""Timesheets: every row is good or a fault, whatever is in the file (A35)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.errors import TimesheetUnreadable
from placements.model import HoursEntry, HoursKind
from placements.rules import MOST_ROWS, read_timesheet

HEADING = b"agreement,date,hours,kind\n"
GOOD = HoursEntry(date(2027, 1, 4), Decimal("2.5"), HoursKind.INDIVIDUAL)


def codes(row: str) -> list[tuple[str, str | None]]:
    found = read_timesheet(HEADING + row.encode())
    assert len(found.rows) + len(found.faults) == 1
    return [(fault.code, fault.column) for fault in found.faults]


@pytest.mark.parametrize(
    "row",
    [
        "A1,2027-01-04,2.5,individual",
        "A1,04/01/2027,2.50,",
        "A1,4/1/2027,2.5,INDIVIDUAL",
        '"A1","2027-01-04","2.5","individual"',
        " A1 , 2027-01-04 , 2.5 , individual ",
        "A1,2027-01-04,2.5,individual,a note",
    ],
)
def test_a_good_row(row: str) -> None:
    (found,) = read_timesheet(HEADING + row.encode()).rows
    assert (found.line, found.reference, found.entry) == (2, "A1", GOOD)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("A1,2027-02-30,1,", "date", "date"),
        ("A1,01-04-2027,1,", "date", "date"),
        ("A1,٢٠٢٧-٠١-٠٤,1,", "date", "date"),
        ("A1,0000-01-04,1,", "date", "date"),
        ("A1,2027-01-04,0,", "hours", "hours"),
        ("A1,2027-01-04,24.25,", "hours", "hours"),
        ("A1,2027-01-04,1.1,", "hours", "hours"),
        ("A1,2027-01-04,1e1,", "hours", "hours"),
        ("A1,2027-01-04,NaN,", "hours", "hours"),
        ("A1,2027-01-04,٣,", "hours", "hours"),
        ("A1,2027-01-04,,", "hours", "hours"),
        ("A1,2027-01-04,1,waking", "kind", "kind"),
        (",2027-01-04,1,", "empty", "agreement"),
        ("A1,2027-01-04,1", "columns", None),
        ('A1,"2027-01-04,1,', "columns", None),
        ("=HYPERLINK(1),2027-01-04,1,", "formula", "agreement"),
        ("A1,2027-01-04,=1+1,", "formula", "hours"),
        ("A1,2027-01-04,-1,", "formula", "hours"),
        ("A1,2027-01-04,+1,", "formula", "hours"),
        ("@A1,2027-01-04,1,", "formula", "agreement"),
        ('"  =A1",2027-01-04,1,', "formula", "agreement"),
        ("A\x001,2027-01-04,1,", "unreadable", "agreement"),
        ("A" * 201 + ",2027-01-04,1,", "unreadable", "agreement"),
    ],
)
def test_a_row_that_cannot_be_read_says_where_and_why(row: str, code: str, column: str | None) -> None:
    assert codes(row) == [(code, column)]


def test_a_file_joined_from_several_desks_is_read_line_by_line() -> None:
    raw = HEADING + "É1,2027-01-04,1,\n".encode() + "É1,2027-01-05,1,\n".encode("cp1252") + b"\x81\x8d,2027-01-06,1,\n"
    found = read_timesheet(raw)
    assert [row.reference for row in found.rows] == ["É1", "É1"]
    assert [(fault.line, fault.code) for fault in found.faults] == [(4, "encoding")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_save_in_their_own_ways(encoding: str, separator: str, end: str) -> None:
    lines = (("Kind", "AGREEMENT", "Worker", "Hours", "Date"), ("night", "Ä1", "", "9", "2027-01-04"), ("",) * 5)
    raw = end.join(separator.join(cells) for cells in lines).encode(encoding)
    found = read_timesheet(raw)
    assert found.faults == ()
    assert [(row.reference, row.entry) for row in found.rows] == [
        ("Ä1", HoursEntry(date(2027, 1, 4), Decimal(9), HoursKind.NIGHT))
    ]


def test_the_same_day_and_kind_twice_is_a_fault_of_the_second() -> None:
    found = read_timesheet(HEADING + b"A1,2027-01-04,1,\nA1,04/01/2027,2,individual\nA1,2027-01-04,2,night\n")
    assert [row.line for row in found.rows] == [2, 4]
    assert [(fault.line, fault.code, fault.found) for fault in found.faults] == [
        (3, "twice", "A1 2027-01-04 individual")
    ]


def test_a_file_that_is_no_timesheet_is_refused_whole() -> None:
    for raw, missing in ((b"", ("agreement", "date", "hours", "kind")), (b"agreement,date\nA1,x\n", ("hours", "kind"))):
        with pytest.raises(TimesheetUnreadable) as refused:
            read_timesheet(raw)
        assert refused.value.missing == missing


def test_ten_thousand_rows_are_read_and_one_more_is_not() -> None:
    row = b"A%d,2027-01-04,1,\n"
    full = HEADING + b"".join(row % number for number in range(MOST_ROWS))
    assert len(read_timesheet(full).rows) == MOST_ROWS
    with pytest.raises(TimesheetUnreadable) as refused:
        read_timesheet(full + row % MOST_ROWS)
    assert (refused.value.rows, refused.value.most) == (MOST_ROWS + 1, MOST_ROWS)


@given(st.binary(max_size=300), st.lists(st.binary(max_size=40), max_size=5))
def test_no_file_breaks_the_reader(noise: bytes, lines: list[bytes]) -> None:
    for raw in (noise, HEADING + b"\n".join([*lines, noise])):
        try:
            found = read_timesheet(raw)
        except TimesheetUnreadable:
            continue
        read = [row.line for row in found.rows] + [fault.line for fault in found.faults]
        assert len(read) == len(set(read))
