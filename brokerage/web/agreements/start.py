"""Before the start: meetings and visits, full information in an emergency, the release of the identity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar.params import FromPath, URLEncodedBody

from brokerage.desk import views as desk_views
from brokerage.desk.flow import lives, meetings
from brokerage.desk.views.agreements import start_page
from brokerage.people.model import Permission
from brokerage.people.rules import may
from brokerage.reading import NotValid, Reader
from brokerage.web.agreements.agreement import Answer, Asked
from brokerage.web.agreements.typed import WORDS_MOST, Typed
from brokerage.web.auth import Visit, form, page, visit
from brokerage.web.dates import errors_of, read_day, text
from brokerage.web.pages import london_day
from placements import store
from placements.errors import MeetingInThePast, ReleaseReasonTooShort, StillToCome
from placements.model import MeetingId, MeetingKind


@page("/agreements/{agreement_id:uuid}/start")
def show_start(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Show what comes before the start and goes with it."""
    return _start(visit(request), agreement_id, {}, {})


@form("/agreements/{agreement_id:uuid}/start/identity")
def release_identity(request: Asked, agreement_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Tell the awarded provider whom it will house."""
    asking = visit(request)
    asking.require(Permission.OPEN_AGREEMENT)
    reader = Reader()
    try:
        reason = reader.text(text(data, "reason"), "/reason", "The reason", most=WORDS_MOST)
        reader.done()
        with asking.work() as work:
            lives.release_identity(work, agreement_id, reason)
    except NotValid as refusal:
        return _start(asking, agreement_id, data, errors_of(refusal))
    except ReleaseReasonTooShort as refusal:
        return _start(asking, agreement_id, data, asking.refused_in(refusal))
    return asking.go(f"/agreements/{agreement_id}/start", "The provider can now read who the young person is")


@form("/agreements/{agreement_id:uuid}/start/information")
def share_information(request: Asked, agreement_id: FromPath[UUID]) -> Answer:
    """Record that the provider has the full information."""
    asking = visit(request)
    with asking.work() as work:
        event = lives.share_information(work, agreement_id)
    said = "It was late; the record says so" if event.late else "The clock has stopped"
    return asking.go(f"/agreements/{agreement_id}/start", f"The full information is shared. {said}")


@page("/awards/{award_id:uuid}/meetings")
def show_meetings(request: Asked, award_id: FromPath[UUID]) -> Answer:
    """Show the meetings and visits before a placement."""
    return _meetings(visit(request), award_id, {}, {})


@form("/awards/{award_id:uuid}/meetings")
def plan_meeting(request: Asked, award_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]) -> Answer:
    """Plan a meeting or a visit."""
    asking = visit(request)
    asking.require(Permission.REVIEW_PLACEMENT)
    reader = Reader()
    try:
        kind = reader.choice(text(data, "kind"), "/kind", "Whether it is a meeting or a visit", MeetingKind)
        on = read_day(reader, data, "on", "The day")
        note = reader.text(text(data, "note"), "/note", "The note", most=WORDS_MOST)
        reader.done()
        assert on is not None  # the reader has no faults
        assert kind is not None
        with asking.work() as work:
            meetings.plan_meeting(work, award_id, kind, on, note)
    except NotValid as refusal:
        return _meetings(asking, award_id, data, errors_of(refusal))
    except MeetingInThePast as refusal:
        return _meetings(asking, award_id, data, asking.refused_in(refusal))
    return asking.go(f"/awards/{award_id}/meetings", "It is planned. The provider is told the day")


@form("/awards/{award_id:uuid}/meetings/{meeting_id:uuid}")
def record_meeting(
    request: Asked, award_id: FromPath[UUID], meeting_id: FromPath[UUID], data: URLEncodedBody[dict[str, Any]]
) -> Answer:
    """Record that a meeting was held on its day, or was called off."""
    asking = visit(request)
    asking.require(Permission.REVIEW_PLACEMENT)
    held = text(data, "became") == "held"
    try:
        with asking.work() as work:
            days = {one.id: one.on for one in store.meetings(work.db, work.authority, award_id)}
            planned = days.get(MeetingId(meeting_id))
            meetings.record_meeting(work, award_id, meeting_id, planned if held else None, "")
    except StillToCome as refusal:
        return _meetings(asking, award_id, data, {"": f"This day is still to come: {london_day(refusal.on)}"})
    return asking.go(f"/awards/{award_id}/meetings", "It is recorded as held" if held else "It is called off")


def _start(asking: Visit, agreement_id: UUID, values: Typed, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        found, now, today = start_page(work, agreement_id), work.now, work.today
    return asking.show_form(
        "pages/agreements/show_start.html",
        values,
        errors,
        found=found,
        page=found.page,
        now=now,
        today=today,
        staff=may(asking.actor, Permission.SEE_COMPETITION),
        most=WORDS_MOST,
    )


def _meetings(asking: Visit, award_id: UUID, values: Typed, errors: Mapping[str, str]) -> Answer:
    with asking.work() as work:
        view = desk_views.award(work, award_id)
        found, today = store.meetings(work.db, work.authority, award_id), work.today
    return asking.show_form(
        "pages/agreements/show_meetings.html",
        values,
        errors,
        view=view,
        meetings=found,
        today=today,
        may_lead=may(asking.actor, Permission.REVIEW_PLACEMENT),
        most=WORDS_MOST,
    )


HANDLERS = (show_start, release_identity, share_information, show_meetings, plan_meeting, record_meeting)
