"""From the text of an edition's file to a checked edition, or every fault with its line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, TypeVar

from lots.model import CategoryCode
from matrix.errors import CaseNotValid, EditionNotValid
from matrix.model import (
    LEVELS,
    Band,
    Case,
    CategoryRule,
    Domain,
    Edition,
    EditionStatus,
    Example,
    Fact,
    Fault,
    Floor,
    Group,
    LegalStatus,
    Level,
    LivingNow,
    Needed,
    Outcome,
    Reduction,
)
from matrix.rules import failed_examples, read_case, unsound
from matrix.store.lines import Place, line_numbers, line_of

Choice = TypeVar("Choice", bound=StrEnum)
Row = TypeVar("Row")

KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
"""Domains, facts, bands, floors and reductions: their keys are field names in JSON and parts of rule ids."""

RULE_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_.]*")
"""Category rules, which lead with their category: 1.1.same_day."""

EDITION_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")

ALSO_ALLOWED: Final = {KEY: "_, beginning with a letter", RULE_KEY: "_ or .", EDITION_ID: "-"}


def parse(text: str, file_name: str) -> Edition:
    """Read an edition from TOML, check that it is sound, and run its own test cases.

    Raises EditionNotValid. Shape comes first, then soundness, then the test cases: each stage reports all of its
    faults, and the next runs only when there are none, since it would drown them in consequences.
    """
    try:
        root = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise EditionNotValid((_syntax_fault(str(error), text, file_name),)) from error
    reading = _Reading(root, file_name, line_numbers(text))
    edition = reading.edition(sha256(text.encode()).hexdigest())
    reading.stop_at_faults()
    reading.take(unsound(edition))
    reading.stop_at_faults()
    edition = replace(edition, cases=reading.examples(edition))
    reading.stop_at_faults()
    reading.take(failed_examples(edition))
    reading.stop_at_faults()
    return edition


def _syntax_fault(message: str, text: str, file_name: str) -> Fault:
    where = re.search(r"\(at line (\d+), column \d+\)", message)
    line = int(where[1]) if where else text.count("\n") + 1
    return Fault("", line, f"is not TOML: {message.partition(' (at ')[0]}", file_name)


class _Reading:
    """One pass over a parsed file, which notes each fault, puts something harmless in its place, and goes on."""

    def __init__(self, root: dict[str, Any], file_name: str, numbers: Mapping[Place, int]) -> None:
        self.root = root
        self.file_name = file_name
        self.numbers = numbers
        self.faults: list[Fault] = []

    # Faults

    def fault(self, place: Place, message: str) -> None:
        self.faults.append(Fault(self.label(place), line_of(place, self.numbers), message, self.file_name))

    def take(self, findings: Iterable[tuple[Place, str]]) -> None:
        for place, message in findings:
            self.fault(place, message)

    def stop_at_faults(self) -> None:
        if self.faults:
            raise EditionNotValid(tuple(self.faults))

    def label(self, place: Place) -> str:
        """Write a place for people: domain.money.hours; an entry without a key of its own is [n], from 1."""
        parts: list[str] = []
        for length, part in enumerate(place, start=1):
            if isinstance(part, str):
                parts.append(part)
                continue
            entry = self.get(place[:length])
            name = entry.get("key", entry.get("title")) if isinstance(entry, dict) else None
            parts.append(name if isinstance(name, str) and name else f"[{part + 1}]")
        return ".".join(parts)

    # Values

    def get(self, place: Place) -> Any:
        """Find the raw value at a place, None where there is nothing."""
        value: Any = self.root
        for part in place:
            if isinstance(part, int):
                value = value[part] if isinstance(value, list) and part < len(value) else None
            else:
                value = value.get(part) if isinstance(value, dict) else None
        return value

    def text(self, place: Place, pattern: re.Pattern[str] | None = None) -> str:
        value = self.get(place)
        if not isinstance(value, str):
            self.fault(place, "is missing" if value is None else f"must be text, not {value!r}")
            return ""
        if not value.strip():
            self.fault(place, "must not be empty")
        elif pattern and not pattern.fullmatch(value):
            self.fault(place, f"{value!r} may hold only small letters, digits and {ALSO_ALLOWED[pattern]}")
        return value

    def day(self, place: Place) -> date:
        value = self.get(place)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.fault(place, "is missing" if value is None else f"must be a day such as 2026-04-01, not {value!r}")
        return date.min

    def whole(self, place: Place) -> int:
        value = self.get(place)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.fault(place, "is missing" if value is None else f"must be a whole number, not {value!r}")
        return 0

    def hours(self, place: Place) -> Decimal:
        value = self.get(place)
        if isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite():
            return Decimal(value)
        self.fault(place, "is missing" if value is None else f"must be a number of hours, not {value!r}")
        return Decimal(0)

    def items(self, place: Place, read: Callable[[Place], Row], count: int | None = None) -> tuple[Row, ...]:
        """Read each item of a list, which may be left out unless it has to hold `count` of them."""
        value = self.get(place)
        if value is None and count is None:
            return ()
        if not isinstance(value, list):
            self.fault(place, "is missing" if value is None else f"must be a list, not {value!r}")
            return ()
        if count is not None and len(value) != count:
            self.fault(place, f"must hold {count} values, one a level, not {len(value)}")
        return tuple(read((*place, at)) for at in range(len(value)))

    def one_of(self, place: Place, kind: type[Choice]) -> Choice:
        known = [member.value for member in kind]
        value = self.get(place)
        if isinstance(value, str) and value in known:
            return kind(value)
        message = "is missing; give" if value is None else f"{value!r} is not known; give"
        self.fault(place, f"{message} one of {', '.join(known)}")
        return next(iter(kind))

    def flag(self, place: Place) -> bool | None:
        value = self.get(place)
        if value is not None and not isinstance(value, bool):
            self.fault(place, f"must be true or false, not {value!r}")
        return value if isinstance(value, bool) else None

    def closed(self, place: Place, names: str) -> bool:
        """Check that a table has no key but these; False where it is no table at all."""
        table = self.get(place)
        if not isinstance(table, dict):
            self.fault(place, "must be a table")
            return False
        for name in table:
            if name not in names.split():
                self.fault((*place, name), f"is not known here; the keys are {', '.join(names.split())}")
        return True

    # Tables

    def edition(self, digest: str) -> Edition:
        """Read everything but the test cases, which answer the questions that this finds."""
        self.closed(
            (),
            "id title version valid_from status source authors evidence_from "
            "domain fact band floor reduction category_rule case",
        )
        domains, facts = self.items(("domain",), self.domain), self.items(("fact",), self.fact)
        return Edition(
            id=self.text(("id",), EDITION_ID),
            title=self.text(("title",)),
            version=self.text(("version",)),
            valid_from=self.day(("valid_from",)),
            status=self.one_of(("status",), EditionStatus),
            source=self.text(("source",)),
            authors=self.items(("authors",), self.text),
            evidence_from=self.whole(("evidence_from",)),
            domains=tuple(domain for domain in domains if domain),
            facts=tuple(fact for fact in facts if fact),
            bands=self.items(("band",), self.band),
            floors=self.items(("floor",), self.floor),
            reductions=self.items(("reduction",), self.reduction),
            category_rules=self.items(("category_rule",), self.category_rule),
            cases=(),
            digest=digest,
        )

    def domain(self, place: Place) -> Domain | None:
        self.closed(place, "key title group look_back levels hours hint")
        key, title = self.text((*place, "key"), KEY), self.text((*place, "title"))
        group = self.one_of((*place, "group"), Group)
        look_back, hint = self.text((*place, "look_back")), self.text((*place, "hint"))
        levels, hours = self.levels(place), self.items((*place, "hours"), self.hours, len(LEVELS))
        if len(levels) != len(LEVELS) or len(hours) != len(LEVELS):
            return None
        return Domain(key, title, group, look_back, levels, hours, hint)

    def fact(self, place: Place) -> Fact | None:
        self.closed(place, "key title look_back levels hint")
        key, title = self.text((*place, "key"), KEY), self.text((*place, "title"))
        look_back, hint = self.text((*place, "look_back")), self.text((*place, "hint"))
        levels = self.levels(place)
        return Fact(key, title, look_back, levels, hint) if len(levels) == len(LEVELS) else None

    def levels(self, place: Place) -> tuple[Level, ...]:
        texts = self.items((*place, "levels"), self.text, len(LEVELS))
        return tuple(Level(number, text) for number, text in enumerate(texts))

    def band(self, place: Place) -> Band:
        self.closed(place, "key title up_to")
        return Band(self.text((*place, "key"), KEY), self.text((*place, "title")), self.hours((*place, "up_to")))

    def floor(self, place: Place) -> Floor:
        self.closed(place, "key text domains at_least hours")
        return Floor(
            key=self.text((*place, "key"), KEY),
            text=self.text((*place, "text")),
            domains=self.items((*place, "domains"), self.text),
            at_least=self.whole((*place, "at_least")),
            hours=self.hours((*place, "hours")),
        )

    def reduction(self, place: Place) -> Reduction:
        self.closed(place, "key text domains at_most hours percent")
        return Reduction(
            key=self.text((*place, "key"), KEY),
            text=self.text((*place, "text")),
            domains=self.items((*place, "domains"), self.text),
            at_most=self.whole((*place, "at_most")),
            hours=Decimal(0) if self.get((*place, "hours")) is None else self.hours((*place, "hours")),
            percent=0 if self.get((*place, "percent")) is None else self.whole((*place, "percent")),
        )

    def category_rule(self, place: Place) -> CategoryRule:
        self.closed(place, "key category text status needed living_now hours_above_zero housing_benefit")
        return CategoryRule(
            key=self.text((*place, "key"), RULE_KEY),
            category=self.one_of((*place, "category"), CategoryCode),
            text=self.text((*place, "text")),
            status=self.items((*place, "status"), lambda item: self.one_of(item, LegalStatus)),
            needed=self.items((*place, "needed"), lambda item: self.one_of(item, Needed)),
            living_now=self.items((*place, "living_now"), lambda item: self.one_of(item, LivingNow)),
            hours_above_zero=self.flag((*place, "hours_above_zero")),
            housing_benefit=self.flag((*place, "housing_benefit")),
        )

    def examples(self, edition: Edition) -> tuple[Example, ...]:
        examples = self.items(("case",), lambda place: self.example(place, edition))
        return tuple(example for example in examples if example)

    def example(self, place: Place, edition: Edition) -> Example | None:
        """Read a test case: a case as in the API, under a title, whose unnamed answers are level 0."""
        entry = self.get(place)
        if not isinstance(entry, dict):
            self.fault(place, "must be a table")
            return None
        title = self.text((*place, "title"))
        expect: Place = (*place, "expect")
        if not self.closed(expect, "outcome category hours"):
            return None
        outcome = self.one_of((*expect, "outcome"), Outcome)
        refused = outcome is Outcome.REFUSED
        category = None if refused else self.one_of((*expect, "category"), CategoryCode)
        hours = None if refused else self.hours((*expect, "hours"))
        case = self.case(place, entry, edition)
        return Example(title, case, outcome, category, hours) if case else None

    def case(self, place: Place, entry: Mapping[str, Any], edition: Edition) -> Case | None:
        raw = {name: value for name, value in entry.items() if name not in ("title", "expect")}
        raw |= {name: raw[name].isoformat() for name in ("date_of_birth", "on") if isinstance(raw.get(name), date)}
        if isinstance(answers := raw.get("answers", {}), dict):
            raw["answers"] = {domain.key: 0 for domain in edition.domains} | answers
        try:
            return read_case(raw, edition)
        except CaseNotValid as refusal:
            for fault in refusal.faults:
                self.fault((*place, *fault.key.split("/")[1:]), fault.message)
            return None
