"""Nobody out of standing is awarded or given an agreement, however close the loss comes (A15, S6).

Four races a competition, each on two connections at once: a firm loses its standing while it offers, while offers
close, while it is chosen, and while its agreement is made. It loses it by a suspension, by a removal or by the end of
its registration, in turn. What was lost during the offer or the close stays lost until the award was tried. The judge
knows no lock: PostgreSQL is told to keep the instant of every commit, and no award and no agreement of a firm may have
been committed after its loss was and before it was undone.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from brokerage.competitions.errors import OutOfStanding
from brokerage.competitions.events import BidAwarded
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.desk.flow.standing import lift_suspension, readmit_provider, remove_provider, suspend_provider
from brokerage.desk.work import Desk
from lots import store as lots
from lots.model import CategoryCode, ProviderId, Removal, Suspension
from placements.errors import NotInStanding
from placements.events import AgreementOpened
from tests.desk import road
from tests.keys import OPENER
from tests.proof import stage
from tests.proof.figures import Figure

NAMES: Final = ("standing_races", "out_of_standing_awards")
RACES: Final = 4
"""In each competition."""
NEAR: Final = 0.006
"""Seconds at most that each of the two waits, at random."""
STEP: Final = 0.008
"""Seconds by which a loss that came first is held back the next time, or one that came second let go earlier: so the
two go on meeting, on any machine."""
REASON: Final = "A race between losing standing and being chosen"
SETTINGS: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "track_commit_timestamp": "on",
}


def prove(quick: bool) -> Iterator[Figure]:
    """Race, then look for a deed that was committed while its firm was out of standing."""
    tries = 60 if quick else 2_000
    with stage.a_cluster(SETTINGS) as cluster:
        stage.settled(cluster.url)
        engine = stage.an_engine(cluster.url, 4)
        races = Races(road.a_desk(engine, StoppedClock(road.START)))
        while races.tries < tries:
            races.one_competition()
        wrong = races.wrong()
        engine.dispose()
    said = ", ".join(f"{count} {what}" for what, count in sorted(races.counts.items()))
    how = f"{races.tries:,} races of a loss against offer, close, award and agreement on two connections: {said}"
    yield Figure("standing_races", races.tries, f">= {tries}", "races", how)
    yield Figure("out_of_standing_awards", wrong, "= 0", "awards", f"judged by PostgreSQL's commit times; {how}")


@dataclass(slots=True)
class Loss:
    """A firm out of standing between two transactions."""

    provider_id: UUID
    how: str
    lost: str
    back: str | None = None


@dataclass(slots=True)
class Races:
    """What was raced for so far, by transaction."""

    desk: Desk
    tries: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    losses: list[Loss] = field(default_factory=list)
    deeds: list[tuple[UUID, str]] = field(default_factory=list)
    held_back: Counter[str] = field(default_factory=Counter)
    luck: random.Random = field(default_factory=lambda: random.Random("standing"))

    def one_competition(self) -> None:
        """Walk one referral from its competition to its agreement, with a race at each step."""
        opened = road.open_again(self.desk, stage.a_referral(self.desk, urgency="urgent"))
        category = opened.event.profile.category
        doors = list(opened.doors)
        self.luck.shuffle(doors)
        early, late, chosen, spare = doors[:RACES]
        for door in (late, chosen, spare):
            self._bid(door)
        self._race("offer", lambda: self._bid(early), early, category)
        road.clock_of(self.desk).now = opened.event.closes_at
        self._race("close", lambda: self._close(opened), late, category)
        bids = {row.provider_id: row.bid_id for row in road.evaluate(self.desk, opened)}
        for lost in (early, late):
            if lost.provider_id in bids:
                refused = self._award(opened, bids[lost.provider_id], lost) is None
                self.counts["awards refused after a loss" if refused else "awards to who had lost it"] += 1
        self._restore(category)
        award = self._race("award", lambda: self._award(opened, bids[chosen.provider_id], chosen), chosen, category)
        winner = chosen
        if award is not None:
            road.decide(self.desk, award.award_id)
            self._agree(award, chosen)
            self._restore(category)
        else:
            self._restore(category)
            winner, award = spare, self._award(opened, bids[spare.provider_id], spare)
            assert award is not None, "a firm in standing may be chosen"
            road.decide(self.desk, award.award_id)
        made = award
        self._race("agreement", lambda: self._agree(made, winner), winner, category)
        self._restore(category)

    def wrong(self) -> int:
        """Count the deeds that were committed while their firm was out of standing."""
        found = 0
        with self.desk.engine.connect() as db:
            for provider_id, transaction in self.deeds:
                at = _committed(db, transaction)
                for loss in self.losses:
                    if loss.provider_id == provider_id and loss.back is not None:
                        found += _committed(db, loss.lost) < at < _committed(db, loss.back)
        return found

    def _race(self, step: str, deed: Callable[[], Any], door: road.Door, category: CategoryCode) -> Any:
        """Let a firm lose its standing while something is done with it; give what was done."""
        how = ("suspension", "removal", "expiry")[self.tries % 3]
        self.tries += 1
        answers: dict[str, Any] = {}
        together = threading.Barrier(2)
        waits = [self.luck.uniform(0, NEAR), self.luck.uniform(0, NEAR) + STEP * self.held_back[step]]

        def run(name: str, what: Callable[[], Any], wait: float) -> None:
            together.wait()
            time.sleep(wait)
            try:
                answers[name] = what()
            except Exception as fault:
                answers[name] = fault

        racers = [
            threading.Thread(target=run, args=("deed", deed, waits[0])),
            threading.Thread(target=run, args=("loss", lambda: self._lose(how, door.provider_id, category), waits[1])),
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        for answer in answers.values():
            if isinstance(answer, Exception):
                raise answer
        self.losses.append(Loss(door.provider_id, how, answers["loss"]))
        if step in {"award", "agreement"}:
            lost = answers["deed"] is None
            self.counts[f"{step} races won by the {'loss' if lost else 'deed'}"] += 1
            self.held_back[step] = max(0, self.held_back[step] + (1 if lost else -1))
        return answers["deed"]

    def _lose(self, how: str, provider_id: UUID, category: CategoryCode) -> str:
        with self.desk.work(road.PEOPLE["quality"]) as work:
            if how == "suspension":
                suspend_provider(work, provider_id, Suspension(work.today, None, REASON))
            elif how == "removal":
                remove_provider(work, provider_id, Removal(work.today, REASON))
            else:
                lots.hold_to_change(work.db, ProviderId(provider_id))
                _end(work.db, provider_id, category, work.today - timedelta(days=1))
            return _transaction(work.db)

    def _restore(self, category: CategoryCode) -> None:
        """Undo every loss that still holds."""
        for loss in self.losses:
            if loss.back is not None:
                continue
            with self.desk.work(road.PEOPLE["quality"]) as work:
                if loss.how == "suspension":
                    held = lots.provider(work.db, ProviderId(loss.provider_id)).suspensions
                    (suspension,) = (one for one in held if one.holds_on(work.today))
                    assert suspension.id is not None
                    lift_suspension(work, loss.provider_id, suspension.id, REASON)
                elif loss.how == "removal":
                    readmit_provider(work, loss.provider_id, REASON)
                else:
                    _end(work.db, loss.provider_id, category, None)
                loss.back = _transaction(work.db)

    def _bid(self, door: road.Door) -> None:
        offer = stage.an_offer(self.desk, door)
        flow.place_bid(self.desk, door.actor, door.invitation_id, offer, code=None, request_key=None)

    def _close(self, opened: road.Open) -> None:
        with self.desk.work(road.PEOPLE["coordinator"]) as work:
            flow.open_bids(work, opened.id, OPENER)

    def _award(self, opened: road.Open, bid_id: UUID, door: road.Door) -> BidAwarded | None:
        try:
            with self.desk.work(road.PEOPLE["coordinator"]) as work:
                event = flow.award(work, opened.id, bid_id, "The best plan for this young person")
                transaction = _transaction(work.db)
        except OutOfStanding:
            return None
        self.deeds.append((door.provider_id, transaction))
        return event

    def _agree(self, award: BidAwarded, door: road.Door) -> AgreementOpened | None:
        try:
            with self.desk.work(road.PEOPLE["coordinator"]) as work:
                starts_on = work.today + timedelta(days=14)
                ends_on = starts_on + timedelta(days=90)
                event = flow.open_agreement(work, award.award_id, starts_on, ends_on, work.today, None)
                transaction = _transaction(work.db)
        except NotInStanding:
            return None
        self.deeds.append((door.provider_id, transaction))
        return event


def _end(db: Connection, provider_id: UUID, category: CategoryCode, last_day: Any) -> None:
    """Let the prices in a category end on a day, or hold on."""
    for one in lots.registrations(db, ProviderId(provider_id)):
        if one.category is category:
            lots.end_registration(db, one.id, last_day)


def _transaction(db: Connection) -> str:
    return str(db.scalar(text("SELECT pg_current_xact_id()::xid::text")))


def _committed(db: Connection, transaction: str) -> datetime:
    at = db.scalar(text("SELECT pg_xact_commit_timestamp(CAST(:it AS xid))"), {"it": transaction})
    assert isinstance(at, datetime), f"transaction {transaction} was not committed"
    return at
