"""Write rows to a file for other systems: CSV, XLSX or JSON lines; one row at a time, never a formula."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import IO, Final, Protocol

from xlsxwriter import Workbook

Cell = str | int | date | Decimal | None


class Form(StrEnum):
    """Name a file's form, as its ending."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


MEDIA: Final = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSONL: "application/x-ndjson",
}


class Book(Protocol):
    """A file that is written row by row and closed once."""

    def row(self, cells: Sequence[Cell]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Finish the file."""


def open_book(form: Form, out: IO[bytes], columns: Sequence[str], made_at: datetime) -> Book:
    """Begin a file with its heading; `made_at` is all that it says about when it was made."""
    match form:
        case Form.CSV:
            return _Csv(out, columns)
        case Form.XLSX:
            return _Xlsx(out, columns, made_at)
        case Form.JSONL:
            return _JsonLines(out, columns)


def safe(text: str) -> str:
    """Take from a text what a spreadsheet would run: a quote before = + - @, tab and return (CSV injection)."""
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n") else text


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Write rows as CSV, every text made safe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue()


def digest_of(file: IO[bytes]) -> str:
    """Give the SHA-256 of a file, read piece by piece, and leave it at its beginning."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary file will do
    file.seek(0)
    return digest


def _plain(cell: Cell) -> str:
    return safe(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


class _Csv:
    """UTF-8 with a byte order mark, so that spreadsheets read names right."""

    def __init__(self, out: IO[bytes], columns: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=False)
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._writer.writerow(columns)

    def row(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow([_plain(cell) for cell in cells])

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class _Xlsx:
    """One sheet, its rows written out as they come; texts are texts, numbers numbers."""

    def __init__(self, out: IO[bytes], columns: Sequence[str], made_at: datetime) -> None:
        self._book = Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._book.set_properties({"created": made_at.replace(tzinfo=None)})
        self._sheet = self._book.add_worksheet("Ledger")
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._pounds = self._book.add_format({"num_format": "0.00"})
        self._number = 0
        bold = self._book.add_format({"bold": True})
        for place, name in enumerate(columns):
            self._sheet.write_string(0, place, name, bold)

    def row(self, cells: Sequence[Cell]) -> None:
        self._number += 1
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._number, place, cell)
            elif isinstance(cell, date):
                self._sheet.write_datetime(self._number, place, cell, self._day)
            elif isinstance(cell, Decimal):
                self._sheet.write_number(self._number, place, float(cell), self._pounds)
            elif cell is not None:
                self._sheet.write_number(self._number, place, cell)

    def close(self) -> None:
        self._book.close()


class _JsonLines:
    """One object a line; money and days as text."""

    def __init__(self, out: IO[bytes], columns: Sequence[str]) -> None:
        self._out, self._columns = out, columns

    def row(self, cells: Sequence[Cell]) -> None:
        values = [cell if cell is None or isinstance(cell, int | str) else str(cell) for cell in cells]
        self._out.write(json.dumps(dict(zip(self._columns, values, strict=True)), ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        pass
