"""Hours, concerns and the ledger, for other systems (A33, A35, A38)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from brokerage.desk.books import Form
from brokerage.desk.flow.concerns import acknowledge_concern, raise_concern
from brokerage.desk.flow.hours import record_hours
from brokerage.desk.sheets import YEARS, read_day, read_reason, read_sheet
from brokerage.desk.views.concerns import concern, concerns
from brokerage.desk.views.hours import HoursView, hours
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import Fault, NotValid, Reader
from brokerage.web.api.calls import once, read, reply, write
from brokerage.web.api.shapes import Strict
from brokerage.web.auth import visit
from brokerage.web.concerns import MOST_WORDS, read_next_step
from brokerage.web.ledger import ledger_file
from placements.model import Concern, ConcernKind
from placements.rules import monday_of


class HoursBody(Strict):
    """Hours: `week`, all sessions of one week, or `entries`, sessions that are added or put right.

    A session is `{"date", "from", "to", "hours", "kind": "individual|shared|night", "shared_with"}`.
    """

    week: list[dict[str, Any]] | None = None
    entries: list[dict[str, Any]] | None = None
    reason: str | None = None


class ConcernBody(Strict):
    """A concern: `kind` is safeguarding or serious_incident, `known_at` an instant with its zone."""

    kind: str
    known_at: str
    words: str
    action: str


class AcknowledgementBody(Strict):
    next_step: str


@read("/agreements/{agreement_id:uuid}/hours")
def show_hours(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[str]:
    """Give every week of an agreement: hours bought, hours given, how they were answered for."""
    with visit(request).work() as work:
        return reply(_weeks(hours(work, agreement_id), None))


@write("/agreements/{agreement_id:uuid}/hours", status_code=200)
def record_agreement_hours(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: JSONBody[HoursBody]
) -> Response[str]:
    """Record hours given; the weeks they are in come back."""

    def deed(work: Work) -> tuple[int, Any]:
        if (data.week is None) == (data.entries is None):
            raise NotValid((Fault("", "Send either week or entries"),))
        reason = read_reason(data.reason)
        if data.week is not None:
            whole = _monday(data.week)
            entries = read_sheet(data.week, "/week", whole)
        else:
            whole = None
            entries = read_sheet(data.entries or [], "/entries")
            if not entries:
                raise NotValid((Fault("/entries", "Send one session or more"),))
        record_hours(work, agreement_id, entries, whole=whole, reason=reason)
        touched = {monday_of(each.on) for each in entries} | ({whole} if whole else set())
        return 200, _weeks(hours(work, agreement_id), touched)

    return once(request, deed)


@read("/agreements/{agreement_id:uuid}/concerns")
def show_concerns(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Response[str]:
    """List what was told about an agreement, the newest first."""
    with visit(request).work() as work:
        return reply({"concerns": [_concern(one) for one in concerns(work, agreement_id).concerns]})


@write("/agreements/{agreement_id:uuid}/concerns", status_code=201)
def raise_agreement_concern(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: JSONBody[ConcernBody]
) -> Response[str]:
    """Tell the council of a concern or an incident; late is kept as late."""

    def deed(work: Work) -> tuple[int, Any]:
        reader = Reader()
        kind = reader.choice(data.kind, "/kind", "The kind", ConcernKind)
        known_at = _instant(reader, data.known_at)
        words = reader.text(data.words, "/words", "What happened", most=MOST_WORDS, least=1)
        action = reader.text(data.action, "/action", "What was done", most=MOST_WORDS, least=1)
        reader.done()
        assert kind is not None
        assert known_at is not None
        concern_id = raise_concern(work, agreement_id, kind, known_at, words, action)
        return 201, _concern(concern(work, concern_id).concern)

    return once(request, deed)


@write("/concerns/{concern_id:uuid}/acknowledgement", status_code=200)
def acknowledge(
    request: Request[Any, Any, Any], concern_id: FromPath[UUID], data: JSONBody[AcknowledgementBody]
) -> Response[str]:
    """Acknowledge a concern for the council, once, and say what comes next."""

    def deed(work: Work) -> tuple[int, Any]:
        acknowledge_concern(work, concern_id, read_next_step(data.next_step))
        return 200, _concern(concern(work, concern_id).concern)

    return once(request, deed)


@read("/ledger")
def show_ledger(
    request: Request[Any, Any, Any],
    from_on: Annotated[date, QueryParameter(name="from")],
    until_on: Annotated[date, QueryParameter(name="to")],
) -> Stream:
    """Give the cost ledger of some days: JSON lines, or CSV or XLSX where Accept asks for it."""
    asking = visit(request)
    asking.require(Permission.EXPORT_LEDGER)
    accept = request.headers.get("accept", "")
    kind = Form.CSV if "text/csv" in accept else Form.XLSX if "spreadsheetml" in accept else Form.JSONL
    return ledger_file(asking, from_on, until_on, kind)


def _weeks(view: HoursView, touched: set[date] | None) -> dict[str, Any]:
    return {
        "weeks": [
            {
                "starts_on": one.week.monday,
                "commissioned": float(one.week.commissioned),
                "delivered": float(one.week.individual),
                "shared": float(one.week.shared),
                "night": float(one.week.night),
                "state": one.state.value,
                "over": one.over,
                "short": one.short,
                "reason": one.reason,
            }
            for one in reversed(view.weeks)
            if touched is None or one.week.monday in touched
        ]
    }


def _concern(found: Concern) -> dict[str, Any]:
    return {
        "id": found.id,
        "agreement_id": found.agreement_id,
        "kind": found.kind,
        "known_at": found.known_at,
        "due_by": found.due_by,
        "told_at": found.told_at,
        "late": found.late,
        "words": found.words,
        "action": found.action,
        "acknowledge_by": found.acknowledge_by,
        "acknowledged_at": found.acknowledged_at,
        "next_step": found.next_step,
        "escalated_at": found.escalated_at,
    }


def _monday(rows: list[dict[str, Any]]) -> date:
    """Find the week of a sheet by its first day that can be read; the reader finds the others' faults."""
    reader = Reader()
    first = read_day(reader, rows[0].get("date"), "/week/0/date", "The day") if rows else None
    if first is None:
        raise NotValid(tuple(reader.faults) or (Fault("/week", "Send one session or more"),))
    return monday_of(first)


def _instant(reader: Reader, raw: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in YEARS:
        reader.fault("/known_at", "known_at must be an instant with its zone, such as 2026-11-21T22:30:00Z")
        return None
    return found


HANDLERS = (
    show_hours,
    record_agreement_hours,
    show_concerns,
    raise_agreement_concern,
    acknowledge,
    show_ledger,
)
