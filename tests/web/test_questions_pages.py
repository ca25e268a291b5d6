"""Questions and answers on the pages of both sides, and in the API (S26)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page

from brokerage.competitions.events import CompetitionOpened
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM
from tests.web.road import NAMED, Road

Client = TestClient[Any]
SignIn = Callable[[Client, str], None]
QUESTION = "Is there a garden to look after?"


@pytest.fixture
def act(new_client: Callable[[], Client], sign_in: SignIn) -> Callable[[str], Client]:
    def begin(persona: str) -> Client:
        client = new_client()
        sign_in(client, persona)
        return client

    return begin


@pytest.fixture
def send(csrf: Callable[[Client], str]) -> Callable[..., Any]:
    def post(client: Client, path: str, **data: Any) -> Any:
        return client.post(path, data={"_csrf_token": csrf(client), **data})

    return post


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def asked(road: Road, opened: CompetitionOpened, text: str = QUESTION, firm: str = "amberside") -> UUID:
    with road.desk.work(SYSTEM) as work:
        return flow.ask_question(work, road.token(opened, firm), text).id


def answered(road: Road, opened: CompetitionOpened, question_id: UUID, text: str = "Yes, a small one") -> None:
    with road.desk.work(road.actor("coordinator")) as work:
        flow.answer_question(work, opened.competition_id, question_id, text)


def test_a_question_by_link_is_answered_on_everybodys_page(
    client: Client, act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    mine, rival = f"/b/{road.token(opened)}", f"/b/{road.token(opened, 'dovecote')}"
    assert f'href="{mine}/question"' in client.get(mine).text
    before = client.get(rival).text
    done = client.post(f"{mine}/question", data={"text": QUESTION})
    assert (done.status_code, done.headers["location"]) == (303, f"{mine}#questions")
    client.cookies.clear()
    assert "the answer is still to come" in words(client.get(mine).text)
    nonce = re.compile(r'nonce="[^"]+"')
    assert nonce.sub("", client.get(rival).text) == nonce.sub("", before)

    coordinator, path = act("coordinator"), f"/competitions/{opened.competition_id}"
    assert "1 question waits for an answer" in words(coordinator.get(path).text)
    listed = coordinator.get(path + "/questions").text
    assert QUESTION in words(listed)
    assert "Amberside" not in words(listed).partition("Questions about")[2]
    (link,) = set(re.findall(rf'href="({path}/questions/[0-9a-f-]+)"', listed))
    assert "Your answer, to everybody invited" in words(coordinator.get(link).text)
    check = send(coordinator, link, text="Yes, Zebedee may help", question=QUESTION)
    assert "Zebedee becomes [young person]" in words(check.text)
    assert "still to come" in words(client.get(mine).text)
    given = send(coordinator, link, text="Yes, Zebedee may help", question=QUESTION, confirm="yes")
    assert (given.status_code, given.headers["location"]) == (303, path + "/questions")
    for door in (mine, rival):
        page = words(client.get(door).text)
        assert f"{QUESTION} Yes, [young person] may help" in page
        assert "Zebedee" not in page
    assert coordinator.get(link).status_code == 409


def test_a_signed_in_provider_asks_without_its_link(
    act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    provider, path = act("provider_a"), f"/offers/{road.invitation_id(opened)}"
    assert provider.get(path + "/question").status_code == 200
    assert provider.post(path + "/question", data={"text": QUESTION}).status_code == 403  # without the form's mark
    assert send(provider, path + "/question", text=QUESTION).headers["location"] == f"{path}#questions"
    assert QUESTION in words(provider.get(path).text)
    other = f"/offers/{road.invitation_id(opened, 'dovecote')}/question"
    assert provider.get(other).status_code == 404
    assert send(provider, other, text=QUESTION).status_code == 404


def test_what_cannot_be_asked_or_answered_is_said_beside_its_box(
    client: Client, act: Callable[[str], Client], send: Callable[..., Any], road: Road
) -> None:
    opened = road.opened()
    path = f"/b/{road.token(opened)}/question"
    for text, message in (("", "Enter your question"), ("x" * 1001, "must be 1,000 characters or fewer")):
        answer = client.post(path, data={"text": text})
        assert answer.status_code == 422
        assert 'href="#text"' in answer.text
        assert message in words(answer.text)
        assert text in answer.text
    for number in range(10):
        assert client.post(path, data={"text": f"Number {number}?"}).status_code == 303
    over = client.post(path, data={"text": "One more?"})
    assert over.status_code == 422
    assert "10 questions were asked" in words(over.text)
    assert "One more?" in over.text
    coordinator, at = act("coordinator"), f"/competitions/{opened.competition_id}/questions"
    link = re.findall(rf'href="({at}/[0-9a-f-]+)"', coordinator.get(at).text)[0]
    empty = send(coordinator, link, text="", question="")
    assert empty.status_code == 422
    assert 'href="#text"' in empty.text
    assert 'href="#question"' in empty.text


def test_after_the_close_it_says_what_was_not_answered(
    client: Client, act: Callable[[str], Client], road: Road
) -> None:
    opened = road.opened()
    answered(road, opened, asked(road, opened, "Is it near a school?", "dovecote"))
    asked(road, opened)
    road.closed(opened)
    mine = words(client.get(f"/b/{road.token(opened)}").text)
    assert "was not answered before the close" in mine
    assert "Is it near a school? Yes, a small one" in mine
    assert client.get(f"/b/{road.token(opened)}/question").status_code == 409
    assert client.post(f"/b/{road.token(opened)}/question", data={"text": "Late?"}).status_code == 409
    listed = words(act("coordinator").get(f"/competitions/{opened.competition_id}/questions").text)
    assert "Not answered before the close" in listed


def test_an_approver_reads_questions_and_answers_none(act: Callable[[str], Client], road: Road) -> None:
    opened = road.opened()
    question_id = asked(road, opened)
    approver, path = act("approver"), f"/competitions/{opened.competition_id}/questions"
    page = approver.get(path)
    assert page.status_code == 200
    assert f"{path}/{question_id}" not in page.text
    assert approver.get(f"{path}/{question_id}").status_code == 403
    assert act("provider_a").get(path).status_code == 403


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_are_accessible_and_fit(
    browse: Callable[..., Page], road: Road, axe: Callable[[Page], None], fits: Callable[[Page], None], width: int
) -> None:
    opened = road.opened()
    first = asked(road, opened, f"Is this {NAMED['given_name']}? A-long-word-" + "without-an-end-" * 6)
    answered(road, opened, asked(road, opened, "Is it near a school?", "dovecote"))
    path = f"/competitions/{opened.competition_id}/questions"
    page = browse(path, as_="coordinator", width=width)
    site = page.url.partition("/competitions")[0]
    axe(page)
    fits(page)
    page.goto(f"{site}{path}/{first}")
    axe(page)
    fits(page)
    page.fill("#text", f"We cannot say who {NAMED['given_name']} is")
    page.click("text=Check the answer")
    page.wait_for_selector("text=Check what everybody will read")
    axe(page)
    fits(page)
    for end in ("", "/question"):
        page.goto(f"{site}/b/{road.token(opened)}{end}")
        axe(page)
        fits(page)


def test_the_api_asks_lists_and_answers(app: Litestar, road: Road, clock: StoppedClock) -> None:
    opened = road.opened()
    mine, rival = (f"/api/invitations/{road.token(opened, firm)}" for firm in ("amberside", "dovecote"))
    path = f"/api/competitions/{opened.competition_id}/questions"
    staff = {"Authorization": "Bearer demo-coordinator"}
    with TestClient(app, raise_server_exceptions=False) as api:
        sent = api.post(f"{mine}/questions", json={"text": f"Is it {NAMED['given_name']}?"})
        assert sent.status_code == 201, sent.text
        assert api.post(f"{mine}/questions", json={"text": ""}).status_code == 422
        assert api.post(f"{mine}/questions", json={"text": "Why?", "as": "dovecote"}).status_code == 422
        assert [one["question"] for one in api.get(mine).json()["unanswered"]] == [f"Is it {NAMED['given_name']}?"]
        assert (api.get(rival).json()["unanswered"], api.get(rival).json()["answers"]) == ([], [])
        assert api.get(path).status_code == 401
        (waiting,) = api.get(path, headers=staff).json()["questions"]
        assert waiting["shown"] == "Is it [young person]?"
        assert waiting["replaced"] == [{"original": NAMED["given_name"], "role": "[young person]"}]
        answer = {"text": "We cannot say", "question": "Who is it?"}
        given = api.post(f"{path}/{waiting['id']}/answer", json=answer, headers=staff | {"Idempotency-Key": "one"})
        assert given.status_code == 200, given.text
        again = api.post(f"{path}/{waiting['id']}/answer", json=answer, headers=staff | {"Idempotency-Key": "one"})
        assert again.json() == given.json()
        twice = api.post(f"{path}/{waiting['id']}/answer", json=answer, headers=staff)
        assert (twice.status_code, twice.json()["type"].rpartition("/")[2]) == (409, "already-answered")
        for door in (mine, rival):
            (one,) = api.get(door).json()["answers"]
            assert one.keys() == {"question", "answer", "answered_at"}
            assert (one["question"], one["answer"]) == ("Who is it?", "We cannot say")
        clock.now = opened.closes_at
        late = api.post(f"{rival}/questions", json={"text": "Too late?"})
        assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "window-over")
