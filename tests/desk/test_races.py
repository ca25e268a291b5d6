"""Many at once, on real connections: the deadline, the record and the sweep (A21, S10).

Here, and only here, time is the database's own: windows end about a second after they begin.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from brokerage.competitions.errors import BidTooLate
from brokerage.competitions.model import Receipt, Window
from brokerage.desk import clock as clocks
from brokerage.desk import flow
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.work import SYSTEM, Desk
from tests.desk.road import (
    DERBY,
    Door,
    Open,
    a_raised_referral,
    an_offer,
    an_open_competition,
    ask,
    award,
    bid,
    clock_of,
    evaluate,
    look,
    open_again,
    record,
    state_of,
    suspend_today,
    sweep,
    verified,
    with_clock,
    withdraw,
)

SHORT = timedelta(seconds=1)


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do all at the same moment and give what each answered or raised."""
    ready = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return act()
        except Exception as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def ending_soon(desk: Desk, monkeypatch: Any) -> tuple[Desk, Open]:
    """Open a competition on the database's clock whose window ends in less than a second."""
    from brokerage.competitions import rules

    live = with_clock(desk, DatabaseClock())
    # The other clock may have recorded an instant that is still to come, and time does not go back.
    ask(desk, "UPDATE record_head SET highest_at = clock_timestamp() RETURNING authority")
    with live.work(SYSTEM) as work:
        clock_of(desk).now = work.now
    referral_id = a_raised_referral(live, on=clock_of(desk).now.date().isoformat(), date_of_birth="2009-05-01")
    monkeypatch.setattr(rules, "window", lambda urgency, now, waits_for_morning: Window(now, now + SHORT))
    return live, open_again(live, referral_id)


def test_no_offer_gets_in_after_the_close_however_many_push(desk: Desk, monkeypatch: Any) -> None:
    live, opened = ending_soon(desk, monkeypatch)
    doors = opened.doors[:8]
    start = opened.event.opens_at.date().isoformat()
    offer = an_offer(look(live, doors[0]), "300.00", earliest_start=start)
    closed = threading.Event()

    def push(door: Door) -> list[Receipt | str]:
        got: list[Receipt | str] = []
        while not closed.is_set():
            try:
                got.append(flow.place_bid(live, door.actor, door.invitation_id, offer, code=None, request_key=None))
            except BidTooLate:
                got.append("late")
                if len(got) > 2000:
                    break
        return got

    def sweep_till_closed() -> int:
        rang = 0
        while state_of(live, opened) == "open":
            rang += sweep(live)
        closed.set()
        return rang

    answers = at_once([*(lambda door=door: push(door) for door in doors), sweep_till_closed, sweep_till_closed])
    assert sum(answers[-2:]) in {1, 2}, "two sweepers, one close and at most one opening"
    sweep(live)
    receipts = {
        door.provider_id: [one for one in got if one != "late"] for door, got in zip(doors, answers[:-2], strict=True)
    }
    assert any(receipts.values())
    for got in receipts.values():
        assert all(one.received_at < opened.event.closes_at for one in got)
        assert [one.version for one in got] == list(range(1, len(got) + 1))

    lines = record(live, opened.referral_id)
    kinds = [line.kind for line in lines]
    assert kinds.count("competition_closed") == kinds.count("bids_opened") == 1
    assert "seal_found_broken" not in kinds
    assert "bid_placed" not in kinds[kinds.index("competition_closed") :], "none after the close"
    frozen = set(lines[kinds.index("competition_closed")].facts["digests"])
    standing = ask(
        live,
        "SELECT b.digest FROM bid b JOIN invitation i ON i.standing_bid = b.id WHERE b.competition_id = :id",
        id=opened.id,
    )
    assert frozen == {row.digest for row in standing} == {got[-1].digest for got in receipts.values() if got}
    outside = ask(
        live,
        "SELECT count(*) FROM bid b JOIN competition c ON c.id = b.competition_id"
        " WHERE b.received_at < c.opens_at OR b.received_at >= c.closes_at",
    )
    assert outside == [(0,)]
    assert verified(live).first_bad is None


def test_two_sweepers_close_each_competition_once(desk: Desk) -> None:
    several = [an_open_competition(desk, urgency="urgent") for _ in range(5)]
    for opened in several[:3]:
        bid(desk, opened.doors[0])
    clock_of(desk).push(timedelta(hours=1))
    rang = at_once([lambda: sweep(desk)] * 3)
    assert sum(rang) == 8
    kinds = [line.kind for line in record(desk)]
    assert (kinds.count("competition_closed"), kinds.count("bids_opened")) == (5, 3)
    assert [state_of(desk, opened) for opened in several] == ["closed"] * 3 + ["unsuccessful"] * 2


def test_two_offers_of_one_provider_at_once_are_versions_one_and_two_with_true_receipts(desk: Desk) -> None:
    door = an_open_competition(desk).doors[0]
    receipts = at_once([lambda price=price: bid(desk, door, price) for price in ("310.00", "320.00", "330.00")])
    assert sorted(one.version for one in receipts) == [1, 2, 3]
    kept = {row.id: row for row in ask(desk, "SELECT id, version, digest, received_at FROM bid")}
    for one in receipts:
        row = kept[one.bid_id]
        assert (row.version, row.digest, row.received_at) == (one.version, one.digest, one.received_at)
    last = max(receipts, key=lambda one: one.version)
    assert look(desk, door).standing == last.bid_id


def test_a_double_click_of_a_signed_in_provider_is_one_offer(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for door in opened.doors[:6]:
        receipts = at_once([lambda door=door: bid(desk, door, request_key="click")] * 3)
        assert receipts[0] == receipts[1] == receipts[2]
    assert ask(desk, "SELECT count(*) FROM bid") == [(6,)]


def test_the_record_has_no_gaps_under_eight_writers(desk: Desk) -> None:
    opened = an_open_competition(desk)
    live = with_clock(desk, DatabaseClock())

    def write(door: Door) -> int:
        for _ in range(6):
            with live.work(replace(door.actor, authority=DERBY)) as work:
                work.record(flow_event(opened, door), opened.referral_id)
        return 6

    before = len(record(desk))
    assert sum(at_once([lambda door=door: write(door) for door in opened.doors])) == 6 * len(opened.doors)
    lines = record(desk)
    assert [line.seq for line in lines] == list(range(1, before + 6 * len(opened.doors) + 1))
    assert verified(desk).first_bad is None


def flow_event(opened: Open, door: Door) -> Any:
    from brokerage.competitions.events import BidWithdrawn

    return BidWithdrawn(DERBY, opened.id, door.invitation_id, door.provider_id, opened.event.opens_at)


def test_a_referral_withdrawn_while_its_competition_opens_leaves_nothing_running(desk: Desk) -> None:
    for _ in range(4):
        referral_id = a_raised_referral(desk)
        at_once([partial(open_again, desk, referral_id), partial(withdraw, desk, referral_id)])
        states = ask(
            desk,
            "SELECT r.state, c.state FROM referral r LEFT JOIN competition c ON c.referral_id = r.id WHERE r.id = :id",
            id=referral_id,
        )
        assert states in ([("withdrawn", "cancelled")], [("withdrawn", None)])
    assert verified(desk).first_bad is None


def test_a_suspension_and_an_award_at_once_never_leave_a_suspended_provider_awarded_unseen(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    clock_of(desk).now = opened.event.closes_at
    sweep(desk)
    (best,) = evaluate(desk, opened)
    results = at_once(
        [lambda: award(desk, opened, best.bid_id), lambda: suspend_today(desk, opened.doors[0].provider_id)]
    )
    awarded = ask(desk, "SELECT count(*) FROM award")[0][0]
    assert results[1] is None
    assert awarded == (0 if isinstance(results[0], Exception) else 1)


def test_the_clock_is_read_in_utc_whatever_zone_the_server_speaks(desk: Desk) -> None:
    # Two instants of one local zone compare by their wall clock in Python: 1:30 BST would come after 1:10 GMT.
    opened = an_open_competition(desk)
    with desk.engine.begin() as db:
        db.exec_driver_sql("SET LOCAL timezone = 'Europe/London'")
        instant = clocks.read(DatabaseClock(), db, DERBY)
        from brokerage.competitions import rules, store

        gate = store.gate(
            db, DatabaseClock().sql, token_hash=rules.secret_hash(opened.doors[0].token), invitation=None, hold=False
        )
    for one in (instant, gate.now, gate.window.opens_at, gate.window.closes_at):
        assert str(one.tzinfo) == "UTC"


def test_a_late_offer_on_the_night_the_clocks_go_back_is_late_on_a_server_that_speaks_london(desk: Desk) -> None:
    from sqlalchemy import create_engine

    london = create_engine(desk.engine.url, connect_args={"options": "-c timezone=Europe/London"})
    there = replace(desk, engine=london)
    try:
        clock = clock_of(desk)
        clock.now = clock.now.replace(month=10, day=24, hour=23, minute=30)  # half past midnight in London, summer time
        opened = an_open_competition(there, urgency="urgent")  # closes at 1:30 BST, the first 1:30 of two
        clock.push(timedelta(minutes=59))
        bid(there, opened.doors[0])
        clock.push(timedelta(minutes=41))  # 1:10 GMT: earlier by the wall, forty minutes late in truth
        late = at_once([lambda: bid(there, opened.doors[1])])[0]
        assert isinstance(late, BidTooLate)
        assert sweep(there) == 2
    finally:
        london.dispose()
