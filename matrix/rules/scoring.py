"""From answers to hours, with the working shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from matrix.errors import CaseNotValid
from matrix.model import HOURS_STEP, Band, Domain, Edition, Line
from matrix.rules.cases import answer_faults

BESPOKE_BAND: Final = Band("over_25", "over 25 hours a week (bespoke)", Decimal(168))
"""The band of a bespoke package (S20); a week has 168 hours."""


def score(edition: Edition, answers: Mapping[str, int]) -> tuple[Decimal, tuple[Line, ...]]:
    """Add up the weekly hours of the answers; the lines always add up to the hours (A7).

    The order is fixed: sum over domains, less reductions for strengths (never below 0), then the highest floor
    that holds, then rounding to a quarter of an hour, halves up.

    A graver answer never lowers the hours, because each step keeps that promise: hours rise with the level; a
    reduction asks for *mild* answers, so that a graver one can only lose it; a floor asks for *grave* ones, so that
    a graver one can only gain it. Reductions come before floors: the other way round a strength in one place
    would eat the hours that keep somebody safe in another.

    Raises CaseNotValid where an answer is missing, unknown or not a level.
    """
    if faults := answer_faults(edition, answers):
        raise CaseNotValid(faults)
    lines = [
        Line(f"domain.{domain.key}", _said(domain, answers[domain.key]), domain.hours[answers[domain.key]])
        for domain in edition.domains
    ]
    added_up = hours = sum((line.hours for line in lines), Decimal(0))

    for reduction in edition.reductions:
        if all(answers[key] <= reduction.at_most for key in reduction.domains):
            off = min(hours, reduction.hours + added_up * reduction.percent / 100)
            if off:
                lines.append(Line(f"reduction.{reduction.key}", reduction.text, -off))
                hours -= off

    holding = [floor for floor in edition.floors if all(answers[key] >= floor.at_least for key in floor.domains)]
    if holding:
        highest = max(holding, key=lambda floor: floor.hours)
        if highest.hours > hours:
            lines.append(Line(f"floor.{highest.key}", highest.text, highest.hours - hours))
            hours = highest.hours

    rounded = (hours / HOURS_STEP).quantize(Decimal(1), ROUND_HALF_UP) * HOURS_STEP
    if rounded != hours:
        lines.append(Line("rounding", "Rounded to a quarter of an hour.", rounded - hours))
    return rounded, tuple(lines)


def levels_of(edition: Edition, working: tuple[Line, ...]) -> dict[str, int]:
    """Read the answers back from a working of the same edition, to begin the next score with (A32).

    Questions without hours are not in a working, nor is what another edition asked.
    """
    said = {line.rule: line.text for line in working}
    return {
        domain.key: level.number
        for domain in edition.domains
        for level in domain.levels
        if said.get(f"domain.{domain.key}") == _said(domain, level.number)
    }


def _said(domain: Domain, level: int) -> str:
    return f"{domain.title}, level {level}: {domain.levels[level].text}"


def band_of(edition: Edition, hours: Decimal) -> Band:
    """Find the band that names these weekly hours in an invitation; above 25 it is the bespoke one."""
    return next((band for band in edition.bands if hours <= band.up_to), BESPOKE_BAND)
