"""Everything that may happen in a competition, in any order, against a model that says what must come of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from brokerage.competitions.errors import (
    AlreadyAwarded,
    BeingOpened,
    BidTooLate,
    CompetitionCancelled,
    CompetitionError,
    FundingNotOpen,
    NotEvaluated,
    NotFunded,
    NothingToWithdraw,
    NotNow,
    StillSealed,
    WindowOver,
)
from brokerage.competitions.model import DeclineReason
from brokerage.competitions.rules import MOST_LATE
from brokerage.desk import flow
from brokerage.desk.work import Desk
from brokerage.referrals.errors import NotNow as ReferralNotNow
from brokerage.referrals.errors import ReferralError
from brokerage.worker.sweep import ring_due
from tests.desk.road import (
    Door,
    Open,
    a_desk,
    agree,
    an_offer,
    an_open_competition,
    award,
    clock_of,
    decide,
    evaluate,
    look,
    open_again,
    sweep,
    verified,
    withdraw,
)

MICRO = timedelta(microseconds=1)
doors = st.integers(0, 2)

# What the table says about who comes after whom, as lines of the record.
FACTS = text("""
SELECT c.id, c.state, c.closed_at, c.closes_at, r.state AS referral,
  (SELECT array_agg(i.standing_bid ORDER BY i.id) FILTER (WHERE i.standing_bid IS NOT NULL)
     FROM invitation i WHERE i.authority = c.authority AND i.competition_id = c.id) AS standing,
  (SELECT count(*) FROM bid b WHERE b.authority = c.authority AND b.competition_id = c.id
     AND (b.received_at < c.opens_at OR b.received_at >= c.closes_at)) AS outside,
  (SELECT count(*) FROM bid b WHERE b.authority = c.authority AND b.competition_id = c.id) AS bids,
  (SELECT array_agg(o.bid_id) FROM opened_bid o JOIN bid b ON b.id = o.bid_id WHERE b.competition_id = c.id) AS opened,
  (SELECT count(*) FROM award a WHERE a.authority = c.authority AND a.competition_id = c.id
     AND a.state <> 'refused') AS live,
  (SELECT count(*) FROM award a WHERE a.authority = c.authority AND a.competition_id = c.id
     AND a.awarded_at < c.closes_at) AS early,
  (SELECT a.state FROM award a WHERE a.authority = c.authority AND a.competition_id = c.id
     ORDER BY a.awarded_at DESC, a.id LIMIT 1) AS award
FROM competition c JOIN referral r ON r.authority = c.authority AND r.id = c.referral_id WHERE c.id = :id
""")
KINDS = text("SELECT kind FROM record WHERE authority = 'derby-city' AND about = :about ORDER BY seq")


@dataclass
class Model:
    """What ought to be so."""

    opened: Open
    state: str = "open"
    versions: dict[UUID, int] = field(default_factory=dict)
    standing: dict[UUID, UUID] = field(default_factory=dict)
    bids: int = 0
    frozen: set[UUID] | None = None
    unsealed: bool = False
    late: Counter[UUID] = field(default_factory=Counter)
    evaluated: bool = False
    award_id: UUID | None = None
    award: str | None = None


class Competing(RuleBasedStateMachine):
    """One referral of its own; time passes by pushing the clock."""

    engine: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk = a_desk(self.engine)

    @initialize(urgency=st.sampled_from(["urgent", "standard"]))
    def begin(self, urgency: str) -> None:
        self.it = Model(an_open_competition(self.desk, urgency=urgency))
        self.referral = "seeking"
        self.kinds = ["referral_started", "referral_raised", "competition_opened"]

    # What the world does

    @property
    def running(self) -> bool:
        return self.it.state == "open" and clock_of(self.desk).now < self.it.opened.event.closes_at

    def late(self) -> type[CompetitionError]:
        return CompetitionCancelled if self.it.state == "cancelled" else WindowOver

    def door(self, number: int) -> Door:
        return self.it.opened.doors[number]

    def refused(self, refusal: type[Exception], act: Any) -> None:
        try:
            act()
        except (CompetitionError, ReferralError) as no:
            said: object = type(no)
        else:
            said = "nothing, and it was done"
        assert said is refusal

    @rule(minutes=st.sampled_from([1, 10, 59]))
    def time_passes(self, minutes: int) -> None:
        clock_of(self.desk).push(timedelta(minutes=minutes))

    @precondition(lambda self: self.running)
    @rule(off=st.sampled_from([-1, 0, 1]))
    def the_close_comes_near(self, off: int) -> None:
        clock_of(self.desk).now = self.it.opened.event.closes_at + off * MICRO

    @rule()
    def the_sweep_runs(self) -> None:
        sweep(self.desk)
        self.closes_by_itself()
        if self.it.state == "closed" and not self.it.unsealed:
            self.it.unsealed = True
            self.kinds.append("bids_opened")

    @rule()
    def a_sweep_without_the_key_runs(self) -> None:
        ring_due(self.desk, None)
        self.closes_by_itself()

    # What providers do

    @rule(number=doors)
    def a_provider_looks(self, number: int) -> None:
        gate = look(self.desk, self.door(number))
        assert gate.state.value == self.it.state
        assert gate.standing == self.it.standing.get(self.door(number).provider_id)

    @rule(number=doors, pence=st.integers(30000, 36000), twice=st.booleans())
    def a_provider_bids(self, number: int, pence: int, twice: bool) -> None:
        door = self.door(number)
        offer = an_offer(look(self.desk, door), f"{pence / 100:.2f}")
        key = f"{self.it.bids}" if twice else None

        def act() -> Any:
            return flow.place_bid(self.desk, door.actor, door.invitation_id, offer, code=None, request_key=key)

        if not self.running:
            cancelled = self.it.state == "cancelled"
            self.refused(CompetitionCancelled if cancelled else BidTooLate, act)
            if not cancelled and self.it.late[door.provider_id] < MOST_LATE:
                self.it.late[door.provider_id] += 1
                self.kinds.append("bid_refused_late")
            return
        receipt = act()
        version = self.it.versions.get(door.provider_id, 0) + 1
        assert (receipt.version, receipt.received_at) == (version, clock_of(self.desk).now)
        if twice:
            assert act() == receipt
        self.it.versions[door.provider_id] = version
        self.it.standing[door.provider_id] = receipt.bid_id
        self.it.bids += 1
        self.kinds.append("bid_placed")

    @rule(number=doors)
    def a_provider_takes_back(self, number: int) -> None:
        door = self.door(number)

        def act() -> None:
            with self.desk.work(door.actor) as work:
                flow.withdraw_bid(work, door.invitation_id)

        if not self.running:
            self.refused(self.late(), act)
        elif door.provider_id not in self.it.standing:
            self.refused(NothingToWithdraw, act)
        else:
            act()
            del self.it.standing[door.provider_id]
            self.kinds.append("bid_withdrawn")

    @rule(number=doors)
    def a_provider_declines(self, number: int) -> None:
        door = self.door(number)

        def act() -> None:
            with self.desk.work(door.actor) as work:
                flow.decline(work, door.invitation_id, DeclineReason.NO_ROOM, "")

        if not self.running:
            self.refused(self.late(), act)
            return
        act()
        self.it.standing.pop(door.provider_id, None)
        self.kinds.append("invitation_declined")

    @precondition(lambda self: self.running and self.it.standing)
    @rule()
    def the_window_passes_and_offers_are_evaluated(self) -> None:
        self.the_close_comes_near(0)
        self.the_sweep_runs()
        self.the_coordinator_evaluates()

    # What the council does

    def sealed(self) -> bool:
        return clock_of(self.desk).now < self.it.opened.event.closes_at

    @property
    def unswept(self) -> bool:
        """Say whether the window is over and no worker came by."""
        return self.it.state == "open" and not self.running

    def closes_by_itself(self) -> None:
        if self.unswept:
            self.it.state = "closed" if self.it.standing else "unsuccessful"
            self.it.frozen = set(self.it.standing.values())
            self.kinds.append("competition_closed")
            if not self.it.standing:
                self.referral = "raised"

    @property
    def waits_for_the_key(self) -> bool:
        return self.it.state in ("open", "closed") and not self.sealed() and not self.it.unsealed

    @rule()
    def the_coordinator_evaluates(self) -> None:
        def act() -> Any:
            return evaluate(self.desk, self.it.opened)

        if self.sealed():
            self.refused(StillSealed, act)
        elif self.waits_for_the_key:
            self.refused(BeingOpened, act)
        elif self.it.state != "closed":
            self.refused(NotNow, act)
        else:
            assert {row.bid_id for row in act()} == self.it.frozen
            self.it.evaluated = True
            self.kinds.append("bids_evaluated")

    @rule(data=st.data())
    def the_coordinator_awards(self, data: st.DataObject) -> None:
        known = sorted(self.it.frozen or self.it.standing.values()) or [UUID(int=0)]
        bid_id = data.draw(st.sampled_from(known))

        def act() -> Any:
            return award(self.desk, self.it.opened, bid_id)

        if self.sealed():
            self.refused(StillSealed, act)
        elif self.it.state == "awarded":
            self.refused(AlreadyAwarded, act)
        elif self.waits_for_the_key:
            self.refused(BeingOpened, act)
        elif self.it.state != "closed":
            self.refused(NotNow, act)
        elif not self.it.evaluated:
            self.refused(NotEvaluated, act)
        else:
            clock_of(self.desk).push(MICRO)
            self.it.award_id = act().award_id
            self.it.state, self.it.award = "awarded", "awaiting_funding"
            self.kinds.append("bid_awarded")

    @precondition(lambda self: self.it.award_id is not None)
    @rule(who=st.sampled_from(["approver", "approver_2"]), decision=st.sampled_from(["authorise", "refuse"]))
    def an_approver_decides(self, who: str, decision: str) -> None:
        assert self.it.award_id is not None

        def act() -> Any:
            return decide(self.desk, self.it.award_id, decision, who)  # type: ignore[arg-type]

        if self.it.state == "cancelled":
            self.refused(CompetitionCancelled, act)
        elif self.it.award != "awaiting_funding":
            self.refused(FundingNotOpen, act)
        else:
            act()
            self.it.award = "funded" if decision == "authorise" else "refused"
            self.kinds.append("funding_authorised" if decision == "authorise" else "funding_refused")
            if decision == "refuse":
                self.it.state = "closed"

    @precondition(lambda self: self.it.award_id is not None)
    @rule()
    def the_agreement_is_made(self) -> None:
        assert self.it.award_id is not None

        def act() -> Any:
            return agree(self.desk, self.it.award_id)  # type: ignore[arg-type]

        if self.it.state == "cancelled":
            self.refused(CompetitionCancelled, act)
        elif self.it.award != "funded":
            self.refused(NotFunded, act)
        else:
            act()
            self.it.award, self.referral = "agreed", "placed"
            self.kinds.append("agreement_opened")

    @rule(really=st.integers(0, 4))
    def the_referral_is_withdrawn(self, really: int) -> None:
        if really:  # one time in five, or nothing else would ever happen
            return

        def act() -> None:
            withdraw(self.desk, self.it.opened.referral_id)

        if self.referral in ("placed", "withdrawn"):
            self.refused(ReferralNotNow, act)
            return
        act()
        if self.it.state in ("open", "closed", "awarded"):
            self.it.state = "cancelled"
            self.kinds.append("competition_cancelled_by")
        self.referral = "withdrawn"
        self.kinds.append("referral_withdrawn")

    @rule()
    def another_competition_is_opened(self) -> None:
        def act() -> Open:
            return open_again(self.desk, self.it.opened.referral_id)

        if self.referral != "raised":
            self.refused(ReferralNotNow, act)
            return
        self.it = Model(act())
        self.referral = "seeking"
        self.kinds.append("competition_opened")

    # What holds always

    @invariant()
    def model_and_database_agree(self) -> None:
        with self.desk.engine.begin() as db:
            facts = db.execute(FACTS, {"id": self.it.opened.id}).one()
            kinds = list(db.execute(KINDS, {"about": self.it.opened.referral_id}).scalars())
        assert kinds == self.kinds, "every change of state has its line"
        assert (facts.state, facts.referral, facts.award) == (self.it.state, self.referral, self.it.award)
        assert set(facts.standing or ()) == set(self.it.standing.values())
        assert facts.bids == self.it.bids
        assert set(facts.opened or ()) == (self.it.frozen if self.it.unsealed else set()), "read at the opening only"
        assert facts.outside == 0, "no offer lies outside its window"
        assert facts.early == 0, "nothing is awarded before the close"
        assert facts.live <= 1
        assert (facts.live == 1) == (self.it.award not in (None, "refused"))
        if self.it.frozen is not None:
            assert facts.closed_at >= facts.closes_at
            assert set(facts.standing or ()) == self.it.frozen

    def teardown(self) -> None:
        if not hasattr(self, "it"):
            return
        clock_of(self.desk).push(timedelta(days=2))
        self.the_sweep_runs()
        self.model_and_database_agree()
        assert verified(self.desk).first_bad is None


def test_a_competition_keeps_its_promises_whatever_happens_in_whatever_order(desk: Desk) -> None:
    machine = type("Competing", (Competing,), {"engine": desk.engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
