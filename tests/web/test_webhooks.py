"""Calls of the message suppliers: only theirs get in, each has its effect once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import pytest
import uvicorn
from litestar.testing import TestClient
from sqlalchemy import text
from twilio.request_validator import HMAC_SHA256, RequestValidator  # type: ignore[import-untyped]  # ships no types

from brokerage.config import Mode, Notify, Settings, Sms
from brokerage.desk.work import Desk
from notifications.channels import Channel, KeptHere, TwilioSms
from notifications.model import Medium, Message, Status
from notifications.post import post_due
from notifications.service import outbox
from notifications.store import claim_due
from tests.store.notifications.fake_twilio import FakeTwilio
from tests.web.apps import app_of
from tests.web.road import Road

ACCOUNT: Final = "AC" + "0" * 32
TOKEN, PREVIOUS = "token-of-today", "token-of-yesterday"
SID: Final = "SM" + "1" * 32


@pytest.fixture
def hooked(desk: Desk) -> Iterator[TestClient[Any]]:
    """The application with Twilio configured, asked as Twilio asks it."""
    sms = Sms(ACCOUNT, TOKEN, "+447700900999", None, PREVIOUS)
    with TestClient(app_of(desk, Settings(Mode.PRODUCTION, "", desk.public_url, sms=sms))) as client:
        yield client


def call(
    client: TestClient[Any],
    path: str,
    params: Mapping[str, str],
    *,
    token: str = TOKEN,
    url: str = "",
    algorithm: str | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
) -> int:
    address = url or f"http://testserver.local{path}"
    signed = {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, params, algorithm)}
    if algorithm:
        signed["X-Twilio-Webhooks-Signature-Settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    answer = client.post(
        path,
        content=urlencode(params) if body is None else body,
        headers={"content-type": "application/x-www-form-urlencoded", **signed, **(headers or {})},
    )
    return answer.status_code


def a_sent_text(desk: Desk, road: Road) -> Message:
    road.opened()
    with desk.engine.begin() as db:
        claim_due(db, desk.clock.now, 100, desk.clock.now)  # type: ignore[attr-defined]  # stopped
        db.execute(
            text("UPDATE message SET status = 'sent', lease_until = NULL, provider_ref = :ref WHERE medium = 'sms'"),
            {"ref": SID},
        )
        return next(one for one in outbox(db, None, 100) if one.medium is Medium.SMS)


def status_of(desk: Desk, message: Message) -> Status:
    with desk.engine.begin() as db:
        return next(one.status for one in outbox(db, None, 1000) if one.id == message.id)


def a_status(word: str = "delivered", **more: str) -> dict[str, str]:
    return {
        "MessageSid": SID,
        "SmsSid": SID,
        "AccountSid": ACCOUNT,
        "MessageStatus": word,
        "SmsStatus": word,
        "From": "+447700900999",
        "To": "+447700900101",
        "ApiVersion": "2010-04-01",
        **more,
    }


@pytest.mark.parametrize(("token", "algorithm"), [(TOKEN, None), (PREVIOUS, None), (TOKEN, HMAC_SHA256)])
def test_a_genuine_report_is_taken_once(
    hooked: TestClient[Any], desk: Desk, road: Road, token: str, algorithm: str | None
) -> None:
    message = a_sent_text(desk, road)
    path = f"/webhooks/twilio/status/{message.id}"
    assert call(hooked, path, a_status("sent"), token=token, algorithm=algorithm) == 204
    assert call(hooked, path, a_status(), token=token, algorithm=algorithm) == 204
    assert call(hooked, path, a_status("sent"), token=token, algorithm=algorithm) == 204
    assert status_of(desk, message) is Status.DELIVERED
    assert not hooked.cookies


def test_a_failure_says_why(hooked: TestClient[Any], desk: Desk, road: Road) -> None:
    message = a_sent_text(desk, road)
    params = a_status("undelivered", ErrorCode="30005", ErrorMessage="Unknown destination handset", RawDlrDoneDate="")
    assert call(hooked, f"/webhooks/twilio/status/{message.id}", params) == 204
    with desk.engine.begin() as db:
        after = next(one for one in outbox(db, None, 1000) if one.id == message.id)
    assert (after.status, after.last_error) == (Status.FAILED, "twilio undelivered code 30005")


def test_what_is_not_genuine_is_refused_and_changes_nothing(hooked: TestClient[Any], desk: Desk, road: Road) -> None:
    message = a_sent_text(desk, road)
    good = a_status()
    path = f"/webhooks/twilio/status/{message.id}"
    body = urlencode(good)
    refused = {
        "another token": call(hooked, path, good, token="guessed"),
        "an invented algorithm": call(
            hooked, path, good, headers={"X-Twilio-Webhooks-Signature-Settings": "algorithm=none"}
        ),
        "no signature": call(hooked, path, good, headers={"X-Twilio-Signature": ""}),
        "another host's signature": call(
            hooked, path, good, url=f"http://evil.example{path}", headers={"Host": "evil.example"}
        ),
        "another message's address": call(hooked, path, good, url=f"http://testserver.local{path[:-1]}0"),
        "another account": call(hooked, path, good | {"AccountSid": "AC" + "1" * 32}),
        "an unknown name": call(hooked, path, good | {"Extra": "1"}),
        "an unknown status": call(hooked, path, good | {"MessageStatus": "eaten"}),
        "two sids": call(hooked, path, good | {"SmsSid": "SM" + "2" * 32}),
        "a name twice": call(hooked, path, good, body=body + "&MessageStatus=delivered"),
        "a query": call(hooked, path + "?x=1", good, url=f"http://testserver.local{path}?x=1"),
        "a shifted boundary": call(
            hooked,
            path,
            {"AccountSid": ACCOUNT, "ErrorMessage": "xMessageStatusdelivered", "MessageSid": SID},
            body=urlencode({"AccountSid": ACCOUNT, "ErrorMessage": "x", "MessageStatus": f"deliveredMessageSid{SID}"}),
        ),
        "a name inside a value": call(
            hooked,
            path,
            good | {"ErrorMessage": "Unreachable"},
            body=urlencode(
                {name: value for name, value in good.items() if name != "From"}
                | {"ErrorMessage": f"UnreachableFrom{good['From']}"}
            ),
        ),
        "an id in capitals": call(hooked, path.replace(str(message.id), str(message.id).upper()), good),
        "an id that is none": call(hooked, "/webhooks/twilio/status/1", good),
        "JSON": call(hooked, path, good, headers={"content-type": "application/json"}),
        "not a form": call(hooked, path, {}, body="MessageSid"),
    }
    assert {what: code for what, code in refused.items() if code != 403} == {}
    assert call(hooked, path, good, body="x" * 20_000) == 413
    assert hooked.get(path).status_code == 405
    assert status_of(desk, message) is Status.SENT


def test_a_strange_message_or_reference_is_not_found(hooked: TestClient[Any], desk: Desk, road: Road) -> None:
    message = a_sent_text(desk, road)
    other = {"MessageSid": "SM" + "9" * 32, "SmsSid": "SM" + "9" * 32}
    assert call(hooked, f"/webhooks/twilio/status/{message.id}", a_status(**other)) == 404
    assert call(hooked, "/webhooks/twilio/status/00000000-0000-4000-8000-000000000000", a_status()) == 404
    assert status_of(desk, message) is Status.SENT


def test_without_twilio_nothing_is_there(client: TestClient[Any]) -> None:
    for path in ("/webhooks/twilio/status/00000000-0000-4000-8000-000000000000", "/webhooks/twilio/inbound"):
        answer = client.post(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")


# Texts that come in


def a_text(words: str, sender: str, sid: str = "SM" + "a" * 32, **more: str) -> dict[str, str]:
    return {
        "MessageSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "To": "+447700900999",
        "Body": words,
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
        **more,
    }


def test_a_text_is_answered_with_a_message_once(hooked: TestClient[Any], desk: Desk, road: Road) -> None:
    road.opened()
    with desk.engine.begin() as db:
        invited = next(one for one in outbox(db, None, 100) if one.medium is Medium.SMS)
    path = "/webhooks/twilio/inbound"
    for _ in range(3):  # delivered more than once
        assert call(hooked, path, a_text("1", invited.to)) == 200
    with desk.engine.begin() as db:
        replies = [one for one in outbox(db, None, 1000) if one.kind == "reply_link"]
        texts = db.execute(text("SELECT did FROM inbound_text")).scalars().all()
    assert [one.to for one in replies] == [invited.to]
    assert list(texts) == ["link"]
    link = replies[0].link or ""
    assert link != invited.link
    for one in (link, invited.link or ""):  # the old one goes on working
        assert hooked.get(one, headers={"accept": "text/html"}).status_code == 200


def test_a_forged_text_does_nothing(hooked: TestClient[Any], desk: Desk) -> None:
    assert call(hooked, "/webhooks/twilio/inbound", a_text("STOP", "+447700900101"), token="guessed") == 403
    assert call(hooked, "/webhooks/twilio/inbound", a_text("STOP", "+447700900101", MediaUrl0="http://x")) == 403
    with desk.engine.begin() as db:
        assert db.execute(text("SELECT count(*) FROM opt_out")).scalar_one() == 0


# GOV.UK Notify


def test_a_receipt_of_notify_is_taken_once_and_only_with_its_token(desk: Desk, road: Road) -> None:
    message = a_sent_text(desk, road)
    reference = "11111111-0000-4000-8000-000000000000"
    with desk.engine.begin() as db:
        db.execute(text("UPDATE message SET provider_ref = :ref"), {"ref": reference})
    agreed = "a token that was agreed"
    notify = Notify("key", "template", None, agreed, None)
    settings = Settings(Mode.PRODUCTION, "", desk.public_url, notify=notify)
    receipt = {"id": reference, "reference": str(message.id), "status": "permanent-failure", "to": message.to}
    path = "/webhooks/notify/receipt"

    def call_with(client: TestClient[Any], token: str, **changes: Any) -> int:
        return client.post(path, json=receipt | changes, headers={"Authorization": f"Bearer {token}"}).status_code

    with TestClient(app_of(desk, settings)) as client:
        assert client.post(path, json=receipt).status_code == 403
        assert call_with(client, "guessed") == 403
        assert call_with(client, agreed, status="eaten") == 403
        assert call_with(client, agreed, reference=None) == 403
        assert client.post(path, content="[", headers={"Authorization": f"Bearer {agreed}"}).status_code == 403
        assert call_with(client, agreed, id="22222222-0000-4000-8000-000000000000") == 404
        assert status_of(desk, message) is Status.SENT
        assert [call_with(client, agreed) for _ in range(2)] == [204, 204]
        assert client.post("/webhooks/twilio/inbound").status_code == 404
    assert status_of(desk, message) is Status.FAILED


def test_a_supplier_that_loses_its_answers_reports_and_each_text_arrives_once(desk: Desk, road: Road) -> None:
    """The real client, a supplier of our own, its signed reports to the real application: nothing is sent twice."""
    road.opened()
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    public = f"http://127.0.0.1:{port}"
    sms = Sms(ACCOUNT, TOKEN, "+447700900999", None)
    application = app_of(desk, Settings(Mode.PRODUCTION, "", public, sms=sms))
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=port, log_level="error"))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while running.is_alive() and not server.started:
        running.join(0.01)
    with FakeTwilio(TOKEN, script=["after", "good", "hang"]) as fake:
        callback = f"{public}/webhooks/twilio/status"
        texts = TwilioSms(ACCOUNT, TOKEN, "+447700900999", fake.url, status_callback_base=callback, timeout=0.5)
        channels: dict[Medium, Channel] = {Medium.SMS: texts, Medium.EMAIL: KeptHere(Medium.EMAIL)}
        for _ in range(40):
            post_due(desk.engine.begin, lambda _: desk.clock.now, channels)  # type: ignore[attr-defined]  # stopped
            with desk.engine.begin() as db:
                standing = {one.status for one in outbox(db, None, 1000)}
            if standing == {Status.DELIVERED}:
                break
            running.join(0.05)
            desk.clock.push(timedelta(milliseconds=500))  # type: ignore[attr-defined]  # stopped
        assert standing == {Status.DELIVERED}
        words = [one["body"] for one in fake.texts]
        assert len(words) == len(set(words)) > 3
    server.should_exit = True
    running.join(10)
