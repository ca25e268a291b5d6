"""Decide which homes and beds may be used on a day (A14, S5; DPS spec 3.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from math import dist
from typing import Final

from lots.errors import BedTaken, HomeNotFit
from lots.model import BedId, FreeBed, Hold, Need, Property, Provider, Sharing
from lots.rules.days import in_words
from lots.rules.evidence import evidence_gap
from lots.rules.standing import OFSTED_UNDER

KM_PER_MILE: Final = 1.609344
TENTH: Final = Decimal("0.1")


def home_gap(provider: Provider, home: Property, on: date) -> tuple[str, str] | None:
    """Give rule and reason why nobody new is housed in the home on the day, or `None`.

    Rules: `A14.home_closed`, and those of evidence that is held for each home (the housing standard, 3.5).
    """
    if on < home.opened_on:
        return "A14.home_closed", f"The home opens on {in_words(home.opened_on)}."
    if home.closed_on is not None and home.closed_on < on:
        return "A14.home_closed", f"The home closed on {in_words(home.closed_on)}."
    kinds = (kind for kind in provider.asked if kind.per_property)
    return evidence_gap(kinds, home.evidence, provider.evidence_asked_from, on)


def check_home(provider: Provider, home: Property, starts_on: date, ends_on: date | None) -> None:
    """Check that somebody new may be housed in the home from a day on; raise `HomeNotFit`.

    The last day counts only where the home closes before it: evidence is renewed, a closure is not.
    """
    found = home_gap(provider, home, starts_on)
    if found is None and home.closed_on is not None and (ends_on is None or home.closed_on < ends_on):
        found = "A14.home_closed", f"The home closes on {in_words(home.closed_on)}."
    if found is not None:
        raise HomeNotFit(home.name, *found)


def suits(home: Property, need: Need) -> bool:
    """Say whether the home's Ofsted category would do: it is only asked under 18 (S5)."""
    return need.age >= OFSTED_UNDER or home.ofsted_category in need.fitting


def check_suits(home: Property, need: Need) -> None:
    """Check that the home's Ofsted category would do for a young person under 18 (S5); raise `HomeNotFit`."""
    if not suits(home, need):
        words = "none" if home.ofsted_category is None else str(home.ofsted_category)
        reason = f"A young person under {OFSTED_UNDER} needs a fitting Ofsted category; this home has {words}."
        raise HomeNotFit(home.name, "S5.no_ofsted_category", reason)


def overlap(one: Hold, starts_on: date, ends_on: date | None) -> bool:
    """Say whether a hold shares a day with a period; both ends of both are included."""
    return (one.ends_on is None or starts_on <= one.ends_on) and (ends_on is None or one.starts_on <= ends_on)


def check_free(bed_id: BedId, holds: Iterable[Hold], starts_on: date, ends_on: date | None) -> None:
    """Check that nothing keeps the bed taken on any of the days; raise `BedTaken` with the first that does."""
    for one in sorted(holds, key=lambda each: each.starts_on):
        if one.bed_id == bed_id and overlap(one, starts_on, ends_on):
            raise BedTaken(bed_id, one.kind, one.starts_on, one.ends_on)


def miles(one: str, other: str, places: Mapping[str, tuple[float, float]]) -> Decimal | None:
    """Reckon straight miles between two outward codes, to a tenth; `None` where one is not in the table.

    Between the middles of areas several miles wide: good for "which is nearer", for nothing finer.
    """
    if one not in places or other not in places:
        return None
    return Decimal(dist(places[one], places[other]) / KM_PER_MILE).quantize(TENTH)


def free_beds(
    provider: Provider,
    homes: Iterable[Property],
    taken: Collection[BedId],
    need: Need,
    on: date,
    near: str | None,
    places: Mapping[str, tuple[float, float]],
) -> tuple[FreeBed, ...]:
    """List the beds of a provider that are free on a day in homes that may be used, nearest first."""
    found = [
        FreeBed(
            bed_id,
            home,
            room,
            single,
            step_free,
            miles(near, home.outward_code, places) if near else None,
        )
        for home in homes
        if home_gap(provider, home, on) is None and suits(home, need)
        for bed_id, room, single, step_free in _beds(home)
        if bed_id not in taken
    ]
    return tuple(sorted(found, key=nearness))


def nearness(bed: FreeBed) -> tuple[bool, Decimal, str, str, str]:
    """Give what beds are sorted by: miles, unknown last, then home and room."""
    return bed.miles is None, bed.miles or Decimal(0), bed.property.name.casefold(), bed.room, str(bed.bed_id)


def _beds(home: Property) -> Iterator[tuple[BedId, str, bool, bool]]:
    for room in home.rooms:
        for bed in room.beds:
            yield bed.id, room.name, room.sharing is Sharing.SINGLE, room.step_free
