"""The live page: every open window at a glance, by itself and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import event, text

from brokerage.competitions.events import CompetitionOpened
from brokerage.competitions.model import DeclineReason
from brokerage.desk import flow, store
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from tests.web.road import Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]


@pytest.fixture
def act(new_client: Callable[[], Client], sign_in: SignIn) -> Callable[[str], Client]:
    def begin(persona: str) -> Client:
        client = new_client()
        sign_in(client, persona)
        return client

    return begin


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def row(page: str, reference: str) -> list[str]:
    """Give what stands in a window's row, cell by cell."""
    found = next(one for one in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if reference in one)
    return [words(cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)]


def unreachable(road: Road, opened: CompetitionOpened, firm: str, status: str = "failed", medium: str = "%") -> None:
    with road.desk.engine.begin() as db:
        db.execute(
            text(
                "UPDATE message SET status = :status, settled_at = created_at, last_error = 'twilio 400'"
                " WHERE subject_id = :id AND medium LIKE :medium"
            ),
            {"id": road.invitation_id(opened, firm), "status": status, "medium": medium},
        )


def test_every_window_has_its_numbers_the_soonest_first(
    act: Callable[[str], Client], road: Road, clock: StoppedClock
) -> None:
    later, soon = road.opened(urgency="standard"), road.opened()
    over = road.opened()
    road.offered(soon, "amberside", "brightwater")
    with road.desk.work(SYSTEM) as work:
        flow.decline(work, road.token(soon, "dovecote"), DeclineReason.NO_ROOM, "")
        flow.look_at_invitation(work, road.token(soon, "dovecote"))
    with road.desk.work(SYSTEM) as work:
        flow.ask_question(work, road.token(soon, "elmbridge"), "Is there a garden?")
    unreachable(road, soon, "goldcrest")
    unreachable(road, soon, "amberside", "delivered", "email")
    unreachable(road, later, "amberside", "failed", "sms")  # the email may still get through
    with road.desk.work(road.actor("placements")) as work:
        flow.withdraw_referral(work, over.referral_id, "Not needed any more")
    clock.push(timedelta(minutes=42))
    answer = act("coordinator").get("/live")
    page = answer.text
    assert answer.headers["refresh"] == "15"
    assert page.index(soon.reference) < page.index(later.reference)
    assert over.reference not in page
    invited = str(len(soon.invited))
    cells = row(page, soon.reference)
    assert cells[1].startswith("In 18 minutes Soon 3:55pm GMT, Saturday 21 November 2026")
    seen = "1"
    assert cells[2:7] == [invited, "1", seen, "1", "2"]
    assert cells[7].startswith("1 not reached")
    assert cells[8].startswith("1 to answer")
    assert row(page, later.reference)[7:] == ["0", "0"]
    assert "01632 960107" in page
    assert "goldcrest@provider.example" in page
    assert "Amberside" not in page  # who offered is nobody's to see, and who was reached is on the competition's page


def test_refreshing_can_be_stopped_and_begun_again(act: Callable[[str], Client]) -> None:
    coordinator = act("coordinator")
    assert 'href="/live?refresh=off"' in coordinator.get("/live").text
    still = coordinator.get("/live?refresh=off")
    assert "refresh" not in still.headers
    assert 'href="/live"' in still.text
    assert "<meta http-equiv" not in still.text


def test_a_silent_worker_and_a_failing_timer_are_told_with_what_to_do(
    act: Callable[[str], Client], desk: Desk, road: Road, clock: StoppedClock
) -> None:
    coordinator = act("coordinator")
    assert "has not been heard of at all" in words(coordinator.get("/live").text)
    with desk.work(SYSTEM) as work:
        store.beat(work.db, "one", work.now)
    clock.push(timedelta(seconds=30))
    assert "has not been heard of" not in words(coordinator.get("/live").text)
    clock.push(timedelta(seconds=1))
    silent = words(coordinator.get("/live").text)
    assert "has not been heard of since 2:55:00pm GMT" in silent
    assert "Deadlines hold all the same" in silent
    road.opened()
    assert "could not ring" not in silent
    with desk.engine.begin() as db:
        db.execute(text("UPDATE timer SET failures = 1"))
    assert "1 timer could not ring" in words(coordinator.get("/live").text)


def test_nobody_without_the_permission_and_no_other_council_sees_it(act: Callable[[str], Client], road: Road) -> None:
    opened = road.opened()
    assert act("provider_a").get("/live").status_code == 403
    assert opened.reference in act("auditor").get("/live").text
    other = act("coordinator_county").get("/live")
    assert other.status_code == 200
    assert opened.reference not in other.text


def test_more_windows_need_no_more_statements(act: Callable[[str], Client], road: Road) -> None:
    coordinator = act("coordinator")

    def statements() -> int:
        asked: list[str] = []

        def note(_c: object, _u: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(road.desk.engine, "before_cursor_execute", note)
        assert coordinator.get("/live").status_code == 200
        event.remove(road.desk.engine, "before_cursor_execute", note)
        return len(asked)

    road.opened()
    one = statements()
    for _ in range(3):
        road.opened()
    assert statements() == one


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_is_accessible_and_fits_also_without_scripts(
    browse: Callable[..., Page], road: Road, axe: Callable[[Page], None], fits: Callable[[Page], None], width: int
) -> None:
    opened = road.opened()
    unreachable(road, opened, "goldcrest")
    page = browse("/live", as_="coordinator", width=width, javascript=False)
    assert page.get_by_text("Not reached: call them").is_visible()
    page.click("details summary")
    fits(page)
    page = browse("/live", as_="coordinator", width=width)
    axe(page)
    fits(page)


def test_the_competitions_page_says_which_message_did_not_arrive_and_why_even_where_the_other_one_did(
    act: Callable[[str], Client], road: Road, browse: Callable[..., Page], sound: Callable[[Page], None]
) -> None:
    opened = road.opened()
    path = f"/competitions/{opened.competition_id}"
    assert "Messages that did not arrive" not in act("coordinator").get(path).text
    unreachable(road, opened, "amberside", medium="sms")
    page = browse(path, as_="coordinator")
    told = page.locator("h2:has-text('Messages that did not arrive') + ul")
    assert re.search(r"Amberside Homes: text message. It was refused on the way", told.inner_text())
    assert told.locator("a[href^='tel:']").count() == 1
    sound(page)
