"""Decide who answers now, and who can take a young person tonight (DPS spec 3.3.6, A17)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from lots.errors import NotNow
from lots.model import (
    BedId,
    Call,
    CallKind,
    CallOutcome,
    CategoryCode,
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
    ReadyIn,
    Registration,
    Tested,
    Tonight,
    TonightIn,
)
from lots.rules.days import add_months, london, london_day
from lots.rules.homes import free_beds
from lots.rules.standing import eligible

DAY_MINUTES: Final = 24 * 60
WEEK_MINUTES: Final = 7 * DAY_MINUTES

NIGHT_CATEGORIES: Final = (CategoryCode.EMERGENCY, CategoryCode.SHORT_STAY)
"""What somebody is placed in the same night: one or the other (A17, A27)."""

CALL_HOLDS: Final = timedelta(hours=12)
"""So long the calls of a night are shown to colleagues, and so long a yes on the telephone is good."""

MOST_NIGHTS: Final = 7
"""For so many nights the Careline holds a bed; by then the placements team has agreed what follows (2.1, A27)."""

TEST_MONTHS: Final = 1
"""Each number is tried once a month (A17)."""

REPEATED: Final = 2
"""So many tries without an answer, one after the other, are a number that does not work."""


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


def tonight_in(found: Sequence[tuple[CategoryCode, Tonight]]) -> TonightIn:
    """Put together what several categories give: each provider once, with the categories it can take somebody in.

    Whoever can in none has the reason of the first category that it is registered in.
    """
    ready: dict[ProviderId, ReadyIn] = {}
    cannot: dict[ProviderId, Exclusion] = {}
    for category, one in found:
        for each in one.ready:
            known = ready.get(each.eligible.provider.id)
            ready[each.eligible.provider.id] = ReadyIn(
                known.ready if known else each, (*known.categories, category) if known else (category,)
            )
        for out in one.cannot:
            if out.provider_id not in cannot or cannot[out.provider_id].rule == "S4.not_registered":
                cannot[out.provider_id] = out
    return TonightIn(
        tuple(sorted(ready.values(), key=lambda each: _nearest(each.ready))),
        tuple(
            sorted(
                (out for key, out in cannot.items() if key not in ready),
                key=lambda each: (each.provider.casefold(), each.provider_id),
            )
        ),
    )


def check_yes(call: Call, now: datetime) -> None:
    """Check that a call was a yes of this night on which nobody was placed yet; raise `NotNow`."""
    if call.kind is not CallKind.REAL or call.outcome is not CallOutcome.CAN_TAKE:
        raise NotNow("call", call.outcome.value, "place somebody")
    if call.placed_at is not None:
        raise NotNow("call", "used already", "place somebody")
    if now - call.called_at > CALL_HOLDS:
        raise NotNow("call", "of an earlier night", "place somebody")


def last_night(starts_on: date, nights: int) -> date:
    """Give the last day of a bed that is held for so many nights; the morning after, it is free."""
    if not 1 <= nights <= MOST_NIGHTS:
        raise ValueError(f"the Careline holds a bed for 1 to {MOST_NIGHTS} nights, not {nights}")
    return starts_on + timedelta(days=nights - 1)


def tried_out(contact: NightContact, calls: Iterable[Call]) -> Tested:
    """Say how a number stands with a council's test calls: the last, when the next is due, and tries in vain since."""
    tries = sorted((one for one in calls if one.kind is CallKind.TEST), key=lambda one: one.called_at, reverse=True)
    if not tries:
        return Tested(contact, None, None, 0)
    answered = next((n for n, one in enumerate(tries) if one.outcome is CallOutcome.ANSWERED), len(tries))
    return Tested(contact, tries[0], add_months(london_day(tries[0].called_at), TEST_MONTHS), answered)


def overdue(one: Tested, today: date) -> bool:
    """Say whether a number waits for its test call."""
    return one.due_on is None or one.due_on < today


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
