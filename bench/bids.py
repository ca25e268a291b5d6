"""Measure bids over HTTP beside pgbench running the same SQL, in the same run.

    python bench/bids.py [--seconds 4] [--rounds 3]

Two web processes (`brokerage serve --workers 2`), 16 clients, one PostgreSQL with its durable defaults; medians
of three interleaved rounds. Each request is a whole bid: gate under the lock, the offer, the line in the record,
commit. The form answers with its receipt page, JSON with its receipt. `spread` is over many competitions,
`hot` is one competition with several hundred invitees. Absolute figures are those of one machine shared by
server, database and load; the ratios are what to read. Offer codes are switched off, as S9 allows an
authority, so that one request is one bid. Everything stays on loopback.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import create_engine, text

from brokerage import migrations
from brokerage.competitions import store as competition_store
from brokerage.competitions.model import Recipients, Weights
from brokerage.competitions.rules.seal import OVERHEAD, STEP, new_pair
from brokerage.competitions.store.bids import _PLACE
from brokerage.competitions.store.gate import _GATE
from brokerage.demo import register
from brokerage.demo.postgres import Cluster, find_binaries
from brokerage.desk import flow
from brokerage.desk import store as desk_store
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.keys import in_text
from brokerage.web.pages import templates_dir
from lots.model import CategoryCode, Provider, ProviderId, Registration, RegistrationId
from lots.service import admit_provider
from matrix.store import in_force
from notifications.wording import load

RECIPIENTS = Recipients(new_pair()[1], new_pair()[1])
PROVIDERS = 300
COMPETITIONS = 40
CLIENTS = 16
PROCESSES = 2
ANSWER = "We have done this before and say here in a few words how we would do it again."


def build(url: str) -> tuple[Desk, list[list[str]], list[str]]:
    """Fill a database: many providers, competitions that are open all day; give the tokens by competition."""
    migrations.upgrade(url)
    desk = Desk(create_engine(url), DatabaseClock(), load(templates_dir() / "messages"), "http://127.0.0.1", RECIPIENTS)
    with desk.work(SYSTEM) as work:
        register.settle(work, date(2026, 1, 1))
        work.db.execute(text("UPDATE authority SET offer_code = false"))
        for number in range(PROVIDERS):
            made = ProviderId(uuid4())
            provider = Provider(
                made,
                f"Firm {number:03}",
                f"f{number}@provider.example",
                "+447700900199",
                "01632 960199",
                "",
                "SC900199",
                frozenset({1, 2}),
            )
            prices = Registration(
                RegistrationId(uuid4()),
                made,
                CategoryCode.INDEPENDENCE,
                Decimal("400.00"),
                Decimal("25.00"),
                Decimal(5),
                date(2026, 1, 1),
                None,
            )
            admit_provider(work.db, provider, (prices,), work.now)
    actor = next(one.person.actor for one in register.personas() if one.key == "placements")
    tokens: list[list[str]] = []
    keys: list[str] = []
    for number in range(COMPETITIONS):
        with desk.work(actor) as work:
            raised = flow.raise_referral(work, a_referral(number, work.today))
            opened = flow.open_competition(work, raised.referral_id, Weights())
        tokens.append([token for invited, token in opened.links if invited.provider.startswith("Firm")])
        keys = keys or [one.key for one in flow_questions(desk, opened.competition_id)]
    with desk.work(SYSTEM) as work:  # a database in use has statistics and no backlog of messages
        work.db.execute(text("DELETE FROM message"))
    with desk.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE"))
    return desk, tokens, keys


def flow_questions(desk: Desk, competition_id):
    with desk.engine.connect() as db:
        return competition_store.competition(db, "derby-city", competition_id).questions


def a_referral(number: int, today: date) -> dict[str, object]:
    return {
        "date_of_birth": (today - timedelta(days=365 * 19)).isoformat(),
        "on": today.isoformat(),
        "status": "former_relevant",
        "in_education_or_training": False,
        "living_now": "supported_accommodation",
        "needed": "planned",
        "housing_benefit": False,
        "answers": {domain.key: 1 for domain in in_force(today).domains},
        "young_person": {"given_name": "Sam", "family_name": f"Sample{number}"},
        "source": "leaving_care_team",
        "urgency": "standard",
        "wants": ["accommodation", "support"],
        "outcomes": [{"key": "education", "text": "Stays in college"}, {"key": "home", "text": "Keeps a home"}],
        "risk_plan": "A plan.",
        "pathway_plan": "A plan. " * 60,
        "outward_code": "DE1",
        "indicative_budget_weekly": "600.00",
        "beds": 1,
    }


def json_request(token: str, keys: list[str], port: int) -> bytes:
    body = json.dumps(
        {
            "accommodation_weekly": "350.00",
            "support_hourly": "22.50",
            "earliest_start": START,
            "place": {"outward_code": "DE1", "shared": True},
            "answers": dict.fromkeys(keys, ANSWER),
        }
    ).encode()
    head = f"POST /api/invitations/{token}/bid HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def form_request(token: str, keys: list[str], port: int) -> bytes:
    day = date.fromisoformat(START)
    fields = {
        "accommodation_weekly": "350.00",
        "support_hourly": "22.50",
        "earliest_start_day": day.day,
        "earliest_start_month": day.month,
        "earliest_start_year": day.year,
        "place_outward_code": "DE1",
        "place_shared": "yes",
        "place_description": "",
        "request_key": uuid4().hex,
    } | {f"answer_{key}": ANSWER for key in keys}
    body = urlencode(fields).encode()
    head = (
        f"POST /b/{token}/send HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    )
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


START = (datetime.now(UTC).date() + timedelta(days=14)).isoformat()


def load_http(port: int, tokens: list[str], keys: list[str], make: Callable, seconds: float) -> tuple[float, int]:
    """Bid for some seconds with 16 clients on keep-alive connections; give bids a second and refusals."""
    ask, tell = multiprocessing.Queue(), multiprocessing.Queue()
    loaders = [
        multiprocessing.Process(target=_loader, args=(port, tokens, keys, make, seconds, CLIENTS // 2, n, ask, tell))
        for n in range(2)
    ]
    for loader in loaders:
        loader.start()
    for _ in loaders:
        tell.get()
    for _ in loaders:
        ask.put("go")
    done = [tell.get() for _ in loaders]
    for loader in loaders:
        loader.join()
    return sum(good for good, _ in done) / seconds, sum(bad for _, bad in done)


def _loader(port, tokens, keys, make, seconds, clients, seed, ask, tell) -> None:
    requests = [make(token, keys, port) for token in tokens]
    tell.put("ready")
    ask.get()
    results = [[0, 0] for _ in range(clients)]
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < until:
                request = chance.choice(requests)
                if make is form_request:  # every form that is shown has a key of its own
                    fresh = b"request_key=%032x" % chance.getrandbits(128)
                    request = re.sub(rb"request_key=[0-9a-f]{32}", fresh, request)
                line.sendall(request)
                results[number][0 if _answer(line) in (200, 201) else 1] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell.put((sum(good for good, _ in results), sum(bad for _, bad in results)))


def _answer(line: socket.socket) -> int:
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += line.recv(65536)
    return int(head[9:12])


PGBENCH = """
\\set n random(1, {tokens})
\\set r random(1, 9223372036854775807)
BEGIN;
{gate} \\gset
{place};
{append};
COMMIT;
"""


def pgbench_script(tokens: int) -> str:
    """Write the product's own statements as a pgbench script, the facts of Python's part as constants."""
    quoted = lambda value: "'" + str(value).replace("'", "''") + "'"  # noqa: E731 - read where it is used
    gate = _GATE.format(
        door="i.id = (SELECT l.invitation_id FROM invitation_link l"
        " WHERE l.token_hash = (SELECT token_hash FROM bench_token WHERE n = :n))",
        waiting=" AND c.closes_at > " + DatabaseClock().sql.format(authority="c.authority"),
        lock="FOR SHARE OF c FOR UPDATE OF i",
        instant=DatabaseClock().sql.format(authority="held.authority"),
    ) % {"request": quoted("bench") + " || :r"}
    ids = "gen_random_uuid()"
    place = _PLACE % {
        "version": ":versions + 1",
        "id": ":new_id",
        "authority": ":authority",
        "invitation": ":invitation_id",
        "competition": ":competition_id",
        "provider": ":provider_id",
        "received_at": ":now",
        "digest": quoted("d" * 64),
        "request_key": quoted("bench") + " || :r",
        "sealed": f"decode(repeat('5e', {STEP + OVERHEAD}), 'hex')",
    }
    gate = gate.replace("SELECT held.*", f"SELECT held.*, {ids} AS new_id")
    body = quoted(json.dumps({"bid_id": "b" * 36, "competition_id": "c" * 36, "digest": "d" * 64}))
    append = desk_store._APPEND % {
        "at": ":now::timestamptz",
        "text": body,
        "authority": ":authority",
        "actor": quoted("system"),
        "kind": quoted("bid_placed"),
        "about": ":referral_id",
        "body": body,
    }
    flat = lambda sql: " ".join(sql.split())  # noqa: E731 - one expression, used in one line
    return PGBENCH.format(tokens=tokens, gate=flat(gate), place=flat(place), append=flat(append))


def run_pgbench(cluster: Cluster, folder: Path, seconds: float) -> float:
    options = cluster.url.partition("host=")[2].partition("&")[0]
    command = [
        str(find_binaries() / "pgbench"),
        "-h",
        options,
        "-U",
        "postgres",
        "-n",
        "-f",
        str(folder / "bid.sql"),
        "-c",
        str(CLIENTS),
        "-j",
        "2",
        "-T",
        str(int(seconds)),
        "-M",
        "prepared",
        "postgres",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise SystemExit(done.stdout + done.stderr)
    return float(found[1])


def serve(url: str, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "BROKERAGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BROKERAGE_PORT": str(port),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "none",
        "TWILIO_SENDER": "+447700900000",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_SENDER": "bench@council.example",
        "BROKERAGE_OPENING_KEY_PUBLIC": in_text(RECIPIENTS.opening),
        "BROKERAGE_RECOVERY_KEY_PUBLIC": in_text(RECIPIENTS.recovery),
    }
    command = [sys.executable, "-m", "brokerage", "serve", "--workers", str(PROCESSES)]
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=4)
    asked.add_argument("--rounds", type=int, default=3)
    chosen = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dps-bench-"))
    folder.chmod(0o755)
    port = _free_port()
    try:
        with Cluster(folder / "data") as cluster:
            desk, tokens, keys = build(cluster.url)
            spread, hot = [token for one in tokens for token in one], tokens[0]
            with desk.engine.begin() as db:
                make = "CREATE TABLE bench_token AS SELECT row_number() OVER () AS n, token_hash FROM invitation_link"
                db.execute(text(make))
                db.execute(text("CREATE UNIQUE INDEX ON bench_token (n)"))
                db.execute(text("ANALYZE bench_token"))
            (folder / "bid.sql").write_text(pgbench_script(len(spread)), encoding="utf-8")
            server = serve(cluster.url, port)
            try:
                measure(cluster, folder, port, spread, hot, keys, chosen.seconds, chosen.rounds)
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(30)
            desk.engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(cluster, folder, port, spread, hot, keys, seconds, rounds) -> None:
    kinds: dict[str, Callable[[], tuple[float, int]]] = {
        "pgbench": lambda: (run_pgbench(cluster, folder, seconds), 0),
        "form": lambda: load_http(port, spread, keys, form_request, seconds),
        "json": lambda: load_http(port, spread, keys, json_request, seconds),
        "form, hot": lambda: load_http(port, hot, keys, form_request, seconds),
    }
    for make in (form_request, json_request):
        load_http(port, spread, keys, make, 1)
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    refused = dict.fromkeys(kinds, 0)
    for number in range(rounds):
        for name, run in kinds.items():
            rate, bad = run()
            rates[name].append(rate)
            refused[name] += bad
            print(f"round {number + 1}  {name:10} {rate:8.0f} a second  {bad} refused", flush=True)
    middle = {name: statistics.median(found) for name, found in rates.items()}
    ratio = lambda name, of: statistics.median(a / b for a, b in zip(rates[name], rates[of], strict=True))  # noqa: E731 - one expression, used in three lines
    print(f"\n{PROCESSES} web processes, {CLIENTS} clients, {seconds:g} s windows, medians of {rounds} rounds")
    for name, rate in middle.items():
        print(f"{name:10} {rate:8.0f} bids a second")
    print(f"form / pgbench  {ratio('form', 'pgbench'):.2f}   (floor 0.15, aim 0.25)")
    print(f"json / pgbench  {ratio('json', 'pgbench'):.2f}")
    print(f"hot / spread    {ratio('form, hot', 'form'):.2f}   (floor 0.85), {refused['form, hot']} refused")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
