"""Read what providers and evaluators send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from brokerage.competitions.model import Choice, DeclineReason, Gate, Offer, Package, Place, Profile, Weights
from brokerage.competitions.rules import REASON_LEAST
from brokerage.reading import WEEK_HOURS, Fault, NotValid, Reader
from lots.model import CategoryCode, Price, Wants

ROUND_FIELDS: Final[tuple[str, ...]] = ("hours", "accommodation_weekly", "support_hourly", "words")
OFFER_FIELDS = ("accommodation_weekly", "support_hourly", "earliest_start", "place", "answers", "code")
REASON_MOST: Final = 2000
QUESTION_MOST: Final = 1000


def read_offer(document: Mapping[str, object], gate: Gate, today: date) -> Offer:
    """Read an offer against what this competition asks. Raises NotValid with every fault (A22)."""
    reader = Reader()
    reader.only(document, "", OFFER_FIELDS)
    accommodation = _accommodation(reader, document, gate)
    support = _support(reader, document, gate)
    start = reader.day(document.get("earliest_start"), "/earliest_start", "The earliest start")
    if start and not today <= start <= today + timedelta(days=366):
        reader.fault("/earliest_start", "The earliest start must be today or later, within a year")
    place = _place(reader, document.get("place"), needed=Wants.ACCOMMODATION in gate.wants)
    answers = _answers(reader, document.get("answers"), gate)
    reader.done()
    assert start is not None  # the reader has no faults
    assert place is not None
    return Offer(Price(accommodation, support), start, place, answers)


def read_weights(raw: object) -> Weights:
    """Read the weights of a competition: whole parts of 100 (S12). Raises NotValid."""
    if raw is None:
        return Weights()
    reader = Reader()
    if not isinstance(raw, Mapping):
        reader.fault("/weights", "Weights are price, quality and social_value, together 100")
        reader.done()
    assert isinstance(raw, Mapping)
    reader.only(raw, "/weights", ("price", "quality", "social_value"))
    parts = {
        name: reader.count(raw.get(name, 0), f"/weights/{name}", f"The weight of {title}", least=0, most=100)
        for name, title in (("price", "price"), ("quality", "quality"), ("social_value", "social value"))
    }
    if not reader.faults and sum(parts.values()) != 100:
        reader.fault("/weights", f"The weights must add up to 100; these add up to {sum(parts.values())}")
    reader.done()
    return Weights(**parts)


def read_decline(document: Mapping[str, object]) -> tuple[DeclineReason, str]:
    """Read why a provider cannot offer. Raises NotValid."""
    reader = Reader()
    reader.only(document, "", ("reason", "note"))
    reason = reader.choice(document.get("reason"), "/reason", "Why you cannot offer", DeclineReason)
    note = reader.text(document.get("note"), "/note", "The note", most=500)
    reader.done()
    if reason is None:
        raise NotValid(())
    return reason, note


def read_reason(raw: object) -> str:
    """Read the reason of a decision: it is kept with it. Raises NotValid."""
    reader = Reader()
    reason = reader.text(raw, "/reason", "The reason", most=REASON_MOST, least=REASON_LEAST)
    reader.done()
    return reason


def read_question(raw: object) -> str:
    """Read what a provider asks. Raises NotValid."""
    reader = Reader()
    words = reader.text(raw, "/text", "Your question", most=QUESTION_MOST, least=1)
    reader.done()
    return words


def read_answer(raw: object, shown: object = None) -> tuple[str, str | None]:
    """Read an answer, and the question in other words where it is not to be shown as asked. Raises NotValid."""
    reader = Reader()
    answer = reader.text(raw, "/text", "The answer", most=REASON_MOST, least=1)
    reworded = None
    if shown is not None:
        reworded = reader.text(shown, "/question", "The question", most=QUESTION_MOST, least=1)
    reader.done()
    return answer, reworded


def read_closing(raw: object) -> datetime:
    """Read the instant at which a window shall close: RFC 3339 with its zone; answered in UTC. Raises NotValid."""
    try:
        instant = datetime.fromisoformat(str(raw or "").strip())
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        message = "Give the closing time with its zone, such as 2026-11-21T18:00:00Z"
        raise NotValid((Fault("/closes_at", message),))
    return instant.astimezone(UTC)


def read_next(document: Mapping[str, object]) -> tuple[Choice, CategoryCode | None, str]:
    """Read what comes next after a window without a suitable offer: choice, category, reason. Raises NotValid."""
    reader = Reader()
    reader.only(document, "", ("choice", "category", "reason", "parts"))
    choice = reader.choice(document.get("choice"), "/choice", "What to do next", Choice)
    if choice is Choice.GIVE_UP:
        reader.fault("/choice", "These offers are given up already. Choose what to do next")
    category = None
    if document.get("category"):
        category = reader.choice(document["category"], "/category", "The category", CategoryCode)
        if choice is not Choice.WIDER:
            reader.fault("/category", "A category belongs to the choice wider only")
    if document.get("parts") and choice not in {None, Choice.RERUN, Choice.WIDER}:
        reader.fault("/parts", "Two parts belong to publishing again: choose rerun or wider")
    reason = reader.text(document.get("reason"), "/reason", "The reason", most=REASON_MOST, least=REASON_LEAST)
    reader.done()
    assert choice is not None  # the reader has no faults
    return choice, category, reason


def read_round(document: Mapping[str, object], profile: Profile) -> tuple[Package, str]:
    """Read a proposal for a bespoke package, whole: hours, prices and words (A10). Raises NotValid with every fault."""
    reader = Reader()
    reader.only(document, "", ROUND_FIELDS)
    hours, support, accommodation = Decimal(0), None, None
    if Wants.SUPPORT in profile.wants:
        hours = reader.hours(document.get("hours"), "/hours", "The hours of support a week", most=WEEK_HOURS) or hours
        if not hours and not reader.faults:
            reader.fault("/hours", "The hours of support a week must be more than 0")
        support = reader.money(document.get("support_hourly"), "/support_hourly", "The price of an hour of support")
    if Wants.ACCOMMODATION in profile.wants:
        raw = document.get("accommodation_weekly")
        accommodation = reader.money(raw, "/accommodation_weekly", "The weekly price of accommodation")
    unwanted = {
        "hours": Wants.SUPPORT,
        "support_hourly": Wants.SUPPORT,
        "accommodation_weekly": Wants.ACCOMMODATION,
    }
    for name, part in unwanted.items():
        if part not in profile.wants and document.get(name) not in (None, ""):
            reader.fault(f"/{name}", f"{part.value.capitalize()} is not wanted here: leave this empty")
    words = reader.text(document.get("words"), "/words", "What is proposed", most=REASON_MOST, least=REASON_LEAST)
    reader.done()
    return Package(hours, Price(accommodation, support)), words


def read_code(raw: object) -> str:
    """Read a 6-digit code as people type it, with or without spaces. Raises NotValid."""
    reader = Reader()
    typed = str(raw or "").replace(" ", "").replace("-", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        reader.fault("/code", "Enter the 6-digit code from the text message")
    reader.done()
    return typed


def _accommodation(reader: Reader, document: Mapping[str, object], gate: Gate) -> Decimal | None:
    raw = document.get("accommodation_weekly")
    if Wants.ACCOMMODATION not in gate.wants:
        if raw not in (None, "", "0", "0.00"):
            reader.fault("/accommodation_weekly", "Accommodation is not wanted here: leave this price empty")
        return None
    return reader.money(raw, "/accommodation_weekly", "The weekly price of accommodation")


def _support(reader: Reader, document: Mapping[str, object], gate: Gate) -> Decimal | None:
    raw = document.get("support_hourly")
    if Wants.SUPPORT in gate.wants and gate.hours > 0:
        return reader.money(raw, "/support_hourly", "The price of an hour of support")
    if raw not in (None, "", "0", "0.00"):
        why = "This package has no support hours" if gate.hours == 0 else "Support is not wanted here"
        reader.fault("/support_hourly", f"{why}: leave this price empty")
    return None


def _place(reader: Reader, raw: object, *, needed: bool) -> Place | None:
    if not isinstance(raw, Mapping):
        reader.fault("/place", "Say where: the first half of the postcode, and whether it is shared")
        return None
    reader.only(raw, "/place", ("outward_code", "shared", "description"))
    outward = reader.outward_code(raw.get("outward_code"), "/place/outward_code", "The area of the place")
    shared = reader.flag(raw.get("shared", None if needed else False), "/place/shared", "Is the place shared")
    description = reader.text(raw.get("description"), "/place/description", "The description of the place", most=600)
    return Place(outward, shared, description)


def _answers(reader: Reader, raw: object, gate: Gate) -> dict[str, str]:
    given: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
    if raw is not None and not isinstance(raw, Mapping):
        reader.fault("/answers", "Answers are a text for each question")
    reader.only(given, "/answers", [question.key for question in gate.questions])
    return {
        question.key: reader.text(
            given.get(question.key), f"/answers/{question.key}", "Your answer", most=3000, least=1
        )
        for question in gate.questions
    }
