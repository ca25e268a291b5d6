"""The fresh proof that grave deeds ask for. What was being sent is kept on the page and done after the proof."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import MutableScopeHeaders
from litestar.params import URLEncodedBody
from litestar.types import Message, Scope
from sqlalchemy import Connection

from brokerage.desk.flow.signing_in import code_right, prove, send_proof_code
from brokerage.desk.work import SYSTEM, Work
from brokerage.people import rules, store
from brokerage.people.errors import CodeNotRight, NotSignedIn
from brokerage.people.model import Session, Way
from brokerage.people.store import logins
from brokerage.web import problems
from brokerage.web.auth import RENEWED, Visit, check_form, form, local, look
from brokerage.web.limits import charge, give_back, hashing
from brokerage.web.pages import Form

SENT: Final = "house_form"
"""Where a request keeps the form that was sent with it."""
OURS: Final = frozenset({"_csrf_token", "_proof", "_send_proof"})


class Proof(StrEnum):
    """What a person is asked for."""

    APP = "app"
    KEY = "key"
    PASSWORD = "password"  # noqa: S105  # the name of a proof, not a password
    CODE = "code"


async def check(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Check a form's mark, keep what it says, and take the proof that it may carry."""
    await check_form(request)
    if request.method != "POST":
        return None
    typed = await request.form()
    sent = [(name, value) for name, value in typed.multi_items() if isinstance(value, str)]
    request.scope[SENT] = sent  # type: ignore[typeddict-unknown-key]  # ours
    if "_proof" in typed or "_send_proof" in typed:
        return await asyncio.to_thread(_take, request, dict(sent))
    return None


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Ask for the proof instead of doing a deed; systems get the refusal as it is."""
    if not problems.wants_page(request):
        return problems.answer(request, error)
    return _ask(look(request), {}, status=403)


@form("/prove")
def take_proof(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Go on to the page that asked for the proof, which `check` has taken."""
    return look(request).go(local(data.get("next")))


def _take(request: Request[Any, Any, Any], sent: Mapping[str, str]) -> Response[Any] | None:
    asking = look(request)
    if asking.session is None:
        raise NotSignedIn
    if asking.house.step_up is None:
        return None
    session, typed = asking.session, sent.get("_proof", "")
    if "_send_proof" in sent:
        with asking.house.desk.work(SYSTEM) as work:
            send_proof_code(work, session)
        return _ask(asking, {}, status=200, code_sent=True)
    tries = (rules.PROOFS, str(session.person.id))
    charge(request, tries)
    with asking.house.desk.work(SYSTEM) as work:
        new = prove(work, session, asking.secret, lambda work: _right(work, session, typed))
    if new is None:
        return _ask(asking, asking.refused_in(CodeNotRight()), status=422, code_sent=True)
    give_back(request, tries)
    request.scope[RENEWED] = new  # type: ignore[typeddict-unknown-key]  # ours
    return None


def _right(work: Work, session: Session, typed: str) -> bool:
    match _proof_of(work.db, session):
        case Proof.APP | Proof.CODE:
            return code_right(work, session, typed)
        case Proof.PASSWORD:
            login = logins.login(work.db, session.person.id)
            with hashing():
                return rules.password_right(login.password_hash if login else None, typed)
        case Proof.KEY:
            owner = store.person_of_key(work.db, rules.digest(typed.strip()))
            return owner is not None and owner.id == session.person.id


def _proof_of(db: Connection, session: Session) -> Proof:
    login = logins.login(db, session.person.id)
    if login is not None and login.app_key:
        return Proof.APP
    if session.person.key_made_at is not None and session.way is Way.KEY:
        return Proof.KEY
    return Proof.PASSWORD if login is not None and login.password_hash else Proof.CODE


def _ask(asking: Visit, errors: Mapping[str, str], *, status: int, code_sent: bool = False) -> Response[Any]:
    session, request = asking.session, asking.request
    if session is None:
        raise NotSignedIn
    with asking.house.desk.begin() as db:
        proof = _proof_of(db, session)
    action, sent = request.url.path, _sent(request)
    if request.method != "POST":
        action, sent = "/prove", [("next", f"{action}?{request.url.query}" if request.url.query else action)]
    elif request.url.query:
        action = f"{action}?{request.url.query}"
    return asking.show(
        "pages/session/prove.html",
        status=status,
        form=Form({}, {"_proof": next(iter(errors.values()))} if errors else {}),
        action=action,
        sent=[(name, value) for name, value in sent if name not in OURS],
        proof=proof.value,
        code_sent=code_sent,
    )


def _sent(request: Request[Any, Any, Any]) -> Sequence[tuple[str, str]]:
    found = request.scope.get(SENT)
    return found if isinstance(found, list) else []


async def send_cookie(message: Message, scope: Scope) -> None:
    """Send the new id of a session that was renewed while its request was answered."""
    renewed = scope.get(RENEWED)
    if message["type"] == "http.response.start" and isinstance(renewed, str):
        house = house_of_scope(scope)
        cookie = house.session_cookie(renewed, seconds=None).to_header(header="")
        MutableScopeHeaders.from_message(message).add("set-cookie", cookie)


def house_of_scope(scope: Scope) -> Any:
    return scope["litestar_app"].state.house


HANDLERS = (take_proof,)
