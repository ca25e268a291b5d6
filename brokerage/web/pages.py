"""Turn facts into pages: the template environment, the words of time and money, the static files.

`environment()` is built once a process; `render(env, template, shell=Shell(...), ...)` gives the HTML.
What every page is given is written at the top of templates/layout.html.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.environment import Template

SERVICE_NAME: Final = "Placement brokerage"
LONDON: Final = ZoneInfo("Europe/London")
STATIC: Final = Path(__file__).parent / "static"
GOVUK: Final = "govuk_frontend_jinja"
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


# The shell: what stands around every page ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words; `active` marks the section the page is in."""

    text: str
    href: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the page is for, in the words the header shows."""

    name: str
    role: str
    authority: str


@dataclass(frozen=True, slots=True)
class DemoBar:
    """The demo's own line: its clock (aware) and where else to go."""

    now: datetime
    links: Sequence[Link] = (
        Link("Change person", "/demo"),
        Link("Outbox", "/demo/outbox"),
        Link("Clock", "/demo/clock"),
    )


@dataclass(frozen=True, slots=True)
class Flash:
    """One message carried over a redirect; `success` makes it green."""

    message: str
    success: bool = True


@dataclass(frozen=True, slots=True)
class Shell:
    """What layout.html needs besides the page's own facts."""

    actor: SignedIn | None = None
    nav: Sequence[Link] = ()
    csrf_token: str = ""
    csp_nonce: str = ""
    demo: DemoBar | None = None
    flash: Flash | None = None
    path: str = "/"


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed and what is wrong with it, by field name, as templates/macros/forms.html reads it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


# Words -----------------------------------------------------------------------------------------------------------


A_PAGE: Final = 50
"""Rows of a list on one page."""


def page_number(typed: str) -> int:
    """Read the number of a page of a list; 1 for what is none."""
    return max(int(typed), 1) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def london_day(day: date) -> str:
    """Say a day: "21 November 2026". An instant is taken to its London day first."""
    if isinstance(day, datetime):
        day = _in_london(day).date()
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def clock_time(at: datetime) -> str:
    """Say an instant as London's clocks show it: "3:42pm GMT, Saturday 21 November 2026".

    Seconds are left away, never rounded up: a deadline is not made to look later than it is. Refuses naive datetimes.
    """
    there = _in_london(at)
    return f"{_hour(there)} {there.tzname()}, {WEEKDAYS[there.weekday()]} {london_day(there.date())}"


def clock_exact(at: datetime) -> str:
    """Say an instant to the second, for receipts: "3:41:58pm GMT, Saturday 21 November 2026"; the rest is cut off."""
    there = _in_london(at)
    hour = f"{there.hour % 12 or 12}:{there:%M:%S}{'am' if there.hour < 12 else 'pm'}"
    return f"{hour} {there.tzname()}, {WEEKDAYS[there.weekday()]} {london_day(there.date())}"


def clock_hour(at: datetime) -> str:
    """Say only the time of day, for places that show the day beside it: "3:42pm", "midday", "midnight"."""
    return _hour(_in_london(at))


def time_left(closes_at: datetime, now: datetime) -> str:
    """Say how long until an instant: "in 47 minutes", "in 1 hour 5 minutes", "in 3 days 2 hours", "closed".

    Elapsed time, rounded down to the minute (from two days, to the hour). At the instant itself it is over.
    """
    seconds = int((_aware(closes_at) - _aware(now)).total_seconds())
    if closes_at <= now:
        return "closed"
    minutes, hours_, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes == 0:
        return "in less than a minute"
    if days >= 2:
        return "in " + _both(days, "day", hours_ - days * 24, "hour")
    return "in " + _both(hours_, "hour", minutes - hours_ * 60, "minute")


def machine_time(at: datetime) -> str:
    """Write an instant for `<time datetime="...">`: UTC, to the second."""
    return _aware(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pounds(amount: Decimal) -> str:
    """Say money: "£1,234.50"; whole pounds keep their pence, so that columns compare."""
    return f"{'-' if amount < 0 else ''}£{abs(amount):,.2f}"


def hours(amount: Decimal) -> str:
    """Say hours without idle zeros: "12", "7.5", "0.25"."""
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def plural(count: int, one: str, many: str | None = None) -> str:
    """Count things: "1 offer", "2 offers"; `many` where an s is not enough."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def initial_capital(text: str) -> str:
    """Give the first letter its capital and leave the rest (unlike `capitalize`, which lowers "DE1")."""
    return text[:1].upper() + text[1:]


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at


def _in_london(at: datetime) -> datetime:
    return _aware(at).astimezone(LONDON)


def _hour(there: datetime) -> str:
    if there.minute == 0 and there.hour in (0, 12):
        return "midday" if there.hour else "midnight"
    minutes = f":{there.minute:02}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes}{'am' if there.hour < 12 else 'pm'}"


def _both(large: int, large_name: str, small: int, small_name: str) -> str:
    parts = [plural(n, name) for n, name in ((large, large_name), (small, small_name)) if n]
    return " ".join(parts)


# What the macros of templates/macros ask for in GOV.UK's shapes -----------------------------------------------------


def choice_items(choices: Iterable[Sequence[Any] | Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Turn (value, words) or (value, words, hint) into GOV.UK items; mappings (a divider) pass."""
    return [
        choice
        if isinstance(choice, Mapping)
        else {"value": choice[0], "text": choice[1], "hint": {"text": choice[2]} if choice[2:] else None}
        for choice in choices
    ]


def action_items(actions: Iterable[Sequence[str]]) -> list[Mapping[str, str]]:
    """Turn (words, href) or (words, href, hidden) into GOV.UK's links."""
    names = ("text", "href", "visuallyHiddenText")
    return [dict(zip(names, action, strict=False)) for action in actions]


def summary_rows(rows: Iterable[Sequence[Any]]) -> list[Mapping[str, Any]]:
    """Turn (key, value) or (key, value, actions) into GOV.UK's summary rows."""
    return [
        {
            "key": {"text": row[0]},
            "value": {"text": row[1]},
            "actions": {"items": action_items(row[2])} if row[2:] else None,
        }
        for row in rows
    ]


# Static files ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file of ../static, read and compressed once a process."""

    name: str
    media_type: str
    body: bytes
    gzipped: bytes
    digest: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Read the static folder: name ("app.css", "images/icon-tag-remove.svg") -> file."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            name, body = path.relative_to(STATIC).as_posix(), path.read_bytes()
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            digest = hashlib.sha256(body).hexdigest()[:12]
            found[name] = StaticFile(name, kind, body, gzip.compress(body, 9, mtime=0), digest)
    return found


def static(name: str) -> str:
    """Give a static file's address with its content's digest, so that it may be cached for a year."""
    return f"/static/{name}?v={static_files()[name].digest}"


# Templates -------------------------------------------------------------------------------------------------------


class _House(Environment):
    """Our templates under StrictUndefined; the GOV.UK macros, which read absent keys, in an environment of their own.

    A compiled template keeps the environment that loaded it, so one `get_template` is all the wiring there is.
    """

    govuk: Environment

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Template:
        if isinstance(name, str) and name.startswith(GOVUK + "/"):
            return self.govuk.get_template(name, parent, globals)
        return super().get_template(name, parent, globals)


def templates_dir() -> Path:
    """Find the templates: inside the package when installed, beside it in a checkout."""
    packaged = Path(__file__).parents[1] / "_templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"


def environment(demo: bool) -> Environment:
    """Build the template environment; in a demo every page carries the demo banner and templates re-read themselves."""
    env = _House(
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        autoescape=True,
        auto_reload=demo,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.govuk = Environment(
        loader=PrefixLoader({GOVUK: PackageLoader(GOVUK)}),
        undefined=ChainableUndefined,
        autoescape=True,
        auto_reload=False,
    )
    env.filters |= {
        "clock_time": clock_time,
        "clock_exact": clock_exact,
        "clock_hour": clock_hour,
        "london_day": london_day,
        "machine_time": machine_time,
        "time_left": time_left,
        "pounds": pounds,
        "hours": hours,
        "plural": plural,
        "initial_capital": initial_capital,
        "choice_items": choice_items,
        "action_items": action_items,
        "summary_rows": summary_rows,
    }
    env.globals |= {"static": static, "service_name": SERVICE_NAME, "in_demo": demo}
    return env


def render(env: Environment, template: str, **context: object) -> str:
    """Render one page; a fact the template names and the context lacks is an error, not a gap."""
    return env.get_template(template).render(context)
