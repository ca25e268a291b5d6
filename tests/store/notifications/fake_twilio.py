"""A small Twilio of our own: it keeps what it takes, lists it, reports signed, and fails as networks do.

    python -m tests.store.notifications.fake_twilio --token T [--late 0.1 --before 0.05 --after 0.04 --hang 0.03]

prints the address it listens on and serves until it is ended. In tests `FakeTwilio` runs in a thread.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import threading
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

ACCOUNT: Final = "AC" + "0" * 32
REPORTS: Final = ("queued", "sent", "delivered")


@dataclass
class Faults:
    """How often of all asked-for texts: `late` 429; 500 `before` and `after` taking it; taken over, then silence."""

    late: float = 0.0
    before: float = 0.0
    after: float = 0.0
    hang: float = 0.0


@dataclass
class FakeTwilio:
    """As a context manager it listens on `url` in a thread of its own. `script` names the fates of the next texts.

    `discards` keeps no words; `whole_addresses` links pages as Twilio describes it and not, by path, as Twilio does it.
    """

    token: str
    faults: Faults = field(default_factory=Faults)
    script: list[str] = field(default_factory=list)
    discards: bool = False
    whole_addresses: bool = False
    texts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _going: set[asyncio.Task[None]] = field(default_factory=set)

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        if self._thread:
            self._thread.join(5)

    def _stop(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        self._loop.run_forever()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status, answer = await self._answer(method, target, headers, body.decode())
                self.answers.append(status)
                said = json.dumps(answer).encode()
                lines = (f"HTTP/1.1 {status} Said", "Content-Type: application/json", f"Content-Length: {len(said)}")
                writer.write("\r\n".join((*lines, "", "")).encode() + said)
                await writer.drain()
        writer.close()

    async def _answer(self, method: str, target: str, headers: dict[str, str], body: str) -> tuple[int, Any]:
        parts = urlsplit(target)
        if parts.path == "/kept":
            return 200, [[one["to"], one["body"]] for one in self.texts]
        wanted = "Basic " + base64.b64encode(f"{ACCOUNT}:{self.token}".encode()).decode()
        if headers.get("authorization") != wanted:
            return 401, {"code": 20003, "message": "Authenticate", "status": 401, "more_info": "https://twilio.example"}
        if method == "GET":
            return 200, self._list(target, {name: values[0] for name, values in parse_qs(parts.query).items()})
        return await self._create({name: values[0] for name, values in parse_qs(body).items()})

    async def _create(self, form: dict[str, str]) -> tuple[int, Any]:
        fate = self.script.pop(0) if self.script else self._fate()
        if fate == "late":
            return 429, {"code": 20429, "message": "Too Many Requests", "status": 429, "more_info": "https://t.example"}
        if fate == "opted out":
            return 400, {"code": 21610, "message": "unsubscribed", "status": 400, "more_info": "https://t.example"}
        if fate != "before":
            kept = self._keep(form)
            if fate == "hang":
                await asyncio.sleep(60)
            if fate != "after":
                return 201, kept
        return 500, {"code": 20500, "message": "Internal Server Error", "status": 500, "more_info": "https://t.example"}

    def _fate(self) -> str:
        roll, faults = self._chance.random(), self.faults
        for name in ("late", "before", "after", "hang"):
            roll -= getattr(faults, name)
            if roll < 0:
                return name
        return "good"

    def _keep(self, form: dict[str, str]) -> dict[str, Any]:
        now = format_datetime(datetime.now(UTC))  # noqa: TID251  # the supplier's own clock
        sid = f"SM{len(self.texts) + 1:032x}"
        kept = {
            "sid": sid,
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "num_segments": "1",
            "num_media": "0",
            "direction": "outbound-api",
            "from": form.get("From"),
            "to": form["To"],
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "status": "queued",
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "price": None,
            "price_unit": "GBP",
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json"},
        }
        self.texts.append(kept)
        if callback := form.get("StatusCallback"):
            task = self._loop.create_task(self._report(callback, kept))
            self._going.add(task)
            task.add_done_callback(self._going.discard)
        return dict(kept)

    async def _report(self, callback: str, kept: dict[str, Any]) -> None:
        for word in REPORTS:
            kept["status"] = word
            params = {
                "MessageSid": kept["sid"],
                "SmsSid": kept["sid"],
                "AccountSid": ACCOUNT,
                "MessageStatus": word,
                "SmsStatus": word,
                "From": kept["from"],
                "To": kept["to"],
                "ApiVersion": "2010-04-01",
            }
            signature = RequestValidator(self.token).compute_signature(callback, params)
            asked = urllib.request.Request(
                callback, urlencode(params).encode(), {"X-Twilio-Signature": signature}, method="POST"
            )
            with suppress(OSError):
                await asyncio.to_thread(lambda asked=asked: urllib.request.urlopen(asked, timeout=10).close())

    def _list(self, target: str, query: dict[str, str]) -> dict[str, Any]:
        found = [one for one in reversed(self.texts) if query.get("To") in {None, one["to"]}]
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        base, here = urlsplit(target).path, self.url if self.whole_addresses else ""
        following = urlencode({**query, "PageSize": size, "Page": page + 1, "PageToken": f"PA{page + 1}"})
        return {
            "messages": [{**one, "body": "" if self.discards else one["body"]} for one in shown],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(shown) - 1, 0),
            "uri": here + target,
            "first_page_uri": f"{here}{base}?{urlencode({**query, 'PageSize': size, 'Page': 0})}",
            "next_page_uri": f"{base}?{following}" if more else None,
            "previous_page_uri": None,
        }


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--token", required=True)
    for name in ("late", "before", "after", "hang"):
        asked.add_argument(f"--{name}", type=float, default=0.0)
    given = asked.parse_args()
    with FakeTwilio(given.token, Faults(given.late, given.before, given.after, given.hang)) as fake:
        print(fake.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
