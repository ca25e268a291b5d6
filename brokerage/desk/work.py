"""One transaction, one actor, one record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine

from brokerage.competitions.model import Recipients
from brokerage.desk import clock as clocks
from brokerage.desk import consequences, store
from brokerage.desk import reach as reaches
from brokerage.desk.clock import Clock, day_in_london
from brokerage.desk.consequences import Address, Consequences, Event, Notice
from brokerage.desk.consequences.register import Shared
from brokerage.desk.reach import EVERYTHING, Reach, reach_of
from brokerage.desk.record import body_of, kind_of
from brokerage.people import rules as people
from brokerage.people import store as people_store
from brokerage.people.errors import NoKeeper, NotSignedIn
from brokerage.people.model import Actor, Authority, Permission, Person, Role
from lots import store as lots
from lots.model import Provider, ProviderId
from matrix import store as matrix
from matrix.model import Edition
from notifications.model import Medium, NewMessage
from notifications.service import queue
from notifications.wording import Wording

SYSTEM = Actor(Role.SYSTEM, "The system")


@dataclass(slots=True)
class Work:
    """What one piece of work has at hand. It commits when its block ends well, and never otherwise.

    `seen` are the referrals whose sight is noted already, once a piece of work.
    """

    db: Connection
    actor: Actor
    clock: Clock
    desk: Desk
    reach: Reach
    seen: set[UUID] = field(default_factory=set)
    _now: datetime | None = None
    _authorities: dict[str, Authority] = field(default_factory=dict)
    _providers: dict[ProviderId, Provider] = field(default_factory=dict)
    _people: dict[tuple[str, Role], tuple[Person, ...]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """Give the instant of this work, read when it is first asked for."""
        return self._now if self._now is not None else self.tick()

    @property
    def today(self) -> date:
        """Give the day in London."""
        return day_in_london(self.now)

    @property
    def authority(self) -> str:
        """Give the authority of the actor. Raises NotSignedIn for somebody without one."""
        if self.actor.authority is None:
            raise NotSignedIn
        return self.actor.authority

    @property
    def person_id(self) -> UUID:
        """Give the person of the council who acts. Raises NotSignedIn for anybody else."""
        if self.actor.person_id is None or self.actor.role is Role.SYSTEM or self.actor.role.of_provider:
            raise NotSignedIn
        return self.actor.person_id

    @property
    def keeper(self) -> str:
        """Give the council that keeps the shared register, in whose record its changes stand. Raises NoKeeper."""
        found = people_store.keeper(self.db)
        if found is None:
            raise NoKeeper
        return found

    @property
    def edition(self) -> Edition:
        """Give the matrix edition in force today."""
        return matrix.in_force(self.today)

    def tick(self) -> datetime:
        """Read the clock again: after a lock is held, so that the instant lies behind it."""
        self._now = clocks.read(self.clock, self.db, self.actor.authority)
        return self._now

    def at(self, instant: datetime) -> None:
        """Take an instant that was read with the lock itself as the instant of this work."""
        self._now = instant

    def require(self, permission: Permission) -> None:
        people.require(self.actor, permission)

    @contextmanager
    def beyond_walls(self) -> Iterator[None]:
        """Reach everything for a reckoning over what the asker may not see, such as a rank among others' offers.

        What leaves the block is for the caller to keep to the asker's own; `tests/house` lists who calls this.
        """
        reaches.enter(self.db, EVERYTHING)
        yield
        reaches.enter(self.db, self.reach)  # after an exception the transaction ends, and its reach with it

    def council(self, key: str) -> Authority:
        if key not in self._authorities:
            found = people_store.authority(self.db, key)
            if found is None:
                raise NotSignedIn
            self._authorities[key] = found
        return self._authorities[key]

    def record(self, event: Event, about: UUID | None) -> None:
        """Write what happened and what follows from it, in this very transaction.

        `about` is the referral that the event belongs to, so that its history is one list.
        """
        authority, now = self.keeper if isinstance(event, Shared) else event.authority, self.now
        store.append(self.db, authority, now, self.actor.key, kind_of(event), about, body_of(event))
        self._follow(authority, (consequences.of(event),), now)

    def record_all(self, events: Sequence[tuple[Event, UUID | None]]) -> None:
        """Write several events of the actor's authority, each as `record` does, in a few statements."""
        authority, now = self.authority, self.now
        lines = [(kind_of(event), about, body_of(event)) for event, about in events]
        store.append_all(self.db, authority, now, self.actor.key, lines)
        self._follow(authority, [consequences.of(event) for event, _ in events], now)

    def _follow(self, authority: str, follows: Sequence[Consequences], now: datetime) -> None:
        timers = [one for each in follows for one in each.timers]
        if own := [(one.kind.value, one.subject_id, one.due_at) for one in timers if not one.everywhere]:
            store.set_timers(self.db, authority, own)
        for one in timers:
            if one.everywhere:  # each council's is a timer of its own, so the subject is told apart too
                with self.beyond_walls():
                    for council in people_store.authorities(self.db):
                        mine = (one.kind.value, uuid5(one.subject_id, council.key), one.due_at)
                        store.set_timers(self.db, council.key, [mine])
        notices = [notice for each in follows for notice in each.notices]
        if notices:
            council = self.council(authority)
            messages = [message for notice in notices for message in self._messages(council, notice)]
            queue(self.db, self.desk.wording, messages, now)

    def _messages(self, council: Authority, notice: Notice) -> Iterator[NewMessage]:
        short = council.name.removesuffix(" Council").removesuffix(" City").removesuffix(" County")
        params: Mapping[str, str] = {"council": council.name, "council_short": short, **notice.params}
        for recipient, person_id, provider_id, addresses in self._recipients(council, notice.to):
            for medium in notice.media:
                to = addresses.get(medium)
                if not to:
                    continue
                instant = notice.expires_at.isoformat() if notice.expires_at else ""
                yield NewMessage(
                    council.key,
                    notice.kind,
                    medium,
                    to,
                    provider_id,
                    person_id,
                    notice.subject_id,
                    params,
                    self.desk.public_url + notice.path if notice.path else None,
                    notice.code,
                    f"{notice.kind}:{notice.subject_id}:{recipient}:{medium}:{instant}",
                    None,
                    notice.expires_at,
                )

    def _recipients(
        self, council: Authority, to: UUID | Role | Address
    ) -> Iterator[tuple[UUID, UUID | None, UUID | None, Mapping[Medium, str]]]:
        if isinstance(to, Role):
            if (council.key, to) not in self._people:
                self._people[council.key, to] = people_store.people(self.db, council.key, to)
            for person in self._people[council.key, to]:
                yield person.id, person.id, None, {Medium.EMAIL: person.email}
            return
        if isinstance(to, Address):
            yield to.id, None, None, {Medium.SMS: to.mobile, Medium.EMAIL: to.email}
            return
        if not self._providers:
            self._providers = {one.id: one for one in lots.providers(self.db)}
        provider = self._providers[ProviderId(to)]
        yield provider.id, None, provider.id, {Medium.SMS: provider.mobile, Medium.EMAIL: provider.email}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where work is done: the database, the clock, the words, the public address, and whom offers are sealed for."""

    engine: Engine
    clock: Clock
    wording: Wording
    public_url: str
    recipients: Recipients

    def __post_init__(self) -> None:
        reaches.watch(self.engine)

    @contextmanager
    def begin(self, reach: Reach = EVERYTHING) -> Iterator[Connection]:
        """Open one transaction that reaches so far; without a word, as far as the engine's own doings."""
        with self.engine.connect() as connection:
            db = connection.execution_options(**{reaches.OPTION: reach})
            with db.begin():
                yield db

    @contextmanager
    def work(self, actor: Actor) -> Iterator[Work]:
        """Open one transaction for one actor; it commits when the block ends and rolls back when it raises."""
        with self.begin(reach_of(actor)) as db:
            yield Work(db, actor, self.clock, self, reach_of(actor))
