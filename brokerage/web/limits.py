"""How often somebody may try: counted in the database, so that any number of web servers count together."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from litestar import Request

from brokerage.desk import clock as clocks
from brokerage.people.errors import TooManyTries
from brokerage.people.model import Limit
from brokerage.people.store import limits
from brokerage.web.auth import house_of

HASHES: Final = 2
"""Passwords hashed at once in one process: each takes 19 MB and a core."""
PATIENCE: Final = 5.0
_hashing: Final = threading.BoundedSemaphore(HASHES)


def charge(request: Request[Any, Any, Any], *tries: tuple[Limit, str]) -> None:
    """Charge a try of each limit before anything is looked at, so that guessing in parallel gains nothing.

    Raises TooManyTries, with every charge kept.
    """
    house = house_of(request)
    with house.desk.begin() as db:
        now = clocks.read(house.desk.clock, db, None)
        waits = [limits.charge(db, limit, whose, now) for limit, whose in tries]
    if wait := max(waits):
        raise TooManyTries(wait)


def give_back(request: Request[Any, Any, Any], *tries: tuple[Limit, str]) -> None:
    """Take tries back that turned out well: only failures count."""
    with house_of(request).desk.begin() as db:
        for limit, whose in tries:
            limits.give_back(db, limit, whose)


def address_of(request: Request[Any, Any, Any]) -> str:
    """Say from where a request comes: from the header that the operator's own proxy sets, or from the connection.

    IPv6 is counted by the network of a household (/64), which one visitor can fill with addresses.
    """
    header = house_of(request).settings.client_header
    named = request.headers.get(header, "").rpartition(",")[2].strip() if header else ""
    host = named or (request.client.host if request.client else "")
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


@contextmanager
def hashing() -> Iterator[None]:
    """Let a few passwords be hashed at once; who waits too long is told to come back. Raises TooManyTries."""
    if not _hashing.acquire(timeout=PATIENCE):
        raise TooManyTries(int(PATIENCE))
    try:
        yield
    finally:
        _hashing.release()
