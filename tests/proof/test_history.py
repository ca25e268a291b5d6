"""The checkers see what they are for: each promise broken by hand, and a gate that really leaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import pytest

from brokerage.competitions import store as competition_store
from tests.proof import kills, stage, wire
from tests.proof import race as proof
from tests.proof.history import Answer, Closing, Extension, Kept, Operation, Race, not_once, race_violations

CLOSE: Final = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
DOOR, OTHER = UUID(int=1), UUID(int=2)


def at(milliseconds: float) -> datetime:
    """Give the instant so long after the close as it was opened."""
    return CLOSE + timedelta(milliseconds=milliseconds)


def offer(number: int, version: int, received: float) -> Kept:
    return Kept(UUID(int=number), version, at(received), f"digest {number}")


def accepted(kept: Kept, door: UUID = DOOR, around: float = 2) -> Operation:
    by = timedelta(milliseconds=around)
    return Operation(door, kept.received_at - by, kept.received_at + by, kept.received_at, kept)


def late(judged: float, door: UUID = DOOR) -> Operation:
    return Operation(door, at(judged - 2), at(judged + 2), at(judged), None)


FIRST, SECOND, THIRD = offer(10, 1, -50), offer(11, 2, -0.001), offer(12, 1, -20)
GOOD: Final = Race(
    closes_at=CLOSE,
    operations=(accepted(FIRST), accepted(SECOND), accepted(THIRD, OTHER), late(0), late(30, OTHER)),
    extensions=(),
    closings=(Closing(at(5), ("digest 12", "digest 11")),),
    rows=(SECOND, THIRD, FIRST),
    standing=("digest 11", "digest 12"),
    kept_closes_at=CLOSE,
)
LONGER: Final = Extension(at(-10), at(-8), at(40))
EXTENDED: Final = replace(
    GOOD,
    operations=(*GOOD.operations[:3], late(41)),
    extensions=(LONGER,),
    closings=(replace(GOOD.closings[0], closed_at=at(40)),),
    kept_closes_at=at(40),
)


def with_accepted(race: Race, kept: Kept, door: UUID, begun: datetime | None = None) -> Race:
    """Add an accepted offer and everything that goes with it, so that only its times can be wrong."""
    done = accepted(kept, door)
    done = replace(done, begun_at=begun or done.begun_at)
    standing = (*(one for one in race.standing if door != DOOR or one != "digest 11"), kept.digest)
    return replace(
        race,
        operations=(*race.operations, done),
        rows=(*race.rows, kept),
        standing=standing,
        closings=tuple(replace(one, frozen=standing) for one in race.closings),
    )


THIRD_DOOR: Final = UUID(int=3)
BAD: Final[tuple[tuple[str, Race], ...]] = (
    ("not before the close", with_accepted(GOOD, offer(13, 1, 0), THIRD_DOOR)),
    ("not before the close", with_accepted(EXTENDED, offer(13, 1, 40), THIRD_DOOR)),
    ("refused as late", replace(GOOD, operations=(*GOOD.operations, late(-3)))),
    ("refused as late", replace(EXTENDED, operations=(*EXTENDED.operations, late(20)))),
    ("and yet accepted", with_accepted(GOOD, offer(13, 1, -1), THIRD_DOOR, begun=at(0))),
    ("outside its call", with_accepted(GOOD, offer(13, 1, -9), THIRD_DOOR, begun=at(-8))),
    ("others stand", replace(GOOD, closings=(Closing(at(5), ("digest 12", "digest 10")),))),
    ("others stand", replace(GOOD, closings=(Closing(at(5), ("digest 12",)),))),
    ("not the last accepted", replace(GOOD, standing=("digest 12", "digest 10"))),
    ("closed 2 times", replace(GOOD, closings=GOOD.closings * 2)),
    ("closed 0 times", replace(GOOD, closings=())),
    ("before", replace(GOOD, closings=(replace(GOOD.closings[0], closed_at=at(-1)),))),
    ("was announced", replace(EXTENDED, kept_closes_at=CLOSE)),
    ("do not match", replace(GOOD, rows=GOOD.rows[1:])),
    ("do not match", replace(GOOD, rows=(*GOOD.rows, offer(14, 3, -1)))),
    ("do not match", replace(GOOD, rows=(*GOOD.rows[:2], replace(FIRST, digest="another")))),
    ("versions", with_accepted(GOOD, offer(13, 4, -1), DOOR)),
)


@pytest.mark.parametrize("race", [GOOD, EXTENDED], ids=["as opened", "extended"])
def test_a_good_race_breaks_no_promise(race: Race) -> None:
    assert race_violations(race) == []


@pytest.mark.parametrize(("said", "race"), BAD)
def test_each_broken_promise_of_a_race_is_named(said: str, race: Race) -> None:
    assert any(said in one for one in race_violations(race))


def test_late_answers_are_right_as_soon_as_an_extension_may_not_yet_have_been_known() -> None:
    # Answered while the extension was still on its way: nobody can say which came first.
    unsure = replace(
        EXTENDED, operations=(*EXTENDED.operations, late(0.5)), extensions=(replace(LONGER, answered_at=at(1)),)
    )
    assert race_violations(unsure) == []


ANSWERS: Final = [Answer("a", FIRST), Answer("b", THIRD), Answer("a", FIRST)]
ONCE: Final = partial(not_once, ANSWERS, [FIRST, THIRD], [FIRST.bid_id, THIRD.bid_id])


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ("kept 0 times", partial(not_once, ANSWERS, [FIRST], [FIRST.bid_id, THIRD.bid_id])),
        ("kept 0 times", partial(not_once, ANSWERS[:1], [replace(FIRST, digest="x")], [FIRST.bid_id])),
        ("kept 0 times", partial(not_once, ANSWERS[:1], [replace(FIRST, received_at=CLOSE)], [FIRST.bid_id])),
        ("belongs to no key", partial(not_once, ANSWERS[:1], [FIRST, SECOND], [FIRST.bid_id])),
        (
            "different receipts",
            partial(not_once, [Answer("a", FIRST), Answer("a", SECOND)], [FIRST, SECOND], []),
        ),
        ("answers 2 keys", partial(not_once, [Answer("a", FIRST), Answer("b", FIRST)], [FIRST], [])),
        ("names it 2 times", partial(not_once, ANSWERS[:1], [FIRST], [FIRST.bid_id] * 2)),
        ("names it 0 times", partial(not_once, ANSWERS[:1], [FIRST], [])),
        ("the record names", partial(not_once, ANSWERS[:1], [FIRST], [FIRST.bid_id, SECOND.bid_id])),
    ],
)
def test_each_way_of_not_being_exactly_once_is_named(said: str, check: Callable[[], list[str]]) -> None:
    assert any(said in one for one in check())


def test_a_request_that_was_answered_alike_twice_is_kept_once() -> None:
    assert ONCE() == []


def test_the_race_sees_a_gate_that_reads_the_clock_and_holds_nothing(monkeypatch: Any) -> None:
    """The same race on the same verb, but for the lock: offers judged in time land after the set was frozen."""
    held = competition_store.gate
    monkeypatch.setattr(competition_store, "gate", lambda *given, **named: held(*given, **named | {"hold": False}))
    slow = (1.0, timedelta(milliseconds=600))  # closing itself takes some 20 ms
    with stage.a_cluster(proof.SETTINGS) as cluster:
        stage.settled(cluster.url)
        stage.without_the_last_line(cluster.url)  # the database itself refuses what this gate lets through
        races = list(proof.run(cluster.url, proof.Size(10**6, 0, 5), doors=8, slow=slow))
    found = [one for race in races for one in race_violations(race)]
    assert any("others stand" in one for one in found), found


def test_the_kills_see_a_server_that_answers_before_it_has_written() -> None:
    wrong, _ = kills.killed({"synchronous_commit": "off", "wal_writer_delay": "2s"}, kills=2, between=40)
    assert any("kept 0 times" in one for one in wrong), wrong


def test_the_wire_sees_an_offer_that_was_kept_twice() -> None:
    """Requests without keys, cut within the answer to the commit: nobody can tell that the first had come through."""
    with stage.a_cluster(wire.SETTINGS) as cluster:
        stage.settled(cluster.url)
        with wire.a_wire(cluster.url) as line:
            most = line.length(keyed=False)[wire.TO_US]
            line.cut([(wire.TO_US, most - short) for short in range(1, 8)], keyed=False)
            wrong = line.wrong()
    assert any("belongs to no key" in one for one in wrong), wrong
