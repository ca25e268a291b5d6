"""Assessments and editions on paper: JSON for people and systems, bytes to keep, plain text to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from textwrap import fill
from typing import Any, Final

from lots.model import CategoryCode
from matrix.model import (
    LEVELS,
    Assessment,
    CategoryRule,
    Domain,
    Edition,
    Fact,
    LegalStatus,
    Line,
    LivingNow,
    Needed,
    Outcome,
    Reduction,
)

FORMAT: Final = 1
"""The version of the stored form; a reader for each is kept for ever (A9)."""

STATUS_WORDS: Final = {
    LegalStatus.LOOKED_AFTER_S20: "looked after under section 20",
    LegalStatus.CARE_ORDER_S31: "care order (section 31)",
    LegalStatus.REMANDED: "remanded to care",
    LegalStatus.ELIGIBLE: "eligible",
    LegalStatus.RELEVANT: "relevant",
    LegalStatus.FORMER_RELEVANT: "former relevant",
    LegalStatus.QUALIFYING: "qualifying",
    LegalStatus.CHILD_IN_NEED: "child in need",
    LegalStatus.HOMELESS: "homeless at 16 or 17",
}
NEEDED_WORDS: Final = {Needed.SAME_DAY: "needed the same day", Needed.PLANNED: "a planned move"}
LIVING_WORDS: Final = {
    LivingNow.FOSTER_CARE: "foster care",
    LivingNow.CHILDRENS_HOME: "a children's home",
    LivingNow.SUPPORTED_ACCOMMODATION: "supported accommodation",
    LivingNow.FAMILY: "the family home",
    LivingNow.OWN_TENANCY: "an own tenancy",
    LivingNow.HOMELESS: "no home",
    LivingNow.CUSTODY: "custody",
    LivingNow.HOSPITAL: "hospital",
    LivingNow.OTHER: "another place",
}


def plain(assessment: Assessment) -> dict[str, Any]:
    """Give the assessment as JSON values for an answer (api.md, "A case"); hours are numbers, or None."""
    return {
        "edition": assessment.edition,
        "illustrative": assessment.illustrative,
        "outcome": assessment.outcome.value,
        "lot": assessment.lot,
        "category": assessment.category.value if assessment.category else None,
        "hours": None if assessment.hours is None else float(assessment.hours),
        "rule": assessment.rule,
        "reasons": list(assessment.reasons),
        "working": [{"rule": line.rule, "text": line.text, "hours": float(line.hours)} for line in assessment.working],
    }


def assessment_bytes(assessment: Assessment) -> bytes:
    """Give the one stored form of an assessment: canonical JSON, UTF-8, hours as exact decimal text.

    Equal assessments give equal bytes, whatever the scale of their decimals, so that a score can be computed again
    years later and compared byte by byte (matrix.md, "Properties").
    """
    stored = plain(assessment) | {
        "format": FORMAT,
        "hours": None if assessment.hours is None else exact(assessment.hours),
        "working": [{"rule": line.rule, "text": line.text, "hours": exact(line.hours)} for line in assessment.working],
    }
    return json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_assessment(stored: bytes) -> Assessment:
    """Read what `assessment_bytes` wrote; raises ValueError for any other format."""
    raw = json.loads(stored)
    if raw["format"] != FORMAT:
        raise ValueError(f"an assessment of format {raw['format']} cannot be read")
    return Assessment(
        edition=raw["edition"],
        illustrative=raw["illustrative"],
        outcome=Outcome(raw["outcome"]),
        lot=raw["lot"],
        category=None if raw["category"] is None else CategoryCode(raw["category"]),
        hours=None if raw["hours"] is None else Decimal(raw["hours"]),
        rule=raw["rule"],
        reasons=tuple(raw["reasons"]),
        working=tuple(Line(line["rule"], line["text"], Decimal(line["hours"])) for line in raw["working"]),
    )


def exact(hours: Decimal) -> str:
    """Write hours exactly, in the one shortest way: 12, 0.25, -1.5; never 12.00, 1E+1 or -0."""
    return format(hours.normalize(), "f") if hours else "0"


def describe(edition: Edition) -> dict[str, Any]:
    """Give an edition as JSON values (`GET /api/matrix`, `brokerage matrix --json`); hours are numbers."""
    return {
        "id": edition.id,
        "title": edition.title,
        "version": edition.version,
        "valid_from": edition.valid_from.isoformat(),
        "status": edition.status.value,
        "illustrative": edition.illustrative,
        "source": edition.source,
        "authors": list(edition.authors),
        "digest": edition.digest,
        "evidence_from": edition.evidence_from,
        "domains": [
            _question(domain)
            | {
                "group": domain.group.value,
                "levels": [
                    {"level": level.number, "text": level.text, "hours": float(hours)}
                    for level, hours in zip(domain.levels, domain.hours, strict=True)
                ],
            }
            for domain in edition.domains
        ],
        "facts": [
            _question(fact) | {"levels": [{"level": level.number, "text": level.text} for level in fact.levels]}
            for fact in edition.facts
        ],
        "bands": [{"key": band.key, "title": band.title, "up_to": float(band.up_to)} for band in edition.bands],
        "floors": [
            {
                "key": floor.key,
                "text": floor.text,
                "domains": list(floor.domains),
                "at_least": floor.at_least,
                "hours": float(floor.hours),
            }
            for floor in edition.floors
        ],
        "reductions": [
            {
                "key": reduction.key,
                "text": reduction.text,
                "domains": list(reduction.domains),
                "at_most": reduction.at_most,
                "hours": float(reduction.hours),
                "percent": reduction.percent,
            }
            for reduction in edition.reductions
        ],
        "category_rules": [
            {"key": row.key, "category": row.category.value, "when": conditions(row), "text": row.text}
            for row in edition.category_rules
        ],
    }


def conditions(row: CategoryRule) -> str:
    """Put the conditions of a category rule in words; a row without any fits everybody."""
    parts = []
    if row.status:
        parts.append(_either([STATUS_WORDS[status] for status in row.status]))
    if row.needed:
        parts.append(_either([NEEDED_WORDS[needed] for needed in row.needed]))
    if row.living_now:
        parts.append("living in " + _either([LIVING_WORDS[living] for living in row.living_now]))
    if row.hours_above_zero is not None:
        parts.append("hours above 0" if row.hours_above_zero else "0 hours")
    if row.housing_benefit is not None:
        parts.append("Housing Benefit in payment" if row.housing_benefit else "no Housing Benefit in payment")
    return "; ".join(parts) or "everybody else"


def words(edition: Edition) -> str:
    """Lay the edition out as plain text, 100 columns wide, for a terminal."""
    titles = {domain.key: domain.title for domain in edition.domains}
    width = max(map(len, titles.values()))
    header = f"{'':{width}}  " + "".join(f"{f'level {level}':>9}" for level in LEVELS)
    blocks = [
        "\n".join(
            [
                f"{edition.title} ({edition.id}, version {edition.version})",
                f"{edition.status.value.capitalize()}, valid from {edition.valid_from.isoformat()}; "
                f"by {', '.join(edition.authors)}",
                fill(edition.source, 100),
            ]
        ),
        "\n".join(
            ["Hours a week", header]
            + [
                f"{domain.title:{width}}  " + "".join(f"{exact(hours):>9}" for hours in domain.hours)
                for domain in edition.domains
            ]
        ),
        _block("Strengths: hours taken off", [_reduction_words(one, titles) for one in edition.reductions]),
        _block(
            "Floors: hours never below",
            [
                f"{exact(floor.hours)} h while at level {_graver(floor.at_least)} in {_titles(floor.domains, titles)}"
                for floor in edition.floors
            ],
        ),
        _block("Bands", [f"{band.title}: up to {exact(band.up_to)} h" for band in edition.bands]),
        _block(
            "Categories, first match",
            [f"{row.category.value}  {row.key}: {conditions(row)}" for row in edition.category_rules],
        ),
        _block("Carries no hours", [fact.title for fact in edition.facts]),
        f"An evidence note is required from level {edition.evidence_from}.",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _question(question: Domain | Fact) -> dict[str, Any]:
    return {
        "key": question.key,
        "title": question.title,
        "look_back": question.look_back,
        "hint": question.hint,
    }


def _reduction_words(reduction: Reduction, titles: dict[str, str]) -> str:
    size = f"{reduction.percent}%" if reduction.percent else f"{exact(reduction.hours)} h"
    mild = f"{reduction.at_most} or below" if reduction.at_most else "0"
    return f"{size} off while at level {mild} in {_titles(reduction.domains, titles)}"


def _graver(level: int) -> str:
    return str(level) if level == LEVELS[-1] else f"{level} or above"


def _block(heading: str, lines: Sequence[str]) -> str:
    wrapped = [fill(line, 100, initial_indent="  ", subsequent_indent="      ") for line in lines]
    return "\n".join([heading, *wrapped]) if lines else ""


def _titles(keys: Sequence[str], titles: dict[str, str]) -> str:
    names = [titles[key] for key in keys]
    return names[0] if len(names) == 1 else "all of: " + ", ".join(names)


def _either(options: Sequence[str]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"
