"""A week's sheet as it is typed: times, hours, nights and clock changes; files that no spreadsheet runs (A35)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.desk.books import Form, csv_text, open_book, safe
from brokerage.desk.sheets import MOST_SESSIONS, read_sheet
from brokerage.reading import NotValid
from placements.model import HoursEntry, HoursKind

MONDAY = date(2026, 12, 7)
K = HoursKind


def session(on: date = MONDAY, **fields: object) -> Mapping[str, object]:
    return {"date": on.isoformat(), **fields}


def pointers(*rows: Mapping[str, object], week: date | None = MONDAY) -> list[str]:
    with pytest.raises(NotValid) as refused:
        read_sheet(rows, "/week", week)
    return [fault.pointer for fault in refused.value.faults]


def test_sessions_of_a_day_and_kind_are_summed() -> None:
    rows = (
        session(**{"from": "9am", "to": "11:15am"}),
        session(hours="1.5"),
        session(hours=2, kind="shared", shared_with=2),
        session(hours="0.25", kind="shared", shared_with="3"),
    )
    assert read_sheet(rows, "/week", MONDAY) == (
        HoursEntry(MONDAY, Decimal("3.75"), K.INDIVIDUAL),
        HoursEntry(MONDAY, Decimal("2.25"), K.SHARED, 3),
    )


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 12, 7), "9"), (date(2026, 10, 24), "10"), (date(2027, 3, 27), "8")]
)
def test_a_night_belongs_to_the_day_it_began_and_lasts_as_long_as_it_lasts(on: date, hours: str) -> None:
    (entry,) = read_sheet((session(on, **{"from": "22:00", "to": "07:00"}, kind="night"),), "/week")
    assert entry == HoursEntry(on, Decimal(hours), K.NIGHT)


def test_every_fault_is_found_at_its_place() -> None:
    rows = (
        session(MONDAY + timedelta(days=7), hours="1"),
        session(**{"from": "9am"}),
        session(**{"from": "9am", "to": "9:10am"}),
        session(hours="0"),
        session(),
        session(hours="1", kind="waking"),
        session(hours="1", shared_with="2"),
        session(hours="1", what="x"),
        {"date": "2026-02-30", "hours": "1"},
    )
    assert pointers(*rows) == [
        "/week/0/date", "/week/1/to", "/week/2/to", "/week/3/hours", "/week/4/hours", "/week/5/kind",
        "/week/6/shared_with", "/week/7/what", "/week/8/date",
    ]  # fmt: skip


def test_two_sessions_at_one_time_and_more_than_a_day_are_refused() -> None:
    first, second = {"from": "9am", "to": "11am"}, {"from": "10:45am", "to": "noon"}
    assert pointers(session(**first), session(**(second | {"to": "12pm"}))) == ["/week/1/from"]
    assert pointers(session(hours="20"), session(hours="4.25")) == ["/week/1/hours"]
    assert pointers(*[session(hours="0.25")] * (MOST_SESSIONS + 1)) == ["/week"]


@given(st.lists(st.text("=+-@\t\r\n 'a1,\"", max_size=6), max_size=4))
def test_no_cell_of_a_csv_file_begins_as_a_formula_does(cells: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(csv_text([["first", *cells]]), newline=""))
    assert row == ["first", *(safe(cell) for cell in cells)]
    assert not any(cell.lstrip()[:1] in ("=", "+", "-", "@") for cell in row if cell)


@pytest.mark.parametrize("form", list(Form))
def test_a_book_of_any_form_is_written_row_by_row(form: Form) -> None:
    out = io.BytesIO()
    book = open_book(form, out, ("day", "name", "amount", "days"), datetime(2026, 12, 7, tzinfo=UTC))
    book.row((MONDAY, "=1+1", Decimal("1.10"), 3))
    book.row((None, "Zoë", None, None))
    book.close()
    whole = out.getvalue()
    if form is Form.CSV:
        assert whole.decode("utf-8-sig") == "day,name,amount,days\r\n2026-12-07,'=1+1,1.10,3\r\n,Zoë,,\r\n"
    elif form is Form.JSONL:
        assert whole.splitlines()[0] == b'{"day": "2026-12-07", "name": "=1+1", "amount": "1.10", "days": 3}'
    else:
        assert whole.startswith(b"PK")
        assert b"<f>" not in whole
