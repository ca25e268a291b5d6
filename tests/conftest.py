"""What every test may ask for: a real PostgreSQL, and databases in it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from brokerage import migrations
from brokerage.demo.postgres import Cluster
from tests.folders import a_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Few examples a run, many runs: the pure tests take seconds, and each run tries other examples.
settings.register_profile("local", deadline=None, max_examples=20)
settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True, max_examples=20)
settings.register_profile(
    "thorough", deadline=None, print_blob=True, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))

# The files are thrown away, so waiting for the disk buys nothing.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "max_wal_size": "192MB",  # each copy of a database is written there too
    "deadlock_timeout": "50ms",  # those that a test provokes are found at once
}


CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None
)
"""The same browser; the first has no window to draw, and looks at a page in three quarters of the time."""
FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the address of a server: TEST_DATABASE_URL (its user must be able to create databases), or our own."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    folder = a_folder("dps-test-")
    try:
        with Cluster(folder, FAST) as cluster:
            yield cluster.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(postgres_url: str, template: str | None = None) -> Iterator[str]:
    """Make a database of a new name, empty or like the template, and drop it at the end."""
    name = f"dps_test_{uuid.uuid4().hex}"
    admin = create_engine(postgres_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"'))
    try:
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """Give the address of a database with nothing in it."""
    with _database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def _template(postgres_url: str) -> Iterator[str]:
    """Make the tables once; each database a test works in is a copy."""
    with _database(postgres_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            if migrations.head() is not None:
                migrations.upgrade(connection)
            else:
                connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
                migrations.metadata().create_all(connection)
        engine.dispose()  # a template may have no visitors while it is copied
        yield make_url(url).database or ""


@pytest.fixture(scope="session")
def engine(postgres_url: str, _template: str) -> Iterator[Engine]:
    """Give an engine on a database of this session (of this worker, under xdist) with all tables and no rows."""
    with _database(postgres_url, _template) as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def fresh_engine(postgres_url: str, _template: str) -> Iterator[Engine]:
    """Give an engine on a database of this test alone, for tests that commit."""
    with _database(postgres_url, _template) as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that is rolled back at the end."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session; without one on the PATH the test is skipped and says so."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH (Debian: apt-get install chromium-headless-shell, or chromium)")
    from playwright.sync_api import sync_playwright  # slow to import, and only pages need it

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield running
        running.close()
