"""Fill an empty database with the demo's stories, through the verbs that people use.

A stopped clock walks from ten weeks ago to now; every story goes on when its next instant has come, timers ring
and messages are posted in between, so that nothing here could not have happened to a council. All of it is one
transaction: who stops the seed half way finds the database as empty as before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from brokerage.competitions import store as competitions
from brokerage.competitions.events import CompetitionOpened
from brokerage.competitions.model import Gate, Invited, Opener, Ranked, RoundVerb
from brokerage.competitions.rules import splitting
from brokerage.demo import nights, register, running, stories
from brokerage.demo.stories import (
    Book,
    ChoicePlan,
    DeclinePlan,
    ExtensionPlan,
    OfferPlan,
    QuestionPlan,
    Reach,
    StayPlan,
    Story,
)
from brokerage.desk import flow
from brokerage.desk import reach as reaches
from brokerage.desk.clock import LONDON, Clock, StoppedClock, day_in_london, midnight_of, morning_of, next_evening
from brokerage.desk.consequences.register import SHEET_AT
from brokerage.desk.flow import lives, prices, specification
from brokerage.desk.flow.competitions import open_parts
from brokerage.desk.flow.evidence import begin_watch
from brokerage.desk.flow.negotiations import answer_round, propose_round
from brokerage.desk.flow.reviews import Found, record_review
from brokerage.desk.work import SYSTEM, Desk, Work
from brokerage.people.model import Actor, Role
from brokerage.referrals import store as referral_store
from brokerage.referrals.errors import NotEligible
from brokerage.worker.sweep import ring_due
from lots.model import CategoryCode, Clause, Price, Wants
from matrix.store import in_force
from notifications.channels import Channel, KeptHere
from notifications.model import Medium
from notifications.post import post_due
from placements.events import AgreementOpened
from placements.model import PROGRESS, REVIEWERS, Attendance, Decision, Plan, Progress

LONG_AGO: Final = timedelta(weeks=10)
"""Where the walk begins; the register was settled a quarter earlier."""
REGISTERED: Final = timedelta(days=91)
WRITING: Final = timedelta(minutes=4)
"""Between two sections of a draft."""
LINGERS: Final = timedelta(days=2)
"""What is older than this happened at a decent hour; what is younger is counted back from now."""
OFFICE: Final = (time(9, 30), time(16, 30))
FRIDAY: Final = 4
SHARED: Final = timedelta(hours=20)
"""After this the full information of an emergency was shared."""
OFFERED: Final = timedelta(hours=8)
"""After this the offers of a story have come."""
ANSWERED: Final = timedelta(minutes=25)
"""From a question to its answer, where it is not urgent."""
POST: Final = timedelta(seconds=2)
"""From an event to its messages."""

Steps = Iterator[datetime]
"""A story being told: each value is the instant at which it goes on."""


def seed(desk_of: Callable[[Clock], Desk], now: datetime, opener: Opener) -> None:
    """Fill an empty, migrated database; `now` becomes the present of every story, `opener` opens its offers."""
    now = now.astimezone(UTC)
    today = day_in_london(now)
    clock = StoppedClock(now - LONG_AGO)
    real = desk_of(clock)
    with real.begin() as db:
        desk = _OneDesk(real.engine, clock, real.wording, real.public_url, real.recipients, db)
        with desk.work(SYSTEM) as work:
            register.settle(work, work.today - REGISTERED)
            since = work.today - REGISTERED
        nights.furnish(desk.work, since)
        told = _Telling(_Walk(desk, clock, now, opener), stories.read(today, in_force(today)))
        for story in told.book.stories:
            told.begin(story)
        for at, deed in nights.live_through(desk.work, now):
            told.walk.begin(at, _once(deed))
        told.walk.begin(now - timedelta(hours=1), told.evening())
        told.walk.begin(now - LINGERS, register_goes_on(told.walk, told.people))
        told.walk.begin(running.begin(now), _posted(told.walk, running.go_on(desk, now, told.people, told.agreed)))
        told.walk.begin(now - timedelta(days=6), _posted(told.walk, running.applicants(desk, told.people)))
        told.walk.go()


def register_goes_on(walk: _Walk, people: Mapping[str, Actor]) -> Steps:
    """Leave something to decide on the register: prices, a sub-contractor, a change of the specification."""
    with walk.desk.work(people["commissioner"]) as work:
        prices.set_ceiling(work, CategoryCode.TRANSITION, Price(Decimal("425.00"), Decimal("24.50")), work.today, None)
        specification.propose_change(
            work,
            "Night staff in shared homes",
            "Two incidents at night in the autumn showed what the specification leaves open",
            (Clause("3.4.9", "In a shared home somebody is awake and on the premises from 10pm to 7am."),),
            work.today + timedelta(days=21),
            work.today + timedelta(days=60),
        )
    with walk.desk.work(people["provider_admin"]) as work:
        starts_on, today = work.today + timedelta(days=400), work.today
        prices.propose_uplift(
            work, CategoryCode.TRANSITION, Decimal("3.50"), starts_on, "Rents in the city rose by seven in a hundred"
        )
        prices.name_subcontractor(
            work,
            "derby-city",
            "Lanternlight Nights",
            "Waking night staff in the shared house",
            Decimal(15),
            Decimal("24000.00"),
            today + timedelta(days=30),
        )
    running.insure(walk.desk, people, today=day_in_london(walk.until))
    with walk.desk.work(SYSTEM) as work:
        begin_watch(work)
        walk.alarm(morning_of(work.today + timedelta(days=1)))
    walk.post_waits = True
    yield from ()


def _posted(walk: _Walk, steps: Steps) -> Steps:
    """Let the messages of every step go out."""
    for at in steps:
        walk.post_waits = True
        yield at
    walk.post_waits = True


def _once(deed: Callable[[], None]) -> Steps:
    deed()
    yield from ()


@dataclass(frozen=True, slots=True)
class _OneDesk(Desk):
    """A desk whose every work is part of one transaction."""

    db: Connection

    @contextmanager
    def begin(self, reach: reaches.Reach = reaches.EVERYTHING) -> Iterator[Connection]:
        if self.db.info.get(reaches.OPTION) != reach:  # all is one transaction: only a change has to be said
            reaches.enter(self.db, reach)
            self.db.info[reaches.OPTION] = reach
        yield self.db


@dataclass(slots=True)
class _Walk:
    """Time passing: whatever waits for the earliest instant goes on there, after the timers due until then."""

    desk: _OneDesk
    clock: StoppedClock
    until: datetime
    opener: Opener
    post_waits: bool = False
    _waiting: list[tuple[datetime, int, Steps]] = field(default_factory=list)
    _alarms: list[datetime] = field(default_factory=list)
    _begun: int = 0

    def begin(self, at: datetime, steps: Steps) -> None:
        """Let something go on at an instant."""
        if at > self.until:
            raise ValueError(f"a story goes on at {at}, after its present")
        if at < self.clock.now:
            raise ValueError(f"a story goes back to {at}")
        self._begun += 1
        heappush(self._waiting, (at, self._begun, steps))

    def alarm(self, at: datetime) -> None:
        """Remember when a timer that was set will be due: at once where its instant is over, as on a day of arrival."""
        if at <= self.until:
            heappush(self._alarms, max(at, self.clock.now))

    def go(self) -> None:
        """Walk until the present."""
        while self._waiting:
            at, _, steps = heappop(self._waiting)
            self._to(at)
            following = next(steps, None)
            if following is not None:
                self.begin(following, steps)
        self._to(self.until)
        self._post(self.until)

    def _to(self, at: datetime) -> None:
        while self._alarms and self._alarms[0] <= at:
            due = heappop(self._alarms)
            self._post(due)
            self.clock.now = due
            self.post_waits |= ring_due(self.desk, self.opener) > 0
        self._post(at)
        self.clock.now = at

    def _post(self, before: datetime) -> None:
        if not self.post_waits:
            return
        self.clock.now = min(self.clock.now + POST, before)
        channels: dict[Medium, Channel] = {medium: KeptHere(medium) for medium in Medium}
        post_due(self.desk.begin, lambda _: self.clock.now, channels, hands=1)
        self.post_waits = False


@dataclass(slots=True)
class _Telling:
    """The stories, told by those who act in them."""

    walk: _Walk
    book: Book
    people: dict[str, Actor] = field(
        default_factory=lambda: {persona.key: persona.person.actor for persona in register.personas()}
    )
    firms: dict[UUID, str] = field(
        default_factory=lambda: {register.provider_id(firm.key): firm.key for firm in register.FIRMS}
    )
    agreed: dict[str, UUID] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.walk.clock.now

    def work(self, who: Actor) -> AbstractContextManager[Work]:
        return self.walk.desk.work(who)

    def staff(self, story: Story, role: str) -> Actor:
        return self.people[role if story.authority == "derby-city" else f"{role}_county"]

    def begin(self, story: Story) -> None:
        """Let a story begin so early that its first competition opens when it should."""
        chance = Random(story.key)  # noqa: S311  # the same demo every time
        opens = self._ago(story.opened, story, chance)
        first = self._ago(story.empty_first, story, chance) if story.empty_first else opens
        lead = self._pace(story) * (len(story.sections) + 1) + (timedelta(days=1) if story.exception else timedelta(0))
        self.walk.begin(first - lead, self._tell(story, first, opens, chance))

    def _tell(self, story: Story, first: datetime, opens: datetime, chance: Random) -> Steps:
        referral_id = yield from self._write(story)
        if story.empty_first:
            yield first
            empty = self._publish(story, referral_id)
            yield empty.closes_at + timedelta(minutes=30)
        if story.parts:
            yield opens
            for told, opened in self._publish_parts(story, referral_id):
                self._invite(told, opened, chance)
                self.walk.begin(opened.closes_at, self._decide(told, opened, chance))
        elif story.reaches >= Reach.OPEN:
            yield opens
            follows = empty.competition_id if story.empty_first else None
            opened = self._publish(story, referral_id, follows)
            self._invite(story, opened, chance)
            yield from self._decide(story, opened, chance)
        if story.withdrawn:
            running = story.reaches is Reach.OPEN  # no weekend in between, or it would have closed
            yield self.now + OFFERED if running else self._office(self.now + timedelta(hours=2), story, chance)
            with self.work(self.staff(story, "placements")) as work:
                flow.withdraw_referral(work, referral_id, story.withdrawn)
            self.walk.post_waits = True

    def _write(self, story: Story) -> Generator[datetime, None, UUID]:
        writer = self.staff(story, "placements")
        if not story.typed:
            with self.work(writer) as work:
                return flow.raise_referral(work, story.document).referral_id
        with self.work(writer) as work:
            referral_id = flow.start_referral(work).referral_id
        for section in story.sections:
            yield self.now + self._pace(story)
            with self.work(writer) as work:
                flow.save_section(work, referral_id, section, story.part(section))
        if story.refused or story.exception:
            with suppress(NotEligible), self.work(writer) as work, work.db.begin_nested():
                flow.raise_draft(work, referral_id)
        if story.exception:
            yield self.now + timedelta(days=1)
            with self.work(self.people["approver"]) as work:
                refusal = flow.refusal_of(work, referral_id)
                assert refusal is not None  # the story says that a rule refused
                flow.admit_exception(work, referral_id, refusal.rule, story.exception)
        if story.reaches >= Reach.RAISED:
            with self.work(writer) as work:
                flow.raise_draft(work, referral_id)
        return referral_id

    def _publish(self, story: Story, referral_id: UUID, follows: UUID | None = None) -> CompetitionOpened:
        with self.work(self.staff(story, "placements")) as work:
            if follows is None:
                opened = flow.open_competition(work, referral_id, story.weights)
            else:
                _, opened = flow.rerun_competition(work, follows, story.again)
        self.walk.alarm(opened.closes_at)
        self.walk.post_waits = True
        return opened

    def _publish_parts(self, story: Story, referral_id: UUID) -> list[tuple[Story, CompetitionOpened]]:
        with self.work(self.staff(story, "placements")) as work:
            both = open_parts(work, referral_id, story.weights)
        self.walk.post_waits = True
        for opened in both:
            self.walk.alarm(opened.closes_at)
        return [(story.of_part(part.value), opened) for part, opened in zip(splitting.PARTS, both, strict=True)]

    def _invite(self, story: Story, opened: CompetitionOpened, chance: Random) -> None:
        """Let every provider of the story come when it suits them, while the window is open."""
        links = {self.firms[invited.provider_id]: (invited, token) for invited, token in opened.links}
        ends = min(opened.closes_at, self.walk.until)
        # An offer for tomorrow is written during the day, one for today whenever there is time.
        latest = 0.3 if ends == opened.closes_at and not story.urgent else 0.8

        def comes() -> datetime:
            return self.now + (ends - self.now) * chance.uniform(0.1, latest)

        for firm in story.seen:
            self.walk.begin(comes(), self._look(*links[firm]))
        for plan in story.declines:
            self.walk.begin(comes(), self._decline(plan, *links[plan.by]))
        for offer in story.offers:
            self.walk.begin(comes(), self._offer(story, offer, *links[offer.by]))
        for question in story.asks:
            self.walk.begin(comes(), self._ask(story, question, opened, *links[question.by]))
        if story.extended:
            self.walk.begin(comes(), self._extend(story, story.extended, opened))

    def _look(self, invited: Invited, token: str) -> Steps:
        """Follow the link of the text message."""
        with self.work(SYSTEM) as work:
            flow.look_at_invitation(work, token)
        yield from ()

    def _decline(self, plan: DeclinePlan, invited: Invited, token: str) -> Steps:
        yield from self._look(invited, token)
        yield self.now + timedelta(seconds=70)
        with self.work(SYSTEM) as work:
            flow.decline(work, token, plan.reason, plan.note)

    def _ask(self, story: Story, plan: QuestionPlan, opened: CompetitionOpened, invited: Invited, token: str) -> Steps:
        yield from self._look(invited, token)
        yield self.now + timedelta(seconds=80)
        with self.work(SYSTEM) as work:
            asked = flow.ask_question(work, token, plan.asks)
        self.walk.post_waits = True
        if plan.answer:
            yield self.now + (timedelta(minutes=4) if story.urgent else ANSWERED)
            with self.work(self.staff(story, "coordinator")) as work:
                flow.answer_question(work, opened.competition_id, asked.id, plan.answer, plan.shown)
            self.walk.post_waits = True

    def _extend(self, story: Story, plan: ExtensionPlan, opened: CompetitionOpened) -> Steps:
        with self.work(self.staff(story, "coordinator")) as work:
            flow.extend_window(work, opened.competition_id, opened.closes_at + plan.more, plan.because)
        self.walk.alarm(opened.closes_at + plan.more)
        self.walk.post_waits = True
        yield from ()

    def _offer(self, story: Story, plan: OfferPlan, invited: Invited, token: str) -> Steps:
        key: str | UUID = token if plan.link else invited.invitation_id
        who = SYSTEM if plan.link else self._user(invited)
        with self.work(who) as work:
            gate = flow.look_at_invitation(work, key)
        for percent in (plan.price, plan.again):
            if percent is None:
                continue
            yield self.now + timedelta(seconds=90)
            code = None
            if isinstance(key, str):
                with self.work(SYSTEM) as work:
                    code = flow.send_code(work, key).code
                self.walk.post_waits = True
                yield self.now + timedelta(seconds=35)
            document = self._document(story, plan, percent, gate)
            flow.place_bid(self.walk.desk, who, key, document, code=code, request_key=None)
            self.walk.post_waits = True
        if plan.withdrawn:
            yield self.now + timedelta(minutes=25)
            with self.work(who) as work:
                flow.withdraw_bid(work, key)

    def _user(self, invited: Invited) -> Actor:
        """Give who signs in for a provider; most firms of the demo have nobody by name."""
        return self._user_of(invited.provider_id, invited.provider)

    def _user_of(self, provider_id: UUID, name: str) -> Actor:
        known = (who for who in self.people.values() if who.provider_id == provider_id)
        return next(known, Actor(Role.PROVIDER, name, provider_id=provider_id))

    def _document(self, story: Story, plan: OfferPlan, percent: int, gate: Gate) -> dict[str, object]:
        prices = stories.share(gate.tendered, percent)
        if Wants.SUPPORT not in gate.wants or gate.hours == 0:
            prices.pop("support_hourly", None)
        if Wants.ACCOMMODATION not in gate.wants:
            prices.pop("accommodation_weekly", None)
        start = day_in_london(self.now) + (timedelta(0) if story.urgent else timedelta(days=3))
        answers = {one.key: self.book.answer(plan.by, one, full=plan.full) for one in gate.questions}
        place = self.book.place(plan.by)
        return {**prices, "earliest_start": start.isoformat(), "place": place, "answers": answers}

    def _decide(self, story: Story, opened: CompetitionOpened, chance: Random) -> Steps:
        """Go on after the close, as far as the story reaches."""
        if story.reaches is Reach.OPEN or (story.reaches is Reach.CLOSED and not (story.withdrawn or story.rounds)):
            return
        yield opened.closes_at + (story.extended.more if story.extended else timedelta(0))
        yield from self._negotiate(story, opened, chance)
        if story.reaches is Reach.CLOSED:
            return
        yield self._office(self.now + timedelta(minutes=20), story, chance)
        ranking = self._evaluate(story, opened, chance)
        if story.none_suitable:
            yield self._office(self.now + timedelta(minutes=25), story, chance)
            with self.work(self.staff(story, "coordinator")) as work:
                flow.give_up(work, opened.competition_id, story.none_suitable)
            self.walk.post_waits = True
        if story.reaches is Reach.EVALUATED:
            return
        award_id = None
        for choice in story.choices:
            yield self._office(self.now + timedelta(minutes=25), story, chance)
            award_id = yield from self._choose(story, choice, opened.competition_id, ranking, chance)
        if story.reaches is Reach.AGREED and award_id and story.stay:
            yield self._office(self.now + timedelta(minutes=30), story, chance)
            yield from self._agree(story, award_id, story.stay)

    def _negotiate(self, story: Story, opened: CompetitionOpened, chance: Random) -> Steps:
        """Let both sides propose a bespoke package in turn, and answer as far as the story goes."""
        invitations = {self.firms[invited.provider_id]: invited for invited, _ in opened.links}
        for plan in story.rounds:
            invited = invitations[plan.offer]
            council, firm = self.staff(story, "coordinator"), self._user(invited)
            ours, theirs = (council, firm) if plan.by == "council" else (firm, council)
            yield self._office(self.now + timedelta(minutes=40), story, chance)
            package = {"accommodation_weekly": plan.accommodation_weekly, "support_hourly": plan.support_hourly}
            with self.work(ours) as work:
                document = {**package, "hours": str(plan.hours), "words": plan.words}
                proposed = propose_round(work, invited.invitation_id, document)
            self.walk.post_waits = True
            if plan.answer:
                yield self._office(self.now + timedelta(minutes=50), story, chance)
                with self.work(theirs) as work:
                    answer_round(work, proposed.round_id, RoundVerb(plan.answer))
                self.walk.post_waits = True

    def _evaluate(self, story: Story, opened: CompetitionOpened, chance: Random) -> tuple[Ranked, ...]:
        plans = {register.provider_id(plan.by): plan for plan in story.offers}
        with self.work(self.staff(story, "coordinator")) as work:
            held = competitions.competition(work.db, story.authority, opened.competition_id)
            scores: dict[UUID, dict[str, int]] = {
                bid.id: {
                    question.key: plan.points or chance.choice((4, 5) if plan.full else (2, 3))
                    for question in held.questions
                }
                for bid in competitions.bids(work.db, story.authority, held.id)
                for plan in (plans[bid.provider_id],)
            }
            return flow.evaluate(work, held.id, scores)

    def _choose(
        self, story: Story, choice: ChoicePlan, competition_id: UUID, ranking: tuple[Ranked, ...], chance: Random
    ) -> Generator[datetime, None, UUID]:
        with self.work(self.staff(story, "coordinator")) as work:
            bid_id = ranking[choice.choose - 1].bid_id
            award_id = flow.award(work, competition_id, bid_id, choice.because).award_id
        self.walk.post_waits = True
        for word in choice.funding:
            yield self._office(self.now + timedelta(minutes=30), story, chance)
            with self.work(self.people[word.by]) as work:
                flow.decide_funding(work, award_id, word.say, word.reason)
            self.walk.post_waits |= word.say == "refuse"
        return award_id

    def _agree(self, story: Story, award_id: UUID, stay: StayPlan) -> Steps:
        """Agree the start; both accept what has begun, and the provider of a later one is still to accept it."""
        starts_on, ends_on = stay.days(day_in_london(self.walk.until))
        with self.work(self.staff(story, "coordinator")) as work:
            met_on = None if stay.waiver else min(work.today, starts_on)
            agreed = flow.open_agreement(work, award_id, starts_on, ends_on, met_on, stay.waiver)
            lives.accept_agreement(work, agreed.agreement_id)
        self.agreed[story.key] = agreed.agreement_id
        if starts_on <= day_in_london(self.walk.until):
            firm = self._user_of(agreed.provider_id, "The provider")
            with self.work(firm) as work:
                lives.accept_agreement(work, agreed.agreement_id)
        for due_on in agreed.reviews:
            self.walk.alarm(morning_of(due_on))
        self.walk.alarm(midnight_of(starts_on))
        self.walk.alarm(midnight_of(ends_on + timedelta(days=1)))
        self.walk.post_waits = True
        if agreed.information_due_at is not None and self.now + SHARED < self.walk.until:
            yield self.now + SHARED
            with self.work(self.staff(story, "placements")) as work:
                lives.share_information(work, agreed.agreement_id)
        yield from self._review(story, agreed)

    def _review(self, story: Story, agreed: AgreementOpened) -> Steps:
        """Hold each review on its day; what was due is a little nearer every time."""
        for level, (review_id, due_on) in enumerate(zip(agreed.review_ids, agreed.reviews, strict=True), start=1):
            held_at = morning_of(due_on) + timedelta(hours=5)
            if held_at >= self.walk.until:
                return
            yield held_at
            with self.work(self.staff(story, "placements")) as work:
                made = flow.agreement_of(work, agreed.agreement_id)
                case = referral_store.referral(work.db, work.authority, made.referral_id, flow.editions()).new.case
                found = Found(
                    due_on,
                    tuple(Attendance(role, True) for role in sorted(REVIEWERS)),
                    tuple(Progress(key, min(level, PROGRESS[-1]), "") for key, _ in made.outcomes),
                    case.answers,
                    Decision.SAME,
                    frozenset({Plan.SUPPORT}),
                )
                record_review(work, agreed.agreement_id, review_id, found)
            self.walk.post_waits = True

    def evening(self) -> Steps:
        """Make the page of the night for each council, which sets the evenings that follow."""
        nights.begin(self.walk.desk.work, tuple(one.key for one in register.AUTHORITIES))
        self.walk.alarm(next_evening(self.now, SHEET_AT))
        self.walk.post_waits = True
        yield from ()

    def _pace(self, story: Story) -> timedelta:
        return timedelta(minutes=1) if story.urgent else WRITING

    def _ago(self, long: timedelta, story: Story, chance: Random) -> datetime:
        """Count back from now; what is older happened by day, and unless urgent on a working day."""
        at = self.walk.until - long
        if long < LINGERS:
            return at
        day = day_in_london(at)
        while day.weekday() > FRIDAY and not story.urgent:
            day -= timedelta(days=1)
        opening = datetime.combine(day, OFFICE[0], LONDON) + timedelta(minutes=chance.randrange(40, 300))
        return opening.astimezone(UTC)

    def _office(self, at: datetime, story: Story, chance: Random) -> datetime:
        """Give the instant, or what is not urgent the next morning in the office."""
        local, (opens, shuts) = at.astimezone(LONDON), OFFICE
        if story.urgent or (local.weekday() <= FRIDAY and opens <= local.time() < shuts):
            return at
        day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
        while day.weekday() > FRIDAY:
            day += timedelta(days=1)
        return (datetime.combine(day, opens, LONDON) + timedelta(minutes=chance.randrange(3, 40))).astimezone(UTC)
