"""What the specification says may happen to an agreement, its reviews and its variations: tables of state and deed.

Written from the requirements (A30 to A34, S16 to S18) and not from the rules: it imports nothing of the code it judges,
knows states and refusals by their names only, and reckons days by the calendars of `tests/proof/calendar.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from tests.proof.calendar import expected_review, works

DAY: Final = timedelta(days=1)
SAME: Final = "="

# A cell is the state that follows, `=` for nothing new, or every refusal that would be right, parted by a bar.
# What days and money add to a cell is said by the verbs of `Life`.
AGREEMENT: Final = """
state         | accept provider_a | accept coordinator | start         | first_day | notice        | end           | last_day | vary          | extra         | plan
opened        | part_provider     | part_council       | NotNow        | =         | NotNow        | ended         | ended    | =             | =             | =
part_provider | AlreadyAccepted   | accepted           | NotNow        | =         | NotNow        | ended         | ended    | =             | =             | =
part_council  | accepted          | AlreadyAccepted    | NotNow        | =         | NotNow        | ended         | ended    | =             | =             | =
accepted      | AlreadyAccepted   | AlreadyAccepted    | started       | started   | NotNow        | ended         | ended    | =             | =             | =
started       | AlreadyAccepted   | AlreadyAccepted    | NotNow        | =         | under_notice  | ended         | ended    | =             | =             | =
under_notice  | AlreadyAccepted   | AlreadyAccepted    | NotNow        | =         | UnderNotice   | ended         | ended    | =             | =             | =
ended         | AgreementOver     | AgreementOver      | AgreementOver | =         | AgreementOver | AgreementOver | =        | AgreementOver | AgreementOver | AgreementOver
"""  # noqa: E501  # a table is read by its columns
VARIATION: Final = """
state     | agree own          | agree other | refuse own         | refuse other | withdraw own | withdraw other        | fund   | no_money
proposed  | OwnProposal        | agreed      | OwnProposal        | refused      | withdrawn    | OthersProposal        | NotNow | NotNow
awaiting  | NotNow|OwnProposal | NotNow      | NotNow|OwnProposal | NotNow       | withdrawn    | OthersProposal        | agreed | refused
agreed    | NotNow|OwnProposal | NotNow      | NotNow|OwnProposal | NotNow       | NotNow       | NotNow|OthersProposal | NotNow | NotNow
refused   | NotNow|OwnProposal | NotNow      | NotNow|OwnProposal | NotNow       | NotNow       | NotNow|OthersProposal | NotNow | NotNow
withdrawn | NotNow|OwnProposal | NotNow      | NotNow|OwnProposal | NotNow       | NotNow       | NotNow|OthersProposal | NotNow | NotNow
"""  # noqa: E501  # a table is read by its columns
REVIEW: Final = """
state     | due | late | hold
planned   | due | late | held
due       | =   | late | held
overdue   | =   | late | held
escalated | =   | =    | held
held      | =   | =    | NotNow
dropped   | =   | =    | NotNow
"""

Table = dict[tuple[str, str], str]


def _table(text: str) -> Table:
    head, *lines = [[cell.strip() for cell in line.split(" | ")] for line in text.strip().splitlines()]
    return {(line[0], column): cell for line in lines for column, cell in zip(head[1:], line[1:], strict=True)}


AGREEMENTS: Final = _table(AGREEMENT)
VARIATIONS: Final = _table(VARIATION)
REVIEWS: Final = _table(REVIEW)

PARTIES: Final = {"provider_a": "provider", "coordinator": "council"}
STRANGERS: Final = {"provider_b", "coordinator_county"}
"""Another firm and another council: they are told that there is nothing."""
NOTICE_DAYS: Final = {"council_general": 30, "provider_general": 30, "provider_behaviour": 14, "young_person_asks": 14}
"""General and specific reasons (S18); every other reason used here ends a stay at once."""
OF_PROVIDER: Final = {"provider_general", "provider_behaviour", "young_person_asks", "young_person_left", "never_came"}
"""What a provider may say ends a placement: its own wish and the young person's."""
LIMITS: Final = {"approver": Decimal(600), "approver_2": Decimal(5000)}
MONTHS: Final = 12
"""The longest stay of the category (A30)."""
MOST_HOURS: Final = Decimal(25)
DEAR: Final = Decimal("999.00")


class Deed(NamedTuple):
    """One thing that somebody does. `on` is an anchor and the days from it; `pick` is which review or variation."""

    life: str
    verb: str
    who: str
    what: str = ""
    on: tuple[str, int] = ("today", 0)
    pick: int = 0

    @property
    def name(self) -> str:
        """Name the deed whatever it is done to."""
        return f"{self.verb} {self.who} {self.what} {self.on[0]}{self.on[1]:+d}"


@dataclass
class Review:
    due: date
    kind: str
    state: str = "planned"


@dataclass
class Variation:
    by: str
    what: str
    effective: date
    hours: Decimal | None
    ends: date | None
    weekly: Decimal
    state: str = "proposed"
    words: frozenset[str] = frozenset()


@dataclass
class Life:
    """One agreement as it ought to be. `versions` are those that hold: first day and hours, in order."""

    today: date
    start: date
    ends: date
    accommodation: Decimal
    support: Decimal
    funded: Decimal
    versions: list[tuple[date, Decimal]]
    reviews: list[Review]
    variations: list[Variation] = field(default_factory=list)
    state: str = "opened"
    noticed: date | None = None
    ended: date | None = None

    @property
    def last(self) -> date:
        return self.ends if self.ended is None else self.ended

    @property
    def phase(self) -> str:
        return "before" if self.today < self.start else "after" if self.today > self.last else "during"

    def at(self, today: date) -> Life:
        """Give a copy of its own, on another day."""
        return replace(
            self,
            today=today,
            versions=list(self.versions),
            reviews=[replace(one) for one in self.reviews],
            variations=[replace(one) for one in self.variations],
        )

    def day(self, on: tuple[str, int]) -> date:
        return {"today": self.today, "start": self.start, "last": self.last}[on[0]] + on[1] * DAY

    def key(self, deed: Deed) -> str:
        """Say in which state what the deed is done to is."""
        if deed.life == "agreement":
            return f"{self.state}, {self.phase}"
        over = ", ended" if self.state == "ended" else ""
        if deed.life == "review":
            return f"{self.reviews[deed.pick % len(self.reviews)].state}{over}"
        if not self.variations:
            return "none"
        found = self.variations[deed.pick % len(self.variations)]
        state = f"{found.state} by {found.by}" if found.state == "proposed" else found.state
        return f"{state}{', one word' if found.state == 'awaiting' and found.words else ''}{over}"

    def after(self, deed: Deed) -> tuple[Life, frozenset[str]]:
        """Give the life after a deed, and the refusals that are right; where there is one, nothing has changed."""
        new = self.at(self.today)
        why = frozenset(getattr(new, f"_{deed.life}")(deed))
        return (self, why) if why else (new, why)

    # --- the agreement ---

    def _agreement(self, deed: Deed) -> Iterator[str]:
        if deed.who in STRANGERS:
            yield "NoSuchAgreement"
            return
        if not self._may(deed):
            yield "NotAllowed"
            return
        column = f"{deed.verb} {deed.who}" if deed.verb == "accept" else deed.verb
        if deed.verb in ("concern", "hours"):  # what was given and what is feared is told whenever it is
            yield from self._hours(deed) if deed.verb == "hours" else ()
            return
        cell = AGREEMENTS[self.state, column]
        if cell[0].isupper():
            yield from cell.split("|")
        yield from getattr(self, f"_{deed.verb}")(deed, cell)

    def _may(self, deed: Deed) -> bool:
        of_council = deed.who == "coordinator"
        of_firm = deed.who == "provider_a"
        if deed.verb in ("accept", "vary", "hours"):
            return of_council or of_firm
        if deed.verb in ("notice", "end"):
            return of_council or (of_firm and deed.what.removesuffix(" untried") in OF_PROVIDER | {"planned"})
        if deed.verb in ("start", "extra"):
            return of_council
        if deed.verb in ("concern", "plan"):
            return of_firm
        return deed.who == "system"

    def _accept(self, _: Deed, cell: str) -> Iterator[str]:
        self.state = "started" if cell == "accepted" and self.today >= self.start else cell
        yield from ()

    def _start(self, _: Deed, cell: str) -> Iterator[str]:
        if self.state == "accepted" and self.today < self.start:
            yield "NotItsDay"
        self.state = cell

    def _first_day(self, _: Deed, cell: str) -> Iterator[str]:
        if cell != SAME and self.today >= self.start:
            self.state = cell
        yield from ()

    def _notice(self, deed: Deed, cell: str) -> Iterator[str]:
        reason, served = deed.what.removesuffix(" untried"), self.day(deed.on)
        if reason not in NOTICE_DAYS:
            yield "NoticeNotPossible"
        if reason != deed.what:
            yield "OptionsNotExplored"
        if served > self.today:
            yield "StillToCome"
        if not self.start <= served <= self.ends:
            yield "OutsideStay"
        last = served + NOTICE_DAYS.get(reason, 0) * DAY
        if last >= self.ends:
            yield "EndsSooner"
        self.state, self.noticed, self.ends = cell, served, last
        self._cut(last)

    def _end(self, deed: Deed, cell: str) -> Iterator[str]:
        on = self.day(deed.on)
        if on >= self.start and on > self.today:
            yield "StillToCome"
        if deed.what == "planned":
            if on != self.ends:
                yield "NotTheLastDay"
        elif deed.what in NOTICE_DAYS:
            yield "NoticeNeeded"
        else:  # who never came may be said to have left on the eve
            began = self.state in ("started", "under_notice", "ended")
            if not self.start - (not began) * DAY <= on <= self.ends:
                yield "OutsideStay"
        self._over(cell, on)

    def _last_day(self, _: Deed, cell: str) -> Iterator[str]:
        if cell != SAME and self.today > self.ends:
            self._over(cell, self.ends)
        yield from ()

    def _over(self, state: str, on: date) -> None:
        self.state, self.ended = state, on
        self._cut(on)
        for one in self.variations:
            if one.state in ("proposed", "awaiting"):
                one.state = "withdrawn"

    def _cut(self, last: date) -> None:
        """Let nothing hold and nothing be planned after a day."""
        self.versions = [one for one in self.versions if one[0] <= last]
        for one in self.reviews:
            if one.state == "planned" and one.due > last:
                one.state = "dropped"

    def _extra(self, deed: Deed, _: str) -> Iterator[str]:
        wanted, first = self.day(deed.on), max(self.today, self.start)
        if not first <= wanted <= self.ends:
            yield "OutsideStay"
        due = wanted
        while not works(due):
            due -= DAY
        self.reviews.append(Review(due if due >= first else wanted, "extra"))

    def _plan(self, _: Deed, __: str) -> Iterator[str]:
        yield from ()

    def _hours(self, deed: Deed) -> Iterator[str]:
        on = self.day(deed.on)
        if on > self.today:
            yield "StillToCome"
        if not self.start <= on <= self.last:
            yield "OutsideStay"

    # --- its variations ---

    def _vary(self, deed: Deed, _: str) -> Iterator[str]:
        effective, what = self.day(deed.on), deed.what
        ends = {"shorter": self.ends - 20 * DAY, "longer": self.ends + 60 * DAY, "too long": self.ends + 400 * DAY}.get(
            what, effective - DAY if what == "too short" else None
        )
        now = self.versions[-1][1] if self.versions else Decimal(0)
        hours = Decimal(what.removeprefix("hours ")) if what.startswith("hours") else None
        weekly = self.accommodation + self.support * (now if hours is None else hours)
        made = Variation(PARTIES[deed.who], what, effective, hours, ends, weekly)
        if any(one.state in ("proposed", "awaiting") for one in self.variations):
            yield "VariationOpen"
        if hours == now or (ends is not None and ends == self.ends):
            yield "ChangesNothing"
        if hours is not None and hours > MOST_HOURS:
            yield "MoreThanBespoke"
        if what == "dear":
            yield "AboveLimit"
        if ends is not None and ends > max(self.ends, _later(self.start, MONTHS)):
            yield "TooLong"
        yield from self._days_of(made)
        self.variations.append(made)

    def _days_of(self, one: Variation) -> Iterator[str]:
        """Say what of its days keeps a variation from holding: it begins in the stay, after the version before it."""
        if not self.start <= one.effective <= self.ends:
            yield "OutsideStay"
        if self.versions and one.effective <= self.versions[-1][0]:
            yield "OutOfOrder"
        if one.ends is not None and one.ends < one.effective:
            yield "NewEndTooEarly"
        if one.ends is not None and self.state == "under_notice":
            yield "UnderNotice"

    def _variation(self, deed: Deed) -> Iterator[str]:
        if not self.variations or deed.who in STRANGERS:
            yield "NoSuchVariation"
            if deed.who not in STRANGERS and not self._answers(deed):
                yield "NotAllowed"
            return
        if not self._answers(deed):
            yield "NotAllowed"
            return
        one = self.variations[deed.pick % len(self.variations)]
        own = "own" if PARTIES.get(deed.who) == one.by else "other"
        cell = VARIATIONS[one.state, deed.verb if deed.verb in ("fund", "no_money") else f"{deed.verb} {own}"]
        if cell[0].isupper():
            yield from cell.split("|")
            return
        if cell != "agreed":
            one.state = cell
            return
        if deed.verb == "fund" and deed.who in one.words:
            yield "SameHand"
        yield from self._days_of(one)
        if deed.verb == "agree" and one.weekly > self.funded:
            one.state = "awaiting"
        elif deed.verb == "fund" and one.weekly > LIMITS[deed.who] and not one.words:
            one.words |= {deed.who}
        else:
            self._holds(one)

    def _answers(self, deed: Deed) -> bool:
        if deed.verb in ("fund", "no_money"):
            return deed.who in LIMITS
        return deed.who in PARTIES

    def _holds(self, one: Variation) -> None:
        one.state = "agreed"
        hours = self.versions[-1][1] if one.hours is None else one.hours
        self.versions.append((one.effective, hours))
        self.funded = max(self.funded, one.weekly)
        if one.ends is None:
            return
        before, self.ends = self.ends, one.ends
        self._cut(self.ends)
        kept = {review.due for review in self.reviews if review.state != "dropped"}
        number = 0
        while (due := expected_review(self.start, number)) <= self.ends:
            if due >= min(before, self.ends) and due not in kept:  # no day gets a second review
                self.reviews.append(Review(due, "series"))
            number += 1

    # --- its reviews ---

    def _review(self, deed: Deed) -> Iterator[str]:
        one = self.reviews[deed.pick % len(self.reviews)]
        cell = REVIEWS[one.state, deed.verb]
        if deed.verb == "hold":
            yield from self._hold(deed, cell)
            one.state = cell
        elif self.state != "ended" and cell != SAME:
            if cell == "due" and self.today < one.due:
                yield "ReviewNotDueYet"
            one.state = cell if cell == "due" else self._how_late(one)

    def _hold(self, deed: Deed, cell: str) -> Iterator[str]:
        if deed.who in STRANGERS:
            yield "NoSuchAgreement" if deed.who == "coordinator_county" else "NotAllowed"
            return
        if deed.who != "coordinator":
            yield "NotAllowed"
            return
        held = self.day(deed.on)
        if self.state == "ended":
            yield "AgreementOver"
        if cell[0].isupper():
            yield cell
        if held > self.today:
            yield "StillToCome"
        if not self.start <= held <= self.ends:
            yield "OutsideStay"
        if deed.what == "alone":
            yield "ReviewersMissing"
        if deed.what == "in part":
            yield "OutcomesDiffer"

    def _how_late(self, one: Review) -> str:
        late = (self.today - one.due).days
        return "escalated" if late >= 7 else "overdue" if late >= 1 else one.state


def _later(on: date, months: int) -> date:
    """Walk calendar months on; every month has the day, since no stay here starts after the 28th."""
    assert on.day <= 28
    year, month = on.year, on.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, on.day)


def _vary(who: str, what: str, anchor: str = "today", days: int = 7) -> Deed:
    return Deed("agreement", "vary", who, what, (anchor, days))


def _of(verb: str, who: str, what: str = "", anchor: str = "today", days: int = 0) -> Deed:
    return Deed("agreement", verb, who, what, (anchor, days))


BEGINNINGS: Final = (
    *(_of("accept", who) for who in ("provider_a", "coordinator", "provider_b", "auditor")),
    *(_of("start", who) for who in ("coordinator", "provider_a", "coordinator_county")),
    _of("first_day", "system"),
)
CHANGES: Final = (
    *(_vary(who, what) for who in ("coordinator", "provider_a") for what in ("hours 4", "hours 10", "hours 25")),
    *(_vary("coordinator", "hours 10", *on) for on in (("today", -3), ("start", -1), ("start", 0), ("start", 10))),
    *(_vary("coordinator", "hours 4", *on) for on in (("last", 0), ("last", 1))),
    *(_vary("provider_a", what, "start", 10) for what in ("hours 4", "hours 25", "shorter", "longer")),
    *(_vary("coordinator", what) for what in ("shorter", "longer", "too long", "too short", "dear", "hours 26")),
    *(_vary(who, "hours 4") for who in ("auditor", "coordinator_county", "provider_b")),
)
ENDS: Final = (
    _of("notice", "coordinator", "council_general"),
    _of("notice", "provider_a", "provider_behaviour"),
    _of("notice", "coordinator", "young_person_asks", "today", -10),
    _of("notice", "coordinator", "council_general", "today", 1),
    _of("notice", "coordinator", "council_general", "start", -1),
    _of("notice", "coordinator", "council_general untried"),
    _of("notice", "coordinator", "council_allegation"),
    _of("notice", "provider_a", "council_general"),
    _of("notice", "auditor", "council_general"),
    _of("end", "coordinator", "planned", "last"),
    _of("end", "provider_a", "planned", "last"),
    _of("end", "coordinator", "planned"),
    _of("end", "provider_a", "young_person_left"),
    _of("end", "coordinator", "council_allegation", "today", -1),
    _of("end", "coordinator", "both_agree", "today", 1),
    _of("end", "coordinator", "both_agree", "last", 1),
    _of("end", "coordinator", "never_came", "start", -1),
    _of("end", "coordinator", "council_general"),
    _of("end", "provider_a", "council_allegation"),
    _of("end", "provider_b", "young_person_left"),
    _of("end", "coordinator_county", "both_agree"),
    _of("last_day", "system"),
)
MEANWHILE: Final = (
    *(_of("extra", "coordinator", "", *on) for on in (("today", 0), ("today", 7), ("today", -1), ("last", 0))),
    *(_of("extra", "coordinator", "", *on) for on in (("last", 1), ("start", 0), ("start", 3))),
    _of("extra", "provider_a", "", "today", 7),
    *(_of("concern", who) for who in ("provider_a", "coordinator", "provider_b")),
    *(_of("hours", "provider_a", "", "today", days) for days in (-1, 0, 1)),
    *(_of("hours", "coordinator", "", "last", days) for days in (0, 1)),
    *(_of("plan", who) for who in ("provider_a", "coordinator")),
)
OF_REVIEWS: Final = (
    *(Deed("review", verb, "system") for verb in ("due", "late")),
    *(Deed("review", "hold", "coordinator", what) for what in ("", "alone", "in part")),
    *(Deed("review", "hold", "coordinator", "", ("today", days)) for days in (-1, 1)),
    *(Deed("review", "hold", who) for who in ("provider_a", "coordinator_county")),
)
OF_VARIATIONS: Final = (
    *(Deed("variation", verb, who) for verb in ("agree", "refuse", "withdraw") for who in PARTIES),
    *(Deed("variation", "agree", who) for who in ("provider_b", "coordinator_county", "auditor")),
    *(Deed("variation", "fund", who) for who in (*LIMITS, "coordinator")),
    *(Deed("variation", "no_money", who) for who in ("approver", "provider_a")),
)
DEEDS: Final = (*BEGINNINGS, *CHANGES, *ENDS, *MEANWHILE, *OF_REVIEWS, *OF_VARIATIONS)

PHASES: Final = ("before", "during", "after")
NEVER: Final = frozenset({"started, before", "under_notice, before"})
"""No stay starts before its first day."""


def every_pair() -> frozenset[tuple[str, str, str]]:
    """List each state of each life with each deed done to it."""
    lives = {
        "agreement": {f"{state}, {phase}" for state, _ in AGREEMENTS for phase in PHASES} - NEVER,
        "review": {f"{state}{over}" for state, _ in REVIEWS for over in ("", ", ended")},
        "variation": {"none", "proposed by council", "proposed by provider", "awaiting", "awaiting, one word"}
        | {f"{state}{over}" for state in ("agreed", "refused", "withdrawn") for over in ("", ", ended")},
    }
    return frozenset((one.life, state, one.name) for one in DEEDS for state in lives[one.life])
