"""The seal on a real database: what is opened when and by whom, what came too late, and that nobody is named before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from brokerage.competitions import store
from brokerage.competitions.errors import (
    AlreadyOpened,
    BidTooLate,
    NoSuchCompetition,
    NotNow,
    StillSealed,
    WrongKey,
)
from brokerage.competitions.model import Flaw, KeyKind, Opener
from brokerage.competitions.rules import MOST_LATE
from brokerage.competitions.rules.seal import digest_of, new_pair, seal
from brokerage.desk import flow
from brokerage.desk.setup import open_with
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor
from brokerage.worker.sweep import ring_due
from tests.desk.road import (
    DERBY,
    PEOPLE,
    Door,
    Open,
    a_code,
    an_offer,
    an_open_competition,
    ask,
    bid,
    bid_by_link,
    clock_of,
    close,
    evaluate,
    look,
    record,
    state_of,
    sweep,
    verified,
    withdraw,
)
from tests.desk.test_races import at_once
from tests.keys import OPENER, RECOVERY

MICRO = timedelta(microseconds=1)


def take_back(desk: Desk, door: Door) -> None:
    with desk.work(door.actor) as work:
        flow.withdraw_bid(work, door.invitation_id)


def open_bids(desk: Desk, opened: Open, opener: Opener = OPENER) -> Any:
    with desk.work(Actor(SYSTEM.role, SYSTEM.name, DERBY)) as work:
        return flow.open_bids(work, opened.id, opener)


def past_the_triggers(desk: Desk, sql: str, **values: Any) -> None:
    """Write as only the owner of the database can: with its triggers off."""
    with desk.engine.begin() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        assert db.execute(text(sql), values).rowcount


def last(desk: Desk, kind: str) -> dict[str, Any]:
    return [line.facts for line in record(desk) if line.kind == kind][-1]


# The opening


def test_one_act_opens_what_stood_and_lists_every_offer_ever_received(desk: Desk) -> None:
    opened = an_open_competition(desk)
    one, two, three = opened.doors[:3]
    receipts = [bid(desk, one, "310.00"), bid(desk, one, "305.00"), bid(desk, two, "320.00"), bid(desk, three)]
    take_back(desk, three)
    assert ask(desk, "SELECT count(*) FROM opened_bid") == [(0,)]
    close(desk, opened)
    facts = last(desk, "bids_opened")
    assert {tuple(pair) for pair in facts["bids"]} == {(str(one.bid_id), one.digest) for one in receipts}
    assert (facts["opened"], facts["replaced"], facts["withdrawn"]) == (2, 1, 1)
    assert facts["opened_with"] == "opening_key"
    readable = ask(desk, "SELECT bid_id FROM opened_bid")
    assert {row.bid_id for row in readable} == {receipts[1].bid_id, receipts[2].bid_id}
    with desk.engine.begin() as db:
        prices = {str(found.offer.price.accommodation_weekly) for found in store.bids(db, DERBY, opened.id)}
    assert prices == {"305.00", "320.00"}
    assert len(evaluate(desk, opened)) == 2
    assert verified(desk).first_bad is None


def test_nothing_opens_before_the_close_or_twice_or_where_nothing_is_wanted(desk: Desk) -> None:
    opened, empty, gone = (an_open_competition(desk) for _ in range(3))
    bid(desk, opened.doors[0])
    bid(desk, gone.doors[0])
    withdraw(desk, gone.referral_id)
    clock_of(desk).now = opened.event.closes_at - MICRO
    for opener in (OPENER, RECOVERY):
        with pytest.raises(StillSealed):
            open_bids(desk, opened, opener)
    clock_of(desk).now = opened.event.closes_at
    assert open_bids(desk, opened).opened == 1, "and closes first where no worker has"
    assert state_of(desk, opened) == "closed"
    with pytest.raises(AlreadyOpened):
        open_bids(desk, opened)
    for one in (empty, gone):
        with pytest.raises(NotNow):
            open_bids(desk, one)
    assert [line.kind for line in record(desk)].count("bids_opened") == 1
    assert ask(desk, "SELECT count(*) FROM opened_bid") == [(1,)]


def test_two_openers_at_once_open_once(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    clock_of(desk).now = opened.event.closes_at
    ring_due(desk)
    done = at_once([lambda: open_bids(desk, opened)] * 3)
    assert sorted(type(one).__name__ for one in done) == ["AlreadyOpened", "AlreadyOpened", "BidsOpened"]


def test_a_worker_without_the_key_leaves_the_opening_to_one_that_has_it(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    clock_of(desk).now = opened.event.closes_at
    assert ring_due(desk) == 1
    assert ask(desk, "SELECT failures FROM timer WHERE kind = 'open_bids' AND rang_at IS NULL") == [(0,)]
    with desk.engine.begin() as db:
        assert store.closed_unopened(db, clock_of(desk).now) == ()
        assert store.closed_unopened(db, clock_of(desk).now + MICRO) == (opened.id,)
    assert ring_due(desk, OPENER) == 1
    with desk.engine.begin() as db:
        assert store.closed_unopened(db, clock_of(desk).now + MICRO) == ()


def test_a_wrong_key_opens_nothing_and_the_timer_is_tried_again(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    clock_of(desk).now = opened.event.closes_at
    assert ring_due(desk, Opener(KeyKind.OPENING, new_pair()[0])) == 1
    assert ask(desk, "SELECT failures, last_error FROM timer WHERE kind = 'open_bids'") == [(1, "WrongKey")]
    assert ask(desk, "SELECT count(*) FROM opened_bid") == [(0,)]
    clock_of(desk).push(timedelta(seconds=2))
    assert ring_due(desk, OPENER) == 1
    assert len(evaluate(desk, opened)) == 1


def test_the_recovery_key_opens_what_the_lost_key_cannot(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    with pytest.raises(StillSealed):
        open_with(desk, opened.id, RECOVERY)
    clock_of(desk).now = opened.event.closes_at
    with pytest.raises(WrongKey):
        open_with(desk, opened.id, Opener(KeyKind.RECOVERY, OPENER.private))
    with pytest.raises(NoSuchCompetition):
        open_with(desk, opened.referral_id, RECOVERY)
    assert open_with(desk, opened.id, RECOVERY).opened == 1
    assert last(desk, "bids_opened")["opened_with"] == "recovery_key"
    sweep(desk)
    assert len(evaluate(desk, opened)) == 1


# The red alarm


def test_offers_changed_by_the_owner_of_the_database_are_told_of_and_the_others_opened(desk: Desk) -> None:
    opened = an_open_competition(desk)
    doors = opened.doors[:5]
    receipts = [bid(desk, door) for door in doors]
    gate, swap = look(desk, doors[0]), "UPDATE bid SET sealed = :sealed, digest = :digest WHERE id = :id"
    (other,) = ask(desk, "SELECT sealed, digest FROM bid WHERE id = :id", id=receipts[1].bid_id)
    with desk.work(SYSTEM) as work:
        offer = flow.check_offer(work, doors[0].token, an_offer(gate, "1.00"))[1]
    forged = seal(gate, 1, offer)
    past_the_triggers(desk, swap, sealed=other.sealed, digest=other.digest, id=receipts[0].bid_id)
    past_the_triggers(desk, swap, sealed=other.sealed, digest=receipts[2].digest, id=receipts[2].bid_id)
    past_the_triggers(desk, swap, sealed=forged, digest=digest_of(forged), id=receipts[3].bid_id)
    past_the_triggers(desk, "UPDATE bid SET version = 2 WHERE id = :id", id=receipts[4].bid_id)
    close(desk, opened)
    alarms = {line.facts["bid_id"]: line.facts["flaw"] for line in record(desk) if line.kind == "seal_found_broken"}
    assert alarms == {
        str(receipts[0].bid_id): Flaw.RECORD,
        str(receipts[2].bid_id): Flaw.DIGEST,
        str(receipts[3].bid_id): Flaw.RECORD,
        str(receipts[4].bid_id): Flaw.HEADER,
    }
    assert {row.bid_id for row in evaluate(desk, opened)} == {receipts[1].bid_id}
    told = ask(desk, "SELECT count(*) AS n, count(DISTINCT subject_id) AS bids FROM message WHERE kind = 'seal_broken'")
    assert told[0].bids == 4
    assert told[0].n >= 8, "coordinators and auditors"
    with desk.engine.begin() as db:
        assert {one.bid_id for one in store.unopened(db, DERBY, opened.id)} == {
            receipts[number].bid_id for number in (0, 2, 3, 4)
        }


# Nobody is named before the close


def test_the_record_of_an_open_competition_tells_no_reader_who_offers(desk: Desk) -> None:
    opened = an_open_competition(desk)
    before = len(record(desk))
    one, two = opened.doors[:2]
    first = bid_by_link(desk, one, a_code(desk, one))
    second = bid(desk, two)
    take_back(desk, two)
    user = PEOPLE["provider_a"]
    mine = next(door for door in opened.doors if door.provider_id == user.provider_id)
    flow.place_bid(desk, user, mine.invitation_id, an_offer(look(desk, mine)), code=None, request_key=None)
    lines = record(desk)[before:]
    assert [line.kind for line in lines] == ["code_sent", "bid_placed", "bid_placed", "bid_withdrawn", "bid_placed"]
    assert {line.actor for line in lines} == {"provider"}
    known = {str(one) for door in opened.doors for one in (door.provider_id, door.invitation_id)}
    known |= {str(actor.person_id) for actor in PEOPLE.values()}
    assert [line for line in lines if any(one in line.body for one in known)] == []
    assert lines[1].facts.keys() == {"competition_id", "bid_id", "received_at", "digest"}
    assert (lines[1].facts["digest"], lines[3].facts["digest"]) == (first.digest, second.digest)


def test_what_is_kept_of_an_open_competition_says_nothing_of_its_offers(desk: Desk) -> None:
    opened = an_open_competition(desk)
    words = {"accommodation_weekly": "313.37", "answers": dict.fromkeys(_asked(desk, opened), "Zanzibar")}
    long = {"accommodation_weekly": "1.00", "answers": dict.fromkeys(_asked(desk, opened), "Y" * 200)}
    for door, changes in zip(opened.doors[:2], (words, long), strict=True):
        bid(desk, door, request_key="a key that nobody guesses", **changes)
    tables = ask(desk, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        rows = [row[0] for row in ask(desk, f'SELECT row_to_json(t)::text FROM "{table}" t')]
        for said in ("313.37", "Zanzibar", b"Zanzibar".hex(), "Y" * 20):
            assert not [row for row in rows if said in row], table
    assert ask(desk, "SELECT DISTINCT octet_length(sealed) FROM bid") == [(4144,)]


def _asked(desk: Desk, opened: Open) -> list[str]:
    return [question.key for question in look(desk, opened.doors[0]).questions]


# Too late


def test_a_late_offer_leaves_its_receipt_and_nothing_of_what_it_said(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door = opened.doors[0]
    clock_of(desk).now = opened.event.closes_at + 3 * MICRO
    with pytest.raises(BidTooLate) as late:
        bid(desk, door, "313.37")
    kept = ask(desk, "SELECT * FROM late_offer")
    assert [(row.provider_id, row.received_at, row.closes_at, row.digest) for row in kept] == [
        (door.provider_id, late.value.received_at, opened.event.closes_at, late.value.digest)
    ]
    assert kept[0].received_at == opened.event.closes_at + 3 * MICRO
    facts = last(desk, "bid_refused_late")
    assert (facts["digest"], facts["provider_id"]) == (late.value.digest, str(door.provider_id))
    assert facts["received_at"].endswith(".000003Z")
    assert "313.37" not in str(kept) + str(facts)
    with pytest.raises(BidTooLate):
        bid_by_link(desk, door, None)
    with pytest.raises(BidTooLate):
        bid(desk, door, "not a price", answers={})
    assert ask(desk, "SELECT count(DISTINCT digest) FROM late_offer") == [(3,)]
    assert state_of(desk, opened) == "open", "it waits for nobody and closes nothing"


def test_a_storm_of_late_offers_fills_neither_table_nor_record(desk: Desk) -> None:
    opened = an_open_competition(desk)
    door, other = opened.doors[:2]
    clock_of(desk).now = opened.event.closes_at
    offer = an_offer(look(desk, door))

    def push() -> None:
        for _ in range(8):
            with pytest.raises(BidTooLate):
                flow.place_bid(desk, door.actor, door.invitation_id, offer, code=None, request_key=None)

    assert at_once([push] * 4) == [None] * 4
    with pytest.raises(BidTooLate):
        bid(desk, other)
    rows = ask(desk, "SELECT count(*) FROM late_offer GROUP BY invitation_id ORDER BY 1")
    assert rows == [(1,), (MOST_LATE,)]
    assert [line.kind for line in record(desk)].count("bid_refused_late") == MOST_LATE + 1
    assert verified(desk).first_bad is None
