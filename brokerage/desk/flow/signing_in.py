"""Signing in: by password or link and then a code, by the council's own service; links, codes, proofs.

Nothing here raises after it has charged a try: the charge must be committed. A wrong code is an answer of None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from brokerage.desk.flow.people import home_of, send_link
from brokerage.desk.work import Work
from brokerage.people import rules, store
from brokerage.people.errors import LinkOver, NoCodeAddress, NotInvited, NotSignedIn, TooManyTries
from brokerage.people.events import LoginBound, LoginCodeSent, MeansChosen, PasswordSet
from brokerage.people.model import Login, Means, Person, Purpose, Session, Waiting, Way
from brokerage.people.store import logins, sessions
from brokerage.people.store.limits import sweep_attempts
from lots import store as lots
from lots.model import ProviderId

ASKED_AT_ONCE: Final = 100
ASKED_LIFE: Final = timedelta(minutes=15)
PASSWORD_LINKS: Final = (Purpose.SET_UP, Purpose.RESET)


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of the browser that signs in: coarse words for it, and where it wanted to go."""

    agent: str = ""
    onward: str = "/"


def begin_session(work: Work, person: Person, way: Way, caller: Caller, *, proved: bool) -> str:
    """Begin a session, always with a new id; answer the id, which is stored nowhere."""
    secret = rules.new_secret()
    sessions.open_session(work.db, rules.digest(secret), uuid4(), person.id, way, caller.agent, work.now, proved=proved)
    return secret


def begin_half(work: Work, login: Login, way: Way, caller: Caller) -> str:
    """Begin a session that waits for a code, and send one where no app makes it. Raises TooManyTries."""
    person, secret, handle = _person(work, login.person_id), rules.new_secret(), uuid4()
    waiting = Waiting.APP if login.app_key else Waiting.CODE
    _open_half(work, secret, handle, person, way, caller, waiting)
    if waiting is Waiting.CODE:
        means, address = _address(work, login, person, way)
        _send_code(work, person, handle, means, address)
    return secret


def send_code_again(work: Work, secret: str) -> None:
    """Send a new code to whoever waits for one. Raises NotSignedIn, TooManyTries."""
    half = _half(work, secret)
    login = _login(work, half.person)
    if half.waiting is Waiting.CODE:
        means, address = _address(work, login, half.person, half.way)
        _send_code(work, half.person, half.handle, means, address)


def finish(work: Work, secret: str, typed: str) -> str | None:
    """Complete a session by its code and give it a new id; None where the code is wrong. Raises NotSignedIn."""
    half = _half(work, secret)
    if half.waiting is Waiting.CHOICE or not _code_right(work, half, typed):
        return None
    return _renew(work, secret)


def use_sign_in_link(work: Work, token: str, caller: Caller) -> str:
    """Use a link up and go on to the code. Raises LinkOver, NoCodeAddress, TooManyTries."""
    used = logins.use_link(work.db, rules.digest(token), (Purpose.SIGN_IN,), work.now)
    if used is None:
        raise LinkOver
    return begin_half(work, _login(work, _person(work, used[0])), Way.LINK, caller)


def set_password(work: Work, token: str, password: str, caller: Caller) -> str:
    """Use a link up, set the password, end every session; go on to the choice of codes, or to the code.

    Raises LinkOver, PasswordTooEasy.
    """
    digest = rules.digest(token)
    owner = logins.link(work.db, digest, PASSWORD_LINKS, work.now)
    if owner is None:
        raise LinkOver
    person = _person(work, owner)
    rules.check_password(password, person)
    used = logins.use_link(work.db, digest, PASSWORD_LINKS, work.now)
    if used is None:
        raise LinkOver  # another request was quicker
    logins.save_password(work.db, person.id, rules.hash_password(password))
    sessions.end_sessions(work.db, person.id)
    work.record(PasswordSet(home_of(work, person), person.id, uuid4(), person.email), about=None)
    if used[1] is Purpose.RESET:
        return begin_half(work, _login(work, person), Way.PASSWORD, caller)
    secret = rules.new_secret()
    _open_half(work, secret, uuid4(), person, Way.PASSWORD, caller, Waiting.CHOICE)
    return secret


def choose_app(work: Work, secret: str, app_key: str, typed: str) -> tuple[str, tuple[str, ...]] | None:
    """Take codes from an app from now on; answer the new session and the recovery codes, shown once. None: wrong."""
    half = _choosing(work, secret)
    step = rules.app_step(app_key, typed, work.now) if rules.app_key_right(app_key) else None
    if step is None:
        return None
    recovery = rules.new_recovery_codes()
    hashes = [rules.recovery_hash(half.person.id, code) for code in recovery]
    logins.save_means(work.db, half.person.id, app_key, step, hashes, None)
    _chosen(work, half.person, Means.APP)
    return _renew(work, secret), recovery


def send_choice_code(work: Work, secret: str, mobile: str | None) -> None:
    """Send a code to the mobile, or without one to the e-mail address, that codes shall go to. Raises TooManyTries."""
    half = _choosing(work, secret)
    means, address = (Means.SMS, mobile) if mobile else (Means.EMAIL, half.person.email)
    _send_code(work, half.person, half.handle, means, address)


def confirm_address(work: Work, secret: str, mobile: str | None, typed: str) -> str | None:
    """Send codes there from now on, if the code arrived; answer the new session, None where the code is wrong."""
    half = _choosing(work, secret)
    if not _sent_code_right(work, half, mobile or half.person.email, typed):
        return None
    logins.save_means(work.db, half.person.id, None, 0, [], mobile)
    _chosen(work, half.person, Means.SMS if mobile else Means.EMAIL)
    return _renew(work, secret)


def send_proof_code(work: Work, session: Session) -> None:
    """Send a code to somebody who is signed in and must prove it again. Raises TooManyTries."""
    means, address = _address(work, _login(work, session.person), session.person, session.way)
    _send_code(work, session.person, session.handle, means, address)


def prove(work: Work, session: Session, secret: str, right: Callable[[Work], bool]) -> str | None:
    """Give a session a new id and a fresh proof; None where the proof is wrong. Raises NotSignedIn."""
    return _renew(work, secret) if right(work) else None


def code_right(work: Work, session: Session, typed: str) -> bool:
    """Say whether a code of the person's app, a recovery code or the code that was sent is right; it is used up."""
    return _code_right(work, session, typed)


def ask_link(work: Work, email: str, purpose: Purpose) -> None:
    """Note that a link was asked for an address. The same for everybody: the worker looks whether it is known."""
    logins.ask(work.db, uuid4(), rules.folded(email)[:254], purpose, work.now)


def answer_asked(work: Work) -> int:
    """Send the links that were asked for to those who are known; answer how many were looked at."""
    asked = logins.take_asked(work.db, ASKED_AT_ONCE)
    for _, email, purpose, asked_at in asked:
        login = logins.login_by_email(work.db, email)
        if login is None or work.now - asked_at > ASKED_LIFE:
            continue
        person = _person(work, login.person_id)
        if purpose is Purpose.RESET or _may_use_links(work, login, person):
            send_link(work, person, purpose)
    return len(asked)


def sweep_people(work: Work) -> int:
    """Take away sessions, links, codes and counts that are over; answer how many."""
    now = work.now
    return sessions.sweep_sessions(work.db, now) + logins.sweep_logins(work.db, now) + sweep_attempts(work.db, now)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a sign-in service says, its signature checked."""

    issuer: str
    subject: str
    email: str
    email_verified: bool


def sign_in_by_service(work: Work, claims: Claims, service: str, caller: Caller, *, proved: bool) -> str:
    """Begin a session for somebody whom the council's service knows and who was invited here. Raises NotInvited.

    The first time they are found by their verified address and tied to the service's own number for them;
    from then on by that number only. Nobody is ever added by signing in.
    """
    login = logins.login_by_subject(work.db, claims.issuer, claims.subject)
    if login is not None:
        return begin_session(work, _person(work, login.person_id), Way.OIDC, caller, proved=proved)
    login = logins.login_by_email(work.db, rules.folded(claims.email)) if claims.email_verified else None
    if login is None or not logins.bind(work.db, login.person_id, claims.issuer, claims.subject):
        raise NotInvited(service)
    person = _person(work, login.person_id)
    work.record(LoginBound(home_of(work, person), person.id), about=None)
    return begin_session(work, person, Way.OIDC, caller, proved=proved)


def _open_half(
    work: Work, secret: str, handle: UUID, person: Person, way: Way, caller: Caller, waiting: Waiting
) -> None:
    sessions.open_session(
        work.db,
        rules.digest(secret),
        handle,
        person.id,
        way,
        caller.agent,
        work.now,
        waiting=waiting,
        onward=caller.onward,
    )


def _half(work: Work, secret: str) -> Session:
    half = sessions.half_session(work.db, rules.digest(secret), work.now, hold=True)
    if half is None:
        raise NotSignedIn
    return half


def _choosing(work: Work, secret: str) -> Session:
    half = _half(work, secret)
    if half.waiting is not Waiting.CHOICE:
        raise NotSignedIn
    return half


def _renew(work: Work, secret: str) -> str:
    new = rules.new_secret()
    if not sessions.renew(work.db, rules.digest(secret), rules.digest(new), work.now, proved=True):
        raise NotSignedIn
    return new


def _person(work: Work, person_id: UUID) -> Person:
    person = store.person(work.db, person_id)
    if person is None or person.left_at is not None:
        raise NotSignedIn
    return person


def _login(work: Work, person: Person) -> Login:
    login = logins.login(work.db, person.id)
    if login is None:
        raise NotSignedIn
    return login


def _firm_mobile(work: Work, person: Person) -> str | None:
    if person.provider_id is None:
        return None
    firm = lots.provider(work.db, ProviderId(person.provider_id))
    return firm.mobile if firm else None


def _may_use_links(work: Work, login: Login, person: Person) -> bool:
    """Say whether a link and a code are two things: the code must come another way than the link."""
    return person.role.of_provider and bool(login.app_key or login.mobile or _firm_mobile(work, person))


def _address(work: Work, login: Login, person: Person, way: Way) -> tuple[Means, str]:
    if login.mobile:
        return Means.SMS, login.mobile
    if way is Way.LINK:
        mobile = _firm_mobile(work, person)
        if mobile is None:
            raise NoCodeAddress(Purpose.SIGN_IN)
        return Means.SMS, mobile
    return Means.EMAIL, person.email


def _send_code(work: Work, person: Person, handle: UUID, means: Means, address: str) -> None:
    code, expires_at = rules.new_code(), work.now + rules.CODE_LIFE
    kept = logins.save_code(
        work.db,
        person.id,
        rules.code_hash(handle, address, code),
        work.now,
        expires_at,
        rules.CODE_SENDS,
        rules.CODE_WITHIN,
    )
    if not kept:
        raise TooManyTries(int(rules.CODE_WITHIN.total_seconds()))
    work.record(LoginCodeSent(home_of(work, person), person.id, means, uuid4(), expires_at, address, code), about=None)


def _code_right(work: Work, session: Session, typed: str) -> bool:
    login = _login(work, session.person)
    if login.app_key:
        step = rules.app_step(login.app_key, typed, work.now)
        if step is not None:
            return logins.use_step(work.db, login.person_id, step)
        return logins.use_recovery(work.db, login.person_id, rules.recovery_hash(login.person_id, typed))
    _, address = _address(work, login, session.person, session.way)
    return _sent_code_right(work, session, address, typed)


def _sent_code_right(work: Work, session: Session, address: str, typed: str) -> bool:
    kept = logins.spend_try(work.db, session.person.id, work.now)
    wanted = rules.code_hash(session.handle, address, typed)
    return kept == wanted and logins.use_code(work.db, session.person.id, wanted)


def _chosen(work: Work, person: Person, means: Means) -> None:
    work.record(MeansChosen(home_of(work, person), person.id, means, uuid4(), person.email), about=None)
