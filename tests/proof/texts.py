"""Texts through faults and kills: none lost, none sent twice, on their way again within half a minute."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

from brokerage import migrations
from brokerage.demo.postgres import Cluster
from brokerage.desk import clock as clocks
from brokerage.desk.clock import DatabaseClock
from notifications import service
from notifications.channels import TIMEOUT, TwilioSms
from notifications.model import Medium, NewMessage
from notifications.post import LEASE, Postman
from notifications.wording import SAMPLES, load
from tests.proof.figures import Figure

NAMES: Final[tuple[str, ...]] = ("sms_sent", "sms_lost", "sms_duplicates", "sms_recovery_s")

ROOT: Final = Path(__file__).parents[2]
ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "the-proof-s-own-token"  # of a fake
FAULTS: Final = ("--late", "0.10", "--before", "0.05", "--after", "0.04", "--hang", "0.03")
BEAT: Final = 0.5
WORKERS: Final = 3


@dataclass(frozen=True, slots=True)
class Size:
    """How much: messages, kills of workers, the lease and time-out proved."""

    messages: int
    kills: int
    lease: float
    timeout: float


QUICK: Final = Size(60, 3, 4.5, 1.0)
FULL: Final = Size(2500, 100, LEASE.total_seconds(), TIMEOUT)


def prove(quick: bool) -> Iterator[Figure]:
    """Send in calm and measure the speed; then send while workers are killed, and count."""
    size = QUICK if quick else FULL
    folder = Path(tempfile.mkdtemp(prefix="dps-proof-"))
    folder.chmod(0o755)  # as root the server runs as `nobody`
    try:
        with Cluster(folder / "data", {"max_connections": "200"}) as cluster:
            migrations.upgrade(cluster.url)
            engine = create_engine(cluster.url)
            try:
                yield from _run(engine, cluster.url, size)
            finally:
                engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(engine: Engine, url: str, size: Size) -> Iterator[Figure]:
    with Scene(engine, url, size) as scene:
        calm = _calm(engine, scene, size)
        watch = Watch(engine, 0.9 * size.lease)
        step = -(-size.messages // size.kills)
        for kill in range(size.kills):
            scene.await_workers()  # a kill of a worker that is not up yet meets nothing
            first = size.messages + kill * step
            _write(engine, range(first, min(first + step, 2 * size.messages)))
            scene.kill(kill, watch)
        _await_sent(engine, 2 * size.messages, size.lease + 90)
        watch.stop()
        taken = scene.taken()
    sent = _count(engine, "status IN ('sent', 'delivered')")
    with engine.begin() as db:
        bodies = set(db.execute(text("SELECT body FROM message")).scalars())
    copies = sum(many - 1 for many in taken.values())
    how = (
        f"{size.messages} texts in calm, 95% of them with the supplier in {calm:.1f} s (10 promised), and"
        f" {size.messages} under {size.kills} SIGKILLs; {WORKERS} workers, lease {size.lease:g} s, 22% faults:"
        " 10% 429, 5% 500 before, 4% 500 after, 3% taken over and silent"
    )
    yield Figure("sms_sent", sent, f"= {2 * size.messages}", "texts", how)
    yield Figure("sms_lost", len(bodies - set(taken)), "= 0", "texts", "written, and never taken by the supplier")
    yield Figure("sms_duplicates", copies, "= 0", "texts", "copies of one text that the supplier took")
    recovery = f"longest from a kill until the killed worker's texts went on; {watch.seen} texts were in dead hands"
    yield Figure("sms_recovery_s", round(watch.longest, 1), "<= 30", "seconds", recovery)


def _calm(engine: Engine, scene: Scene, size: Size) -> float:
    """Give the seconds within which 95% of texts written at one instant were with the supplier, without kills."""
    scene.await_workers()
    _write(engine, range(size.messages))
    _await_sent(engine, size.messages, 120)
    with engine.begin() as db:
        took: float = db.execute(
            text(
                "SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - created_at))"
                " FROM message"
            )
        ).scalar_one()
    return float(took)


class Scene:
    """A faulty supplier and the workers; all of them processes of our own."""

    def __init__(self, engine: Engine, url: str, size: Size) -> None:
        self._engine, self._url, self._size = engine, url, size
        self._stack = ExitStack()
        self._workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Scene:
        command = [sys.executable, "-m", "tests.store.notifications.fake_twilio", "--token", TOKEN, *FAULTS]
        self._supplier = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=_environment())
        assert self._supplier.stdout is not None
        self._address = self._supplier.stdout.readline().decode().strip()
        self._workers = [self._worker() for _ in range(WORKERS)]
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self._workers, self._supplier]:
            process.kill()
            process.wait()
        if self._supplier.stdout is not None:
            self._supplier.stdout.close()

    def _worker(self) -> subprocess.Popen[bytes]:
        given = [self._url, self._address, str(self._size.lease), str(self._size.timeout)]
        return subprocess.Popen([sys.executable, "-m", "tests.proof.texts", *given], cwd=ROOT, env=_environment())

    def await_workers(self) -> None:
        """Wait until every worker has come up and looked for work."""
        until = time.monotonic() + 30
        names = [f"worker {one.pid}" for one in self._workers]
        looking = text("SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE application_name = ANY(:n)")
        while time.monotonic() < until:
            with self._engine.begin() as db:
                if db.execute(looking, {"n": names}).scalar_one() >= WORKERS:
                    return
            time.sleep(0.1)
        raise AssertionError("the workers did not come up")

    def kill(self, number: int, watch: Watch) -> None:
        """Kill a worker in the middle of its work, and start another."""
        place = number % len(self._workers)
        dying = self._workers[place]
        watch.await_work()
        dying.send_signal(signal.SIGKILL)
        dying.wait()
        watch.killed()
        self._workers[place] = self._worker()

    def taken(self) -> Counter[str]:
        """Give the words of every text that the supplier took, and how often."""
        with urllib.request.urlopen(f"{self._address}/kept", timeout=10) as answer:
            return Counter(body for _, body in json.load(answer))


@dataclass
class Watch:
    """Looks at what was in a killed worker's hands until it is in another's, and keeps the longest time."""

    engine: Engine
    least: float
    longest: float = 0.0
    seen: int = 0
    _orphans: dict[tuple[object, int], float] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def killed(self) -> None:
        """Remember every try that is under way: those of the living end by themselves, much sooner."""
        with self._lock:
            now = time.monotonic()
            for one in self._under_way():
                self._orphans.setdefault(one, now)

    def await_work(self) -> None:
        """Wait, but not for long, until something is under way that a kill can meet."""
        until = time.monotonic() + 3
        while time.monotonic() < until and not self._under_way() - set(self._orphans):
            pass

    def stop(self) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            with self._lock:
                still, now = self._under_way(), time.monotonic()
                for one in [one for one in self._orphans if one not in still]:
                    took = now - self._orphans.pop(one)
                    self.longest = max(self.longest, took)
                    self.seen += took > self.least

    def _under_way(self) -> set[tuple[object, int]]:
        with self.engine.begin() as db:
            rows = db.execute(text("SELECT id, attempts FROM message WHERE status = 'sending'"))
            return {(row.id, row.attempts) for row in rows}


def _write(engine: Engine, numbers: range) -> None:
    wording = load(ROOT / "templates" / "messages")
    params = {name: value for name, value in SAMPLES["invitation"].items() if name != "link"}
    with engine.begin() as db:
        now = clocks.read(DatabaseClock(), db, None)
        service.queue(
            db,
            wording,
            [
                NewMessage(
                    "derby-city",
                    "invitation",
                    Medium.SMS,
                    f"+447700900{number % 1000:03}",
                    uuid4(),
                    None,
                    uuid4(),
                    params,
                    f"https://dps.example/b/{number:022}",
                    None,
                    str(uuid4()),
                    None,
                    now + timedelta(hours=1),
                )
                for number in numbers
            ],
            now,
        )


def _count(engine: Engine, condition: str) -> int:
    with engine.begin() as db:
        many: int = db.execute(text(f"SELECT count(*) FROM message WHERE {condition}")).scalar_one()
        return many


def _await_sent(engine: Engine, wanted: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and _count(engine, "status IN ('sent', 'delivered')") < wanted:
        time.sleep(0.2)


def _environment() -> dict[str, str]:
    return os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def work(url: str, supplier: str, lease: float, timeout: float) -> None:
    """Be a worker: post until killed."""
    engine = create_engine(url, pool_size=40, connect_args={"application_name": f"worker {os.getpid()}"})
    channel = TwilioSms(ACCOUNT, TOKEN, "+447700900999", base_url=supplier, timeout=timeout)
    postman = Postman(
        engine.begin,
        lambda db: clocks.read(DatabaseClock(), db, None),
        {Medium.SMS: channel},
        lease=timedelta(seconds=lease),
    )
    while True:
        postman.post_due()
        time.sleep(BEAT)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
