"""The words of the placements team's pages, from templates/pages/referrals/words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment
from jinja2.environment import Template

from brokerage.desk.views import HistoryItem
from brokerage.reading import Fault
from brokerage.web.pages import clock_time, hours, london_day, pounds, templates_dir
from matrix.model import Edition


@cache
def book() -> Mapping[str, Any]:
    """Read the words once a process."""
    path = templates_dir() / "pages" / "referrals" / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def named(choice: str) -> dict[str, str]:
    """Give the words of each value of a choice."""
    return {one[0]: one[1] for one in book()["choices"][choice]}


def say_fault(fault: Fault, document: Mapping[str, object], edition: Edition) -> str:
    """Say a fault to somebody at a form: what the matrix says about JSON is put into the form's words."""
    parts = fault.pointer.split("/")[1:]
    name, value = parts[0], document.get(parts[0])
    if name == "answers":
        given = value if isinstance(value, Mapping) else {}
        title = next((one.title for one in edition.domains if one.key == parts[-1]), "")
        return f"Choose a level for {title}" if title and given.get(parts[-1]) in (None, "") else fault.message
    missing, wrong = book()["missing"], book()["wrong"]
    if name not in missing:
        return fault.message
    if value in (None, "", "--"):
        return str(missing[name])
    if name == "date_of_birth":
        return str(wrong["future" if _is_day(value) else name])
    allowed = [one[0] for one in book()["choices"].get(name, ())]
    return str(wrong[name]) if value not in allowed else fault.message


def timeline(env: Environment, items: tuple[HistoryItem, ...]) -> list[dict[str, Any]]:
    """Say a referral's history, newest first, as the timeline wants it.

    Sealed offers name nobody: whoever offers is not known before the close, and afterwards the competition says it.
    """
    found = []
    for item in items:
        title, text = sentence(env, item.line.kind, item.facts)
        found.append({"title": title, "text": text, "by": item.by, "at": item.line.at})
    return found


def sentence(env: Environment, kind: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Say one line of the record in plain English. Every kind of event has its words; a test holds that."""
    if kind not in book()["history"]:
        return kind.replace("_", " ").capitalize(), ""
    title, text = _templates(env, kind)
    section = book()["section"].get(str(facts.get("section", "")), ("", ""))[0]
    facts = {**facts, "section_title": section}
    return title.render(facts), text.render(facts)


@cache
def _templates(env: Environment, kind: str) -> tuple[Template, Template]:
    # Plain text here; the page's own template escapes it.
    plain = env.overlay(autoescape=False)
    plain.filters = plain.filters | {
        "instant": lambda text: clock_time(datetime.fromisoformat(text)),
        "day": lambda text: london_day(date.fromisoformat(text)),
        "money": lambda text: pounds(Decimal(str(text))),
        "number": lambda text: hours(Decimal(str(text))),
    }
    words = book()["history"][kind]
    return plain.from_string(words["title"]), plain.from_string(words["text"])


def _is_day(value: object) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True
