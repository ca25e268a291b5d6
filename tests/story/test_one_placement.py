"""The life of a placement, from the money to the last line of its ledger."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

import ics
from pypdf import PdfReader

from tests.story.day import NAMES, Day, agreement, at, choose, fill, fill_day, follow, press
from tests.web.lives import offer_below

FIRST, LAST, NOTICE, END = date(2026, 12, 7), date(2027, 5, 30), date(2027, 3, 1), date(2027, 3, 31)
LESS, MORE = date(2027, 1, 4), date(2027, 2, 1)
PENNY: Final = Decimal("0.01")


def test_from_the_money_to_the_last_line_of_the_ledger(day: Day) -> None:
    opened = day.road.opened(urgency="standard")
    day.road.offered(opened, "amberside", **offer_below(day.road, opened, "amberside"))
    award = day.road.funded(opened).award_id
    meet_first(day, f"/awards/{award}")
    accept_and_release(day)
    write_the_plan(day)
    type_and_sign_a_week(day)
    keep_paper_and_calendar(day)
    hold_the_first_review(day)
    less = change_the_hours(day, "needs_less", LESS, "4.5")
    more = change_the_hours(day, "needs_more", MORE, "24", funded=True)
    tell_of_a_concern(day)
    give_notice_and_end(day)
    check_what_is_paid(day, less, more)


def meet_first(day: Day, award: str) -> None:
    """They meet on Tuesday; only then the start is agreed."""
    page = day.person("coordinator", award)
    day.look(page, "Agree the start")
    follow(page, "plan and record meetings")
    day.look(page, "Meetings for R-")
    fill(page, {"kind": "meeting", "note": "In the café at the station, with the key worker"})
    fill_day(page, "on", "2026-11-20")
    press(page, "Plan it")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=note]").startswith("In the café")
    fill_day(page, "on", "2026-11-24")
    press(page, "Plan it")
    assert "Planned" in page.inner_text("main")
    at(day, date(2026, 11, 24), 16)
    page = day.person("coordinator", award + "/meetings")
    press(page, "It was held")
    day.look(page, "Meetings for R-")
    follow(page, "Agree the start")
    fill_day(page, "starts_on", FIRST.isoformat())
    fill_day(page, "ends_on", LAST.isoformat())
    fill_day(page, "met_on", "2026-11-24")
    press(page, "Make the agreement")
    day.look(page, "Agreement A-")


def accept_and_release(day: Day) -> None:
    for persona in ("provider_a", "coordinator"):
        page = agreement(day, persona)
        follow(page, "Read and accept it")
        day.look(page, "Accept agreement A-")
        press(page, "Accept the agreement")
        assert "There is a problem" in page.inner_text(".govuk-error-summary")
        choose(page, "read", "yes")
        press(page, "Accept the agreement")
        day.look(page, "Agreement A-")
    follow(page, "Before the start")
    day.look(page, "Before the start")
    press(page, "Tell the provider who it is")
    day.look(page, "Before the start")
    page = agreement(day, "provider_a")
    follow(page, "Before the start")
    assert "Zebedee Quillfeather" in page.inner_text("main")


def write_the_plan(day: Day) -> None:
    at(day, FIRST)
    page = agreement(day, "provider_a")
    assert "Running" in page.inner_text("h1")
    follow(page, "Support plan")
    day.look(page, "Support plan of A-")
    follow(page, "Write the support plan")
    day.look(page, "Write the support plan")
    fill(page, {"how_keeps_home": "We sit down on Mondays and look at the money together"})
    press(page, "Keep this version")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=how_keeps_home]").startswith("We sit down")
    fill(page, {"how_college": "A lift on the first days", "weekly": "Monday 4pm, Thursday 5pm", "together": "yes"})
    press(page, "Keep this version")
    day.look(page, "Support plan of A-")
    assert "Made together with the young person" in page.inner_text("main")


def type_and_sign_a_week(day: Day) -> None:
    """On Sunday the week is typed, and Zebedee signs on a phone."""
    at(day, date(2026, 12, 13), 18)
    page = agreement(day, "provider_a")
    follow(page, "Hours")
    day.look(page, "Hours of support")
    follow(page, "Record this week")
    day.look(page, "Week from 7 December 2026")
    fill(page, {"day_0": "2026-12-07", "from_0": "4pm", "to_0": "half six", "kind_0": "individual"})
    press(page, "Save the week")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=to_0]") == "half six"
    fill(page, {"to_0": "6:30pm", "day_1": "2026-12-10", "hours_1": "1.25", "kind_1": "individual"})
    press(page, "Save the week")
    day.look(page, "Hours of support")
    follow(page, "Ask the young person")
    day.look(page, "Week from 7 December 2026")
    press(page, "Make the link")
    day.look(page, "A link for the young person")
    link = page.inner_text(".govuk-inset-text a").removeprefix(day.desk.public_url)
    theirs = day.stranger(link)
    day.look(theirs, "Did you get these hours?")
    assert not [name for name in NAMES if name in theirs.inner_text("body")]
    press(theirs, "Yes, I had these hours")
    day.look(theirs, "Thank you")
    follow(page, "Back to the hours")
    assert "Signed" in page.inner_text("main")


def hold_the_first_review(day: Day) -> None:
    at(day, date(2026, 12, 21), 15)
    page = day.person("coordinator")
    day.look(page, "My work")
    assert "First review" in page.inner_text("main")
    page = agreement(day, "coordinator")
    follow(page, "Reviews")
    day.look(page, "Reviews of A-")
    follow(page, "1")
    day.look(page, "Review 1 of A-")
    fill_day(page, "held_on", "2026-12-21")
    for role in ("young_person", "provider", "council"):
        choose(page, f"took_part_{role}", "yes")
    fill(page, {"progress_keeps_home": "2", "evidence_keeps_home": "Paid twice on the day", "plans": ["support"]})
    press(page, "Record the review")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=evidence_keeps_home]") == "Paid twice on the day"
    day.fits(page)
    fill(page, {"progress_college": "1", "answers_home": "1", "decision": "reduce"})
    press(page, "Record the review")
    day.look(page, "Review 1 of A-")
    assert "Less support" in page.inner_text("main")


def keep_paper_and_calendar(day: Day) -> None:
    """The agreement as a PDF, and its days in a calendar program of somebody else's making."""
    page = day.person("coordinator", "/calendar")
    day.look(page, "Your calendar")
    press(page, "Make an address")
    day.look(page, "Your calendar")
    address = page.inner_text(".govuk-inset-text code").removeprefix(day.desk.public_url)
    feed = page.request.get(day.live + address)
    assert feed.ok
    assert not [name for name in NAMES if name in feed.text()]
    days = {one.begin.date() for one in ics.Calendar(feed.text()).events}
    assert {FIRST, date(2026, 12, 21), LAST} <= days

    page = agreement(day, "coordinator")
    paper = page.request.get(page.url.split("?")[0] + "/agreement.pdf")
    if paper.ok:  # a machine without Pango says why it has none
        said = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.body())).pages)
        assert "7 December 2026" in said
        assert "Quillfeather" in said
        day.paper("agreement", paper.body())


def change_the_hours(day: Day, reason: str, on: date, hours: str, *, funded: bool = False) -> Decimal:
    """The provider proposes, the council agrees; where it costs more, the approver authorises. Gives the new cost."""
    page = agreement(day, "provider_a")
    follow(page, "Changes")
    day.look(page, "Changes")
    follow(page, "Propose a change")
    day.look(page, "Propose a change")
    fill(page, {"reason": reason, "hours": "some"})
    fill_day(page, "effective_on", on.isoformat())
    press(page, "See what it costs")
    assert page.input_value("[name=hours]") == "some"
    fill(page, {"hours": hours})
    press(page, "See what it costs")
    day.look(page, "Check the change")
    press(page, "Propose this change")
    day.look(page, "Change ")
    page = day.person("coordinator")
    with page.expect_navigation():
        page.click("main a[href^='/variations/'] >> nth=0")
    day.look(page, "Change ")
    press(page, "Agree the change")
    change = page.url.removeprefix(day.live)
    if funded:
        page = day.person("approver")
        day.look(page, "My work")
        with page.expect_navigation():
            page.click(f"main a[href='{change.split('?')[0]}']")
        day.look(page, "Change ")
        choose(page, "decision", "authorise")
        press(page, "Save the decision")
    assert "Agreed" in page.inner_text("h1")
    after = page.locator("dt:has-text('Council pays a week') + dd").inner_text()
    return Decimal(after.partition("before, £")[2].partition(" ")[0].replace(",", ""))


def tell_of_a_concern(day: Day) -> None:
    """At two in the morning, in few taps."""
    at(day, date(2027, 2, 10), 2, 10)
    page = agreement(day, "provider_a")
    follow(page, "Concerns and incidents")
    day.look(page, "Tell the council what happened")
    fill(page, {"words": "Came back hurt and would not say from where", "action": "Called 111, stayed with them"})
    press(page, "Tell the council now")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=action]").startswith("Called 111")
    fill(page, {"kind": "safeguarding", "known_time": "1:50am"})
    press(page, "Tell the council now")
    day.look(page, "afeguarding concern")
    page = day.person("coordinator")
    day.look(page, "My work")
    follow(page, "afeguarding concern")
    day.look(page, "afeguarding concern")
    fill(page, {"next_step": "The duty team visits before nine"})
    press(page, "Acknowledge it")
    day.look(page, "afeguarding concern")
    assert "The duty team visits before nine" in page.inner_text("main")


def give_notice_and_end(day: Day) -> None:
    at(day, NOTICE)
    page = agreement(day, "provider_a")
    follow(page, "Notice and end")
    day.look(page, "Give notice")
    fill(page, {"reason": "provider_general"})
    fill_day(page, "served_on", NOTICE.isoformat())
    press(page, "See what follows")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    fill(page, {"options_explored": "Another room in the house\nA second key worker for a month"})
    press(page, "See what follows")
    day.look(page, "Check what follows")
    assert "31 March 2027, until midnight" in page.inner_text("main")
    press(page, "Give notice")
    day.look(page, "Notice was given")

    at(day, END, 17)
    page = agreement(day, "coordinator")
    follow(page, "Notice and end")
    day.look(page, "Notice was given")
    follow(page, "Record the end")
    day.look(page, "End the placement")
    fill(page, {"reason": "planned", "move_on": "supported_accommodation"})
    fill_day(page, "ends_on", END.isoformat())
    press(page, "See what follows")
    day.look(page, "Check what follows")
    press(page, "End the placement")
    day.look(page, "How the placement ended")
    assert "Other supported accommodation" in page.inner_text("main")


def check_what_is_paid(day: Day, less: Decimal, more: Decimal) -> None:
    """The file's sum is the one that a pencil finds."""
    at(day, date(2027, 4, 6))
    page = day.person("commissioner", "/ledger")
    day.look(page, "Cost ledger")
    fill_day(page, "from", FIRST.isoformat())
    fill_day(page, "to", END.isoformat())
    choose(page, "form", "csv")
    with page.expect_download() as download:
        page.click("button:has-text('Download the ledger')")
    path = download.value.path()
    rows = list(csv.DictReader(io.StringIO(Path(path).read_text("utf-8-sig"))))
    lines = [row for row in rows if row["days"]]
    first = Decimal(lines[0]["weekly_cost"])
    spans = ((first, (LESS - FIRST).days), (less, (MORE - LESS).days), (more, (END - MORE).days + 1))
    owed = sum(((cost * days / 7).quantize(PENNY, ROUND_HALF_UP) for cost, days in spans), Decimal(0))
    assert sum((Decimal(row["amount"]) for row in lines), Decimal(0)) == owed
    assert Decimal(rows[-1]["amount"]) == owed
    assert sum(int(row["days"]) for row in lines) == (END - FIRST).days + 1
    assert not [name for name in NAMES if name in str(rows)]
