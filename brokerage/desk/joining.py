"""Read an application from its sections as they were typed, right or wrong (A13).

Every section is read by itself: what is wrong in one hides nothing in another. What cannot be read is left out of the
whole, which is then held against what the register asks (`lots.rules.joining.gaps`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import partial
from typing import Any, Final
from uuid import UUID

from brokerage.reading import Fault, Reader
from lots.model import (
    EVERY_DAY,
    CategoryCode,
    Contact,
    EvidenceKind,
    Joining,
    LinePurpose,
    NightLine,
    OfferedHome,
    OfferedPaper,
    OfferedRoom,
    OfstedEntry,
    OfstedOutcome,
    Organisation,
    Section,
    Sharing,
    TenderedPrice,
)
from lots.store import evidence_kinds
from notifications.errors import NotAMobile
from notifications.rules import mobile

MOST_ROWS: Final = 60
"""Homes, rooms of a home, contacts, numbers: more than any firm has; a list that is longer is none of ours."""

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2100, 1, 1)
DAYS: Final[Mapping[str, frozenset[int]]] = {
    "every_day": EVERY_DAY,
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
}
FIELDS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.ORGANISATION: ("name", "number", "address", "email", "phone"),
    Section.CATEGORIES: ("categories",),
    Section.AREAS: ("areas",),
    Section.PRICES: ("prices",),
    Section.HOMES: ("homes",),
    Section.OFSTED: ("registered", "urn", "categories", "outcome"),
    Section.HOUSING_STANDARD: ("standards",),
    Section.CONTACTS: ("contacts",),
    Section.OUT_OF_HOURS: ("lines",),
}
"""The names of each section's entries; a section that is not here shows papers and has `papers`."""

_EMAIL: Final = re.compile(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_URN: Final = re.compile(r"(SC)?[0-9]{6,7}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{7,20}[0-9]")

Typed = Mapping[Section, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Found:
    """What an application says so far, and what is wrong with it section by section."""

    joining: Joining
    faults: Mapping[Section, tuple[Fault, ...]]


def read_application(typed: Typed) -> Found:
    """Read every section; what cannot be read is a fault and is left out."""
    readers = {section: Reader() for section in Section}
    _strangers(typed, readers)

    def part(section: Section) -> tuple[Mapping[str, object], Reader]:
        return typed.get(section, {}), readers[section]

    joining = Joining(
        organisation=_organisation(*part(Section.ORGANISATION)),
        categories=_categories(*part(Section.CATEGORIES)),
        areas=_areas(*part(Section.AREAS)),
        prices=tuple(_rows(*part(Section.PRICES), "prices", _price)),
        homes=_homes(*part(Section.HOMES), typed.get(Section.HOUSING_STANDARD, {}), readers[Section.HOUSING_STANDARD]),
        ofsted=_ofsted(*part(Section.OFSTED)),
        papers=tuple(_papers(typed, readers)),
        contacts=tuple(_rows(*part(Section.CONTACTS), "contacts", _contact)),
        night_lines=tuple(_rows(*part(Section.OUT_OF_HOURS), "lines", _line)),
    )
    return Found(joining, {section: tuple(reader.faults) for section, reader in readers.items()})


def kinds_of(section: Section) -> tuple[EvidenceKind, ...]:
    """Give the kinds of evidence that a section asks for."""
    return tuple(kind for kind in evidence_kinds() if kind.section == section.value)


def document_id_of(paper: object) -> UUID | None:
    """Give the file of a paper; ids are written by us alone, so one that cannot be read is none."""
    raw = paper.get("document_id") if isinstance(paper, Mapping) else None
    try:
        return UUID(str(raw)) if raw else None
    except ValueError:
        return None


def _strangers(typed: Typed, readers: Mapping[Section, Reader]) -> None:
    for section, part in typed.items():
        readers[section].only(part, "", FIELDS.get(section, ("papers",)))


def _organisation(part: Mapping[str, object], reader: Reader) -> Organisation:
    return Organisation(
        reader.text(part.get("name"), "/name", "The organisation's name", least=2, most=120, emoji=False),
        reader.text(part.get("number"), "/number", "The company or charity number", most=20),
        reader.text(part.get("address"), "/address", "The registered address", least=5, most=400),
        _email(reader, part.get("email"), "/email", "An e-mail address"),
        _phone(reader, part.get("phone"), "/phone", "The office's phone number"),
    )


def _categories(part: Mapping[str, object], reader: Reader) -> tuple[CategoryCode, ...]:
    found = []
    for raw in _list(part.get("categories")):
        code = reader.choice(raw, "/categories", "The category", CategoryCode)
        if code is not None and code not in found:
            found.append(code)
    return tuple(sorted(found))


def _areas(part: Mapping[str, object], reader: Reader) -> tuple[str, ...]:
    raw = part.get("areas")
    words = re.split(r"[\s,;]+", raw.strip()) if isinstance(raw, str) else _list(raw)
    found: list[str] = []
    for word in [each for each in words if each][: MOST_ROWS * 5]:
        before = len(reader.faults)
        code = reader.outward_code(word, "/areas", f"“{word}”")
        if len(reader.faults) == before and code not in found:
            found.append(code)
    return tuple(found)


def _price(row: Mapping[str, object], at: str, reader: Reader) -> TenderedPrice | None:
    code = reader.choice(row.get("category"), f"{at}/category", "The category", CategoryCode)
    accommodation = reader.money(
        row.get("accommodation_weekly"), f"{at}/accommodation_weekly", "The price of accommodation", required=False
    )
    support = reader.money(row.get("support_hourly"), f"{at}/support_hourly", "The price of support", required=False)
    discount = _percent(reader, row.get("block_discount"), f"{at}/block_discount")
    if code is None or discount is None:
        return None
    if accommodation is None and support is None:
        reader.fault(f"{at}/accommodation_weekly", f"Enter a price for accommodation, support or both in {code}")
        return None
    return TenderedPrice(code, accommodation, support, discount)


def _percent(reader: Reader, raw: object, at: str) -> Decimal | None:
    typed = str(raw or "0").strip().removesuffix("%").strip()
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", typed) or Decimal(typed) > 100:
        reader.fault(at, "The discount must be a percentage from 0 to 100, such as 5 or 7.5")
        return None
    return Decimal(typed)


def _homes(
    part: Mapping[str, object], reader: Reader, shown: Mapping[str, object], standards: Reader
) -> tuple[OfferedHome, ...]:
    papers = shown.get("standards")
    papers = papers if isinstance(papers, Mapping) else {}
    found = tuple(_rows(part, reader, "homes", partial(_home, papers=papers, standards=standards)))
    names = [(home.name.casefold(), home.outward_code) for home in found]
    for place, name in enumerate(names):
        if name in names[:place]:
            reader.fault(f"/homes/{place}/name", f"Two homes are called {found[place].name}. Tell them apart")
    return found


def _home(
    row: Mapping[str, object], at: str, reader: Reader, *, papers: Mapping[str, object], standards: Reader
) -> OfferedHome | None:
    before = len(reader.faults)
    name = reader.text(row.get("name"), f"{at}/name", "The home's name", least=2, most=120, emoji=False)
    address = reader.text(row.get("address"), f"{at}/address", "The home's address", least=5, most=400)
    code = reader.outward_code(row.get("outward_code"), f"{at}/outward_code", "The first half of the postcode")
    raw = row.get("ofsted_category")
    category = reader.count(raw, f"{at}/ofsted_category", "The Ofsted category", least=1, most=4) if raw else None
    rooms = tuple(_rows(row, reader, "rooms", _room, at))
    if not rooms and not _list(row.get("rooms")):
        reader.fault(f"{at}/rooms/0/name", "Enter at least one room")
    key = str(row.get("key", ""))
    standard = papers.get(key)
    standard = standard if isinstance(standard, Mapping) else {}
    where = f"/standards/{key}"
    reference, first, last = "", None, None
    if standard:
        reference, first, last = _dated(standard, where, name or "This home", standards)
    if len(reader.faults) > before:
        return None
    return OfferedHome(name, address, code, category, rooms, reference, first, last, document_id_of(standard))


def _room(row: Mapping[str, object], at: str, reader: Reader) -> OfferedRoom | None:
    before = len(reader.faults)
    name = reader.text(row.get("name"), f"{at}/name", "The room's name", least=1, most=60, emoji=False)
    sharing = reader.choice(row.get("sharing"), f"{at}/sharing", "Whether the room is shared", Sharing)
    beds = reader.count(row.get("beds") or "1", f"{at}/beds", "The number of beds", least=1, most=20)
    step_free = row.get("step_free") in (True, "yes")
    if sharing is not None and len(reader.faults) == before and (sharing is Sharing.SINGLE) != (beds == 1):
        reader.fault(f"{at}/beds", "A single room has 1 bed, a shared room 2 or more")
    if sharing is None or len(reader.faults) > before:
        return None
    return OfferedRoom(name, sharing, step_free, beds)


def _ofsted(part: Mapping[str, object], reader: Reader) -> OfstedEntry | None:
    if not part or part.get("registered") in ("no", False):
        return None
    if part.get("registered") not in ("yes", True):
        reader.fault("/registered", "Choose whether you are registered with Ofsted")
        return None
    urn = reader.text(part.get("urn"), "/urn", "The Ofsted number (URN)", least=1, most=12).upper().replace(" ", "")
    if urn and not _URN.fullmatch(urn):
        reader.fault("/urn", "The Ofsted number must be 6 or 7 figures, with or without SC before them")
    numbers = {int(str(one)) for one in _list(part.get("categories")) if str(one) in {"1", "2", "3", "4"}}
    if not numbers:
        reader.fault("/categories", "Choose the categories that you are registered for")
    outcome = reader.choice(part.get("outcome"), "/outcome", "The outcome of the last inspection", OfstedOutcome)
    if reader.faults or outcome is None:
        return None
    return OfstedEntry(urn, frozenset(numbers), outcome)


def _papers(typed: Typed, readers: Mapping[Section, Reader]) -> Iterator[OfferedPaper]:
    for section in Section:
        shown = typed.get(section, {}).get("papers")
        if not isinstance(shown, Mapping):
            continue
        known = {kind.key: kind for kind in kinds_of(section)}
        readers[section].only(shown, "/papers", tuple(known))
        for key, kind in known.items():
            paper = shown.get(key)
            if not isinstance(paper, Mapping) or not any(paper.values()):
                continue
            reference, first, last = _dated(paper, f"/papers/{key}", kind.title, readers[section])
            if first is not None:
                yield OfferedPaper(key, reference, first, last, document_id_of(paper))


def _dated(paper: Mapping[str, object], at: str, title: str, reader: Reader) -> tuple[str, date | None, date | None]:
    """Read a paper's reference and days; a first day is given only where both can be used."""
    before = len(reader.faults)
    reader.only(paper, at, ("reference", "valid_from", "valid_to", "document_id"))
    reference = reader.text(paper.get("reference"), f"{at}/reference", f"{title}: the reference", least=1, most=120)
    first = reader.day(paper.get("valid_from"), f"{at}/valid_from", f"{title}: the first day")
    raw = paper.get("valid_to")
    last = reader.day(raw, f"{at}/valid_to", f"{title}: the last day") if raw else None
    check_days(reader, at, first, last)
    return (reference, first, last) if len(reader.faults) == before else (reference, None, None)


def check_days(reader: Reader, at: str, first: date | None, last: date | None) -> None:
    """Note a last day before the first, and days that are slips of the finger."""
    for end, name in ((first, "valid_from"), (last, "valid_to")):
        if end is not None and not FIRST_DAY <= end <= LAST_DAY:
            reader.fault(f"{at}/{name}", f"The year {end.year} is a slip of the finger")
    if first is not None and last is not None and last < first:
        reader.fault(f"{at}/valid_to", "The last day must not be before the first")


def _contact(row: Mapping[str, object], at: str, reader: Reader) -> Contact | None:
    before = len(reader.faults)
    name = reader.text(row.get("name"), f"{at}/name", "The contact's name", least=2, most=120, emoji=False)
    role = reader.text(row.get("role"), f"{at}/role", "What they do", most=120)
    email = _email(reader, row.get("email"), f"{at}/email", "Their e-mail address")
    number = _mobile(reader, row.get("mobile"), f"{at}/mobile")
    return None if len(reader.faults) > before else Contact(name, role, email, number)


def _line(row: Mapping[str, object], at: str, reader: Reader) -> NightLine | None:
    before = len(reader.faults)
    purpose = reader.choice(row.get("purpose"), f"{at}/purpose", "What the number is for", LinePurpose)
    who = reader.text(row.get("who"), f"{at}/who", "Who answers", least=2, most=120)
    phone = _phone(reader, row.get("phone"), f"{at}/phone", "The number")
    opens = _clock(reader, row.get("opens"), f"{at}/opens", "When it begins to be answered")
    closes = _clock(reader, row.get("closes"), f"{at}/closes", "Until when it is answered")
    days = str(row.get("days") or "every_day")
    if days not in DAYS:
        reader.fault(f"{at}/days", "Choose the days on which it is answered")
    if purpose is None or opens is None or closes is None or len(reader.faults) > before:
        return None
    return NightLine(purpose, who, phone, opens, closes, DAYS[days])


def _clock(reader: Reader, raw: object, at: str, name: str) -> time | None:
    return reader.clock({"midnight": "00:00", "midday": "12:00"}.get(str(raw or "").strip().lower(), raw), at, name)


def _email(reader: Reader, raw: object, at: str, name: str) -> str:
    value = reader.text(raw, at, name, least=1, most=200)
    if value and not _EMAIL.fullmatch(value):
        reader.fault(at, f"{name} must be in the usual form, such as name@example.co.uk")
    return value


def _phone(reader: Reader, raw: object, at: str, name: str) -> str:
    value = reader.text(raw, at, name, least=1, most=30)
    if value and not _PHONE.fullmatch(value):
        reader.fault(at, f"{name} must be a telephone number, such as 01632 960 001")
    return value


def _mobile(reader: Reader, raw: object, at: str) -> str:
    """Read a mobile as +44...; a number kept for fiction passes here, for no code ever comes back from one."""
    value = reader.text(raw, at, "Their mobile number", least=1, most=30)
    if not value:
        return ""
    try:
        return mobile(value, allow_drama=True)
    except NotAMobile:
        reader.fault(at, "Their mobile number must be a United Kingdom mobile, such as 07700 900 982")
        return ""


def _rows(
    part: Mapping[str, object],
    reader: Reader,
    name: str,
    read: Callable[[Mapping[str, object], str, Reader], Any],
    under: str = "",
) -> Iterator[Any]:
    """Read a list of rows; a row of which nothing can be used is left out."""
    rows = _list(part.get(name))
    if len(rows) > MOST_ROWS:
        reader.fault(f"{under}/{name}", f"At most {MOST_ROWS} can be entered here")
    for place, row in enumerate(rows[:MOST_ROWS]):
        if not isinstance(row, Mapping):
            reader.fault(f"{under}/{name}/{place}", "This must be an object with the fields that are described")
            continue
        found = read(row, f"{under}/{name}/{place}", reader)
        if found is not None:
            yield found


def _list(raw: object) -> Sequence[Any]:
    if isinstance(raw, str):
        return [raw] if raw else []
    return raw if isinstance(raw, list | tuple) else []
