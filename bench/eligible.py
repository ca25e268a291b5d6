"""Measure the list of who is invited, as every publication asks for it.

    python -m bench.eligible [--providers 1000 2000 5000 10000] [--rounds 40]

A register of its own: every provider in all six categories, with the evidence that is asked for, every tenth suspended
and every twentieth out of date. One round reads the register for a category and sorts it into invited and excluded, on
one connection, as `open_competition` does. PostgreSQL is the demo's, on a socket, with its durable defaults.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, create_engine, event, insert, text

from brokerage import migrations
from brokerage.demo.postgres import Cluster
from brokerage.opening import rest_collector
from lots.model import CategoryCode, Need, Wants
from lots.rules import eligible
from lots.store import evidence_kinds, register_for
from lots.tables import EVIDENCE, PROVIDER, REGISTRATION, SUSPENSION

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one size of the register took, in milliseconds."""

    providers: int
    rounds: int
    invited: int
    statements: float
    read: tuple[float, ...]
    whole: tuple[float, ...]

    @property
    def median(self) -> float:
        """Give the median of reading and deciding."""
        return statistics.median(self.whole)


def main() -> None:
    """Measure each size and print the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--providers", type=int, nargs="+", default=[1_000, 2_000, 5_000, 10_000])
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    rest_collector()  # as web and worker do
    print(f"{'providers':>9} {'invited':>8} {'read':>9} {'whole':>9} {'best':>9} {'worst':>9}")
    for one in curve(asked.providers, asked.rounds):
        print(
            f"{one.providers:9,} {one.invited:8,} {statistics.median(one.read):6.1f} ms {one.median:6.1f} ms"
            f" {min(one.whole):6.1f} ms {max(one.whole):6.1f} ms  {'#' * round(one.median / 10)}"
        )


def curve(sizes: Sequence[int], rounds: int) -> Iterator[Taken]:
    """Measure registers of growing sizes, in one database that is filled up from one to the next."""
    folder = Path(tempfile.mkdtemp(prefix="dps-eligible-"))
    try:
        with Cluster(folder, {}) as cluster:
            engine = create_engine(cluster.url)
            with engine.begin() as db:
                migrations.upgrade(db)
            before = 0
            for providers in sorted(sizes):
                with engine.begin() as db:
                    _fill(db, before, providers)
                before = providers
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
                    db.execute(text("VACUUM ANALYZE"))
                    yield _measure(db, providers, rounds)
            engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(db: Connection, providers: int, rounds: int) -> Taken:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(db.engine, "before_cursor_execute", count)
    reading, whole, invited = [], [], 0
    for turn in range(rounds):
        need = Need(list(CategoryCode)[turn % 6], 17, frozenset(Wants), Decimal(10), 1)
        began = time.perf_counter()
        found = register_for(db, need.category, ON)
        read = time.perf_counter()
        invited = len(eligible(found, need, ON).invited)
        reading.append((read - began) * 1000)
        whole.append((time.perf_counter() - began) * 1000)
    event.remove(db.engine, "before_cursor_execute", count)
    return Taken(providers, rounds, invited, statements / rounds, tuple(reading), tuple(whole))


def _fill(db: Connection, before: int, providers: int) -> None:
    """Add the providers from one number to another."""
    firms = [uuid4() for _ in range(before, providers)]
    own = [kind for kind in evidence_kinds() if not kind.per_property]
    db.execute(
        insert(PROVIDER),
        [
            {
                "id": firm, "name": f"Provider {n:05}", "email": f"p{n}@provider.example", "mobile": "+447700900100",
                "phone": "01632 960100", "out_of_hours": "01632 960101", "ofsted_urn": f"SC{n:06}",
                "ofsted_categories": [1, 2, 3], "admitted_at": NOW, "ofsted_outcome": None, "evidence_asked_from": ON,
            }
            for n, firm in enumerate(firms)
        ],
    )  # fmt: skip
    db.execute(
        insert(REGISTRATION),
        [
            {
                "id": uuid4(), "provider_id": firm, "category": category.value, "accommodation_weekly": Decimal(400),
                "support_hourly": Decimal(22), "block_discount": Decimal(5), "valid_from": ON, "valid_to": None,
            }
            for firm in firms
            for category in CategoryCode
        ],
    )  # fmt: skip
    db.execute(
        insert(SUSPENSION),
        [
            {
                "id": uuid4(),
                "provider_id": firm,
                "starts_on": ON,
                "ends_on": None,
                "reason": "Quality",
                "suspended_at": NOW,
            }
            for firm in firms[::10]
        ],
    )
    db.execute(
        insert(EVIDENCE),
        [
            {
                "id": uuid4(), "provider_id": firm, "property_id": None, "kind": kind.key, "reference": "on file",
                "valid_from": ON - timedelta(days=100), "valid_to": ON + timedelta(days=-1 if n % 20 == 5 else 100),
                "state": "accepted", "note": "", "document_id": None, "offered_at": NOW, "decided_at": NOW,
            }
            for n, firm in enumerate(firms)
            for kind in own
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
