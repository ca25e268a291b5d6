"""From untrusted JSON to a case, or every fault in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar

from matrix.errors import CaseNotValid
from matrix.model import LEVELS, Case, Domain, Edition, Fact, Fault, LegalStatus, LivingNow, Needed

FIELDS: Final = tuple(field.name for field in fields(Case))
Choice = TypeVar("Choice", bound=StrEnum)

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_case(raw: object, edition: Edition) -> Case:
    """Read a case from parsed JSON (api.md, "A case"); every field is required, and no other is allowed.

    Raises CaseNotValid with every fault at once, each under its JSON pointer (RFC 6901).
    """
    if not isinstance(raw, Mapping):
        raise CaseNotValid((Fault("", None, f"A case is an object with the fields {', '.join(FIELDS)}."),))
    reading = _Reading(raw)
    born, on = reading.day("date_of_birth"), reading.day("on")
    if born and on and born > on:
        reading.fault("/date_of_birth", f"The date of birth is after {on}, the day of the case.")
    values = {
        "date_of_birth": born,
        "on": on,
        "status": reading.one_of("status", LegalStatus),
        "in_education_or_training": reading.yes_or_no("in_education_or_training"),
        "living_now": reading.one_of("living_now", LivingNow),
        "needed": reading.one_of("needed", Needed),
        "housing_benefit": reading.yes_or_no("housing_benefit"),
        "answers": reading.answers(edition),
    }
    reading.unknown_fields()
    if reading.faults:
        raise CaseNotValid(tuple(reading.faults))
    return Case(**values)  # type: ignore[arg-type]  # no fault means that every value was read


def answer_faults(edition: Edition, answers: Mapping[Any, object]) -> tuple[Fault, ...]:
    """Say what keeps these answers from being scored: missing, not a level, or to a question that is not asked."""
    questions: tuple[Domain | Fact, ...] = (*edition.domains, *edition.facts)
    optional = {fact.key for fact in edition.facts}
    known = [question.key for question in questions]
    faults = []
    for question in questions:
        pointer = f"/answers/{escaped(question.key)}"
        if question.key not in answers:
            if question.key not in optional:
                faults.append(Fault(pointer, None, f"“{question.title}” has no answer: give a level from 0 to 4."))
            continue
        level = answers[question.key]
        # JSON's true is an int to Python, and would silently count as level 1.
        if not isinstance(level, int) or isinstance(level, bool) or level not in LEVELS:
            faults.append(
                Fault(pointer, None, f"“{question.title}” takes a whole number from 0 to 4, not {_shown(level)}.")
            )
    for key in answers:
        if key not in known:
            message = f"Edition {edition.id} does not ask this question.{_did_you_mean(str(key), known)}"
            faults.append(Fault(f"/answers/{escaped(str(key))}", None, message))
    return tuple(faults)


def escaped(token: str) -> str:
    """Write one part of a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


class _Reading:
    """One pass over a raw case, which notes faults and goes on."""

    def __init__(self, raw: Mapping[Any, object]) -> None:
        self.raw = raw
        self.faults: list[Fault] = []

    def fault(self, pointer: str, message: str) -> None:
        self.faults.append(Fault(pointer, None, message))

    def present(self, name: str) -> bool:
        if name not in self.raw:
            self.fault(f"/{name}", "This field is missing.")
        return name in self.raw

    def day(self, name: str) -> date | None:
        if not self.present(name):
            return None
        value = self.raw[name]
        if isinstance(value, str) and DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.fault(f"/{name}", f"There is no such day as {value}.")
                return None
        self.fault(f"/{name}", f"Give a day as text, year first, such as “2009-05-01”, not {_shown(value)}.")
        return None

    def one_of(self, name: str, kind: type[Choice]) -> Choice | None:
        if not self.present(name):
            return None
        value, known = self.raw[name], [member.value for member in kind]
        if isinstance(value, str) and value in known:
            return kind(value)
        hint = _did_you_mean(value, known) if isinstance(value, str) else ""
        self.fault(f"/{name}", f"Give one of {', '.join(known)}, not {_shown(value)}.{hint}")
        return None

    def yes_or_no(self, name: str) -> bool | None:
        if not self.present(name):
            return None
        value = self.raw[name]
        if isinstance(value, bool):
            return value
        self.fault(f"/{name}", f"Give true or false, not {_shown(value)}.")
        return None

    def answers(self, edition: Edition) -> dict[str, int] | None:
        if not self.present("answers"):
            return None
        value = self.raw["answers"]
        if not isinstance(value, Mapping):
            self.fault("/answers", f"Give an object with a level for each question, not {_shown(value)}.")
            return None
        faults = answer_faults(edition, value)
        self.faults.extend(faults)
        return None if faults else dict(value)

    def unknown_fields(self) -> None:
        for name in self.raw:
            if name not in FIELDS:
                pointer = f"/{escaped(str(name))}"
                self.fault(pointer, f"A case has no such field.{_did_you_mean(str(name), FIELDS)}")


def _shown(value: object) -> str:
    """Quote a value as it stands in JSON, cut short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _did_you_mean(given: str, known: Sequence[str]) -> str:
    close = get_close_matches(given, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""
