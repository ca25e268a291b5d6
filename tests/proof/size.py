"""10,000 running agreements: "My work", review timers that fall due at once, the weekly look at hours (A31, A35)."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Final

from litestar.testing import TestClient
from sqlalchemy import Engine, text

from brokerage.config import Mode, Settings
from brokerage.demo.register import personas
from brokerage.desk.flow.hours import check_week
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor
from brokerage.web.app import create_app
from brokerage.worker.sweep import ring_due
from tests.proof.figures import Figure
from tests.proof.stage import a_cluster, a_live_desk, settled

NAMES: Final[tuple[str, ...]] = ("my_work_ms", "sweep_10000_s", "hours_week_10000_s")

AGREEMENTS: Final = 10_000
QUICK_AGREEMENTS: Final = 500
READS: Final = 40
WARM: Final = 3

# One statement a table. Day n of a stay is spread over the last ninety; each has a review that falls due today, one in
# three weeks and a later one, as a register of that size has.
SEED: Final = (
    """
INSERT INTO agreement (authority, id, reference, award_id, referral_id, provider_id, category, hours,
  accommodation_weekly, support_hourly, housing_benefit_weekly, beds, block_discount, weekly_cost, bespoke, met_on,
  starts_on, ends_on, state, agreed_at, outcomes, under_18, services, funded_weekly)
SELECT 'derby-city', gen_random_uuid(), 'A-' || lpad(n::text, 6, '0'), gen_random_uuid(), gen_random_uuid(),
  (SELECT id FROM provider ORDER BY id LIMIT 1 OFFSET n % (SELECT count(*) FROM provider)), '1.2', 8,
  350, 20, 0, 1, 0, 510, false, current_date - 100, current_date - (n % 90), current_date + 300 - (n % 90),
  'started', clock_timestamp(), '[]', false, '[]', 510
FROM generate_series(1, :n) AS n
""",
    """
INSERT INTO agreement_version (authority, agreement_id, number, from_on, until_on, ends_on, category, hours,
  accommodation_weekly, support_hourly, housing_benefit_weekly, beds, block_discount, weekly_cost, bespoke, services,
  limit_accommodation_weekly, limit_support_hourly, made_at)
SELECT authority, id, 1, starts_on, ends_on, ends_on, category, hours, accommodation_weekly, support_hourly,
  housing_benefit_weekly, beds, block_discount, weekly_cost, bespoke, services, 400, 25, agreed_at
FROM agreement
""",
    """
INSERT INTO review (authority, id, agreement_id, number, due_on, kind, state)
SELECT authority, gen_random_uuid(), id, place, current_date + (place - 1) * 20, 'quarterly', 'planned'
FROM agreement, generate_series(1, 3) AS place
""",
    """
INSERT INTO timer (authority, id, kind, subject_id, due_at, not_before, failures)
SELECT authority, gen_random_uuid(), 'review_due', id, clock_timestamp(), clock_timestamp(), 0
FROM review WHERE number = 1
""",
    """
INSERT INTO hours_alarm (authority, agreement_id, week, kind, commissioned, delivered, in_a_row, raised_at)
SELECT authority, id, date_trunc('week', current_date)::date - 7, 'short', 8, 2, 1, clock_timestamp()
FROM agreement WHERE reference LIKE '%7'
""",
)


def prove(quick: bool) -> Iterator[Figure]:
    """Fill a council with running agreements, read its coordinator's page, then let every first review fall due."""
    count = QUICK_AGREEMENTS if quick else AGREEMENTS
    with a_cluster(on_disk=True) as cluster:
        settled(cluster.url)
        with a_live_desk(cluster.url, 4) as desk:
            fill(desk.engine, count)
            with_page = (
                f"median of {READS} whole pages of a coordinator, over HTTP handlers in this process, {count:,} running"
                f" agreements with {3 * count:,} reviews to hold and {count // 10:,} weeks to look at"
            )
            yield Figure("my_work_ms", _read(desk), "" if quick else "<= 100", "ms", with_page)
            began = perf_counter()
            rang = ring_due(desk)
            taken = perf_counter() - began
            _check(desk.engine, count, rang)
            yield Figure(
                "sweep_10000_s",
                round(taken, 2),
                "" if quick else "<= 10",
                "s",
                f"{count:,} review timers of one council due at once, one sweeper, each with its line in the record",
            )
            with desk.work(Actor(SYSTEM.role, SYSTEM.name, "derby-city")) as work:
                began = perf_counter()
                checked = check_week(work, work.now)
                taken = perf_counter() - began
            if not checked.agreements == checked.short > count // 2:
                raise AssertionError(f"{checked.short} of {checked.agreements} weeks without hours are short")
            yield Figure(
                "hours_week_10000_s",
                round(taken, 2),
                "" if quick else "<= 10",
                "s",
                f"the weekly look at {checked.agreements:,} agreements' hours, every one short, in one transaction",
            )


def fill(engine: Engine, count: int) -> None:
    with engine.begin() as db:
        for statement in SEED:
            db.execute(text(statement), {"n": count} if ":n" in statement else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("ANALYZE"))


def _read(desk: Desk) -> float:
    token = next(one.token for one in personas() if one.key == "coordinator")
    headers = {"authorization": f"Bearer {token}", "accept": "text/html"}
    taken = []
    with TestClient(create_app(desk, Settings(Mode.PRODUCTION, "", desk.public_url))) as client:
        for _ in range(WARM + READS):
            began = perf_counter()
            page = client.get("/", headers=headers)
            taken.append((perf_counter() - began) * 1000)
            if page.status_code != 200 or "Reviews due in the next 4 weeks" not in page.text:
                raise AssertionError(f"My work answered {page.status_code}")
    return round(median(taken[WARM:]), 1)


def _check(engine: Engine, count: int, rang: int) -> None:
    """See that every review fell due once and stands in the record once."""
    with engine.connect() as db:
        due = db.execute(text("SELECT count(*) FROM review WHERE state = 'due'")).scalar_one()
        told = db.execute(text("SELECT count(*) FROM record WHERE kind = 'review_fell_due'")).scalar_one()
        left = db.execute(text("SELECT count(*) FROM timer WHERE kind = 'review_due' AND rang_at IS NULL")).scalar_one()
    if not (due == told == count and left == 0 and rang >= count):
        raise AssertionError(f"{count} timers: {rang} rang, {due} reviews fell due, {told} recorded, {left} left")
