"""The demo's stories, seeded into a real database: all there is to see is there, and nobody is named to the market."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from brokerage.competitions import model as competitions
from brokerage.demo import register, stories
from brokerage.demo.seed import seed
from brokerage.desk import store
from brokerage.desk.clock import day_in_london
from brokerage.desk.record import verify
from brokerage.desk.work import Desk
from brokerage.referrals.model import State as ReferralState
from lots.model import CategoryCode
from matrix.store import in_force
from notifications.wording import load
from tests.keys import OPENER, RECIPIENTS

NOW = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
STATEMENTS = 12000
"""What a seed may ask, each change of who asks included: counted, because seconds differ from machine to machine."""

WORDS = Path(__file__).parents[2] / "templates" / "messages"


@dataclass(frozen=True)
class Seeded:
    engine: Engine
    statements: int

    def column(self, query: str, **values: object) -> list[Any]:
        with self.engine.connect() as db:
            return list(db.execute(text(query), values).scalars())

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with self.engine.connect() as db:
            return [tuple(row) for row in db.execute(text(query), values)]


@pytest.fixture(scope="module")
def seeded(postgres_url: str, _template: str) -> Iterator[Seeded]:
    """Seed one database for all these tests: they only look at it."""
    name = f"dps_test_{uuid.uuid4().hex}"
    admin = create_engine(postgres_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{_template}"'))
    engine = create_engine(make_url(postgres_url).set(database=name))
    asked: list[str] = []
    try:
        event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
        seed(lambda clock: Desk(engine, clock, load(WORDS), "http://127.0.0.1:8000", RECIPIENTS), NOW, OPENER)
        yield Seeded(engine, len(asked))
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def told() -> tuple[stories.Story, ...]:
    today = day_in_london(NOW)
    return stories.read(today, in_force(today)).stories


def secrets_of(story: stories.Story) -> set[str]:
    """List what would tell a provider who the young person is."""
    person = story.document["young_person"]
    assert isinstance(person, dict)
    relatives = [word for entry in person["relatives"] for word in re.findall(r"[A-Z]\w+", entry)]
    street = person["address"].split(",")[0]
    found = {person["given_name"], *person["family_name"].split(), person["known_as"], person["school"], *relatives}
    return {one for one in (*found, street, person["nhs_number"]) if one}


def test_every_state_of_a_referral_occurs(seeded: Seeded) -> None:
    assert set(seeded.column("SELECT DISTINCT state FROM referral")) == set(ReferralState)


def test_every_state_of_a_competition_and_of_an_award_occurs(seeded: Seeded) -> None:
    assert set(seeded.column("SELECT DISTINCT state FROM competition")) == set(competitions.State)
    assert set(seeded.column("SELECT DISTINCT state FROM award")) == set(competitions.AwardState)


def test_every_category_is_sought_and_agreed_stays_are_in_both_lots(seeded: Seeded) -> None:
    assert set(seeded.column("SELECT DISTINCT category FROM competition")) == set(CategoryCode)
    lots = seeded.column("SELECT DISTINCT left(category, 1) FROM agreement")
    assert set(lots) == {"1", "2"}


def test_each_council_has_its_own_referrals(seeded: Seeded) -> None:
    counted = dict(seeded.rows("SELECT authority, count(*) FROM referral GROUP BY authority"))
    assert counted == {"derby-city": len(told()) - 3, "derbyshire": 3}


def test_windows_that_are_open_close_when_the_demo_says(seeded: Seeded) -> None:
    left = sorted(seeded.column("SELECT closes_at - :now FROM competition WHERE state = 'open'", now=NOW))
    minutes = [timedelta(minutes=12), timedelta(minutes=25), timedelta(minutes=47)]
    hours = [timedelta(hours=hour) for hour in (3, 9, 18, 20)]
    assert left == minutes + hours


def test_there_are_choices_to_learn_from(seeded: Seeded) -> None:
    """Out of rank with a reason, the only offer with a reason, refused money, a first word above a limit."""
    assert seeded.column("SELECT reason FROM award WHERE rank > 1 AND length(reason) > 20")
    assert seeded.column(
        "SELECT competition_id FROM bid GROUP BY competition_id HAVING count(DISTINCT provider_id) = 5"
    )
    waiting = "SELECT f.decision FROM funding f JOIN award a ON a.id = f.award_id WHERE a.state = 'awaiting_funding'"
    assert seeded.column(waiting) == ["support"]
    assert seeded.column("SELECT id FROM bid WHERE withdrawn_at IS NOT NULL")
    assert set(seeded.column("SELECT DISTINCT rule FROM exclusion")) >= {"A15.suspended", "S5.no_ofsted_urn"}


def test_windows_were_asked_about_moved_given_up_and_published_again(seeded: Seeded) -> None:
    decided = set(seeded.column("SELECT DISTINCT choice FROM decision"))
    assert decided == {"extend", "give_up", "rerun"}
    assert seeded.column("SELECT id FROM competition WHERE follows IS NOT NULL AND state = 'open'")
    open_now = "SELECT q.answer FROM question q JOIN competition c ON c.id = q.competition_id WHERE c.state = 'open'"
    answers = seeded.column(open_now)
    assert None in answers
    assert "No allergies. [young person] does not eat meat." in answers
    assert seeded.column("SELECT id FROM question WHERE words <> shown")


def test_the_record_of_every_council_verifies(seeded: Seeded) -> None:
    with seeded.engine.connect() as db:
        for council in register.AUTHORITIES:
            found = verify(council.key, store.lines(db, council.key), store.head(db, council.key))
            assert found.first_bad is None, found.why


def test_nothing_that_providers_or_the_record_hold_names_a_young_person(seeded: Seeded) -> None:
    queries = (
        "SELECT coalesce(subject, '') || ' ' || body FROM message",
        "SELECT profile || ' ' || questions FROM competition",
        "SELECT body FROM record",
        "SELECT shown || ' ' || answer FROM question WHERE answer IS NOT NULL",
    )
    read = "\n".join(str(one) for query in queries for one in seeded.column(query))
    names = set[str]().union(*(secrets_of(story) for story in told()))
    shown = {name for name in names if re.search(rf"\b{re.escape(name)}\b", read)}
    assert not shown
    assert "07700 900" not in read


def test_running_placements_have_a_change_a_rise_a_notice_a_concern_a_plan_and_sheets(seeded: Seeded) -> None:
    assert sorted(seeded.column("SELECT state FROM variation")) == ["awaiting_funding", "proposed"]
    assert seeded.column("SELECT state FROM agreement WHERE notice_on IS NOT NULL") == ["under_notice"]
    assert seeded.column("SELECT acknowledged_at FROM concern") == [None]
    assert seeded.column("SELECT escalated_at FROM concern") == [None]
    assert seeded.column("SELECT number FROM support_plan ORDER BY number") == [1, 2]
    sheets = """
        SELECT date_trunc('week', h.given_on)::date AS week, sum(h.hours), bool_or(s.week IS NOT NULL)
          FROM hours_given h LEFT JOIN hours_sign_off s
            ON s.agreement_id = h.agreement_id AND s.week = date_trunc('week', h.given_on)::date
         GROUP BY 1 ORDER BY 1"""
    weeks = seeded.rows(sheets)
    assert [(str(given), signed) for _, given, signed in weeks] == [
        ("5.00", True),
        ("5.00", True),
        ("2.50", True),
        ("5.00", False),
    ]
    short = "SELECT delivered FROM hours_alarm WHERE kind = 'short' AND delivered > 0"
    assert [str(one) for one in seeded.column(short)] == ["2.50"]


def test_two_firms_would_like_to_join_and_an_insurance_runs_out_within_the_month(seeded: Seeded) -> None:
    assert sorted(seeded.column("SELECT state FROM application")) == ["draft", "submitted"]
    until = seeded.column("SELECT valid_to FROM evidence WHERE kind = 'public_liability' AND state = 'accepted'")
    assert [0 < (one - day_in_london(NOW)).days <= 30 for one in until] == [True]
    told = "SELECT count(*) FROM message WHERE kind = 'evidence_runs_out' AND created_at >= :since"
    assert seeded.column(told, since=NOW - timedelta(days=2)) > [0]


def test_redaction_can_be_seen(seeded: Seeded) -> None:
    profiles = " ".join(seeded.column("SELECT profile FROM competition"))
    for role in ("[young person]", "[relative]", "[school]", "[address]", "[date of birth]", "[phone number]"):
        assert role in profiles


def test_timers_of_the_past_have_rung_once_and_those_of_the_future_have_not(seeded: Seeded) -> None:
    assert not seeded.column("SELECT id FROM timer WHERE (due_at <= :now) <> (rang_at IS NOT NULL)", now=NOW)
    assert not seeded.column("SELECT id FROM timer WHERE rang_at < due_at OR failures > 0")
    assert seeded.column("SELECT id FROM timer WHERE rang_at IS NULL")


def test_every_message_was_delivered_while_it_was_of_use(seeded: Seeded) -> None:
    assert seeded.column("SELECT DISTINCT kind FROM message WHERE status <> 'delivered'") == []
    assert seeded.column("SELECT DISTINCT status FROM message") == ["delivered"]
    assert not seeded.column("SELECT id FROM message WHERE sent_at > created_at + interval '1 minute'")


def test_nothing_happens_after_the_present(seeded: Seeded) -> None:
    assert max(seeded.column("SELECT highest_at FROM record_head")) <= NOW
    assert max(seeded.column("SELECT settled_at FROM message")) <= NOW


def test_the_seed_asks_no_more_of_the_database_than_its_budget(seeded: Seeded) -> None:
    assert seeded.statements <= STATEMENTS


def test_a_bespoke_package_waits_for_an_answer_and_two_parts_are_one_placement(seeded: Seeded) -> None:
    rounds = seeded.rows("SELECT by_provider, state FROM negotiation_round ORDER BY proposed_at")
    assert rounds == [(False, "refused"), (True, "agreed"), (False, "proposed")]
    parts = seeded.rows("SELECT part, count(*) FROM agreement WHERE part IS NOT NULL GROUP BY part ORDER BY part")
    assert parts == [("accommodation", 1), ("support", 1)]
    assert seeded.column("SELECT count(DISTINCT referral_id) FROM agreement WHERE part IS NOT NULL") == [1]
