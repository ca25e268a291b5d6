"""Builders for the road of a referral, from raising to agreement, on a settled desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, text

from brokerage.competitions import store as competition_store
from brokerage.competitions.events import BidAwarded, CompetitionOpened
from brokerage.competitions.model import Gate, Ranked, Receipt, Weights
from brokerage.demo.register import personas, settle
from brokerage.desk import flow
from brokerage.desk import store as desk_store
from brokerage.desk.clock import Clock, StoppedClock
from brokerage.desk.reach import EVERYTHING, OPTION
from brokerage.desk.record import Line, Verified, verify
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor, Role
from brokerage.worker.sweep import ring_due
from notifications.wording import load
from tests.conftest import _database
from tests.keys import OPENER, RECIPIENTS
from tests.pure.referrals.documents import a_document

START: Final = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
DERBY: Final = "derby-city"
PEOPLE: Final = {persona.key: persona.person.actor for persona in personas()}
WORDING: Final = load(Path(__file__).parents[2] / "templates" / "messages")
STARTS, ENDS, MET = date(2026, 12, 10), date(2027, 4, 20), date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Door:
    """One provider's way in: its link, and its invitation for a signed-in user."""

    provider_id: UUID
    provider: str
    invitation_id: UUID
    token: str

    @property
    def actor(self) -> Actor:
        return Actor(Role.PROVIDER, "Somebody at the provider", None, None, self.provider_id)


@dataclass(frozen=True, slots=True)
class Open:
    """A competition as it was opened."""

    event: CompetitionOpened
    doors: tuple[Door, ...]

    @property
    def id(self) -> UUID:
        return self.event.competition_id

    @property
    def referral_id(self) -> UUID:
        return self.event.referral_id


@contextmanager
def a_settled_database(postgres_url: str, template: str) -> Iterator[str]:
    """Make a database with register and people in it, and give its name, to be copied."""
    with _database(postgres_url, template) as url:
        engine = create_engine(url)
        with a_desk(engine).work(SYSTEM) as work:
            settle(work, date(2020, 1, 1))
        engine.dispose()
        yield engine.url.database or ""


def a_desk(engine: Engine, clock: Clock | None = None) -> Desk:
    return Desk(engine, clock or StoppedClock(START), WORDING, "http://127.0.0.1:8000", RECIPIENTS)


def clock_of(desk: Desk) -> StoppedClock:
    assert isinstance(desk.clock, StoppedClock)
    return desk.clock


def a_raised_referral(desk: Desk, **changes: Any) -> UUID:
    with desk.work(PEOPLE["placements"]) as work:
        return flow.raise_referral(work, a_document(**changes)).referral_id


def an_open_competition(desk: Desk, weights: Weights | None = None, **changes: Any) -> Open:
    """Raise a referral, with changes to its document, and open its competition."""
    return open_again(desk, a_raised_referral(desk, **changes), weights)


def open_again(desk: Desk, referral_id: UUID, weights: Weights | None = None) -> Open:
    with desk.work(PEOPLE["placements"]) as work:
        event = flow.open_competition(work, referral_id, weights or Weights())
    doors = (Door(one.provider_id, one.provider, one.invitation_id, token) for one, token in event.links)
    return Open(event, tuple(doors))


def look(desk: Desk, door: Door) -> Gate:
    with desk.work(SYSTEM) as work:
        return flow.look_at_invitation(work, door.token)


def an_offer(gate: Gate, price: str = "350.00", **changes: Any) -> dict[str, Any]:
    """Write a good offer to what the gate asks."""
    return {
        "accommodation_weekly": price,
        "support_hourly": "20.00",
        "earliest_start": "2026-12-05",
        "place": {"outward_code": "DE1", "shared": True},
        "answers": {question.key: "We will" for question in gate.questions},
        **changes,
    }


def a_code(desk: Desk, door: Door) -> str:
    with desk.work(SYSTEM) as work:
        return flow.send_code(work, door.token).code


def bid(desk: Desk, door: Door, price: str = "350.00", *, request_key: str | None = None, **changes: Any) -> Receipt:
    """Offer as a signed-in provider."""
    offer = an_offer(look(desk, door), price, **changes)
    return flow.place_bid(desk, door.actor, door.invitation_id, offer, code=None, request_key=request_key)


def bid_by_link(
    desk: Desk, door: Door, code: str | None, price: str = "350.00", *, request_key: str | None = None, **changes: Any
) -> Receipt:
    offer = an_offer(look(desk, door), price, **changes)
    return flow.place_bid(desk, SYSTEM, door.token, offer, code=code, request_key=request_key)


def close(desk: Desk, opened: Open) -> None:
    """Let the window pass and the sweep run: it closes, then opens."""
    clock_of(desk).now = opened.event.closes_at
    sweep(desk)


def sweep(desk: Desk) -> int:
    """Ring what is due, as a worker that holds the opening key."""
    return ring_due(desk, OPENER)


def evaluate(desk: Desk, opened: Open, points: Mapping[UUID, int] | None = None) -> tuple[Ranked, ...]:
    """Score every answer of every standing offer with 3, or with the points given for its provider."""
    with desk.work(PEOPLE["coordinator"]) as work:
        standing = competition_store.bids(work.db, DERBY, opened.id)
        asked = competition_store.competition(work.db, DERBY, opened.id).questions
        scores = {
            UUID(str(one.id)): {question.key: (points or {}).get(one.provider_id, 3) for question in asked}
            for one in standing
        }
        return flow.evaluate(work, opened.id, scores)


def award(desk: Desk, opened: Open, bid_id: UUID, reason: str = "The best for the young person") -> BidAwarded:
    with desk.work(PEOPLE["coordinator"]) as work:
        return flow.award(work, opened.id, bid_id, reason)


def decide(desk: Desk, award_id: UUID, decision: str = "authorise", who: str = "approver") -> object:
    with desk.work(PEOPLE[who]) as work:
        return flow.decide_funding(work, award_id, decision, "Within the plan for this year")


def agree(desk: Desk, award_id: UUID, starts: date = STARTS) -> UUID:
    with desk.work(PEOPLE["coordinator"]) as work:
        return flow.open_agreement(work, award_id, starts, ENDS, MET, None).agreement_id


def withdraw(desk: Desk, referral_id: UUID, reason: str = "A place with family was found") -> None:
    with desk.work(PEOPLE["placements"]) as work:
        flow.withdraw_referral(work, referral_id, reason)


def awarded(desk: Desk, *prices: str, **changes: Any) -> tuple[Open, BidAwarded]:
    """Go all the way to an award: one provider a price, the first the cheapest."""
    opened = an_open_competition(desk, **changes)
    for door, price in zip(opened.doors, prices or ("340.00", "350.00"), strict=False):
        bid(desk, door, price)
    close(desk, opened)
    return opened, award(desk, opened, evaluate(desk, opened)[0].bid_id)


def suspend_today(desk: Desk, provider_id: UUID) -> None:
    from lots.model import ProviderId, Suspension
    from lots.service import suspend_provider

    with desk.work(SYSTEM) as work:
        suspend_provider(
            work.db, ProviderId(provider_id), Suspension(work.today, None, "A safeguarding concern"), work.now
        )


def state_of(desk: Desk, opened: Open) -> str:
    with eyes(desk) as db:
        return competition_store.competition(db, DERBY, opened.id).state.value


def referral_state(desk: Desk, referral_id: UUID) -> str:
    return str(ask(desk, "SELECT state FROM referral WHERE id = :id", id=referral_id)[0][0])


def eyes(desk: Desk) -> AbstractContextManager[Connection]:
    """Open a transaction that looks at every council's rows, on a bare engine and on one under the walls."""
    return desk.engine.execution_options(**{OPTION: EVERYTHING}).begin()


def ask(desk: Desk, sql: str, **values: Any) -> list[Any]:
    with eyes(desk) as db:
        return list(db.execute(text(sql), values))


def record(desk: Desk, about: UUID | None = None, authority: str = DERBY) -> list[Line]:
    with eyes(desk) as db:
        return list(desk_store.lines(db, authority, about=about))


def verified(desk: Desk, authority: str = DERBY) -> Verified:
    with eyes(desk) as db:
        return verify(authority, desk_store.lines(db, authority), desk_store.head(db, authority))


def with_clock(desk: Desk, clock: Clock) -> Desk:
    return replace(desk, clock=clock)
