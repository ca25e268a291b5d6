"""The demo: an own PostgreSQL, migrations, made-up data, web and worker in one process; ctrl-C ends all of it."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
import threading
import webbrowser
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from brokerage import keys, migrations
from brokerage.config import Mode, Settings, with_driver
from brokerage.demo.postgres import CannotStartPostgres, Cluster, default_data_dir

if TYPE_CHECKING:
    from pathlib import Path

    from brokerage.competitions.model import Opener

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 8000
PORTS_TRIED: Final = 20


def run(port: int | None, *, fresh: bool, browser: bool) -> int:
    """Start the demo and serve until it is stopped. Answers 0, or 1 with words about what kept it from starting."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    chosen = _free_port(port)
    if chosen is None:
        asked = f"Port {port} is" if port else f"Ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are"
        print(f"{asked} in use. Choose another: brokerage demo --port 8123", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        try:
            url = _database(stack, fresh=fresh)
            recipients, opener = keys.kept_or_made(_keys_folder())
        except (CannotStartPostgres, keys.KeyNotUsable) as refusal:
            print(refusal, file=sys.stderr)
            return 1
        settings = Settings(
            Mode.DEMO,
            url,
            f"http://{HOST}:{chosen}",
            HOST,
            chosen,
            threads=20,
            opening_key_public=recipients.opening,
            recovery_key_public=recipients.recovery,
        )
        _serve(settings, opener, browser=browser, fresh=fresh and "DATABASE_URL" in os.environ)
    return 0


def _database(stack: ExitStack, *, fresh: bool) -> str:
    given = os.environ.get("DATABASE_URL")
    if given:
        return with_driver(given)
    folder = default_data_dir()
    if fresh and folder.exists():
        shutil.rmtree(folder)
    return stack.enter_context(Cluster(folder)).url


def _keys_folder() -> Path:
    """Say where the demo's keys lie: with its data; beside the place for them where the database is a given one."""
    folder = default_data_dir()
    return folder.with_name(f"{folder.name}-keys") if os.environ.get("DATABASE_URL") else folder / "keys"


def _serve(settings: Settings, opener: Opener, *, browser: bool, fresh: bool) -> None:
    import uvicorn

    from brokerage.demo.register import personas
    from brokerage.demo.seed import seed
    from brokerage.desk import clock as clocks
    from brokerage.opening import open_channels, open_desk, open_engine, rest_collector
    from brokerage.people.store import authorities
    from brokerage.web.app import create_app
    from brokerage.web.auth import DemoHooks
    from brokerage.worker.sweep import ring_due
    from brokerage.worker.ticker import post_all, start

    engine = open_engine(settings)
    if fresh:
        _empty(engine.url.render_as_string(hide_password=False))
    migrations.upgrade(engine.url.render_as_string(hide_password=False))
    desk, channels = open_desk(settings, engine), open_channels(settings)
    with engine.connect() as db:
        empty, now = not authorities(db), clocks.read(clocks.DatabaseClock(), db, None)
    if empty:
        seed(lambda clock: open_desk(settings, engine, clock), now, opener)

    turn = threading.Lock()

    def run_due() -> int:
        return ring_due(desk, opener) + post_all(desk, channels)

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(desk, settings, DemoHooks(run_due, personas(), turn)),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    ticker = start(desk, channels, "demo", opener, turn)
    rest_collector()
    print(f"\n  The demo is at {settings.public_url}/demo\n  Press ctrl-C to stop it.\n", flush=True)
    if browser and sys.stdout.isatty():
        threading.Timer(0.8, webbrowser.open, [f"{settings.public_url}/demo"]).start()
    try:
        server.run()
    except KeyboardInterrupt:
        pass  # uvicorn hands the signal on after it has stopped serving
    finally:
        ticker.shutdown()
        engine.dispose()


def _empty(url: str) -> None:
    """Empty a given database for --fresh: it is the demo's own, or the demo would not have been pointed at it."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    with create_engine(url, poolclass=NullPool).begin() as db:
        known = db.execute(text("SELECT to_regclass('clock_shift')")).scalar_one_or_none()
        if known is not None:
            db.execute(text("DROP SCHEMA public CASCADE"))
            db.execute(text("CREATE SCHEMA public"))


def _free_port(asked: int | None) -> int | None:
    for port in (asked,) if asked else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    return None
