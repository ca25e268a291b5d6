"""The demo's own pages: whom to act as, the outbox that stands for phones and letterboxes, the clock.

The routes exist in the demo only; a production installation answers them with 404 (api.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from litestar import Request, Response
from litestar.params import RawBody, URLEncodedBody

from brokerage.desk import clock as clocks
from brokerage.desk import store
from brokerage.desk.consequences import TimerKind
from brokerage.desk.work import SYSTEM
from brokerage.people import store as people
from brokerage.reading import Fault, NotValid, Reader
from brokerage.web.api.calls import reply
from brokerage.web.auth import ROLE_WORDS, House, Persona, form, house_of, look, page, sign_in, sign_out
from brokerage.web.pages import clock_time, plural
from brokerage.web.problems import NotJson, wants_page
from lots import store as lots
from lots.model import ProviderId
from notifications.model import Medium, Message, MessageId, Status
from notifications.service import outbox

FURTHEST: Final = timedelta(days=400)
"""One move of the clock; further is a slip of the finger."""

LISTED: Final = 500
"""Messages in one answer of the outbox."""

LOOKED_AT: Final = 5000
"""Messages the outbox's page looks through when one recipient is chosen."""

SHOWN: Final = 4
"""Texts on one phone while every phone is shown."""

LETTERS: Final = 12

_DURATION: Final = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,6})D)?(?:T(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,10})S)?)?"
)
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


# Who to be ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody to act as, in the words of the page."""

    key: str
    name: str
    role: str


@page("/demo")
def choose_person(request: Request[Any, Any, Any]) -> Response[Any]:
    """Offer everybody there is to act as, and the tour."""
    return _choose(request)


def _choose(request: Request[Any, Any, Any], wrong: str = "") -> Response[Any]:
    asking, house = look(request), house_of(request)
    with house.desk.begin() as db:
        firms = {provider.id: provider.name for provider in lots.providers(db)}
        names = {authority.key: authority.name for authority in people.authorities(db)}
    groups: dict[str, list[Part]] = {}
    for one in _personas(house):
        home = names.get(one.person.authority or "", "Providers")
        role = ROLE_WORDS[one.person.role]
        if one.person.provider_id is not None:
            role = f"{role}, {firms.get(ProviderId(one.person.provider_id), '')}"
        groups.setdefault(home, []).append(Part(one.key, one.person.name, role))
    errors = {"": wrong} if wrong else {}
    return asking.show_form("pages/demo/choose_person.html", {}, errors, groups=groups)


@form("/demo/act-as")
def act_as(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Become somebody: a new session, as every sign-in is one."""
    asking, house = look(request), house_of(request)
    chosen = next((one for one in _personas(house) if one.key == data.get("persona")), None)
    if chosen is None:
        return _choose(request, "Choose one of the people on this page")
    if asking.secret:
        sign_out(house, asking.secret)
    secret = sign_in(house, chosen.token)
    home = "/provider" if chosen.person.role.of_provider else "/"
    onward = str(data.get("next", ""))
    response = asking.go(onward if _local(onward) else home, f"You now act as {chosen.person.name}.")
    response.set_cookie(house.session_cookie(secret, seconds=None))
    return response


@page("/demo/personas")
def show_personas(request: Request[Any, Any, Any]) -> Response[str]:
    """List the personas with their access keys, for scripts."""
    return reply(
        [
            {
                "key": one.key,
                "name": one.person.name,
                "role": one.person.role,
                "authority": one.person.authority,
                "provider_id": one.person.provider_id,
                "token": one.token,
            }
            for one in _personas(house_of(request))
        ]
    )


def _personas(house: House) -> tuple[Persona, ...]:
    return house.demo.personas if house.demo else ()


def _local(address: str) -> bool:
    """Say whether an address stays on this site: a browser reads // and /\\ as another host's."""
    return re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", address) is not None


# The outbox --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the page shows it: its body cut at the link, so that the link can be one."""

    message: Message
    before: str
    href: str
    after: str

    @property
    def paragraphs(self) -> list[list[tuple[str, bool, str]]]:
        """Lay a letter out: paragraphs of lines, each as (before the link, is there one, after it)."""
        link = self.message.link if self.href else None
        return [
            [(before, bool(found), after) for before, found, after in (_cut(line, link) for line in part.split("\n"))]
            for part in self.message.body.strip().split("\n\n")
        ]

    @property
    def undelivered(self) -> bool:
        return self.message.status in {Status.FAILED, Status.EXPIRED}


@dataclass(frozen=True, slots=True)
class Box:
    """One recipient's messages, newest first; `more` are not shown."""

    to: str
    address: str
    messages: tuple[Shown, ...]
    more: int
    provider_id: UUID | None


@page("/demo/outbox")
def show_outbox(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what was sent: JSON for systems, newest last; phones and letters for people, newest first."""
    house = house_of(request)
    if not wants_page(request):
        after = _after(request.query_params.get("after", "").strip())
        with house.desk.begin() as db:
            return reply([_sent(one) for one in outbox(db, after, LISTED)])
    asked = request.query_params.get("provider", "")
    medium = Medium.EMAIL if request.query_params.get("channel") == Medium.EMAIL else Medium.SMS
    with house.desk.begin() as db:
        names = {str(one.id): one.name for one in lots.providers(db)}
        found = outbox(db, None, LOOKED_AT if asked else LISTED)
    kept = [one for one in reversed(found) if one.medium is medium and (not asked or _owner(one) == asked)]
    most = LISTED if asked else SHOWN
    letters = kept[: LISTED if asked else LETTERS]
    return look(request).show_form(
        "pages/demo/show_outbox.html",
        {"provider": asked},
        {},
        medium=medium.value,
        owners=[*names.items(), ("council", "The councils' own staff")],
        phones=_phones(house, kept, names, most) if medium is Medium.SMS else (),
        letters=[(_shown(house, one), names.get(_owner(one), one.to)) for one in letters]
        if medium is Medium.EMAIL
        else (),
        older=len(kept) - len(letters) if medium is Medium.EMAIL else 0,
        asked=asked,
    )


def _phones(house: House, found: Iterable[Message], names: Mapping[str, str], most: int) -> list[Box]:
    """Sort texts to the phones they went to; the phone that rang last comes first."""
    held: dict[str, list[Message]] = {}
    for one in found:
        held.setdefault(one.to, []).append(one)
    return [
        Box(
            names.get(_owner(texts[0]), "Council"),
            _number(to),
            tuple(_shown(house, one) for one in texts[:most]),
            max(len(texts) - most, 0),
            texts[0].provider_id,
        )
        for to, texts in held.items()
    ]


def _cut(line: str, link: str | None) -> tuple[str, str, str]:
    return line.partition(link) if link else (line, "", "")


def _owner(message: Message) -> str:
    return str(message.provider_id) if message.provider_id else "council"


def _shown(house: House, message: Message) -> Shown:
    """Cut the body at its link. Only our own address becomes a link, as a path of this very site."""
    own = house.settings.public_url
    if message.link and message.link.startswith(own + "/") and message.link in message.body:
        before, link, after = message.body.partition(message.link)
        return Shown(message, before, link.removeprefix(own), after)
    return Shown(message, message.body, "", "")


def _number(to: str) -> str:
    """Write a mobile number as people in England do: +447700900101 -> 07700 900101."""
    return f"0{to[3:7]} {to[7:]}" if re.fullmatch(r"\+44[0-9]{10}", to) else to


def _after(raw: str) -> MessageId | None:
    if not raw:
        return None
    try:
        return MessageId(UUID(raw))
    except ValueError:
        raise NotValid((Fault("/after", "after must be the id of a message"),)) from None


def _sent(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.medium,
        "to": message.to,
        "provider_id": message.provider_id,
        "kind": message.kind,
        "body": message.body,
        "link": message.link,
        "code": message.code,
        "at": message.created_at,
        "status": message.status,
    }


# The clock ---------------------------------------------------------------------------------------------------------


@page("/demo/clock")
def show_clock(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the demo's time and how to move it."""
    return _show_clock(request, "")


@form("/demo/clock")
def move_clock(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """Move the clock forward and do what is due, for a script (JSON) or for a person (a form).

    What was due before the move is done before it, so that a leap leaves no message unsent behind it.
    """
    house = house_of(request)
    typed = _typed(request, body)
    sent = _read_form(body) if typed else _read_json(body)
    try:
        now, ran = _move(house, sent)
    except NotValid as refused:
        if not typed:
            raise
        return _show_clock(request, refused.faults[0].message)
    if not typed:
        return reply({"now": now, "ran": ran})
    happened = f"Done because it was due: {plural(ran, 'thing')}." if ran else "Nothing was due."
    return look(request).go("/demo/clock", f"It is now {clock_time(now)}. {happened}")


def _show_clock(request: Request[Any, Any, Any], wrong: str) -> Response[Any]:
    house = house_of(request)
    with house.desk.begin() as db:
        now = clocks.read(house.desk.clock, db, None)
        due = store.next_due(db)
        timers = store.due_timers(db, due, 1) if due else ()
    coming = due if due and due > now else None
    return look(request).show_form(
        "pages/demo/show_clock.html",
        {},
        {"": wrong} if wrong else {},
        now=now,
        next_due=coming,
        next_at=coming.isoformat() if coming else "",
        closes=bool(timers) and timers[0].kind == TimerKind.CLOSE_COMPETITION,
    )


def _move(house: House, sent: Mapping[str, object]) -> tuple[datetime, int]:
    """Move the clock by what was sent; give the new time and how many timers rang. Raises NotValid."""
    with house.demo.turn if house.demo else nullcontext():
        return _move_alone(house, *read_move(sent))


def _move_alone(house: House, advance: timedelta | None, until: datetime | None) -> tuple[datetime, int]:
    ran = _run_due(house)
    with house.desk.work(SYSTEM) as work:
        store.shift_clock(work.db, timedelta(0))  # holds the shift: two moves at once come one after the other
        by = advance if advance is not None else until - work.tick() if until is not None else timedelta(0)
        at = "/advance" if advance is not None else "/to"
        if by <= timedelta(0):
            raise NotValid((Fault(at, "The clock moves forward only: give a time after the demo’s present one"),))
        if by > FURTHEST:
            raise NotValid((Fault(at, f"One move may be {FURTHEST.days} days or less"),))
        store.shift_clock(work.db, by)
        people.carry_sessions(work.db, by)
        now = work.tick()
    return now, ran + _run_due(house)


def _run_due(house: House) -> int:
    return house.demo.run_due() if house.demo else 0


def read_move(sent: Mapping[str, object]) -> tuple[timedelta | None, datetime | None]:
    """Read {"advance": "PT61M"} or {"to": "2026-12-01T09:00:00Z"}: exactly one of the two. Raises NotValid."""
    reader = Reader()
    reader.only(sent, "", ("advance", "to"))
    if len(sent.keys() & {"advance", "to"}) != 1:
        reader.fault("", "Give either advance, such as PT61M, or to, such as 2026-12-01T09:00:00Z")
    reader.done()
    if "advance" in sent:
        advance = read_duration(sent["advance"])
        if not advance:
            reader.fault("/advance", "advance must be a length of time above zero, such as PT10M, PT61M or P1DT2H")
        reader.done()
        return advance, None
    until = _read_instant(sent["to"])
    if until is None:
        reader.fault("/to", "to must be a time with its zone, such as 2026-12-01T09:00:00Z")
    reader.done()
    return None, until


def read_duration(raw: object) -> timedelta | None:
    """Read an ISO 8601 length of time in days, hours, minutes and seconds (PnDTnHnMnS); None for anything else."""
    found = _DURATION.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _read_instant(raw: object) -> datetime | None:
    if not isinstance(raw, str) or not _INSTANT.fullmatch(raw):
        return None
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return None


def _typed(request: Request[Any, Any, Any], body: bytes) -> bool:
    """Say whether a page's form was sent; curl calls JSON a form unless it is told otherwise."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded" and not body.lstrip().startswith(b"{")


def _read_form(body: bytes) -> dict[str, object]:
    fields = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items() if name != "_csrf_token"}


def _read_json(body: bytes) -> Mapping[str, object]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise NotJson("The body is not JSON.") from None
    if not isinstance(sent, Mapping):
        raise NotValid((Fault("", "Send an object with advance or to"),))
    return sent


HANDLERS = (choose_person, act_as, show_personas, show_outbox, show_clock, move_clock)
