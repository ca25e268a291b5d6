"""Agreement, review and variation: random lives on a real PostgreSQL against a model that shares no code (A30 to A34).

Every run begins with the same agreement, which one real referral led to, and is rolled back. Each deed goes through
the desk as its own piece of work, in a savepoint; after it, all that is stored is compared with `tests/proof/lives.py`.
Then each state that the runs left untried with some deed is reached by the shortest way, and the deed is done.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import Connection

from brokerage.desk import reach as reaches
from brokerage.desk import store
from brokerage.desk.clock import LONDON, StoppedClock
from brokerage.desk.flow import agreements, concerns, ends, hours, lives, plans, reviews, variations
from brokerage.desk.record import verify
from brokerage.desk.work import SYSTEM, Desk, Work
from brokerage.people.errors import NotAllowed, NotSignedIn
from brokerage.people.model import Actor
from placements import errors
from placements.model import (
    Attendance,
    Changes,
    ConcernKind,
    Decision,
    HoursEntry,
    HoursKind,
    PlanGoal,
    Progress,
    ReviewCause,
    Role,
)
from tests.desk import road
from tests.proof import lives as model
from tests.proof.figures import Figure
from tests.proof.lives import DAY, DEEDS, Deed, Life
from tests.proof.stage import a_cluster, an_engine, settled
from tests.pure.referrals.documents import answers

NAMES: Final[tuple[str, ...]] = ("state_runs", "state_pairs_missed", "state_disagreements")

RUNS: Final = 2_000
QUICK_RUNS: Final = 15
STEPS: Final = 30
FIRM: Final = "amberside"
PRICE: Final = Decimal("340.00")
OUTCOMES: Final = ("education", "home")
EDGES: Final = (time(0), time(12), time(23, 59, 59, 999999))
"""First instant, noon and last of a day in London."""

# All that is stored of the agreement, in one look.
LOOK: Final = """
SELECT a.state, a.ends_on, a.notice_on, a.ended_on,
  (SELECT array_agg(party ORDER BY party) FROM agreement_acceptance p WHERE p.agreement_id = a.id) AS accepted,
  (SELECT array_agg(ARRAY[from_on::text, until_on::text, hours::text] ORDER BY from_on) FROM agreement_version v
    WHERE v.agreement_id = a.id AND v.from_on <= v.until_on) AS versions,
  (SELECT array_agg(ARRAY[r.id::text, due_on::text, r.kind, r.state] ORDER BY number) FROM review r
    WHERE r.agreement_id = a.id) AS reviews,
  (SELECT array_agg(ARRAY[n.id::text, n.state] ORDER BY number) FROM variation n WHERE n.agreement_id = a.id)
    AS variations
FROM agreement a WHERE a.id = %(id)s
"""


@dataclass(eq=False)
class Disagreement(AssertionError):
    """What came of a deed, or what is stored after it, is not what the model says."""

    told: str

    def __str__(self) -> str:
        return self.told


@dataclass(frozen=True, slots=True)
class _OneDesk(Desk):
    """A desk whose every work is a savepoint in one transaction."""

    db: Connection

    @contextmanager
    def begin(self, reach: reaches.Reach = reaches.EVERYTHING) -> Iterator[Connection]:
        with self.db.begin_nested():
            reaches.enter(self.db, reach)
            yield self.db


@dataclass(frozen=True, slots=True)
class Made:
    """The agreement that every run begins with."""

    desk: Desk
    agreement_id: UUID
    referral_id: UUID
    life: Life


@dataclass
class Count:
    """What was done in all runs."""

    runs: int = 0
    steps: int = 0
    lines: int = 0
    tried: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def prove(quick: bool) -> Iterator[Figure]:
    """Live many random lives, then try what they left untried."""
    runs, count, wrong = QUICK_RUNS if quick else RUNS, Count(), []
    with a_cluster() as cluster:
        settled(cluster.url)
        engine = an_engine(cluster.url)
        made = an_agreement(road.a_desk(engine))
        for part in (lambda: _at_random(made, count, runs), lambda: _what_is_left(made, count)):
            try:
                part()
            except Disagreement as found:
                wrong.append(found)
                print(found, *getattr(found, "__notes__", ()), sep="\n", flush=True)
        engine.dispose()
    pairs = model.every_pair()
    missed = pairs - count.tried.keys()
    strange = count.tried.keys() - pairs
    how = f"{count.runs:,} random runs, {count.steps:,} deeds and days"
    yield Figure("state_runs", count.runs, "" if quick else f">= {RUNS}", "runs", f"{how}, {STEPS} at most a run")
    yield Figure(
        "state_pairs_missed", len(missed) + len(strange), "= 0", "pairs", f"of {len(pairs):,} states with deeds"
    )
    yield Figure(
        "state_disagreements",
        len(wrong),
        "= 0",
        "runs",
        f"{how}: refusals, all that is stored, and the chain of {count.lines:,} lines, against a model",
    )


def an_agreement(desk: Desk) -> Made:
    """Lead a referral to an agreement that nobody has accepted."""
    opened = road.an_open_competition(desk)
    door = next(one for one in opened.doors if one.provider_id == road.PEOPLE["provider_a"].provider_id)
    road.bid(desk, door, str(PRICE))
    road.close(desk, opened)
    award = road.award(desk, opened, road.evaluate(desk, opened)[0].bid_id)
    road.decide(desk, award.award_id)
    agreement_id = road.agree(desk, award.award_id)
    for who, limit in model.LIMITS.items():
        road.ask(desk, "UPDATE person SET weekly_limit = :x WHERE id = :id RETURNING id", x=limit, id=_id(who))
    terms = road.ask(desk, "SELECT * FROM agreement WHERE id = :id", id=agreement_id)[0]
    assert (terms.weekly_cost, terms.beds) == (PRICE + terms.support_hourly * terms.hours, 1)
    dues = road.ask(desk, "SELECT due_on FROM review WHERE agreement_id = :id ORDER BY number", id=agreement_id)
    life = Life(
        road.clock_of(desk).now.astimezone(LONDON).date(),
        terms.starts_on,
        terms.ends_on,
        PRICE,
        terms.support_hourly,
        terms.weekly_cost,
        [(terms.starts_on, terms.hours)],
        [model.Review(row.due_on, "series") for row in dues],
    )
    return Made(desk, agreement_id, opened.referral_id, life)


def _id(who: str) -> UUID:
    found = road.PEOPLE[who].person_id
    assert found is not None
    return found


# --- one life ---


class Run:
    """One life, lived in the database and in the model."""

    def __init__(self, made: Made, count: Count) -> None:
        self.made, self.count, self.life = made, count, made.life
        self.connection = made.desk.engine.connect()
        self.whole = self.connection.begin()
        self.clock = StoppedClock(road.clock_of(made.desk).now)
        desk = made.desk
        self.desk = _OneDesk(desk.engine, self.clock, desk.wording, desk.public_url, desk.recipients, self.connection)
        self.told: list[str] = []
        self.stored: Any = self._look()
        self.agree("the beginning")

    def close(self) -> None:
        """Verify the record, and leave nothing behind."""
        try:
            reaches.enter(self.connection, reaches.EVERYTHING)
            head = store.head(self.connection, road.DERBY)
            found = verify(road.DERBY, store.lines(self.connection, road.DERBY), head)
            self.count.lines += head[0]
            if found.first_bad is not None:
                raise self.disagree(f"the record does not verify: {found.why}")
        finally:
            self.whole.rollback()
            self.connection.close()

    def be(self, on: date, edge: time) -> None:
        """Let time pass; it never goes back."""
        at = datetime.combine(on, edge, LONDON).astimezone(self.clock.now.tzinfo)
        self.clock.now = max(at, self.clock.now)
        self.life = self.life.at(self.clock.now.astimezone(LONDON).date())
        self.told.append(f"it is {self.clock.now.astimezone(LONDON):%d %B %Y %H:%M}")
        self.count.steps += 1

    def do(self, deed: Deed) -> None:
        """Do a deed in both, and compare what came of it."""
        self.count.tried[deed.life, self.life.key(deed), deed.name] += 1
        self.count.steps += 1
        after, right = self.life.after(deed)
        try:
            with self.desk.work(_actor(deed.who)) as work:
                DOES[deed.life, deed.verb](self, work, deed)
        except (errors.PlacementsError, NotAllowed, NotSignedIn) as refused:
            said = type(refused).__name__
        else:
            said = "done"
        self.told.append(f"{deed.name} (to {deed.pick}) in {self.life.key(deed)}: {said}")
        if said not in (right or {"done"}):
            raise self.disagree(f"right would have been: {', '.join(sorted(right)) or 'done'}")
        self.life = after
        self.stored = self._look()
        self.agree(deed.name)

    def agree(self, when: str) -> None:
        life, row = self.life, self.stored
        parties = row.accepted or []
        state = f"part_{parties[0]}" if row.state == "part_accepted" else row.state
        firsts = [on for on, _ in life.versions[1:]]
        untils = [*(on - DAY for on in firsts), life.last][: len(life.versions)]
        same = {
            "state": (life.state, state),
            "last days": ((life.ends, life.noticed, life.ended), (row.ends_on, row.notice_on, row.ended_on)),
            "versions": (
                [(str(on), str(until), hours) for (on, hours), until in zip(life.versions, untils, strict=True)],
                [(on, until, Decimal(hours)) for on, until, hours in row.versions or []],
            ),
            "reviews": (
                [(str(one.due), one.kind, one.state) for one in life.reviews],
                [(due, kind if kind == "extra" else "series", state) for _, due, kind, state in row.reviews or []],
            ),
            "variations": (
                [one.state for one in life.variations],
                [state.replace("_funding", "") for _, state in row.variations or []],
            ),
        }
        for name, (ours, theirs) in same.items():
            if ours != theirs:
                raise self.disagree(f"{name} after {when}: the model says {ours}, the database {theirs}")

    def disagree(self, why: str) -> Disagreement:
        return Disagreement("\n".join([*self.told, why]))

    def nth(self, life: str, pick: int) -> UUID:
        """Find a review or a variation; where there is none, an id that is nobody's."""
        every = (self.stored.reviews if life == "review" else self.stored.variations) or []
        return UUID(every[pick % len(every)][0]) if every else uuid4()

    def _look(self) -> Any:
        reaches.enter(self.connection, reaches.EVERYTHING)
        return self.connection.exec_driver_sql(LOOK, {"id": self.made.agreement_id}).one()


def _actor(who: str) -> Actor:
    return Actor(SYSTEM.role, SYSTEM.name, road.DERBY) if who == "system" else road.PEOPLE[who]


# --- what the deeds are ---


def _vary(run: Run, work: Work, deed: Deed) -> None:
    life, what, effective = run.life, deed.what, run.life.day(deed.on)
    if what.startswith("hours"):
        changes = Changes(hours=Decimal(what.removeprefix("hours ")))
    elif what == "dear":
        changes = Changes(accommodation_weekly=model.DEAR)
    else:
        days = {"shorter": -20, "longer": 60, "too long": 400}
        changes = Changes(ends_on=life.ends + days[what] * DAY if what in days else effective - DAY)
    variations.propose_variation(
        work, run.made.agreement_id, variations.Proposal("review_decision", changes, None, effective)
    )


def _notice(run: Run, work: Work, deed: Deed) -> None:
    reason = deed.what.removesuffix(" untried")
    options = () if reason != deed.what else ("A mediation with both, twice",)
    ends.give_notice(work, run.made.agreement_id, reason, run.life.day(deed.on), options, None)


def _end(run: Run, work: Work, deed: Deed) -> None:
    planned = deed.what == "planned"
    on = None if planned and deed.on == ("last", 0) else run.life.day(deed.on)
    ends.end_agreement(work, run.made.agreement_id, None if planned else deed.what, on, "family", None)


def _hold(run: Run, work: Work, deed: Deed) -> None:
    there = (Role.PROVIDER, Role.COUNCIL) if deed.what == "alone" else (Role.YOUNG_PERSON, Role.PROVIDER, Role.COUNCIL)
    found = reviews.Found(
        run.life.day(deed.on),
        tuple(Attendance(role, present=True) for role in there),
        tuple(Progress(key, 2, "Seen") for key in OUTCOMES[deed.what == "in part" :]),
        answers(),
        Decision.SAME,
        frozenset(),
    )
    reviews.record_review(work, run.made.agreement_id, run.nth("review", deed.pick), found)


def _hours(run: Run, work: Work, deed: Deed) -> None:
    entry = HoursEntry(run.life.day(deed.on), Decimal("0.25"), HoursKind.INDIVIDUAL)
    hours.record_hours(work, run.made.agreement_id, (entry,), reason="It was needed")


def _plan(run: Run, work: Work, _: Deed) -> None:
    goals = tuple(PlanGoal(key, "Step by step") for key in OUTCOMES)
    plans.make_support_plan(work, run.made.agreement_id, goals, "Mondays", True)


def _extra(run: Run, work: Work, deed: Deed) -> None:
    reviews.plan_extra_review(work, run.made.agreement_id, ReviewCause.YOUNG_PERSON_ASKED, run.life.day(deed.on))


def _concern(run: Run, work: Work, _: Deed) -> None:
    known = run.clock.now - timedelta(hours=1)
    concerns.raise_concern(work, run.made.agreement_id, ConcernKind.SAFEGUARDING, known, str(len(run.told)), "Told")


def _of_agreement(verb: Callable[[Work, UUID], object]) -> Callable[[Run, Work, Deed], None]:
    return lambda run, work, _: (verb(work, run.made.agreement_id), None)[1]


def _of_other(life: str, verb: Callable[..., object], **given: bool) -> Callable[[Run, Work, Deed], None]:
    return lambda run, work, deed: (verb(work, run.nth(life, deed.pick), **given), None)[1]


DOES: Final[dict[tuple[str, str], Callable[[Run, Work, Deed], None]]] = {
    ("agreement", "accept"): _of_agreement(lives.accept_agreement),
    ("agreement", "start"): _of_agreement(lives.start_agreement),
    ("agreement", "first_day"): _of_agreement(lives.first_day_comes),
    ("agreement", "last_day"): _of_agreement(ends.last_day_is_over),
    ("agreement", "vary"): _vary,
    ("agreement", "notice"): _notice,
    ("agreement", "end"): _end,
    ("agreement", "extra"): _extra,
    ("agreement", "concern"): _concern,
    ("agreement", "hours"): _hours,
    ("agreement", "plan"): _plan,
    ("review", "due"): _of_other("review", agreements.review_falls_due),
    ("review", "late"): _of_other("review", reviews.review_falls_late),
    ("review", "hold"): _hold,
    ("variation", "agree"): _of_other("variation", variations.agree_variation),
    ("variation", "refuse"): _of_other("variation", variations.refuse_variation),
    ("variation", "withdraw"): _of_other("variation", variations.withdraw_variation),
    ("variation", "fund"): _of_other("variation", variations.fund_variation, authorise=True),
    ("variation", "no_money"): _of_other("variation", variations.fund_variation, authorise=False),
}

# --- at random ---


JUMPS: Final = ("start", "last", "over", "review", "review + 1", "review + 7")
"""Days that matter in a life."""


class Living(RuleBasedStateMachine):
    """One life at random."""

    made: ClassVar[Made]
    count: ClassVar[Count]

    def __init__(self) -> None:
        super().__init__()
        self.run = Run(self.made, self.count)

    @rule(days=st.sampled_from([0, 1, 2, 7, 30, 90]), edge=st.sampled_from(EDGES))
    def days_pass(self, days: int, edge: time) -> None:
        self.run.be(self.run.life.today + days * DAY, edge)

    @rule(to=st.sampled_from(JUMPS), edge=st.sampled_from(EDGES))
    def a_day_comes(self, to: str, edge: time) -> None:
        self.run.be(_day_of(self.run.life, to), edge)

    @rule(deed=st.sampled_from(model.BEGINNINGS))
    def begin(self, deed: Deed) -> None:
        self.run.do(deed)

    @rule()
    def both_accept(self) -> None:
        for deed in model.BEGINNINGS[:2]:
            self.run.do(deed)

    @rule(deed=st.sampled_from(model.CHANGES))
    def change(self, deed: Deed) -> None:
        self.run.do(deed)

    @rule(deed=st.sampled_from(model.ENDS))
    def end(self, deed: Deed) -> None:
        self.run.do(deed)

    @rule(deed=st.sampled_from(model.MEANWHILE))
    def go_on(self, deed: Deed) -> None:
        self.run.do(deed)

    @rule(deed=st.sampled_from(model.OF_REVIEWS), pick=st.integers(0, 3))
    def review(self, deed: Deed, pick: int) -> None:
        self.run.do(deed._replace(pick=pick))

    @rule(deed=st.sampled_from(model.OF_VARIATIONS), last=st.booleans())
    def answer(self, deed: Deed, last: bool) -> None:
        self.run.do(deed._replace(pick=len(self.run.life.variations) - 1 if last else 0))

    def teardown(self) -> None:
        self.run.close()
        self.count.runs += 1


def _at_random(made: Made, count: Count, runs: int) -> None:
    Living.made, Living.count = made, count
    run_state_machine_as_test(
        Living,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


# --- what is left ---


def _day_of(life: Life, to: str) -> date:
    """Say when something of this life comes; what is over is today."""
    if to.startswith("review"):
        waiting = [one.due for one in life.reviews if one.state in ("planned", "due", "overdue")]
        on = min(waiting, default=life.today) + int(to.removeprefix("review").replace(" ", "") or 0) * DAY
    else:
        on = {"start": life.start, "last": life.last, "over": life.last + DAY}[to]
    return max(on, life.today)


Step = Deed | str
"""A deed, or a day that comes."""


PICKS: Final = {"agreement": 0, "review": 1, "variation": 0}
"""Whose states are looked for: of the reviews the second, which more can happen to."""


HELD: Final = Deed("review", "hold", "coordinator")
"""The first review held, so that the second is the one that is waited for."""


def _ways(life: Life, kind: str) -> dict[str, tuple[Step, ...]]:
    """Find the shortest way to each state of a kind of life."""
    deeds = [deed._replace(pick=PICKS[deed.life]) for deed in DEEDS if deed.life in ("agreement", kind)]
    deeds += [HELD] if kind == "review" else []
    self = Deed(kind, "", "", pick=PICKS[kind])
    found: dict[str, tuple[Step, ...]] = {}
    seen = set[tuple[str, str, str, object]]()
    waiting: deque[tuple[Life, tuple[Step, ...]]] = deque([(life, ())])
    while waiting:
        here, way = waiting.popleft()
        mark = (here.key(self), here.state, here.phase, _more(here, kind))
        if mark in seen:
            continue
        seen.add(mark)
        found.setdefault(here.key(self), way)
        waiting.extend((here.at(_day_of(here, to)), (*way, to)) for to in JUMPS)
        for deed in deeds:
            there, refused = here.after(deed)
            if not refused:
                waiting.append((there, (*way, deed)))
    return found


def _more(life: Life, kind: str) -> object:
    """Say what else makes a difference to what can follow."""
    if kind == "review":
        late = (life.today - life.reviews[PICKS[kind]].due).days
        return min(max(late, -1), 7), life.reviews[0].state
    return life.variations[0].what if kind == "variation" and life.variations else ""


def _what_is_left(made: Made, count: Count) -> None:
    """Try every deed that no run did, in each state that it can be done in."""
    for kind, pick in PICKS.items():
        for state, way in _ways(made.life, kind).items():
            left = [one for one in DEEDS if one.life == kind and (kind, state, one.name) not in count.tried]
            if left:
                _try(made, count, way, [one._replace(pick=pick) for one in left])


def _try(made: Made, count: Count, way: tuple[Step, ...], deeds: list[Deed]) -> None:
    """Go a way, and do each deed at its end, as if none of the others were done."""
    with closing(Run(made, count)) as run:
        for step in way:
            if isinstance(step, str):
                run.be(_day_of(run.life, step), time(12))
            else:
                run.do(step)
        for deed in deeds:
            life, stored = run.life, run.stored
            undo = run.connection.begin_nested()
            run.do(deed)
            undo.rollback()
            run.life, run.stored = life, stored
