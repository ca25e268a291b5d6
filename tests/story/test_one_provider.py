"""One provider, from a stranger's e-mail address to its suspension, and one colleague from hello to good-bye."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Final

from PIL import Image
from playwright.sync_api import FilePayload, Page

from lots.store import criteria
from tests.story.day import (
    Day,
    agree_the_start,
    authorise_the_money,
    choose,
    choose_an_offer,
    fill,
    fill_day,
    follow,
    go_on,
    let_the_hour_pass,
    menu,
    offer,
    press,
)

FIRM: Final = "Newfield Homes"
EMAIL: Final = "office@newfield.example"
MOBILE: Final = "07700 900950"
REASON: Final = "Fire doors were wedged open at two visits"
PASSWORD: Final = "plum harbour ladder"
TO: Final = "+447700900950"
PAPERS: Final = {
    "insurance": ("employers_liability", "public_liability"),
    "safeguarding": ("safeguarding_policy",),
    "dbs": ("dbs",),
    "training": ("training",),
    "continuity": ("business_continuity",),
}


def a_scan() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def test_from_an_e_mail_address_to_a_suspension(day: Day) -> None:
    application = come_in(day)
    describe_the_firm(day, application)
    show_the_papers(day, application)
    name_who_answers(day, application)
    submit(day, application)
    assess_and_admit(day, application)
    sign_in_for_the_firm(day)
    answer_the_first_invitation(day)
    house_the_young_person(day)
    suspend_the_firm(day)
    decide_about_the_placement(day)
    read_why_it_was_not_invited(day)


def come_in(day: Day) -> Page:
    """Nell asks for a link, which alone opens nothing."""
    page = day.stranger("/apply")
    day.look(page, "Join the register")
    fill(page, {"firm": FIRM, "email": "office"})
    press(page, "")
    assert "usual form" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=firm]") == FIRM
    fill(page, {"email": EMAIL})
    press(page, "")
    day.look(page, "Check your email")
    page.goto(day.live + day.link("apply_link", EMAIL))
    day.look(page, FIRM)
    press(page, "Send me a code")
    fill(page, {"code": day.email("apply_code", "code", EMAIL)})
    press(page, "Open my application")
    day.look(page, FIRM)
    assert "0 of 14 sections completed" in page.inner_text("main")
    return page


def describe_the_firm(day: Day, page: Page) -> None:
    tasks = page.url
    follow(page, "Your organisation")
    day.look(page, "Your organisation")
    fill(page, {"name": FIRM, "number": "01234567", "address": "1 New Road, Derby", "phone": "01632 960950"})
    press(page, "come back later")
    assert "kept as you left it" in page.inner_text("main")
    press(page, "Leave on this computer")
    assert "What you saved is kept" in page.inner_text("main")

    # A day later she comes back by the same e-mail.
    day.clock.push(timedelta(days=1))
    page.goto(day.live + day.link("apply_link", EMAIL))
    press(page, "Send me a code")
    fill(page, {"code": day.email("apply_code", "code", EMAIL)})
    press(page, "Open my application")
    assert page.url == tasks
    follow(page, "Your organisation")
    assert page.input_value("[name=number]") == "01234567"
    fill(page, {"email": EMAIL})
    go_on(page)

    for title, typed in (
        ("Lots and categories", {"categories": ["1.1", "1.2"]}),
        ("Areas you work in", {"areas": "de1, NG7"}),
        (
            "Tendered prices",
            {
                "prices_0_accommodation_weekly": "£600",
                "prices_0_support_hourly": "24.00",
                "prices_1_accommodation_weekly": "400",
                "prices_1_support_hourly": "24",
                "prices_1_block_discount": "5%",
            },
        ),
    ):
        follow(page, title)
        day.look(page, title)
        fill(page, typed)
        go_on(page)
        assert "is saved" in page.inner_text("main")

    follow(page, "Homes")
    day.look(page, "Homes")
    follow(page, "Add a home")
    day.look(page, "Another home")
    fill(page, {"name": "Newfield House", "address": "2 New Road, Derby", "outward_code": "DE1"})
    fill(page, {"ofsted_category": "2", "rooms_0_name": "1", "rooms_0_sharing": "single", "rooms_0_beds": "1"})
    press(page, "Add another room")
    fill(page, {"rooms_1_name": "2", "rooms_1_sharing": "shared", "rooms_1_beds": "many"})
    go_on(page)
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    assert page.input_value("[name=rooms_1_name]") == "2"
    fill(page, {"rooms_1_beds": "2"})
    go_on(page)
    day.look(page, "Homes")
    follow(page, "task list")

    follow(page, "Ofsted")
    day.look(page, "Ofsted")
    fill(page, {"registered": "yes", "urn": "sc900950", "categories": ["1", "2"], "outcome": "not_inspected"})
    go_on(page)


def show_the_papers(day: Day, page: Page) -> None:
    """Every paper with its days; one file is no picture and no PDF, which costs her nothing that she typed."""
    tasks = page.url
    for section, kinds in PAPERS.items():
        page.goto(f"{tasks}/papers/{section}")
        day.look(page, page.inner_text("h1"))
        for kind in kinds:
            fill(page, {f"papers_{kind}_reference": "On file"})
            fill_day(page, f"papers_{kind}_valid_from", "2026-06-01")
            fill_day(page, f"papers_{kind}_valid_to", "2027-05-31")
        if section == "dbs":
            wrong: FilePayload = {"name": "dbs.docx", "mimeType": "application/pdf", "buffer": b"PK not a picture"}
            page.set_input_files("[name=file_dbs]", files=[wrong])
            go_on(page)
            assert "not a PDF, PNG or JPEG" in page.inner_text(".govuk-error-summary")
            assert page.input_value("[name=papers_dbs_reference]") == "On file"
            assert page.input_value("[name=papers_dbs_valid_to_year]") == "2027"
            day.look(page, page.inner_text("h1"))
            right: FilePayload = {"name": "dbs.png", "mimeType": "image/png", "buffer": a_scan()}
            page.set_input_files("[name=file_dbs]", files=[right])
        go_on(page)
        assert "is saved" in page.inner_text("main"), section
    page.goto(f"{tasks}/papers/housing-standard")
    day.look(page, page.inner_text("h1"))
    fill(page, {"standards_h1_reference": "HMO 12"})
    fill_day(page, "standards_h1_valid_from", "2026-06-01")
    fill_day(page, "standards_h1_valid_to", "2027-05-31")
    go_on(page)


def name_who_answers(day: Day, page: Page) -> None:
    tasks = page.url
    page.goto(f"{tasks}/out-of-hours")
    day.look(page, page.inner_text("h1"))
    for number, (purpose, opens, closes) in enumerate(
        (("young_people", "5pm", "9am"), ("emergency_places", "10pm", "9am"))
    ):
        line = {"purpose": purpose, "who": "On call", "phone": "01632 960951", "opens": opens, "closes": closes}
        fill(page, {f"lines_{number}_{name}": value for name, value in line.items()})
        press(page, "Add another number" if number == 0 else "Save and continue")
    assert "is saved" in page.inner_text("main")
    page.goto(f"{tasks}/contacts")
    day.look(page, "Contacts")
    fill(page, {"contacts_0_name": "Nell Newfield", "contacts_0_role": "Manager"})
    fill(page, {"contacts_0_email": "nell@newfield.example", "contacts_0_mobile": "01632 960950"})
    go_on(page)
    assert "must be a United Kingdom mobile" in page.inner_text(".govuk-error-summary")
    fill(page, {"contacts_0_mobile": MOBILE})
    go_on(page)
    day.look(page, "Confirm the mobile")
    press(page, "Send the code")
    fill(page, {"code": day.text_message("apply_code", "code", TO)})
    press(page, "Confirm")
    page.goto(tasks)
    day.look(page, FIRM)
    assert "14 of 14 sections completed" in page.inner_text("main")


def submit(day: Day, page: Page) -> None:
    follow(page, "Check your answers")
    day.look(page, "Check your answers")
    assert "Newfield House" in page.inner_text("main")
    choose(page, "declare", "true")
    press(page, "Submit the application")
    day.look(page, "Your application is with")
    assert "4 December 2026" in page.inner_text("main")


def assess_and_admit(day: Day, applicant: Page) -> None:
    """Dora finds it where her work begins, looks at each criterion, and admits."""
    page = day.person("dps_admin")
    day.look(page, "Applications")
    follow(page, FIRM)
    day.look(page, FIRM)
    for one in criteria():
        choose(page, f"met_{one.key}", "yes")
    press(page, "Save the assessment")
    day.look(page, FIRM)
    press(page, "Admit")
    assert "Admitted" in page.inner_text("main")
    day.look(page, FIRM)
    applicant.reload()
    day.look(applicant, "You are on the register")


def sign_in_for_the_firm(day: Day) -> None:
    """Nell is sent a link, chooses a password and where codes come from, and finds her firm's evidence."""
    page = set_up(day, "nell@newfield.example", "+447700900776", "nvitations")
    menu(page, "Evidence")
    day.look(page, "Evidence")
    assert "31 May 2027" in page.inner_text("main")


def answer_the_first_invitation(day: Day) -> None:
    """The firm is invited with everybody else on the day it was admitted, and answers by the link of its text."""
    assert FIRM in {one.provider for one, _ in day.road.opened().links}
    page = day.stranger("/b/" + day.text_message("invitation", "link", TO).rpartition("/")[2])
    day.look(page, "Can you offer the right place?")
    offer(day, page, "360", "21.50")
    press(page, "Text me")
    fill(page, {"code": day.text_message("code", "code", TO)})
    press(page, "Send offer")
    day.look(page, "We have your offer")
    let_the_hour_pass(day)


def house_the_young_person(day: Day) -> None:
    award = choose_an_offer(day, "It is the only offer, and a good one")
    authorise_the_money(day, award)
    agree_the_start(day, award)


def suspend_the_firm(day: Day) -> None:
    """A second request is open when Quentin suspends the firm; he sees both before he confirms."""
    running = day.road.opened()
    assert FIRM in {one.provider for one, _ in running.links}
    page = day.person("quality", "/providers")
    day.look(page, "Providers")
    follow(page, FIRM)
    day.look(page, FIRM)
    follow(page, "Evidence")
    day.look(page, "Evidence")
    page.go_back()
    follow(page, "Suspend")
    day.look(page, "Suspend")
    press(page, "Check")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    fill(page, {"reason": REASON})
    press(page, "Check")
    day.look(page, "Check before you confirm")
    effect = page.inner_text("main")
    assert "Nothing has changed yet" in effect
    assert running.reference in effect
    assert "1 placement that runs" in effect
    press(page, "Suspend")
    day.look(page, FIRM)
    assert "Suspended since 22 November 2026" in page.inner_text("main")


def decide_about_the_placement(day: Day) -> None:
    """The coordinator is led to the decision from the agreement itself."""
    page = day.person("coordinator", "/agreements")
    day.look(page, "Agreements")
    follow(page, "A-")
    day.look(page, "A-")
    follow(page, "Decide about this placement")
    day.look(page, "What happens to this placement?")
    press(page, "Record this decision")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    fill(page, {"choice": "keep", "reason": "Visited today, and the home is safe"})
    press(page, "Record this decision")
    day.look(page, "A-")
    assert "Decide about this placement" not in page.inner_text("main")


def read_why_it_was_not_invited(day: Day) -> None:
    """At the next publication the firm is left out, and the page says so in plain words."""
    opened = day.road.opened()
    assert FIRM not in {one.provider for one, _ in opened.links}
    page = day.person("coordinator", f"/competitions/{opened.competition_id}")
    page.click("text=Who was not invited, and why")
    follow(page, "Ask about one provider")
    day.look(page, "Was a provider invited?")
    page.select_option("[name=provider]", label=FIRM)
    press(page, "Show why")
    day.look(page, f"Was {FIRM} invited?")
    told = page.inner_text("main")
    assert "Not invited" in told
    assert REASON in told


def set_up(day: Day, email: str, mobile: str, begins_at: str) -> Page:
    """Choose a password by the link that was sent, and codes by text message; a short password loses nothing."""
    page = day.stranger(day.link("set_up_link", email))
    day.look(page, "Choose a password")
    fill(page, {"password": "short"})
    press(page, "Continue")
    assert "There is a problem" in page.inner_text(".govuk-error-summary")
    fill(page, {"password": PASSWORD})
    press(page, "Continue")
    day.look(page, "Where your codes come from")
    fill(page, {"means": "sms", "mobile": mobile})
    press(page, "Continue")
    fill(page, {"code": day.text_message("sign_in_code", "code", mobile)})
    day.look(page, "code")
    press(page, "Continue")
    day.look(page, begins_at)
    return page


def test_a_colleague_from_hello_to_good_bye(day: Day) -> None:
    """Adele adds an approver, who sets up how he signs in; his limit changes, he leaves, and is out at once."""
    admin = day.person("authority_admin")
    day.look(admin, "People")
    follow(admin, "Add somebody")
    day.look(admin, "Add somebody")
    assert "Applicant" not in admin.inner_text("main")
    fill(admin, {"name": "Noor Newcomer", "email": "noor@council.example", "weekly_limit": "900"})
    press(admin, "Add and send the link")
    assert "Choose one role or more" in admin.inner_text(".govuk-error-summary")
    assert admin.input_value("[name=email]") == "noor@council.example"
    fill(admin, {"roles": ["approver"]})
    press(admin, "Add and send the link")
    day.look(admin, "Noor Newcomer")

    page = set_up(day, "noor@council.example", "+447700900777", "My work")
    with page.expect_navigation():
        page.click("text=Sign out")

    page.goto(day.live + "/sign-in")
    day.look(page, "Sign in")
    fill(page, {"email": "noor@council.example", "password": PASSWORD})
    press(page, "Continue")
    fill(page, {"code": day.text_message("sign_in_code", "code", "+447700900777")})
    press(page, "Sign in")
    day.look(page, "My work")

    admin.reload()
    fill(admin, {"weekly_limit": "1200"})
    press(admin, "Change the limit")
    assert "£1,200.00" in admin.inner_text("main")
    follow(admin, "End this account")
    day.look(admin, "End the account of Noor Newcomer")
    press(admin, "End the account")
    day.look(admin, "People")
    page.reload()
    day.look(page, "Sign in")
