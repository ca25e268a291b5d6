"""Equality questions: optional, apart from the referral, and reported in numbers that point at nobody (A45)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import equality as flow
from brokerage.desk.views import equality as views
from brokerage.equality.errors import ConsentMissing
from brokerage.equality.model import QUESTIONS, EqualityAnswers
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.sheets import sheet

Data = Mapping[str, Any]


@page("/referrals/{referral_id:uuid}/equality")
def show_equality(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Ask the questions, after the purpose; what was answered before is not shown."""
    return _ask(visit(request), referral_id, {}, {})


@form("/referrals/{referral_id:uuid}/equality")
def record_equality(
    request: Request[Any, Any, Any], referral_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Response[Any]:
    """Keep the answers, by consent."""
    asking = visit(request)
    asking.require(Permission.RAISE_REFERRAL)
    try:
        answers = read_equality(data)
        with asking.work() as work:
            flow.record_equality(work, referral_id, answers, consented=data.get("consent") == "yes")
    except NotValid as refusal:
        return _ask(asking, referral_id, data, {one.pointer.removeprefix("/"): one.message for one in refusal.faults})
    except ConsentMissing as refusal:
        return _ask(asking, referral_id, data, asking.refused_in(refusal))
    return asking.go(f"/referrals/{referral_id}/equality", "The answers are kept, apart from the referral")


@form("/referrals/{referral_id:uuid}/equality/withdraw")
def withdraw_equality(request: Request[Any, Any, Any], referral_id: FromPath[UUID]) -> Response[Any]:
    """Delete the answers."""
    asking = visit(request)
    with asking.work() as work:
        flow.withdraw_equality(work, referral_id)
    return asking.go(f"/referrals/{referral_id}/equality", "The answers are deleted")


@page("/equality")
def show_equality_report(request: Request[Any, Any, Any]) -> Response[Any]:
    """Report each question in numbers."""
    asking = visit(request)
    with asking.work() as work:
        tables = views.equality_report(work)
    return asking.show("pages/equality/show_equality_report.html", tables_of=tables)


@page("/equality.csv")
def export_equality(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give the same report for a spreadsheet, with the same numbers hidden."""
    asking = visit(request)
    with asking.work() as work:
        tables = views.equality_report(work)
    hidden = "Fewer than 5, or hidden"
    rows = [
        (table.question, choice, hidden if count is None else count)
        for table in tables
        for choice, count in (*table.counts, ("total", table.total))
    ]
    return sheet("equality", ("Question", "Answer", "Young people"), rows)


def read_equality(document: Data) -> EqualityAnswers:
    """Read the answers; each question takes "prefer not to say". Raises NotValid."""
    reader = Reader()
    found = {
        name: reader.choice(document.get(name), f"/{name}", "An answer, or that they prefer not to say", kind)
        for name, kind in QUESTIONS.items()
    }
    reader.done()
    return EqualityAnswers(**found)  # type: ignore[arg-type]  # each is of its own kind: the reader has no faults


def _ask(asking: Visit, referral_id: UUID, typed: Data, errors: Mapping[str, str]) -> Response[Any]:
    with asking.work() as work:
        view = views.equality_form(work, referral_id)
    return asking.show_form("pages/equality/show_equality.html", typed, errors, view=view)


HANDLERS = (show_equality, record_equality, withdraw_equality, show_equality_report, export_equality)
