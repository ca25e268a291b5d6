"""Decide how a placement ends, and reckon what is told ahead (DPS spec 3.8.1; A34, S18, S19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from lots.model import Category
from placements.errors import (
    EndsSooner,
    NoSuchReason,
    NoticeNeeded,
    NoticeNotPossible,
    NotTheLastDay,
    OptionsNotExplored,
    OutsideStay,
    StillToCome,
    UnderNotice,
)
from placements.model import (
    Agreement,
    AgreementState,
    AgreementVerb,
    Alarm,
    AlarmKind,
    EndReason,
    NoticeClass,
    ReasonBook,
)
from placements.rules.agreements import check_not_over, move
from placements.rules.days import DAY

NOTICE: Final[Mapping[NoticeClass, timedelta]] = MappingProxyType(
    {NoticeClass.GENERAL: timedelta(days=30), NoticeClass.SPECIFIC: timedelta(days=14), NoticeClass.NONE: timedelta(0)}
)
"""Notice is 30 days for a general reason, 14 for a more specific one (DPS spec 3.8.1, A34)."""

WARN_OF_18: Final[Mapping[AlarmKind, timedelta]] = MappingProxyType(
    {AlarmKind.EIGHTEEN_IN_90_DAYS: timedelta(days=90), AlarmKind.EIGHTEEN_IN_30_DAYS: timedelta(days=30)}
)
"""The 18th birthday is told 90 and 30 days ahead (S19)."""

WARN_OF_LAST_NIGHT: Final = timedelta(days=1)
"""The last day that a limit in nights allows is told on its eve (decided; S19)."""


def end_reason(book: ReasonBook, key: str) -> EndReason:
    """Look a reason up; raise `NoSuchReason`."""
    if key not in book.ends:
        raise NoSuchReason(key)
    return book.ends[key]


def move_on(book: ReasonBook, key: str) -> str:
    """Check where somebody moves on to against the list; raise `NoSuchReason`."""
    if key not in book.move_on:
        raise NoSuchReason(key)
    return key


def notice_ends(served_on: date, notice: NoticeClass) -> date:
    """Give the last day of a notice: the day after service is day 1 (S18). It ends as that day does in London."""
    return served_on + NOTICE[notice]


def check_notice(
    agreement: Agreement, reason: EndReason, served_on: date, options: tuple[str, ...], today: date
) -> date:
    """Give the last day that a notice sets (A34, S18).

    Raise `AgreementOver`, `UnderNotice`, `NotNow` before the start, `NoticeNotPossible`, `OptionsNotExplored`,
    `StillToCome`, `OutsideStay` or `EndsSooner`.
    """
    check_not_over(agreement)
    if agreement.state is AgreementState.UNDER_NOTICE:
        raise UnderNotice(agreement.ends_on)
    move(agreement.state, AgreementVerb.GIVE_NOTICE)
    if reason.notice is NoticeClass.NONE:
        raise NoticeNotPossible(reason.key, reason.by, reason.notice)
    if not any(option.strip() for option in options):
        raise OptionsNotExplored
    if served_on > today:
        raise StillToCome(served_on, today)
    if not agreement.starts_on <= served_on <= agreement.ends_on:
        raise OutsideStay(served_on, agreement.starts_on, agreement.ends_on)
    last_on = notice_ends(served_on, reason.notice)
    if last_on >= agreement.ends_on:
        raise EndsSooner(agreement.ends_on, last_on)
    return last_on


def check_end(agreement: Agreement, reason: EndReason | None, ended_on: date, today: date) -> None:
    """Refuse an end that is neither the last day's nor one that its reason allows at once (A34).

    Without a reason the last agreed day has come. With one the stay may end on any day up to it; a stay that was never
    started may end on the eve of its first day, today or later: it fell through.
    Raise `AgreementOver`, `StillToCome`, `NotTheLastDay`, `NoticeNeeded` or `OutsideStay`.
    """
    check_not_over(agreement)
    if ended_on >= agreement.starts_on and ended_on > today:
        raise StillToCome(ended_on, today)
    if reason is None:
        if ended_on != agreement.ends_on:
            raise NotTheLastDay(agreement.ends_on, ended_on)
        return
    if reason.notice is not NoticeClass.NONE:
        raise NoticeNeeded(reason.key, NOTICE[reason.notice].days)
    started = agreement.state in (AgreementState.STARTED, AgreementState.UNDER_NOTICE)
    first = agreement.starts_on if started else agreement.starts_on - DAY
    if not first <= ended_on <= agreement.ends_on:
        raise OutsideStay(ended_on, first, agreement.ends_on)


def alarms(category: Category, starts_on: date, last_on: date, turns_18_on: date | None) -> tuple[Alarm, ...]:
    """List what is told ahead in a stay, in order of days (S19).

    What would fall before the first day is told on it, what would fall after the last day is not told. Where nights are
    limited, the last day allowed is told though the stay is agreed to end sooner: who stays longer is then past it.
    """
    found = []
    if turns_18_on is not None and turns_18_on > starts_on:
        found += [Alarm(kind, max(starts_on, turns_18_on - ahead), turns_18_on) for kind, ahead in WARN_OF_18.items()]
    if category.max_nights is not None:
        limit = starts_on + timedelta(days=category.max_nights)
        found.append(Alarm(AlarmKind.LAST_NIGHT_ALLOWED, max(starts_on, limit - WARN_OF_LAST_NIGHT), limit))
    told = [one for one in found if one.on <= last_on]
    return tuple(sorted(told, key=lambda one: (one.on, one.about, one.kind)))
