"""Is an edition fit for use? Whatever these rules let through keeps the promises of matrix.md.

A place in an edition is a path as in its file, such as ("domain", 3, "hours"), counted from 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise, product

from lots.model import CategoryCode
from matrix.model import (
    HOURS_STEP,
    LEVELS,
    MOST_HOURS,
    Band,
    CategoryRule,
    Domain,
    Edition,
    LegalStatus,
    LivingNow,
    Needed,
    Outcome,
)
from matrix.rules.assessing import assess
from matrix.rules.categories import Situation, fits
from matrix.rules.eligibility import NEED_OR_HOMELESS

Place = tuple[str | int, ...]
Finding = tuple[Place, str]

SITUATIONS = tuple(
    Situation(*combination) for combination in product(LegalStatus, Needed, LivingNow, (False, True), (False, True))
)
"""Everything that the category table can be asked about."""


def unsound(edition: Edition) -> tuple[Finding, ...]:
    """List what is wrong with an edition, its test cases apart: empty means that it may score (A7, A8)."""
    return (
        *_bounds(edition),
        *_repeated(_questions(edition)),
        *_repeated([("floor", floor.key) for floor in edition.floors]),
        *_repeated([("reduction", reduction.key) for reduction in edition.reductions]),
        *_repeated([("category_rule", row.key) for row in edition.category_rules]),
        *_repeated([("band", band.key) for band in edition.bands]),
        *(finding for at, domain in enumerate(edition.domains) for finding in _rising(("domain", at, "hours"), domain)),
        *_floors(edition),
        *_reductions(edition),
        *_bands(edition.bands),
        *_kinship(edition.category_rules),
        *_total(edition.category_rules),
    )


def failed_examples(edition: Edition) -> tuple[Finding, ...]:
    """Run the test cases that a sound edition carries; list each expectation that it does not meet."""
    findings: list[Finding] = []
    if not edition.cases:
        findings.append((("case",), "an edition needs at least one test case of its own"))
    for at, example in enumerate(edition.cases):
        got = assess(edition, example.case)
        for name, expected, actual in (
            ("outcome", example.outcome, got.outcome),
            ("category", example.category, got.category),
            ("hours", example.hours, got.hours),
        ):
            # A refused case has neither category nor hours; the outcome says all there is.
            if expected != actual and (name == "outcome" or Outcome.REFUSED not in (example.outcome, got.outcome)):
                findings.append((("case", at, "expect", name), f"expected {expected}, but the edition gives {actual}"))
    return tuple(findings)


def _bounds(edition: Edition) -> Iterator[Finding]:
    if not edition.domains:
        yield ("domain",), "an edition needs at least one domain"
    if edition.evidence_from not in LEVELS:
        yield ("evidence_from",), "must be a level from 0 to 4"


def _questions(edition: Edition) -> list[tuple[str, str]]:
    """List domains and facts together: both are answered, so their keys may not meet."""
    return [("domain", domain.key) for domain in edition.domains] + [("fact", fact.key) for fact in edition.facts]


def _repeated(entries: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Find keys used twice among entries of (table, key)."""
    seen: set[str] = set()
    position: Counter[str] = Counter()
    for table, key in entries:
        if key in seen:
            yield (table, position[table], "key"), f"the key {key} is used more than once"
        seen.add(key)
        position[table] += 1


def _hours(place: Place, hours: Decimal) -> Iterator[Finding]:
    if not 0 <= hours <= MOST_HOURS:
        yield place, f"{hours} is not between 0 and {MOST_HOURS} hours"
    elif hours % HOURS_STEP:
        yield place, f"{hours} is not a whole number of quarter hours"


def _rising(place: Place, domain: Domain) -> Iterator[Finding]:
    for hours in domain.hours:
        yield from _hours(place, hours)
    for graver, (less, more) in enumerate(pairwise(domain.hours), start=1):
        if more < less:
            yield place, f"level {graver} gives {more} hours, fewer than the {less} of level {graver - 1}"


def _domains_known(place: Place, keys: Sequence[str], edition: Edition) -> Iterator[Finding]:
    known = {domain.key for domain in edition.domains}
    if not keys:
        yield place, "must name at least one domain"
    for key in keys:
        if key not in known:
            yield place, f"there is no domain {key}"


def _level(place: Place, level: int) -> Iterator[Finding]:
    if level not in LEVELS:
        yield place, "must be a level from 0 to 4"


def _floors(edition: Edition) -> Iterator[Finding]:
    for at, floor in enumerate(edition.floors):
        yield from _domains_known(("floor", at, "domains"), floor.domains, edition)
        yield from _level(("floor", at, "at_least"), floor.at_least)
        yield from _hours(("floor", at, "hours"), floor.hours)


def _reductions(edition: Edition) -> Iterator[Finding]:
    for at, reduction in enumerate(edition.reductions):
        yield from _domains_known(("reduction", at, "domains"), reduction.domains, edition)
        yield from _level(("reduction", at, "at_most"), reduction.at_most)
        yield from _hours(("reduction", at, "hours"), reduction.hours)
        if not 0 <= reduction.percent <= 100:
            yield ("reduction", at, "percent"), "must be a whole number from 0 to 100"
        if bool(reduction.hours) == bool(reduction.percent):
            yield ("reduction", at), "must take off either hours or a percentage, above 0"


def _bands(bands: Sequence[Band]) -> Iterator[Finding]:
    ends = [band.up_to for band in bands]
    if not ends or ends[0] != 0:
        yield ("band",) if not ends else ("band", 0, "up_to"), "the first band must be 0 hours"
    if not ends or ends[-1] != MOST_HOURS:
        yield ("band",) if not ends else ("band", len(ends) - 1, "up_to"), f"the last band must end at {MOST_HOURS}"
    for at, (before, after) in enumerate(pairwise(ends), start=1):
        if after <= before:
            yield ("band", at, "up_to"), f"must be above {before}, where the band before it ends"


def _kinship(rows: Sequence[CategoryRule]) -> Iterator[Finding]:
    """Hold what no edition may change: status decides the lot (S31), and 2.3 has no support hours (A12)."""
    for at, row in enumerate(rows):
        lots = {"2" if status in NEED_OR_HOMELESS else "1" for status in row.status or LegalStatus}
        if lots != {row.category.lot}:
            yield (
                ("category_rule", at, "status"),
                f"{row.category} is of lot {row.category.lot}: lot 1 is for young people in care and care leavers, "
                "lot 2 for children in need and homeless 16 and 17-year-olds (S31)",
            )
        if row.category is CategoryCode.ACCOMMODATION_ONLY and row.hours_above_zero is not False:
            yield ("category_rule", at, "hours_above_zero"), "2.3 is for 0 support hours: must be false (A12)"


def _total(rows: Sequence[CategoryRule]) -> Iterator[Finding]:
    """Check that every situation meets a row, and every row some situation that no row above it takes."""
    left: Sequence[Situation] = SITUATIONS
    for at, row in enumerate(rows):
        passed_on = [situation for situation in left if not fits(row, situation)]
        if len(passed_on) == len(left):
            yield ("category_rule", at), "can never be reached: the rows above take every situation that it fits"
        left = passed_on
    if left:
        one = left[0]
        yield (
            ("category_rule",),
            f"{len(left)} situations meet no row, such as status {one.status}, needed {one.needed}, living now "
            f"{one.living_now}, hours {'above 0' if one.hours_above_zero else '0'}, "
            f"Housing Benefit {'in payment' if one.housing_benefit else 'not in payment'}",
        )
