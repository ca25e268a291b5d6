"""Measure the cost ledger of many agreements: time, size, and the most memory that writing it takes.

    python bench/ledger.py [--agreements 10000] [--weeks 52]

A council of its own with running agreements of one version each. The ledger is written to a temporary file, as the web
does, in each form. Memory is the process's peak beyond what it had before; PostgreSQL is the demo's, on a socket.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from datetime import timedelta
from tempfile import SpooledTemporaryFile

from brokerage.demo.register import personas
from brokerage.desk.books import Form
from brokerage.desk.flow.ledger import export_ledger
from tests.proof.size import fill
from tests.proof.stage import a_cluster, a_live_desk, settled


def main() -> None:
    """Fill a council, write its ledger, print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--agreements", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=12)
    asked = parser.parse_args()
    actor = next(one.person.actor for one in personas() if one.key == "coordinator")
    with a_cluster() as cluster:
        settled(cluster.url)
        with a_live_desk(cluster.url) as desk:
            fill(desk.engine, asked.agreements)
            for form in Form:
                with SpooledTemporaryFile(max_size=1 << 20) as out, desk.work(actor) as work:
                    until = work.today
                    tracemalloc.start()
                    began = time.perf_counter()
                    event = export_ledger(work, until - timedelta(days=7 * asked.weeks - 1), until, form, out)
                    taken = time.perf_counter() - began
                    _, most = tracemalloc.get_traced_memory()
                    tracemalloc.stop()
                    size = out.seek(0, 2)
                    print(
                        f"{form.value:6} {event.lines:9,} lines  {size / 1e6:7.1f} MB  {taken:6.1f} s"
                        f"  peak {most / 1e6:6.1f} MB of Python's memory  total {event.total:,}"
                    )


if __name__ == "__main__":
    main()
