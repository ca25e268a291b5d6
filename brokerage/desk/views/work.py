"""What waits for one person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import (
    Award,
    AwardState,
    Competition,
    Counts,
    State,
)
from brokerage.desk import store
from brokerage.desk.flow.parts import cost_beside
from brokerage.desk.flow.sights import look_at_listed
from brokerage.desk.pulse import SILENT
from brokerage.desk.views.awards import limit_of
from brokerage.desk.views.competitions import ToEvaluate, message_counts, to_evaluate
from brokerage.desk.views.concerns import OpenConcern, open_concerns
from brokerage.desk.views.standing import Waiting, waiting
from brokerage.desk.views.variations import Waiting as WaitingVariation
from brokerage.desk.views.variations import waiting as waiting_variations
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import ListedReferral
from brokerage.referrals.model import State as ReferralState
from lots import store as lots
from lots.model import CategoryCode, Price
from lots.rules import pounds, registration_on
from placements import store as placements
from placements.model import Agreement, AlarmedWeek, Review

MOST_LISTED: Final = 20
"""So many reviews, and placements to decide about, are listed."""

SHORTEST: Final = 5
"""So many weeks of hours to look at are named."""


@dataclass(frozen=True, slots=True)
class ToFund:
    """An award whose money waits to be decided; `weekly_cost` is that of both parts where there are two (A23)."""

    award: Award
    competition: Competition
    weekly_cost: Decimal


@dataclass(frozen=True, slots=True)
class MyWork:
    """What waits for somebody, what closes next first. `limit` is what an approver may authorise a week.

    `alarms` counts the weeks of hours to look at, `shortest` are the newest few; `more_reviews` says
    that not all are listed.
    """

    open: tuple[tuple[Competition, Counts], ...]
    to_evaluate: tuple[ToEvaluate, ...]
    to_agree: tuple[tuple[Award, Competition], ...]
    to_fund: tuple[ToFund, ...]
    drafts: tuple[ListedReferral, ...]
    raised: tuple[ListedReferral, ...]
    bespoke: tuple[ListedReferral, ...]
    reviews: tuple[tuple[Agreement, Review], ...]
    failing_timers: int
    worker_silent: bool
    limit: Decimal
    standing: tuple[Waiting, ...]
    more_standing: int
    more_reviews: bool
    concerns: tuple[OpenConcern, ...]
    alarms: int
    shortest: tuple[AlarmedWeek, ...]
    variations: tuple[WaitingVariation, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """What a category costs in the middle of the register, and of how many tenders that is the middle."""

    price: Price
    providers: int


def median_rate(work: Work, category: CategoryCode) -> Rate:
    """Give the medians of a category's tendered prices today, for a what-if (matrix.md)."""
    work.require(Permission.SEE_REGISTER)
    held = [
        found
        for _, registrations in lots.register(work.db)
        if (found := registration_on(registrations, category, work.today))
    ]

    def middle(prices: Iterable[Decimal | None]) -> Decimal | None:
        known = [price for price in prices if price is not None]
        return pounds(median(known)) if known else None

    tendered = [one.tendered for one in held]
    accommodation = middle(one.accommodation_weekly for one in tendered)
    return Rate(Price(accommodation, middle(one.support_hourly for one in tendered)), len(held))


def my_work(work: Work) -> MyWork:
    """Gather what waits for the asker, what closes next first."""
    may = {permission: people_rules.may(work.actor, permission) for permission in Permission}
    # Awarded ones stay awarded for ever, so they are looked up one by one where they wait for somebody.
    sees = may[Permission.SEE_COMPETITION]
    running = competition_store.competitions(work.db, work.authority, (State.OPEN,)) if sees else ()
    closed = competition_store.competitions(work.db, work.authority, (State.CLOSED,))
    states = (ReferralState.DRAFT, ReferralState.RAISED, ReferralState.BESPOKE)
    listed: tuple[ListedReferral, ...] = ()
    if may[Permission.RAISE_REFERRAL]:
        listed = look_at_listed(work, referral_store.listed(work.db, work.authority, states), "my work")

    def awards(state: AwardState) -> tuple[tuple[Award, Competition], ...]:
        found = competition_store.awards(work.db, work.authority, state)
        return tuple((one, competition_store.competition(work.db, work.authority, one.competition_id)) for one in found)

    def referrals(state: ReferralState) -> tuple[ListedReferral, ...]:
        return tuple(one for one in listed if one.state is state)

    until = work.today + timedelta(days=28)
    upcoming: tuple[Review, ...] = ()
    if may[Permission.SEE_AGREEMENT]:
        upcoming = placements.upcoming_reviews(work.db, work.authority, until, MOST_LISTED + 1)
    agreed = placements.agreements_among(work.db, work.authority, {one.agreement_id for one in upcoming})
    beat, undecided = store.last_beat(work.db), waiting(work)
    return MyWork(
        tuple((one, message_counts(work, one)) for one in running),
        tuple(to_evaluate(work, one) for one in closed) if may[Permission.EVALUATE] else (),
        awards(AwardState.FUNDED) if may[Permission.OPEN_AGREEMENT] else (),
        tuple(
            ToFund(award, one, award.weekly_cost + cost_beside(work, one))
            for award, one in (awards(AwardState.AWAITING_FUNDING) if may[Permission.AUTHORISE_FUNDING] else ())
        ),
        referrals(ReferralState.DRAFT),
        referrals(ReferralState.RAISED),
        referrals(ReferralState.BESPOKE),
        tuple((agreed[one.agreement_id], one) for one in upcoming[:MOST_LISTED] if one.agreement_id in agreed),
        store.failing_timers(work.db, work.authority),
        beat is None or work.now - beat > SILENT,
        limit_of(work),
        undecided[:MOST_LISTED],
        len(undecided[MOST_LISTED:]),
        len(upcoming) > MOST_LISTED,
        open_concerns(work) if may[Permission.ACKNOWLEDGE_CONCERN] else (),
        placements.count_alarms(work.db, work.authority) if may[Permission.REVIEW_PLACEMENT] else 0,
        placements.alarmed_weeks(work.db, work.authority, SHORTEST) if may[Permission.REVIEW_PLACEMENT] else (),
        waiting_variations(work),
    )
