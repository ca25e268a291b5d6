"""Sign in and out: by password and code, by link and code, by access key; where one is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import segno
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import people as people_flow
from brokerage.desk.flow import signing_in as flow
from brokerage.desk.flow.signing_in import Caller
from brokerage.desk.views.accounts import own_sessions
from brokerage.desk.work import SYSTEM
from brokerage.people import rules
from brokerage.people.errors import CodeNotRight, KeyNotKnown, NotSignedIn, PasswordTooEasy, SignInFailed
from brokerage.people.model import Purpose, Session, Waiting, Way
from brokerage.people.store import logins, sessions
from brokerage.web.auth import House, Visit, form, house_of, local, look, page, sign_in, sign_out, visit
from brokerage.web.limits import address_of, charge, give_back, hashing
from brokerage.web.pages import SERVICE_NAME
from notifications.errors import NotAMobile
from notifications.rules import mobile

Data = URLEncodedBody[dict[str, Any]]
Answer = Response[Any]

MOST_TYPED: Final = 254
"""Characters of an e-mail address, and more than any agent needs to be known by."""


# By password and code


@page("/sign-in")
def show_sign_in(request: Request[Any, Any, Any]) -> Answer:
    """Ask for e-mail address and password; show the other ways."""
    return _sign_in(request, {"next": _onward(request.query_params.get("next"))}, {})


@form("/sign-in/password")
def take_password(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Compare the password and go on to the code. One answer for every failure, after the same work."""
    email, password = rules.folded(str(data.get("email", "")))[:MOST_TYPED], str(data.get("password", ""))
    typed = {"next": _onward(data.get("next")), "email": email}
    if blank := {name: words for name, words in _BLANK.items() if not data.get(name)}:
        return _sign_in(request, typed, blank)
    tries = ((rules.BY_ADDRESS, address_of(request)), (rules.BY_ACCOUNT, email))
    charge(request, *tries)
    house = house_of(request)
    with house.desk.begin() as db:
        login = logins.login_by_email(db, email)
    with hashing():
        right = rules.password_right(login.password_hash if login else None, password)
    if login is None or not right:
        return _sign_in(request, typed, look(request).refused_in(SignInFailed()))
    give_back(request, *tries)
    with house.desk.work(SYSTEM) as work:
        secret = flow.begin_half(work, login, Way.PASSWORD, _caller(request, typed["next"]))
    return begin(look(request), secret, "/sign-in/code")


def _sign_in(request: Request[Any, Any, Any], typed: Mapping[str, str], errors: Mapping[str, str]) -> Answer:
    asking = look(request)
    oidc = asking.house.settings.oidc
    return asking.show_form("pages/session/sign_in.html", typed, errors, service=oidc.name if oidc else "")


@page("/sign-in/code")
def show_code(request: Request[Any, Any, Any]) -> Answer:
    """Ask for the one-time code."""
    return _code(request, {})


@form("/sign-in/code")
def take_code(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Complete the sign-in: the session gets a new id, and the one that waited for the code is worth nothing."""
    secret, half = _half(request)
    tries = (rules.PROOFS, str(half.person.id))
    charge(request, tries)
    with house_of(request).desk.work(SYSTEM) as work:
        whole = flow.finish(work, secret, str(data.get("code", "")))
    if whole is None:
        return _code(request, look(request).refused_in(CodeNotRight()))
    give_back(request, tries)
    return begin(look(request), whole, half.onward)


@form("/sign-in/code/again")
def send_code_again(request: Request[Any, Any, Any]) -> Answer:
    """Send another code to whoever waits for one."""
    secret, _ = _half(request)
    with house_of(request).desk.work(SYSTEM) as work:
        flow.send_code_again(work, secret)
    return look(request).go("/sign-in/code", "Another code is on its way. The one before no longer works")


def _code(request: Request[Any, Any, Any], errors: Mapping[str, str]) -> Answer:
    secret, half = _half(request)
    if half.waiting is Waiting.CHOICE:
        return look(request).go("/sign-in/choice")
    by_app = half.waiting is Waiting.APP
    mark = rules.csrf_token(secret)
    return look(request).show_form("pages/session/code.html", {}, errors, by_app=by_app, mark=mark)


# By link: to set up or reset a password, or for providers to sign in


@page("/sign-in/forgotten")
def show_forgotten(request: Request[Any, Any, Any]) -> Answer:
    """Ask for the address of somebody who has no password yet or forgot it."""
    return look(request).show_form("pages/session/ask_link.html", {}, {}, by_link=False)


@page("/sign-in/by-link")
def show_by_link(request: Request[Any, Any, Any]) -> Answer:
    """Ask for the address of a provider's user who signs in by link and code."""
    return look(request).show_form("pages/session/ask_link.html", {}, {}, by_link=True)


@form("/sign-in/forgotten")
def ask_reset(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Note that a new password is wanted. Everybody gets the same answer."""
    return _ask_link(request, data, Purpose.RESET)


@form("/sign-in/by-link")
def ask_sign_in_link(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Note that a link to sign in is wanted. Everybody gets the same answer."""
    return _ask_link(request, data, Purpose.SIGN_IN)


def _ask_link(request: Request[Any, Any, Any], data: Mapping[str, Any], purpose: Purpose) -> Answer:
    asking, email = look(request), rules.folded(str(data.get("email", "")))[:MOST_TYPED]
    if "@" not in email:
        wrong = {"email": "Enter an e-mail address, like name@example.com"}
        by_link = purpose is Purpose.SIGN_IN
        return asking.show_form("pages/session/ask_link.html", {"email": email}, wrong, by_link=by_link)
    charge(request, (rules.LINKS_FROM, address_of(request)), (rules.LINKS_ASKED, email))
    with asking.house.desk.work(SYSTEM) as work:
        flow.ask_link(work, email, purpose)
    return asking.go("/sign-in/asked")


@page("/sign-in/asked")
def show_asked(request: Request[Any, Any, Any]) -> Answer:
    """Say that a link is on its way, if the address is known."""
    return look(request).show("pages/session/asked.html")


@page("/sign-in/link/{token:str}")
def show_link(request: Request[Any, Any, Any], token: FromPath[str]) -> Answer:
    """Show the button that uses the link; opening the page uses nothing."""
    return look(request).show("pages/session/link.html", token=token)


@form("/sign-in/link/{token:str}")
def take_link(request: Request[Any, Any, Any], token: FromPath[str]) -> Answer:
    """Use the link and go on to the code."""
    charge(request, (rules.LINKS_FROM, address_of(request)))
    with house_of(request).desk.work(SYSTEM) as work:
        secret = flow.use_sign_in_link(work, token, _caller(request, "/provider"))
    return begin(look(request), secret, "/sign-in/code")


@page("/set-up/{token:str}")
def show_set_up(request: Request[Any, Any, Any], token: FromPath[str]) -> Answer:
    """Ask for a new password; opening the page uses nothing, and says nothing of whose link it is."""
    return look(request).show("pages/session/set_up.html", token=token, least=rules.PASSWORD_LEAST)


@form("/set-up/{token:str}")
def take_set_up(request: Request[Any, Any, Any], token: FromPath[str], data: Data) -> Answer:
    """Set the password, and go on to the code or to the choice of where codes come from."""
    charge(request, (rules.LINKS_FROM, address_of(request)))
    asking = look(request)
    try:
        with hashing(), asking.house.desk.work(SYSTEM) as work:
            secret = flow.set_password(work, token, str(data.get("password", "")), _caller(request, "/"))
    except PasswordTooEasy as refusal:
        wrong = asking.refused_in(refusal)
        least = rules.PASSWORD_LEAST
        return asking.show_form("pages/session/set_up.html", {}, wrong, token=token, least=least)
    return begin(asking, secret, "/sign-in/code")


# Where codes come from


@page("/sign-in/choice")
def show_choice(request: Request[Any, Any, Any]) -> Answer:
    """Ask where codes shall come from: an app, a mobile, the e-mail address."""
    secret, _ = _choosing(request)
    return look(request).show_form("pages/session/choice.html", {}, {}, mark=rules.csrf_token(secret))


@form("/sign-in/choice")
def take_choice(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Show the app's key, or send a code to the address that was chosen."""
    secret, half = _choosing(request)
    means, mark = str(data.get("means", "")), rules.csrf_token(secret)
    asking = look(request)
    if means == "app":
        return _app(asking, half, mark, rules.new_app_key(), {})
    number, wrong = _number(asking.house, data) if means == "sms" else (None, {})
    if means not in {"sms", "email"}:
        wrong = {"means": "Choose where your codes shall come from"}
    if wrong:
        return asking.show_form("pages/session/choice.html", dict(data), wrong, mark=mark)
    with asking.house.desk.work(SYSTEM) as work:
        flow.send_choice_code(work, secret, number)
    return asking.show_form("pages/session/confirm.html", {}, {}, mark=mark, number=number or "")


@form("/sign-in/choice/app")
def confirm_app(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Take the first code of the app; show the recovery codes, this once."""
    secret, half = _choosing(request)
    app_key, asking = str(data.get("app_key", "")), look(request)
    charge(request, (rules.PROOFS, str(half.person.id)))
    with asking.house.desk.work(SYSTEM) as work:
        done = flow.choose_app(work, secret, app_key, str(data.get("code", "")))
    if done is None:
        key = app_key if rules.app_key_right(app_key) else rules.new_app_key()
        return _app(asking, half, rules.csrf_token(secret), key, asking.refused_in(CodeNotRight()))
    response = asking.show("pages/session/recovery.html", codes=done[1])
    response.set_cookie(asking.house.session_cookie(done[0], seconds=None))
    return response


@form("/sign-in/choice/address")
def confirm_address(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Take the code that was sent to the mobile or the e-mail address."""
    secret, half = _choosing(request)
    asking, number = look(request), str(data.get("number", "")) or None
    charge(request, (rules.PROOFS, str(half.person.id)))
    with asking.house.desk.work(SYSTEM) as work:
        whole = flow.confirm_address(work, secret, number, str(data.get("code", "")))
    if whole is None:
        wrong, mark = asking.refused_in(CodeNotRight()), rules.csrf_token(secret)
        return asking.show_form("pages/session/confirm.html", {}, wrong, mark=mark, number=number or "")
    return begin(asking, whole, half.onward)


def _app(asking: Visit, half: Session, mark: str, app_key: str, errors: Mapping[str, str]) -> Answer:
    picture = segno.make(rules.app_address(app_key, half.person.email, SERVICE_NAME)).svg_data_uri(scale=4, border=3)
    groups = " ".join(app_key[at : at + 4] for at in range(0, len(app_key), 4))
    return asking.show_form(
        "pages/session/app.html", {}, errors, mark=mark, app_key=app_key, groups=groups, picture=picture
    )


def _number(house: House, data: Mapping[str, Any]) -> tuple[str | None, dict[str, str]]:
    try:
        return mobile(str(data.get("mobile", "")), allow_drama=not house.settings.secure or house.settings.demo), {}
    except NotAMobile:
        return None, {"mobile": "Enter a mobile number of the United Kingdom, such as 07700 900123"}


# By access key


@page("/sign-in/key")
def show_key(request: Request[Any, Any, Any]) -> Answer:
    """Ask for the access key."""
    onward = _onward(request.query_params.get("next"))
    return look(request).show_form("pages/session/key.html", {"next": onward}, {})


@form("/sign-in")
def take_sign_in(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Begin a session by access key, always with a new id, whatever the browser brought."""
    asking, onward = look(request), _onward(data.get("next"))
    tries = (rules.BY_ADDRESS, address_of(request))
    charge(request, tries)
    try:
        secret = sign_in(asking.house, str(data.get("key", "")), _caller(request, onward))
    except KeyNotKnown as refusal:
        return asking.show_form("pages/session/key.html", {"next": onward}, asking.refused_in(refusal))
    give_back(request, tries)
    return begin(asking, secret, onward)


# Out, and where else


@form("/sign-out")
def take_sign_out(request: Request[Any, Any, Any]) -> Answer:
    """End the session here and in the database."""
    asking = look(request)
    if asking.secret:
        sign_out(asking.house, asking.secret)
    response = asking.go("/sign-in")
    response.delete_cookie(asking.house.cookie_name, path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@page("/sessions")
def show_sessions(request: Request[Any, Any, Any]) -> Answer:
    """List where one is signed in."""
    asking = visit(request)
    with asking.work() as work:
        found = own_sessions(work)
    here = asking.session.handle if asking.session else None
    return asking.show("pages/session/sessions.html", sessions=found, here=here)


@form("/sessions/{handle:uuid}/end")
def end_session(request: Request[Any, Any, Any], handle: FromPath[UUID]) -> Answer:
    """Sign out somewhere else, or here."""
    asking = visit(request)
    with asking.work() as work:
        people_flow.end_session(work, handle)
    return asking.go("/sessions", "That browser is signed out")


@form("/sessions/end-others")
def end_other_sessions(request: Request[Any, Any, Any]) -> Answer:
    """Sign out everywhere but here."""
    asking = visit(request)
    if asking.session is None:
        raise NotSignedIn
    with asking.work() as work:
        people_flow.end_other_sessions(work, asking.session.handle)
    return asking.go("/sessions", "You are signed out everywhere else")


_BLANK: Final = {"email": "Enter your e-mail address", "password": "Enter your password"}

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    *(("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android")),
    *(("Mac OS", "Mac"), ("Linux", "Linux")),
)


def agent_words(agent: str) -> str:
    """Say what a browser is in coarse words: enough to know one's own by, too little to know a person by."""
    browser = next((words for sign, words in _BROWSERS if sign in agent), "A browser")
    system = next((words for sign, words in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser


def _onward(address: object) -> str:
    """Give where to go after signing in: never back to a step of signing in."""
    found = local(address)
    return "/" if found.startswith(("/sign-in", "/set-up", "/prove")) else found


def _caller(request: Request[Any, Any, Any], onward: str) -> Caller:
    return Caller(agent_words(request.headers.get("user-agent", "")), onward)


def begin(asking: Visit, secret: str, onward: str) -> Answer:
    """Send the browser on with its new session; the one it came with is over."""
    if asking.secret:
        sign_out(asking.house, asking.secret)
    response = asking.go(local(onward))
    response.set_cookie(asking.house.session_cookie(secret, seconds=None))
    return response


def _half(request: Request[Any, Any, Any]) -> tuple[str, Session]:
    house = house_of(request)
    secret = request.cookies.get(house.cookie_name, "")
    with house.desk.work(SYSTEM) as work:
        half = sessions.half_session(work.db, rules.digest(secret), work.now)
    if half is None:
        raise NotSignedIn
    return secret, half


def _choosing(request: Request[Any, Any, Any]) -> tuple[str, Session]:
    secret, half = _half(request)
    if half.waiting is not Waiting.CHOICE:
        raise NotSignedIn
    return secret, half


OPEN_HANDLERS = (
    show_sign_in,
    take_password,
    show_key,
    take_sign_in,
    show_forgotten,
    show_by_link,
    ask_reset,
    ask_sign_in_link,
    show_asked,
    show_link,
    take_link,
    show_set_up,
    take_set_up,
)
HANDLERS = (
    show_code,
    take_code,
    send_code_again,
    show_choice,
    take_choice,
    confirm_app,
    confirm_address,
    take_sign_out,
    show_sessions,
    end_session,
    end_other_sessions,
)
