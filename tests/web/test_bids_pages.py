"""A support worker's phone at two in the morning: the link, the offer, the code, the receipt."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page
from sqlalchemy import text

from brokerage.competitions.events import CompetitionOpened
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import Desk
from brokerage.web.pages import static_files
from tests.web.road import NAMED, Road

Client = TestClient[Litestar]


def a_form(road: Road, opened: CompetitionOpened, firm: str = "amberside", **changes: str) -> dict[str, str]:
    """Write an offer as the form sends it."""
    document = road.an_offer(opened, firm)
    return {
        "accommodation_weekly": document["accommodation_weekly"],
        "support_hourly": document["support_hourly"],
        "earliest_start_day": "1",
        "earliest_start_month": "12",
        "earliest_start_year": "2026",
        "place_outward_code": "DE1",
        "place_shared": "yes",
        "place_description": "",
        **{f"answer_{key}": words for key, words in document["answers"].items()},
        **changes,
    }


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden {name}"
    return html.unescape(found[1])


def words(page: str) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def without_secrets(page: str) -> str:
    page = re.sub(r'nonce="[^"]*"', "", page)
    return re.sub(r'(name="(?:request_key|_csrf_token)" value=")[^"]*', r"\1", page)


def send_by_link(road: Road, client: Client, token: str, typed: dict[str, str]) -> Any:
    """Check, ask for the code, enter it, send: as a phone would."""
    check = client.post(f"/b/{token}/offer", data=typed)
    assert check.status_code == 200, words(check.text)
    typed = typed | {"request_key": hidden(check.text, "request_key")}
    sent = client.post(f"/b/{token}/code", data=typed)
    assert sent.status_code == 200, words(sent.text)
    assert hidden(sent.text, "request_key") == typed["request_key"]
    return client.post(f"/b/{token}/send", data=typed | {"code": road.codes()[-1]})


def settings(desk: Desk, **values: Any) -> None:
    with desk.engine.begin() as db:
        for name, value in values.items():
            db.execute(text(f"UPDATE authority SET {name} = :value"), {"value": value})


@pytest.fixture
def opened(road: Road) -> CompetitionOpened:
    return road.opened()


def test_a_link_shows_the_deadline_first_and_everything_an_offer_needs(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    page = client.get(f"/b/{road.token(opened)}")
    said = words(page.text)
    assert page.status_code == 200
    assert "Offers close at 3:55pm GMT, Saturday 21 November 2026" in said
    assert "In 1 hour" in said
    assert said.index("Offers close at") < said.index(opened.reference, said.index("Offers close at"))
    for expected in (
        "Derby City Council", "16 to 17", "1.2", "5.25 hours a week", "DE1", "£700.00", "£410.00 a week",
        "£23.50 an hour", "Keeps a home", "Wants to be a plumber", "Staff ring first", "price 40, quality 50",
        "Public Contracts Regulations 2015", "Budgets with a little advice", "Make an offer", "We cannot offer",
    ):  # fmt: skip
        assert expected in said, expected


def test_five_beds_bring_the_block_discount_into_the_summary(road: Road, client: Client) -> None:
    five = road.opened(beds=5)
    assert "block discount of 5%" in words(client.get(f"/b/{road.token(five)}").text)


def test_an_offer_by_link_goes_by_check_and_code_to_its_receipt(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    token = road.token(opened)
    check = client.post(f"/b/{token}/offer", data=a_form(road, opened))
    said = words(check.text)
    assert "Text me a code" in said
    assert "Send offer" not in said
    assert "Support 5.25 hours x £23.50 £123.38" in said
    assert "above" not in said.split("Together, a week")[1][:40]
    assert "ending in 101" in said
    receipt = send_by_link(road, client, token, a_form(road, opened))
    said = words(receipt.text)
    assert receipt.status_code == 200
    assert "Received at 2:55:00pm GMT, Saturday 21 November 2026" in said
    assert "You can change or withdraw it until 3:55pm GMT" in said
    assert re.search(r"[0-9a-f]{64}", said)
    assert "2026-11-21T14:55:00.000000+00:00" in said
    again = words(client.get(f"/b/{token}").text)
    assert "Your offer is in" in again
    assert "Change your offer" in again
    assert 'value="410.00"' in client.get(f"/b/{token}/offer").text


def test_a_double_click_sends_once(road: Road, client: Client, desk: Desk, opened: CompetitionOpened) -> None:
    token, typed = road.token(opened), a_form(road, opened)
    check = client.post(f"/b/{token}/offer", data=typed)
    typed |= {"request_key": hidden(check.text, "request_key")}
    client.post(f"/b/{token}/code", data=typed)
    typed |= {"code": road.codes()[-1]}
    first, second = (client.post(f"/b/{token}/send", data=typed) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert without_secrets(first.text) == without_secrets(second.text)
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM bid")).scalar_one() == 1


def test_a_wrong_a_missing_and_a_misshapen_code_lose_nothing(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    token, typed = road.token(opened), a_form(road, opened, answer_risk="We have <b>thought</b> & planned")
    client.post(f"/b/{token}/code", data=typed)
    wrong = f"{(int(road.codes()[-1]) + 1) % 1_000_000:06d}"
    for code, expected in (("", "Enter the code"), ("12", "6-digit code"), (wrong, "4 tries left")):
        page = client.post(f"/b/{token}/send", data=typed | {"code": code, "request_key": "k"})
        assert page.status_code == 422
        assert expected in words(page.text)
        assert hidden(page.text, "answer_risk") == "We have <b>thought</b> & planned"
        assert "<b>thought" not in page.text
    right = client.post(f"/b/{token}/send", data=typed | {"code": road.codes()[-1], "request_key": "k"})
    assert "We have your offer" in words(right.text)


def test_too_many_codes_are_refused_with_the_offer_still_on_the_page(
    road: Road, client: Client, clock: StoppedClock, opened: CompetitionOpened
) -> None:
    token, typed = road.token(opened), a_form(road, opened)
    for _ in range(5):
        clock.push(timedelta(seconds=5))
        assert client.post(f"/b/{token}/code", data=typed).status_code == 200
    page = client.post(f"/b/{token}/code", data=typed)
    assert page.status_code == 422
    assert "Too many codes" in words(page.text)
    assert hidden(page.text, "answer_risk") == typed["answer_risk"]
    assert len(road.codes()) == 5


def test_without_the_councils_code_setting_there_is_no_code_step(
    road: Road, client: Client, desk: Desk, opened: CompetitionOpened
) -> None:
    settings(desk, offer_code=False)
    token, typed = road.token(opened), a_form(road, opened)
    check = client.post(f"/b/{token}/offer", data=typed)
    assert "code" not in words(check.text).lower().replace("postcode", "")
    typed |= {"request_key": hidden(check.text, "request_key")}
    assert "We have your offer" in words(client.post(f"/b/{token}/send", data=typed).text)
    assert road.codes() == []


def test_faults_stand_in_their_fields_with_what_was_typed(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    token = road.token(opened)
    typed = a_form(
        road, opened, accommodation_weekly="lots", earliest_start_day="31", earliest_start_month="2",
        earliest_start_year="2027", place_outward_code="DE1 2AB", answer_risk="", answer_college="kept <i>so</i>",
    )  # fmt: skip
    del typed["place_shared"]
    page = client.post(f"/b/{token}/offer", data=typed)
    assert page.status_code == 422
    for name in ("accommodation_weekly", "earliest_start", "place_outward_code", "place_shared", "answer_risk"):
        assert f'href="#{name}"' in page.text, name
        assert f'id="{name}"' in page.text, name
    assert 'value="lots"' in page.text
    assert "kept &lt;i&gt;so&lt;/i&gt;" in page.text
    assert "<title>\nError: " in page.text or "Error: Make an offer" in page.text


def test_a_price_above_the_tendered_one_is_said_at_the_price(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    typed = a_form(road, opened, support_hourly="23.51")
    page = client.post(f"/b/{road.token(opened)}/offer", data=typed)
    assert page.status_code == 422
    assert 'href="#support_hourly"' in page.text
    assert "£23.51" in words(page.text)
    assert "£23.50" in words(page.text)
    assert typed["answer_risk"] in page.text


def test_change_something_brings_the_form_back_filled(road: Road, client: Client, opened: CompetitionOpened) -> None:
    typed = a_form(road, opened, support_hourly="20") | {"change": "yes"}
    page = client.post(f"/b/{road.token(opened)}/offer", data=typed)
    assert page.status_code == 200
    assert 'value="20"' in page.text
    assert typed["answer_risk"] in page.text


def test_a_late_offer_is_told_both_times_and_keeps_what_was_typed(
    road: Road, client: Client, desk: Desk, clock: StoppedClock, opened: CompetitionOpened
) -> None:
    token, typed = road.token(opened), a_form(road, opened, answer_risk="I typed this for an hour")
    client.post(f"/b/{token}/code", data=typed)
    clock.now = opened.closes_at
    page = client.post(f"/b/{token}/send", data=typed | {"code": road.codes()[-1], "request_key": "k"})
    said = words(page.text)
    assert page.status_code == 409
    assert "We received it at 3:55:00pm GMT" in said
    assert "Offers closed at 3:55pm GMT" in said
    assert "I typed this for an hour" in said
    assert "01632 960101" in said
    assert "Received: 2026-11-21T15:55:00.000000+00:00" in said
    digest = re.findall(r"Digest: ([0-9a-f]{64})", said)[0]
    for step in ("offer", "code"):
        assert client.post(f"/b/{token}/{step}", data=typed).status_code == 409
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM bid")).scalar_one() == 0
        assert db.execute(text("SELECT count(*) FROM late_offer")).scalar_one() == 3
    own = words(client.get(f"/b/{token}").text)
    assert "An offer of yours came too late: received at 3:55:00pm GMT" in own
    assert digest in own
    assert digest in client.get(f"/api/invitations/{token}").text
    rival = client.get(f"/b/{road.token(opened, 'brightwater')}").text
    assert "came too late" not in rival
    assert digest not in rival


def test_an_offer_is_sealed_from_its_maker_until_the_seal_is_opened(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    token, said = road.token(opened), "Nobody reads this before the close"
    send_by_link(road, client, token, a_form(road, opened, accommodation_weekly="313.37", answer_risk=said))
    for path in (f"/b/{token}", f"/b/{token}/offer", f"/b/{token}/withdraw", f"/api/invitations/{token}"):
        shown = client.get(path).text
        assert said not in shown
        assert "313.37" not in shown
    again = client.get(f"/b/{token}/offer").text
    assert "The offer you sent before is sealed" in words(again)
    tendered = next(one.tendered for one, own in opened.links if own == token)
    assert f'value="{tendered.accommodation_weekly}"' in again
    standing = client.get(f"/api/invitations/{token}").json()["standing_bid"]
    assert standing.keys() == {"version", "received_at", "digest"}
    road.over(opened)
    waiting = client.get(f"/b/{token}").text
    assert "The seal is being opened" in words(waiting)
    assert said not in waiting
    road.closed(opened)
    shown = client.get(f"/b/{token}").text
    assert said in shown
    assert "£313.37" in shown
    assert standing["digest"] in shown
    assert client.get(f"/api/invitations/{token}").json()["standing_bid"]["accommodation_weekly"] == "313.37"


def test_declining_is_one_form_and_can_be_taken_back(
    road: Road, client: Client, desk: Desk, opened: CompetitionOpened
) -> None:
    token = road.token(opened)
    assert client.get(f"/b/{token}/decline").text.count('type="radio"') == 7
    nothing = client.post(f"/b/{token}/decline", data={"note": "typed"})
    assert nothing.status_code == 422
    assert 'href="#reason"' in nothing.text
    assert "typed" in nothing.text
    thanks = client.post(f"/b/{token}/decline", data={"reason": "no_room", "note": "Full until May 🙂"})
    assert "Thank you for telling us" in words(thanks.text)
    with desk.engine.connect() as db:
        kept = db.execute(text("SELECT decline_reason, decline_note FROM invitation WHERE declined_at IS NOT NULL"))
        assert [tuple(row) for row in kept] == [("no_room", "Full until May 🙂")]
    assert "You told us that you cannot offer" in words(client.get(f"/b/{token}").text)


def test_an_offer_can_be_withdrawn_twice_over(road: Road, client: Client, opened: CompetitionOpened) -> None:
    token = road.token(opened)
    assert client.get(f"/b/{token}/withdraw").headers["location"] == f"/b/{token}"
    road.offered(opened)
    assert "Withdraw your offer?" in words(client.get(f"/b/{token}/withdraw").text)
    for _ in range(2):
        assert "Your offer is withdrawn" in words(client.post(f"/b/{token}/withdraw").text)
    assert "Make an offer" in words(client.get(f"/b/{token}").text)


def test_closed_cancelled_and_unknown_links_are_explained_kindly(
    road: Road, client: Client, desk: Desk, opened: CompetitionOpened
) -> None:
    gone = road.opened()
    with desk.work(road.actor("coordinator")) as work:
        flow.withdraw_referral(work, gone.referral_id, "Family found a place")
    road.offered(opened)
    road.closed(opened)
    closed = words(client.get(f"/b/{road.token(opened)}").text)
    assert "have closed" in closed
    assert "received in time" in closed
    assert "01632 960101" in closed
    assert "plumber" not in closed
    cancelled = words(client.get(f"/b/{road.token(gone)}").text)
    assert "was withdrawn" in cancelled
    assert "01632 960101" in cancelled
    assert "plumber" not in cancelled
    for step in ("decline", "withdraw"):
        late = client.post(f"/b/{road.token(opened)}/{step}", data={"reason": "no_room"})
        assert late.status_code == 409
        assert "have closed" in words(late.text)


def test_guessed_links_get_one_uniform_answer(road: Road, client: Client, opened: CompetitionOpened) -> None:
    token = road.token(opened)
    guesses = ["a", "A" * 22, token[:-1], token + "x", token.swapcase(), "%00", "🙂", "x" * 900]
    pages = {without_secrets(client.get(f"/b/{guess}").text) for guess in guesses}
    assert len(pages) == 1
    assert {client.get(f"/b/{guess}").status_code for guess in guesses} == {404}
    assert "This link is not known" in words(pages.pop())
    for step in ("offer", "send", "code", "decline", "withdraw"):
        answer = client.post(f"/b/{'A' * 22}/{step}", data=a_form(road, opened, reason="no_room"))
        assert answer.status_code == 404
    other = road.opened()
    assert other.reference not in client.get(f"/b/{token}").text


def test_looking_never_acts_and_head_is_not_even_seen(
    road: Road, client: Client, desk: Desk, opened: CompetitionOpened
) -> None:
    token = road.token(opened)

    def state() -> tuple[Any, ...]:
        with desk.engine.connect() as db:
            counts = "SELECT (SELECT count(*) FROM bid), (SELECT count(*) FROM message), (SELECT count(*) FROM record)"
            seen = db.execute(text("SELECT count(*) FROM invitation WHERE seen_at IS NOT NULL")).scalar_one()
            return (*db.execute(text(counts)).one(), seen)

    before = state()
    assert client.head(f"/b/{token}").status_code == 200
    assert client.head("/b/unknown").status_code == 200
    assert state() == before
    for path in ("", "/offer", "/decline", "/withdraw", "/code", "/send"):
        page = client.get(f"/b/{token}{path}")
        assert "submit()" not in page.text
        assert 'http-equiv="refresh"' not in page.text
    assert state() == (*before[:3], 1)


def test_after_the_award_each_sees_its_own_outcome_and_the_summary_is_gone(
    road: Road, client: Client, opened: CompetitionOpened
) -> None:
    road.offered(opened, "amberside")
    road.offered(opened, "brightwater", accommodation_weekly="300.00")
    road.awarded(opened)
    chosen = words(client.get(f"/b/{road.token(opened, 'brightwater')}").text)
    other = words(client.get(f"/b/{road.token(opened, 'amberside')}").text)
    none = words(client.get(f"/b/{road.token(opened, 'copperfield')}").text)
    assert "was chosen" in chosen
    assert "40.00 of 40" in chosen
    assert "Another offer was chosen" in other
    assert "Your own scores" in other
    assert "300.00" not in other
    assert "Brightwater" not in other
    assert "did not have an offer standing" in none
    assert "Your own scores" not in none
    for said in (chosen, other, none):
        assert "plumber" not in said
        assert "Keeps a home" not in said


def test_signed_in_the_same_pages_need_no_code(
    road: Road, client: Client, sign_in: Callable[..., None], csrf: Callable[..., str], opened: CompetitionOpened
) -> None:
    base = f"/offers/{road.invitation_id(opened)}"
    assert client.get(base).headers["location"].startswith("/sign-in")
    sign_in(client, "provider_a")
    listed = words(client.get("/provider").text)
    assert opened.reference in listed
    assert "No offer yet" in listed
    assert "Make an offer" in words(client.get(base).text)
    typed = a_form(road, opened) | {"_csrf_token": csrf(client)}
    check = client.post(f"{base}/offer", data=typed)
    assert "Send offer" in words(check.text)
    assert "Text me a code" not in words(check.text)
    receipt = client.post(f"{base}/send", data=typed | {"request_key": hidden(check.text, "request_key")})
    assert "We have your offer" in words(receipt.text)
    assert "Your offer is in" in words(client.get("/provider").text)
    assert road.codes() == []
    road.awarded(opened)
    sign_in(client, "provider_a")  # an hour has passed
    assert "Chosen" in words(client.get("/provider").text)


def test_signed_in_as_one_firm_another_firms_invitation_is_not_there(
    road: Road, client: Client, sign_in: Callable[..., None], opened: CompetitionOpened
) -> None:
    sign_in(client, "provider_b")
    assert client.get(f"/offers/{road.invitation_id(opened)}").status_code == 404
    sign_in(client, "coordinator")
    assert client.get(f"/offers/{road.invitation_id(opened)}").status_code == 403
    assert client.get("/provider").status_code == 403


def test_a_session_that_ended_loses_nothing_and_sends_nothing(
    road: Road, client: Client, desk: Desk, clock: StoppedClock, sign_in: Callable[..., None],
    csrf: Callable[..., str], opened: CompetitionOpened,
) -> None:  # fmt: skip
    long = road.opened(urgency="standard")
    sign_in(client, "provider_a")
    typed = a_form(road, long, answer_risk="An hour of typing", _csrf_token=csrf(client), request_key="k")
    clock.push(timedelta(minutes=61))
    base = f"/offers/{road.invitation_id(long)}"
    kept = client.post(f"{base}/send", data=typed)
    assert kept.status_code == 403
    assert "Sign in again" in words(kept.text)
    assert hidden(kept.text, "answer_risk") == "An hour of typing"
    wrong = client.post(f"{base}/resume", data=typed | {"key": "no such key"})
    assert wrong.status_code == 422
    assert hidden(wrong.text, "answer_risk") == "An hour of typing"
    again = client.post(f"{base}/resume", data=typed | {"key": "demo-provider-a"})
    assert "Send offer" in words(again.text)
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM bid")).scalar_one() == 0
    typed |= {"_csrf_token": hidden(again.text, "_csrf_token")}
    assert "We have your offer" in words(client.post(f"{base}/send", data=typed).text)
    foreign = client.post(f"{base}/send", data=typed, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert "An hour of typing" not in foreign.text


def test_what_others_offer_changes_not_a_byte_of_ones_own_pages(road: Road, client: Client, desk: Desk) -> None:
    one, two = road.opened(), road.opened()
    road.offered(one, "amberside", "copperfield")

    def pages(opened: CompetitionOpened) -> list[str]:
        token = road.token(opened, "brightwater")
        found = [client.get(f"/b/{token}{path}").text for path in ("", "/offer", "/decline")]
        typed = a_form(road, opened, "brightwater")
        found.append(client.post(f"/b/{token}/offer", data=typed).text)
        api = client.get(f"/api/invitations/{token}", headers={"accept": "application/json"})
        marks = {token: "T", opened.reference: "R", str(road.invitation_id(opened, "brightwater")): "I"}
        answers = []
        for page in [*found, api.text]:
            page = without_secrets(page)
            for mark, plain in marks.items():
                page = page.replace(mark, plain)
            answers.append(page)
        return answers

    assert pages(one) == pages(two)
    road.closed(one)
    road.closed(two)  # nobody offered here: it must look like any other
    assert pages(one)[:1] == pages(two)[:1]


def test_no_page_message_or_answer_for_a_provider_holds_a_planted_name(
    road: Road, client: Client, desk: Desk, sign_in: Callable[..., None]
) -> None:
    names = " ".join(one if isinstance(one, str) else " ".join(one) for one in NAMED.values())
    born = "4 May 2009, 04/05/2009, 2009-05-04"
    story = f"About {names}. Born {born}. DE1 9ZZ. Zebbo@mail.example, 07700 900999. Wants to be a plumber."
    opened = road.opened(
        risk_plan=story, pathway_plan=story, outcomes=[{"key": "keeps_home", "text": f"Keeps a home near {names}"}],
        out_of_area_reason=story,
    )  # fmt: skip
    planted = (
        *("zebedee", "quillfeather", "zebbo", "wyverncrest", "philomena", "barnabas", "thistlewood", "nowhere lane"),
        *("de1 9zz", "000 0018", "may 2009", "2009-05", "04/05", "900999", "mail.example"),
    )
    road.offered(opened, "brightwater")
    token = road.token(opened)
    found = [client.get(f"/b/{token}{path}").text for path in ("", "/offer", "/decline")]
    found.append(client.get(f"/api/invitations/{token}").text)
    typed = a_form(road, opened)
    found.append(client.post(f"/b/{token}/offer", data=typed).text)
    receipt = send_by_link(road, client, token, typed)
    assert "We have your offer" in receipt.text
    found.append(receipt.text)
    sign_in(client, "provider_a")
    found += [client.get("/provider").text, client.get(f"/offers/{road.invitation_id(opened)}").text]
    road.awarded(opened)
    found += [client.get(f"/b/{token}").text, client.get("/provider").text]
    with desk.engine.connect() as db:
        found += [f"{row.subject} {row.body}" for row in db.execute(text("SELECT subject, body FROM message"))]
    for page in found:
        told = page.lower()
        assert [name for name in planted if name in told] == []
    assert "plumber" in found[0]


def test_html_in_a_plan_is_text(road: Road, client: Client) -> None:
    wild = "<script>alert(1)</script>{{ 7*7 }}'\"><img src=x onerror=alert(2)>"
    opened = road.opened(pathway_plan=wild, risk_plan=wild, outcomes=[{"key": "one", "text": wild}])
    for path in ("", "/offer"):
        page = client.get(f"/b/{road.token(opened)}{path}").text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "{{ 7*7 }}" in page
    assert "&lt;script&gt;alert" in client.get(f"/b/{road.token(opened)}").text


def test_emoji_and_arabic_survive_to_the_receipt(road: Road, client: Client, opened: CompetitionOpened) -> None:
    said = "نحن نرحب به 🏡👩🏽‍🍳 — «ok»\nSecond line & <more>"
    receipt = send_by_link(road, client, road.token(opened), a_form(road, opened, answer_risk=said))
    assert html.escape(said, quote=False) in receipt.text
    road.closed(opened)
    shown = client.get(f"/b/{road.token(opened)}").text
    assert html.escape(said, quote=False) in shown, "and through the seal"


def test_ten_megabytes_are_answered_with_a_page(
    road: Road, client: Client, sign_in: Callable[..., None], opened: CompetitionOpened
) -> None:
    body = {"answer_risk": "x" * 10_000_000}
    page = client.post(f"/b/{road.token(opened)}/offer", data=body)
    assert page.status_code == 413
    assert "more than we can take at once" in words(page.text)
    sign_in(client, "provider_a")
    assert client.post(f"/offers/{road.invitation_id(opened)}/offer", data=body).status_code == 413


def test_the_first_load_is_under_100_kilobytes(road: Road, client: Client, opened: CompetitionOpened) -> None:
    page = client.get(f"/b/{road.token(opened)}")
    asked = set(re.findall(r'(?:href|src)="/static/([^"?]+)', page.text))
    size = len(gzip.compress(page.content)) + sum(len(static_files()[name].gzipped) for name in asked)
    assert {"app.css", "app.js"} <= asked
    assert size < 100_000, size


def test_before_the_window_opens_the_summary_is_there_and_the_buttons_are_not(
    road: Road, client: Client, desk: Desk, clock: StoppedClock
) -> None:
    settings(desk, urgent_waits_for_morning=True)
    clock.push(timedelta(hours=9))
    opened = road.opened()
    said = words(client.get(f"/b/{road.token(opened)}").text)
    assert "You can make an offer from 8am GMT, Sunday 22 November 2026" in said
    assert "We cannot offer" not in said
    typed = a_form(road, opened)
    early = client.post(f"/b/{road.token(opened)}/offer", data=typed)
    assert early.status_code == 422
    assert "Offers open at 8am GMT" in words(early.text)
    assert typed["answer_risk"] in early.text


@pytest.fixture
def seen(axe: Callable[[Page], None], fits: Callable[[Page], None]) -> Callable[[Page], None]:
    """`seen(page)`: accessible, and nothing sideways."""

    def check(page: Page) -> None:
        fits(page)
        axe(page)
        assert page.locator("h1").count() == 1

    return check


def fill(page: Page, typed: dict[str, str]) -> None:
    for name, value in typed.items():
        if name == "place_shared":
            page.check(f'[name={name}][value="{value}"]')
        else:
            page.fill(f'[name="{name}"]', value)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_the_whole_way_on_a_phone(
    road: Road, browse: Callable[..., Page], seen: Callable[[Page], None], opened: CompetitionOpened, javascript: bool
) -> None:
    look: Callable[[Page], None] = seen if javascript else lambda page: None
    page = browse(f"/b/{road.token(opened)}", width=320, javascript=javascript)
    look(page)
    page.click("a.govuk-button:has-text('Make an offer') >> nth=0")
    look(page)
    page.click("button:has-text('Check your offer')")
    look(page)
    assert page.locator(".govuk-error-summary").count() == 1
    fill(page, a_form(road, opened))
    page.click("button:has-text('Check your offer')")
    look(page)
    page.click("button:has-text('Text me a code')")
    look(page)
    page.fill("#code", road.codes()[-1])
    page.press("#code", "Enter")
    look(page)
    assert "We have your offer" in page.inner_text("h1")
    page.click("text=Back to the request")
    look(page)
    page.click("a.govuk-button:has-text('Withdraw it') >> nth=0")
    look(page)
    page.click("main button")
    look(page)
    page.click("text=Back to the request")
    page.click("a.govuk-button:has-text('We cannot offer') >> nth=0")
    look(page)
    page.check("[value=no_room]")
    page.click("main button")
    look(page)


def test_the_ends_on_a_phone(
    road: Road, browse: Callable[..., Page], seen: Callable[[Page], None], client: Client, opened: CompetitionOpened
) -> None:
    other = road.opened(urgency="standard")
    road.offered(opened, "amberside", "brightwater")
    road.awarded(opened)
    for firm in ("amberside", "brightwater", "copperfield"):
        seen(browse(f"/b/{road.token(opened, firm)}", width=320))
    seen(browse(f"/b/{road.token(other)}", width=320))
    for persona in ("provider_a", "provider_b"):
        page = browse("/provider", as_=persona, width=320)
        assert page.inner_text("h1") == "Invitations"
        seen(page)
    page = browse(f"/offers/{road.invitation_id(other)}/offer", as_="provider_a", width=320)
    fill(page, a_form(road, other))
    page.click("button:has-text('Check your offer')")
    seen(page)
    page.context.clear_cookies()
    page.click("button:has-text('Send offer')")
    assert page.inner_text("h1") == "Sign in again to go on"
    seen(page)
    page.fill("#key", "demo-provider-a")
    with page.expect_navigation():
        page.click("main button[type=submit]")
    road.clock.now = other.closes_at  # and the session is long over
    with page.expect_navigation():
        page.click("button:has-text('Send offer')")
    page.fill("#key", "demo-provider-a")
    with page.expect_navigation():
        page.click("main button[type=submit]")
    assert page.inner_text("h1") == "This offer came too late"
    seen(page)
