"""Decide what evidence still counts, and when to warn that it runs out (A14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from lots.errors import EvidenceTooOld, NoSuchEvidenceKind, WrongHolder
from lots.model import Evidence, EvidenceKind, ExpiryWarning, Held
from lots.rules.days import DAY, add_months, covers, period_words

WARN_DAYS: Final = (60, 30, 7)
"""So many days before evidence runs out its provider is warned (A14)."""


def counts_until(kind: EvidenceKind, valid_from: date, valid_to: date | None) -> date | None:
    """Give the last day on which a piece counts: its own, or the kind's longest time where that is shorter.

    A check of 10 March 2024 is three years old on 10 March 2027 and counts on that day for the last time.
    """
    if kind.months is None:
        return valid_to
    longest = add_months(valid_from, kind.months)
    return longest if valid_to is None else min(valid_to, longest)


def counts_since(kind: EvidenceKind, on: date) -> date | None:
    """Give the first day that a piece may begin on and still count on the day; `None` where no day is too long ago."""
    if kind.months is None:
        return None
    first = add_months(on, -kind.months)
    # Months differ: what began on 28, 29, 30 or 31 August counts six months, until the last of February.
    while add_months(first, kind.months) < on:
        first += DAY
    while add_months(first - DAY, kind.months) >= on:
        first -= DAY
    return first


def evidence_gap(
    kinds: Iterable[EvidenceKind], evidence: Iterable[Held], asked_from: date | None, on: date
) -> tuple[str, str] | None:
    """Give rule and reason of the first kind that is not covered on the day, or `None`.

    Rules: `A14.evidence_expired`, also where it never was asked for; `A14.no_evidence`, from `asked_from` on.
    """
    held = tuple(evidence)
    for kind in kinds:
        periods = tuple(
            (one.valid_from, counts_until(kind, one.valid_from, one.valid_to)) for one in held if one.kind == kind.key
        )
        if any(covers(first, last, on) for first, last in periods):
            continue
        if any(last is not None and last < on for _, last in periods):
            return "A14.evidence_expired", f"{kind.title}: the evidence {period_words(periods, on)}."
        if asked_from is not None and asked_from <= on:
            words = f"the evidence {period_words(periods, on)}" if periods else "no evidence is held"
            return "A14.no_evidence", f"{kind.title}: {words}."
    return None


def covered_until(kind: EvidenceKind, evidence: Iterable[Held], on: date) -> date | None:
    """Give the last day of the cover that runs without a gap from the day on.

    `None` where there is none or it never ends: in both cases there is nothing to warn of.
    """
    last: date | None = None
    for one in sorted(each for each in evidence if each.kind == kind.key):
        reach = counts_until(kind, one.valid_from, one.valid_to)
        if one.valid_from > (on if last is None else last + DAY):
            break
        if reach is None:
            return None
        if reach >= on and (last is None or reach > last):
            last = reach
    return last


def warnings_due(
    kinds: Iterable[EvidenceKind], evidence: Iterable[Held], after: date, on: date
) -> tuple[ExpiryWarning, ...]:
    """List the warnings whose day has come after one day and by another; of several of a kind, only the nearest.

    Asked each day with the day before, each warning is given once; a worker that slept gives the last one.
    """
    held = tuple(evidence)
    found = []
    for kind in kinds:
        ends_on = covered_until(kind, held, on)
        if ends_on is None:
            continue
        due = [days for days in WARN_DAYS if after < ends_on - timedelta(days=days) <= on]
        if due:
            found.append(ExpiryWarning(kind, ends_on, min(due)))
    return tuple(found)


def check_offered(kind: EvidenceKind | None, evidence: Evidence, today: date) -> None:
    """Check a piece that is put forward: a known kind, for a home where the kind is held by homes, not over already.

    Raise `NoSuchEvidenceKind`, `WrongHolder` or `EvidenceTooOld`.
    """
    if kind is None:
        raise NoSuchEvidenceKind(evidence.kind)
    if kind.per_property != (evidence.property_id is not None):
        raise WrongHolder(kind.title, kind.per_property)
    last = counts_until(kind, evidence.valid_from, evidence.valid_to)
    if last is not None and last < today:
        raise EvidenceTooOld(kind.title, last, today)
