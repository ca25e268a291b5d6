"""Hours of an agreement week by week, and the weeks that somebody should look at (A35)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of, party_of
from brokerage.desk.flow.hours import require_hours
from brokerage.desk.work import Work
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Permission
from lots import store as lots
from placements import rules
from placements import store as placements
from placements.model import Agreement, AlarmedWeek, HoursEntry, Party, SignOff, Week

MOST_ALARMS: Final = 200
"""The page lists so many weeks; how many there are stands above them."""


class WeekState(StrEnum):
    """Say how far a week's hours have come: nobody recorded any, nobody signed, signed, or not right."""

    NO_HOURS = "no_hours"
    UNSIGNED = "unsigned"
    SIGNED = "signed"
    NOT_RIGHT = "not_right"


@dataclass(frozen=True, slots=True)
class WeekView:
    """One week: bought and given, how it was answered for, and why more was given.

    `words` are the young person's where something is not right: for the council only. A week that is not over is not
    short yet.
    """

    week: Week
    state: WeekState
    over: bool
    short: bool
    reason: str
    words: str
    by_link: bool


@dataclass(frozen=True, slots=True)
class HoursView:
    """An agreement's weeks, the newest first; `may_record` says whether the asker may change them."""

    agreement: Agreement
    provider: str
    weeks: tuple[WeekView, ...]
    entries: tuple[HoursEntry, ...]
    may_record: bool
    of_council: bool

    def week(self, monday: date) -> WeekView | None:
        """Find a week of the stay."""
        return next((one for one in self.weeks if one.week.monday == monday), None)

    def entries_of(self, monday: date) -> tuple[HoursEntry, ...]:
        """Give a week's hours, by day and kind."""
        return tuple(one for one in self.entries if rules.monday_of(one.on) == monday)


@dataclass(frozen=True, slots=True)
class AlarmsView:
    """The weeks that were found short or unsigned and still are; `count` is of all of them."""

    alarms: tuple[AlarmedWeek, ...]
    count: int


def hours(work: Work, agreement_id: UUID) -> HoursView:
    """Show an agreement's hours, bought against given, to its council's staff or its provider (A35).

    Raises NoSuchAgreement for anybody else.
    """
    work.require(Permission.SEE_AGREEMENT)
    found = agreement_of(work, agreement_id)
    until = min(work.today, found.last_day)
    of_council = party_of(work) is Party.COUNCIL
    if until < found.starts_on:
        return HoursView(found, _provider(work, found), (), (), _may_record(work), of_council)
    first, last = rules.monday_of(found.starts_on), rules.monday_of(until) + rules.WEEK - rules.DAY
    entries = placements.hours_given(work.db, found.authority, found.id, first, last)
    versions = placements.versions(work.db, found.authority, found.id)
    signed = {one.week: one for one in placements.sign_offs(work.db, found.authority, found.id)}
    reasons = placements.hours_reasons(work.db, found.authority, found.id)
    weeks = [
        _week(work, one, signed.get(one.monday), reasons, of_council)
        for one in rules.weeks(versions, entries, first, last)
    ]
    return HoursView(found, _provider(work, found), tuple(reversed(weeks)), entries, _may_record(work), of_council)


def alarms(work: Work) -> AlarmsView:
    """List the weeks with too few hours or without a signature, the newest first (A35)."""
    work.require(Permission.REVIEW_PLACEMENT)
    found = placements.alarmed_weeks(work.db, work.authority, MOST_ALARMS)
    return AlarmsView(found, placements.count_alarms(work.db, work.authority))


def _week(work: Work, week: Week, sign_off: SignOff | None, reasons: Mapping[date, str], of_council: bool) -> WeekView:
    over = week.monday + rules.WEEK <= work.today
    any_given = bool(week.individual or week.shared or week.night)
    if sign_off is None:
        state = WeekState.UNSIGNED if any_given else WeekState.NO_HOURS
    else:
        state = WeekState.SIGNED if sign_off.signed else WeekState.NOT_RIGHT
    words = (sign_off.reason or "") if sign_off is not None and of_council else ""
    by_link = sign_off is not None and sign_off.recorded_by is None
    short = over and rules.is_short(week)
    return WeekView(week, state, over, short, reasons.get(week.monday, ""), words, by_link)


def _provider(work: Work, found: Agreement) -> str:
    return lots.provider(work.db, found.provider_id).name


def _may_record(work: Work) -> bool:
    try:
        require_hours(work)
    except NotAllowed:
        return False
    return True
