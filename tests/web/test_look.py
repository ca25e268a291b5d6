"""The look of the house, seen by a real browser."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from playwright.sync_api import Page

from brokerage.web.pages import (
    DemoBar,
    Flash,
    Form,
    Link,
    Shell,
    SignedIn,
    environment,
    render,
    static,
    static_files,
    templates_dir,
)

NOW = datetime(2026, 11, 21, 14, 55, tzinfo=UTC)
NONCE = "bm9uY2U"
SHELL = Shell(
    actor=SignedIn("Asha Mensah", "placements officer", "Derby City"),
    nav=[
        Link("My work", "/", True),
        Link("Referrals", "/referrals"),
        Link("Providers", "/providers"),
        Link("Reviews", "/r"),
    ],
    csrf_token="token",
    csp_nonce=NONCE,
    demo=DemoBar(NOW),
    flash=Flash("The invitations have been sent."),
)
FORM = Form(
    values={
        "address": 'Flat 2, "The Oaks" <b>Lane</b>',
        "accommodation": "six hundred",
        "fit": "First line\nsecond line\n  third, indented",
        "note": "one\ntwo",
        "starts_on_day": "31",
        "starts_on_month": "2",
        "starts_on_year": "2027",
        "reason": "far",
        "areas": ["notts"],
        "home": "river",
    },
    errors={
        "accommodation": "Accommodation a week must be an amount, like 612.50",
        "starts_on": "The start must be a real date",
        "reason": "Choose why you cannot offer",
        "home": "Choose a home",
    },
)
FIRMS = ("Meadow Homes", "Riverside Supported Living", "Oak Lane Care", "Harbour Young People’s Housing Association")
TABLE: dict[str, Any] = {
    "head": [{"text": "Provider"}, {"text": "A week", "format": "numeric"}, {"text": "Arrived"}],
    "rows": [
        [
            {"text": firm},
            {"text": f"£{600 + 17 * n}.50", "format": "numeric"},
            {"text": "2:59pm", "classes": "house-quiet"},
        ]
        for n, firm in enumerate(FIRMS)
    ],
}
WIDE: dict[str, Any] = {
    "wide_head": [{"text": "What"}, *({"text": firm, "format": "numeric"} for firm in FIRMS)],
    "wide_rows": [
        [{"text": "Accommodation a week"}, *({"text": f"£{600 + 17 * n}.50", "format": "numeric"} for n in range(4))],
        [{"text": "Distance"}, *({"text": f"{n + 2}.4 miles", "format": "numeric"} for n in range(4))],
    ],
}


def gallery() -> str:
    env = environment(demo=True)
    source = (Path(__file__).parent / "gallery.html").read_text()
    facts = {"now": NOW, "soon": NOW + timedelta(minutes=18), "later": NOW + timedelta(days=2, hours=3)}
    return env.from_string(source).render(shell=SHELL, form=FORM, **facts, **TABLE, **WIDE)


def problem() -> str:
    return render(
        environment(demo=False),
        "problems/problem.html",
        shell=Shell(csp_nonce=NONCE),
        title="Offers for R-2041 have closed",
        happened="Offers closed at 3:42pm GMT on Saturday 21 November 2026. Yours arrived 12 seconds later.",
        meaning="The offer was not taken. It is the same for everyone, so that the race is fair.",
        next_steps=[
            {"text": "See your open invitations", "href": "/provider"},
            {"text": "Ring the office on 01632 960001"},
        ],
        reference="",
    )


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("which", ["gallery", "problem"])
def test_every_macro_is_accessible_and_fits_a_phone(
    which: str,
    width: int,
    open_page: Callable[..., Page],
    serve: Callable[..., str],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
) -> None:
    page = open_page(width)
    page.goto(serve({"/": gallery() if which == "gallery" else problem()}, NONCE))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.body.classList.contains('govuk-frontend-supported')"), "the inline script ran"
    axe(page)
    fits(page)


def test_a_page_works_without_javascript(open_page: Callable[..., Page], serve: Callable[..., str]) -> None:
    page = open_page(320, javascript=False)
    page.goto(serve({"/": gallery()}, NONCE))
    assert page.get_by_role("link", name="Referrals", exact=True).is_visible()
    assert page.get_by_role("button", name="Send offer").is_visible()


def test_the_error_summary_leads_to_each_wrong_control(
    open_page: Callable[..., Page], serve: Callable[..., str]
) -> None:
    page = open_page()
    page.goto(serve({"/": gallery()}, NONCE))
    assert page.title().startswith("Error: ")
    for name, message in FORM.errors.items():
        page.locator(".govuk-error-summary").get_by_role("link", name=message).click()
        assert page.evaluate("document.activeElement.id") == name


def test_what_was_typed_is_kept_to_the_letter(open_page: Callable[..., Page], serve: Callable[..., str]) -> None:
    page = open_page()
    page.goto(serve({"/": gallery()}, NONCE))
    for name in ("address", "accommodation", "fit", "note"):
        assert page.locator(f"#{name}").input_value() == FORM.values[name]
    typed_day = [page.locator(f"[name=starts_on_{part}]").input_value() for part in ("day", "month", "year")]
    assert typed_day == ["31", "2", "2027"]
    assert page.locator("[name=reason]:checked").input_value() == "far"
    assert page.locator("[name=areas]:checked").input_value() == "notts"
    assert page.locator("#home").input_value() == "river"


def test_what_people_write_is_never_markup() -> None:
    html = gallery()
    assert "<script>alert" not in html
    assert "<b>Lane" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def _squeeze(html: str) -> str:
    return re.sub(r">\s+|\s+<", lambda found: found.group().strip(), re.sub(r"\s+", " ", html)).strip()


@pytest.mark.parametrize("first_is_header", [True, False])
@pytest.mark.parametrize("caption", ["", "Offers <received>"])
def test_our_table_is_the_govuk_table(caption: str, first_is_header: bool) -> None:
    env = environment(demo=False)
    ours = env.from_string(
        '{% from "macros/tables.html" import table %}{{ table(head, rows, caption, first_is_header=first_is_header) }}'
    )
    theirs = env.from_string(
        '{% from "govuk_frontend_jinja/components/table/macro.html" import govukTable %}'
        '{{ govukTable({"head": head, "rows": rows, "caption": caption, "firstCellIsHeader": first_is_header, '
        '"captionClasses": "govuk-table__caption--m"}) }}'
    )
    facts = {**TABLE, "caption": caption, "first_is_header": first_is_header}
    assert _squeeze(ours.render(facts)) == _squeeze(theirs.render(facts))


def test_a_missing_fact_is_an_error_in_our_templates() -> None:
    with pytest.raises(UndefinedError):
        render(environment(demo=False), "problems/problem.html", shell=Shell(), title="x", happened="y")


def test_the_demo_says_so_on_every_page_and_others_never() -> None:
    facts = {"title": "t", "happened": "h", "meaning": "", "next_steps": [], "reference": ""}
    for demo in (True, False):
        html = render(environment(demo=demo), "problems/problem.html", shell=Shell(), **facts)
        assert ("No messages leave this computer" in html) is demo


def test_the_style_sheet_carries_nothing_that_is_gov_uks_alone() -> None:
    for file in static_files().values():
        for mark in (b"@font-face", b"GDS Transport", b"crown", b"crest", b"sourceMappingURL"):
            assert mark not in file.body, (file.name, mark)
    assert "crown" not in gallery().lower()


def test_every_address_in_the_style_sheet_is_a_file_we_have() -> None:
    for address in re.findall(r"url\(([^)]*)\)", static_files()["app.css"].body.decode()):
        assert address.strip("\"'").removeprefix("/static/") in static_files()


def test_a_first_visit_by_phone_stays_under_100_kilobytes() -> None:
    page = len(gzip.compress(gallery().encode()))
    assert len(static_files()["app.css"].body) < 180_000
    assert page + sum(len(static_files()[name].gzipped) for name in ("app.css", "app.js", "favicon.svg")) < 100_000


def test_static_addresses_change_with_the_content() -> None:
    assert static("app.css") == f"/static/app.css?v={static_files()['app.css'].digest}"
    with pytest.raises(KeyError):
        static("app.cs")


def test_no_template_marks_text_as_safe() -> None:
    for path in templates_dir().rglob("*.html"):
        source = path.read_text()
        assert not re.search(r"\|\s*safe\b", source), path
        assert not re.search(r"""["']html["']\s*:""", source), path
