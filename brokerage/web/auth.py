"""Who is asking, and what every handler has at hand."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote, unquote

from jinja2 import Environment
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from brokerage.config import Settings
from brokerage.desk import clock as clocks
from brokerage.desk.flow.signing_in import Caller, begin_session
from brokerage.desk.work import SYSTEM, Desk, Work
from brokerage.people import rules, store
from brokerage.people.errors import KeyNotKnown, NotSignedIn
from brokerage.people.model import Actor, Permission, Person, Role, Session, Way
from brokerage.people.store import sessions
from brokerage.web.pages import DemoBar, Flash, Form, Link, Shell, SignedIn, render
from brokerage.web.problems import FormExpired, Kind, Words, in_field
from lots import store as lots

page = partial(get, sync_to_thread=True, include_in_schema=False)
form = partial(post, sync_to_thread=True, include_in_schema=False, status_code=200)
"""Pages are plain functions run in threads: psycopg is synchronous, and one colour is worth more than two."""

FLASH: Final = "flash"
SAME_SITE: Final = frozenset({"same-origin", "none"})

ROLE_WORDS: Final[Mapping[Role, str]] = {
    Role.PLACEMENTS: "placements team",
    Role.COORDINATOR: "brokerage coordinator",
    Role.APPROVER: "approver",
    Role.COMMISSIONER: "commissioner",
    Role.QUALITY: "quality officer",
    Role.DPS_ADMIN: "DPS administrator",
    Role.CARELINE: "Careline",
    Role.AUDITOR: "auditor",
    Role.AUTHORITY_ADMIN: "authority administrator",
    Role.PROVIDER: "provider",
    Role.PROVIDER_ADMIN: "provider administrator",
    Role.APPLICANT: "applicant",
    Role.OPERATOR: "system operator",
    Role.SYSTEM: "system",
}


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to act as in the demo. The access key is no secret there: `GET /demo/personas` shows it."""

    key: str
    person: Person
    token: str


@dataclass(frozen=True, slots=True)
class DemoHooks:
    """What only the demo's web server has: due work run at once after the clock was moved, and the personas.

    Within `turn` the demo's worker rests, so that what a move makes due has happened when the move is answered.
    """

    run_due: Callable[[], int]
    personas: tuple[Persona, ...]
    turn: AbstractContextManager[object] = field(default_factory=nullcontext)


@dataclass(frozen=True, slots=True)
class House:
    """What the application is made of; built once, held in its state."""

    desk: Desk
    settings: Settings
    env: Environment
    demo: DemoHooks | None = None

    @property
    def cookie_name(self) -> str:
        return "__Host-session" if self.settings.secure else "session"

    @property
    def step_up(self) -> timedelta | None:
        """Say how long a proof of who sits there counts for grave deeds; None for as long as the session."""
        minutes = self.settings.step_up_minutes
        return None if minutes is None else timedelta(minutes=minutes)

    def session_cookie(self, secret: str, *, seconds: int | None) -> Cookie:
        return Cookie(
            key=self.cookie_name,
            value=secret,
            path="/",
            httponly=True,
            secure=self.settings.secure,
            samesite="lax",
            max_age=seconds,
        )

    def problem_page(
        self, request: Request[Any, Any, Any], words: Words, kind: Kind, reference: str, headers: Mapping[str, str]
    ) -> Response[Any]:
        """Show a refusal as a page; somebody who is not signed in is asked to."""
        if kind.slug == "not-signed-in":
            return Redirect(f"/sign-in?next={quote(request.url.path)}", status_code=303)
        visit = Visit(self, request, None, "")
        if kind.status != 503:  # a database that is busy or away is not asked again who this is
            with suppress(Exception):  # a page about a fault must not fail of the same fault
                visit = look(request)
        return visit.show(
            "problems/problem.html",
            status=kind.status,
            title=words.title,
            happened=words.happened,
            meaning=words.meaning,
            next_steps=[{"text": step} for step in words.next_steps],
            reference=reference,
            headers=headers,
        )


@dataclass(slots=True)
class Visit:
    """One request: who asks, and how to answer. `session` is a browser's; a system's key has none."""

    house: House
    request: Request[Any, Any, Any]
    person: Actor | None
    secret: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    session: Session | None = None

    @property
    def actor(self) -> Actor:
        """Give who is signed in. Raises NotSignedIn."""
        if self.person is None:
            raise NotSignedIn
        return self.person

    @contextmanager
    def work(self) -> Iterator[Work]:
        """Open one transaction in the asker's name."""
        with self.house.desk.work(self.actor) as work:
            yield work

    def require(self, permission: Permission) -> None:
        rules.require(self.actor, permission)

    def shell(self) -> Shell:
        actor = self.person
        flash = unquote(self.request.cookies.get(FLASH, ""))
        return Shell(
            SignedIn(actor.name, ROLE_WORDS[actor.role], self._where(actor)) if actor else None,
            self._nav(actor) if actor else (),
            rules.csrf_token(self.secret) if self.secret else "",
            self.nonce,
            self._demo(),
            Flash(flash) if flash else None,
            self.request.url.path,
        )

    def show(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: object
    ) -> Response[str]:
        """Show a page."""
        context.setdefault("form", Form())
        html = render(self.house.env, template, shell=self.shell(), **context)
        response = Response(
            html,
            status_code=status,
            media_type="text/html",
            headers={**(headers or {}), "Content-Security-Policy": csp(self.nonce), "Cache-Control": "no-store"},
        )
        if FLASH in self.request.cookies:
            response.delete_cookie(FLASH)
        return response

    def show_form(
        self, template: str, values: Mapping[str, Any], errors: Mapping[str, str], **context: Any
    ) -> Response[str]:
        """Show a form again, with everything that was typed and what is wrong with it."""
        return self.show(template, status=422 if errors else 200, form=Form(values, errors), **context)

    def go(self, url: str, flash: str = "") -> Redirect:
        """Send the browser on after a deed, with a word that it was done."""
        response = Redirect(url, status_code=303)
        if flash:
            response.set_cookie(
                Cookie(key=FLASH, value=quote(flash), path="/", max_age=60, httponly=True, samesite="lax")
            )
        return response

    def refused_in(self, refusal: Exception) -> dict[str, str]:
        """Give the form error of a refusal that is about one entry; others are raised on."""
        found = in_field(self.house.env, refusal)
        if found is None:
            raise refusal
        return dict([found])

    def _demo(self) -> DemoBar | None:
        if not self.house.settings.demo:
            return None
        with self.house.desk.begin() as db:
            return DemoBar(clocks.read(self.house.desk.clock, db, None))

    def _where(self, actor: Actor) -> str:
        key = "authorities" if actor.authority else "providers"
        names = _names(self.house)
        return names[key].get(str(actor.authority or actor.provider_id), "")

    def _nav(self, actor: Actor) -> list[Link]:
        path = self.request.url.path

        def link(text: str, href: str) -> Link:
            return Link(text, href, path == href or (href != "/" and path.startswith(href + "/")))

        ways = OF_FIRMS if actor.role.of_provider else OF_COUNCILS
        return [link(text, href) for text, href, needs in ways if needs is None or rules.may(actor, needs)]


OF_FIRMS: Final[tuple[tuple[str, str, Permission | None], ...]] = (
    ("Invitations", "/provider", None),
    ("Agreements", "/agreements", None),
    ("Hours", "/hours", None),
    ("Homes", "/homes", Permission.MANAGE_FIRM),
    ("Evidence", "/evidence", Permission.MANAGE_FIRM),
    ("Prices", "/rates", None),
    ("Sub-contractors", "/subcontractors", None),
    ("Specification", "/specification", None),
    ("People", "/people", Permission.MANAGE_PEOPLE),
)
OF_COUNCILS: Final[tuple[tuple[str, str, Permission | None], ...]] = (
    ("My work", "/", None),
    ("Live", "/live", Permission.SEE_COMPETITION),
    ("Referrals", "/referrals", Permission.SEE_REFERRAL),
    ("Agreements", "/agreements", Permission.SEE_AGREEMENT),
    ("Providers", "/providers", Permission.SEE_REGISTER),
    ("Matrix", "/matrix", Permission.ASSESS),
    ("Tonight", "/tonight", Permission.SEE_NIGHTS),
    ("Ledger", "/ledger", Permission.EXPORT_LEDGER),
    ("Applications", "/applications", Permission.ASSESS_APPLICATION),
    ("Evidence", "/evidence", Permission.DECIDE_EVIDENCE),
    ("Record", "/record", Permission.SEE_RECORD),
    ("Sights", "/sights", Permission.SEE_SIGHTS),
    ("Shared", "/shares", Permission.SHARE),
    ("People", "/people", Permission.MANAGE_PEOPLE),
)
"""The ways on in the header, and what somebody must be permitted to be shown one."""


def _names(house: House) -> Mapping[str, Mapping[str, str]]:
    """Read the names of councils and firms; the register changes rarely and this is only the header's."""
    with house.desk.begin() as db:
        return {
            "authorities": {one.key: one.name for one in store.authorities(db)},
            "providers": {str(one.id): one.name for one in lots.providers(db)},
        }


def house_of(request: Request[Any, Any, Any]) -> House:
    house: House = request.app.state.house
    return house


def look(request: Request[Any, Any, Any]) -> Visit:
    """Find out who asks, signed in or not: by bearer key for systems, by session cookie for browsers."""
    house = house_of(request)
    bearer = request.headers.get("authorization", "")
    if bearer:
        scheme, _, key = bearer.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise NotSignedIn
        with house.desk.begin() as db:
            person = store.person_of_key(db, rules.digest(key.strip()))
        if person is None:
            raise NotSignedIn
        return Visit(house, request, person.actor, "")
    secret = secret_of(request)
    return by_secret(house, request, secret) if secret else Visit(house, request, None, "")


def by_secret(house: House, request: Request[Any, Any, Any], secret: str) -> Visit:
    """Find out whose session this is."""
    with house.desk.begin() as db:
        now = clocks.read(house.desk.clock, db, None)
        session = sessions.session(db, rules.digest(secret), now)
    if session is None:
        return Visit(house, request, None, "")
    return Visit(house, request, rules.acting(session, now, house.step_up), secret, session=session)


RENEWED: Final = "house_session"
"""Where a request keeps the id that its session was given while it was answered; `send_cookie` sends it."""


def secret_of(request: Request[Any, Any, Any]) -> str:
    """Give the id of the browser's session, the newest where this very request has renewed it."""
    renewed = request.scope.get(RENEWED)
    return renewed if isinstance(renewed, str) else request.cookies.get(house_of(request).cookie_name, "")


def visit(request: Request[Any, Any, Any]) -> Visit:
    """Find out who asks. Raises NotSignedIn for nobody."""
    found = look(request)
    _ = found.actor
    return found


def sign_in(house: House, key: str, caller: Caller | None = None) -> str:
    """Begin a session for the owner of an access key, always with a new id. Raises KeyNotKnown."""
    with house.desk.work(SYSTEM) as work:
        person = store.person_of_key(work.db, rules.digest(key.strip()))
        if person is None:
            raise KeyNotKnown
        return begin_session(work, person, Way.KEY, caller or Caller(), proved=True)


def sign_out(house: House, secret: str) -> None:
    with house.desk.work(SYSTEM) as work:
        sessions.close_session(work.db, rules.digest(secret))


async def check_form(request: Request[Any, Any, Any]) -> None:
    """Refuse a form that does not carry the mark of the session it was shown in. Raises FormExpired.

    The mark is derived from the session's own secret, so a mark of another session cannot serve.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in SAME_SITE:
        raise FormExpired
    secret = request.cookies.get(house_of(request).cookie_name, "")
    if not secret:
        raise NotSignedIn
    typed = (await request.form()).get("_csrf_token", "")
    if not secrets.compare_digest(str(typed).encode(), rules.csrf_token(secret).encode()):
        raise FormExpired


async def same_site(request: Request[Any, Any, Any]) -> None:
    """Refuse a form of somebody without a session that another site sends. Raises FormExpired."""
    if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") not in SAME_SITE:
        raise FormExpired


def local(address: object, otherwise: str = "/") -> str:
    """Give an address of this site, or `otherwise`: a browser reads // and /\\ as another host's."""
    typed = str(address or "")
    return typed if re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", typed) else otherwise


def csp(nonce: str) -> str:
    """Allow our own files and nothing else; no page may be framed or send a form elsewhere."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
