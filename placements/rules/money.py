"""Reckon what the council pays for a stay, day range by day range, to the penny (A33, S21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lots.rules import part_week
from placements.model import Version
from placements.rules.days import DAY


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Hold what is paid for some days under one version: both days included, pounds a week, pounds."""

    version: int
    from_on: date
    until_on: date
    days: int
    weekly: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """Hold the lines of a span of days and their sum in pounds."""

    lines: tuple[LedgerLine, ...]
    total: Decimal


def ledger(versions: tuple[Version, ...], from_on: date, until_on: date) -> Ledger:
    """Reckon the days from one to another, both included, a line for each version that holds on any of them (S21).

    A version's days are paid by what has run up since its first day: round(weekly x days / 7), half up. A line is what
    has run up by its last day less what had run up before its first. So a whole version is rounded once; however its
    days are cut into lines or invoices, they add up to the same pennies; and a later variation or end changes no line
    before it. A line that begins in the middle of a version may differ from its own days / 7 by less than a penny.
    """
    lines = tuple(
        _line(one, max(from_on, one.from_on), min(until_on, one.until_on))
        for one in sorted(versions, key=lambda one: one.from_on)
        if max(from_on, one.from_on) <= min(until_on, one.until_on)
    )
    return Ledger(lines, sum((line.amount for line in lines), Decimal("0.00")))


def _line(version: Version, first: date, last: date) -> LedgerLine:
    weekly = version.terms.weekly_cost
    before = (first - version.from_on).days
    by_then = (last + DAY - version.from_on).days
    amount = part_week(weekly, by_then) - part_week(weekly, before)
    return LedgerLine(version.number, first, last, by_then - before, weekly, amount)
