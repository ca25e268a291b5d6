"""Nights on a real PostgreSQL: two who reach for the last bed, a real deadlock, the page of each evening (A17, B11)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from brokerage.demo.nights import bed_id, contact_id, furnish
from brokerage.demo.register import person_id, provider_id
from brokerage.desk import flow
from brokerage.desk.again import TRIES, again
from brokerage.desk.consequences.register import first_sheet
from brokerage.desk.flow.homes import hold_bed
from brokerage.desk.flow.nights import Placing, log_call, log_test_call, make_sheet, place_now
from brokerage.desk.store import set_timers
from brokerage.desk.views.nights import night_tests
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Actor
from lots.errors import BedTaken, BelongsToAnother, HomeNotFit, NotNow
from lots.events import PlacedNow
from lots.model import BedId, CallOutcome, CategoryCode
from lots.service import hold_beds
from lots.tables import BED
from tests.desk.road import DERBY, ENDS, PEOPLE, STARTS, agree, ask, awarded, clock_of, decide, record, sweep

LAST_BED = bed_id("Dove Cottage", 1)
ZEB = Placing("Zebedee", "Quillfeather", 17, CategoryCode.EMERGENCY, LAST_BED, 2, "DE22")
CAROL = Actor(PEOPLE["careline"].role, "Carla", "derby-city", person_id("careline"))


@pytest.fixture
def night(desk: Desk) -> Desk:
    furnish(desk.work, date(2026, 1, 1))
    clock_of(desk).now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    return desk


def a_yes(desk: Desk, firm: str = "dovecote", who: str = "careline") -> UUID:
    with desk.work(PEOPLE[who]) as work:
        return log_call(work, contact_id(firm), CallOutcome.CAN_TAKE, "Yes").call_id


def test_of_two_who_place_in_the_last_bed_one_does_and_the_other_is_told_whose_days(night: Desk) -> None:
    calls = [a_yes(night), a_yes(night, who="coordinator_county")]
    ready = threading.Barrier(2)

    def place(number: int) -> PlacedNow | BedTaken:
        who = PEOPLE[("careline", "coordinator_county")[number]]
        try:
            with night.work(who) as work:
                ready.wait(10)
                return place_now(work, calls[number], ZEB)
        except BedTaken as refused:
            return refused

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(place, (0, 1)))
    (won,) = [one for one in found if isinstance(one, PlacedNow)]
    (lost,) = [one for one in found if isinstance(one, BedTaken)]
    assert (lost.starts_on, lost.ends_on) == (won.starts_on, won.ends_on) == (date(2026, 11, 21), date(2026, 11, 22))
    assert ask(night, "SELECT count(*) FROM stay") == [(1,)]
    assert ask(night, "SELECT count(*) FROM referral WHERE state = 'draft'") == [(1,)], "the loser left nothing behind"


def test_a_double_click_places_once_and_nobody_under_18_sleeps_where_ofsted_has_not_been(night: Desk) -> None:
    call = a_yes(night)
    with night.work(CAROL) as work:
        place_now(work, call, ZEB)
    with pytest.raises(NotNow), night.work(CAROL) as work:
        place_now(work, call, ZEB)
    assert ask(night, "SELECT count(*) FROM referral") == [(1,)]
    with night.work(SYSTEM) as work:
        work.db.execute(text("UPDATE property SET ofsted_category = NULL WHERE name = 'Amber Lodge'"))
    other = a_yes(night, "amberside")
    placing = Placing("", "", 17, CategoryCode.EMERGENCY, bed_id("Amber Lodge", 1), 1, "")
    with pytest.raises(HomeNotFit), night.work(CAROL) as work:
        place_now(work, other, placing)
    with pytest.raises(BelongsToAnother), night.work(CAROL) as work:
        place_now(work, other, ZEB)
    with pytest.raises(NotAllowed), night.work(PEOPLE["placements"]) as work:
        place_now(work, other, placing)


def test_a_real_deadlock_is_run_again_and_both_get_through(night: Desk) -> None:
    beds = [bed_id("Amber Lodge", number) for number in (1, 2)]
    meet, tries = threading.Barrier(2), [0, 0]

    def take(number: int) -> str:
        def deed() -> str:
            tries[number] += 1
            with night.work(SYSTEM) as work:
                for place, bed in enumerate(beds if number else reversed(beds)):
                    work.db.execute(select(BED.c.id).where(BED.c.id == bed).with_for_update())
                    if place == 0 and tries[number] == 1:
                        meet.wait(10)  # each has its first bed now, and wants the other's
            return "through"

        return again(deed)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(take, (0, 1))) == ["through", "through"]
    assert sorted(tries) in ([1, 2], [2, 2])


def test_only_collisions_are_run_again_and_not_for_ever(night: Desk) -> None:
    tried: list[str] = []

    def fail(sqlstate: str) -> None:
        tried.append(sqlstate)
        with night.engine.begin() as db:
            db.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$"))

    for sqlstate, times in (("40P01", TRIES), ("40001", TRIES), ("23505", 1)):
        tried.clear()
        with pytest.raises(Exception, match="no") as fault:
            again(lambda state=sqlstate: fail(state))  # type: ignore[misc]
        assert len(tried) == times, fault
    with pytest.raises(OperationalError):
        again(lambda: fail("40P01"))


def test_a_bed_is_held_for_an_agreement_and_the_night_gives_way(night: Desk) -> None:
    clock_of(night).now = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
    _, made = awarded(night)
    decide(night, made.award_id)
    agreement_id = agree(night, made.award_id)
    with night.work(PEOPLE["coordinator"]) as work:
        agreement = flow.agreement_of(work, agreement_id)
        firm = next(key for key in ("amberside", "brightwater") if provider_id(key) == agreement.provider_id)
        home = {"amberside": "Amber Lodge", "brightwater": "Brook House"}[firm]
        beds = [bed_id(home, number) for number in (1, 2)]
        assert hold_bed(work, agreement, ()) is None
        held = hold_bed(work, agreement, [beds[0]])
        assert held is not None
        assert (held.starts_on, held.ends_on) == (STARTS, ENDS)
        hold_bed(work, agreement, [beds[0]])  # the same again: what was held gives way to it
    with night.work(PEOPLE["coordinator"]) as work:
        with pytest.raises(BedTaken) as refused:
            hold_beds(work.db, "derbyshire", uuid4(), provider_id(firm), [beds[0]], ENDS, None, work.now)
        assert (refused.value.starts_on, refused.value.ends_on) == (STARTS, ENDS)
    kinds = [line.kind for line in record(night, agreement.referral_id)]
    assert kinds.count("beds_held") == 2
    assert kinds.count("stay_freed") == 1
    with pytest.raises(NotAllowed), night.work(PEOPLE["placements"]) as work:
        hold_bed(work, agreement, [BedId(beds[1])])


def test_each_evening_at_five_a_page_is_made_that_names_who_can_and_sets_the_next(night: Desk) -> None:
    clock = clock_of(night)
    clock.now = datetime(2026, 11, 23, 16, 59, tzinfo=UTC)
    with night.work(SYSTEM) as work:
        timer = first_sheet(DERBY, clock.now)
        assert timer.due_at == datetime(2026, 11, 23, 17, tzinfo=UTC)
        set_timers(work.db, DERBY, [(timer.kind.value, timer.subject_id, timer.due_at)])
    assert sweep(night) == 0
    clock.push(timedelta(minutes=1))
    assert sweep(night) == 1
    ((html, for_on),) = ask(night, "SELECT html, for_on FROM night_sheet")
    assert for_on == date(2026, 11, 23)
    assert "5:00pm" in html
    assert "07700 900503" in html
    assert "Dove Cottage" in html
    assert "Suspended" in html, "Larkrise is not to be called"
    assert "http" not in html.replace("https://", "http://").split("<body>")[1], "no address leads out of the page"
    due = ask(night, "SELECT due_at FROM timer WHERE kind = 'night_sheet' AND rang_at IS NULL")
    assert [row[0] for row in due] == [datetime(2026, 11, 24, 17, tzinfo=UTC)]
    told = {row[0] for row in ask(night, "SELECT kind FROM message WHERE authority = :key", key=DERBY)}
    assert {"night_sheet", "tests_overdue"} <= told, "on a Monday the quality officer hears of the test calls"
    clock.now = datetime(2026, 11, 27, 9, tzinfo=UTC)  # the worker was away: it makes one page, not four
    assert sweep(night) == 1
    assert len(ask(night, "SELECT 1 FROM night_sheet")) == 2
    with pytest.raises(NotAllowed), night.work(PEOPLE["placements"]) as work:
        make_sheet(work)


def test_a_number_is_tried_every_month_and_what_fails_twice_is_seen_first(night: Desk) -> None:
    clock = clock_of(night)
    with night.work(PEOPLE["careline"]) as work:
        log_test_call(work, contact_id("dovecote"), CallOutcome.ANSWERED, "")
        log_test_call(work, contact_id("ivybank"), CallOutcome.NO_ANSWER, "")
    clock.push(timedelta(days=8))
    with night.work(PEOPLE["quality"]) as work:
        log_test_call(work, contact_id("ivybank"), CallOutcome.WRONG_NUMBER, "A shop")
        view = night_tests(work)
    first = view.items[0]
    assert (first.provider.name, first.failing, first.state.failures) == ("Ivybank Supported Living", True, 2)
    assert view.failing == 1
    states = {one.provider.name: one.overdue for one in view.items}
    assert not states["Dovecote Young People's Trust"]
    assert states["Hawthorn House"], "never tried is due at once"
    clock.push(timedelta(days=24))
    with night.work(PEOPLE["quality"]) as work:
        assert {one.provider.name: one.overdue for one in night_tests(work).items}["Dovecote Young People's Trust"]
    with night.work(PEOPLE["coordinator_county"]) as work:
        assert night_tests(work).failing == 0, "each council has its own tries"
    with pytest.raises(NotAllowed), night.work(PEOPLE["approver"]) as work:
        log_test_call(work, contact_id("ivybank"), CallOutcome.ANSWERED, "")
