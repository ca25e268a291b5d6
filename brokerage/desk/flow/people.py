"""The people of a council or a firm: added, given roles, taken off; by their administrator, never by themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

from brokerage.desk.work import Work
from brokerage.people import rules, store
from brokerage.people.errors import NoSuchPerson, NoSuchSession, NotSignedIn
from brokerage.people.events import (
    KeyRenewed,
    KeyRevoked,
    LinkSent,
    PersonAdded,
    PersonLeft,
    RolesChanged,
    SessionsEnded,
    WeeklyLimitChanged,
)
from brokerage.people.model import Permission, Person, PersonId, Purpose, Role
from brokerage.people.store import logins, sessions


def home_of(work: Work, person: Person) -> str:
    """Name the council in whose record a person's changes stand: their own, or the one that keeps the register."""
    return person.authority or work.keeper


def roles_to_give(work: Work) -> tuple[Role, ...]:
    """List the roles that whoever asks may give."""
    keeps = work.actor.authority is not None and work.actor.authority == store.keeper(work.db)
    return rules.roles_to_give(work.actor, keeps_register=keeps)


def add_person(work: Work, name: str, email: str, roles: Collection[Role], weekly_limit: Decimal | None) -> Person:
    """Add a colleague and send them a link to set up how they sign in (24 hours, once).

    Raises RolesUnfit, LimitUnfit, EmailTaken.
    """
    work.require(Permission.MANAGE_PEOPLE)
    main, others = rules.check_roles(roles, roles_to_give(work))
    rules.check_limit(roles, weekly_limit)
    actor = work.actor
    person = Person(
        PersonId(uuid4()), actor.authority, name, main, email, actor.provider_id, weekly_limit, roles=others
    )
    store.save_person(work.db, person, None)
    work.record(PersonAdded(home_of(work, person), person.id, (main, *sorted(others)), person.provider_id), about=None)
    send_link(work, person, Purpose.SET_UP)
    return person


def change_roles(work: Work, person_id: UUID, roles: Collection[Role]) -> RolesChanged | None:
    """Give a colleague other roles and end their sessions; a limit goes with the right to use it. None: as before.

    Raises NoSuchPerson, NotYourself, RolesUnfit.
    """
    person = _other(work, person_id)
    main, others = rules.check_roles(roles, roles_to_give(work))
    if {main, *others} == person.every_role:
        return None
    before = (person.role, *sorted(person.roles))
    store.save_roles(work.db, person.id, main, others)
    changed = replace(person, role=main, roles=others)
    if person.weekly_limit is not None and not rules.may(changed.actor, Permission.AUTHORISE_FUNDING):
        _set_limit(work, person, None)
    event = RolesChanged(home_of(work, person), person.id, (main, *sorted(others)), before)
    work.record(event, about=None)
    _end_sessions(work, person)
    return event


def change_limit(work: Work, person_id: UUID, weekly_limit: Decimal | None) -> None:
    """Change what a colleague may authorise a week. Raises NoSuchPerson, NotYourself, LimitUnfit."""
    person = _other(work, person_id)
    rules.check_limit(person.every_role, weekly_limit)
    if weekly_limit != person.weekly_limit:
        _set_limit(work, person, weekly_limit)


def end_person(work: Work, person_id: UUID) -> PersonLeft:
    """Take a leaver off: sessions, key and every way to sign in die with it. Raises NoSuchPerson, NotYourself."""
    person = _other(work, person_id)
    _end_sessions(work, person)
    logins.forget_login(work.db, person.id)
    store.leave(work.db, person.id, work.now)
    event = PersonLeft(home_of(work, person), person.id)
    work.record(event, about=None)
    return event


def send_set_up(work: Work, person_id: UUID) -> LinkSent:
    """Send a colleague a new link to set up how they sign in. Raises NoSuchPerson."""
    return send_link(work, managed(work, person_id), Purpose.SET_UP)


def renew_key(work: Work, person_id: UUID) -> str:
    """Give a colleague, or the system they stand for, a new access key; the old one is dead. Shown once.

    Raises NoSuchPerson, NotYourself.
    """
    person = _other(work, person_id)
    key = rules.new_secret()
    store.save_key(work.db, person.id, rules.digest(key), work.now)
    work.record(KeyRenewed(home_of(work, person), person.id), about=None)
    return key


def revoke_key(work: Work, person_id: UUID) -> None:
    """Take a colleague's access key away, and the sessions begun with it. Raises NoSuchPerson."""
    person = managed(work, person_id)
    if person.key_made_at is None:
        return
    store.save_key(work.db, person.id, None, work.now)
    work.record(KeyRevoked(home_of(work, person), person.id), about=None)
    _end_sessions(work, person)


def end_sessions_of(work: Work, person_id: UUID) -> None:
    """Sign a colleague out everywhere. Raises NoSuchPerson."""
    _end_sessions(work, managed(work, person_id))


def end_session(work: Work, handle: UUID) -> None:
    """End one of the asker's own sessions. Raises NoSuchSession."""
    me = _me(work)
    if not sessions.end_session(work.db, me.id, handle):
        raise NoSuchSession
    work.record(SessionsEnded(home_of(work, me), me.id, 1), about=None)


def end_other_sessions(work: Work, but: UUID) -> None:
    """End all of the asker's sessions but the one that asks."""
    me = _me(work)
    if ended := sessions.end_sessions(work.db, me.id, but=but):
        work.record(SessionsEnded(home_of(work, me), me.id, ended), about=None)


def managed(work: Work, person_id: UUID) -> Person:
    """Hold a colleague and their administrator, who must still be one. Raises NoSuchPerson, NotSignedIn."""
    work.require(Permission.MANAGE_PEOPLE)
    if work.actor.person_id is None:
        raise NotSignedIn
    held = store.hold(work.db, {work.actor.person_id, person_id})
    me = held.get(work.actor.person_id)
    if me is None or me.left_at is not None or not rules.may(me.actor, Permission.MANAGE_PEOPLE):
        raise NotSignedIn  # another administrator was quicker
    person = held.get(PersonId(person_id))
    if person is None or person.left_at is not None or not rules.may_manage(work.actor, person):
        raise NoSuchPerson
    return person


def send_link(work: Work, person: Person, purpose: Purpose) -> LinkSent:
    """E-mail somebody a link for one purpose; those sent before for it are dead."""
    token, expires_at = rules.new_secret(), work.now + rules.LINK_LIFE[purpose]
    logins.save_link(work.db, rules.digest(token), person.id, purpose, expires_at)
    event = LinkSent(home_of(work, person), person.id, purpose, uuid4(), expires_at, person.email, token)
    work.record(event, about=None)
    return event


def _other(work: Work, person_id: UUID) -> Person:
    person = managed(work, person_id)
    rules.check_other(work.actor, person)
    return person


def _me(work: Work) -> Person:
    person = store.person(work.db, work.actor.person_id) if work.actor.person_id else None
    if person is None:
        raise NotSignedIn
    return person


def _set_limit(work: Work, person: Person, weekly_limit: Decimal | None) -> None:
    store.save_limit(work.db, person.id, weekly_limit)
    event = WeeklyLimitChanged(home_of(work, person), person.id, weekly_limit, person.weekly_limit)
    work.record(event, about=None)


def _end_sessions(work: Work, person: Person) -> None:
    if ended := sessions.end_sessions(work.db, person.id):
        work.record(SessionsEnded(home_of(work, person), person.id, ended), about=None)
