"""Safeguarding concerns and serious incidents: told by the provider, acknowledged by the council (A38)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.clock import instants_in_london
from brokerage.desk.flow.concerns import acknowledge_concern, raise_concern
from brokerage.desk.sheets import of_this_century
from brokerage.desk.views.concerns import concern, concerns
from brokerage.people.model import Permission
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import read_day
from placements.errors import StillToCome
from placements.model import ConcernKind
from placements.rules import due_by

Data = Mapping[str, Any]
Answer = Response[Any]

KNOWN_ON: Final = "The day you found out"
TYPED: Final[tuple[str, ...]] = ("kind", "known_day", "known_month", "known_year", "known_time", "words", "action")
MOST_WORDS: Final = 5_000
MOST_STEP: Final = 2_000


@page("/agreements/{agreement_id:uuid}/concerns")
def show_concerns(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Answer:
    """Show what was told about an agreement; ask a provider what happened."""
    asking = visit(request)
    with asking.work() as work:
        today = work.today
    values = {"known_day": str(today.day), "known_month": str(today.month), "known_year": str(today.year)}
    return _form(asking, agreement_id, values, {})


@form("/agreements/{agreement_id:uuid}/concerns")
def raise_concern_here(
    request: Request[Any, Any, Any], agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Tell the council; late is kept as late and never refused."""
    asking = visit(request)
    asking.require(Permission.DELIVER)
    typed: Data = {name: str(data[name]) for name in TYPED if name in data}
    try:
        kind, known_at, words, action = read_concern(typed)
        with asking.work() as work:
            concern_id = raise_concern(work, agreement_id, kind, known_at, words, action)
    except NotValid as refusal:
        errors = {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}
        return _form(asking, agreement_id, typed, errors)
    except StillToCome:
        return _form(asking, agreement_id, typed, {"known_time": "The day and time must not be in the future"})
    return asking.go(f"/concerns/{concern_id}", "The council has been told. It is recorded")


@page("/concerns/{concern_id:uuid}")
def show_concern(request: Request[Any, Any, Any], concern_id: FromPath[UUID]) -> Answer:
    """Show a concern with its clocks; ask who may acknowledge it what comes next."""
    return _one(visit(request), concern_id, {}, {})


@form("/concerns/{concern_id:uuid}")
def acknowledge_concern_here(
    request: Request[Any, Any, Any], concern_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Acknowledge a concern and say what the council does next."""
    asking = visit(request)
    asking.require(Permission.ACKNOWLEDGE_CONCERN)
    try:
        next_step = read_next_step(data.get("next_step"))
    except NotValid as refusal:
        return _one(asking, concern_id, data, {"next_step": refusal.faults[0].message})
    with asking.work() as work:
        acknowledge_concern(work, concern_id, next_step)
    return asking.go(f"/concerns/{concern_id}", "It is acknowledged. The provider is told")


def read_concern(typed: Data) -> tuple[ConcernKind, datetime, str, str]:
    """Read what a provider tells: kind, when it knew (London time), what happened, what was done. Raises NotValid."""
    reader = Reader()
    kind = reader.choice(typed.get("kind"), "/kind", "What you are telling us", ConcernKind)
    day = of_this_century(reader, read_day(reader, typed, "known", KNOWN_ON), "/known", KNOWN_ON)
    clock = reader.clock(typed.get("known_time"), "/known_time", "The time you found out")
    known_at = None
    if day is not None and clock is not None:
        found = instants_in_london(day, clock)
        if found:
            known_at = found[0]  # an hour that comes twice: the earlier, so that no clock is made longer
        else:
            reader.fault("/known_time", "The clocks went forward that night and left this time out")
    words = reader.text(typed.get("words"), "/words", "What happened", most=MOST_WORDS, least=1)
    action = reader.text(typed.get("action"), "/action", "What you have done", most=MOST_WORDS, least=1)
    reader.done()
    assert kind is not None
    assert known_at is not None
    return kind, known_at, words, action


def read_next_step(raw: object) -> str:
    """Read what the council does next. Raises NotValid."""
    reader = Reader()
    said = reader.text(raw, "/next_step", "What happens next", most=MOST_STEP, least=1)
    reader.done()
    return said


def _form(asking: Visit, agreement_id: UUID, typed: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view, now = concerns(work, agreement_id), work.now
    clocks = {kind: due_by(kind, now) for kind in ConcernKind}
    return asking.show_form(
        "pages/concerns/show_concerns.html",
        typed,
        errors,
        view=view,
        now=now,
        midnight=clocks[ConcernKind.SAFEGUARDING],
        tomorrow=clocks[ConcernKind.SERIOUS_INCIDENT],
        most=MOST_WORDS,
    )


def _one(asking: Visit, concern_id: UUID, typed: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view, now = concern(work, concern_id), work.now
    return asking.show_form("pages/concerns/show_concern.html", typed, errors, view=view, now=now, most=MOST_STEP)


HANDLERS = (show_concerns, raise_concern_here, show_concern, acknowledge_concern_here)
