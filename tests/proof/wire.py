"""The stream between the product and PostgreSQL is cut at every byte of an offer, both ways (A48).

A proxy of our own passes bytes on and cuts both sides after a given number of them. The offer that was cut is sent
again with the same key, on a sound connection: there must be exactly one, and one line of the record, whether the cut
came before the commit, after it, or inside it where nobody can know.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from brokerage.desk import flow
from brokerage.desk.work import Desk
from tests.desk import road
from tests.proof import stage
from tests.proof.figures import Figure
from tests.proof.history import Answer, not_once

NAMES: Final = ("wire_cuts", "not_exactly_once")

TO_SERVER, TO_US = "to the server", "to us"
SLACK: Final = 24
"""Bytes by which an offer may be longer than the one measured, as version and sequence get more digits."""
# What is counted is the bytes of an offer; how long they take to reach the disk is the business of `kills`.
SETTINGS: Final = {"fsync": "off", "full_page_writes": "off"}


def prove(quick: bool) -> Iterator[Figure]:
    """Cut at every offset, or at every 40th, and look for exactly one offer a key."""
    with stage.a_cluster(SETTINGS) as cluster:
        stage.settled(cluster.url)
        with a_wire(cluster.url) as wire:
            length = wire.length()
            step = 40 if quick else 1
            broken = wire.cut((way, at) for way, most in length.items() for at in range(0, most + SLACK, step))
            wrong = wire.wrong()
    how = f"after every {step} of {length[TO_SERVER]} bytes {TO_SERVER} and {length[TO_US]} {TO_US}"
    yield Figure("wire_cuts", broken, f">= {1300 // step}", "cuts", how)
    yield Figure("not_exactly_once", len(wrong), "= 0", "offers", "; ".join([*wrong[:3], "sent again, same key"]))


class Proxy:
    """Pass bytes on from a port to PostgreSQL's socket; `arm` cuts both sides after so many more bytes one way."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._cut_after: dict[str, int] = {}
        self.passed = {TO_SERVER: 0, TO_US: 0}
        self.port: Final[int] = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def arm(self, way: str | None = None, after: int = 0) -> None:
        """Begin to count; cut after `after` bytes, or never when no way is given."""
        with self._lock:
            self.passed = {TO_SERVER: 0, TO_US: 0}
            self._cut_after = {} if way is None else {way: after}

    def _serve(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for way, source, sink in ((TO_SERVER, ours, server), (TO_US, server, ours)):
                threading.Thread(target=self._pump, args=(way, source, sink), daemon=True).start()

    def _pump(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                with self._lock:
                    left = self._cut_after.get(way, self.passed[way] + len(data)) - self.passed[way]
                    self.passed[way] += len(data)
                sink.sendall(data[: max(left, 0)])
                if way in self._cut_after and left <= len(data):
                    break
        except OSError:
            pass  # the other way was cut
        finally:
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


class Wire:
    """One provider's way to offer through the proxy, and a sound one beside it."""

    def __init__(self, proxy: Proxy, cut: Desk, sound: Desk, door: road.Door) -> None:
        self._proxy, self._cut, self._sound, self._door = proxy, cut, sound, door
        self._offer = stage.an_offer(sound, door)
        self._answers: list[Answer] = []

    def length(self, *, keyed: bool = True) -> dict[str, int]:
        """Count the bytes of an offer that replaces another on a fresh connection, both ways."""
        for _ in range(2):
            self._fresh()
            self._send(self._cut, uuid4().hex, keyed=keyed)
        return dict(self._proxy.passed)

    def cut(self, cuts: Iterable[tuple[str, int]], *, keyed: bool = True) -> int:
        """Offer with each cut and send it again; answer how many calls broke. Without keys nothing can be right."""
        broken = 0
        for way, after in cuts:
            key = uuid4().hex
            self._fresh()
            self._proxy.arm(way, after)
            try:
                self._send(self._cut, key, keyed=keyed)
            except DBAPIError as fault:
                if not fault.connection_invalidated:
                    raise
                broken += 1
            self._proxy.arm()
            self._send(self._sound, key, keyed=keyed)
        return broken

    def wrong(self) -> list[str]:
        chain = road.verified(self._sound)
        wrong = not_once(self._answers, stage.rows(self._sound), stage.recorded_bids(self._sound))
        return wrong if chain.first_bad is None else [*wrong, f"line {chain.first_bad} of the record: {chain.why}"]

    def _fresh(self) -> None:
        """Connect before the counting starts: each offer finds the same connection, new and idle."""
        self._proxy.arm()
        self._cut.engine.dispose()
        with self._cut.engine.connect():
            pass
        self._proxy.arm()

    def _send(self, desk: Desk, key: str, *, keyed: bool = True) -> None:
        door = self._door
        named = key if keyed else None
        receipt = flow.place_bid(desk, door.actor, door.invitation_id, self._offer, code=None, request_key=named)
        self._answers.append(Answer(key, stage.kept(receipt)))


@contextmanager
def a_wire(url: str) -> Iterator[Wire]:
    """Open a competition, a proxy before the server of `url`, and both ways to offer."""
    asked = parse_qs(urlsplit(url).query)
    server = Path(asked["host"][0]) / f".s.PGSQL.{asked['port'][0]}"
    with Proxy(server) as proxy, stage.a_live_desk(url) as sound:
        through = f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/postgres?sslmode=disable&gssencmode=disable"
        with stage.a_live_desk(through, 1) as cut:
            opened = road.open_again(sound, stage.a_referral(sound))
            yield Wire(proxy, cut, sound, opened.doors[0])
