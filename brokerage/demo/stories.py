"""The demo's stories as data: read `stories.toml` into nouns, and fill in names, days and prices."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from brokerage.competitions.model import DeclineReason, Question, Weights
from brokerage.referrals.rules import LEAVING_CARE
from brokerage.referrals.rules.reading import EVIDENCE_FROM, SECTIONS
from lots.model import Price
from matrix.model import Edition
from placements.rules import add_months

FILE: Final = Path(__file__).with_name("stories.toml")
PENNY: Final = Decimal("0.01")
STREETS: Final = ("Invented Street", "Nowhere Lane", "Pretend Avenue", "Makebelieve Road", "Fable Close")
_AGO: Final = re.compile(r"(\d+)([wdhm])")
_UNITS: Final = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


class Reach(IntEnum):
    """How far a story has come, in the order of the road."""

    DRAFT = 0
    RAISED = 1
    OPEN = 2
    CLOSED = 3
    EVALUATED = 4
    AWARDED = 5
    FUNDED = 6
    AGREED = 7


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """What a provider will offer; `price` and `again` (its second version) are parts in a hundred of its tender.

    With `link` it comes by the text message's link and types the code, else it signs in. `part` is the part it is for
    where accommodation and support are bought separately.
    """

    by: str
    price: int
    part: str | None = None
    full: bool = False
    points: int | None = None
    again: int | None = None
    withdrawn: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class DeclinePlan:
    by: str
    reason: DeclineReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """What a provider asks by its link and, if somebody finds the time, what the council answers to all.

    `shown` is the question in other words, where it is not for everybody as it was asked.
    """

    by: str
    asks: str
    answer: str = ""
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class ExtensionPlan:
    """So much more time for everybody, and why."""

    more: timedelta
    because: str


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """What one side proposes about a bespoke package and, if the other answers already, what it says."""

    offer: str
    by: str
    hours: int
    accommodation_weekly: str
    support_hourly: str
    words: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class FundingPlan:
    by: str
    say: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChoicePlan:
    """Which place in the ranking is chosen, why, and what approvers say to it."""

    choose: int = 1
    because: str = ""
    funding: tuple[FundingPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class StayPlan:
    """From `starts` days after today, for so many months or nights."""

    starts: int
    months: int = 0
    nights: int = 0
    waiver: str | None = None

    def days(self, today: date) -> tuple[date, date]:
        first = today + timedelta(days=self.starts)
        if self.nights:
            return first, first + timedelta(days=self.nights)
        return first, add_months(first, self.months) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Story:
    """One referral and what becomes of it. `document` is what its sections hold, ready to be saved.

    A `typed` one was written section by section, the others came whole from the case system. `again` says why it is
    published a second time after `empty_first`, `none_suitable` why no offer was. `parts` is published in two parts.
    """

    key: str
    authority: str
    reaches: Reach
    opened: timedelta
    urgent: bool
    typed: bool
    sections: tuple[str, ...]
    document: Mapping[str, object]
    empty_first: timedelta | None
    again: str
    none_suitable: str
    extended: ExtensionPlan | None
    asks: tuple[QuestionPlan, ...]
    refused: bool
    exception: str
    withdrawn: str
    weights: Weights
    offers: tuple[OfferPlan, ...]
    declines: tuple[DeclinePlan, ...]
    seen: tuple[str, ...]
    choices: tuple[ChoicePlan, ...]
    stay: StayPlan | None
    parts: bool
    rounds: tuple[RoundPlan, ...]

    def of_part(self, part: str) -> Story:
        """Give what becomes of one part."""
        return replace(self, offers=tuple(one for one in self.offers if one.part == part))

    def part(self, section: str) -> dict[str, object]:
        """Give what one section of the task list holds."""
        return {name: self.document[name] for name in SECTIONS[section] if name in self.document}


@dataclass(frozen=True, slots=True)
class Book:
    """Every story, and what providers say in their offers."""

    stories: tuple[Story, ...]
    outcomes: Mapping[str, Mapping[str, str]]
    firms: Mapping[str, Mapping[str, Any]]

    def place(self, firm: str) -> dict[str, object]:
        said = self.firms[firm]
        return {"outward_code": said["area"], "shared": said["shared"], "description": said["place"]}

    def answer(self, firm: str, question: Question, *, full: bool) -> str:
        if question.key in ("risk", "social_value"):
            words: str = self.firms[firm]["risk" if question.key == "risk" else "social"]
            return words
        return self.outcomes[question.key]["full" if full else "thin"]


def read(today: date, edition: Edition) -> Book:
    """Read the stories as they stand on a day: ages, birthdays and stays are counted from it."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    stories = tuple(_story(one, number, raw, today, edition) for number, one in enumerate(raw["story"]))
    return Book(stories, raw["outcome"], raw["firm"])


def share(tendered: Price, percent: int) -> dict[str, str]:
    """Give prices at so many parts in a hundred of what was tendered."""
    parts = {"accommodation_weekly": tendered.accommodation_weekly, "support_hourly": tendered.support_hourly}
    return {name: str((price * percent / 100).quantize(PENNY)) for name, price in parts.items() if price is not None}


def ago(text: str) -> timedelta:
    """Read how long ago: `9w 3d`, `1h 40m`."""
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in _AGO.findall(text)})


def _story(one: Mapping[str, Any], number: int, raw: Mapping[str, Any], today: date, edition: Edition) -> Story:
    document = _document(one, number, raw, today, edition)
    choices = [one, one["then"]] if "then" in one else [one]
    return Story(
        one["key"],
        one.get("authority", "derby-city"),
        Reach[one["reaches"].upper()],
        ago(one["opened"]),
        document.get("urgency") == "urgent",
        "typed" in one or "exception" in one or one["reaches"] == "draft",
        tuple(one.get("sections", SECTIONS)),
        document,
        ago(one["empty_first"]) if "empty_first" in one else None,
        one.get("again", ""),
        one.get("none_suitable", ""),
        ExtensionPlan(ago(one["extended"]["more"]), one["extended"]["because"]) if "extended" in one else None,
        tuple(QuestionPlan(**each) for each in one.get("asks", ())),
        one.get("refused", False),
        one.get("exception", ""),
        one.get("withdrawn", ""),
        Weights(*one["weights"]) if "weights" in one else Weights(),
        tuple(OfferPlan(**offer) for offer in one.get("offers", ())),
        tuple(
            DeclinePlan(each["by"], DeclineReason(each["reason"]), each.get("note", ""))
            for each in one.get("declines", ())
        ),
        tuple(one.get("seen", ())),
        tuple(
            ChoicePlan(
                choice.get("choose", 1),
                choice.get("because", ""),
                tuple(FundingPlan(**word) for word in choice.get("funding", ())),
            )
            for choice in choices
        ),
        StayPlan(**one["stay"]) if "stay" in one else None,
        one.get("parts", False),
        tuple(RoundPlan(**each) for each in one.get("rounds", ())),
    )


def _document(
    one: Mapping[str, Any], number: int, raw: Mapping[str, Any], today: date, edition: Edition
) -> dict[str, object]:
    """Write the referral as somebody would type it, with the names in the texts."""
    given, family = one["name"].split(" ", 1)
    years, months = one["age"]
    born = add_months(today, -12 * years - months) - timedelta(days=1 + number * 7 % 20)
    address = f"{number + 3} {STREETS[number % len(STREETS)]}, Derby {one.get('area', 'DE1')} 0ZZ"
    words = {
        "name": one.get("known_as", given),
        "full": one["name"],
        "relative": one["relatives"][0].split(" ", 1)[0],
        "address": address.split(",", 1)[0],
        "phone": f"07700 900{200 + number}",
        "born": f"{born.day} {born:%B %Y}",
        **{name: one[name] for name in ("school", "nhs") if one.get(name)},
    }
    needed = one.get("needed", "planned")
    document: dict[str, object] = {
        "young_person": {
            "given_name": given,
            "family_name": family,
            "known_as": one.get("known_as", ""),
            "school": one.get("school", ""),
            "relatives": one["relatives"],
            "address": address,
            "nhs_number": one.get("nhs", ""),
        },
        "date_of_birth": born.isoformat(),
    }
    if "status" in one:
        document |= {
            "status": one["status"],
            "in_education_or_training": one.get("education", False),
            "living_now": one["living"],
            "needed": needed,
            "source": one.get("source", "leaving_care_team" if years > 17 else "children_in_care_team"),
            "urgency": one.get("urgency", "urgent" if needed == "same_day" else "standard"),
            "care_periods": _care(one["status"], born, today),
        }
    if "levels" in one:
        document |= _matrix(one, raw["evidence"], words, edition)
    if "pathway" in one:
        document |= {
            "outcomes": [
                {"key": key, "text": raw["outcome"][key]["text"].format_map(words)} for key in one["outcomes"]
            ],
            "risk_plan": raw["risk"][one["risk"]].format_map(words),
            "pathway_plan": one["pathway"].format_map(words),
            "wants": one.get("wants", ["accommodation", "support"]),
            "provision": one.get("provision", ""),
            "outward_code": one["area"],
            "out_of_area_reason": one.get("out_of_area", "").format_map(words),
            "beds": one.get("beds", 1),
        }
    if "budget" in one:
        document |= {"indicative_budget_weekly": one["budget"], "housing_benefit": "benefit" in one}
        document |= {"housing_benefit_weekly": one["benefit"]} if "benefit" in one else {}
    return document


def _matrix(
    one: Mapping[str, Any], evidence: Mapping[str, str], words: Mapping[str, str], edition: Edition
) -> dict[str, object]:
    levels: Mapping[str, int] = one["levels"]
    proved = {} if one.get("unproved") else {key for key, level in levels.items() if level >= EVIDENCE_FROM}
    found: dict[str, object] = {
        "answers": {domain.key: 0 for domain in edition.domains} | dict(levels),
        "evidence": {key: evidence[key].format_map(words) for key in proved},
    }
    if "override" in one:
        found["override"] = one["override"]
    return found


def _care(status: str, born: date, today: date) -> list[dict[str, str]]:
    """Give the periods in care that the status of a care leaver rests on (A2)."""
    if status not in LEAVING_CARE:
        return []
    since, until = add_months(born, 12 * 15 + 7), add_months(born, 12 * 18)
    return [{"since": since.isoformat()} | ({"until": until.isoformat()} if until < today else {})]
