"""No link acts by being looked at: histories of GET and HEAD against the whole database (A28, S9, 5.5).

Each history is somebody or something with a link: a phone that prefetches, a scanner that follows every link and runs
every form as GET, an old mail opened after the close, a guessed code or token, replays of what was posted. Between its
steps every row of every table is digested; only `invitation.seen_at`, the first sight, is left out. What is posted in
the same histories must show in the digest, or the ruler would measure nothing.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from random import Random
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from brokerage import migrations
from brokerage.config import Mode, Settings
from brokerage.demo.postgres import Cluster
from brokerage.demo.register import settle
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.web.app import create_app
from brokerage.web.pages import templates_dir
from notifications.wording import load
from tests.folders import a_folder
from tests.keys import RECIPIENTS
from tests.proof.figures import Figure
from tests.web.road import Road

NAMES: Final[tuple[str, ...]] = ("get_acts",)

QUICK: Final = 60
FULL: Final = 10_000
A_WORLD: Final = 100
"""Histories in one database: more rows make each digest slower, and say nothing new."""
A_COMPETITION: Final = 25
NOW: Final = datetime(2026, 11, 21, 14, 55, tzinfo=UTC)
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

LOOKERS: Final[tuple[Mapping[str, str], ...]] = (
    {"accept": "text/html", "user-agent": "Mozilla/5.0 (iPhone)"},
    {"accept": "text/html", "purpose": "prefetch"},
    {"accept": "text/html", "sec-purpose": "prefetch;prerender"},
    {"accept": "*/*", "x-moz": "prefetch"},
    {"accept": "*/*", "user-agent": "Mozilla/5.0 (compatible; ms-office; MSOffice 16) SafeLinks"},
    {"accept": "*/*", "user-agent": "WhatsApp/2.23"},
    {"accept": "text/html", "x-http-method-override": "POST", "x-method-override": "POST"},
    {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"},
)
PAGES: Final = ("", "/offer", "/send", "/code", "/decline", "/withdraw", "/question")
CALLS: Final = ("", "/code", "/bid", "/decline", "/withdrawal", "/questions")
ACTS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"reason": "no_room", "note": "", "confirm": "yes"},
    {"text": "Is there a garden?"},
    {"code": "123456", "accommodation_weekly": "300.00", "sure": "yes"},
    {"_method": "POST", "reason": "other"},
)


def prove(quick: bool) -> Iterator[Figure]:
    """Walk the histories and count the acts of looking."""
    number = QUICK if quick else FULL
    seen = Seen()
    with _cluster() as url, _settled(url) as template:
        for first in range(0, number, A_WORLD):
            with a_world(url, template) as world:
                for history in range(first, min(first + A_WORLD, number)):
                    walk(world, Random(history), seen)  # the same histories every time
    if not seen.posts_that_acted:
        raise AssertionError("nothing that was posted showed in the digest: the ruler does not measure")
    yield Figure(
        "get_acts",
        seen.acts,
        "= 0",
        "acts",
        f"{number:,} link histories, {seen.requests:,} GET and HEAD in {seen.steps:,} steps (prefetches, scanners that"
        " follow every link and run forms as GET, guessed codes, wrong tokens, after the close): every row but"
        f" invitation.seen_at digested before and after; {seen.posts_that_acted:,} posts between them showed in it",
    )


@dataclass
class Seen:
    """What was counted so far. `acts` are steps of GET and HEAD after which a row was different."""

    acts: int = 0
    steps: int = 0
    requests: int = 0
    posts_that_acted: int = 0


@dataclass
class World:
    """One database with its application, and the links of one open competition after another."""

    engine: Engine
    client: TestClient[Any]
    clock: StoppedClock
    road: Road
    digest_sql: str
    walked: int = 0
    tokens: tuple[str, ...] = ()

    def digest(self) -> str:
        """Digest every row of every table but the first sight of an invitation."""
        with self.engine.connect() as db:
            return str(db.execute(text(self.digest_sql)).scalar_one())

    def token(self, chance: Random) -> str:
        """Give somebody's link; every so often in a new competition."""
        if self.walked % A_COMPETITION == 0:
            self.clock.now += timedelta(days=1)
            opened = self.road.opened()
            self.tokens = tuple(token for _, token in opened.links)
        self.walked += 1
        return chance.choice(self.tokens)


def walk(world: World, chance: Random, seen: Seen) -> None:
    """Walk one history: looks in any order and manner, with posts in between, before and after the close."""
    token = world.token(chance)
    began, posted = world.clock.now, list[tuple[str, dict[str, str]]]()
    before = world.digest()
    for _ in range(chance.randint(2, 5)):
        kind = chance.random()
        if kind < 0.2:
            _post(world, chance, token, posted)
            after = world.digest()
            seen.posts_that_acted += after != before
            before = after
            continue
        if kind < 0.3:
            world.clock.now += timedelta(hours=2)  # the window is over; it is put back for the next history
        asked = token if chance.random() < 0.8 else _wrong(chance, token)
        seen.requests += chance.choice(LOOKS)(world, chance, asked)
        seen.steps += 1
        after = world.digest()
        seen.acts += after != before
        before = after
    world.clock.now = began


# Looking: each gives the number of its requests


def _look(world: World, chance: Random, token: str) -> int:
    """Ask for a page or an answer of the API, as it is or with what a form would send in its address."""
    headers = dict(chance.choice(LOOKERS))
    pages = chance.random() < 0.6
    path = f"/b/{token}{chance.choice(PAGES)}" if pages else f"/api/invitations/{token}{chance.choice(CALLS)}"
    query = urlencode(chance.choice(ACTS))
    method = chance.choice(("GET", "GET", "HEAD"))
    _ask(world, method, f"{path}?{query}" if query else path, headers)
    return 1


def _again(world: World, chance: Random, token: str) -> int:
    """Ask for the same several times at once, as previews do."""
    path, times = f"/b/{token}", chance.randint(2, 4)
    for number in range(times):
        _ask(world, "HEAD" if number % 2 else "GET", path, dict(chance.choice(LOOKERS)))
    return times


def _scan(world: World, chance: Random, token: str) -> int:
    """Follow every link of the page and run every form of what is found there as GET, with all its fields."""
    headers, start = {"accept": "text/html", "user-agent": "scanner"}, f"/b/{token}"
    pages = [_ask(world, "GET", start, headers)]
    links = sorted({unescape(one) for one in re.findall(r'href="(/b/[^"#]+)"', pages[0])} - {start})
    pages += [_ask(world, "GET", link, headers) for link in links]
    forms = 0
    for page in pages:
        for action, inside in re.findall(r'<form method="post" action="(/b/[^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL):
            targets = {action, *re.findall(r'formaction="(/b/[^"]+)"', inside)}
            fields = {
                unescape(name): chance.choice(("no_room", "yes", "1", "In these words")) for name in _names(inside)
            }
            for target in sorted(targets):
                _ask(world, "GET", f"{unescape(target)}?{urlencode(fields)}", headers)
                forms += 1
    return len(pages) + forms


LOOKS: Final[tuple[Callable[[World, Random, str], int], ...]] = (*[_look] * 6, _again, _again, _scan)


def _names(inside: str) -> list[str]:
    return re.findall(r'<(?:input|textarea|select|button)[^>]* name="([^"]+)"', inside)


def _ask(world: World, method: str, path: str, headers: Mapping[str, str]) -> str:
    answer = world.client.request(method, path, headers=headers, follow_redirects=True)
    if answer.status_code >= 500:
        raise AssertionError(f"{method} of a link answered {answer.status_code}")
    return str(answer.text)


def _wrong(chance: Random, token: str) -> str:
    """Give a token that is nobody's: one letter off, cut short, or made up."""
    place = chance.randrange(len(token))
    other = "A" if token[place] != "A" else "B"
    return chance.choice((token[:place] + other + token[place + 1 :], token[:-2], uuid4().hex))


# Acting


def _post(world: World, chance: Random, token: str, posted: list[tuple[str, dict[str, str]]]) -> None:
    """Post something that acts, or once more what was posted before."""
    if posted and chance.random() < 0.4:
        path, data = chance.choice(posted)
    else:
        path, data = chance.choice(
            (
                (f"/b/{token}/decline", {"reason": "no_room", "note": ""}),
                (f"/b/{token}/question", {"text": f"Is there a garden, {chance.random()}?"}),
                (f"/api/invitations/{token}/code", {}),
                (f"/b/{token}/withdraw", {}),
            )
        )
        posted.append((path, data))
    answer = world.client.post(path, data=data, headers={"accept": "text/html"}, follow_redirects=False)
    if answer.status_code >= 500:
        raise AssertionError(f"a post by link answered {answer.status_code}")


# Where it is walked


@contextmanager
def _cluster() -> Iterator[str]:
    folder = a_folder("dps-links-")
    try:
        with Cluster(folder, FAST) as cluster:
            yield cluster.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(url: str, template: str) -> Iterator[str]:
    name = f"links_{uuid4().hex}"
    admin = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as db:
            db.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def _settled(url: str) -> Iterator[str]:
    """Make a database with tables, register and people once, and give its name to be copied."""
    with _database(url, "template0") as made:
        migrations.upgrade(made)
        engine = create_engine(made, poolclass=NullPool)
        with _desk(engine, StoppedClock(NOW)).work(SYSTEM) as work:
            settle(work, date(2026, 1, 1))
        engine.dispose()
        yield make_url(made).database or ""


@contextmanager
def a_world(url: str, template: str) -> Iterator[World]:
    """Give an application on a database of its own."""
    with ExitStack() as stack:
        engine = create_engine(stack.enter_context(_database(url, template)))
        stack.callback(engine.dispose)
        clock = StoppedClock(NOW)
        desk = _desk(engine, clock)
        client = stack.enter_context(
            TestClient(create_app(desk, Settings(Mode.PRODUCTION, "", desk.public_url)), raise_server_exceptions=False)
        )
        yield World(engine, client, clock, Road(desk, clock), digest_sql(engine))


def _desk(engine: Engine, clock: StoppedClock) -> Desk:
    return Desk(engine, clock, load(templates_dir() / "messages"), "http://testserver.local", RECIPIENTS)


def digest_sql(engine: Engine) -> str:
    """Write one statement that digests every row of every table there is."""
    tables = inspect(engine).get_table_names()
    parts = []
    for table in sorted(tables):
        row = "(to_jsonb(t) - 'seen_at')::text" if table == "invitation" else "to_jsonb(t)::text"
        parts.append(
            f"SELECT '{table}:' || coalesce(md5(string_agg({row}, '|' ORDER BY {row})), '') AS x FROM \"{table}\" t"
        )
    return f"SELECT md5(string_agg(x, ',' ORDER BY x)) FROM ({' UNION ALL '.join(parts)}) every_table"
