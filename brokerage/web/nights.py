"""The Careline's pages: who can take somebody tonight, the calls, the place, test calls, the page without a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.again import again
from brokerage.desk.flow.nights import Placing, log_call, log_test_call, make_sheet, place_now
from brokerage.desk.views import nights as views
from brokerage.desk.views.nights import Asked
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import Visit, form, page, visit
from lots.errors import BedTaken, HomeNotFit
from lots.events import PlacedNow
from lots.model import BedId, CallOutcome
from lots.rules import LEAST_AGE, MOST_NIGHTS, NIGHT_CATEGORIES

NOTE_MOST: Final = 500
NAME_MOST: Final = 80
OLDEST: Final = 25
"""Care leavers are supported to their 25th birthday."""
REFRESH: Final = 60
"""Seconds; a colleague's call is seen that soon."""
TEST_OUTCOMES: Final = frozenset({CallOutcome.ANSWERED, CallOutcome.NO_ANSWER, CallOutcome.WRONG_NUMBER})

Data = Mapping[str, Any]
Answer = Response[Any]


@page("/tonight")
def show_tonight(request: Request[Any, Any, Any]) -> Answer:
    """Ask for area and age; with both, list who can take the young person, nearest first."""
    asking = visit(request)
    asking.require(Permission.SEE_NIGHTS)
    query = request.query_params
    if "age" not in query:
        return _begin(asking, {}, {})
    try:
        asked = _asked(query)
    except NotValid as refusal:
        return _begin(asking, dict(query), _errors(refusal))
    stopped = query.get("refresh") == "off"
    with asking.work() as work:
        view = views.tonight(work, asked)
    return asking.show(
        "pages/nights/tonight.html",
        headers={} if stopped else {"Refresh": str(REFRESH)},
        view=view,
        query=_query(asked),
        stopped=stopped,
        seconds=REFRESH,
        may_call=may(asking.actor, Permission.PLACE_NOW),
    )


@page("/tonight/calls/{contact_id:uuid}")
def show_call(request: Request[Any, Any, Any], contact_id: FromPath[UUID]) -> Answer:
    """Show a number to call, with who called it already this night, and ask what came of it."""
    asking = visit(request)
    asking.require(Permission.PLACE_NOW)
    return _call(asking, contact_id, {}, {})


@form("/tonight/calls/{contact_id:uuid}")
def keep_call(
    request: Request[Any, Any, Any], contact_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Keep what came of a call; after a yes go on to the bed."""
    asking = visit(request)
    asking.require(Permission.PLACE_NOW)
    query = _carried(request)
    try:
        outcome, note = _outcome(data, frozenset(CallOutcome))
    except NotValid as refusal:
        return _call(asking, contact_id, data, _errors(refusal))
    with asking.work() as work:
        event = log_call(work, contact_id, outcome, note)
    if outcome is CallOutcome.CAN_TAKE:
        return asking.go(f"/tonight/place/{event.call_id}?{query}", "The call is logged. Now hold the bed")
    return asking.go(f"/tonight?{query}" if query else "/tonight", "The call is logged. Your colleagues see it")


@page("/tonight/place/{call_id:uuid}")
def show_place(request: Request[Any, Any, Any], call_id: FromPath[UUID]) -> Answer:
    """Ask which bed, for how many nights and for whom."""
    asking = visit(request)
    values: Data = {"nights": "1", **dict(request.query_params)}
    return _place(asking, call_id, values, {})


@form("/tonight/place/{call_id:uuid}")
def keep_place(
    request: Request[Any, Any, Any], call_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Hold the bed and leave the draft referral for the morning."""
    asking = visit(request)
    asking.require(Permission.PLACE_NOW)
    try:
        placing = _placing(data)
    except NotValid as refusal:
        return _place(asking, call_id, data, _errors(refusal))

    def deed() -> PlacedNow:
        with asking.work() as work:
            return place_now(work, call_id, placing)

    try:
        event = again(deed)
    except (BedTaken, HomeNotFit) as refusal:
        words = _taken(refusal) if isinstance(refusal, BedTaken) else refusal.reason
        return _place(asking, call_id, data, {"bed": words})
    return asking.go(f"/tonight/placed/{event.call_id}", "The bed is held")


@page("/tonight/placed/{call_id:uuid}")
def show_placed(request: Request[Any, Any, Any], call_id: FromPath[UUID]) -> Answer:
    """Say what was done and what must follow."""
    asking = visit(request)
    with asking.work() as work:
        view = views.placed(work, call_id)
    return asking.show("pages/nights/placed.html", view=view)


# The page without a network ------------------------------------------------------------------------------------------


@page("/tonight/sheet")
def show_sheet(request: Request[Any, Any, Any]) -> Answer:
    """Give the evening's page as a file to keep or print."""
    asking = visit(request)
    with asking.work() as work:
        sheet = views.night_sheet(work)
    name = f"careline-{sheet.authority}-{sheet.for_on.isoformat()}.html"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        # Its style stands in the file itself, since no other file goes along.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }
    return Response(sheet.html, media_type="text/html", headers=headers)


@form("/tonight/sheet")
def renew_sheet(request: Request[Any, Any, Any]) -> Answer:
    """Make tonight's page again, as things stand now."""
    asking = visit(request)
    with asking.work() as work:
        make_sheet(work)
    return asking.go("/tonight", "Tonight’s page is made again. Download it and print it")


# Test calls ----------------------------------------------------------------------------------------------------------


@page("/tonight/tests")
def show_tests(request: Request[Any, Any, Any]) -> Answer:
    """List every number out of hours, and which wait for their monthly test call."""
    asking = visit(request)
    with asking.work() as work:
        view = views.night_tests(work)
    return asking.show("pages/nights/tests.html", view=view, may_test=_may_test(asking))


@page("/tonight/tests/{contact_id:uuid}")
def show_test(request: Request[Any, Any, Any], contact_id: FromPath[UUID]) -> Answer:
    """Show a number to try, and ask whether somebody answered."""
    return _test(visit(request), contact_id, {}, {})


@form("/tonight/tests/{contact_id:uuid}")
def keep_test(
    request: Request[Any, Any, Any], contact_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Keep what came of a test call."""
    asking = visit(request)
    try:
        outcome, note = _outcome(data, TEST_OUTCOMES)
    except NotValid as refusal:
        return _test(asking, contact_id, data, _errors(refusal))
    with asking.work() as work:
        log_test_call(work, contact_id, outcome, note)
    return asking.go("/tonight/tests", "The test call is logged")


def _begin(asking: Visit, values: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view = views.night(work)
    return asking.show_form(
        "pages/nights/begin.html", values, errors, view=view, may_call=may(asking.actor, Permission.PLACE_NOW)
    )


def _call(asking: Visit, contact_id: UUID, values: Data, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view = views.call_of(work, contact_id)
    query = _carried(asking.request)
    return asking.show_form("pages/nights/call.html", values, errors, view=view, query=query)


def _test(asking: Visit, contact_id: UUID, values: Data, errors: Mapping[str, str]) -> Answer:
    if not _may_test(asking):
        asking.require(Permission.CHANGE_STANDING)
    with asking.work() as work:
        view = views.call_of(work, contact_id)
    return asking.show_form("pages/nights/test.html", values, errors, view=view)


def _place(asking: Visit, call_id: UUID, values: Data, errors: Mapping[str, str]) -> Answer:
    reader = Reader()
    age = reader.count(values.get("age") or str(LEAST_AGE), "/age", "The age", least=LEAST_AGE, most=OLDEST)
    near = str(values.get("near") or "")
    asked = Asked(near, age, bool(values.get("single")), bool(values.get("step_free")))
    with asking.work() as work:
        view = views.yes(work, call_id, asked)
    wrong = {fault.pointer.removeprefix("/"): fault.message for fault in reader.faults}
    return asking.show_form(
        "pages/nights/place.html",
        {**values, "age": str(age)},
        {**wrong, **errors},
        view=view,
        query=_query(asked),
        most_nights=MOST_NIGHTS,
    )


def _asked(query: Mapping[str, Any]) -> Asked:
    """Read what is looked for. An area is wanted but not needed: without one the list is by name. Raises NotValid."""
    reader = Reader()
    typed = str(query.get("near", "")).strip()
    near = reader.outward_code(typed, "/near", "The area") if typed else ""
    raw = str(query.get("age", "")).strip()
    age = 0
    if not (raw.isascii() and raw.isdigit() and len(raw) < 3):
        reader.fault("/age", "Enter the age in whole years, such as 17")
    else:
        age = int(raw)
        if age < LEAST_AGE:
            reader.fault(
                "/age",
                f"Nobody under {LEAST_AGE} may be placed in supported accommodation. Call the emergency duty team",
            )
        elif age > OLDEST:
            reader.fault("/age", f"The age must be {LEAST_AGE} to {OLDEST}")
    reader.done()
    return Asked(near, age, bool(query.get("single")), bool(query.get("step_free")))


def _placing(data: Data) -> Placing:
    reader = Reader()
    asked_age = reader.count(data.get("age"), "/age", "The age", least=LEAST_AGE, most=OLDEST)
    nights = reader.count(data.get("nights"), "/nights", "The number of nights", least=1, most=MOST_NIGHTS)
    given = reader.text(data.get("given_name"), "/given_name", "The first name", most=NAME_MOST)
    family = reader.text(data.get("family_name"), "/family_name", "The last name", most=NAME_MOST)
    near = str(data.get("near") or "").strip()
    area = reader.outward_code(near, "/near", "The area") if near else ""
    bed, category = None, None
    try:
        chosen, _, kind = str(data.get("bed", "")).partition("/")
        bed, category = BedId(UUID(chosen)), NIGHT_CATEGORIES[int(kind)]
    except (ValueError, IndexError):
        reader.fault("/bed", "Choose the bed that the provider named")
    reader.done()
    assert bed is not None  # the reader has no faults
    assert category is not None
    return Placing(given, family, asked_age, category, bed, nights, area)


def _outcome(data: Data, allowed: frozenset[CallOutcome]) -> tuple[CallOutcome, str]:
    reader = Reader()
    outcome = reader.choice(data.get("outcome"), "/outcome", "What came of the call", CallOutcome)
    if outcome is not None and outcome not in allowed:
        reader.fault("/outcome", "Choose what came of the call")
    note = reader.text(data.get("note"), "/note", "The note", most=NOTE_MOST)
    reader.done()
    assert outcome is not None  # the reader has no faults
    return outcome, note


def _taken(refusal: BedTaken) -> str:
    return (
        "Somebody has this bed since a moment ago. Choose another bed, or call the provider again"
        if refusal.by == "stay"
        else "Nobody can sleep in this bed now. Choose another bed, or call the provider again"
    )


def _query(asked: Asked) -> str:
    """Write what is looked for as the part of an address behind the question mark."""
    found = {"near": asked.near, "age": str(asked.age)}
    found |= {name: "yes" for name, wanted in (("single", asked.single), ("step_free", asked.step_free)) if wanted}
    return urlencode(found)


def _carried(request: Request[Any, Any, Any]) -> str:
    """Carry what is looked for from page to page, as far as it can be read."""
    try:
        return _query(_asked(request.query_params))
    except NotValid:
        return ""


def _may_test(asking: Visit) -> bool:
    return may(asking.actor, Permission.PLACE_NOW) or may(asking.actor, Permission.CHANGE_STANDING)


def _errors(refusal: NotValid) -> dict[str, str]:
    return {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}


HANDLERS = (
    show_tonight,
    show_call,
    keep_call,
    show_place,
    keep_place,
    show_placed,
    show_sheet,
    renew_sheet,
    show_tests,
    show_test,
    keep_test,
)
