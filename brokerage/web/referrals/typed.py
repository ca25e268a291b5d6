"""Between the boxes of a form and the document of a draft: both ways, losing nothing that was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from brokerage.web.dates import text
from matrix.model import Edition

PERSON: Final = ("given_name", "family_name", "known_as", "school", "address", "nhs_number")
LEAST_PERIODS: Final = 3
LEAST_OUTCOMES: Final = 3
MOST_OUTCOMES: Final = 10
MOST_PERIODS: Final = 30
_PLAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("status", "living_now", "needed", "source", "urgency"),
    "outcomes": ("risk_plan", "pathway_plan"),
    "location": ("provision", "outward_code", "out_of_area_reason", "beds"),
    "budget": ("indicative_budget_weekly", "housing_benefit_weekly"),
}
_FLAGS: Final[Mapping[str, str]] = {"status": "in_education_or_training", "budget": "housing_benefit"}

DOWN_THE_PAGE: Final = (
    *("young_person", "given_name", "family_name", "known_as", "date_of_birth", "school", "relatives", "address"),
    *("nhs_number", "source", "status", "in_education_or_training", "living_now", "needed", "urgency", "care_periods"),
    *("override", "outcomes", "pathway_plan", "risk_plan"),
    *("wants", "provision", "outward_code", "out_of_area_reason", "beds"),
    *("indicative_budget_weekly", "housing_benefit", "housing_benefit_weekly"),
)

Typed = Mapping[str, Any]


def document_of(section: str, data: Typed, edition: Edition) -> dict[str, object]:
    """Turn what was typed into a section of the document, in the API's shape, right or wrong."""
    document: dict[str, object] = {name: text(data, name) for name in _PLAIN.get(section, ())}
    if name := _FLAGS.get(section):
        document[name] = {"yes": True, "no": False, "": None}.get(text(data, name), text(data, name))
    match section:
        case "young_person":
            relatives = [line.strip() for line in text(data, "relatives").splitlines() if line.strip()]
            person: dict[str, object] = {name: text(data, name) for name in PERSON}
            document |= {"young_person": person | {"relatives": relatives}, "date_of_birth": day(data, "date_of_birth")}
        case "status":
            rows = [
                {"since": day(data, f"care_{row}_since"), "until": day(data, f"care_{row}_until")}
                for row in range(MOST_PERIODS + 1)
            ]
            document["care_periods"] = [row for row in rows if any(row.values())]
        case "matrix":
            document |= _matrix(data, edition)
        case "outcomes":
            document["outcomes"] = _outcomes(data)
        case "location":
            wants = data.get("wants", [])
            document["wants"] = [str(one) for one in (wants if isinstance(wants, list) else [wants]) if one]
    return document


def values_of(section: str, document: Mapping[str, object]) -> dict[str, Any]:
    """Turn a section of the document into the boxes of its form."""
    values: dict[str, Any] = {name: _shown(document.get(name)) for name in _PLAIN.get(section, ())}
    if name := _FLAGS.get(section):
        value = document.get(name)
        values[name] = ("yes" if value else "no") if isinstance(value, bool) else _shown(value)
    match section:
        case "young_person":
            person = _mapping(document.get("young_person"))
            values |= {name: _shown(person.get(name)) for name in PERSON}
            values["relatives"] = "\n".join(str(one) for one in _list(person.get("relatives")))
            values |= _boxes("date_of_birth", document.get("date_of_birth"))
        case "status":
            for row, period in enumerate(_list(document.get("care_periods"))):
                for end in ("since", "until"):
                    values |= _boxes(f"care_{row}_{end}", _mapping(period).get(end))
        case "matrix":
            values |= {f"answers_{key}": str(level) for key, level in _mapping(document.get("answers")).items()}
            values |= {f"evidence_{key}": _shown(note) for key, note in _mapping(document.get("evidence")).items()}
            override = _mapping(document.get("override"))
            values |= {f"override_{name}": _shown(override.get(name)) for name in ("hours", "category", "reason")}
        case "outcomes":
            for row, outcome in enumerate(_list(document.get("outcomes"))):
                values[f"outcome_{row}"] = _shown(_mapping(outcome).get("text"))
                values[f"outcome_key_{row}"] = _shown(_mapping(outcome).get("key"))
        case "location":
            values["wants"] = _list(document.get("wants"))
            values["beds"] = _shown(document.get("beds", "1"))
    return values


def rows_of(section: str, document: Mapping[str, object], more: int = 0) -> int:
    """Say how many rows of a repeated entry to show."""
    if section == "status":
        return min(max(LEAST_PERIODS, len(_list(document.get("care_periods"))) + more), MOST_PERIODS)
    if section == "outcomes":
        return min(max(LEAST_OUTCOMES, len(_list(document.get("outcomes"))) + more), MOST_OUTCOMES)
    return 0


def field_of(pointer: str) -> str:
    """Give the box that a place in the document was typed into."""
    first, *rest = pointer.split("/")[1:]
    match first:
        case "young_person":
            return rest[0] if rest else "given_name"
        case "care_periods":
            return f"care_{rest[0]}_{rest[1] if len(rest) > 1 else 'since'}" if rest else "care_0_since"
        case "answers" | "evidence":
            return f"{first}_{rest[0]}" if rest else ""
        case "override":
            return f"override_{rest[0]}" if rest else "override_hours"
        case "outcomes":
            return f"outcome_{rest[0]}" if rest else "outcome_0"
        case "weights":
            return f"weight_{rest[0]}" if rest else "weight_price"
    return first


def place_of(pointer: str, asked: Sequence[str]) -> tuple[int, int]:
    """Say where on its page a box stands, so that an error summary runs down the page."""
    first, *rest = pointer.split("/")[1:]
    if first in ("answers", "evidence"):
        return 0, asked.index(rest[0]) if rest and rest[0] in asked else 0
    name = rest[0] if first == "young_person" and rest else first
    number = int(rest[0]) if first in ("outcomes", "care_periods") and rest else 0
    return DOWN_THE_PAGE.index(name) + 1 if name in DOWN_THE_PAGE else 99, number


def value_at(document: Mapping[str, object], pointer: str) -> object:
    """Give what stands at a place of the document; None where there is nothing."""
    value: object = document
    for part in pointer.split("/")[1:]:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def day(data: Typed, name: str) -> str:
    """Put the three boxes of a day together: "2009-05-04"; as typed where that is no day; "" when all are empty."""
    number, month, year = (text(data, f"{name}_{part}").strip() for part in ("day", "month", "year"))
    if not (number or month or year):
        return ""
    return "-".join((year, *(part.zfill(2) if part.isdigit() else part for part in (month, number))))


def _boxes(name: str, value: object) -> dict[str, str]:
    year, month, number = [*str(value or "").split("-", 2), "", "", ""][:3]
    month, number = (part.lstrip("0") or part if part.isdigit() else part for part in (month, number))
    return {f"{name}_day": number, f"{name}_month": month, f"{name}_year": year}


def _matrix(data: Typed, edition: Edition) -> dict[str, object]:
    answers: dict[str, object] = {}
    for key in (*(one.key for one in edition.domains), *(one.key for one in edition.facts)):
        typed = text(data, f"answers_{key}").strip()
        if typed:
            answers[key] = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else typed
    override = {name: text(data, f"override_{name}") for name in ("hours", "category", "reason")}
    return {
        "answers": answers,
        "evidence": {one.key: note for one in edition.domains if (note := text(data, f"evidence_{one.key}")).strip()},
        "override": override if any(one.strip() for one in override.values()) else {},
    }


def _outcomes(data: Typed) -> list[dict[str, str]]:
    """Give the outcomes that were typed. A key stays what it was; a new one says only its place, never a name."""
    typed = [
        (text(data, f"outcome_{row}"), text(data, f"outcome_key_{row}"))
        for row in range(MOST_OUTCOMES + 1)
        if text(data, f"outcome_{row}").strip()
    ]
    used = {key for _, key in typed if key}
    found = []
    for words, key in typed:
        if not key:
            key = next(new for number in range(1, 100) if (new := f"outcome_{number}") not in used)
            used.add(key)
        found.append({"key": key, "text": words})
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _shown(value: object) -> str:
    return "" if value is None else str(value)
