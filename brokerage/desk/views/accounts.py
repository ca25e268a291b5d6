"""People as their administrator sees them, and one's own sessions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from brokerage.desk.work import Work
from brokerage.people import rules, store
from brokerage.people.errors import NoSuchPerson, NotSignedIn
from brokerage.people.model import Login, Permission, Person, Role, Session
from brokerage.people.store import logins, sessions


@dataclass(frozen=True, slots=True)
class Colleague:
    """One account: where it is signed in and how; `myself` says that the asker looks at their own."""

    person: Person
    sessions: tuple[Session, ...]
    login: Login | None
    myself: bool
    offered: tuple[Role, ...]
    limited: bool


def colleagues(work: Work) -> tuple[Person, ...]:
    """List the people of the asker's council or firm, those who left last."""
    work.require(Permission.MANAGE_PEOPLE)
    return store.colleagues(work.db, work.actor.authority, work.actor.provider_id)


def colleague(work: Work, person_id: UUID) -> Colleague:
    """Give one account of the asker's council or firm. Raises NoSuchPerson."""
    work.require(Permission.MANAGE_PEOPLE)
    person = store.person(work.db, person_id)
    if person is None or not rules.may_manage(work.actor, person):
        raise NoSuchPerson
    keeps = work.actor.authority is not None and work.actor.authority == store.keeper(work.db)
    return Colleague(
        person,
        sessions.sessions_of(work.db, person.id, work.now),
        logins.login(work.db, person.id),
        person.id == work.actor.person_id,
        rules.roles_to_give(work.actor, keeps_register=keeps),
        rules.may(person.actor, Permission.AUTHORISE_FUNDING),
    )


def own_sessions(work: Work) -> tuple[Session, ...]:
    """List where the asker is signed in, the one used last first. Raises NotSignedIn."""
    if work.actor.person_id is None:
        raise NotSignedIn
    return sessions.sessions_of(work.db, work.actor.person_id, work.now)
