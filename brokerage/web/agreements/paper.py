"""The agreement as a paper: a page to print, and the same template as a PDF (A30)."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from brokerage.desk import views
from brokerage.web.agreements.agreement import Answer, Asked, asked_day
from brokerage.web.auth import page, visit
from brokerage.web.pages import render, templates_dir
from brokerage.web.problems import NoPdfHere


@page("/agreements/{agreement_id:uuid}/print")
def print_agreement(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Show the agreement as a paper to print and sign."""
    asking, on = visit(request), asked_day(request)
    with asking.work() as work:
        found = views.agreement_page(work, agreement_id, on)
    return asking.show("papers/agreement.html", page=found, frame="layout.html")


@page("/agreements/{agreement_id:uuid}/agreement.pdf")
def download_agreement(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Give the agreement as a tagged PDF, made of the same template. Raises NoPdfHere without the extra."""
    asking, on = visit(request), asked_day(request)
    with asking.work() as work:
        found = views.agreement_page(work, agreement_id, on)
    html = render(asking.house.env, "papers/agreement.html", page=found, frame="papers/frame.html")
    made = found.view.agreement
    return Response(
        pdf_of(html),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="agreement-{made.reference}.pdf"',
            "Cache-Control": "no-store",
        },
    )


def pdf_of(html: str) -> bytes:
    """Turn a page into a PDF that a screen reader can read (PDF/UA). Raises NoPdfHere without the extra."""
    try:
        # Imported here: the extra is optional, and it takes a second that no other page should wait for.
        from weasyprint import CSS, HTML
    except (ImportError, OSError):  # OSError: the wheel is there, the system's Pango is not
        raise NoPdfHere from None
    sheet = CSS(string=_sheet(), url_fetcher=_nothing)
    made: bytes = HTML(string=html, url_fetcher=_nothing).write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1")
    return made


@cache
def _sheet() -> str:
    return (templates_dir() / "papers" / "paper.css").read_text(encoding="utf-8")


def _nothing(url: str, *_: Any, **__: Any) -> Any:
    """Fetch nothing: a paper is made of its own words alone, whatever somebody typed into them."""
    raise ValueError(f"a paper fetches nothing: {url[:40]}")


HANDLERS = (print_agreement, download_agreement)
