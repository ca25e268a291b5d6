"""The record of the council, and the check of its chain."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response

from brokerage.desk import views
from brokerage.desk.views import RecordPage
from brokerage.web.auth import Visit, form, page, visit

LINES: Final = 50
"""Lines of the record on one page."""


@page("/record")
def show_record(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the last lines of the authority's record, newest first."""
    asking = visit(request)
    raw = request.query_params.get("before", "")
    before = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None
    with asking.work() as work:
        found = views.record_page(work, before, LINES)
    return _record(asking, found, None)


@form("/record/verify")
def verify_record(request: Request[Any, Any, Any]) -> Response[Any]:
    """Check every line of the authority's record against its chain."""
    asking = visit(request)
    with asking.work() as work:
        found, verified = views.record_page(work, None, LINES), views.verify_record(work)
    return _record(asking, found, verified)


def _record(asking: Visit, found: RecordPage, verified: object) -> Response[Any]:
    return asking.show("pages/register/show_record.html", record=found, verified=verified)


HANDLERS = (show_record, verify_record)
