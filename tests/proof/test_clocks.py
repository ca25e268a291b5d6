"""The proof of clocks sees a clock that goes back, and a day that is reckoned by the clock on the wall."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from brokerage.competitions import rules as competition_rules
from brokerage.competitions.model import Window
from brokerage.desk.clock import DatabaseClock
from tests.proof import clocks, stage
from tests.proof.figures import Skipped


def test_there_are_twenty_clock_changes_from_2026_to_2036_as_the_tables_of_zones_know_them() -> None:
    found, london = clocks.changes(), ZoneInfo("Europe/London")
    assert (len(found), found[0].year, found[-1].year) == (20, 2026, 2036)
    for turn in found:
        assert (turn - clocks.MICRO).astimezone(london).utcoffset() != turn.astimezone(london).utcoffset()


def test_a_clock_that_goes_back_and_a_day_by_the_wall_are_seen(monkeypatch: Any) -> None:
    try:
        with clocks.a_faked_server() as (cluster, face):
            face.stop_at(clocks.FIRST_DAY)
            stage.settled(cluster.url)
            with stage.a_live_desk(cluster.url, clock=DatabaseClock("clock_timestamp()")) as desk:
                judged = clocks.Judged(desk, face)
                judged.case(next(case for case in clocks.CASES if "across" in case.name))
                assert any("accepted, and late is right" in one for one in judged.wrong), judged.wrong
            with stage.a_live_desk(cluster.url) as desk:
                judged = clocks.Judged(desk, face)
                monkeypatch.setattr(competition_rules, "window", _by_the_wall)
                judged.turn(clocks.changes()[0])
                assert any("close of 24 h" in one for one in judged.wrong), judged.wrong
                assert any("accepted, and late is right" in one for one in judged.wrong), judged.wrong
    except Skipped as skipped:
        pytest.skip(skipped.why)


def _by_the_wall(urgency: str, now: Any, *, waits_for_morning: bool) -> Window:
    opens = now.astimezone(ZoneInfo("Europe/London"))
    return Window(opens, opens + timedelta(hours=1 if urgency == "urgent" else 24))
