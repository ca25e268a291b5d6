"""The day of a story: who acts, in which browser, what they type; each page that is reached is measured."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import Desk
from brokerage.worker.sweep import ring_due
from tests.keys import OPENER
from tests.web.conftest import DESKTOP, PHONE
from tests.web.papers import pictures
from tests.web.road import Road

SHOTS: Final = os.environ.get("STORY_SHOTS", "")
"""A folder for pictures of every page that a story looks at, on the phone and at a desk; none unless wished."""

NAMES = ("Zebedee", "Quillfeather", "Zebbo", "Wyverncrest", "Philomena", "Nowhere Lane")


@dataclass
class Day:
    """What the story has at hand. Each page that is reached is measured; on the phone axe looks at it once."""

    browse: Callable[..., Page]
    axe: Callable[[Page], None]
    fits: Callable[[Page], None]
    desk: Desk
    clock: StoppedClock
    road: Road
    live: str
    width: int
    seen: set[str] = field(default_factory=set)

    def person(self, persona: str, path: str = "/") -> Page:
        """Open a page in a browser of their own."""
        return self.browse(path, as_=persona, width=self.width)

    def stranger(self, path: str) -> Page:
        return self.browse(path, width=self.width)

    def look(self, page: Page, heading: str) -> None:
        assert heading in page.inner_text("h1"), f"{page.url}: {page.inner_text('main')}"
        self.fits(page)
        if SHOTS:
            self._picture(page)
        if self.width < DESKTOP and heading not in self.seen:
            self.seen.add(heading)
            self.axe(page)

    def paper(self, name: str, content: bytes) -> None:
        """Keep the pages of a PDF as pictures beside those of the pages."""
        if SHOTS:
            for number, page in enumerate(pictures(content), start=1):
                page.save(Path(SHOTS) / f"{name}-{number}.png")

    def text_message(self, kind: str, column: str, to: str = "%") -> str:
        """Read the newest text of a kind, as it would stand on the phone of its number, or of whom it went to last."""
        return self._newest("sms", kind, column, to)

    def email(self, kind: str, column: str, to: str = "%") -> str:
        return self._newest("email", kind, column, to)

    def link(self, kind: str, to: str = "%") -> str:
        """Give the way that the newest e-mail of a kind leads."""
        return self.email(kind, "link", to).removeprefix(self.desk.public_url)

    def _newest(self, medium: str, kind: str, column: str, to: str) -> str:
        wanted = text(
            f"SELECT {column} FROM message WHERE kind = :kind AND medium = :medium AND to_address LIKE :to "
            "ORDER BY sequence DESC LIMIT 1"
        )
        with self.desk.engine.connect() as db:
            return str(db.execute(wanted, {"kind": kind, "medium": medium, "to": to}).scalar_one())

    def _picture(self, page: Page) -> None:
        name = re.sub(r"[^a-z0-9]+", "-", page.inner_text("h1").lower())[:50]
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": 640})
            page.screenshot(path=Path(SHOTS) / f"{len(os.listdir(SHOTS)):03}-{width}-{name}.png", full_page=True)
        page.set_viewport_size({"width": self.width, "height": 640})


@pytest.fixture
def width() -> int:
    """How wide the screens of a story are; one that walks at a desk too says so itself."""
    return PHONE


@pytest.fixture
def day(
    browse: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    desk: Desk,
    clock: StoppedClock,
    road: Road,
    live: str,
    width: int,
) -> Day:
    """Give what a story has at hand."""
    return Day(browse, axe, fits, desk, clock, road, live, width)


def fill_day(page: Page, name: str, day: str) -> None:
    year, month, number = day.split("-")
    for part, value in (("day", number), ("month", month), ("year", year)):
        page.fill(f"[name={name}_{part}]", str(int(value)))


def choose(page: Page, name: str, value: str) -> None:
    page.check(f"[name='{name}'][value='{value}']")


def go_on(page: Page) -> None:
    with page.expect_navigation():
        page.click("button.govuk-button[name=go][value=continue]")


def press(page: Page, words: str) -> None:
    """Press the button of these words, and wait for the answer."""
    with page.expect_navigation():
        page.click(f"main button:not(.govuk-visually-hidden):has-text('{words}')")


def follow(page: Page, words: str) -> None:
    """Follow the link of these words, and wait for its page."""
    with page.expect_navigation():
        page.click(f"main a:has-text('{words}')")


def menu(page: Page, words: str) -> None:
    """Open the menu, as it is on a phone, and follow one of its ways."""
    page.click("button:has-text('Menu')")
    with page.expect_navigation():
        page.click(f"nav a:has-text('{words}')")


def fill(page: Page, typed: Mapping[str, str | Sequence[str]]) -> None:
    """Type into the boxes of these names, and choose among choices, as they come."""
    for name, value in typed.items():
        box = page.locator(f"main [name='{name}']").first
        kind = box.evaluate("e => e.type")
        if kind in {"radio", "checkbox"}:
            for one in [value] if isinstance(value, str) else value:
                choose(page, name, one)
        elif kind == "select-one":
            box.select_option(str(value))
        else:
            box.fill(str(value))


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


def choose_an_offer(day: Day, reason: str = "") -> str:
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
    press(page, "Save the scores")
    page.goto(competition + "/award")
    day.look(page, "Choose an offer")
    assert not page.query_selector_all("input[name=bid_id]:checked")
    page.check("[name=bid_id] >> nth=0")
    fill(page, {"reason": reason})
    choose(page, "sure", "yes")
    press(page, "Award this offer")
    assert "The offer is chosen" in page.inner_text("main"), page.inner_text("main")
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


def at(day: Day, on: date, hour: int = 10, minute: int = 0) -> None:
    """Let time pass until a moment, with everything that falls due on the way."""
    day.clock.now = datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)
    ring_due(day.desk, OPENER)


def agreement(day: Day, persona: str) -> Page:
    """Sign in and go to the agreement as somebody would who does not know its address."""
    page = day.person(persona, "/agreements")
    day.look(page, "Agreements")
    follow(page, "A-")
    day.look(page, "Agreement A-")
    return page
