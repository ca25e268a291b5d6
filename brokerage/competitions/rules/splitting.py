"""What decides where accommodation and support are bought separately (A23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from brokerage.competitions.errors import NotInParts
from brokerage.competitions.model import Competition, Profile
from lots.model import Wants

PARTS: Final = (Wants.ACCOMMODATION, Wants.SUPPORT)
"""The two parts that a referral may be published in (DPS spec 3.2.5, A23)."""

OTHER: Final[Mapping[Wants, Wants]] = {Wants.ACCOMMODATION: Wants.SUPPORT, Wants.SUPPORT: Wants.ACCOMMODATION}

ENDINGS: Final[Mapping[Wants, str]] = {Wants.ACCOMMODATION: "-A", Wants.SUPPORT: "-S"}
"""What tells the parts' references apart, in a text message above all."""


def can_split(wants: frozenset[Wants], hours: Decimal) -> bool:
    """Say whether there are two things to buy: accommodation, and support of some hours."""
    return wants == frozenset(PARTS) and hours > 0


def check_split(wants: frozenset[Wants], hours: Decimal) -> None:
    """Refuse to publish in parts what is one thing. Raises NotInParts."""
    if not can_split(wants, hours):
        raise NotInParts(tuple(sorted(wants)), hours)


def part_profile(profile: Profile, part: Wants | None) -> Profile:
    """Give what providers see of one part: all of the young person's profile, and one thing wanted."""
    return profile if part is None else replace(profile, wants=frozenset({part}))


def part_reference(reference: str, part: Wants | None) -> str:
    """Give the reference under which providers know a part of a referral, or the whole."""
    return reference if part is None else f"{reference}{ENDINGS[part]}"


def part_benefit(housing_benefit_weekly: Decimal, part: Wants | None) -> Decimal:
    """Give the Housing Benefit that a part is reckoned with: it is for housing, and counts once (A27, S22)."""
    return Decimal("0.00") if part is Wants.SUPPORT else housing_benefit_weekly


def budget_left(competition: Competition, beside: Decimal) -> Decimal:
    """Give what the other part's weekly cost leaves of the placement's weekly budget; below zero where it is over."""
    return competition.budget_weekly - beside
