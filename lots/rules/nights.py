"""Decide who answers now, and who can take a young person tonight (DPS spec 3.3.6, A17)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from lots.model import (
    BedId,
    Eligible,
    Exclusion,
    LinePurpose,
    Need,
    NightContact,
    NightLine,
    Property,
    Provider,
    ProviderId,
    Ready,
    Registration,
    Tonight,
)
from lots.rules.days import london
from lots.rules.homes import free_beds
from lots.rules.standing import eligible

DAY_MINUTES: Final = 24 * 60
WEEK_MINUTES: Final = 7 * DAY_MINUTES


def answers(line: NightLine, now: datetime) -> bool:
    """Say whether the number is answered at the instant, by the clock in London."""
    local = london(now)
    minute = local.weekday() * DAY_MINUTES + local.hour * 60 + local.minute
    return any(start <= minute + week < end for start, end in _stretches(line) for week in (0, WEEK_MINUTES))


def answered_between(lines: Iterable[NightLine], opens: time, closes: time) -> bool:
    """Say whether between two times, on every day of the week, one of the numbers is answered."""
    answered = {
        minute % WEEK_MINUTES for line in lines for start, end in _stretches(line) for minute in range(start, end)
    }
    wanted = NightLine(LinePurpose.EMERGENCY_PLACES, "wanted", "wanted", opens, closes)
    return all(minute % WEEK_MINUTES in answered for start, end in _stretches(wanted) for minute in range(start, end))


def tonight(
    register: Iterable[tuple[Provider, tuple[Registration, ...]]],
    homes: Mapping[ProviderId, tuple[Property, ...]],
    contacts: Mapping[ProviderId, tuple[NightContact, ...]],
    taken: Collection[BedId],
    need: Need,
    now: datetime,
    near: str | None,
    places: Mapping[str, tuple[float, float]],
    *,
    single: bool = False,
    step_free: bool = False,
) -> Tonight:
    """Sort the register into who can take a young person tonight, nearest first, and who cannot, by name (A17).

    `taken` are the beds that somebody has on this day. A provider can when it is eligible for the need, a number for
    emergency places is answered at this instant, and as many fitting beds are free as are needed. Rules beside those
    of `exclusion`: `A17.nobody_answers`, `A17.no_free_bed`.
    """
    on = london(now).date()
    sorted_out = eligible(register, need, on)
    ready, cannot = [], list(sorted_out.excluded)
    for one in sorted_out.invited:
        provider = one.provider
        lines = tuple(
            each
            for each in contacts.get(provider.id, ())
            if each.line.purpose is LinePurpose.EMERGENCY_PLACES and answers(each.line, now)
        )
        beds = tuple(
            bed
            for bed in free_beds(provider, homes.get(provider.id, ()), taken, need, on, near, places)
            if (bed.single or not single) and (bed.step_free or not step_free)
        )
        if not lines:
            cannot.append(_cannot(one, "A17.nobody_answers", "No number for emergency places is answered now."))
        elif len(beds) < need.beds:
            cannot.append(_cannot(one, "A17.no_free_bed", f"{_count(len(beds))} that would do tonight."))
        else:
            ready.append(Ready(one, lines, beds))
    cannot.sort(key=lambda each: (each.provider.casefold(), each.provider_id))
    return Tonight(tuple(sorted(ready, key=_nearest)), tuple(cannot))


def _nearest(one: Ready) -> tuple[bool, Decimal, str, ProviderId]:
    return one.miles is None, one.miles or Decimal(0), one.eligible.provider.name.casefold(), one.eligible.provider.id


def _cannot(one: Eligible, rule: str, reason: str) -> Exclusion:
    return Exclusion(one.provider.id, one.provider.name, rule, reason)


def _count(beds: int) -> str:
    return {0: "No bed is free", 1: "Only one bed is free"}.get(beds, f"Only {beds} beds are free")


def _stretches(line: NightLine) -> Iterator[tuple[int, int]]:
    """Give the stretches of a week in minutes from Monday 00:00; the last may run into the next week."""
    start = line.opens.hour * 60 + line.opens.minute
    end = line.closes.hour * 60 + line.closes.minute
    if end <= start:
        end += DAY_MINUTES
    for weekday in line.weekdays:
        yield weekday * DAY_MINUTES + start, weekday * DAY_MINUTES + end
