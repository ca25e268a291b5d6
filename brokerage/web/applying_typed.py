"""Between the boxes of an application's forms and its sections: both ways, losing nothing that was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from brokerage.desk.joining import MOST_ROWS, kinds_of
from brokerage.web.dates import day_so_far
from lots import store as lots
from lots.model import Application, LinePurpose, OfstedOutcome, Section, Sharing

Data = Mapping[str, Any]

TITLES: Final[Mapping[Section, str]] = {
    Section.ORGANISATION: "Your organisation",
    Section.CATEGORIES: "Lots and categories",
    Section.AREAS: "Areas you work in",
    Section.PRICES: "Tendered prices",
    Section.HOMES: "Homes and rooms",
    Section.OFSTED: "Ofsted registration",
    Section.INSURANCE: "Insurance",
    Section.SAFEGUARDING: "Safeguarding policy",
    Section.DBS: "Enhanced DBS checks",
    Section.TRAINING: "Staff training",
    Section.HOUSING_STANDARD: "Housing standard of each home",
    Section.CONTINUITY: "Business continuity plan",
    Section.CONTACTS: "Contacts",
    Section.OUT_OF_HOURS: "Out-of-hours numbers",
}
CHOICES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "sharing": ((Sharing.SINGLE.value, "Single"), (Sharing.SHARED.value, "Shared")),
    "registered": (("yes", "Yes"), ("no", "No")),
    "ofsted_categories": (
        ("1", "1 Single occupancy, sole use"),
        ("2", "2 Shared, only for looked after children and care leavers aged 16 and 17"),
        ("3", "3 Shared, not ring-fenced"),
        ("4", "4 In a private residence"),
    ),
    "outcome": (
        (OfstedOutcome.CONSISTENTLY_STRONG.value, "Consistently strong service delivery"),
        (OfstedOutcome.INCONSISTENT.value, "Inconsistent quality of service delivery"),
        (OfstedOutcome.SERIOUS_WEAKNESSES.value, "Serious or widespread weaknesses"),
        (OfstedOutcome.NOT_INSPECTED.value, "Not inspected yet"),
    ),
    "purpose": (
        (LinePurpose.YOUNG_PEOPLE.value, "Young people who live with you"),
        (LinePurpose.EMERGENCY_PLACES.value, "Requests for emergency places"),
    ),
    "days": (("every_day", "Every day"), ("weekdays", "Monday to Friday"), ("weekends", "Saturday and Sunday")),
}
ROWS: Final[Mapping[Section, tuple[str, tuple[str, ...]]]] = {
    Section.PRICES: ("prices", ("category", "accommodation_weekly", "support_hourly", "block_discount")),
    Section.CONTACTS: ("contacts", ("name", "role", "email", "mobile")),
    Section.OUT_OF_HOURS: ("lines", ("purpose", "who", "phone", "opens", "closes", "days")),
}
_PLAIN: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.ORGANISATION: ("name", "number", "address", "email", "phone"),
    Section.AREAS: ("areas",),
    Section.OFSTED: ("registered", "urn", "outcome"),
}
_SEVERAL: Final = {Section.CATEGORIES: "categories", Section.OFSTED: "categories"}
_ROOM: Final = ("name", "sharing", "beds", "step_free")
_HOME: Final = ("name", "address", "outward_code", "ofsted_category")
_PAPER_DAYS: Final = ("valid_from", "valid_to")
_DEFAULTS: Final = {"days", "category", "purpose"}
"""Boxes that are filled from the start and say nothing by themselves."""


def text(data: Data, name: str) -> str:
    """Give what was typed into one box; of a box sent twice the last."""
    value = data.get(name, "")
    value = value[-1] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""


def many(data: Data, name: str) -> list[str]:
    """Give what was ticked."""
    value = data.get(name, [])
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]


def digits(raw: Any) -> str:
    """Give the figures of a code, however it was typed."""
    return re.sub(r"\D", "", str(raw or ""))[:12]


def looks_like_email(value: str) -> bool:
    """Say whether it can be an e-mail address."""
    return re.fullmatch(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value) is not None


def field_of(pointer: str) -> str:
    """Name the box of a fault: /contacts/0/email -> contacts_0_email."""
    return pointer.strip("/").replace("/", "_")


def first_field(section: Section) -> str:
    """Name the box that a word about a whole section leads to."""
    kinds = kinds_of(section)
    if section is Section.HOUSING_STANDARD or not (kinds or section in _PLAIN or section in _SEVERAL):
        return ""
    if kinds:
        return f"papers_{kinds[0].key}_valid_from"
    return _PLAIN.get(section, (_SEVERAL.get(section, ""),))[0]


def document_of(section: Section, data: Data) -> dict[str, object]:
    """Turn what was typed into a section, right or wrong."""
    found: dict[str, object] = {name: text(data, name) for name in _PLAIN.get(section, ())}
    if name := _SEVERAL.get(section):
        found[name] = many(data, name)
    if section in ROWS:
        name, fields = ROWS[section]
        rows = [{field: text(data, f"{name}_{n}_{field}") for field in fields} for n in range(MOST_ROWS)]
        found[name] = [row for row in rows if _said(row, section)]
    if section is Section.HOUSING_STANDARD:
        keys = {hit[1] for name in data if (hit := re.fullmatch(r"standards_(h[0-9]{1,4})_reference", name))}
        found["standards"] = {key: _paper_of(data, f"standards_{key}") for key in sorted(keys)}
    elif kinds := kinds_of(section):
        found["papers"] = {kind.key: _paper_of(data, f"papers_{kind.key}") for kind in kinds}
    return found


def values_of(section: Section, held: Application) -> dict[str, Any]:
    """Turn a section into the boxes of its form."""
    part = held.typed.get(section, {})
    values: dict[str, Any] = {name: _shown(part.get(name)) for name in _PLAIN.get(section, ())}
    if name := _SEVERAL.get(section):
        values[name] = [str(one) for one in _list(part.get(name))]
    if section is Section.AREAS and isinstance(part.get("areas"), list):
        values["areas"] = ", ".join(str(one) for one in _list(part.get("areas")))
    if section in ROWS:
        name, fields = ROWS[section]
        for n, row in enumerate(_rows_with_categories(section, held)):
            values |= {f"{name}_{n}_{field}": _shown(row.get(field)) for field in fields}
    for group in ("papers", "standards"):
        shown = part.get(group)
        for key, paper in shown.items() if isinstance(shown, Mapping) else ():
            values |= _paper_values(f"{group}_{key}", paper)
    return values


def rows_of(section: Section, held: Application, more: int) -> list[str]:
    """Give a title for each row of a section: those typed, one at least, and as many more."""
    if section is Section.PRICES:
        return [str(row["category"]) for row in _rows_with_categories(section, held)]
    if section not in ROWS:
        return []
    return [str(n + 1) for n in range(max(len(_rows_with_categories(section, held)) + more, 1))]


def homes_of(held: Application) -> list[dict[str, Any]]:
    """Give the homes as typed, each with its key."""
    homes = [dict(one) for one in _list(held.typed.get(Section.HOMES, {}).get("homes")) if isinstance(one, Mapping)]
    for n, home in enumerate(homes):
        home["key"] = str(home.get("key") or f"h{n + 1}")
    return homes


def new_key(homes: Sequence[Mapping[str, Any]]) -> str:
    """Give a key that no home of this application has."""
    used = {int(found[1]) for home in homes if (found := re.fullmatch(r"h([0-9]{1,4})", home["key"]))}
    return f"h{max(used, default=0) + 1}"


def home_of(key: str, data: Data) -> dict[str, Any]:
    """Turn what was typed about one home into its row."""
    rooms = [{field: text(data, f"rooms_{n}_{field}") for field in _ROOM} for n in range(MOST_ROWS)]
    home: dict[str, Any] = {"key": key} | {name: text(data, name) for name in _HOME}
    return home | {"rooms": [room for room in rooms if room["name"] or room["sharing"]]}


def home_values(home: Mapping[str, Any]) -> dict[str, Any]:
    """Turn one home into the boxes of its form."""
    values: dict[str, Any] = {name: _shown(home.get(name)) for name in _HOME}
    for n, room in enumerate(one for one in _list(home.get("rooms")) if isinstance(one, Mapping)):
        values |= {f"rooms_{n}_{field}": _shown(room.get(field)) for field in _ROOM}
        values[f"rooms_{n}_step_free"] = ["yes"] if room.get("step_free") in (True, "yes") else []
    return values


def room_count(home: Mapping[str, Any], more: int) -> int:
    """Say for how many rooms there are boxes."""
    return max(len(_list(home.get("rooms"))) + more, 1)


def _said(row: Mapping[str, str], section: Section) -> bool:
    if section is Section.PRICES:
        return bool(row["category"])
    return any(value for field, value in row.items() if field not in _DEFAULTS)


def _rows_with_categories(section: Section, held: Application) -> list[Mapping[str, Any]]:
    """Give the rows as typed; of prices one for each category that is chosen."""
    name, _ = ROWS[section]
    rows = [one for one in _list(held.typed.get(section, {}).get(name)) if isinstance(one, Mapping)]
    if section is not Section.PRICES:
        return rows
    chosen = [str(one) for one in _list(held.typed.get(Section.CATEGORIES, {}).get("categories"))]
    typed = {str(row.get("category")): row for row in rows}
    return [typed.get(code.value, {"category": code.value}) for code in lots.catalogue() if code.value in chosen]


def _paper_of(data: Data, at: str) -> dict[str, str]:
    return {"reference": text(data, f"{at}_reference")} | {
        name: day_so_far(data, f"{at}_{name}") for name in _PAPER_DAYS
    }


def _paper_values(at: str, paper: Any) -> dict[str, str]:
    if not isinstance(paper, Mapping):
        return {}
    values = {f"{at}_reference": _shown(paper.get("reference"))}
    for name in _PAPER_DAYS:
        parts = [*str(paper.get(name) or "").split("-"), "", ""][:3]
        values |= {f"{at}_{name}_{box}": part for box, part in zip(("year", "month", "day"), parts, strict=True)}
    return values


def _list(raw: object) -> list[Any]:
    return list(raw) if isinstance(raw, list | tuple) else []


def _shown(value: object) -> str:
    return "" if value is None else str(value)
