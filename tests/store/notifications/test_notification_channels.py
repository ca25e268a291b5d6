"""The real Twilio client and smtplib, against small servers on the loopback."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from uuid import UUID

import pytest

import tests.store.notifications.fake_twilio as keeping
from notifications.channels import Channel, KeptHere, SmtpEmail, TwilioSms
from notifications.model import Known, Medium, Message, MessageId, Refused, Sent, Status, Unclear

NOW = datetime(2026, 11, 21, 15, 42, tzinfo=UTC)
ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "not-a-real-token", "DerbyCity"
MESSAGE = Message(
    id=MessageId(UUID(int=7)),
    authority="derby-city",
    sequence=1,
    kind="invitation",
    medium=Medium.SMS,
    to="+447700900123",
    provider_id=None,
    person_id=None,
    subject_id=UUID(int=8),
    subject=None,
    body="Derby: \u00a3612 & more: https://dps.example/b/1",
    link="https://dps.example/b/1",
    code=None,
    dedupe_key="k",
    status=Status.SENDING,
    attempts=1,
    doubtful=False,
    not_before=NOW,
    expires_at=NOW + timedelta(minutes=61, microseconds=5),
    lease_until=NOW + timedelta(seconds=28),
    created_at=NOW,
    sent_at=None,
    settled_at=None,
    provider_ref=None,
    last_error=None,
)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the loopback directly, whatever proxy the machine is set to."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@dataclass
class Asked:
    path: str
    user: str
    form: dict[str, list[str]]


@dataclass
class FakeTwilio:
    """What Twilio's create call answers, one way at a time."""

    status: int = 201
    body: dict[str, object] = field(default_factory=lambda: {"sid": "SM" + "1" * 32, "status": "queued"})
    way: str = "answer"
    asked: list[Asked] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    fake = FakeTwilio()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            kind, _, secret = self.headers["Authorization"].partition(" ")
            assert kind == "Basic"
            fake.asked.append(Asked(self.path, base64.b64decode(secret).decode(), form))
            self.close_connection = fake.way != "answer"
            if fake.way == "hang":
                fake.release.wait(10)
                return
            if fake.way == "reset":
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                return
            body = b"<html>a proxy speaks" if fake.way == "garbage" else json.dumps(fake.body).encode()
            self.send_response(fake.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(OSError, ValueError):  # the connection was cut on purpose
                super().handle()

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield fake
        finally:
            fake.release.set()
            server.shutdown()


def texts(fake: FakeTwilio, timeout: float = 5, callback: str | None = None) -> Channel:
    return TwilioSms(ACCOUNT, TOKEN, SENDER, base_url=fake.url, status_callback_base=callback, timeout=timeout)


def test_twilio_is_asked_with_the_account_and_everything_a_text_needs(twilio: FakeTwilio) -> None:
    channel = texts(twilio, callback="https://dps.example/webhooks/twilio/status/")
    assert channel.medium is Medium.SMS
    assert channel.send(MESSAGE, NOW) == Sent("SM" + "1" * 32)
    (asked,) = twilio.asked
    assert asked.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert asked.user == f"{ACCOUNT}:{TOKEN}"
    assert asked.form == {
        "To": ["+447700900123"],
        "From": [SENDER],
        "Body": [MESSAGE.body],
        "ValidityPeriod": ["3660"],
        "ContentRetention": ["discard"],
        "SmartEncoded": ["true"],
        "StatusCallback": [f"https://dps.example/webhooks/twilio/status/{MESSAGE.id}"],
    }


def test_without_a_public_address_no_report_is_asked_for(twilio: FakeTwilio) -> None:
    texts(twilio).send(replace(MESSAGE, expires_at=NOW + timedelta(days=3)), NOW)
    (asked,) = twilio.asked
    assert "StatusCallback" not in asked.form
    assert asked.form["ValidityPeriod"] == ["36000"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, {"code": 20429, "message": "slow down"}, Refused("twilio 429 code 20429", permanent=False)),
        (401, {"code": 20003, "message": "who?"}, Refused("twilio 401 code 20003", permanent=False)),
        (
            400,
            {"code": 21610, "message": "opted out +447700900123"},
            Refused("twilio 400 code 21610", permanent=True, opted_out=True),
        ),
        (422, {}, Refused("twilio 422", permanent=True)),
        (
            400,
            {"type": "https://twilio.example/e", "title": "no", "status": 400, "code": 21211},
            Refused("twilio 400 code 21211", permanent=True),
        ),
        (500, {"message": "oh"}, Unclear("twilio 500")),
        (503, {}, Unclear("twilio 503")),
        (201, {"status": "queued"}, Unclear("an answer without a sid")),
    ],
)
def test_twilio_answers_are_told_apart(
    twilio: FakeTwilio, status: int, body: dict[str, object], expected: Refused | Unclear
) -> None:
    twilio.status, twilio.body = status, body
    assert texts(twilio).send(MESSAGE, NOW) == expected
    assert len(twilio.asked) == 1  # the client tries nothing again by itself


@pytest.mark.parametrize(("way", "name"), [("hang", "ReadTimeout"), ("reset", "ConnectionError")])
def test_silence_and_a_cut_line_are_unclear(twilio: FakeTwilio, way: str, name: str) -> None:
    twilio.way = way
    assert texts(twilio, timeout=0.3).send(MESSAGE, NOW) == Unclear(name)
    assert len(twilio.asked) == 1


def test_an_answer_that_is_not_twilios_is_unclear(twilio: FakeTwilio) -> None:
    twilio.way = "garbage"
    assert texts(twilio).send(MESSAGE, NOW) == Unclear("unreadable answer (JSONDecodeError)")


def closed_port() -> int:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port: int = reserved.getsockname()[1]
        return port


def test_a_closed_door_is_a_refusal_that_passes(twilio: FakeTwilio) -> None:
    channel = TwilioSms(ACCOUNT, TOKEN, SENDER, base_url=f"http://127.0.0.1:{closed_port()}", timeout=1)
    assert channel.send(MESSAGE, NOW) == Refused("ConnectionError", permanent=False)


@pytest.fixture
def keeper() -> Iterator[keeping.FakeTwilio]:
    with keeping.FakeTwilio(TOKEN) as running:
        yield running


def test_pages_of_later_texts_are_looked_through(keeper: keeping.FakeTwilio) -> None:
    channel = TwilioSms(keeping.ACCOUNT, TOKEN, SENDER, base_url=keeper.url)
    assert isinstance(channel.send(MESSAGE, NOW), Sent)
    wanted = keeper.texts[-1]["sid"]
    for number in range(70):  # more than Twilio lists on one page
        keeper._keep({"To": MESSAGE.to, "From": SENDER, "Body": f"another {number}"})
    assert channel.find(MESSAGE, Known()) == Sent(wanted)
    for number in range(150):
        keeper._keep({"To": MESSAGE.to, "From": SENDER, "Body": f"another {number}"})
    assert channel.find(MESSAGE, Known()) == Unclear("too many to look through")


def test_what_was_sent_before_or_came_in_is_not_found(keeper: keeping.FakeTwilio) -> None:
    channel = TwilioSms(keeping.ACCOUNT, TOKEN, SENDER, base_url=keeper.url)
    for changed in ({"date_created": "Fri, 20 Nov 2026 15:42:00 +0000"}, {"direction": "inbound"}):
        channel.send(MESSAGE, NOW)
        keeper.texts[-1].update({"date_created": "Sat, 21 Nov 2026 15:42:00 +0000", **changed})
    assert channel.find(MESSAGE, Known()) is None


def test_a_supplier_that_cannot_be_asked_leaves_the_doubt() -> None:
    channel = TwilioSms(ACCOUNT, TOKEN, SENDER, base_url=f"http://127.0.0.1:{closed_port()}", timeout=1)
    assert channel.find(MESSAGE, Known()) == Unclear("not found out (ConnectionError)")


LETTER = replace(
    MESSAGE,
    medium=Medium.EMAIL,
    to="provider@firm.example",
    subject="We have your offer \u2013 thank you",
    body="Hello,\n\nit cost \u00a3612.\n.\nhttps://dps.example/" + "b" * 90 + "\n",
)


@dataclass
class Sink:
    """A small SMTP server that keeps what it is given; `answers` replaces its answer to a command."""

    answers: dict[str, str] = field(default_factory=dict)
    recipients: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def sink() -> Iterator[Sink]:
    kept = Sink()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say(kept.answers.get("hello", "220 sink"))
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                answer = kept.answers.get(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok"))
                if answer == "drop":
                    return
                self.say(answer)
                if verb == "RCPT":
                    kept.recipients.append(line)
                if verb == "DATA" and answer.startswith("354"):
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part[1:] if part.startswith(b".") else part)
                    kept.letters.append(b"".join(lines))
                    if kept.answers.get("letter") == "drop":
                        return
                    self.say(kept.answers.get("letter", "250 taken"))
                if verb == "QUIT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        kept.port = server.server_address[1]
        try:
            yield kept
        finally:
            server.shutdown()


def letters(port: int) -> Channel:
    return SmtpEmail("127.0.0.1", port, "Brokerage <brokerage@council.example>", starttls=False, timeout=2)


def test_an_email_arrives_as_it_was_written(sink: Sink) -> None:
    channel = letters(sink.port)
    assert channel.medium is Medium.EMAIL
    assert channel.send(LETTER, NOW) == Sent(f"<{LETTER.id}@council.example>")
    (raw,) = sink.letters
    assert sink.recipients == ["rcpt TO:<provider@firm.example>"]
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["Subject"] == LETTER.subject
    assert read["To"] == LETTER.to
    assert read["From"] == "Brokerage <brokerage@council.example>"
    assert read["Date"] == "Sat, 21 Nov 2026 15:42:00 +0000"
    assert read["Message-ID"] == f"<{LETTER.id}@council.example>"
    assert read.get_content_type() == "text/plain"
    assert read.get_content().replace("\r\n", "\n") == LETTER.body


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        ("RCPT", "550 no such person", Refused("smtp recipient 550", permanent=True)),
        ("RCPT", "451 later", Refused("smtp recipient 451", permanent=False)),
        ("MAIL", "552 no", Refused("smtp letter 552", permanent=True)),
        ("letter", "554 not this", Refused("smtp letter 554", permanent=True)),
        ("letter", "452 full", Refused("smtp letter 452", permanent=False)),
        ("hello", "421 busy", Refused("smtp SMTPConnectError", permanent=False)),
        ("letter", "drop", Unclear("smtp SMTPServerDisconnected")),
    ],
)
def test_smtp_answers_are_told_apart(sink: Sink, command: str, answer: str, expected: Refused | Unclear) -> None:
    sink.answers[command] = answer
    assert letters(sink.port).send(LETTER, NOW) == expected


def test_a_rude_good_bye_does_not_undo_a_taken_letter(sink: Sink) -> None:
    sink.answers["QUIT"] = "drop"
    assert isinstance(letters(sink.port).send(LETTER, NOW), Sent)


def test_a_mail_server_that_is_away_is_a_refusal_that_passes() -> None:
    assert letters(closed_port()).send(LETTER, NOW) == Refused("smtp ConnectionRefusedError", permanent=False)


def test_no_letter_goes_out_unprotected_where_protection_was_asked_for(sink: Sink) -> None:
    channel = SmtpEmail("127.0.0.1", sink.port, "brokerage@council.example", timeout=2)
    assert channel.send(LETTER, NOW) == Refused("smtp SMTPNotSupportedError", permanent=False)
    assert not sink.letters


def test_kept_here_has_arrived() -> None:
    channel: Channel = KeptHere(Medium.SMS)
    assert channel.send(MESSAGE, NOW) == Sent(f"kept-{MESSAGE.id}", delivered=True)
