"""The coordinator's and the approver's pages: what waits, offers under seal and after it, money, start, agreement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.competitions.errors import BidTooLate
from brokerage.competitions.events import BidAwarded, CompetitionOpened
from brokerage.competitions.model import DeclineReason
from brokerage.competitions.store import competition
from brokerage.demo.register import person_id
from brokerage.desk import flow, store
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor, Role
from tests.proof.size import fill
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
FIRMS = ("amberside", "brightwater", "copperfield")
START, END, MET = date(2026, 12, 3), date(2027, 5, 31), date(2026, 11, 20)


@pytest.fixture
def act(new_client: Callable[[], Client], sign_in: SignIn) -> Callable[[str], Client]:
    """`act("coordinator")`: a browser of its own, signed in as a persona."""

    def begin(persona: str) -> Client:
        client = new_client()
        sign_in(client, persona)
        return client

    return begin


@pytest.fixture
def send(csrf: Callable[[Client], str]) -> Callable[..., Any]:
    """`send(client, path, field=...)`: post a form with its mark."""

    def post(client: Client, path: str, **data: Any) -> Any:
        return client.post(path, data={"_csrf_token": csrf(client), **data})

    return post


def offered(road: Road, **changes: Any) -> CompetitionOpened:
    """Open a competition with three offers in it."""
    opened = road.opened(**changes)
    road.offered(opened, *FIRMS)
    return opened


def words(html: str) -> str:
    """Give a page's words without its tags and its surplus spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def stay(starts_on: date = START, ends_on: date = END, met_on: date | None = MET) -> dict[str, str]:
    return {**day("starts_on", starts_on), **day("ends_on", ends_on), **(day("met_on", met_on) if met_on else {})}


def score_fields(road: Road, opened: CompetitionOpened, points: int = 4) -> dict[str, str]:
    with road.desk.work(road.actor("coordinator")) as work:
        questions = competition(work.db, opened.authority, opened.competition_id).questions
        bids = work.db.execute(
            text("SELECT id FROM bid WHERE competition_id = :id"), {"id": opened.competition_id}
        ).scalars()
        return {f"score_{bid}_{question.key}": str(points) for bid in bids for question in questions}


def set_limit(road: Road, persona: str, limit: str) -> None:
    with road.desk.engine.begin() as db:
        db.execute(
            text("UPDATE person SET weekly_limit = :limit WHERE id = :id"),
            {"limit": Decimal(limit), "id": person_id(persona)},
        )


# My work ------


def test_nobody_signed_in_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_provider_is_sent_to_its_own_page(act: Callable[[str], Client]) -> None:
    answer = act("provider_a").get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/provider")


def test_what_closes_next_comes_first_with_its_counts(
    act: Callable[[str], Client], road: Road, clock: StoppedClock
) -> None:
    later = road.opened(urgency="standard")
    soon = offered(road)
    clock.push(timedelta(minutes=42))
    page = words(act("coordinator").get("/").text)
    assert f"{soon.reference} closes in 18 minutes" in page
    assert page.index(soon.reference) < page.index(later.reference)
    assert f"{len(soon.invited)} invited, 0 reached, 0 opened, 0 declined, 3 offers" in page


def test_each_role_finds_its_own_work(act: Callable[[str], Client], road: Road) -> None:
    to_score, to_fund, to_start = offered(road), offered(road), offered(road)
    draft = road.raised()
    assert draft
    road.closed(to_score)
    funding = road.awarded(to_fund)
    start = road.funded(to_start)
    coordinator, approver = act("coordinator").get("/").text, act("approver").get("/").text
    assert f"{to_score.reference}: 3 offers" in words(coordinator)
    assert f"{to_start.reference}: agree the start" in words(coordinator)
    assert f"/awards/{start.award_id}" in coordinator
    assert f"/awards/{funding.award_id}" not in coordinator
    assert f"/awards/{funding.award_id}" in approver
    assert "Within your own limit of £1,500.00" in words(approver)
    assert "Ready to publish" in coordinator
    assert "Ready to publish" not in approver


def test_an_empty_desk_says_what_to_do(act: Callable[[str], Client]) -> None:
    assert "Start one in Referrals" in words(act("coordinator").get("/").text)
    assert "No funding waits for you" in words(act("approver").get("/").text)


def test_a_silent_worker_is_told(act: Callable[[str], Client], desk: Desk) -> None:
    coordinator = act("coordinator")
    assert "has not been heard of" in coordinator.get("/").text
    with desk.work(SYSTEM) as work:
        store.beat(work.db, "one", work.now)
    assert "has not been heard of" not in coordinator.get("/").text


def test_a_review_that_is_overdue_is_marked(act: Callable[[str], Client], road: Road, clock: StoppedClock) -> None:
    road.agreed(offered(road), START, END)
    clock.now += timedelta(days=29)
    page = words(act("coordinator").get("/").text)
    assert "17 December 2026 Overdue" in page


# While the window is open ------


def test_an_open_competition_shows_counts_and_never_who_offered(act: Callable[[str], Client], road: Road) -> None:
    opened = offered(road)
    with road.desk.work(SYSTEM) as work:
        flow.decline(work, road.token(opened, "dovecote"), DeclineReason.NO_ROOM, "")
    with road.desk.engine.begin() as db:
        db.execute(
            text("UPDATE message SET status = 'failed', settled_at = created_at WHERE subject_id = :id"),
            {"id": road.invitation_id(opened, "goldcrest")},
        )
    answer = act("coordinator").get(f"/competitions/{opened.competition_id}")
    page = words(answer.text)
    assert answer.headers["refresh"] == "30"
    assert "Sealed" in page
    assert "3 offered" in words(re.sub(r"<dt>(.*?)</dt><dd>(.*?)</dd>", r"\2 \1", answer.text))
    assert "No room" in page
    assert "Not reached Call 01632 960107 or write to goldcrest@provider.example" in page
    assert "Who was not invited, and why" in page
    rows = re.findall(r'<tr class="govuk-table__row" role="row">(.*?)</tr>', answer.text, re.DOTALL)
    status = {words(row).strip().split("  ")[0]: words(row) for row in rows}
    offered_row = next(row for name, row in status.items() if "Amberside" in name)
    silent_row = next(row for name, row in status.items() if "Elmbridge" in name or "Kingfisher" in name)
    assert offered_row.split()[2:] == silent_row.split()[2:]


def test_refreshing_can_be_stopped(act: Callable[[str], Client], road: Road) -> None:
    opened = offered(road)
    path = f"/competitions/{opened.competition_id}"
    coordinator = act("coordinator")
    assert f'href="{path}?refresh=off"' in coordinator.get(path).text
    assert "refresh" not in coordinator.get(path + "?refresh=off").headers


@pytest.mark.parametrize("step", ["evaluate", "award"])
def test_before_the_close_nothing_can_be_scored_or_chosen(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road, step: str
) -> None:
    opened = offered(road)
    coordinator = act("coordinator")
    path = f"/competitions/{opened.competition_id}/{step}"
    form = {"bid_id": str(UUID(int=1)), "reason": "", "sure": "yes"} if step == "award" else {}
    for answer in (coordinator.get(path), send(coordinator, path, **form)):
        assert answer.status_code == 409
        assert "still sealed" in answer.text
        assert "£" not in words(answer.text)


def test_at_the_deadline_the_page_says_so_before_the_worker_came(
    act: Callable[[str], Client], road: Road, clock: StoppedClock
) -> None:
    opened = offered(road)
    clock.now = opened.closes_at
    page = words(act("coordinator").get(f"/competitions/{opened.competition_id}").text)
    assert "Offers are closed. The seal is opened in a moment" in page
    assert "amberside answers" not in page


# After the close ------


def test_after_the_close_offers_stand_beside_one_another(act: Callable[[str], Client], road: Road) -> None:
    opened = offered(road)
    road.closed(opened)
    answer = act("coordinator").get(f"/competitions/{opened.competition_id}")
    page = words(answer.text)
    assert "refresh" not in answer.headers
    assert "Seal opened" in page
    for firm in ("Amberside Homes", "Brightwater Living", "Copperfield Support"):
        assert firm in page
    assert "amberside answers risk in a sentence" in page
    assert "Score the offers" in page
    assert "checked" not in answer.text


def test_scores_are_kept_and_rank_the_offers(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    road.closed(opened)
    path = f"/competitions/{opened.competition_id}"
    coordinator = act("coordinator")
    assert "£" not in words(coordinator.get(path + "/evaluate").text)
    answer = send(coordinator, path + "/evaluate", **score_fields(road, opened))
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = words(coordinator.get(path).text)
    assert "Total, of 100" in page
    assert "How the ranking was worked out" in page
    assert coordinator.get(path + "/evaluate").text.count("checked") == len(score_fields(road, opened))


def test_a_missing_score_is_named_and_the_others_stay(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    road.closed(opened)
    fields = score_fields(road, opened)
    missing, *_ = fields
    del fields[missing]
    answer = send(act("coordinator"), f"/competitions/{opened.competition_id}/evaluate", **fields)
    assert answer.status_code == 422
    assert f'href="#{missing}"' in answer.text
    assert f'id="{missing}"' in answer.text
    assert answer.text.count("checked") == len(fields)
    assert "score this answer from 0 to 5" in answer.text


def test_the_first_is_chosen_without_a_reason(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    first = road.evaluated(opened)[0]
    path = f"/competitions/{opened.competition_id}"
    coordinator = act("coordinator")
    assert "checked" not in coordinator.get(path + "/award").text
    answer = send(coordinator, path + "/award", bid_id=str(first.bid_id), reason="", sure="yes")
    assert answer.status_code == 303
    assert "Waiting for an approver" in coordinator.get(path).text
    assert "somebody else decides on the money" in coordinator.get(answer.headers["location"]).text


def test_another_than_the_first_needs_a_reason_and_what_was_chosen_stays(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    second = road.evaluated(opened)[1]
    path = f"/competitions/{opened.competition_id}/award"
    coordinator = act("coordinator")
    answer = send(coordinator, path, bid_id=str(second.bid_id), reason="short", sure="yes")
    assert answer.status_code == 422
    assert "Give a reason for this choice" in answer.text
    assert 'href="#reason"' in answer.text
    assert answer.text.count("checked") == 2
    answer = send(coordinator, path, bid_id=str(second.bid_id), reason="Nearest to the college", sure="yes")
    assert answer.status_code == 303
    assert "Nearest to the college" in coordinator.get(answer.headers["location"]).text


def test_nothing_chosen_and_nothing_confirmed_are_both_named(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    road.evaluated(opened)
    answer = send(act("coordinator"), f"/competitions/{opened.competition_id}/award", reason="")
    assert answer.status_code == 422
    assert 'href="#bid_id"' in answer.text
    assert 'href="#sure"' in answer.text


@pytest.mark.parametrize("chosen", [str(UUID(int=7)), "no number"])
def test_an_offer_that_does_not_stand_is_refused_in_the_form(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road, chosen: str
) -> None:
    opened = offered(road)
    road.evaluated(opened)
    path = f"/competitions/{opened.competition_id}/award"
    answer = send(act("coordinator"), path, bid_id=chosen, reason="", sure="yes")
    assert answer.status_code == 422
    assert "This offer does not stand" in answer.text


def test_no_choice_before_the_scores(act: Callable[[str], Client], send: Callable[..., Any], road: Road) -> None:
    opened = offered(road)
    road.closed(opened)
    path = f"/competitions/{opened.competition_id}/award"
    coordinator = act("coordinator")
    for answer in (coordinator.get(path), send(coordinator, path, bid_id=str(UUID(int=7)), sure="yes")):
        assert answer.status_code == 409
        assert "Score the offers first" in answer.text


def test_of_two_choices_the_first_stands(act: Callable[[str], Client], send: Callable[..., Any], road: Road) -> None:
    opened = offered(road)
    first, second, *_ = road.evaluated(opened)
    path = f"/competitions/{opened.competition_id}/award"
    one, other = act("coordinator"), act("coordinator")
    assert other.get(path).status_code == 200
    assert send(one, path, bid_id=str(first.bid_id), sure="yes").status_code == 303
    answer = send(other, path, bid_id=str(second.bid_id), reason="Nearest to the college", sure="yes")
    assert answer.status_code == 409
    assert "Somebody has already chosen an offer" in answer.text


def test_nobody_offered_says_what_to_do_next(act: Callable[[str], Client], road: Road) -> None:
    opened = road.opened()
    road.closed(opened)
    page = words(act("coordinator").get(f"/competitions/{opened.competition_id}").text)
    assert "Nobody offered before the deadline" in page
    assert "Decide what to do next" in page


def test_a_withdrawn_referral_ends_its_competition(act: Callable[[str], Client], road: Road) -> None:
    opened = offered(road)
    with road.desk.work(road.actor("placements")) as work:
        flow.withdraw_referral(work, opened.referral_id, "Back home with family")
    page = words(act("coordinator").get(f"/competitions/{opened.competition_id}").text)
    assert "This referral was withdrawn" in page
    assert "amberside answers" not in page


# The money ------


def test_an_approver_authorises_within_the_limit(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    award = road.awarded(offered(road))
    path = f"/awards/{award.award_id}"
    approver = act("approver")
    page = words(approver.get(path).text)
    assert "The best plan for the outcomes" in page
    assert "Colin Coordinator" in page
    assert "Your own limit is £1,500.00 a week" in page
    answer = send(approver, path + "/funding", decision="authorise", reason="")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = words(approver.get(path).text)
    assert "Anita Approver authorised the money" in page
    assert "Your decision" not in page


def test_a_refusal_needs_a_reason_and_opens_the_choice_again(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    award = road.awarded(opened)
    path = f"/awards/{award.award_id}"
    approver = act("approver")
    answer = send(approver, path + "/funding", decision="refuse", reason=" ")
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert "checked" in answer.text
    assert send(approver, path + "/funding", decision="refuse", reason="Too far from college").status_code == 303
    coordinator = act("coordinator")
    page = words(coordinator.get(f"/competitions/{opened.competition_id}").text)
    assert "The funding for" in page
    assert "Too far from college" in page
    assert "Choose an offer" in page
    assert "Funding was refused: choose another offer" in coordinator.get("/").text


def test_no_decision_is_named(act: Callable[[str], Client], send: Callable[..., Any], road: Road) -> None:
    award = road.awarded(offered(road))
    answer = send(act("approver"), f"/awards/{award.award_id}/funding", reason="Something typed")
    assert answer.status_code == 422
    assert 'href="#decision"' in answer.text
    assert "Something typed" in answer.text


def test_above_the_limit_a_second_approver_decides(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    set_limit(road, "approver", "100.00")
    award = road.awarded(offered(road))
    path = f"/awards/{award.award_id}"
    approver, second = act("approver"), act("approver_2")
    assert "above your own limit of £100.00" in words(approver.get(path).text)
    assert send(approver, path + "/funding", decision="authorise", reason="A good plan").status_code == 303
    assert "a second approver decides" in words(approver.get(path).text)
    again = send(approver, path + "/funding", decision="authorise", reason="")
    assert again.status_code == 409
    assert "already given your word" in again.text
    assert send(second, path + "/funding", decision="authorise", reason="").status_code == 303
    page = words(second.get(path).text)
    assert "Anita Approver supported it" in page
    assert "Abel Approver authorised the money" in page


def test_who_chose_does_not_decide_on_the_money(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    first = road.evaluated(opened)[0]
    both = Actor(Role.COORDINATOR, "Anita Approver", "derby-city", person_id("approver"))
    with road.desk.work(both) as work:
        award = flow.award(work, opened.competition_id, first.bid_id, "")
    path = f"/awards/{award.award_id}"
    approver = act("approver")
    page = approver.get(path).text
    assert "somebody else decides on the money" in page
    assert f'action="{path}/funding"' not in page
    answer = send(approver, path + "/funding", decision="authorise", reason="")
    assert answer.status_code == 403
    assert "Somebody else must decide on the money" in answer.text


def test_a_coordinator_cannot_authorise(act: Callable[[str], Client], send: Callable[..., Any], road: Road) -> None:
    award = road.awarded(offered(road))
    answer = send(act("coordinator"), f"/awards/{award.award_id}/funding", decision="authorise", reason="")
    assert answer.status_code == 403


def test_a_decided_award_is_not_decided_again(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    award = road.funded(offered(road))
    answer = send(act("approver_2"), f"/awards/{award.award_id}/funding", decision="refuse", reason="Too late")
    assert answer.status_code == 409
    assert "already decided" in answer.text


# The start ------


def test_a_funded_award_becomes_an_agreement_with_its_reviews(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    award = road.funded(offered(road))
    path = f"/awards/{award.award_id}"
    coordinator = act("coordinator")
    page = words(coordinator.get(path).text)
    assert "A stay in category 1.2 lasts 3 to 12 months" in page
    assert "can start from 1 December 2026" in page
    answer = send(coordinator, path + "/agreement", **stay())
    assert answer.status_code == 303
    page = words(coordinator.get(answer.headers["location"]).text)
    assert "17 December 2026" in page
    assert "3 March 2027" in page
    assert NAMED["family_name"] in page
    assert NAMED["family_name"] in coordinator.get("/agreements").text
    assert answer.headers["location"] in coordinator.get(path).text


def test_many_agreements_come_in_pages_and_are_found_by_state_and_reference(
    client: Client, sign_in: SignIn, desk: Desk
) -> None:
    fill(desk.engine, 120)
    sign_in(client, "coordinator")

    def listed(query: str = "") -> tuple[int, str]:
        text = client.get(f"/agreements{query}").text
        return len(set(re.findall(r"/agreements/([0-9a-f-]{36})", text))), text

    pages = [listed(f"?page={number}") for number in (1, 2, 3, 4)]
    assert [count for count, _ in pages] == [50, 50, 20, 20]
    assert "Page 2 of 3" in pages[1][1] and "120 agreements" in pages[1][1]
    assert listed("?page=banana")[0] == 50
    assert listed("?q=A-000007")[0] == 1
    assert "Nothing was found" in listed("?q=A-999999%00")[1]
    assert "No agreement has ended yet" in listed("?which=ended")[1]


def test_no_start_before_the_funding(act: Callable[[str], Client], send: Callable[..., Any], road: Road) -> None:
    award = road.awarded(offered(road))
    path = f"/awards/{award.award_id}"
    coordinator = act("coordinator")
    assert f'action="{path}/agreement"' not in coordinator.get(path).text
    answer = send(coordinator, path + "/agreement", **stay())
    assert answer.status_code == 409
    assert "The funding is not authorised" in answer.text


REFUSED: list[tuple[Mapping[str, str], str, str]] = [
    (stay(ends_on=date(2027, 1, 31)), "ends_on", "too short"),
    (stay(ends_on=date(2028, 1, 31)), "ends_on", "too long"),
    (stay(ends_on=date(2026, 12, 1)), "ends_on", "comes before the first"),
    (stay(starts_on=date(2026, 11, 23)), "starts_on", "cannot start so early"),
    (stay(met_on=None), "met_on", "have not met"),
    (stay(met_on=date(2026, 12, 24)), "met_on", "after the start"),
    ({**stay(met_on=None), "waiver_reason": "Nobody was free"}, "waiver_reason", "Only an emergency"),
    ({**stay(), "starts_on_year": ""}, "starts_on", "must include a year"),
    ({**stay(), "ends_on_day": "31", "ends_on_month": "2"}, "ends_on", "must be a real date"),
    ({**stay(), "ends_on_day": "the last"}, "ends_on", "must be a real date in figures"),
    (day("met_on", MET), "starts_on", "Enter the first day"),
]


@pytest.mark.parametrize(("typed", "field", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_a_start_that_cannot_be_is_refused_beside_its_entry(
    act: Callable[[str], Client],
    send: Callable[..., Any],
    road: Road,
    typed: Mapping[str, str],
    field: str,
    said: str,
) -> None:
    award = road.funded(offered(road, urgency="standard"))
    answer = send(act("coordinator"), f"/awards/{award.award_id}/agreement", **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    for name, value in typed.items():
        if value and name != "waiver_reason":
            assert f'name="{name}" type="text" value="{value}"' in answer.text


def test_a_stay_in_lot_2_ends_by_the_18th_birthday(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened(status="homeless", living_now="homeless", housing_benefit=True, housing_benefit_weekly="90.00")
    road.offered(opened, "amberside")
    assert opened.category == "2.2"
    award = road.funded(opened)
    coordinator = act("coordinator")
    path = f"/awards/{award.award_id}"
    assert "on or before the 18th birthday, 4 May 2027" in words(coordinator.get(path).text)
    answer = send(coordinator, path + "/agreement", **stay())
    assert answer.status_code == 422
    assert "must end by the 18th birthday" in answer.text
    assert send(coordinator, path + "/agreement", **stay(ends_on=date(2027, 5, 3))).status_code == 303


def test_an_emergency_may_go_without_a_meeting_with_a_reason(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened(needed="same_day", living_now="homeless")
    road.offered(opened, "amberside")
    assert opened.category == "1.1"
    award = road.funded(opened)
    coordinator = act("coordinator")
    path = f"/awards/{award.award_id}/agreement"
    nights = stay(ends_on=START + timedelta(days=10), met_on=None)
    answer = send(coordinator, path, **nights, waiver_reason="short")
    assert answer.status_code == 422
    assert 'href="#waiver_reason"' in answer.text
    answer = send(coordinator, path, **nights, waiver_reason="They came from the police station at night")
    assert answer.status_code == 303
    page = words(coordinator.get(answer.headers["location"]).text)
    assert "They came from the police station at night" in page
    assert "no review is planned" in page


# Who may see what ------


def test_another_council_finds_nothing(act: Callable[[str], Client], send: Callable[..., Any], road: Road) -> None:
    opened = offered(road)
    award = road.funded(opened)
    with road.desk.work(road.actor("coordinator")) as work:
        made = flow.open_agreement(work, award.award_id, START, END, MET, None)
    county = act("coordinator_county")
    for path in (
        f"/competitions/{opened.competition_id}",
        f"/competitions/{opened.competition_id}/evaluate",
        f"/competitions/{opened.competition_id}/award",
        f"/awards/{award.award_id}",
        f"/agreements/{made.agreement_id}",
        f"/agreements/{made.agreement_id}/print",
    ):
        assert county.get(path).status_code == 404, path
    assert send(county, f"/awards/{award.award_id}/agreement", **stay()).status_code == 404
    assert opened.reference not in county.get("/").text


def test_a_provider_opens_no_page_of_the_staff(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = offered(road)
    award = road.awarded(opened)
    provider = act("provider_a")
    for path in (
        f"/competitions/{opened.competition_id}",
        f"/competitions/{opened.competition_id}/evaluate",
        f"/competitions/{opened.competition_id}/award",
        f"/awards/{award.award_id}",
    ):
        assert provider.get(path).status_code == 403, path
    assert send(provider, f"/awards/{award.award_id}/funding", decision="authorise").status_code == 403


def test_a_provider_sees_its_own_agreement_without_the_young_person(act: Callable[[str], Client], road: Road) -> None:
    opened = road.opened()
    road.offered(opened, "amberside")
    made = road.agreed(opened, START, END)
    provider, other = act("provider_a"), act("provider_b")
    for path in ("/agreements", f"/agreements/{made}", f"/agreements/{made}/print"):
        answer = provider.get(path)
        assert answer.status_code == 200
        assert "A-" in answer.text
        for secret in (NAMED["given_name"], NAMED["family_name"], NAMED["known_as"], "4 May 2009", "/referrals/"):
            assert secret not in answer.text, (path, secret)
    assert other.get(f"/agreements/{made}").status_code == 404
    assert str(made) not in other.get("/agreements").text


def test_the_paper_holds_parties_prices_reviews_notice_and_signatures(act: Callable[[str], Client], road: Road) -> None:
    opened = road.opened()
    road.offered(opened, "amberside")
    made = road.agreed(opened, START, END)
    page = words(act("coordinator").get(f"/agreements/{made}/print").text)
    for said in (
        "Individual placement agreement",
        "Derby City Council",
        "Amberside Homes",
        "SC900101",
        "Zebedee Quillfeather",
        "£410.00 a week",
        "17 December 2026",
        "30 days in general",
        "14 days for the specific reasons",
        "Signatures",
    ):
        assert said in page, said


def test_a_form_without_its_mark_is_refused(act: Callable[[str], Client], road: Road) -> None:
    award: BidAwarded = road.awarded(offered(road))
    answer = act("approver").post(f"/awards/{award.award_id}/funding", data={"decision": "authorise"})
    assert answer.status_code == 403
    assert "open too long" in answer.text


# In a real browser ------


@pytest.fixture
def pages(road: Road) -> dict[str, tuple[str, str]]:
    """Every page of this module once, in a state that shows most of it: name -> (path, persona)."""
    agreed = offered(road)
    made = road.agreed(agreed, START, END)
    opened, closed, ranked, waiting, started, empty = (
        offered(road, urgency="standard"),
        offered(road),
        offered(road),
        offered(road),
        offered(road),
        road.opened(),
    )
    road.raised()
    road.closed(closed)
    road.closed(empty)
    road.evaluated(ranked)
    award, start = road.awarded(waiting), road.funded(started)
    return {
        "work": ("/", "coordinator"),
        "work of an approver": ("/", "approver"),
        "open": (f"/competitions/{opened.competition_id}", "coordinator"),
        "closed": (f"/competitions/{closed.competition_id}", "coordinator"),
        "ranked": (f"/competitions/{ranked.competition_id}", "coordinator"),
        "evaluation": (f"/competitions/{closed.competition_id}/evaluate", "coordinator"),
        "choice": (f"/competitions/{ranked.competition_id}/award", "coordinator"),
        "awarded": (f"/competitions/{waiting.competition_id}", "coordinator"),
        "unsuccessful": (f"/competitions/{empty.competition_id}", "coordinator"),
        "funding": (f"/awards/{award.award_id}", "approver"),
        "start": (f"/awards/{start.award_id}", "coordinator"),
        "agreements": ("/agreements", "coordinator"),
        "agreement": (f"/agreements/{made}", "coordinator"),
        "paper": (f"/agreements/{made}/print", "coordinator"),
    }


def test_every_page_is_accessible_and_fits_a_phone(
    pages: dict[str, tuple[str, str]],
    browse: Callable[..., Page],
    live: str,
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
) -> None:
    browsers = {persona: browse("/", as_=persona) for persona in ("coordinator", "approver")}
    for name, (path, persona) in pages.items():
        page = browsers[persona]
        page.set_viewport_size({"width": 1280, "height": 800})
        answer = page.goto(live + path)
        assert answer is not None
        assert answer.ok, name
        assert page.url == live + path, name
        assert page.locator("h1").count() == 1, name
        for details in page.locator("details").all():
            details.evaluate("one => one.open = true")
        axe(page)
        page.set_viewport_size({"width": 320, "height": 640})
        fits(page)


def test_scores_and_choice_work_without_scripts(road: Road, browse: Callable[..., Page], live: str) -> None:
    opened = offered(road)
    road.closed(opened)
    page = browse(f"/competitions/{opened.competition_id}", as_="coordinator", javascript=False)
    page.get_by_role("button", name="Score the offers").click()
    for radio in page.locator('input[type="radio"][value="4"]').all():
        radio.check()
    page.get_by_role("button", name="Save the scores and rank").click()
    page.goto(f"{live}/competitions/{opened.competition_id}/award")
    page.locator('input[name="bid_id"]').first.check()
    page.locator('input[name="sure"]').check()
    page.get_by_role("button", name="Award this offer").click()
    assert "/awards/" in page.url
    assert "The offer is chosen" in page.content()


# The seal: being opened, opened, broken; what came too late


def test_between_close_and_opening_nothing_can_be_read_scored_or_chosen(
    road: Road, act: Callable[[str], Client], send: Callable[..., Any]
) -> None:
    opened = offered(road)
    path = f"/competitions/{opened.competition_id}"
    road.over(opened)
    client = act("coordinator")
    page = words(client.get(path).text)
    assert "The seal is being opened" in page
    assert "Being opened" in page
    assert "3 offers stood then" in page.replace("Three", "3")
    assert "answers risk in a sentence" not in page
    for step in ("evaluate", "award"):
        refused = client.get(f"{path}/{step}")
        assert refused.status_code == 409
        assert "The offers are being opened" in words(refused.text)
    assert send(client, f"{path}/evaluate").status_code == 409
    assert send(client, f"{path}/award", bid_id=str(opened.competition_id), sure="yes").status_code == 409
    road.closed(opened)
    page = words(client.get(path).text)
    assert "Seal opened" in page
    assert "answers risk in a sentence" in page


def test_an_offer_that_is_not_as_received_is_a_red_alarm_beside_the_others(
    road: Road, act: Callable[[str], Client], axe_of: Callable[..., None], desk: Desk
) -> None:
    opened = offered(road)
    with desk.engine.begin() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        db.execute(
            text(
                "UPDATE bid SET sealed = set_byte(sealed, 100, (get_byte(sealed, 100) + 1) % 256)"
                " WHERE provider_id = :id"
            ),
            {"id": next(one.provider_id for one, _ in opened.links if one.provider.startswith("Amberside"))},
        )
    road.closed(opened)
    page = words(act("coordinator").get(f"/competitions/{opened.competition_id}").text)
    assert "not as received" in page
    assert re.search(r"Amberside[^.]* received at .* digest [0-9a-f]{64}", page)
    assert "amberside answers risk" not in page
    assert "brightwater answers risk" in page
    axe_of(f"/competitions/{opened.competition_id}")


def test_late_offers_are_listed_to_the_coordinator_after_the_close_without_what_they_said(
    road: Road, act: Callable[[str], Client], axe_of: Callable[..., None]
) -> None:
    opened = offered(road)
    path = f"/competitions/{opened.competition_id}"
    road.clock.now = opened.closes_at
    with pytest.raises(BidTooLate) as late:
        road.offered(opened, "amberside", accommodation_weekly="313.37")
    client = act("coordinator")
    assert "Refused as late" not in client.get(path).text
    road.closed(opened)
    page = words(client.get(path).text)
    assert "Refused as late" in page
    assert late.value.digest in page
    assert "313.37" not in page
    axe_of(path)
    told = client.get(f"/api{path}", headers={"accept": "application/json"}).json()["late_offers"]
    assert [(one["provider"].split()[0], one["digest"]) for one in told] == [("Amberside", late.value.digest)]


@pytest.fixture
def axe_of(
    browse: Callable[..., Page], axe: Callable[[Page], None], fits: Callable[[Page], None]
) -> Callable[[str], None]:
    """`axe_of(path)`: the coordinator's page is accessible on a phone, and nothing goes sideways."""

    def check(path: str) -> None:
        page = browse(path, as_="coordinator", width=320)
        fits(page)
        axe(page)

    return check
