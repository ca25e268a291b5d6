"""The real GOV.UK Notify client, through Prism where it is here, to a Notify of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from notifications.channels import Notify
from notifications.model import Known, Medium, Message, MessageId, Refused, Sent, Unclear
from tests.store.notifications.test_notification_channels import LETTER, MESSAGE, NOW, closed_port

SERVICE, SECRET, TEMPLATE = (str(UUID(int=n, version=4)) for n in (1, 2, 3))
KEY = f"a_test_key-{SERVICE}-{SECRET}"
BASE = "https://api.notifications.service.gov.uk"


@dataclass
class FakeNotify:
    """Takes, keeps and lists messages; `fate` is how the next one fares."""

    fate: str = ""
    kept: list[dict[str, object]] = field(default_factory=list)
    url: str = ""

    def take(self, asked: dict[str, object], kind: str) -> tuple[int, dict[str, object]]:
        fate, self.fate = self.fate, ""
        if fate.isdigit():
            return int(fate), {"status_code": int(fate), "errors": [{"error": "BadRequestError", "message": "no"}]}
        made = str(uuid4())
        words = asked["personalisation"]
        assert isinstance(words, dict)
        template = {"id": TEMPLATE, "version": 1, "uri": f"{BASE}/services/{SERVICE}/templates/{TEMPLATE}"}
        content: dict[str, object] = {"body": words["body"], "from_number" if kind == "sms" else "from_email": "Derby"}
        if kind == "email":
            content |= {"subject": words["subject"], "from_email": "derby@notifications.service.gov.uk"}
        self.kept.insert(0, self._row(made, asked, kind))
        if fate == "after":
            return 500, {"status_code": 500, "errors": [{"error": "Exception", "message": "Internal server error"}]}
        return 201, {
            "id": made,
            "reference": asked.get("reference"),
            "content": content,
            "uri": f"{BASE}/v2/notifications/{made}",
            "template": template,
            "scheduled_for": None,
        }

    def _row(self, made: str, asked: dict[str, object], kind: str) -> dict[str, object]:
        return {
            "id": made,
            "reference": asked.get("reference"),
            "email_address": asked.get("email_address"),
            "phone_number": asked.get("phone_number"),
            "type": kind,
            "status": "created",
            "template": {"id": TEMPLATE, "version": 1, "uri": f"{BASE}/v2/template/{TEMPLATE}/1"},
            "body": "as written",
            "subject": "as written" if kind == "email" else None,
            "created_at": "2026-11-21T15:42:00.000000Z",
            "created_by_name": None,
            "sent_at": None,
            "completed_at": None,
            "scheduled_for": None,
        }


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeNotify]:
    state = FakeNotify()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.say(*state.take(asked, urlsplit(self.path).path.rpartition("/")[2]))

        def do_GET(self) -> None:
            reference = parse_qs(urlsplit(self.path).query)["reference"][0]
            found = [one for one in state.kept if one["reference"] == reference]
            links = {"current": f"{BASE}{self.path}"}
            self.say(200, {"notifications": found, "links": links})

        def say(self, status: int, said: dict[str, object]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield state
        server.shutdown()


@pytest.fixture(scope="module", params=["alone", "prism"])
def address(request: pytest.FixtureRequest, fake: FakeNotify, proxy: Callable[[str, str], str]) -> str:
    return fake.url if request.param == "alone" else proxy("notify/publicapi_spec.json", fake.url)


def a_message(like: Message = MESSAGE) -> Message:
    return replace(like, id=MessageId(uuid4()))


@pytest.mark.parametrize("like", [MESSAGE, LETTER], ids=["text", "letter"])
def test_a_message_is_taken_over_under_our_reference(address: str, fake: FakeNotify, like: Message) -> None:
    channel, message = Notify(like.medium, KEY, TEMPLATE, address, timeout=5), a_message(like)
    assert channel.find(message, Known()) is None
    assert channel.send(message, NOW) == Sent(str(fake.kept[0]["id"]))
    assert fake.kept[0]["reference"] == str(message.id)


# Not through Prism: Notify describes a listed message as exactly one of four shapes, and most messages fit several.


def test_a_lost_answer_is_unclear_and_the_message_is_found_as_it_fares(fake: FakeNotify) -> None:
    channel, message = Notify(Medium.SMS, KEY, TEMPLATE, fake.url, timeout=5), a_message()
    fake.fate = "after"
    assert channel.send(message, NOW) == Unclear("notify 500")
    assert channel.find(message, Known()) == Sent(str(fake.kept[0]["id"]))
    fake.kept[0]["status"] = "delivered"
    assert channel.find(message, Known()) == Sent(str(fake.kept[0]["id"]), delivered=True)
    fake.kept[0]["status"] = "permanent-failure"
    assert channel.find(message, Known()) == Refused("notify permanent-failure", permanent=True)


@pytest.mark.parametrize(("status", "permanent"), [("400", True), ("403", False), ("429", False)])
def test_refusals_are_told_apart(fake: FakeNotify, status: str, permanent: bool) -> None:
    fake.fate = status
    channel = Notify(Medium.SMS, KEY, TEMPLATE, fake.url, timeout=5)
    assert channel.send(a_message(), NOW) == Refused(f"notify {status}", permanent=permanent)


def test_a_closed_door_is_a_refusal_that_passes() -> None:
    channel = Notify(Medium.SMS, KEY, TEMPLATE, f"http://127.0.0.1:{closed_port()}", timeout=1)
    assert channel.send(a_message(), NOW) == Refused("ConnectionError", permanent=False)
    assert isinstance(channel.find(a_message(), Known()), Unclear)
