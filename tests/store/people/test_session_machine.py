"""A session's whole life against a model of it: whatever happens in whatever order, only the living one opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection

from brokerage.people import store
from brokerage.people.model import Authority, Person, PersonId, Role, Waiting, Way
from brokerage.people.rules import HALF_SESSION, SESSION_IDLE, SESSION_LONGEST, digest, new_secret
from brokerage.people.store import sessions

START = datetime(2026, 11, 21, 14, 55, tzinfo=UTC)


class Life(RuleBasedStateMachine):
    """The model: every id that ever was, with when it began, was used and proved; dead ones stay dead."""

    db: ClassVar[Connection]

    def __init__(self) -> None:
        super().__init__()
        self.point = self.db.begin_nested()
        self.now = START
        self.left = False
        self.alive: dict[str, tuple[datetime, datetime, bool]] = {}
        self.dead: set[str] = set()
        key = f"c-{uuid4().hex[:8]}"
        store.save_authority(self.db, Authority(key, "A council"))
        self.person = Person(PersonId(uuid4()), key, "Somebody", Role.PLACEMENTS, f"{key}@council.example")
        store.save_person(self.db, self.person, None)

    def teardown(self) -> None:
        self.point.rollback()

    @rule(half=st.booleans())
    def begin(self, half: bool) -> None:
        secret = new_secret()
        waiting = Waiting.CODE if half else None
        sessions.open_session(
            self.db, digest(secret), uuid4(), self.person.id, Way.PASSWORD, "", self.now, waiting=waiting
        )
        self.alive[secret] = (self.now, self.now, half)

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        if not self.alive:
            return
        old, new = data.draw(st.sampled_from(sorted(self.alive))), new_secret()
        assert sessions.renew(self.db, digest(old), digest(new), self.now, proved=True)
        began, _, _ = self.alive.pop(old)
        self.alive[new] = (began, self.now, False)
        self.dead.add(old)

    @rule(data=st.data())
    def renew_a_dead_one(self, data: st.DataObject) -> None:
        if self.dead:
            old = data.draw(st.sampled_from(sorted(self.dead)))
            assert not sessions.renew(self.db, digest(old), digest(new_secret()), self.now, proved=True)

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        if self.alive:
            secret = data.draw(st.sampled_from(sorted(self.alive)))
            sessions.close_session(self.db, digest(secret))
            del self.alive[secret]
            self.dead.add(secret)

    @rule()
    def end_all(self) -> None:
        assert sessions.end_sessions(self.db, self.person.id) == len(self.alive)
        self.dead |= set(self.alive)
        self.alive.clear()

    @rule(minutes=st.sampled_from([1, 5, 14, 15, 59, 60, 61, 719]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        sessions.sweep_sessions(self.db, self.now)
        for secret in [one for one in self.alive if not self._lives(one)]:
            del self.alive[secret]
            self.dead.add(secret)

    @rule()
    def leave(self) -> None:
        store.leave(self.db, self.person.id, self.now)
        self.left = True

    def _lives(self, secret: str) -> bool:
        began, used, half = self.alive[secret]
        if half:
            return began > self.now - HALF_SESSION
        return began > self.now - SESSION_LONGEST and used > self.now - SESSION_IDLE

    @invariant()
    def only_the_living_open(self) -> None:
        for secret, (began, used, half) in list(self.alive.items()):
            lives = self._lives(secret) and not self.left
            whole = sessions.session(self.db, digest(secret), self.now)
            waiting = sessions.half_session(self.db, digest(secret), self.now)
            assert (whole is not None, waiting is not None) == (lives and not half, lives and half)
            if whole and self.now - used > sessions.OFTEN:
                self.alive[secret] = (began, self.now, half)
        for secret in self.dead:
            assert sessions.session(self.db, digest(secret), self.now) is None
            assert sessions.half_session(self.db, digest(secret), self.now) is None


def test_only_the_living_session_opens(db: Connection) -> None:
    Life.db = db
    run_state_machine_as_test(
        Life,
        settings=settings(stateful_step_count=15, suppress_health_check=list(HealthCheck), deadline=None),
    )


def test_an_id_is_stored_as_its_hash_only(db: Connection) -> None:
    secret = new_secret()
    store.save_authority(db, Authority("hashed", "A council"))
    person = Person(PersonId(uuid4()), "hashed", "Somebody", Role.PLACEMENTS, "hashed@council.example")
    store.save_person(db, person, None)
    sessions.open_session(db, digest(secret), uuid4(), person.id, Way.KEY, "", START)
    assert secret not in str(db.exec_driver_sql("SELECT * FROM session").all())
