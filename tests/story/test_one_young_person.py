"""One young person, from the first answer to the agreement, through the pages, in a real browser.

Everybody acts in the order of the day, each in a browser of their own; nothing is done behind the pages but two
things that pages cannot do: reading a text message from the outbox, and letting an hour pass.
"""

from __future__ import annotations

from matrix.store import in_force
from tests.story.day import (
    Day,
    agree_the_start,
    authorise_the_money,
    choose,
    choose_an_offer,
    fill_day,
    go_on,
    let_the_hour_pass,
    offer,
    publish_it,
)


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
