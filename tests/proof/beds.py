"""Nobody sleeps in a bed that somebody else has, however many councils reach for it at once (B11).

Eight writers, each on a connection of its own, for two councils, race for forty beds. Three in four attempts go the way
of the service, which locks beds in order; one in four writes the row at once, as a mistaken program would, so that the
exclusion constraint is tried and not only the lock in front of it. Half of the service's attempts take two beds at a
time. What the database reports as a deadlock or a serialization failure is run again by `brokerage.desk.again`, as
the pages and the API do; who is told three times running that we are busy asks again, as a person would.
"""

from __future__ import annotations

import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from brokerage import migrations
from brokerage.demo.postgres import Cluster
from brokerage.desk.again import COLLIDED, again
from lots import service, store
from lots.errors import BedTaken
from lots.model import (
    Bed,
    BedId,
    CategoryCode,
    Hold,
    HoldId,
    HoldKind,
    Property,
    PropertyId,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Room,
    RoomId,
    Sharing,
)
from tests.folders import a_folder
from tests.proof.figures import Figure

NAMES: Final[tuple[str, ...]] = ("bed_races", "double_beds")
BEDS: Final = 40
A_HOME: Final = 5
WRITERS: Final = 8
DAYS: Final = 60
"""Stays begin within so many days and last up to a week, so that most attempts meet somebody."""
TRIES: Final = 20
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
NOW: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST: Final = date(2026, 11, 23)


def prove(quick: bool) -> Iterator[Figure]:
    """Race for beds, then count the pairs of stays that share a bed and a day."""
    attempts = 600 if quick else 12_000
    folder = a_folder("dps-beds-")
    try:
        with Cluster(folder, FAST) as cluster:
            engine = create_engine(cluster.url, pool_size=WRITERS)
            try:
                yield from _prove(engine, attempts)
            finally:
                engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prove(engine: Engine, attempts: int) -> Iterator[Figure]:
    with engine.begin() as db:
        migrations.upgrade(db)
        firm, beds = _furnish(db)
    counts: Counter[str] = Counter()
    faults: list[BaseException] = []
    writers = [
        threading.Thread(target=_write, args=(engine, number, attempts // WRITERS, firm, beds, counts, faults))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    if faults:
        raise faults[0]
    with engine.connect() as db:
        double, held = _double(db)
    done = counts["held"] + counts["taken"]
    how = (
        f"{attempts:,} attempts of {WRITERS} writers on {BEDS} beds: {counts['held']:,} held, {counts['taken']:,} told "
        f"whose days are in the way, {counts['again']:,} deadlocks run again, {counts['busy']:,} told to ask again; "
        f"{held:,} beds held in the end"
    )
    yield Figure("bed_races", done, f"= {attempts}", "attempts", how)
    yield Figure(
        "double_beds", double, "= 0", "pairs", f"stays that share a bed and a day, counted by a self-join; {how}"
    )


def _write(
    engine: Engine,
    number: int,
    attempts: int,
    firm: ProviderId,
    beds: list[BedId],
    counts: Counter[str],
    faults: list[BaseException],
) -> None:
    luck = random.Random(f"beds {number}")
    mine: Counter[str] = Counter()
    try:
        for turn in range(attempts):
            starts_on = FIRST + timedelta(days=luck.randrange(DAYS))
            ends_on = starts_on + timedelta(days=luck.randrange(7))
            wanted = luck.sample(beds, 1 + turn % 2)
            mine[_attempt(engine, f"council-{number % 2}", firm, wanted, starts_on, ends_on, turn % 4 == 3, mine)] += 1
    except BaseException as fault:
        faults.append(fault)
    counts.update(mine)


def _attempt(
    engine: Engine,
    authority: str,
    firm: ProviderId,
    wanted: list[BedId],
    starts_on: date,
    ends_on: date,
    raw: bool,
    mine: Counter[str],
) -> str:
    def deed() -> None:
        try:
            with engine.begin() as db:
                if raw:
                    for bed_id in wanted:
                        store.add_hold(db, Hold(HoldId(uuid4()), bed_id, HoldKind.STAY, starts_on, ends_on), NOW)
                else:
                    service.hold_beds(db, authority, uuid4(), firm, wanted, starts_on, ends_on, NOW)
        except DBAPIError:
            mine["again"] += 1
            raise

    for _ in range(TRIES):
        try:
            again(deed)
            return "held"
        except BedTaken as refused:
            if refused.starts_on > ends_on or (refused.ends_on is not None and refused.ends_on < starts_on):
                raise AssertionError(f"{refused!r} is not in the way of {starts_on} to {ends_on}") from refused
            return "taken"
        except DBAPIError as failed:
            if getattr(failed.orig, "sqlstate", None) not in COLLIDED:
                raise
            mine["busy"] += 1
    raise AssertionError(f"no end to it after {TRIES} tries")


def _double(db: Connection) -> tuple[int, int]:
    row = db.execute(
        text(
            "SELECT (SELECT count(*) FROM bed_hold a JOIN bed_hold b ON a.bed_id = b.bed_id AND a.id < b.id"
            " AND a.starts_on <= b.ends_on AND b.starts_on <= a.ends_on), (SELECT count(*) FROM bed_hold)"
        )
    ).one()
    return row[0], row[1]


def _furnish(db: Connection) -> tuple[ProviderId, list[BedId]]:
    firm = ProviderId(uuid4())
    provider = Provider(firm, "Forty Beds", "f@forty.example", "+447700900199", "01632 960199", "01632 960198")
    price = Registration(
        RegistrationId(uuid4()), firm, CategoryCode.EMERGENCY, Decimal(500), None, Decimal(0), FIRST, None
    )
    service.admit_provider(db, provider, [price], NOW)
    beds = []
    for number in range(BEDS // A_HOME):
        rooms = tuple(
            Room(RoomId(uuid4()), f"Room {n}", Sharing.SINGLE, False, (Bed(BedId(uuid4()), 1),)) for n in range(A_HOME)
        )
        home = Property(PropertyId(uuid4()), firm, f"House {number}", "", "DE1", None, FIRST, None, rooms)
        service.add_home(db, home)
        beds += [room.beds[0].id for room in rooms]
    return firm, beds
