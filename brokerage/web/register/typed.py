"""Read what pages and API are sent about the register; every fault with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from brokerage.reading import Reader
from brokerage.standing.model import PlacementChoice
from brokerage.web.dates import day_so_far
from lots.model import CategoryCode, Clause, Price, Removal, Stance, Suspension

MOST: Final = 2000
LEAST: Final = 10
"""A reason of fewer characters says nothing to whoever reads it in a year."""
MOST_CLAUSES: Final = 12

Document = Mapping[str, Any]


def with_days(data: Document, *names: str) -> dict[str, Any]:
    """Put the three boxes of each day together: starts_on_day, _month, _year -> starts_on."""
    found = dict(data)
    for name in names:
        found[name] = day_so_far(data, name) or None
    return found


def reason_of(raw: object, name: str = "The reason") -> str:
    """Read a reason of its own. Raises NotValid."""
    reader = Reader()
    said = _reason(reader, raw, name)
    reader.done()
    return said


def read_suspension(document: Document, today: date) -> Suspension:
    """Read a suspension from today or later. Raises NotValid."""
    reader = Reader()
    starts_on = _from_today(reader, document.get("starts_on"), "/starts_on", "The first day", today)
    ends_on = _optional_day(reader, document.get("ends_on"), "/ends_on", "The last day")
    if starts_on and ends_on and ends_on < starts_on:
        reader.fault("/ends_on", "The last day must not be before the first")
    reason = _reason(reader, document.get("reason"))
    reader.done()
    assert starts_on is not None  # the reader has no faults
    return Suspension(starts_on, ends_on, reason)


def read_removal(document: Document, today: date) -> Removal:
    """Read a removal from today or later. Raises NotValid."""
    reader = Reader()
    removed_on = _from_today(reader, document.get("removed_on"), "/removed_on", "The first day off the register", today)
    reason = _reason(reader, document.get("reason"))
    reader.done()
    assert removed_on is not None  # the reader has no faults
    return Removal(removed_on, reason)


def read_choice(document: Document) -> tuple[PlacementChoice, str]:
    """Read what was decided about a placement. Raises NotValid."""
    reader = Reader()
    choice = reader.choice(document.get("choice"), "/choice", "What happens to this placement", PlacementChoice)
    reason = _reason(reader, document.get("reason"))
    reader.done()
    assert choice is not None  # the reader has no faults
    return choice, reason


def read_ceiling(document: Document) -> tuple[CategoryCode, Price, date, date | None]:
    """Read a ceiling: a category, the most of either price or both, and the days. Raises NotValid."""
    reader = Reader()
    category = reader.choice(document.get("category"), "/category", "The category", CategoryCode)
    accommodation = reader.money(
        document.get("accommodation_weekly"), "/accommodation_weekly", "The most for accommodation", required=False
    )
    support = reader.money(document.get("support_hourly"), "/support_hourly", "The most for support", required=False)
    if accommodation is None and support is None:
        reader.fault("/accommodation_weekly", "Enter the most for accommodation, for support or for both")
    valid_from = reader.day(document.get("valid_from"), "/valid_from", "The first day")
    valid_to = _optional_day(reader, document.get("valid_to"), "/valid_to", "The last day")
    if valid_from and valid_to and valid_to < valid_from:
        reader.fault("/valid_to", "The last day must not be before the first")
    reader.done()
    assert category is not None  # the reader has no faults
    assert valid_from is not None
    return category, Price(accommodation, support), valid_from, valid_to


def read_uplift(document: Document) -> tuple[CategoryCode, Decimal, date, str]:
    """Read a proposal to raise prices. Raises NotValid."""
    reader = Reader()
    category = reader.choice(document.get("category"), "/category", "The category", CategoryCode)
    percent = _percent(reader, document.get("percent"), "/percent", "The percentage")
    starts_on = reader.day(document.get("starts_on"), "/starts_on", "The first day of the new prices")
    reason = _reason(reader, document.get("reason"))
    reader.done()
    assert category is not None  # the reader has no faults
    assert percent is not None
    assert starts_on is not None
    return category, percent, starts_on, reason


def read_decision(document: Document, yes: str, no: str, field: str, *, always: bool = False) -> tuple[bool, str]:
    """Read yes or no and its words, which a no always needs. Raises NotValid."""
    reader = Reader()
    decision = str(document.get("decision", ""))
    if decision not in {yes, no}:
        reader.fault("/decision", f"Choose {yes} or {no}")
    least = LEAST if always or decision == no else 0
    words = reader.text(document.get(field), f"/{field}", "The words of the decision", most=MOST, least=least)
    reader.done()
    return decision == yes, words


@dataclass(frozen=True, slots=True)
class NewSubcontractor:
    """What a firm says of a sub-contractor when it asks for consent."""

    authority: str
    name: str
    service: str
    share: Decimal
    cost_yearly: Decimal
    starts_on: date


def read_subcontractor(document: Document, councils: frozenset[str], today: date) -> NewSubcontractor:
    """Read the sub-contractor that a firm names to a council. Raises NotValid."""
    reader = Reader()
    authority = str(document.get("authority", ""))
    if authority not in councils:
        reader.fault("/authority", "Choose the council whose work it is")
    name = reader.text(document.get("name"), "/name", "The name of the sub-contractor", most=200, least=1, emoji=False)
    service = reader.text(document.get("service"), "/service", "What it does", most=MOST, least=1)
    share = _percent(reader, document.get("share"), "/share", "Its share of your work")
    cost = reader.money(document.get("cost_yearly"), "/cost_yearly", "What it costs a year")
    starts_on = _from_today(reader, document.get("starts_on"), "/starts_on", "Its first day", today)
    reader.done()
    assert share is not None  # the reader has no faults
    assert cost is not None
    assert starts_on is not None
    return NewSubcontractor(authority, name, service, share, cost, starts_on)


def read_ended(document: Document, today: date) -> date:
    """Read the last day of something that is over or ends today. Raises NotValid."""
    reader = Reader()
    ended_on = reader.day(document.get("ended_on"), "/ended_on", "The last day")
    if ended_on and ended_on > today:
        reader.fault("/ended_on", "The last day must be today or before")
    reader.done()
    assert ended_on is not None  # the reader has no faults
    return ended_on


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change of the specification as it is proposed."""

    title: str
    reason: str
    clauses: tuple[Clause, ...]
    answer_by: date
    effective_on: date


def read_change(document: Document) -> NewChange:
    """Read a change; `clauses` is a list of {number, words}, empty ones left out. Raises NotValid."""
    reader = Reader()
    title = reader.text(document.get("title"), "/title", "The title", most=200, least=3, emoji=False)
    reason = _reason(reader, document.get("reason"), "Why it is needed")
    raw = document.get("clauses")
    clauses = []
    for place, one in enumerate(raw[:MOST_CLAUSES] if isinstance(raw, list) else []):
        number = reader.text(one.get("number"), f"/clause_{place}", "The number of the clause", most=20, emoji=False)
        words = reader.text(one.get("words"), f"/words_{place}", "What the clause will say", most=5000)
        if words and not number:
            reader.fault(f"/clause_{place}", "Enter the number of the clause, such as 3.4.2")
        if number and not words:
            reader.fault(f"/words_{place}", "Enter what the clause will say")
        if number and words:
            clauses.append(Clause(number, words))
    if not clauses and not reader.faults:
        reader.fault("/clause_0", "Enter at least one clause and what it will say")
    answer_by = reader.day(document.get("answer_by"), "/answer_by", "The last day for answers")
    effective_on = reader.day(document.get("effective_on"), "/effective_on", "The day from which it holds")
    reader.done()
    assert answer_by is not None  # the reader has no faults
    assert effective_on is not None
    return NewChange(title, reason, tuple(clauses), answer_by, effective_on)


def read_answer(document: Document) -> tuple[Stance, str]:
    """Read what a firm says to a change; an objection or a comment has words. Raises NotValid."""
    reader = Reader()
    stance = reader.choice(document.get("stance"), "/stance", "What you say to the change", Stance)
    least = 0 if stance in {None, Stance.AGREE} else LEAST
    words = reader.text(document.get("words"), "/words", "Your words", most=MOST, least=least)
    reader.done()
    assert stance is not None  # the reader has no faults
    return stance, words


def _reason(reader: Reader, raw: object, name: str = "The reason") -> str:
    return reader.text(raw, "/reason", name, most=MOST, least=LEAST)


def _from_today(reader: Reader, raw: object, at: str, name: str, today: date) -> date | None:
    found = reader.day(raw, at, name)
    if found and found < today:
        reader.fault(at, f"{name} must be today or later")
    return found


def _optional_day(reader: Reader, raw: object, at: str, name: str) -> date | None:
    return None if raw in (None, "") else reader.day(raw, at, name)


def _percent(reader: Reader, raw: object, at: str, name: str) -> Decimal | None:
    """Read a percentage above 0 and up to 100, with two decimals at most."""
    typed = str(raw).strip().removesuffix("%").strip() if isinstance(raw, str | int | float) else ""
    found = reader.money(typed, at, name)
    if found is not None and not 0 < found <= 100:
        reader.fault(at, f"{name} must be above 0 and 100 at most")
        return None
    return found
