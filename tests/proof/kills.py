"""PostgreSQL is killed under load: what was acknowledged is there, and what was sent again is there once (A48).

Two processes of three clients offer, each request with a key of its own. The postmaster gets SIGKILL while they do, and
is started again on its files. A client sends what was not answered again with the same key, as a browser or another
system would, and its last answered request too. fsync is on, as in production.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from brokerage.demo.postgres import Cluster
from brokerage.desk import flow
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.work import Desk
from tests.desk import road
from tests.proof import stage
from tests.proof.figures import Figure
from tests.proof.history import Answer, not_once

NAMES: Final = ("kills", "acknowledged_lost")

CLIENTS: Final = 3


def prove(quick: bool) -> Iterator[Figure]:
    """Kill so many times under load, then look for every receipt."""
    kills, between = (3, 60) if quick else (25, 400)
    wrong, how = killed({}, kills, between)
    yield Figure("kills", kills, f">= {kills}", "kills", "SIGKILL of the postmaster under load, then its own recovery")
    yield Figure("acknowledged_lost", len(wrong), "= 0", "offers", "; ".join([*wrong[:3], how]))


def killed(settings: Mapping[str, str], kills: int, between: int) -> tuple[list[str], str]:
    """Kill a server with such settings, each time after so many more offers were acknowledged; say what is wrong."""
    stop, acknowledged = stage.FORK.Event(), stage.FORK.Value("q", 0)
    with stage.a_cluster(settings) as cluster:
        stage.settled(cluster.url)
        parts = [(loader, cluster.url, stop, acknowledged)] * 2
        with stage.children(*parts) as crew:
            with stage.a_live_desk(cluster.url) as desk:
                opened = [road.open_again(desk, stage.a_referral(desk)) for _ in crew]
                offer = stage.an_offer(desk, opened[0].doors[0])
            for child, one in zip(crew, opened, strict=True):
                child.tell((one.doors[:CLIENTS], offer))
            for _ in range(kills):
                _under_load(acknowledged, between)
                kill(cluster)
            _under_load(acknowledged, between)
            stop.set()
            said = [child.answer() for child in crew]
        answers = [answer for found, _ in said for answer in found]
        with stage.a_live_desk(cluster.url) as desk:
            wrong = not_once(answers, stage.rows(desk), stage.recorded_bids(desk))
            chain = road.verified(desk)
    if chain.first_bad is not None:
        wrong.append(f"line {chain.first_bad} of the record: {chain.why}")
    keys = len({answer.key for answer in answers})
    return wrong, (
        f"{keys} offers acknowledged to 2 processes of {CLIENTS} clients, {sum(cut for _, cut in said)} requests cut "
        f"off and sent again with their key, {len(answers) - keys} answered ones sent again; fsync on; record verified"
    )


def kill(cluster: Cluster) -> None:
    """Kill the postmaster of our own cluster, wait until it is gone, start it again on what it left."""
    alive = cluster.postmaster()
    assert alive is not None
    os.kill(alive.pid, signal.SIGKILL)
    until = time.monotonic() + stage.PATIENCE
    while cluster.postmaster() is not None and time.monotonic() < until:
        time.sleep(0.005)
    cluster.start()


def loader(url: str, stop: Any, acknowledged: Any) -> Callable[[Any], tuple[list[Answer], int]]:
    desk = road.a_desk(stage.an_engine(url, CLIENTS), DatabaseClock())
    pool = ThreadPoolExecutor(CLIENTS)

    def act(told: Any) -> tuple[list[Answer], int]:
        doors, offer = told
        done = list(pool.map(lambda door: client(desk, door, offer, stop, acknowledged), doors))
        return [one for found, _ in done for one in found], sum(cut for _, cut in done)

    return act


def client(
    desk: Desk, door: road.Door, offer: dict[str, Any], stop: Any, acknowledged: Any
) -> tuple[list[Answer], int]:
    """Offer until told to stop; give every answer, and how often there was none."""
    answers: list[Answer] = []
    cut = 0
    while not stop.is_set():
        key = uuid4().hex
        again = [key] if not answers else [key, answers[-1].key]
        troubled = False
        while (answer := _ask(desk, door, offer, key)) is None:
            cut, troubled = cut + 1, True
            time.sleep(0.05)
        answers.append(answer)
        with acknowledged.get_lock():
            acknowledged.value += 1
        if troubled:
            answers += [found for one in again if (found := _ask(desk, door, offer, one)) is not None]
    return answers, cut


def _ask(desk: Desk, door: road.Door, offer: dict[str, Any], key: str) -> Answer | None:
    """Send a request once; None when the connection broke before its answer."""
    try:
        receipt = flow.place_bid(desk, door.actor, door.invitation_id, offer, code=None, request_key=key)
    except DBAPIError as broken:
        if not (broken.connection_invalidated or "connection" in str(broken.orig)):
            raise
        return None
    return Answer(key, stage.kept(receipt))


def _under_load(acknowledged: Any, more: int) -> None:
    """Wait until so many more were acknowledged, and a little that no one foresees."""
    wanted = acknowledged.value + more
    until = time.monotonic() + stage.PATIENCE
    while acknowledged.value < wanted and time.monotonic() < until:
        time.sleep(0.002)
    assert acknowledged.value >= wanted, "the load has stopped"
    time.sleep(random.uniform(0, 0.1))
