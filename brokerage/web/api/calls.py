"""What every API handler shares: how it is called, and how a write is answered once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from litestar import Request, Response, get, post

from brokerage.desk import store
from brokerage.desk.again import again
from brokerage.desk.work import Work
from brokerage.people.model import Actor
from brokerage.web.auth import Visit, visit
from brokerage.web.problems import RequestDiffers, plain

read = partial(get, sync_to_thread=True)
write = partial(post, sync_to_thread=True)

KEY_MOST: Final = 200


def reply(body: Any, status: int = 200) -> Response[str]:
    """Answer plain JSON: instants in UTC, money as text."""
    return Response(json.dumps(plain(body), ensure_ascii=False), status_code=status, media_type="application/json")


def once(request: Request[Any, Any, Any], deed: Callable[[Work], tuple[int, Any]]) -> Response[str]:
    """Do a write in the asker's one transaction; with an Idempotency-Key the second time only answer.

    It is done again, whole, where it collided with another. Raises RequestDiffers when the key comes back with other
    content.
    """
    asking = visit(request)

    def whole() -> Response[str]:
        with asking.work() as work:
            return answered(request, asking, work, deed)

    return again(whole)


def answered(
    request: Request[Any, Any, Any], asking: Visit, work: Work, deed: Callable[[Work], tuple[int, Any]]
) -> Response[str]:
    key = request.headers.get("idempotency-key", "")[:KEY_MOST]
    if not key:
        status, body = deed(work)
        return reply(body, status)
    actor = _owner(asking.actor)
    before = store.claim_request(work.db, actor, key, _digest(request), work.now)
    if before is not None:
        digest, status, text = before
        if digest != _digest(request):
            raise RequestDiffers
        return Response(text, status_code=status, media_type="application/json")
    status, body = deed(work)
    text = json.dumps(plain(body), ensure_ascii=False)
    store.answer_request(work.db, actor, key, status, text)
    return Response(text, status_code=status, media_type="application/json")


def _owner(actor: Actor) -> str:
    return str(actor.person_id or actor.role.value)


def _digest(request: Request[Any, Any, Any]) -> bytes:
    body = request.scope.get("house_body", b"")  # kept by the before_request hook of the API
    assert isinstance(body, bytes)
    return hashlib.sha256(request.url.path.encode() + b"\n" + body).digest()


async def keep_body(request: Request[Any, Any, Any]) -> None:
    """Keep the raw body of a write that may be repeated, before it is parsed."""
    if request.method == "POST" and "idempotency-key" in request.headers:
        request.scope["house_body"] = await request.body()  # type: ignore[typeddict-unknown-key]  # ours
