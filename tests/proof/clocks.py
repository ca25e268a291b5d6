"""PostgreSQL's own clock is skewed, stepped and walked through clock changes: every decision stays right (A21, S2, S3).

libfaketime is preloaded into the server alone; its file says what the server takes for the time. Most cases stop the
clock at an instant, so that a decision at the closing microsecond can be asked for; some let it run. What is right is
written beside each step by hand, or reckoned by the rule of the law: British Summer Time from the last Sunday of March
to the last Sunday of October, both at one in the morning Greenwich time.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import text

from brokerage.competitions.errors import BidTooLate
from brokerage.demo.postgres import Cluster
from brokerage.desk import flow
from brokerage.desk.clock import short_time
from brokerage.desk.work import Desk
from brokerage.worker.sweep import ring_due
from tests.desk import road
from tests.proof import stage
from tests.proof.figures import Figure, Skipped

NAMES: Final = ("clock_faults", "clock_wrong")

SETTINGS: Final = {"fsync": "off", "full_page_writes": "off"}
FIRST_DAY: Final = datetime(2026, 10, 1, 12, tzinfo=UTC)
MS, SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("milliseconds", "seconds", "minutes", "hours", "days")
)
MICRO: Final = timedelta(microseconds=1)

Act = Literal["offer", "sweep", "other event"]


@dataclass(frozen=True, slots=True)
class Step:
    """Put the server's clock so long after the window's opening, act, and expect an answer."""

    after: timedelta
    act: Act
    wanted: str


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    steps: tuple[Step, ...]


def offer(after: timedelta, wanted: str) -> Step:
    return Step(after, "offer", wanted)


def sweep(after: timedelta, wanted: str) -> Step:
    return Step(after, "sweep", wanted)


def _forward(name: str, to: timedelta, *, state: str) -> Case:
    wanted = "accepted" if state == "open" else "late"
    return Case(f"forward to {name}", (offer(MS, "accepted"), offer(to, wanted), sweep(to, state)))


def _back(by: timedelta) -> Case:
    """Step back while the window is open: it stays open, and no receipt is older than the one before."""
    here = 30 * MINUTE
    back = (offer(here, "accepted"), offer(here - by, "accepted"), sweep(here - by, "open"))
    return Case(f"back by {by} in an open window", (*back, offer(HOUR - MICRO, "accepted"), offer(HOUR, "late")))


def _after_close(by: timedelta) -> Case:
    """Step back once the window was closed: it stays closed."""
    closed = (offer(10 * MINUTE, "accepted"), sweep(HOUR, "closed"))
    back = (offer(HOUR - by, "late"), sweep(HOUR - by, "closed"), offer(HOUR + MINUTE, "late"))
    return Case(f"back by {by} after the close", (*closed, *back, sweep(2 * HOUR, "closed")))


def _across(by: timedelta) -> Case:
    """Step back across a close that nobody swept, but behind which something was recorded: no offer gets in."""
    seen = (offer(10 * MINUTE, "accepted"), Step(HOUR, "other event", "done"))
    back = (offer(HOUR - by, "late"), sweep(HOUR - by, "open"))
    return Case(f"back by {by} across the close", (*seen, *back, sweep(HOUR, "closed"), offer(HOUR - by, "late")))


CASES: Final = (
    # Nobody swept and nothing else was recorded: the refusal itself has to keep the window from opening again.
    Case("back after a late refusal", (offer(MS, "accepted"), offer(HOUR, "late"), offer(30 * MINUTE, "late"))),
    _forward("the next millisecond", 2 * MS, state="open"),
    _back(MS),
    _after_close(MS),
    _across(MICRO),
    _forward("a microsecond before the close", HOUR - MICRO, state="open"),
    _back(SECOND),
    _after_close(SECOND),
    _across(MS),
    _forward("the close", HOUR, state="closed"),
    _back(29 * MINUTE),
    _after_close(30 * MINUTE),
    _across(30 * MINUTE),
    _forward("a microsecond after the close", HOUR + MICRO, state="closed"),
    _back(31 * MINUTE),  # before it opened
    _after_close(2 * HOUR),
    _across(2 * HOUR),
    _forward("an hour after the close", 2 * HOUR, state="closed"),
    _back(5 * HOUR),
    _after_close(40 * DAY),
    _across(40 * DAY),
    _forward("forty days later", 40 * DAY, state="closed"),
    _back(40 * DAY),
    Case(
        "to and fro",
        (
            *(offer(minutes * MINUTE, "accepted") for minutes in (5, 15, 4, 55, 6, 59, 0, 58)),
            *(sweep(minutes * MINUTE, "open") for minutes in (1, 59, 2)),
            sweep(HOUR, "closed"),
            *(offer(minutes * MINUTE, "late") for minutes in (59, 61, 5, 90, 0)),
        ),
    ),
    Case("skewed and running", (offer(HOUR - 3 * SECOND, "accepted"), offer(HOUR + MS, "late"), sweep(HOUR, "closed"))),
)
RUNNING: Final = "skewed and running"


def changes() -> tuple[datetime, ...]:
    """Give the twenty clock changes from the autumn of 2026 to the spring of 2036, by the rule of the law."""
    every = [_last_sunday(year, month) for year in range(2026, 2037) for month in (3, 10)]
    return tuple(one for one in every if one > FIRST_DAY)[:20]


def _last_sunday(year: int, month: int) -> datetime:
    last = date(year, month, 31)
    return datetime(year, month, 31 - (last.weekday() + 1) % 7, 1, tzinfo=UTC)


def in_words(instant: datetime) -> str:
    """Write an instant as London reads it, by the rule of the law and without any table of zones."""
    summer = _last_sunday(instant.year, 3) <= instant < _last_sunday(instant.year, 10)
    local = instant + HOUR if summer else instant
    half = "am" if local.hour < 12 else "pm"
    day = f"{local:%a} {local.day} {local:%b}"
    return f"{(local.hour + 11) % 12 + 1}:{local:%M}{half} {'BST' if summer else 'GMT'} {day}"


def prove(quick: bool) -> Iterator[Figure]:
    """Go through all cases and clock changes, or a few, and count the decisions that were wrong."""
    cases, turns = (CASES[::4], changes()[:2]) if quick else (CASES, changes())
    with a_faked_server() as (cluster, face):
        face.stop_at(FIRST_DAY)
        stage.settled(cluster.url)
        with stage.a_live_desk(cluster.url) as desk:
            judged = Judged(desk, face)
            for turn in turns:
                judged.turn(turn)
            for case in cases:
                judged.case(case)
            chain = road.verified(desk)
            judged.hold("the record", chain.first_bad, None)
    faults = len(cases) + len(turns)
    how = (
        f"{len(cases)} skews and steps of PostgreSQL's clock, {len(turns)} clock changes under windows of 1 h and 24 h"
    )
    yield Figure("clock_faults", faults, f">= {faults if quick else 44}", "faults", how)
    many = f"of {judged.decisions} decisions, lengths, states and words"
    yield Figure("clock_wrong", len(judged.wrong), "= 0", "decisions", "; ".join([*judged.wrong[:3], many]))


@dataclass(slots=True)
class Judged:
    """What was decided under a faked clock, held against what is right."""

    desk: Desk
    face: Face
    wrong: list[str] = field(default_factory=list)
    decisions: int = 0

    def hold(self, about: str, seen: object, wanted: object) -> None:
        self.decisions += 1
        if seen != wanted:
            self.wrong.append(f"{about}: {seen}, and {wanted} is right")

    def case(self, case: Case) -> None:
        """Play one case behind everything that was recorded before."""
        opens = self.face.latest + 2 * DAY
        self.face.stop_at(opens)
        opened, other = self._open("urgent"), self._open("urgent")
        self.hold(f"{case.name}, length", opened.event.closes_at - opened.event.opens_at, HOUR)
        document = stage.an_offer(self.desk, opened.doors[0])
        last = opens
        for step in case.steps:
            self.face.stop_at(opens + step.after, running=case.name == RUNNING)
            about = f"{case.name}, {step.act} {step.after} after the opening"
            if step.act == "offer":
                seen, at = self._offer(opened, document)
                self.hold(about, seen, step.wanted)
                if seen == "accepted":
                    self.hold(f"{about}, not received before the one before", at < last, False)
                    last = at
            elif step.act == "sweep":
                self.hold(about, self._sweep(opened), step.wanted)
            else:
                road.withdraw(self.desk, other.referral_id)

    def turn(self, turn: datetime) -> None:
        """Open a window of each kind before a clock change, which both close behind."""
        noon, night = turn - 13 * HOUR, turn - 40 * MINUTE
        self.face.stop_at(noon)
        day = self._open("standard")
        self.face.stop_at(night)
        hour = self._open("urgent")
        windows = ((day, noon, 24 * HOUR, "24 h"), (hour, night, HOUR, "1 h"))
        for opened, opens, length, name in windows:
            closes = opens + length
            self.hold(f"{turn}, close of {name}", opened.event.closes_at, closes)
            self.hold(f"{turn}, words of {name}", short_time(opened.event.closes_at), in_words(closes))
            self.hold(f"{turn}, message of {name}", in_words(closes) in self._message(opened), True)
        documents = [stage.an_offer(self.desk, opened.doors[0]) for opened, *_ in windows]
        probes = {night + MINUTE, turn - MICRO, turn, turn + 10 * MINUTE}
        for _, opens, length, _ in windows:
            probes |= {opens + length + by for by in (-MICRO, timedelta(0), MICRO, MINUTE, HOUR, 2 * HOUR)}
        for probe in sorted(probes):
            self.face.stop_at(probe)
            for (opened, opens, length, name), document in zip(windows, documents, strict=True):
                running = probe < opens + length
                seen, at = self._offer(opened, document)
                self.hold(f"{probe}, {name}", seen, "accepted" if running else "late")
                self.hold(f"{probe}, {name}, its instant", at, probe)
                if probe >= opens + length + MICRO or running:
                    self.hold(f"{probe}, {name}, swept", self._sweep(opened), "open" if running else "closed")

    def _open(self, urgency: str) -> road.Open:
        return road.open_again(self.desk, stage.a_referral(self.desk, urgency=urgency))

    def _offer(self, opened: road.Open, document: dict[str, Any]) -> tuple[str, datetime]:
        door = opened.doors[0]
        try:
            receipt = flow.place_bid(self.desk, door.actor, door.invitation_id, document, code=None, request_key=None)
        except BidTooLate as late:
            return "late", late.received_at
        return "accepted", receipt.received_at

    def _sweep(self, opened: road.Open) -> str:
        ring_due(self.desk)
        return stage.close_of(self.desk, opened.id)[0]

    def _message(self, opened: road.Open) -> str:
        with self.desk.engine.begin() as db:
            wanted = "SELECT body FROM message WHERE subject_id = :id ORDER BY sequence DESC LIMIT 1"
            found = db.execute(text(wanted), {"id": opened.doors[0].invitation_id}).scalar()
        return found or ""


class Face:
    """What the server takes for the time: a file that libfaketime reads at each look at the clock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.latest = FIRST_DAY
        self._write("+0")

    @property
    def file(self) -> Path:
        return self._folder / "now"

    def stop_at(self, instant: datetime, *, running: bool = False) -> None:
        """Put the clock to an instant, stopped there or running on from it."""
        self.latest = max(self.latest, instant)
        if running:
            self._write(f"{instant.timestamp() - time.time():+.6f}")  # noqa: TID251  # that is what it is skewed from
        else:
            # Half a microsecond more: it is read as a binary fraction and cut, not rounded.
            self._write(f"{instant:%Y-%m-%d %H:%M:%S.%f}5")

    def _write(self, said: str) -> None:
        fresh = self._folder / "next"
        fresh.write_text(said + "\n", encoding="ascii")
        fresh.chmod(0o644)
        fresh.replace(self.file)  # at once: a look at the clock never finds half a line


@contextmanager
def a_faked_server() -> Iterator[tuple[Cluster, Face]]:
    """Run a PostgreSQL whose clock is ours. Raises Skipped where there is no libfaketime."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        raise Skipped("no libfaketime on this machine (Debian: apt-get install faketime)")
    folder = Path(tempfile.mkdtemp(prefix="dps-proof-"))
    folder.chmod(0o755)  # as root the server runs as `nobody`, who must read the clock
    face = Face(folder)
    cluster = Cluster(folder / "data", SETTINGS)
    before = _left_in_memory()
    faked = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(face.file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }
    kept = {name: os.environ.get(name) for name in faked}
    try:
        os.environ.update(faked)  # read by the programs started now, not by this process, which runs already
        try:
            cluster.start()
        finally:
            for name, value in kept.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        yield cluster, face
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
        for left in _left_in_memory() - before:
            if not Path(f"/proc/{left.name.rpartition('_')[2]}").exists():
                with suppress(OSError):
                    left.unlink()


def _left_in_memory() -> set[Path]:
    """List what libfaketime shares between processes; it leaves it behind."""
    return {path for path in Path("/dev/shm").glob("*") if re.fullmatch(r"(sem\.)?faketime_(shm|sem)_\d+", path.name)}
