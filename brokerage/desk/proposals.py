"""Read what is typed or sent of a variation, an end and a way back to the market, in the API's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from brokerage.desk.flow.differences import Differing
from brokerage.desk.flow.market import CHANGED, MarketCase
from brokerage.desk.flow.variations import Proposal
from brokerage.reading import WEEK_HOURS, Reader
from brokerage.referrals.model import MarketReason, Urgency
from lots.model import Price
from placements import store as placements
from placements.model import CategoryDifference, Changes, EndedBy, NoticeClass
from placements.rules import NOTICE, notice_ends

MOST_SERVICES: Final = 12
WORDS_LEAST: Final = 10
WORDS_MOST: Final = 2000
SERVICE_MOST: Final = 300
OPTIONS_MOST: Final = 10

VARIED: Final = (
    "reason",
    "effective_on",
    "hours",
    "accommodation_weekly",
    "support_hourly",
    "housing_benefit_weekly",
    "services",
    "ends_on",
    "differences",
    "expertise",
)
ENDED: Final = ("kind", "by", "reason", "served_on", "options_explored", "ends_on", "expected", "move_on")


class EndKind(StrEnum):
    """Say how a placement is ended: with notice, at once, or on the day that was agreed."""

    NOTICE = "notice"
    EARLY = "early"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Termination:
    """What is recorded of an end: kind, coded reason, the day of the written notice, what was explored before it.

    `ends_on` is the last day, known to a notice only once it is reckoned; `expected` overrules the reason's own word.
    """

    kind: EndKind
    reason: str
    served_on: date | None
    options: tuple[str, ...]
    ends_on: date | None
    expected: bool | None
    move_on: str


def read_proposal(document: Mapping[str, object]) -> Proposal:
    """Read a variation (A33). Raises NotValid with every fault."""
    reader = Reader()
    reader.only(document, "", VARIED)
    reason = _coded(reader, document.get("reason"), "/reason", "Why it changes", placements.reasons().variations)
    effective_on = reader.day(document.get("effective_on"), "/effective_on", "The first day of the change")
    hours = None
    if document.get("hours") not in (None, ""):
        hours = reader.hours(document["hours"], "/hours", "The hours of support a week", most=WEEK_HOURS)
    money = {
        name: reader.money(document.get(name), f"/{name}", title, required=False)
        for name, title in (
            ("accommodation_weekly", "The weekly price of accommodation"),
            ("support_hourly", "The price of an hour of support"),
            ("housing_benefit_weekly", "The weekly Housing Benefit"),
        )
    }
    ends_on = reader.day(document["ends_on"], "/ends_on", "The new last day") if document.get("ends_on") else None
    services = _services(reader, document.get("services"))
    difference = _difference(reader, document)
    changed = [hours, *money.values(), ends_on, services]
    if not reader.faults and all(one is None for one in changed):
        reader.fault("/hours", "Enter what is to change: hours, a price, services or the last day")
    reader.done()
    assert effective_on is not None  # the reader has no faults
    changes = Changes(hours=hours, services=services, ends_on=ends_on, **money)
    return Proposal(reason, changes, difference, effective_on)


def read_termination(document: Mapping[str, object], today: date) -> Termination:
    """Read an end (A34). Whose wish it is must be that of its reason. Raises NotValid with every fault."""
    reader = Reader()
    reader.only(document, "", ENDED)
    book = placements.reasons()
    typed = document.get("reason") or (placements.PLANNED if document.get("kind") == EndKind.PLANNED.value else None)
    reason = _coded(reader, typed, "/reason", "Why it ends", book.ends)
    why = book.ends.get(reason)
    kind = _end_kind(reader, document.get("kind"), reason)
    if document.get("by") and why is not None:
        by = reader.choice(document["by"], "/by", "Who ends it", EndedBy)
        if by is not None and by is not why.by:
            reader.fault("/by", f"The reason {reason} is the wish of the {why.by.replace('_', ' ')}: choose another")
    served_on = None
    if kind is EndKind.NOTICE or document.get("served_on"):
        served_on = reader.day(document.get("served_on"), "/served_on", "The day the notice was served")
    ends_on = reader.day(document["ends_on"], "/ends_on", "The last day") if document.get("ends_on") else None
    if ends_on is None and kind is EndKind.EARLY:
        ends_on = today
    if kind is EndKind.NOTICE and ends_on and served_on and why and why.notice is not NoticeClass.NONE:
        reckoned = notice_ends(served_on, why.notice)
        if ends_on != reckoned:
            days = NOTICE[why.notice].days
            reader.fault("/ends_on", f"{days} days of notice from {served_on} end on {reckoned}: leave this day out")
    expected = None
    if document.get("expected") not in (None, ""):
        expected = reader.flag(document["expected"], "/expected", "Was the end expected")
    move_on = "not_known"
    if document.get("move_on") or (kind is not EndKind.NOTICE and document.get("move_on") is not None):
        title = "Where the young person moves on to"
        move_on = _coded(reader, document.get("move_on"), "/move_on", title, book.move_on)
    options = _options(reader, document.get("options_explored"))
    reader.done()
    return Termination(kind, reason, served_on, options, ends_on, expected, move_on)


def _end_kind(reader: Reader, raw: object, reason: str) -> EndKind:
    if raw not in (None, ""):
        return reader.choice(raw, "/kind", "How it ends", EndKind) or EndKind.NOTICE
    if reason == placements.PLANNED:
        return EndKind.PLANNED
    why = placements.reasons().ends.get(reason)
    return EndKind.EARLY if why is not None and why.notice is NoticeClass.NONE else EndKind.NOTICE


def _coded(reader: Reader, raw: object, at: str, name: str, known: Mapping[str, object]) -> str:
    if raw in (None, ""):
        reader.fault(at, f"Choose {name[:1].lower()}{name[1:]}")
        return ""
    if str(raw) not in known:
        reader.fault(at, f"{name} must be one of: {', '.join(known)}")
        return ""
    return str(raw)


def _services(reader: Reader, raw: object) -> tuple[tuple[str, str], ...] | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or len(raw) > MOST_SERVICES:
        reader.fault("/services", f"Services are a list of {MOST_SERVICES} or fewer, each a key and a text")
        return None
    found: dict[str, str] = {}
    for number, one in enumerate(raw):
        at = f"/services/{number}"
        if not isinstance(one, Mapping):
            reader.fault(at, "A service has a key and a text")
            continue
        reader.only(one, at, ("key", "text"))
        key = reader.key(one.get("key"), f"{at}/key", "The service's key")
        if key in found:
            reader.fault(f"{at}/key", f"The key {key} is already in use: give another")
        found[key] = reader.text(one.get("text"), f"{at}/text", "The service", most=SERVICE_MOST, least=1)
    return tuple(found.items())


def _difference(reader: Reader, document: Mapping[str, object]) -> CategoryDifference | None:
    if not document.get("differences") and not document.get("expertise"):
        return None
    words = {
        name: reader.text(document.get(name), f"/{name}", title, most=WORDS_MOST, least=WORDS_LEAST)
        for name, title in (("differences", "What no category fits"), ("expertise", "The expertise that meets it"))
    }
    if not all(words.values()):
        return None
    return CategoryDifference(words["differences"], words["expertise"])


def _options(reader: Reader, raw: object) -> tuple[str, ...]:
    """Read what was explored: a list, or text with one thing a line."""
    given = raw.splitlines() if isinstance(raw, str) else raw
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > OPTIONS_MOST:
        reader.fault("/options_explored", f"Name {OPTIONS_MOST} options or fewer, each in a line of its own")
        return ()
    said = (reader.text(one, "/options_explored", "What was explored", most=WORDS_MOST) for one in given)
    return tuple(one for one in said if one)


def read_market(document: Mapping[str, object]) -> MarketCase:
    """Read why a placement is looked for anew; what is said anew of the case is read with the referral itself.

    Raises NotValid.
    """
    reader = Reader()
    reader.only(document, "", ("reason", "why", *CHANGED))
    reason = reader.choice(document.get("reason"), "/reason", "Why it is looked for anew", MarketReason)
    why = reader.text(document.get("why"), "/why", "What was tried", most=WORDS_MOST, least=WORDS_LEAST)
    if document.get("urgency") not in (None, ""):
        reader.choice(document["urgency"], "/urgency", "How urgent it is", Urgency)
    if document.get("indicative_budget_weekly") not in (None, ""):
        reader.money(document["indicative_budget_weekly"], "/indicative_budget_weekly", "The weekly budget")
    reader.done()
    assert reason is not None  # the reader has no faults
    changes = {name: document[name] for name in CHANGED if document.get(name) not in (None, "")}
    return MarketCase(reason, why, changes)


def read_difference(document: Mapping[str, object]) -> Differing:
    """Read what no category fits, what meets it, and the price for it (A11). Raises NotValid with every fault."""
    reader = Reader()
    reader.only(document, "", ("differences", "expertise", "accommodation_weekly", "support_hourly"))
    words = {
        name: reader.text(document.get(name), f"/{name}", title, most=WORDS_MOST, least=WORDS_LEAST)
        for name, title in (("differences", "What no category fits"), ("expertise", "The expertise that meets it"))
    }
    money = {
        name: reader.money(document.get(name), f"/{name}", title, required=False)
        for name, title in (
            ("accommodation_weekly", "The weekly price of accommodation"),
            ("support_hourly", "The price of an hour of support"),
        )
    }
    if not reader.faults and all(one is None for one in money.values()):
        reader.fault("/accommodation_weekly", "Enter the price that is needed")
    reader.done()
    return Differing(words["differences"], words["expertise"], Price(**money))
