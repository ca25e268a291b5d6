"""Signing in, staying signed in, and looking after people, as browsers do it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import event, text

from brokerage.config import Mode, Settings
from brokerage.demo.register import person_id, personas
from brokerage.desk.clock import StoppedClock
from brokerage.desk.flow.signing_in import answer_asked, sweep_people
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people import rules
from brokerage.people.store import logins
from tests.web.apps import app_of
from tests.web.road import Road

Client = TestClient[Litestar]
SignIn = Callable[[Client, str], None]
Csrf = Callable[[Client], str]

ADMIN: Final = "authority_admin"
EMAIL: Final = "coordinator@council.example"
PASSWORD: Final = "plum harbour ladder"


@pytest.fixture
def app(desk: Desk) -> Litestar:
    """The application with step-up, as a production installation has it."""
    return app_of(desk, replace(Settings(Mode.PRODUCTION, "", desk.public_url), step_up_minutes=15))


def outbox(desk: Desk, kind: str) -> list[Any]:
    with desk.engine.connect() as db:
        wanted = text(
            "SELECT to_address AS address, body, link, code FROM message WHERE kind = :kind ORDER BY sequence"
        )
        return list(db.execute(wanted, {"kind": kind}))


def with_password(desk: Desk, persona: str = "coordinator", password: str = PASSWORD) -> None:
    with desk.engine.begin() as db:
        logins.save_password(db, person_id(persona), rules.hash_password(password))


def try_password(client: Client, email: str = EMAIL, password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/sign-in/password", data={"email": email, "password": password}, headers=headers)


def post(client: Client, path: str, **data: Any) -> Any:
    mark = rules.csrf_token(client.cookies["session"])
    return client.post(path, data={"_csrf_token": mark, **data})


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def ask(desk: Desk) -> int:
    with desk.work(SYSTEM) as work:
        return answer_asked(work)


# Password and code ---------------------------------------------------------------------------------------------------


def test_a_password_and_a_code_sign_in_and_each_step_is_a_new_session(client: Client, desk: Desk) -> None:
    with_password(desk)
    assert try_password(client).headers["location"] == "/sign-in/code"
    half = client.cookies["session"]
    assert client.get("/referrals").headers["location"].startswith("/sign-in")  # half a session is none
    (sent,) = outbox(desk, "sign_in_code")
    assert sent.address == EMAIL
    answer = post(client, "/sign-in/code", code=sent.code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    whole = client.cookies["session"]
    assert whole != half
    assert client.get("/referrals").status_code == 200
    client.cookies.set("session", half)
    assert client.get("/referrals").status_code == 303


def test_an_id_that_the_browser_brought_is_never_adopted(client: Client, desk: Desk) -> None:
    with_password(desk)
    chosen = {"cookie": "session=chosen-by-somebody-else"}
    try_password(client, **chosen)
    assert client.cookies["session"] != "chosen-by-somebody-else"
    (sent,) = outbox(desk, "sign_in_code")
    post(client, "/sign-in/code", code=sent.code)
    client.cookies.clear()
    assert client.get("/referrals", headers=chosen).status_code == 303
    client.cookies.set("session", "chosen-by-somebody-else")
    assert client.get("/referrals").status_code == 303


def test_a_code_serves_no_other_session_and_no_second_time(new_client: Callable[[], Client], desk: Desk) -> None:
    with_password(desk)
    victim, thief = new_client(), new_client()
    try_password(thief)
    try_password(victim)
    code = outbox(desk, "sign_in_code")[-1].code
    assert post(thief, "/sign-in/code", code=code).status_code == 422
    assert post(victim, "/sign-in/code", code=code).status_code == 303


def test_five_wrong_codes_use_a_code_up(client: Client, desk: Desk) -> None:
    with_password(desk)
    try_password(client)
    code = outbox(desk, "sign_in_code")[0].code
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert {post(client, "/sign-in/code", code=wrong).status_code for _ in range(5)} == {422}
    assert post(client, "/sign-in/code", code=code).status_code == 422
    post(client, "/sign-in/code/again")
    assert post(client, "/sign-in/code", code=outbox(desk, "sign_in_code")[-1].code).status_code == 303


def test_a_code_and_half_a_session_are_too_old_soon(client: Client, desk: Desk, clock: StoppedClock) -> None:
    with_password(desk)
    try_password(client)
    code = outbox(desk, "sign_in_code")[0].code
    clock.push(rules.CODE_LIFE)
    assert post(client, "/sign-in/code", code=code).status_code == 422
    clock.push(rules.HALF_SESSION - rules.CODE_LIFE)
    assert post(client, "/sign-in/code", code=code).headers["location"].startswith("/sign-in")


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(" ".join(statement.split())[:40])

    event.listen(desk.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(desk.engine, "before_cursor_execute", note)


def seen(answer: Any) -> tuple[int, str, tuple[str, ...]]:
    """What an outsider sees, without what is different in every answer."""
    body = re.sub(r'nonce="[^"]+"|value="[^"]*@[^"]*"', "", answer.text)
    return answer.status_code, body, tuple(sorted(set(answer.headers) - {"date"}))


def test_nothing_tells_a_known_address_from_an_unknown_one(client: Client, desk: Desk, monkeypatch: Any) -> None:
    with_password(desk)
    hashed: list[str] = []
    right = rules.password_right
    monkeypatch.setattr(rules, "password_right", lambda *one: hashed.append("") or right(*one))  # type: ignore[func-returns-value]
    found = []
    for email in (EMAIL, "nobody@council.example", "approver@council.example"):  # wrong, unknown, none set
        with statements(desk) as said:
            found.append((seen(try_password(client, email, "not the password")), tuple(said)))
    assert found[0][0][0] == 422
    assert found[0] == found[1] == found[2]
    assert len(hashed) == 3


@pytest.mark.parametrize("path", ["/sign-in/forgotten", "/sign-in/by-link"])
def test_asking_for_a_link_is_the_same_for_everybody(client: Client, desk: Desk, path: str) -> None:
    found = []
    for email in ("provider_a@provider.example", "nobody@provider.example"):
        with statements(desk) as said:
            found.append((seen(client.post(path, data={"email": email})), tuple(said)))
    assert found[0] == found[1]
    assert ask(desk) == 2
    kind = "reset_link" if path.endswith("forgotten") else "sign_in_link"
    assert [one.address for one in outbox(desk, kind)] == ["provider_a@provider.example"]


def test_ten_wrong_passwords_close_an_account_for_a_while_and_name_nobody(
    client: Client, desk: Desk, clock: StoppedClock
) -> None:
    with_password(desk)
    for email in (EMAIL, "nobody@council.example"):
        assert {try_password(client, email, "wrong").status_code for _ in range(10)} == {422}
        refused = try_password(client, email, PASSWORD)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
        assert "Wait 15 minutes" in refused.text
    with desk.engine.connect() as db:
        kept = db.execute(text("SELECT * FROM attempt")).all()
    assert EMAIL not in str(kept)
    clock.push(timedelta(minutes=15))
    assert try_password(client).status_code == 303
    with desk.work(SYSTEM) as work:
        clock.push(timedelta(minutes=15))
        assert sweep_people(work) > 0
        assert work.db.execute(text("SELECT count(*) FROM attempt")).scalar_one() == 0


def test_a_sign_in_that_another_site_sends_is_refused(client: Client, desk: Desk) -> None:
    with_password(desk)
    assert try_password(client, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert "session" not in client.cookies


def test_the_mark_of_another_session_does_not_serve(
    new_client: Callable[[], Client], sign_in: SignIn, csrf: Csrf
) -> None:
    mine, other = new_client(), new_client()
    sign_in(mine, ADMIN)
    sign_in(other, ADMIN)
    for mark in (csrf(other), "", "é"):
        assert mine.post("/sessions/end-others", data={"_csrf_token": mark}).status_code == 403
    assert other.get("/sessions").status_code == 200


@pytest.mark.parametrize("onward", ["//else.example", "/\\else.example", "https://else.example", "/sign-in/code"])
def test_signing_in_leads_to_no_other_site(client: Client, onward: str) -> None:
    token = next(one.token for one in personas() if one.key == ADMIN)
    assert client.post("/sign-in", data={"key": token, "next": onward}).headers["location"] == "/"


# Links ---------------------------------------------------------------------------------------------------------------


def test_a_link_sets_a_password_once_and_opening_it_uses_nothing(client: Client, desk: Desk) -> None:
    client.post("/sign-in/forgotten", data={"email": EMAIL.upper()})
    ask(desk)
    path = "/set-up/" + token_of(outbox(desk, "reset_link")[0].link)
    for _ in range(3):
        assert client.get(path).status_code == 200
    for easy, words in (
        ("short", "12 characters"),
        ("coordinator@council.example", "your name"),
        ("password1234567", "guess"),
    ):
        assert words in client.post(path, data={"password": easy}).text
    assert client.post(path, data={"password": PASSWORD}).headers["location"] == "/sign-in/code"
    assert client.post(path, data={"password": "something else entirely"}).status_code == 410
    assert client.post("/set-up/never-there", data={"password": PASSWORD}).status_code == 410
    assert "Your password has been changed" in outbox(desk, "sign_in_changed")[0].body
    assert post(client, "/sign-in/code", code=outbox(desk, "sign_in_code")[0].code).status_code == 303


def test_a_provider_signs_in_by_link_and_the_code_goes_to_the_firms_mobile(client: Client, desk: Desk) -> None:
    client.post("/sign-in/by-link", data={"email": "provider_b@provider.example"})
    client.post("/sign-in/by-link", data={"email": EMAIL})  # not for the council's staff
    ask(desk)
    (mail,) = outbox(desk, "sign_in_link")
    path = "/sign-in/link/" + token_of(mail.link)
    assert client.get(path).status_code == 200
    assert client.post(path).headers["location"] == "/sign-in/code"
    (sent,) = outbox(desk, "sign_in_code")
    assert sent.address == "+447700900102"
    assert post(client, "/sign-in/code", code=sent.code).headers["location"] == "/provider"
    assert client.post(path).status_code == 410


def test_a_link_is_too_old_after_its_time(client: Client, desk: Desk, clock: StoppedClock) -> None:
    client.post("/sign-in/forgotten", data={"email": EMAIL})
    ask(desk)
    clock.push(timedelta(minutes=60))
    path = "/set-up/" + token_of(outbox(desk, "reset_link")[0].link)
    assert client.post(path, data={"password": PASSWORD}).status_code == 410


# An account from first to last ---------------------------------------------------------------------------------------


def add(client: Client, **data: Any) -> str:
    answer = post(client, "/people/new", **{"name": "Nadia New", "email": "nadia@council.example", **data})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_somebody_is_added_sets_up_an_app_and_recovers_without_it(
    new_client: Callable[[], Client], sign_in: SignIn, desk: Desk, clock: StoppedClock
) -> None:
    admin, nadia = new_client(), new_client()
    sign_in(admin, ADMIN)
    account = add(admin, roles=["coordinator", "approver"], weekly_limit="900")
    page = admin.get(account).text
    assert "Brokerage coordinator, approver" in page
    assert "£900.00" in page
    (mail,) = outbox(desk, "set_up_link")
    path = "/set-up/" + token_of(mail.link)
    assert nadia.post(path, data={"password": PASSWORD}).status_code == 303
    assert nadia.get("/sign-in/code").headers["location"] == "/sign-in/choice"
    page = post(nadia, "/sign-in/choice", means="app").text
    found = re.search(r'name="app_key" value="([A-Z2-7]{32})"', page)
    assert found
    app = pyotp.TOTP(found[1])
    assert post(nadia, "/sign-in/choice/app", app_key=found[1], code="000000").status_code in {422, 200}
    done = post(nadia, "/sign-in/choice/app", app_key=found[1], code=app.at(clock.now))
    recovery = re.findall(r"<li>([a-z2-7]{5}-[a-z2-7]{5})</li>", done.text)
    assert len(recovery) == rules.RECOVERY_CODES
    assert nadia.get("/referrals").status_code == 200  # both roles at once: she reads and authorises
    nadia.get("/sign-in")
    try_password(nadia, "nadia@council.example")
    assert post(nadia, "/sign-in/code", code=app.at(clock.now)).status_code == 422  # used when it was connected
    assert post(nadia, "/sign-in/code", code=recovery[0]).status_code == 303
    try_password(nadia, "nadia@council.example")
    assert post(nadia, "/sign-in/code", code=recovery[0]).status_code == 422  # once
    clock.push(timedelta(seconds=30))
    assert post(nadia, "/sign-in/code", code=app.at(clock.now)).status_code == 303


def test_a_leaver_is_out_at_once(new_client: Callable[[], Client], sign_in: SignIn, desk: Desk) -> None:
    admin, leaver = new_client(), new_client()
    with_password(desk)
    sign_in(admin, ADMIN)
    sign_in(leaver, "coordinator")
    bearer = {"authorization": "Bearer demo-coordinator", "accept": "application/json"}
    assert leaver.get("/referrals").status_code == 200
    assert post(admin, f"/people/{person_id('coordinator')}/end").status_code == 303
    assert leaver.get("/referrals").headers["location"].startswith("/sign-in")
    assert leaver.get("/api/providers", headers=bearer).status_code == 401
    assert try_password(leaver).status_code == 422
    assert leaver.post("/sign-in", data={"key": "demo-coordinator"}).status_code == 422
    with desk.engine.connect() as db:
        kinds = db.execute(text("SELECT kind FROM record WHERE authority = 'derby-city' ORDER BY seq DESC LIMIT 2"))
        assert [one.kind for one in kinds] == ["person_left", "sessions_ended"]


def test_roles_change_and_the_sessions_under_the_old_ones_end(
    new_client: Callable[[], Client], sign_in: SignIn
) -> None:
    admin, other = new_client(), new_client()
    sign_in(admin, ADMIN)
    sign_in(other, "approver")
    account = f"/people/{person_id('approver')}"
    assert post(admin, f"{account}/roles", roles="auditor").status_code == 303
    assert other.get("/referrals").headers["location"].startswith("/sign-in")
    sign_in(other, "approver")
    assert other.get("/record").status_code == 200
    assert "None" in admin.get(account).text  # the limit went with the right to use it
    assert post(admin, f"{account}/limit", weekly_limit="100").status_code == 422
    both = post(admin, f"{account}/roles", roles=["auditor", "approver"])
    assert (both.status_code, "goes with no other" in both.text) == (422, True)


def test_nobody_manages_themselves_or_another_councils_people(client: Client, sign_in: SignIn) -> None:
    sign_in(client, ADMIN)
    own = f"/people/{person_id(ADMIN)}"
    assert post(client, f"{own}/roles", roles="coordinator").status_code == 403
    assert post(client, f"{own}/end").status_code == 403
    for stranger in ("coordinator_county", "provider_a", "operator"):
        account = f"/people/{person_id(stranger)}"
        assert client.get(account).status_code == 404
        for deed in ("end", "key", "key/revoke", "set-up", "sessions/end"):
            assert post(client, f"{account}/{deed}").status_code == 404, (stranger, deed)
        assert post(client, f"{account}/roles", roles="coordinator").status_code == 404
    assert "elsewhere" not in client.get("/people").text
    assert "Carys" not in client.get("/people").text


def test_a_firms_administrator_sees_the_firms_people_and_gives_its_roles_only(
    new_client: Callable[[], Client], sign_in: SignIn
) -> None:
    firm, council = new_client(), new_client()
    sign_in(firm, "provider_admin")
    page = firm.get("/people").text
    assert "Ada at Amberside" in page
    assert "Ben at Brightwater" not in page
    assert firm.get(f"/people/{person_id('provider_b')}").status_code == 404
    refused = post(firm, "/people/new", name="X Y", email="x@provider.example", roles="coordinator")
    assert refused.status_code == 422
    assert add(firm, email="n@provider.example", roles="provider").startswith("/people/")
    taken = post(firm, "/people/new", name="Z", email="N@provider.example", roles="provider")
    assert (taken.status_code, "already" in taken.text, 'value="Z"' in taken.text) == (422, True, True)
    for persona in ("coordinator", "auditor", "operator"):
        sign_in(council, persona)
        assert council.get("/people").status_code == 403


def test_an_access_key_is_shown_once_and_the_old_one_is_dead(client: Client, sign_in: SignIn, desk: Desk) -> None:
    sign_in(client, ADMIN)
    account = f"/people/{person_id('placements')}"
    page = post(client, f"{account}/key").text
    key = re.search(r'<strong class="house-figures">([^<]+)</strong>', page)
    assert key
    assert key[1] not in client.get(account).text

    def works(token: str) -> int:
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        return client.get("/api/providers", headers=headers).status_code

    assert works("demo-placements") == 401
    assert works(key[1]) == 200
    post(client, f"{account}/key/revoke")
    assert works(key[1]) == 401
    with desk.engine.connect() as db:
        assert key[1] not in str(db.execute(text("SELECT * FROM record")).all())


# Sessions ------------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_in_coarse_words_and_ended(new_client: Callable[[], Client], sign_in: SignIn) -> None:
    here, there, other = new_client(), new_client(), new_client()
    here.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:144.0) Gecko/20100101 Firefox/144.0"
    there.headers["user-agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Safari/604.1"
    for client in (here, there):
        sign_in(client, "coordinator")
    sign_in(other, "auditor")
    page = here.get("/sessions").text
    assert "Firefox on Windows (this one)" in page
    assert "Safari on iPhone" in page
    assert "144." not in page
    handle = re.search(r"/sessions/([0-9a-f-]{36})/end", page)
    assert handle
    assert post(other, f"/sessions/{handle[1]}/end").status_code == 404  # another person's
    assert post(here, f"/sessions/{handle[1]}/end").status_code == 303
    assert there.get("/referrals").status_code == 303
    assert here.get("/referrals").status_code == 200


# A fresh proof -------------------------------------------------------------------------------------------------------


def test_a_grave_deed_asks_again_and_what_was_sent_is_done_after_the_proof(
    client: Client, sign_in: SignIn, clock: StoppedClock
) -> None:
    sign_in(client, ADMIN)
    clock.push(timedelta(minutes=15))
    before = client.cookies["session"]
    fields = {"name": "Kept <Typed>", "email": "kept@council.example", "roles": ["approver", "coordinator"]}
    asked = post(client, "/people/new", **fields)
    assert asked.status_code == 403
    assert 'action="/people/new"' in asked.text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', asked.text)
    assert [value for name, value in hidden if name == "roles"] == ["approver", "coordinator"]
    assert ("name", "Kept &lt;Typed&gt;") in hidden
    wrong = post(client, "/people/new", **fields, _proof="demo-coordinator")
    assert (wrong.status_code, "kept@council.example" in wrong.text) == (422, True)
    done = post(client, "/people/new", **fields, _proof="demo-authority-admin")
    assert done.status_code == 303
    assert client.cookies["session"] != before
    assert "Kept &lt;Typed&gt;" in client.get(done.headers["location"]).text
    client.cookies.set("session", before)
    assert client.get("/people").headers["location"].startswith("/sign-in")


def test_offers_are_read_only_with_a_fresh_proof(
    client: Client, sign_in: SignIn, clock: StoppedClock, road: Road
) -> None:
    opened = road.opened()
    road.offered(opened, "amberside")
    road.closed(opened)
    path = f"/competitions/{opened.competition_id}/evaluate"
    sign_in(client, "coordinator")
    assert client.get(path).status_code == 200
    clock.push(timedelta(minutes=15))
    asked = client.get(path)
    assert (asked.status_code, 'action="/prove"' in asked.text, path in asked.text) == (403, True, True)
    assert post(client, "/prove", next=path, _proof="demo-coordinator").headers["location"] == path
    assert client.get(path).status_code == 200


def test_somebody_with_nothing_but_an_address_is_sent_a_code(client: Client, desk: Desk, clock: StoppedClock) -> None:
    with desk.engine.begin() as db:
        db.execute(text("UPDATE person SET key_hash = NULL, key_made_at = NULL WHERE name LIKE 'Ade %'"))
    client.post("/sign-in/forgotten", data={"email": "authority_admin@council.example"})
    ask(desk)
    client.post("/set-up/" + token_of(outbox(desk, "reset_link")[0].link), data={"password": PASSWORD})
    post(client, "/sign-in/code", code=outbox(desk, "sign_in_code")[-1].code)
    with desk.engine.begin() as db:
        db.execute(text("UPDATE login SET password_hash = NULL"))  # as somebody who came by the council's service
    clock.push(timedelta(minutes=20))
    assert "Send me a code" in client.get("/people").text
    sent = post(client, "/prove", next="/people", _send_proof="1")
    assert 'name="_proof"' in sent.text
    code = outbox(desk, "sign_in_code")[-1].code
    assert post(client, "/prove", next="/people", _proof=code).headers["location"] == "/people"
    assert client.get("/people").status_code == 200


def test_a_systems_key_is_not_asked_again(client: Client, clock: StoppedClock) -> None:
    clock.push(timedelta(days=1))
    bearer = {"authorization": "Bearer demo-authority-admin"}
    assert client.get("/people", headers=bearer).status_code == 200


def test_a_browsers_api_call_is_told_in_its_own_form(client: Client, sign_in: SignIn, clock: StoppedClock) -> None:
    sign_in(client, ADMIN)
    clock.push(timedelta(minutes=15))
    answer = client.get("/people", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "proof-needed")


# At once -------------------------------------------------------------------------------------------------------------


def at_once(count: int, deed: Callable[[int], Any]) -> list[Any]:
    gate, found = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        gate.wait()
        found[number] = deed(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_that_send_one_code_at_once_one_wins(client: Client, desk: Desk) -> None:
    with_password(desk)
    try_password(client)
    code, half = outbox(desk, "sign_in_code")[0].code, client.cookies["session"]

    def send(_: int) -> str:
        from brokerage.desk.flow.signing_in import finish
        from brokerage.people.errors import NotSignedIn

        try:
            with desk.work(SYSTEM) as work:
                return "in" if finish(work, half, code) else "wrong"
        except NotSignedIn:
            return "gone"

    assert sorted(at_once(4, send)) == ["gone", "gone", "gone", "in"]


def test_of_twenty_tries_at_once_ten_are_looked_at(desk: Desk, clock: StoppedClock) -> None:
    from brokerage.people.store.limits import charge

    def one(_: int) -> int:
        with desk.engine.begin() as db:
            return charge(db, rules.BY_ACCOUNT, "somebody", clock.now)

    assert sorted(at_once(20, one)) == [0] * 10 + [900] * 10


def test_of_two_administrators_who_end_each_other_one_stays(desk: Desk) -> None:
    from brokerage.desk.flow.people import add_person, end_person
    from brokerage.people.errors import PeopleError
    from brokerage.people.model import Role

    first = next(one.person for one in personas() if one.key == ADMIN)
    with desk.work(first.actor) as work:
        second = add_person(work, "Second Admin", "second@council.example", [Role.AUTHORITY_ADMIN], None)
    pair = (first, second)

    def end(number: int) -> str:
        try:
            with desk.work(pair[number].actor) as work:
                end_person(work, pair[1 - number].id)
            return "ended"
        except PeopleError as refusal:
            return type(refusal).__name__

    assert sorted(at_once(2, end)) == ["NotSignedIn", "ended"]


# As people see it ----------------------------------------------------------------------------------------------------


def test_the_pages_are_sound_at_a_desk_and_on_a_phone(
    browse: Callable[..., Page], sound: Callable[[Page], None], desk: Desk, live: str
) -> None:
    page = browse("/people", as_=ADMIN)
    sound(page)
    account = f"/people/{person_id('approver')}"
    for path in ("/people/new", account, f"{account}/end", "/sessions"):
        page.goto(live + path)
        sound(page)
    with desk.work(SYSTEM) as work:
        from brokerage.desk.flow.people import send_link
        from brokerage.people.model import Purpose

        send_link(work, next(one.person for one in personas() if one.key == "approver"), Purpose.SET_UP)
    fresh = browse("/sign-in")
    sound(fresh)
    fresh.goto(f"{live}/set-up/{token_of(outbox(desk, 'set_up_link')[0].link)}")
    fresh.fill("#password", PASSWORD)
    fresh.click("text=Continue")
    fresh.wait_for_url("**/sign-in/choice")
    sound(fresh)
    fresh.check("#means")
    fresh.click("text=Continue")
    fresh.wait_for_selector("img")
    sound(fresh)
