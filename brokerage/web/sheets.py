"""Tables for spreadsheets: CSV in which nothing that somebody typed is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from litestar import Response

STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[Any]:
    """Give a file to keep: UTF-8 with its mark, as spreadsheets want it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def cell(value: object) -> str:
    """Write one value; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_A_FORMULA) else text
