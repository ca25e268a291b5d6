"""The placements team's pages: the task list from the first box to the invitation, and every way to type it wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.demo.register import FIRMS, provider_id
from brokerage.desk import consequences, drafts
from brokerage.desk.record import body_of, kind_of
from brokerage.desk.work import SYSTEM, Desk
from brokerage.referrals import store
from brokerage.referrals.model import Provision, Source, State, Urgency
from brokerage.web.pages import environment
from brokerage.web.referrals import typed
from brokerage.web.referrals.words import book, sentence
from lots.model import CategoryCode, Suspension, Wants
from lots.service import suspend_provider
from matrix.model import LegalStatus, LivingNow, Needed
from matrix.store import in_force
from tests.web.road import NOW, Road

Browser = TestClient[Litestar]
SignIn = Callable[[Browser, str], None]
EDITION: Final = in_force(NOW.date())

PERSON: Final[Mapping[str, Any]] = {
    "given_name": "Zebedee",
    "family_name": "Quillfeather",
    "known_as": "Zebbo",
    "date_of_birth_day": "4",
    "date_of_birth_month": "5",
    "date_of_birth_year": "2009",
    "school": "Wyverncrest Academy",
    "relatives": "Philomena Quillfeather (mother)\r\nBarnabas Thistlewood",
    "address": "14 Nowhere Lane, Derby DE1 9ZZ",
    "nhs_number": "999 000 0018",
}
STATUS: Final[Mapping[str, Any]] = {
    "source": "children_in_care_team",
    "status": "looked_after_s20",
    "in_education_or_training": "yes",
    "living_now": "foster_care",
    "needed": "planned",
    "urgency": "standard",
}
MATRIX: Final[Mapping[str, Any]] = {f"answers_{one.key}": "1" for one in EDITION.domains}
OUTCOMES: Final[Mapping[str, Any]] = {
    "outcome_0": "Zebedee finishes the year at Wyverncrest Academy",
    "outcome_1": "",
    "outcome_2": "Keeps a home",
    "pathway_plan": "Zebbo is learning to cook.\r\nPhilomena visits on Sundays. He swims at Gremlin Baths.",
    "risk_plan": "Goes out late and comes back within a day.",
}
LOCATION: Final[Mapping[str, Any]] = {
    "wants": ["accommodation", "support"],
    "provision": "",
    "outward_code": "de1",
    "out_of_area_reason": "",
    "beds": "1",
}
BUDGET: Final[Mapping[str, Any]] = {
    "indicative_budget_weekly": "700.00",
    "housing_benefit": "no",
    "housing_benefit_weekly": "",
}
SECTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "young-person": PERSON,
    "status": STATUS,
    "matrix": MATRIX,
    "outcomes": OUTCOMES,
    "location": LOCATION,
    "budget": BUDGET,
}


class Writer:
    """Somebody of the placements team at a draft."""

    def __init__(self, client: Browser, mark: str) -> None:
        self.client, self.mark = client, mark
        self.at = self.post("/referrals").headers["location"].removesuffix("/tasks")

    @property
    def id(self) -> UUID:
        return UUID(self.at.rpartition("/")[2])

    def post(self, path: str, data: Mapping[str, Any] | None = None) -> Any:
        return self.client.post(path, data={**(data or {}), "_csrf_token": self.mark})

    def save(self, slug: str, go: str = "continue", **changes: Any) -> Any:
        return self.post(f"{self.at}/{slug}", {**SECTIONS[slug], **changes, "go": go})

    def write(self, **changes: Mapping[str, Any]) -> None:
        for slug in SECTIONS:
            answer = self.save(slug, **changes.get(slug.replace("-", "_"), {}))
            assert answer.status_code == 303, errors(answer)

    def page(self, path: str = "") -> str:
        answer = self.client.get(self.at + path)
        assert answer.status_code == 200, answer.headers
        return unescape(answer.text)


@pytest.fixture
def writer(client: Browser, sign_in: SignIn, csrf: Callable[[Browser], str]) -> Writer:
    sign_in(client, "placements")
    return Writer(client, csrf(client))


def errors(answer: Any) -> list[str]:
    """Give the error summary's lines."""
    text = unescape(answer.text)
    if "govuk-error-summary__list" not in text:
        return [text[text.find("<h1") :][:300]]
    listed = text.split("govuk-error-summary__list", 1)[1].split("</ul>")[0]
    return [part.split("</a>")[0].split(">")[-1].strip() for part in listed.split("<li>")[1:]]


# The whole journey ---------------------------------------------------------------------------------------------------


def test_a_referral_is_written_section_by_section_checked_and_published(writer: Writer) -> None:
    assert writer.page("/tasks").count("Not started") == 6
    assert writer.page("/tasks").count("Cannot start yet") == 2
    for number, slug in enumerate(SECTIONS, 1):
        answer = writer.save(slug)
        assert answer.status_code == 303
        assert f"{number} of 6 sections completed" in writer.page("/tasks")
    result = writer.page("/result")
    assert "How this was worked out" in result
    assert "Illustrative" in result

    seen = writer.page("/profile")
    assert "<mark>Zebedee</mark>" in seen
    assert "<mark>[young person]</mark>" in seen
    assert "Look at these once more" in seen
    assert "Gremlin Baths" in seen

    check = writer.page("/check")
    assert "Zebedee Quillfeather" in check
    assert "Publish: invite" in check
    assert "will not be invited, and why" in check
    weights = {"weight_price": "30", "weight_quality": "60", "weight_social_value": "10", "read": "yes"}
    published = writer.post(writer.at + "/check", weights)
    assert published.headers["location"].startswith("/competitions/")
    assert writer.client.get(writer.at + "/tasks").headers["location"] == writer.at
    assert "Looking for offers" in writer.page()
    history = writer.page("/history")
    assert "Published to" in history
    assert "quality 60" in history
    invitation = unescape(writer.client.get(published.headers["location"]).text)
    assert writer.client.get(published.headers["location"]).status_code == 200
    for name in ("Zebedee", "Quillfeather", "Philomena", "Wyverncrest", "Nowhere Lane"):
        assert name not in invitation


def test_the_working_on_the_result_page_adds_up_to_the_hours(writer: Writer) -> None:
    writer.save("matrix", answers_home="2", answers_self_harm="3", evidence_self_harm="Hospital letter of May")
    cells = writer.page("/result").split("How this was worked out")[1].split("</table>")[0]
    numbers = [
        Decimal(part.split("<")[0].strip()) for part in cells.split('govuk-table__cell--numeric')[1:]
        for part in [part.split(">", 1)[1]]
    ]  # fmt: skip
    assert sum(numbers[:-1]) == numbers[-1] > 0


def test_a_section_left_for_later_keeps_everything_as_typed(writer: Writer) -> None:
    kept = writer.save("young-person", "later", given_name="", date_of_birth_month="13", nhs_number="12 🐦")
    assert kept.status_code == 303
    page = writer.page("/young-person")
    assert 'value="13"' in page
    assert 'value="12 🐦"' in page
    assert "Barnabas Thistlewood" in page
    assert "There is a problem" in writer.page("/tasks")
    writer.save("status", "later", **dict.fromkeys(STATUS, ""))
    assert "Not started" in writer.page("/tasks")
    writer.save("budget", "later", indicative_budget_weekly="")
    assert "In progress" in writer.page("/tasks")


def test_another_row_is_given_without_saving_anything(writer: Writer, desk: Desk, road: Road) -> None:
    more = writer.save("status", "add", care_0_since_day="1", care_0_since_month="6", care_0_since_year="2024")
    assert more.status_code == 200
    assert 'name="care_2_since_day"' in more.text
    three = {f"outcome_{number}": f"Outcome number {number}" for number in range(3)}
    more = writer.save("outcomes", "add", **three)
    assert 'name="outcome_3"' in more.text
    assert "Outcome number 2" in more.text
    assert document(desk, road, writer) == {}


def test_outcomes_keep_their_keys_and_new_ones_say_only_their_place(writer: Writer, desk: Desk, road: Road) -> None:
    writer.save("outcomes")
    first = document(desk, road, writer)["outcomes"]
    assert [one["key"] for one in first] == ["outcome_1", "outcome_2"]
    page = writer.page("/outcomes")
    assert 'name="outcome_key_1" value="outcome_2"' in page
    writer.save(
        "outcomes", outcome_0="", outcome_1="Keeps a home", outcome_key_1="outcome_2", outcome_2="Learns to swim"
    )
    assert [one["key"] for one in document(desk, road, writer)["outcomes"]] == ["outcome_2", "outcome_1"]


def test_only_over_25_hours_goes_bespoke_and_is_advertised_from_its_page(writer: Writer) -> None:
    grave = dict.fromkeys(MATRIX, "4") | {f"evidence_{one.key}": "Seen by the team" for one in EDITION.domains}
    writer.write(matrix=grave)
    assert "A bespoke package" in writer.page("/check")
    answer = writer.post(writer.at + "/check")
    assert answer.headers["location"] == writer.at
    assert "over 25 hours a week, so it is bespoke" in writer.page()
    assert "Advertise the bespoke package" in writer.client.get(writer.at + "/publish").text


def test_a_referral_raised_by_another_system_is_published_from_its_page(writer: Writer, road: Road) -> None:
    at = f"/referrals/{road.raised()}"
    assert "/publish" in writer.client.get(at).text
    assert writer.client.get(at + "/publish").status_code == 200
    unread = writer.post(at + "/publish", {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10"})
    assert errors(unread) == ["Read what providers will see, and tick that it does not identify the young person"]
    weights = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10", "read": "yes"}
    assert writer.post(at + "/publish", weights).headers["location"].startswith("/competitions/")
    assert writer.post(at + "/publish", weights).status_code == 409


# Saying no -----------------------------------------------------------------------------------------------------------

RTL: Final = "Zeb\u202eedee"
WRONG: Final[tuple[tuple[str, str, Mapping[str, Any], str, str], ...]] = (
    ("an empty name", "young-person", {"given_name": " "}, "Enter the given name", "Quillfeather"),
    ("an emoji in a name", "young-person", {"family_name": "Quill🪶"}, "must not contain emoji", "Quill🪶"),
    ("a right-to-left override", "young-person", {"given_name": RTL}, "hidden characters that turn text round", RTL),
    ("no birthday", "young-person",
     {"date_of_birth_day": "", "date_of_birth_month": "", "date_of_birth_year": ""},
     "Enter the date of birth", "Zebbo"),
    ("no such day", "young-person", {"date_of_birth_day": "31", "date_of_birth_month": "2"},
     "Date of birth must be a real date", 'value="31"'),
    ("a birthday to come", "young-person", {"date_of_birth_year": "2027"}, "Date of birth must be in the past", "2027"),
    ("15 years old", "young-person", {"date_of_birth_year": "2011"}, "for young people of 16 and over", "2011"),
    ("25 years old", "young-person", {"date_of_birth_year": "2001"}, "ends the day before the 25th birthday", "2001"),
    ("a short NHS number", "young-person", {"nhs_number": "123"}, "must be 10 digits", 'value="123"'),
    ("no status", "status", {"status": ""}, "Choose the legal status", "foster_care"),
    ("a forged status", "status", {"status": "king"}, "must be one of those in the list", "foster_care"),
    ("today but not urgent", "status", {"needed": "same_day"}, "choose urgent", "same_day"),
    ("former relevant at 17", "status",
     {"status": "former_relevant", "care_0_since_day": "1", "care_0_since_month": "6", "care_0_since_year": "2024"},
     "former relevant young person is 18 or over", "2024"),
    ("12 weeks in care", "status",
     {"status": "eligible", "care_0_since_day": "1", "care_0_since_month": "9", "care_0_since_year": "2026"},
     "needs 13 weeks", "2026"),
    ("no periods for an eligible child", "status", {"status": "eligible"}, "Give the periods in care", "eligible"),
    ("a period that ends before it starts", "status",
     {"care_1_since_day": "1", "care_1_since_month": "6", "care_1_since_year": "2024",
      "care_1_until_day": "1", "care_1_until_month": "5", "care_1_until_year": "2024"},
     "must end after it starts", "2024"),
    ("an answer left out", "matrix", {"answers_missing": ""}, "Choose a level for Going missing", "answers_home"),
    ("a forged level", "matrix", {"answers_home": "5"}, "whole number from 0 to 4, not 5", "answers_home"),
    ("a grave level without evidence", "matrix", {"answers_self_harm": "3"},
     "Say what level 3 for Self-harm", "self_harm"),
    ("hours in 2.3", "matrix",
     {"override_category": "2.3", "override_hours": "5", "override_reason": "Does not want support"},
     "2.3 is accommodation only", 'value="5"'),
    ("hours over a week", "matrix", {"override_hours": "169", "override_reason": "More is needed"},
     "must be between 0 and 168", 'value="169"'),
    ("an override without a reason", "matrix", {"override_hours": "9"},
     "reason for a different judgement", 'value="9"'),
    ("no outcome", "outcomes", {"outcome_0": "", "outcome_2": ""}, "at least one outcome", "learning to cook"),
    ("no plan", "outcomes", {"pathway_plan": ""}, "Enter the pathway plan", "Keeps a home"),
    ("a forged key", "outcomes", {"outcome_key_0": "risk"}, "key risk is already in use", "Keeps a home"),
    ("nothing wanted", "location", {"wants": ""}, "Choose what is wanted", "de1"),
    ("a whole postcode", "location", {"outward_code": "DE1 9ZZ"}, "Give only the first half", "DE1 9ZZ"),
    ("no beds", "location", {"beds": "0"}, "between 1 and 50", 'value="0"'),
    ("negative money", "budget", {"indicative_budget_weekly": "-5"}, "must not be below zero", 'value="-5"'),
    ("enormous money", "budget", {"indicative_budget_weekly": "9" * 30}, "or less", "9" * 30),
    ("money in words", "budget", {"indicative_budget_weekly": "a lot"}, "in figures", "a lot"),
    ("benefit without its amount", "budget", {"housing_benefit": "yes"}, "Enter the weekly Housing Benefit", "700.00"),
)  # fmt: skip


def document(desk: Desk, road: Road, writer: Writer) -> Mapping[str, Any]:
    with desk.work(road.actor("placements")) as work:
        return store.draft(work.db, work.authority, writer.id).document


def test_every_wrong_entry_has_its_own_words_keeps_what_was_typed_and_changes_nothing(
    writer: Writer, desk: Desk, road: Road
) -> None:
    writer.write()
    before = document(desk, road, writer)
    for what, slug, changes, message, kept in WRONG:
        answer = writer.save(slug, **changes)
        assert answer.status_code == 422, what
        assert any(message in line for line in errors(answer)), (what, errors(answer))
        assert kept in unescape(answer.text), what
        assert "<title>\n  Error: " in answer.text or "Error: " in answer.text.split("</title>")[0], what
    assert document(desk, road, writer) == before
    assert "6 of 6 sections completed" in writer.page("/tasks")


def test_every_error_points_at_a_box_that_is_on_the_page(writer: Writer) -> None:
    writer.save("young-person", date_of_birth_year="2009")
    for what, slug, changes, _, _ in WRONG:
        text = writer.save(slug, **changes).text
        listed = text.split("govuk-error-summary__list", 1)[1].split("</ul>")[0]
        for part in listed.split('href="#')[1:]:
            assert f'id="{part.split(chr(34))[0]}"' in text, (what, part[:40])


def test_evidence_is_asked_for_before_the_other_sections_are_written(writer: Writer) -> None:
    answer = writer.save("matrix", answers_self_harm="4", answers_missing="3", answers_home="")
    assert len(errors(answer)) == 3


def test_weights_must_add_up_and_the_profile_must_have_been_read(writer: Writer) -> None:
    writer.write()
    wrong = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "20"}
    answer = writer.post(writer.at + "/check", wrong)
    assert answer.status_code == 422
    assert errors(answer) == [
        "The weights must add up to 100; these add up to 110",
        "Read what providers will see, and tick that it does not identify the young person",
    ]
    assert 'value="20"' in answer.text
    for bad in ("-1", "1.5", "ten", "9" * 400):
        assert writer.post(writer.at + "/check", {**wrong, "weight_price": bad, "read": "yes"}).status_code == 422
    assert "6 of 6" in writer.page("/tasks")


def test_a_draft_with_gaps_cannot_be_checked_or_published(writer: Writer) -> None:
    writer.save("young-person")
    assert writer.client.get(writer.at + "/check").headers["location"].endswith("/tasks")
    assert writer.post(writer.at + "/check", {"read": "yes"}).headers["location"].endswith("/tasks")
    assert writer.client.get(writer.at + "/profile").headers["location"].endswith("/tasks")


def test_nobody_eligible_leaves_the_draft_as_it_was(writer: Writer, desk: Desk) -> None:
    writer.write()
    with desk.work(SYSTEM) as work:
        for firm in FIRMS:
            if firm.key != "larkrise":  # it is suspended already
                halted = Suspension(date(2026, 11, 1), None, "Every visit found the same fault")
                suspend_provider(work.db, provider_id(firm.key), halted, work.now)
    page = writer.page("/check")
    assert "Nobody can be invited" in page
    assert "Publish: invite" not in page
    forced = {"weight_price": "40", "weight_quality": "50", "weight_social_value": "10", "read": "yes"}
    assert writer.post(writer.at + "/check", forced).status_code == 409
    assert "6 of 6" in writer.page("/tasks")


# Exceptions, roles, other councils -----------------------------------------------------------------------------------


def test_an_approver_admits_an_exception_that_the_placements_team_cannot(
    writer: Writer, new_client: Callable[[], Browser], sign_in: SignIn, csrf: Callable[[Browser], str]
) -> None:
    old = {"date_of_birth_year": "1999"}
    assert writer.save("young-person", **old).status_code == 422
    writer.save("young-person", "later", **old)
    for slug in list(SECTIONS)[1:]:
        writer.save(slug, "later", **({"status": "qualifying"} if slug == "status" else {}))
    tasks = writer.page("/tasks")
    assert "ask an approver to admit an exception" in tasks
    assert "Rule A1.over_24" in tasks
    assert writer.client.get(writer.at + "/exception").status_code == 403
    approver = new_client()
    sign_in(approver, "approver")
    mark = {"_csrf_token": csrf(approver)}
    assert "/exception" in approver.get(writer.at + "/tasks").text
    assert approver.get(writer.at + "/young-person").status_code == 403
    short = approver.post(writer.at + "/exception", data={**mark, "reason": "yes"})
    assert short.status_code == 422
    assert "10 characters or more" in errors(short)[0]
    done = approver.post(writer.at + "/exception", data={**mark, "reason": "Still in our care after a late return"})
    assert done.status_code == 303
    tasks = writer.page("/tasks")
    assert "Anita Approver admitted this young person" in tasks
    assert "does not cover" not in tasks


def test_nobody_under_16_is_ever_admitted(
    writer: Writer, new_client: Callable[[], Browser], sign_in: SignIn, csrf: Callable[[Browser], str]
) -> None:
    writer.save("young-person", "later", date_of_birth_year="2012")
    approver = new_client()
    sign_in(approver, "approver")
    assert "No exception can be made" in approver.get(writer.at + "/exception").text
    data = {"_csrf_token": csrf(approver), "reason": "A very good reason indeed"}
    assert approver.post(writer.at + "/exception", data=data).status_code == 422
    assert "There is a problem" in writer.page("/tasks")


def test_another_council_and_a_provider_see_nothing(
    writer: Writer, road: Road, new_client: Callable[[], Browser], sign_in: SignIn, csrf: Callable[[Browser], str]
) -> None:
    writer.write()
    raised = f"/referrals/{road.raised()}"
    for persona, status in (("placements_county", 404), ("provider_a", 403)):
        other = new_client()
        sign_in(other, persona)
        paths = ("/tasks", "/young-person", "/result", "/profile", "/check", "/withdraw", "")
        for path in [writer.at + one for one in paths] + [raised + one for one in ("", "/history", "/publish")]:
            assert other.get(path).status_code == status, (persona, path)
        data = {**PERSON, "go": "continue", "_csrf_token": csrf(other)}
        assert other.post(writer.at + "/young-person", data=data).status_code == status
    assert writer.client.get(f"/referrals/{uuid4()}").status_code == 404
    assert writer.client.get(writer.at + "/nonsense").status_code == 404


# The list, the record page, withdrawing ------------------------------------------------------------------------------


def test_the_list_finds_by_state_reference_and_name_and_shows_drafts(writer: Writer, road: Road) -> None:
    road.opened()
    writer.save("young-person", "later", given_name="Percival", family_name="O'Dell-100%")
    everything = unescape(writer.client.get("/referrals").text)
    assert "Zebedee Quillfeather" in everything
    assert "Percival" in everything
    assert "Percival" in unescape(writer.client.get("/referrals?state=drafts").text)
    assert "Percival" not in unescape(writer.client.get("/referrals?state=looking").text)
    found = unescape(writer.client.get("/referrals", params={"q": "quill ZEB"}).text)
    assert "Zebedee Quillfeather" in found
    assert "Percival" not in found
    assert "Percival" in unescape(writer.client.get("/referrals", params={"q": "100%"}).text)
    assert "Nothing was found" in writer.client.get("/referrals", params={"q": "%\0<script>"}).text
    assert writer.client.get("/referrals?state=../x&page=-9").status_code == 200


def test_the_record_page_tells_the_whole_story_without_naming_who_offers(
    writer: Writer, road: Road, sign_in: SignIn
) -> None:
    opened = road.opened()
    at = f"/referrals/{opened.referral_id}"
    road.offered(opened, "amberside", "brightwater")
    history = unescape(writer.client.get(at + "/history").text)
    assert history.count("Sealed offer received") == 2
    for name in ("Amberside", "Brightwater", "amberside", "left"):
        assert name not in history.split("<main", 1)[1]
    road.agreed(opened, date(2026, 12, 1), date(2027, 5, 31))
    sign_in(writer.client, "placements")  # an hour went by
    history = unescape(writer.client.get(at + "/history").text)
    for words in ("Offer chosen", "Funding authorised", "made", "Offers closed"):
        assert words in history
    for path in ("", "/competition", "/agreement", "/profile"):
        assert writer.client.get(at + path).status_code == 200
    assert "1 December 2026" in writer.client.get(at + "/agreement").text
    assert writer.client.get(at + "/withdraw").status_code == 409


def test_withdrawing_says_what_follows_and_keeps_the_reason(writer: Writer, road: Road) -> None:
    opened = road.opened()
    at = f"/referrals/{opened.referral_id}"
    page = unescape(writer.client.get(at + "/withdraw").text)
    assert f"{len(opened.invited)} invited providers" in page
    assert writer.post(at + "/withdraw", {"reason": "no"}).status_code == 422
    assert writer.post(at + "/withdraw", {"reason": "Went home to an aunt in Leeds"}).status_code == 303
    assert "Went home to an aunt in Leeds" in writer.client.get(at).text
    assert writer.post(writer.at + "/withdraw", {"reason": "Started twice by mistake"}).status_code == 303
    assert "Started twice by mistake" in writer.page()
    assert writer.save("budget").status_code == 409


# Words ---------------------------------------------------------------------------------------------------------------

SOME: Final[Mapping[Any, Any]] = {
    str: "text",
    int: 2,
    bool: True,
    UUID: UUID(int=1),
    datetime: datetime(2026, 11, 21, 14, 0, tzinfo=UTC),
    date: date(2026, 11, 21),
    Decimal: Decimal("12.50"),
}


@pytest.mark.parametrize("event", get_args(consequences.Event), ids=lambda event: event.__name__)
def test_every_kind_of_event_has_words_made_of_its_own_facts(event: type) -> None:
    kind = kind_of(object.__new__(event))
    assert kind in book()["history"], f"say {kind} in templates/pages/referrals/words.toml"
    hints = get_type_hints(event)
    made: Any = object.__new__(event)
    for one in fields(event):
        object.__setattr__(made, one.name, _some(hints[one.name]))
    title, text = sentence(environment(False), kind, json.loads(body_of(made)))
    assert title
    assert text.endswith(".")


def _some(hint: Any) -> Any:
    if hint in SOME:
        return SOME[hint]
    if hasattr(hint, "__supertype__"):
        return _some(hint.__supertype__)
    if getattr(hint, "__origin__", None) is tuple:
        inner = [one for one in get_args(hint) if one is not Ellipsis]
        return tuple(_some(one) for one in (inner if len(inner) > 1 else inner * 3))
    if get_args(hint):
        return _some(get_args(hint)[0])
    return next(iter(hint)) if hasattr(hint, "__members__") else None


def test_every_choice_of_the_model_has_words() -> None:
    kinds = {
        "status": LegalStatus, "living_now": LivingNow, "needed": Needed, "urgency": Urgency, "source": Source,
        "wants": Wants, "provision": Provision, "category": CategoryCode,
    }  # fmt: skip
    for name, kind in kinds.items():
        assert [one[0] for one in book()["choices"][name]] == list(kind), name
    assert set(book()["state"]) == set(State)


def test_a_form_survives_the_way_into_the_document_and_back() -> None:
    for slug, data in SECTIONS.items():
        section = next(key for key, words in book()["section"].items() if words[1] == slug)
        once = typed.document_of(section, data, EDITION)
        shown = typed.values_of(section, once)
        assert typed.document_of(section, shown, EDITION) == once, slug


def test_a_draft_that_was_sent_nonsense_is_still_shown(writer: Writer, desk: Desk, road: Road) -> None:
    with desk.work(road.actor("placements")) as work:
        nonsense: dict[str, object] = {
            "young_person": ["x"], "date_of_birth": {"a": 1}, "answers": 7, "evidence": [], "override": "no",
            "outcomes": {"a": 1}, "care_periods": ["x"], "wants": 3, "beds": None, "housing_benefit": "perhaps",
        }  # fmt: skip
        store.save_document(work.db, work.authority, writer.id, nonsense, work.now)
        assert not drafts.draft(work, writer.id).complete
    for slug in (*SECTIONS, "tasks"):
        assert writer.client.get(f"{writer.at}/{slug}").status_code == 200, slug


# In a real browser ---------------------------------------------------------------------------------------------------


def test_every_page_is_accessible_and_fits_a_phone(
    writer: Writer, road: Road, browse: Callable[..., Page], axe: Callable[[Page], None], fits: Callable[[Page], None]
) -> None:
    writer.write()
    opened = road.opened()
    road.offered(opened)
    road.agreed(opened, date(2026, 12, 1), date(2027, 5, 31))
    raised, done = f"/referrals/{road.raised()}", f"/referrals/{opened.referral_id}"
    page = browse("/referrals", as_="placements", width=320, javascript=False)
    paths = ["/referrals", raised + "/publish", raised + "/withdraw"]
    paths += [writer.at + "/" + one for one in (*SECTIONS, "tasks", "result", "profile", "check")]
    paths += [done + one for one in ("", "/competition", "/agreement", "/history")]
    site = page.url.removesuffix("/referrals")
    for path in paths:
        page.goto(site + path)
        assert page.locator("h1").count() == 1, path
        fits(page)
    wide = browse("/referrals", as_="placements")
    for path in paths:
        wide.goto(site + path)
        axe(wide)
