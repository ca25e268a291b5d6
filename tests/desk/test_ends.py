"""However a placement ends, its beds and open proposals go with it: one rule, on a real PostgreSQL (A33, A34)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from brokerage.demo.nights import bed_id, furnish
from brokerage.demo.register import provider_id
from brokerage.desk import flow
from brokerage.desk.flow.ends import end_agreement
from brokerage.desk.flow.homes import hold_bed
from brokerage.desk.flow.lives import accept_agreement
from brokerage.desk.flow.variations import Proposal, propose_variation
from brokerage.desk.work import Desk
from lots import store as lots
from lots.model import BedId, ProviderId
from lots.service import hold_beds
from placements.errors import NoSuchAgreement
from placements.model import Agreement, Changes
from tests.desk.road import DERBY, ENDS, PEOPLE, STARTS, agree, ask, awarded, clock_of, decide, record, sweep

HOME = {"amberside": "Amber Lodge", "brightwater": "Brook House"}
DAY = timedelta(days=1)


@pytest.fixture
def agreed(desk: Desk) -> tuple[Agreement, BedId]:
    """Give an agreement that nobody has accepted yet, and a bed of its provider's."""
    furnish(desk.work, date(2026, 1, 1))
    _, made = awarded(desk)
    decide(desk, made.award_id)
    agreement_id = agree(desk, made.award_id)
    with desk.work(PEOPLE["coordinator"]) as work:
        found = flow.agreement_of(work, agreement_id)
    firm = next(key for key in HOME if provider_id(key) == found.provider_id)
    return found, bed_id(HOME[firm], 1)


def be_noon(desk: Desk, on: date) -> None:
    clock_of(desk).now = datetime.combine(on, time(12), UTC)


def take(desk: Desk, found: Agreement, bed: BedId) -> None:
    with desk.work(PEOPLE["coordinator"]) as work:
        hold_bed(work, found, [bed])


def run(desk: Desk, found: Agreement) -> None:
    """Let both parties accept on the first day, so that it starts."""
    be_noon(desk, STARTS)
    firm = next(key for key in HOME if provider_id(key) == found.provider_id)
    for persona in ({"amberside": "provider_a", "brightwater": "provider_b"}[firm], "coordinator"):
        with desk.work(PEOPLE[persona]) as work:
            accept_agreement(work, found.id)


def propose(desk: Desk, found: Agreement, changes: Changes) -> None:
    with desk.work(PEOPLE["coordinator"]) as work:
        effective_on = STARTS + 30 * DAY
        propose_variation(work, found.id, Proposal("stay_shorter", changes, None, effective_on))


def end(desk: Desk, found: Agreement, reason: str, on: date) -> None:
    with desk.work(PEOPLE["coordinator"]) as work:
        end_agreement(work, found.id, reason, on, "not_known", None)


def beds_of(desk: Desk, found: Agreement) -> list[tuple[date, date | None]]:
    with desk.work(PEOPLE["coordinator"]) as work:
        stays = lots.stays(work.db, DERBY, found.referral_id)
    return sorted((one.hold.starts_on, one.hold.ends_on) for one in stays)


def states(desk: Desk, table: str) -> list[str]:
    return [row.state for row in ask(desk, f"SELECT state FROM {table} ORDER BY state")]


def test_an_end_that_comes_by_itself_takes_open_proposals_along_and_frees_a_bed_that_was_held_longer(
    desk: Desk, agreed: tuple[Agreement, BedId]
) -> None:
    found, bed = agreed
    with desk.work(PEOPLE["coordinator"]) as work:  # as a bed taken by somebody who did not know the last day
        hold_beds(work.db, DERBY, found.referral_id, ProviderId(found.provider_id), [bed], STARTS, None, work.now)
    run(desk, found)
    propose(desk, found, Changes(ends_on=ENDS - 20 * DAY))
    be_noon(desk, ENDS + DAY)
    sweep(desk)
    assert states(desk, "agreement") == ["ended"]
    assert states(desk, "variation") == ["withdrawn"]
    assert beds_of(desk, found) == [(STARTS, ENDS)]
    kinds = [line.kind for line in record(desk, found.referral_id)]
    assert kinds[-3:] == ["variation_dropped", "agreement_ended", "stay_ended"]
    assert ask(desk, "SELECT count(*) FROM timer WHERE failures > 0")[0][0] == 0


def test_few_nights_before_a_stay_are_not_made_longer_by_its_end(desk: Desk, agreed: tuple[Agreement, BedId]) -> None:
    found, bed = agreed
    firm, until = ProviderId(found.provider_id), STARTS + 3 * DAY
    with desk.work(PEOPLE["coordinator"]) as work:
        hold_beds(work.db, DERBY, found.referral_id, firm, [bed], STARTS - 2 * DAY, until, work.now)
        hold_beds(work.db, DERBY, uuid4(), firm, [bed], until + DAY, until + 20 * DAY, work.now)  # somebody else
    run(desk, found)
    be_noon(desk, ENDS + DAY)
    sweep(desk)
    assert states(desk, "agreement") == ["ended"]
    assert beds_of(desk, found) == [(STARTS - 2 * DAY, until)]


def test_a_bed_follows_a_last_day_that_comes_sooner(desk: Desk, agreed: tuple[Agreement, BedId]) -> None:
    found, bed = agreed
    take(desk, found, bed)
    assert beds_of(desk, found) == [(STARTS, ENDS)]
    run(desk, found)
    propose(desk, found, Changes(ends_on=ENDS - 20 * DAY))
    be_noon(desk, STARTS + 5 * DAY)
    end(desk, found, "young_person_left", STARTS + 4 * DAY)
    assert beds_of(desk, found) == [(STARTS, STARTS + 4 * DAY)]
    assert states(desk, "variation") == ["withdrawn"]


@pytest.mark.parametrize(
    ("on", "left"), [(STARTS - 5 * DAY, []), (STARTS, [(STARTS, STARTS)])], ids=["before the start", "on its day"]
)
def test_the_bed_of_who_never_came(
    desk: Desk, agreed: tuple[Agreement, BedId], on: date, left: list[tuple[date, date]]
) -> None:
    """What has not begun is given up, what has begun was kept for a day at least."""
    found, bed = agreed
    take(desk, found, bed)
    be_noon(desk, on)
    end(desk, found, "never_came", STARTS - DAY)
    assert beds_of(desk, found) == left


def test_another_council_finds_nothing_to_end(desk: Desk, agreed: tuple[Agreement, BedId]) -> None:
    found, _ = agreed
    with desk.work(PEOPLE["coordinator_county"]) as work, pytest.raises(NoSuchAgreement):
        end_agreement(work, found.id, "never_came", STARTS - DAY, "not_known", None)
    assert states(desk, "agreement") == ["opened"]
