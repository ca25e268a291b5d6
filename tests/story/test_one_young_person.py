"""One young person, from the first answer to the agreement, through the pages, in a real browser.

Everybody acts in the order of the day, each in a browser of their own; nothing is done behind the pages but two
things that pages cannot do: reading a text message from the outbox, and letting an hour pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import Desk
from brokerage.worker.sweep import ring_due
from matrix.store import in_force
from tests.keys import OPENER
from tests.web.conftest import DESKTOP

NAMES = ("Zebedee", "Quillfeather", "Zebbo", "Wyverncrest", "Philomena", "Nowhere Lane")


@dataclass
class Day:
    """What the story has at hand. Each page that is reached is measured; on the phone axe looks at it once."""

    browse: Callable[..., Page]
    axe: Callable[[Page], None]
    fits: Callable[[Page], None]
    desk: Desk
    clock: StoppedClock
    width: int
    seen: set[str] = field(default_factory=set)

    def person(self, persona: str, path: str = "/") -> Page:
        return self.browse(path, as_=persona, width=self.width)

    def look(self, page: Page, heading: str) -> None:
        assert heading in page.inner_text("h1")
        self.fits(page)
        if self.width < DESKTOP and heading not in self.seen:
            self.seen.add(heading)
            self.axe(page)

    def text_message(self, kind: str, column: str) -> str:
        """Read the newest text of a kind, as it would stand on the first invited provider's phone."""
        with self.desk.engine.connect() as db:
            found = db.execute(
                text(
                    f"SELECT {column} FROM message WHERE kind = :kind AND medium = 'sms' ORDER BY sequence DESC LIMIT 1"
                ),
                {"kind": kind},
            )
            return str(found.scalar_one())


@pytest.fixture(params=[DESKTOP, 320], ids=["desktop", "phone"])
def day(
    request: pytest.FixtureRequest,
    browse: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    desk: Desk,
    clock: StoppedClock,
) -> Day:
    return Day(browse, axe, fits, desk, clock, request.param)


def fill_day(page: Page, name: str, day: str) -> None:
    year, month, number = day.split("-")
    for part, value in (("day", number), ("month", month), ("year", year)):
        page.fill(f"[name={name}_{part}]", str(int(value)))


def choose(page: Page, name: str, value: str) -> None:
    page.check(f"[name='{name}'][value='{value}']")


def go_on(page: Page) -> None:
    page.click("button.govuk-button[name=go][value=continue]")


def test_from_the_first_answer_to_the_agreement(day: Day) -> None:
    referral = write_the_referral(day)
    publish_it(day, referral)
    make_two_offers(day)
    let_the_hour_pass(day)
    award = choose_an_offer(day)
    authorise_the_money(day, award)
    agree_the_start(day, award)
    read_the_history(day, referral)


def write_the_referral(day: Day) -> str:
    """Priya fills the task list, with a slip on the way that loses nothing."""
    page = day.person("placements", "/referrals")
    day.look(page, "Referrals")
    page.click("text=New referral")
    tasks = page.url
    day.look(page, "referral")

    page.goto(tasks.replace("/tasks", "/young-person"))
    page.fill("[name=given_name]", "Zebedee")
    page.fill("[name=family_name]", "Quillfeather")
    page.fill("[name=known_as]", "Zebbo")
    page.fill("[name=school]", "Wyverncrest Academy")
    page.fill("[name=relatives]", "Philomena Quillfeather (mother)")
    page.fill("[name=address]", "14 Nowhere Lane, Derby DE1 9ZZ")
    fill_day(page, "date_of_birth", "2030-05-04")
    go_on(page)
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.title().startswith("Error: ")
    assert page.input_value("[name=family_name]") == "Quillfeather"
    day.fits(page)
    fill_day(page, "date_of_birth", "2009-05-04")
    go_on(page)

    page.goto(tasks.replace("/tasks", "/status"))
    for name, value in (
        ("source", "leaving_care_team"),
        ("status", "looked_after_s20"),
        ("in_education_or_training", "yes"),
        ("living_now", "foster_care"),
        ("needed", "planned"),
        ("urgency", "urgent"),
    ):
        choose(page, name, value)
    day.look(page, "Status and eligibility")
    go_on(page)

    page.goto(tasks.replace("/tasks", "/matrix"))
    for domain in in_force(day.clock.now.date()).domains:
        choose(page, f"answers_{domain.key}", "2" if domain.key == "home" else "1")
    day.look(page, "Needs and risk matrix")
    go_on(page)

    page.goto(tasks.replace("/tasks", "/outcomes"))
    page.fill("[name=outcome_0]", "Zebedee keeps a place at Wyverncrest Academy")
    page.fill("[name=outcome_1]", "Cooks and budgets")
    page.fill("[name=pathway_plan]", "Zebbo was born on 4 May 2009 and sees Philomena on Sundays.")
    page.fill("[name=risk_plan]", "If late, ring 07700 900123, then the duty team.")
    day.look(page, "Outcomes and plans")
    go_on(page)

    page.goto(tasks.replace("/tasks", "/location"))
    choose(page, "wants", "accommodation")
    choose(page, "wants", "support")
    page.fill("[name=outward_code]", "DE1")
    page.fill("[name=beds]", "1")
    day.look(page, "Location and provision")
    go_on(page)

    page.goto(tasks.replace("/tasks", "/budget"))
    page.fill("[name=indicative_budget_weekly]", "700")
    choose(page, "housing_benefit", "no")
    day.look(page, "Budget")
    go_on(page)
    page.goto(tasks)
    assert "6 of 6 sections completed" in page.inner_text("main")
    return tasks.removesuffix("/tasks")


def publish_it(day: Day, referral: str) -> None:
    """She looks at what providers will see, and publishes."""
    page = day.person("placements", "/referrals/" + referral.rpartition("/")[2] + "/profile")
    day.look(page, "What providers will see")
    assert "[young person]" in page.inner_text("main")
    page.goto(referral + "/check")
    day.look(page, "Check")
    assert "3:55pm GMT" in page.inner_text("main")
    choose(page, "read", "yes")
    page.click("button:has-text('Publish')")
    day.look(page, "Offers for R-")
    assert "Sealed" in page.inner_text("main")


def make_two_offers(day: Day) -> None:
    """One provider answers on the phone by link and code, another signed in. Neither reads a name."""
    link = day.text_message("invitation", "link")
    page = day.browse("/b/" + link.rpartition("/")[2], width=320)
    day.look(page, "Can you offer the right place?")
    offer(day, page, "360", "21.50")
    assert "code" in page.inner_text("main").lower()
    page.click("button:has-text('Text me')")
    page.fill("[name=code]", day.text_message("code", "code"))
    page.click("button:has-text('Send offer')")
    day.look(page, "We have your offer")

    page = day.person("provider_a", "/provider")
    day.look(page, "nvitations")
    page.click("main a[href^='/offers/']")
    offer(day, page, "400", "23.00")
    page.click("button:has-text('Send offer')")
    day.look(page, "We have your offer")


def offer(day: Day, page: Page, accommodation: str, support: str) -> None:
    body = page.inner_text("body")
    assert not [name for name in NAMES if name in body]
    page.click("a:has-text('Make an offer') >> nth=0")
    page.fill("[name=accommodation_weekly]", accommodation)
    page.fill("[name=support_hourly]", support)
    fill_day(page, "earliest_start", "2026-12-01")
    page.fill("[name=place_outward_code]", "DE1")
    choose(page, "place_shared", "yes")
    for answer in page.query_selector_all("textarea[name^=answer_]"):
        answer.fill("A key worker who has done this before, twice a week.")
    day.look(page, "offer")
    page.click("main form button[type=submit]:visible >> nth=0")
    day.look(page, "Check")


def let_the_hour_pass(day: Day) -> None:
    """Nobody presses a button: the window closes by itself."""
    day.clock.push(timedelta(minutes=61))
    assert ring_due(day.desk, OPENER) == 2


def choose_an_offer(day: Day) -> str:
    """Colin reads, scores and chooses."""
    page = day.person("coordinator", "/")
    day.look(page, "My work")
    page.click("main a[href^='/competitions/'] >> nth=0")
    day.look(page, "Offers for R-")
    assert "Opened" in page.inner_text("main")
    competition = page.url
    page.goto(competition + "/evaluate")
    for group in page.query_selector_all("main form input[type=radio][value='4']"):
        group.check()
    day.look(page, "Score the offers")
    page.click("button:has-text('Save the scores')")
    page.goto(competition + "/award")
    day.look(page, "Choose an offer")
    assert not page.query_selector_all("input[name=bid_id]:checked")
    page.check("[name=bid_id] >> nth=0")
    choose(page, "sure", "yes")
    page.click("button:has-text('Award this offer')")
    assert "The offer is chosen" in page.inner_text("main")
    return "/awards/" + page.url.rpartition("/")[2]


def authorise_the_money(day: Day, award: str) -> None:
    """Anita, and nobody else, decides on the money."""
    page = day.person("approver", award)
    day.look(page, "R-")
    choose(page, "decision", "authorise")
    page.click("button:has-text('Save the decision')")
    assert "uthorised" in page.inner_text("main")


def agree_the_start(day: Day, award: str) -> None:
    """Colin agrees the start; a stay that is too short is refused in its field, and nothing typed is lost."""
    page = day.person("coordinator", award)
    fill_day(page, "starts_on", "2026-12-01")
    fill_day(page, "ends_on", "2026-12-20")
    fill_day(page, "met_on", "2026-11-21")
    page.click("button:has-text('Make the agreement')")
    assert "too short" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=starts_on_day]") == "1"
    fill_day(page, "ends_on", "2027-05-03")
    page.click("button:has-text('Make the agreement')")
    day.look(page, "A-")
    assert "15 December 2026" in page.inner_text("main")
    assert "1 March 2027" in page.inner_text("main")
    page.goto(page.url.split("?")[0] + "/print")
    assert "individual placement agreement" in page.inner_text("body").lower()
    day.fits(page)


def read_the_history(day: Day, referral: str) -> None:
    """Every step stands in the history, and the auditor, who says why they look, finds the record sound."""
    page = day.person("auditor", "/referrals/" + referral.rpartition("/")[2] + "/history")
    day.look(page, "Why do you need to see this record?")
    page.fill("[name=reason]", "The yearly look at ten referrals")
    page.click("button:has-text('See the record')")
    day.fits(page)
    day.axe(page)
    told = page.inner_text("main")
    for step in ("Referral started", "Agreement"):
        assert step in told
    page.goto(page.url.split("/referrals/")[0] + "/record")
    day.look(page, "ecord")
    page.click("button:has-text('heck')")
    assert "sound" in page.inner_text("main")
