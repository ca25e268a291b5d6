"""Hypothesis strategies for cases and for whole editions of the matrix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from matrix.model import LEVELS, Case, Edition, LegalStatus, LivingNow, Needed
from matrix.rules import birthday
from matrix.store import editions, parse

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
QUARTERS = st.integers(0, 100).map(lambda quarters: Decimal(quarters) / 4)
LOT_1 = ["looked_after_s20", "care_order_s31", "remanded", "eligible", "relevant", "former_relevant", "qualifying"]
LOT_2 = ["child_in_need", "homeless"]

Table = dict[str, Any]


def toml(value: object) -> str:
    """Write a value as TOML; JSON's strings, numbers, lists and booleans are TOML already."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def document(top: Table, tables: Mapping[str, list[Table]]) -> str:
    """Write a TOML document: plain keys, then arrays of tables."""
    lines = [f"{key} = {toml(value)}" for key, value in top.items()]
    for name, entries in tables.items():
        for entry in entries:
            lines += ["", f"[[{name}]]", *(f"{key} = {toml(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


@st.composite
def domain_tables(draw: st.DrawFn) -> list[Table]:
    return [
        {
            "key": f"domain_{at}",
            "title": f"Domain {at}",
            "group": draw(st.sampled_from(["need", "risk"])),
            "look_back": "the last 3 months",
            "hint": "How is it going?",
            "hours": sorted(draw(st.tuples(*[QUARTERS] * len(LEVELS)))),
            "levels": [f"Level {level} of domain {at}." for level in LEVELS],
        }
        for at in range(draw(st.integers(1, 3)))
    ]


@st.composite
def category_tables(draw: st.DrawFn) -> list[Table]:
    """Draw a total table: for each lot some special rows, each on a condition of its own, then one for everybody else.

    Rows on different conditions cannot hide one another, so each of them can be reached.
    """
    rows: list[Table] = []
    for statuses, codes, rest in ((LOT_1, ["1.1", "1.2", "1.3"], "1.3"), (LOT_2, ["2.1", "2.2"], "2.2")):
        some_places = st.lists(st.sampled_from(list(LivingNow)), min_size=1, max_size=8, unique=True)
        specials: list[Table] = [
            {"needed": [draw(st.sampled_from(list(Needed)))]},
            {"living_now": draw(some_places)},
            {"housing_benefit": draw(st.booleans())},
        ]
        for special in draw(st.permutations(specials))[: draw(st.integers(0, 2))]:
            rows.append({"category": draw(st.sampled_from(codes)), "status": statuses, **special})
        if statuses is LOT_2 and draw(st.booleans()):
            rows.append({"category": "2.3", "status": statuses, "hours_above_zero": False})
        rows.append({"category": rest, "status": statuses})
    return [{"key": f"{row['category']}.row_{at}", "text": f"Row {at}.", **row} for at, row in enumerate(rows)]


@st.composite
def edition_texts(draw: st.DrawFn) -> str:
    """Draw the file of a sound edition that a council might have written."""
    domains = draw(domain_tables())
    some_domains = st.lists(st.sampled_from([domain["key"] for domain in domains]), min_size=1, unique=True)
    floors = [
        {
            "key": f"floor_{at}",
            "text": f"Floor {at}.",
            "domains": draw(some_domains),
            "at_least": draw(st.sampled_from(LEVELS)),
            "hours": draw(QUARTERS),
        }
        for at in range(draw(st.integers(0, 2)))
    ]
    sizes = st.one_of(
        QUARTERS.filter(bool).map(lambda hours: {"hours": hours}),
        st.integers(1, 100).map(lambda percent: {"percent": percent}),
    )
    reductions = [
        {
            "key": f"reduction_{at}",
            "text": f"Reduction {at}.",
            "domains": draw(some_domains),
            "at_most": draw(st.sampled_from(LEVELS)),
            **draw(sizes),
        }
        for at in range(draw(st.integers(0, 2)))
    ]
    ends = sorted({Decimal(0), Decimal(25), *draw(st.lists(QUARTERS, max_size=2))})
    too_young = {
        "title": "Under 16",
        "date_of_birth": date(2012, 1, 1),
        "on": date(2026, 1, 1),
        "status": "homeless",
        "in_education_or_training": False,
        "living_now": "homeless",
        "needed": "planned",
        "housing_benefit": False,
        "expect": {"outcome": "refused"},
    }
    fact = {
        "key": "shared_living",
        "title": "Living with others",
        "look_back": "the last 3 months",
        "hint": "Could they share?",
        "levels": [f"Level {level} of sharing." for level in LEVELS],
    }
    return document(
        {
            "id": "generated-1",
            "title": "Generated",
            "version": "1",
            "valid_from": draw(DAYS),
            "status": draw(st.sampled_from(["illustrative", "draft", "published"])),
            "source": "Drawn at random.",
            "authors": ["Nobody"],
            "evidence_from": draw(st.sampled_from(LEVELS)),
        },
        {
            "domain": domains,
            "fact": [fact],
            "floor": floors,
            "reduction": reductions,
            "band": [{"key": f"band_{at}", "title": f"Band {at}", "up_to": end} for at, end in enumerate(ends)],
            "category_rule": draw(category_tables()),
            "case": [too_young],
        },
    )


def any_edition() -> st.SearchStrategy[Edition]:
    """Draw the shipped edition or a generated one, about equally often."""
    generated = edition_texts().map(lambda text: parse(text, "generated.toml"))
    return st.one_of(st.sampled_from(editions()), generated)


def answers_to(edition: Edition) -> st.SearchStrategy[dict[str, int]]:
    level = st.sampled_from(LEVELS)
    return st.fixed_dictionaries(
        {domain.key: level for domain in edition.domains}, optional={fact.key: level for fact in edition.facts}
    )


@st.composite
def cases(draw: st.DrawFn, edition: Edition) -> Case:
    """Draw any case, eligible or not, of somebody between 14 and 27."""
    born = draw(DAYS) - timedelta(days=20 * 365)
    return Case(
        date_of_birth=born,
        on=birthday(born, draw(st.integers(14, 26))) + timedelta(days=draw(st.integers(0, 364))),
        status=draw(st.sampled_from(LegalStatus)),
        in_education_or_training=draw(st.booleans()),
        living_now=draw(st.sampled_from(LivingNow)),
        needed=draw(st.sampled_from(Needed)),
        housing_benefit=draw(st.booleans()),
        answers=draw(answers_to(edition)),
    )


@st.composite
def editions_with_cases(draw: st.DrawFn) -> tuple[Edition, Case]:
    edition = draw(any_edition())
    return edition, draw(cases(edition))
