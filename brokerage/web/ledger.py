"""The weekly cost ledger as a file for the payment system (A33, S21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from litestar import Request, Response
from litestar.params import URLEncodedBody
from litestar.response import Stream

from brokerage.desk.books import MEDIA, Form
from brokerage.desk.flow.ledger import export_ledger
from brokerage.desk.sheets import of_this_century
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import read_day
from placements.rules import DAY, WEEK, monday_of

Data = Mapping[str, Any]

IN_MEMORY: Final = 1024 * 1024
"""A larger file lies on the disk while it is written and sent."""

PIECE: Final = 64 * 1024


@page("/ledger")
def show_ledger(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask which days, and which kind of file: the last whole week stands there."""
    asking = visit(request)
    with asking.work() as work:
        monday = monday_of(work.today) - WEEK
    values = {f"from_{part}": str(getattr(monday, part)) for part in ("day", "month", "year")}
    sunday = monday + WEEK - DAY
    values |= {f"to_{part}": str(getattr(sunday, part)) for part in ("day", "month", "year")}
    return _form(asking, values | {"form": "csv"}, {})


@form("/ledger")
def export_ledger_here(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Send the file; who took it, and its digest, are in the record before its first byte leaves."""
    asking = visit(request)
    asking.require(Permission.EXPORT_LEDGER)
    try:
        reader = Reader()
        from_on = _day(reader, data, "from", "The first day")
        until_on = _day(reader, data, "to", "The last day")
        kind = reader.choice(data.get("form"), "/form", "The kind of file", Form)
        reader.done()
        assert from_on is not None
        assert until_on is not None
        assert kind is not None
        return ledger_file(asking, from_on, until_on, kind)
    except NotValid as refusal:
        return _form(asking, data, {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults})


def ledger_file(asking: Visit, from_on: date, until_on: date, kind: Form) -> Stream:
    """Write the ledger to a file of its own, record it, and send it piece by piece. Raises NotValid."""
    out = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when it has been sent
    try:
        with asking.work() as work:
            event = export_ledger(work, from_on, until_on, kind, out)
    except BaseException:
        out.close()
        raise
    name = f"ledger-{from_on.isoformat()}-{until_on.isoformat()}.{kind.value}"
    return Stream(
        _pieces(out),
        status_code=200,
        media_type=MEDIA[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Ledger-Lines": str(event.lines),
            "X-Ledger-Total": str(event.total),
            "X-Ledger-SHA256": event.digest,
        },
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _day(reader: Reader, data: Data, name: str, words: str) -> date | None:
    return of_this_century(reader, read_day(reader, data, name, words), f"/{name}", words)


def _form(asking: Visit, values: Data, errors: Mapping[str, str]) -> Response[Any]:
    asking.require(Permission.EXPORT_LEDGER)
    return asking.show_form("pages/ledger/show_ledger.html", values, errors)


HANDLERS = (show_ledger, export_ledger_here)
