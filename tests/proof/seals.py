"""Before the close nothing that is kept tells what was offered, and nothing a provider gets tells whether others did.

Each proof looks first with its own eyes open: what it searches is found where it may be, what it compares differs
where it may differ. A proof that could not fail would stop with an error.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from brokerage import migrations
from brokerage.competitions.errors import CompetitionError
from brokerage.competitions.events import CompetitionOpened
from brokerage.competitions.model import DeclineReason
from brokerage.config import Mode, Settings
from brokerage.demo.postgres import Cluster
from brokerage.demo.register import personas, provider_id, settle
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM
from brokerage.opening import open_desk, open_engine
from brokerage.people.model import Actor
from brokerage.web.app import create_app
from tests.conftest import FAST, _database
from tests.folders import a_folder
from tests.keys import RECIPIENTS
from tests.proof.figures import Figure
from tests.web.road import NOW, Road

NAMES: Final = ("seal_hits", "seal_differing_bytes")
RIVALS: Final = ("amberside", "copperfield", "fernhill", "goldcrest")
US: Final = "brightwater"
TALKATIVE: Final = {"log_statement": "all", "log_parameter_max_length": "-1", "log_error_verbosity": "default"}
# Not compressed: the length of what is would tell how well the random parts of a page compress.
HTML: Final = {"accept": "text/html", "accept-encoding": "identity"}
JSON: Final = {"accept": "application/json", "accept-encoding": "identity"}

Client = TestClient[Any]


def prove(quick: bool) -> Iterator[Figure]:
    """Prove both."""
    with _server() as (cluster, template):
        yield _hits(cluster, template, 12 if quick else 200)
        yield _differing(cluster, template, 6 if quick else 500)


@dataclass(frozen=True, slots=True)
class Place:
    """The application on a database of its own, at a standing clock."""

    road: Road
    client: Client
    engine: Engine

    def as_(self, persona: str) -> dict[str, str]:
        return {"authorization": f"Bearer {next(one.token for one in personas() if one.key == persona)}"}


@contextmanager
def _server() -> Iterator[tuple[Cluster, str]]:
    """Run a PostgreSQL that logs all it can, and name a database in it with register and people, to be copied."""
    folder = a_folder("dps-seals-")  # not a private one: as root the server runs as `nobody`
    folder.chmod(0o755)
    try:
        with Cluster(folder / "data", FAST | TALKATIVE) as cluster, _database(cluster.url) as url:
            migrations.upgrade(url)
            engine = create_engine(url, poolclass=NullPool)
            with open_desk(_settings(url), engine, StoppedClock(NOW)).work(SYSTEM) as work:
                settle(work, date(2026, 1, 1))
                work.db.execute(text("UPDATE authority SET offer_code = false"))
            engine.dispose()
            yield cluster, str(engine.url.database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _place(cluster: Cluster, template: str) -> Iterator[Place]:
    with _database(cluster.url, template) as url:
        settings, clock = _settings(url), StoppedClock(NOW)
        engine = open_engine(settings)
        road = Road(open_desk(settings, engine, clock), clock)
        try:
            with TestClient(create_app(road.desk, settings), raise_server_exceptions=False) as client:
                client.follow_redirects = False
                yield Place(road, client, engine)
        finally:
            engine.dispose()


def _settings(url: str) -> Settings:
    return Settings(
        Mode.PRODUCTION,
        url,
        "http://testserver.local",
        threads=4,
        opening_key_public=RECIPIENTS.opening,
        recovery_key_public=RECIPIENTS.recovery,
    )


# Canaries ----------------------------------------------------------------------------------------------------------


def _hits(cluster: Cluster, template: str, bids: int) -> Figure:
    """Plant prices and words in offers and look for them in everything that is kept, before the close."""
    chance = Random(20261121)
    with _place(cluster, template) as place, _our_logs() as ours:
        canaries, opened = _plant(place, bids, chance)
        pages = _everybody_elses_pages(place, opened)
        before = {**_kept(place, cluster), "our own logs": ours.read_bytes(), "pages of everybody else": pages}
        hits = {where: _found(canaries, content) for where, content in before.items()}
        for one in opened:
            place.road.closed(one)
        after = _kept(place, cluster)
    for where, content in after.items():
        if _found(canaries, content) < len(canaries):
            raise RuntimeError(f"after the opening not all canaries are found in the {where}: the search is blind")
    told = ", ".join(f"{where} {len(content) / 1e6:.1f} MB" for where, content in before.items())
    how = f"{len(canaries)} canary prices and words in {bids} offers, sought as text and hex in: {told};"
    return Figure("seal_hits", sum(hits.values()), "= 0", "hits", f"{how} all found there after the opening")


def _plant(place: Place, bids: int, chance: Random) -> tuple[list[str], list[CompetitionOpened]]:
    """Send offers by link, replace and withdraw some, and have some refused for what is wrong in them."""
    canaries: list[str] = []
    opened: list[CompetitionOpened] = []
    sent = 0
    while sent < bids:
        opened.append(place.road.opened())
        for invited, token in opened[-1].links:
            if sent == bids:
                break
            firm = invited.provider.split()[0].lower()
            price = f"{chance.randrange(101, 299)}.{chance.randrange(11, 99)}"
            word = "zqx" + "".join(chance.choices("bcdfghjklmnpqrstvwxz", k=9))
            offer = place.road.an_offer(opened[-1], firm, accommodation_weekly=price)
            offer["place"]["description"] = f"Near {word}"
            offer["answers"] = dict.fromkeys(offer["answers"], f"We {word} it for £{price}")
            path = f"/api/invitations/{token}"
            refused = place.client.post(f"{path}/bid", json=offer | {"support_hourly": "999.99"})
            _need(refused.status_code == 422, refused.text)
            if sent % 4 == 1:
                _need(place.client.post(f"{path}/bid", json=offer).status_code == 201, "an offer to be replaced")
            answer = place.client.post(f"{path}/bid", json=offer, headers={"idempotency-key": f"key of {token}"})
            _need(answer.status_code == 201, answer.text)
            _need(word not in answer.text, "a receipt holds no offer")
            typed = {"accommodation_weekly": price, "answer_risk": word}
            place.client.post(f"/b/{token}/offer", data=typed, headers=HTML)
            canaries += [price, word]
            sent += 1
    return canaries, opened


def _everybody_elses_pages(place: Place, opened: list[CompetitionOpened]) -> bytes:
    """Gather what the council's people see while the windows are open, of pages and API."""
    found = []
    for persona in ("coordinator", "placements", "approver", "auditor"):
        place.client.cookies.clear()
        place.client.post("/sign-in", data={"key": f"demo-{persona}", "next": "/"}, headers=HTML)
        paths = ["/", "/record", "/referrals"]
        for one in opened[:3]:
            paths += [f"/competitions/{one.competition_id}", f"/referrals/{one.referral_id}"]
        found += [place.client.get(path, headers=HTML).content for path in paths]
        api = ["/api/record?after=0", *(f"/api/competitions/{one.competition_id}" for one in opened)]
        found += [place.client.get(path, headers=JSON | place.as_(persona)).content for path in api]
    place.client.cookies.clear()
    _need(any(b"competition_opened" in page for page in found), "the auditor reads the record")
    return b"\n".join(found)


def _kept(place: Place, cluster: Cluster) -> dict[str, bytes]:
    """Read everything that is kept: each table as a dump writes it, the files of the server, its journal, its log."""
    with place.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("CHECKPOINT"))
        tables = db.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        raw = db.connection.dbapi_connection
        assert raw is not None
        dump = bytearray()
        with raw.cursor() as cursor:
            for table in tables:
                with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                    for row in rows:
                        dump += row
    files: dict[bool, set[bytes]] = {True: set(), False: set()}
    for path in cluster.cluster.rglob("*"):
        if path.is_file():  # the same file of another database, and space never written to, need no second look
            files[path.parent.name == "pg_wal"].add(path.read_bytes().replace(b"\0" * 64, b""))
    return {
        "dump of all tables": bytes(dump),
        "write-ahead log": b"\n".join(files[True]),
        "data folder": b"\n".join(files[False]),
        "server's log": (cluster.data_dir / "postgres.log").read_bytes(),
    }


def _found(canaries: list[str], content: bytes) -> int:
    """Count the canaries that are in there, as text or as the hex in which bytes are dumped and logged."""
    return sum(one.encode() in content or one.encode().hex().encode() in content for one in canaries)


@contextmanager
def _our_logs() -> Iterator[Path]:
    """Keep all that this process logs, down to every statement."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "our.log"
        handler = logging.FileHandler(path)
        loggers = {logging.getLogger(): logging.DEBUG, logging.getLogger("sqlalchemy.engine"): logging.INFO}
        levels = {logger: logger.level for logger in loggers}
        logging.getLogger().addHandler(handler)
        for logger, level in loggers.items():
            logger.setLevel(level)
        try:
            yield path
        finally:
            for logger, level in levels.items():
                logger.setLevel(level)
            logging.getLogger().removeHandler(handler)
            handler.close()


# Pairs -------------------------------------------------------------------------------------------------------------


def _differing(cluster: Cluster, template: str, runs: int) -> Figure:
    """Walk a provider through two like competitions, in one of which rivals are busy, and compare all it gets."""
    differing = compared = seen_by_staff = 0
    for first in range(0, runs, 20):
        with _place(cluster, template) as place:
            for run in range(first, min(first + 20, runs)):
                pair = _Pair(place, Random(run))
                pair.walk()
                differing += pair.differing
                compared += pair.compared
                seen_by_staff += pair.seen_by_staff
    if not seen_by_staff:
        raise RuntimeError("not even the count that staff see differs: the comparison is blind")
    how = (
        f"{runs} paired runs, with and without rivals who bid, replace, withdraw and decline: {compared} pairs of"
        " answers to a provider over link, session and API, status, headers and body byte by byte, open, closed and"
        f" opened; of what staff see {seen_by_staff} bytes differ"
    )
    return Figure("seal_differing_bytes", differing, "= 0", "bytes", how)


class _Pair:
    """Two competitions of one instant: rivals are busy in the one and quiet in the other."""

    def __init__(self, place: Place, chance: Random) -> None:
        self.place, self.chance = place, chance
        self.differing = self.compared = self.seen_by_staff = 0
        self.clock = place.road.clock
        urgency = chance.choice(["urgent", "standard"])
        self.busy, self.quiet = (place.road.opened(urgency=urgency) for _ in range(2))

    def walk(self) -> None:
        steps: list[Callable[[], None]] = [self._look, self._check, self._list]
        for _ in range(self.chance.randrange(2, 5)):
            steps.append(self.chance.choice([self._look, self._bid, self._bid, self._withdraw, self._check]))
        for step in steps:
            self.clock.push(timedelta(seconds=self.chance.randrange(1, 60)))
            self._rivals()
            step()
        self.seen_by_staff += self._differences(self._staff(self.busy), self._staff(self.quiet))
        self.clock.now = max(self.busy.closes_at, self.clock.now)
        self._look()
        self._bid()  # too late
        for opened in (self.busy, self.quiet):
            self.place.road.over(opened)
        if not self._has_bid():  # what it offered itself is opened in both a moment later
            self._look()
        for opened in (self.busy, self.quiet):
            self.place.road.closed(opened)
        self._look()
        self._bid()

    # What rivals do, in one of the two

    def _rivals(self) -> None:
        for firm in self.chance.sample(RIVALS, self.chance.randrange(1, 3)):
            act = self.chance.choice(["bid", "bid", "withdraw", "decline", "look"])
            user = Actor(self.place.road.actor("provider_a").role, firm, None, None, provider_id(firm))
            try:
                invitation = self.place.road.invitation_id(self.busy, firm)
                if act == "bid":
                    price = f"{self.chance.randrange(100, 300)}.00"
                    answers = {"risk": "We will " * self.chance.randrange(1, 300)}
                    offer = self.place.road.an_offer(self.busy, firm, accommodation_weekly=price)
                    offer["answers"] |= answers
                    token = self.place.road.token(self.busy, firm)
                    flow.place_bid(self.place.road.desk, user, token, offer, code=None, request_key=None)
                    continue
                with self.place.road.desk.work(user) as work:
                    if act == "withdraw":
                        flow.withdraw_bid(work, invitation)
                    elif act == "decline":
                        flow.decline(work, invitation, DeclineReason.NO_ROOM, "Full")
                    else:
                        flow.look_at_invitation(work, invitation)
            except (CompetitionError, KeyError):
                continue  # nothing to withdraw, or not invited

    # What we do, in both

    def _look(self) -> None:
        for path in ("", self.chance.choice(["/offer", "/decline", "/withdraw"])):
            self._both(lambda opened, path=path: self._get(f"/b/{self._token(opened)}{path}", HTML))
        if self.chance.random() < 0.7:
            self._both(lambda opened: self._get(f"/api/invitations/{self._token(opened)}", JSON))
        else:
            self._signed_in()
            self._both(lambda opened: self._get(f"/offers/{self.place.road.invitation_id(opened, US)}", HTML))
            self.place.client.cookies.clear()

    def _check(self) -> None:
        typed = self._form()
        self._both(lambda opened: self.place.client.post(f"/b/{self._token(opened)}/offer", data=typed, headers=HTML))

    def _bid(self) -> None:
        price = f"{self.chance.randrange(100, 300)}.00"

        def send(opened: CompetitionOpened) -> Any:
            offer = self.place.road.an_offer(opened, US, accommodation_weekly=price)
            return self.place.client.post(f"/api/invitations/{self._token(opened)}/bid", json=offer, headers=JSON)

        def fill(opened: CompetitionOpened) -> Any:
            typed = self._form() | {"accommodation_weekly": price, "request_key": "k" * 22}
            return self.place.client.post(f"/b/{self._token(opened)}/send", data=typed, headers=HTML)

        self._both(self.chance.choice([send, fill]))

    def _withdraw(self) -> None:
        path = "/api/invitations/{}/withdrawal"
        self._both(lambda opened: self.place.client.post(path.format(self._token(opened)), headers=JSON))

    def _list(self) -> None:
        """Look at our own list before and after rivals act, ourselves doing nothing between."""
        self._signed_in()
        before = self._plain(self._get("/provider", HTML))
        self._rivals()
        self._compare(before, self._plain(self._get("/provider", HTML)))
        self.place.client.cookies.clear()

    def _signed_in(self) -> None:
        self.place.client.cookies.clear()
        self.place.client.post("/sign-in", data={"key": "demo-provider-b", "next": "/"}, headers=HTML)

    # Comparing

    def _both(self, act: Callable[[CompetitionOpened], Any]) -> None:
        busy, quiet = (self._plain(act(opened)) for opened in (self.busy, self.quiet))
        self._compare(busy, quiet)

    def _compare(self, one: bytes, other: bytes) -> None:
        self.compared += 1
        self.differing += self._differences(one, other)

    @staticmethod
    def _differences(one: bytes, other: bytes) -> int:
        return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))

    def _plain(self, answer: Any) -> bytes:
        """Give an answer whole, with what is random for everybody put out of sight at its own length."""
        headers = "\n".join(f"{name}: {value}" for name, value in sorted(answer.headers.items()))
        whole = f"{answer.status_code}\n{headers}\n\n{answer.text}"
        for opened in (self.busy, self.quiet):
            for secret in (self._token(opened), opened.reference):
                whole = whole.replace(secret, "~" * len(secret))
        return _RANDOM.sub(lambda found: "~" * len(found[0]), whole).encode()

    def _staff(self, opened: CompetitionOpened) -> bytes:
        path = f"/api/competitions/{opened.competition_id}"
        return self._plain(self._get(path, JSON | self.place.as_("coordinator")))

    def _get(self, path: str, headers: dict[str, str]) -> Any:
        return self.place.client.get(path, headers=headers)

    def _token(self, opened: CompetitionOpened) -> str:
        return self.place.road.token(opened, US)

    def _has_bid(self) -> bool:
        with self.place.road.desk.work(SYSTEM) as work:
            found = work.db.execute(
                text("SELECT standing_bid FROM invitation WHERE id = :id"),
                {"id": self.place.road.invitation_id(self.busy, US)},
            )
            return isinstance(found.scalar_one(), UUID)

    def _form(self) -> dict[str, str]:
        offer = self.place.road.an_offer(self.quiet, US)
        start = date.fromisoformat(offer["earliest_start"])
        return {
            "accommodation_weekly": "200.00",
            "support_hourly": offer["support_hourly"],
            "earliest_start_day": str(start.day),
            "earliest_start_month": str(start.month),
            "earliest_start_year": str(start.year),
            "place_outward_code": "DE1",
            "place_shared": "yes",
            "place_description": "",
            **{f"answer_{key}": words for key, words in offer["answers"].items()},
        }


_RANDOM: Final = re.compile(
    r"nonce[-=]\"?[A-Za-z0-9_-]+|name=\"(?:request_key|_csrf_token)\" value=\"[A-Za-z0-9_-]+"
    r"|digest [0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


def _need(so: bool, why: str) -> None:
    """Stop a proof whose own steps failed: it would prove nothing."""
    if not so:
        raise RuntimeError(why)
