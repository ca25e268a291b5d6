"""One emergency: found and begun the same night, ended early at the provider's wish, back to the market from it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from brokerage.demo.nights import furnish
from brokerage.demo.register import provider_id
from tests.story.day import NAMES, Day, agreement, at, choose, fill, fill_day, follow, press

TONIGHT, TOLD, SERVED, END = date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 8)


def test_from_tonight_to_the_next_search(day: Day) -> None:
    furnish(day.desk.work, date(2026, 1, 1))
    opened = day.road.opened(needed="same_day")
    day.road.offered(opened, "amberside", earliest_start=TONIGHT.isoformat())
    award = day.road.funded(opened).award_id
    at(day, TONIGHT, 22, 30)
    free = free_beds(day, TONIGHT)
    begin_tonight(day, award)
    assert free_beds(day, TONIGHT) == free - 1
    share_what_is_known(day)
    give_notice(day)
    go_back_to_the_market(day)
    end_early(day)
    assert free_beds(day, date(2026, 12, 9)) == free


def free_beds(day: Day, on: date) -> int:
    page = day.person("coordinator", f"/providers/{provider_id('amberside')}/homes")
    fill_day(page, "on", on.isoformat())
    press(page, "Show this day")
    day.look(page, "Homes of Amberside")
    counted = page.inner_text("main").partition(" free on ")[0]
    return int(counted.rpartition(" ")[2])


def begin_tonight(day: Day, award: UUID) -> None:
    """They cannot meet tonight; the reason is asked for, and nothing typed is lost until it is given."""
    page = day.person("coordinator")
    day.look(page, "My work")
    with page.expect_navigation():
        page.click(f"main a[href='/awards/{award}']")
    day.look(page, "Agree the start")
    fill_day(page, "starts_on", TONIGHT.isoformat())
    fill_day(page, "ends_on", "2027-01-29")
    page.check("[name=beds] >> nth=0")
    press(page, "Make the agreement")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=ends_on_year]") == "2027"
    assert page.is_checked("[name=beds] >> nth=0")
    fill(page, {"waiver_reason": "The home of tonight is lost and it is half past ten"})
    press(page, "Make the agreement")
    day.look(page, "Agreement A-")
    follow(page, "Before the start")
    day.look(page, "Before the start")
    assert "Full information within 72 hours" in page.inner_text("main")
    press(page, "Tell the provider who it is")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    fill(page, {"reason": "The young person arrives within the hour"})
    press(page, "Tell the provider who it is")
    day.look(page, "Before the start")
    for persona in ("provider_a", "coordinator"):
        page = agreement(day, persona)
        follow(page, "Read and accept it")
        choose(page, "read", "yes")
        press(page, "Accept the agreement")
    if page.query_selector("button:has-text('Start the placement')"):
        press(page, "Start the placement")
    assert "Running" in page.inner_text("h1")


def share_what_is_known(day: Day) -> None:
    """Two days on it is asked for where the coordinator's work begins."""
    at(day, TOLD, 23)
    page = day.person("coordinator")
    day.look(page, "My work")
    assert "Full information to share" in page.inner_text("main")
    with page.expect_navigation():
        page.click("main a[href$='/start']")
    day.look(page, "Before the start")
    press(page, "The provider has the full information")
    assert "The clock has stopped" in page.inner_text("main")


def give_notice(day: Day) -> None:
    at(day, SERVED)
    page = agreement(day, "provider_a")
    follow(page, "Notice and end")
    fill(page, {"reason": "provider_behaviour", "options_explored": "Two members of staff at night"})
    fill_day(page, "served_on", SERVED.isoformat())
    press(page, "See what follows")
    day.look(page, "Check what follows")
    assert "8 December 2026, until midnight" in page.inner_text("main")
    press(page, "Give notice")
    day.look(page, "Notice was given")


def go_back_to_the_market(day: Day) -> None:
    """One form makes the next referral of all that is known, linked to the placement that still runs."""
    page = agreement(day, "coordinator")
    assert "Under notice" in page.inner_text("h1")
    follow(page, "Back to the market")
    day.look(page, "Back to the market")
    fill(page, {"reason": "provider_ends", "urgency": "urgent", "why": "short"})
    press(page, "Make the referral")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    fill(page, {"why": "The nights are too much for this home"})
    press(page, "Make the referral")
    day.fits(page)
    day.axe(page)
    assert "The placement goes on as it is" in page.inner_text("main")


def end_early(day: Day) -> None:
    at(day, END, 18)
    page = agreement(day, "coordinator")
    follow(page, "Notice and end")
    follow(page, "Record the end")
    fill(page, {"reason": "planned", "move_on": "supported_accommodation"})
    press(page, "See what follows")
    day.look(page, "Check what follows")
    press(page, "End the placement")
    day.look(page, "How the placement ended")
    told = page.inner_text("main")
    assert "The provider" in told
    assert not [name for name in NAMES if name in told]
