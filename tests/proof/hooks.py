"""Forged and replayed calls of the message supplier, against the application itself: none has an effect."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine, text
from twilio.request_validator import HMAC_SHA256, RequestValidator  # type: ignore[import-untyped]

from brokerage import migrations
from brokerage.config import Mode, Settings, Sms
from brokerage.demo.postgres import Cluster
from brokerage.desk.clock import DatabaseClock
from brokerage.desk.work import Desk
from brokerage.web.app import create_app
from notifications import service
from notifications.model import Medium, NewMessage, Sent
from notifications.post import LEASE
from notifications.wording import SAMPLES, load
from tests.folders import a_folder
from tests.keys import RECIPIENTS
from tests.proof.figures import Figure

NAMES: Final[tuple[str, ...]] = ("forged_accepted", "replayed_accepted")

ROOT: Final = Path(__file__).parents[2]
PUBLIC: Final = "https://placements.example"
ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "the-proof-s-own-token"  # of a fake
NOW: Final = datetime(2026, 11, 21, 15, 42, tzinfo=UTC)
SIGNATURE: Final = "x-twilio-signature"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it travels."""

    path: str
    body: str
    headers: Mapping[str, str]

    def same(self, other: Call) -> bool:
        """Say whether it says the very same, perhaps spelled differently: no forgery then."""
        facts = [
            (one.path, sorted(parse_qsl(one.body, keep_blank_values=True)), one.headers.get(SIGNATURE), one.body == "")
            for one in (self, other)
        ]
        return facts[0] == facts[1]


def prove(quick: bool) -> Iterator[Figure]:
    """Mutate genuine calls and replay genuine calls; look at every answer and at the tables."""
    forgeries, replays = (300, 150) if quick else (20_000, 5_000)
    logging.getLogger("notifications.hooks").setLevel(logging.ERROR)
    with _application() as (engine, client):
        genuine = _calls(engine, 12)
        before = _rows(engine)
        accepted = _forge(client, genuine, forgeries)
        changed = _rows(engine) != before
        how = f"{forgeries} mutations of 24 genuine calls, {len(MUTATIONS)} kinds; the tables are the same afterwards"
        yield Figure("forged_accepted", accepted + changed, "= 0", "calls", how)
        for call in genuine:
            assert _answer(client, call) in {200, 204}, "a genuine call is taken"
        before = _rows(engine)
        chance = random.Random(11)
        for _ in range(replays):
            _answer(client, chance.choice(genuine))
        effects = len(_rows(engine) ^ before)
        yield Figure("replayed_accepted", effects, "= 0", "effects", f"{replays} replays of 24 calls that were taken")


@contextmanager
def _application() -> Iterator[tuple[Engine, TestClient[Any]]]:
    folder = a_folder("dps-proof-")
    folder.chmod(0o755)  # as root the server runs as `nobody`
    try:
        with Cluster(folder / "data", {"fsync": "off"}) as cluster:
            migrations.upgrade(cluster.url)
            engine = create_engine(cluster.url)
            desk = Desk(engine, DatabaseClock(), load(ROOT / "templates" / "messages"), PUBLIC, RECIPIENTS)
            sms = Sms(ACCOUNT, TOKEN, "+447700900999", None)
            with TestClient(create_app(desk, Settings(Mode.PRODUCTION, "", PUBLIC, sms=sms))) as client:
                yield engine, client
            engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rows(engine: Engine) -> frozenset[tuple[object, ...]]:
    """Read everything that a call could change."""
    with engine.begin() as db:
        return frozenset(
            (table, *(str(value) for value in row))
            for table in ("message", "message_report", "inbound_text", "opt_out", "record", "invitation")
            for row in db.execute(text(f"SELECT * FROM {table}"))
        )


def _calls(engine: Engine, each: int) -> list[Call]:
    """Make genuine calls: reports on texts that were sent, and texts that came in."""
    wording = load(ROOT / "templates" / "messages")
    params = {name: value for name, value in SAMPLES["code"].items() if name != "code"}
    with engine.begin() as db:
        asked = [
            NewMessage(
                "derby-city", "code", Medium.SMS, "+447700900123", None, None, uuid4(), params, None, "305816", str(n)
            )
            for n in range(each)
        ]
        service.queue(db, wording, asked, NOW)
        calls = []
        for number, message in enumerate(service.claim(db, NOW, each, LEASE)):
            sid = f"SM{number:032x}"
            service.settle_all(db, {(message.id, 1): Sent(sid)}, NOW)
            calls.append(_signed(f"/webhooks/twilio/status/{message.id}", _report(sid, number), number % 2 == 1))
    words = ("STOP", "START", "1 R2041", "2", "MessageStatusdelivered", "")
    for number in range(each):
        sid = f"SM{number + each:032x}"
        calls.append(_signed("/webhooks/twilio/inbound", _text(sid, words[number % len(words)], number), False))
    return calls


def _report(sid: str, number: int) -> dict[str, str]:
    status = ("delivered", "undelivered", "sent")[number % 3]
    extra = {"ErrorCode": "30003", "ErrorMessage": "Unreachable"} if status == "undelivered" else {}
    return {
        "MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "MessageStatus": status, "SmsStatus": status,
        "From": "+447700900999", "To": "+447700900123", "ApiVersion": "2010-04-01", **extra,
    }  # fmt: skip


def _text(sid: str, words: str, number: int) -> dict[str, str]:
    return {
        "MessageSid": sid, "SmsMessageSid": sid, "AccountSid": ACCOUNT, "From": f"+4477009008{number:02}",
        "To": "+447700900999", "Body": words, "NumMedia": "0", "ApiVersion": "2010-04-01", "FromCity": "",
    }  # fmt: skip


def _signed(path: str, params: Mapping[str, str], sha256: bool) -> Call:
    algorithm = HMAC_SHA256 if sha256 else None
    headers = {SIGNATURE: RequestValidator(TOKEN).compute_signature(PUBLIC + path, params, algorithm)}
    if sha256:
        headers["x-twilio-webhooks-signature-settings"] = f"key=webhooks_sharedkey_1,algorithm={HMAC_SHA256}"
    return Call(path, urlencode(params), headers)


def _answer(client: TestClient[Any], call: Call) -> int:
    headers = {"content-type": FORM, **call.headers}
    return client.post(call.path, content=call.body.encode(), headers=headers).status_code


def _forge(client: TestClient[Any], genuine: list[Call], many: int) -> int:
    chance, accepted, tried = random.Random(5), 0, 0
    while tried < many:
        original = chance.choice(genuine)
        forged = chance.choice(MUTATIONS)(original, chance, genuine)
        if forged.same(original):
            continue
        tried += 1
        accepted += _answer(client, forged) < 400
    return accepted


# One kind of forgery each: from a genuine call, chance, and the other calls that were overheard.


def _pairs(call: Call) -> list[tuple[str, str]]:
    return parse_qsl(call.body, keep_blank_values=True)


def another_value(call: Call, chance: random.Random, _: list[Call]) -> Call:
    pairs = _pairs(call)
    place = chance.randrange(len(pairs))
    values = (
        "delivered",
        "failed",
        "STOP",
        "1 R2041",
        "+447700900101",
        "SM" + "f" * 32,
        "",
        "0",
        pairs[place][1] + "x",
    )
    pairs[place] = (pairs[place][0], chance.choice(values))
    return replace(call, body=urlencode(pairs))


def another_name(call: Call, chance: random.Random, _: list[Call]) -> Call:
    pairs = _pairs(call)
    place = chance.randrange(len(pairs))
    pairs[place] = (chance.choice(("Body", "MessageStatus", "ErrorMessage", "Extra", "From")), pairs[place][1])
    return replace(call, body=urlencode(pairs))


def one_more(call: Call, chance: random.Random, _: list[Call]) -> Call:
    added = chance.choice((("OptOutType", "STOP"), ("MessageStatus", "delivered"), ("ErrorCode", "21610"), ("", "")))
    return replace(call, body=urlencode([*_pairs(call), added]))


def one_twice(call: Call, chance: random.Random, _: list[Call]) -> Call:
    pairs = _pairs(call)
    return replace(call, body=urlencode([*pairs, chance.choice(pairs)]))


def one_less(call: Call, chance: random.Random, _: list[Call]) -> Call:
    pairs = _pairs(call)
    del pairs[chance.randrange(len(pairs))]
    return replace(call, body=urlencode(pairs))


def shifted(call: Call, chance: random.Random, _: list[Call]) -> Call:
    """Move the boundary between names and values: what is signed stays the same, to the letter (C11)."""
    pairs = sorted(_pairs(call))
    place = chance.randrange(len(pairs) - 1)
    (name, value), (following, its) = pairs[place], pairs[place + 1]
    if chance.random() < 0.5:
        merged = [*pairs[:place], (name, value + following + its), *pairs[place + 2 :]]
        return replace(call, body=urlencode(merged))
    run = name + value
    cut = chance.randrange(1, len(run))
    return replace(call, body=urlencode([*pairs[:place], (run[:cut], run[cut:]), *pairs[place + 1 :]]))


def another_signature(call: Call, chance: random.Random, genuine: list[Call]) -> Call:
    mine = call.headers[SIGNATURE]
    place = chance.randrange(len(mine) - 2)
    flipped = mine[:place] + chance.choice("ABCDabcd0123+/") + mine[place + 1 :]
    invented = RequestValidator("guess").compute_signature(PUBLIC + call.path, dict(_pairs(call)))
    chosen = chance.choice((flipped, invented, chance.choice(genuine).headers[SIGNATURE], "", "=", mine[:-2], mine * 2))
    return replace(call, headers={**call.headers, SIGNATURE: chosen})


def another_address(call: Call, chance: random.Random, genuine: list[Call]) -> Call:
    path = chance.choice(
        (f"/webhooks/twilio/status/{uuid4()}", chance.choice(genuine).path, call.path + "?x=1", call.path.upper())
    )
    return replace(call, path=path)


def another_algorithm(call: Call, chance: random.Random, genuine: list[Call]) -> Call:
    named = chance.choice(("none", "HMAC_MD5", "hmac_sha512", ""))
    settings = {"x-twilio-webhooks-signature-settings": f"algorithm={named}"}
    forged = another_value(call, chance, genuine)
    return replace(forged, headers={**call.headers, **settings})


def another_host(call: Call, chance: random.Random, _: list[Call]) -> Call:
    """Sign for a host of one's own and name it in the header."""
    params = dict(_pairs(call))
    made = RequestValidator("guess").compute_signature(f"https://evil.example{call.path}", params)
    return replace(call, headers={**call.headers, SIGNATURE: made, "host": "evil.example"})


def another_body(call: Call, chance: random.Random, _: list[Call]) -> Call:
    body = chance.choice(("", "{}", call.body[: len(call.body) // 2], call.body + "&", "a" * 20_000, "%ff%fe=1"))
    return replace(call, body=body)


Mutation = Callable[[Call, random.Random, list[Call]], Call]
MUTATIONS: Final[tuple[Mutation, ...]] = (
    another_value,
    another_name,
    one_more,
    one_twice,
    one_less,
    shifted,
    another_signature,
    another_address,
    another_algorithm,
    another_host,
    another_body,
)
