"""A spreadsheet runs nothing that somebody typed."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from brokerage.desk.books import safe
from brokerage.web.sheets import sheet

TYPED = st.one_of(
    st.text(max_size=30), st.sampled_from(["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1", '"=1'])
)


@given(st.lists(TYPED.filter(lambda text: "\x00" not in text and text.isprintable()), min_size=1, max_size=4))
def test_a_sheet_is_read_back_cell_by_cell(row: list[str]) -> None:
    body = sheet("rates", ["x"] * len(row), [row]).content
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert read[1] == [safe(one) for one in row]
