"""Hours of support: a week's sheet, a file of many, what was bought beside what was given, and who signed (A35)."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, URLEncodedBody

from brokerage.desk.books import csv_text
from brokerage.desk.flow.hours import (
    CheckedSheet,
    check_timesheet,
    make_link,
    record_hours,
    record_timesheet,
    require_hours,
)
from brokerage.desk.sheets import read_reason, read_sheet
from brokerage.desk.views.hours import HoursView, alarms, hours
from brokerage.people.model import Permission
from brokerage.reading import Fault, NotValid
from brokerage.web.auth import Visit, form, page, visit
from placements.errors import AboveCommissioned, OutsideStay, StillToCome, TimesheetUnreadable
from placements.model import HoursEntry, HoursKind, RowFault
from placements.rules import MOST_ROWS, WEEK, monday_of

Data = Mapping[str, Any]
Answer = Response[Any]
Multipart = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]

PARTS: Final = {"date": "day", "from": "from", "to": "to", "hours": "hours", "kind": "kind", "shared_with": "with"}
"""A session's fields by the name of their control, which ends in the session's number."""

LEAST_ROWS, SPARE_ROWS, MORE_ROWS, MOST_SESSIONS = 5, 2, 5, 60
MOST_FILE: Final = 2 * 1024 * 1024
"""10,000 rows of a timesheet are less than half of this."""

MOST_UPLOAD: Final = 2 * MOST_FILE
"""A file's request, or the second one, which carries it along packed; for these routes alone."""

SHOWN_FAULTS: Final = 100
"""So many faults stand on the page; the file of faults has them all."""

FAULTS: Final[Mapping[str, str]] = {
    "no_agreement": "There is no agreement of yours with this reference",
    "outside_stay": "The day is outside the placement",
    "still_to_come": "The day is still to come",
    "above": "The week has more hours than were bought: give a reason in a column called reason",
    "twice": "The same agreement, day and kind stand in another row",
    "encoding": "The row is in no encoding that we read: save the file as UTF-8",
    "columns": "The row has too few columns, or a quote that does not close",
    "unreadable": "The cell cannot be read",
    "formula": "The cell begins as a formula does, with = + - or @: write plain text",
    "empty": "The cell is empty",
    "date": "Write the day as 2026-11-21 or 21/11/2026",
    "hours": "Write hours in quarters, more than 0 and at most 24, such as 2.25",
    "kind": "Write individual, shared or night, or leave it empty",
    "shared_with": "Write with how many others, and only for shared hours",
}


# An agreement's weeks


@page("/agreements/{agreement_id:uuid}/hours")
def show_hours(request: Request[Any, Any, Any], agreement_id: FromPath[UUID]) -> Answer:
    """Show every week: bought beside given, and how it was answered for."""
    asking = visit(request)
    with asking.work() as work:
        view, today = hours(work, agreement_id), work.today
    return asking.show("pages/hours/show_hours.html", view=view, today=today, this_week=monday_of(today))


@page("/agreements/{agreement_id:uuid}/hours/{week:date}")
def show_week(request: Request[Any, Any, Any], agreement_id: FromPath[UUID], week: FromPath[date]) -> Answer:
    """Ask for a week's sessions; what was recorded is there to be corrected."""
    asking, monday = visit(request), monday_of(week)
    with asking.work() as work:
        view = hours(work, agreement_id)
        check_week_of_stay(view, week, work.today)
    kept = view.entries_of(monday)
    found = view.week(monday)
    values: dict[str, str] = {"reason": found.reason if found else ""}
    for place, entry in enumerate(kept):
        values |= _values(place, entry)
    return _sheet(asking, view, monday, values, {}, max(len(kept) + SPARE_ROWS, LEAST_ROWS))


@form("/agreements/{agreement_id:uuid}/hours/{week:date}")
def record_week(
    request: Request[Any, Any, Any],
    agreement_id: FromPath[UUID],
    week: FromPath[date],
    data: URLEncodedBody[dict[str, Any]],
) -> Answer:
    """Keep a week's sheet: it is all that was given in the week."""
    asking, monday = visit(request), monday_of(week)
    with asking.work() as work:
        require_hours(work)
        view = hours(work, agreement_id)
        check_week_of_stay(view, week, work.today)
    rows = min(_count(data), MOST_SESSIONS)
    if "more" in data:
        return _sheet(asking, view, monday, data, {}, min(rows + MORE_ROWS, MOST_SESSIONS))
    filled = [place for place in range(rows) if _filled(data, place)]
    typed = [_session(data, place) for place in filled]
    try:
        if not typed and not view.entries_of(monday):
            raise NotValid((Fault("/week/0/hours", "Enter the sessions of the week"),))
        entries, reason = read_sheet(typed, "/week", monday), read_reason(data.get("reason"))
        with asking.work() as work:
            record_hours(work, agreement_id, entries, whole=monday, reason=reason)
    except NotValid as refusal:
        return _sheet(asking, view, monday, data, _errors(refusal, filled), rows)
    except (AboveCommissioned, OutsideStay, StillToCome) as refusal:
        ((name, message),) = asking.refused_in(refusal).items()
        return _sheet(asking, view, monday, data, {name if name == "reason" else "": message}, rows)
    return asking.go(f"/agreements/{agreement_id}/hours", "The hours of the week are saved. They are to be signed now")


@form("/agreements/{agreement_id:uuid}/hours/{week:date}/link")
def make_week_link(request: Request[Any, Any, Any], agreement_id: FromPath[UUID], week: FromPath[date]) -> Answer:
    """Make a link for the young person's phone and show it, this once."""
    asking = visit(request)
    with asking.work() as work:
        require_hours(work)
        check_week_of_stay(hours(work, agreement_id), week, work.today)
        token, event = make_link(work, agreement_id, week)
    return asking.show(
        "pages/hours/show_link.html", event=event, link=f"{asking.house.desk.public_url}/h/{token}", week=event.week
    )


# Many agreements at once


@page("/hours")
def show_all_hours(request: Request[Any, Any, Any]) -> Answer:
    """Ask a provider for a timesheet; show the council which weeks are short or not signed."""
    asking = visit(request)
    if asking.actor.role.of_provider:
        asking.require(Permission.DELIVER)
        return _upload(asking, {})
    with asking.work() as work:
        view = alarms(work)
    return asking.show("pages/hours/show_alarms.html", view=view)


@form("/hours/upload", request_max_body_size=MOST_UPLOAD)
def check_upload(request: Request[Any, Any, Any], data: Multipart) -> Answer:
    """Show what a file says and which rows are wrong; nothing is saved."""
    asking, file = visit(request), data.get("file")
    with asking.work() as work:
        require_hours(work)
    raw = file.file.read() if isinstance(file, UploadFile) else b""
    try:
        if not raw:
            raise NotValid((Fault("/file", "Choose a file"),))
        if len(raw) > MOST_FILE:
            raise NotValid((Fault("/file", f"The file is too large. It may have {MOST_ROWS:,} rows"),))
        with asking.work() as work:
            checked = check_timesheet(work, raw)
    except NotValid as refusal:
        return _upload(asking, {"file": refusal.faults[0].message})
    except TimesheetUnreadable as refusal:
        return _upload(asking, asking.refused_in(refusal))
    return _preview(asking, raw, checked, {})


@form("/hours/upload/save", request_max_body_size=MOST_UPLOAD)
def save_upload(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Keep the good rows of a file that was shown; where they are others by now, show it again."""
    asking = visit(request)
    with asking.work() as work:
        require_hours(work)
        raw = _unpacked(data.get("packed"))
        checked = check_timesheet(work, raw)
        if str(len(checked.rows)) == str(data.get("rows")) and checked.rows:
            record_timesheet(work, checked)
            return asking.go("/hours", f"{len(checked.rows):,} rows are saved")
    return _preview(asking, raw, checked, {"": "Agreements have changed since you sent the file. Check the rows again"})


@form("/hours/upload/faults", request_max_body_size=MOST_UPLOAD)
def show_faults(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Give every fault of a file as a file, with nothing in it that a spreadsheet would run."""
    asking = visit(request)
    with asking.work() as work:
        require_hours(work)
        checked = check_timesheet(work, _unpacked(data.get("packed")))
    rows = [(fault.line, fault.column or "", fault.found, FAULTS[fault.code]) for fault in checked.faults]
    return Response(
        "\ufeff" + csv_text([("row", "column", "found", "what is wrong"), *rows]),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="rows-to-correct.csv"'},
    )


def _upload(asking: Visit, errors: Mapping[str, str]) -> Answer:
    return asking.show_form("pages/hours/show_upload.html", {}, errors, most=MOST_ROWS)


def _preview(asking: Visit, raw: bytes, checked: CheckedSheet, errors: Mapping[str, str]) -> Answer:
    by_week: dict[tuple[str, date], dict[HoursKind, Any]] = {}
    for row in checked.rows:
        sums = by_week.setdefault((row.reference, monday_of(row.entry.on)), dict.fromkeys(HoursKind, 0))
        sums[row.entry.kind] += row.entry.hours
    return asking.show_form(
        "pages/hours/check_upload.html",
        {},
        errors,
        checked=checked,
        weeks=sorted(by_week.items()),
        kinds=HoursKind,
        faults=[(fault, said(fault)) for fault in checked.faults[:SHOWN_FAULTS]],
        packed=base64.b64encode(zlib.compress(raw, 9)).decode(),
    )


def said(fault: RowFault) -> str:
    """Say what is wrong with a row."""
    return FAULTS[fault.code]


def _unpacked(packed: object) -> bytes:
    """Unpack a file that a page carried along, never more than a file may have. Raises NotValid."""
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(str(packed), validate=True), MOST_FILE)
        if not unpacker.eof:
            raise ValueError
    except (binascii.Error, zlib.error, ValueError):
        raise NotValid((Fault("/file", "Choose the file again"),)) from None
    return raw


# The sheet


def _sheet(asking: Visit, view: HoursView, monday: date, values: Data, errors: Mapping[str, str], rows: int) -> Answer:
    asking.require(Permission.DELIVER if asking.actor.role.of_provider else Permission.REVIEW_PLACEMENT)
    days = [monday + timedelta(days=number) for number in range(7)]
    return asking.show_form(
        "pages/hours/show_week.html",
        values,
        errors,
        view=view,
        monday=monday,
        sunday=monday + WEEK - timedelta(days=1),
        days=[day for day in days if view.agreement.starts_on <= day <= view.agreement.last_day],
        found=view.week(monday),
        rows=rows,
    )


def check_week_of_stay(view: HoursView, week: date, today: date) -> None:
    """Refuse a week without a day of the stay, or still to come; raise `OutsideStay` or `StillToCome`."""
    if view.week(monday_of(week)) is None:
        if week > today:
            raise StillToCome(week, today)
        raise OutsideStay(week, view.agreement.starts_on, view.agreement.last_day)


def _values(place: int, entry: HoursEntry) -> dict[str, str]:
    return {
        f"day_{place}": entry.on.isoformat(),
        f"hours_{place}": f"{entry.hours.normalize():f}",
        f"kind_{place}": entry.kind.value,
        f"with_{place}": str(entry.shared_with or ""),
    }


def _count(data: Data) -> int:
    places = [name.partition("_")[2] for name in data if name.startswith("day_")]
    known = [int(place) for place in places if place.isascii() and place.isdigit() and len(place) < 4]
    return max(known, default=-1) + 1


def _filled(data: Data, place: int) -> bool:
    return any(str(data.get(f"{name}_{place}") or "").strip() for name in ("from", "to", "hours"))


def _session(data: Data, place: int) -> dict[str, object]:
    return {field: str(data.get(f"{name}_{place}") or "").strip() for field, name in PARTS.items()}


def _errors(refusal: NotValid, filled: Sequence[int]) -> dict[str, str]:
    """Put faults to the form's fields; the sheet's places count the rows that were filled in."""
    found = {}
    for fault in refusal.faults:
        parts = fault.pointer.strip("/").split("/")
        if len(parts) == 3 and parts[2] in PARTS:
            place = int(parts[1])
            found[f"{PARTS[parts[2]]}_{filled[place] if place < len(filled) else place}"] = fault.message
        else:
            found[parts[-1] if parts[-1] == "reason" else ""] = fault.message
    return found


HANDLERS = (
    show_hours,
    show_week,
    record_week,
    make_week_link,
    show_all_hours,
    check_upload,
    save_upload,
    show_faults,
)
