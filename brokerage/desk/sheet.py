"""Write the page of the night as one file that needs nothing else: no network, no script, no other file (A17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from brokerage.desk.clock import LONDON, short_time
from lots.model import Exclusion, NightContact, ReadyIn


@dataclass(frozen=True, slots=True)
class Near:
    """Name who is nearest to an outward code, with straight miles."""

    code: str
    providers: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Hold what the page of a night says: who can take somebody, who cannot and why, who is nearest to where.

    `lines` are each provider's numbers for emergency places, by its id as text. `untested` counts the numbers that
    wait for their test call.
    """

    council: str
    office_phone: str
    for_on: date
    made_at: datetime
    ready: tuple[ReadyIn, ...]
    cannot: tuple[Exclusion, ...]
    lines: Mapping[str, tuple[NightContact, ...]]
    near: tuple[Near, ...]
    untested: int


def write(facts: SheetFacts) -> str:
    """Write the page; what a provider typed is escaped."""
    made = facts.made_at.astimezone(LONDON)
    return (
        _environment()
        .get_template("papers/tonight.html")
        .render(
            sheet=facts,
            made_clock=f"{made.hour % 12 or 12}:{made:%M}{'am' if made.hour < 12 else 'pm'}",
            made=short_time(facts.made_at),
            night=f"{facts.for_on:%A} {facts.for_on.day} {facts.for_on:%B %Y}",
        )
    )


@cache
def _environment() -> Environment:
    packaged = Path(__file__).parents[1] / "_templates"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
