"""A spreadsheet runs nothing that somebody typed."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from brokerage.web.sheets import STARTS_A_FORMULA, cell, sheet

TYPED = st.one_of(
    st.text(max_size=30), st.sampled_from(["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1", '"=1'])
)


@given(TYPED)
def test_no_cell_begins_as_a_formula_does_and_nothing_is_lost(typed: str) -> None:
    written = cell(typed)
    assert not written.lstrip(" ").startswith(STARTS_A_FORMULA)
    assert written.removeprefix("'") == typed.removeprefix("'") or written == typed


@given(st.lists(TYPED.filter(lambda text: "\x00" not in text and text.isprintable()), min_size=1, max_size=4))
def test_a_sheet_is_read_back_cell_by_cell(row: list[str]) -> None:
    body = sheet("rates", ["x"] * len(row), [row]).content
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert read[1] == [cell(one) for one in row]
