"""A desk with register and people, on a real PostgreSQL, with a clock that moves when pushed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from brokerage.desk.work import Desk
from tests.conftest import _database
from tests.desk.road import a_desk, a_settled_database


@pytest.fixture(scope="session")
def settled(postgres_url: str, _template: str) -> Iterator[str]:
    """Give the name of a database with authorities, providers and people, to be copied."""
    with a_settled_database(postgres_url, _template) as name:
        yield name


@pytest.fixture
def desk(postgres_url: str, settled: str) -> Iterator[Desk]:
    """Give a desk of this test alone: Saturday 21 November 2026, one in the afternoon."""
    with _database(postgres_url, settled) as url:
        engine = create_engine(url, pool_size=12, max_overflow=12)
        yield a_desk(engine)
        engine.dispose()
