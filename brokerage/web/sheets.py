"""Tables to take away, as spreadsheets want them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from litestar import Response

from brokerage.desk.books import MEDIA, Cell, Form, csv_text


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response[Any]:
    """Give a CSV file to keep, in UTF-8 with its mark; nothing that somebody typed is run as a formula."""
    return Response(
        csv_text([head, *rows]).encode("utf-8-sig"),
        media_type=MEDIA[Form.CSV],
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
