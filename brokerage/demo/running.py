"""What goes on in the demo's placements, and who would like to join: everything by the verbs that people use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from brokerage.desk import flow
from brokerage.desk.clock import morning_of
from brokerage.desk.flow.applications import applicant, enter, save_section, send_application, send_link, send_link_code
from brokerage.desk.flow.concerns import raise_concern
from brokerage.desk.flow.ends import give_notice
from brokerage.desk.flow.evidence import decide_evidence, offer_evidence
from brokerage.desk.flow.hours import answer_by_link, look_at_link, make_link, record_hours
from brokerage.desk.flow.plans import make_support_plan
from brokerage.desk.flow.variations import Proposal, agree_variation, propose_variation
from brokerage.desk.work import SYSTEM, Desk, Work
from brokerage.people.model import Actor
from lots.model import Section
from placements.model import Changes, ConcernKind, HoursEntry, HoursKind, PlanGoal
from placements.rules import monday_of

WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)
BEGAN: Final = timedelta(days=36)
"""So long ago the first of these things happened."""
WITH_AMBERSIDE, WITH_BRIGHTWATER, MOVES_OUT = "agreed_out_of_rank", "agreed_override", "agreed_accommodation_only"
"""The stories whose placements are told on."""
WEEKS: Final = (
    (4, (0, 2, 4), Decimal(1), True),
    (3, (0, 2, 4), Decimal(1), True),
    (2, (1,), Decimal("0.5"), True),
    (1, (0, 2, 4), Decimal(1), False),
)
"""Weeks ago, days of support, the part of what was bought that was given, and whether the young person signed it."""
LASTS: Final = timedelta(days=29)
"""The insurance that runs out soon does so in so many days, as its warning has said."""

Told = Callable[[Actor], AbstractContextManager[Work]]


def begin(now: datetime) -> datetime:
    """Say when the first of it happens."""
    return now - BEGAN


def go_on(desk: Desk, now: datetime, people: Mapping[str, Actor], agreed: Mapping[str, UUID]) -> Iterator[datetime]:
    """Tell the placements on: plans, hours, changes, a notice, a concern; each value is when it goes on."""
    home, other = agreed[WITH_AMBERSIDE], agreed[WITH_BRIGHTWATER]
    ada, colin = people["provider_a"], people["coordinator"]
    with desk.work(ada) as work:
        _plan(work, home, "Monday, Wednesday and Friday from 4pm, with the key worker", with_young_person=False)
    with desk.work(colin) as work:
        today = work.today + BEGAN
    for ago, days, part, signed in WEEKS:
        monday = monday_of(today) - ago * WEEK
        yield morning_of(monday + WEEK) + timedelta(minutes=20)
        _sheet(desk.work, ada, home, monday, days, part, signed=signed)
    yield now - timedelta(days=5)
    with desk.work(ada) as work:
        _plan(work, home, "Monday and Wednesday from 5pm, Saturday from 10am, as was agreed together", True)
    yield now - timedelta(days=4)
    with desk.work(colin) as work:
        options = ("Mediation with the house, twice", "A room on another floor, which was not wanted")
        give_notice(work, agreed[MOVES_OUT], "young_person_asks", work.today, options, None)
    yield now - timedelta(days=3)
    with desk.work(colin) as work:
        more = Proposal("review_decision", Changes(hours=Decimal(12)), None, work.today + timedelta(days=10))
        rise = propose_variation(work, other, more)
    yield now - timedelta(days=1, hours=20)
    with desk.work(people["provider_b"]) as work:
        agree_variation(work, rise.variation_id)
    yield now - timedelta(hours=22)
    with desk.work(ada) as work:
        less = Proposal("needs_less", Changes(hours=Decimal("3.5")), None, work.today + timedelta(days=21))
        propose_variation(work, home, less)
    yield now - timedelta(minutes=50)
    with desk.work(ada) as work:
        raise_concern(
            work,
            home,
            ConcernKind.SAFEGUARDING,
            work.now - timedelta(minutes=35),
            "An unknown adult waited at the college gate for the second time and offered a lift. Nobody got in.",
            "We fetch the young person from college this week and told the community police team.",
        )


def applicants(desk: Desk, people: Mapping[str, Actor]) -> Iterator[datetime]:
    """Let one firm begin to apply and come back later, and another send all it was asked for."""
    with desk.work(SYSTEM) as work:
        link = send_link(work, "office@marigold-rooms.example", "Marigold Rooms")
        at = work.now
    yield at + timedelta(minutes=6)
    with desk.work(SYSTEM) as work:
        code = send_link_code(work, link.token).code
    yield at + timedelta(minutes=7)
    application_id, _ = enter(desk, SYSTEM, link.token, code)
    yield at + timedelta(minutes=25)
    with desk.work(applicant(application_id)) as work:
        save_section(work, application_id, Section.CATEGORIES, {"categories": ["1.2", "1.3"]})
        save_section(work, application_id, Section.AREAS, {"areas": ["DE1", "DE23"]})
    yield at + timedelta(days=1)
    with desk.work(people["dps_admin"]) as work:
        send_application(work, _application(work.today))


def insure(desk: Desk, people: Mapping[str, Actor], today: date) -> None:
    """Accept an insurance of Amberside's that runs out within the month."""
    with desk.work(people["provider_admin"]) as work:
        until = today + LASTS
        piece = offer_evidence(work, "public_liability", None, "Policy PL-0815", until - 52 * WEEK, until, None)
    with desk.work(people["dps_admin"]) as work:
        decide_evidence(work, piece.evidence_id, "", accepted=True)


def _plan(work: Work, agreement_id: UUID, weekly: str, with_young_person: bool) -> None:
    outcomes = flow.agreement_of(work, agreement_id).outcomes
    how = ("A step a week, written down together", "Somebody comes along the first time", "Looked at every Friday")
    goals = tuple(PlanGoal(key, how[n % len(how)]) for n, (key, _) in enumerate(outcomes))
    make_support_plan(work, agreement_id, goals, weekly, with_young_person)


def _sheet(
    work_of: Told, who: Actor, agreement_id: UUID, monday: date, days: tuple[int, ...], part: Decimal, *, signed: bool
) -> None:
    """Record a week's hours in quarters, and let the young person answer for them by the link."""
    with work_of(who) as work:
        bought = flow.agreement_of(work, agreement_id).terms.hours * part
        each = (bought / len(days) / Decimal("0.25")).to_integral_value() * Decimal("0.25")
        last = bought - each * (len(days) - 1)
        entries = tuple(
            HoursEntry(monday + day * DAY, last if day == days[-1] else each, HoursKind.INDIVIDUAL) for day in days
        )
        record_hours(work, agreement_id, entries, whole=monday)
        token = make_link(work, agreement_id, monday)[0] if signed else ""
    if signed:
        with work_of(SYSTEM) as work:
            answer_by_link(work, token, True, "", look_at_link(work, token).digest)


def _application(today: date) -> dict[Section, dict[str, object]]:
    """Write what a small firm sends that goes to people in homes of their own, so that it needs none."""
    since, until = (today - 20 * WEEK).isoformat(), (today + 30 * WEEK).isoformat()
    papers = {
        Section.INSURANCE: ("employers_liability", "public_liability"),
        Section.SAFEGUARDING: ("safeguarding_policy",),
        Section.DBS: ("dbs",),
        Section.TRAINING: ("training",),
        Section.CONTINUITY: ("business_continuity",),
    }
    contact = {"name": "Orla Outreach", "role": "Director", "email": "orla@oakleaf.example", "mobile": "07700 900952"}
    line = {"purpose": "young_people", "who": "On call", "phone": "01632 960952", "opens": "00:00", "closes": "00:00"}
    said: dict[Section, dict[str, object]] = {
        Section.ORGANISATION: {
            "name": "Oakleaf Outreach",
            "number": "",
            "address": "3 Imaginary Road, Derby",
            "email": "office@oakleaf.example",
            "phone": "01632 960953",
        },
        Section.CATEGORIES: {"categories": ["1.3"]},
        Section.AREAS: {"areas": ["DE1", "DE22", "DE23"]},
        Section.PRICES: {"prices": [{"category": "1.3", "support_hourly": "21.00"}]},
        Section.CONTACTS: {"contacts": [contact]},
        Section.OUT_OF_HOURS: {"lines": [line | {"days": "every_day"}]},
    }
    return said | {
        section: {"papers": {kind: {"reference": "On file", "valid_from": since, "valid_to": until} for kind in kinds}}
        for section, kinds in papers.items()
    }
