"""What decides in a competition: its window and life cycle, who gets in, how offers are ranked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from brokerage.competitions.errors import (
    AlreadyOpened,
    AlreadySupported,
    BeingOpened,
    BidTooLate,
    CompetitionCancelled,
    FundingNotOpen,
    NotFunded,
    NotNow,
    NotOpenYet,
    OverTendered,
    ReasonNeeded,
    SamePerson,
    StillSealed,
    WindowOver,
)
from brokerage.competitions.model import (
    Award,
    AwardState,
    Bid,
    Competition,
    Ending,
    Gate,
    Invitation,
    Offer,
    Package,
    Profile,
    Question,
    Ranked,
    State,
    Verb,
    Weights,
    Window,
)
from brokerage.competitions.rules.differing import allowed
from lots.model import Wants
from lots.rules import over_tendered, weekly_cost

WINDOWS: Final[Mapping[str, timedelta]] = {"urgent": timedelta(hours=1), "standard": timedelta(hours=24)}
"""Offers are due within 1 hour or 24 hours, elapsed, day and night (DPS spec 3.3.1, A21, S3)."""

NIGHT: Final = (time(22), time(8))
"""When an authority may let urgent requests wait for the morning (S3's setting)."""

CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
"""A code is good for ten minutes and five tries, once (S9)."""

BEST_SCORE: Final = 5
"""Answers are scored 0 to 5 (S12)."""

MOST_LATE: Final = 20
"""Late offers of one invitation that are kept: a storm of them must not fill the record."""

REASON_LEAST: Final = 10
"""A reason that is asked for has at least so many characters: "ok" explains nothing."""

LONDON: Final = ZoneInfo("Europe/London")
CENT: Final = Decimal("0.01")

MOVES: Final[Mapping[tuple[State, Verb], State]] = {
    (State.OPEN, Verb.CLOSE): State.CLOSED,
    (State.OPEN, Verb.CLOSE_EMPTY): State.UNSUCCESSFUL,
    (State.OPEN, Verb.CANCEL): State.CANCELLED,
    (State.CLOSED, Verb.OPEN_BIDS): State.CLOSED,
    (State.CLOSED, Verb.NEGOTIATE): State.CLOSED,
    (State.CLOSED, Verb.AWARD): State.AWARDED,
    (State.CLOSED, Verb.CANCEL): State.CANCELLED,
    (State.CLOSED, Verb.GIVE_UP): State.UNSUCCESSFUL,
    (State.AWARDED, Verb.REVOKE): State.CLOSED,
    (State.AWARDED, Verb.CANCEL): State.CANCELLED,
}


def move(state: State, verb: Verb) -> State:
    """Give the state that `verb` leads to. Raises NotNow."""
    try:
        return MOVES[state, verb]
    except KeyError:
        raise NotNow(state, verb) from None


def window(urgency: str, now: datetime, *, waits_for_morning: bool) -> Window:
    """Give the window of a competition published now: one instant for all (S1, S3).

    Only where the authority set it, an urgent request published between 22:00 and 08:00 London time
    opens at 08:00.
    """
    opens = now.astimezone(UTC)  # a day added in a local zone is 23 or 25 hours long twice a year
    local = now.astimezone(LONDON)
    night_starts, night_ends = NIGHT
    if waits_for_morning and urgency == "urgent" and not night_ends <= local.time() < night_starts:
        day = local.date() if local.time() < night_ends else local.date() + timedelta(days=1)
        opens = datetime.combine(day, night_ends, LONDON).astimezone(UTC)
    return Window(opens, opens + WINDOWS[urgency])


def age_band(age: int) -> str:
    """Give the band providers see instead of an age (S7)."""
    return "16-17" if age < 18 else "18-20" if age < 21 else "21-24"


def questions(outcomes: Iterable[tuple[str, str]], weights: Weights) -> tuple[Question, ...]:
    """List what every offer answers: each outcome, the risks, and social value where it weighs (A22, A24)."""
    asked = [Question(key, f"How will you help to reach this outcome: {text}", "quality") for key, text in outcomes]
    asked.append(
        Question(
            "risk",
            "How will you manage the risks, above all where accommodation is shared?",
            "quality",
        )
    )
    if weights.social_value:
        asked.append(Question("social_value", "What social value will this placement bring locally?", "social_value"))
    return tuple(asked)


def priced_hours(profile: Profile) -> Decimal:
    """Give the hours that are bought: none when support is bought elsewhere (A23)."""
    return profile.hours if Wants.SUPPORT in profile.wants else Decimal(0)


def admit_until_close(gate: Gate) -> None:
    """Let a provider take an offer back or decline. Raises CompetitionCancelled, NotOpenYet, WindowOver."""
    try:
        admit(gate, "")
    except BidTooLate as late:
        raise WindowOver(late.closed_at) from None


def admit(gate: Gate, digest: str) -> None:
    """Let an offer in, or say why not; decided by comparison alone (A21, S2).

    Raises CompetitionCancelled, NotOpenYet, BidTooLate. A state of closed means that the window was
    seen to be over, so a clock that steps back opens nothing again.
    """
    if gate.state is State.CANCELLED:
        raise CompetitionCancelled(gate.reference)
    if gate.now < gate.window.opens_at:
        raise NotOpenYet(gate.window.opens_at)
    if gate.now not in gate.window or gate.state is not State.OPEN:
        raise BidTooLate(gate.now, gate.window.closes_at, digest)


def check_price(gate: Gate, offer: Offer) -> None:
    """Refuse an offer above a tendered price, naming both, unless more was agreed for a difference of category.

    A bespoke package is priced freely (A10). Raises OverTendered (A11, A22, S11).
    """
    if gate.bespoke:
        return
    for item, offered, tendered in over_tendered(offer.price, allowed(gate.tendered, gate.agreed)):
        raise OverTendered(item.value, offered, tendered if tendered is not None else Decimal("0.00"))


MOST_LINKS: Final = 5
"""Links an invitation may have, its first one included: a spoofed sender must not make us flood a phone (C12)."""


def new_token() -> str:
    """Make an unguessable link token of 128 bits."""
    return secrets.token_urlsafe(16)


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def secret_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def code_hash(invitation_id: UUID, code: str) -> bytes:
    """Hash a code together with its invitation, so that it serves no other one."""
    return secret_hash(f"{invitation_id}:{code}")


def closing(ending: Ending, bids: int, now: datetime) -> Verb:
    """Say how a window ends. Raises NotNow while it is still running."""
    if now < ending.window.closes_at:
        raise NotNow(ending.state, Verb.CLOSE)
    return Verb.CLOSE if bids else Verb.CLOSE_EMPTY


def unseal(competition: Competition, now: datetime) -> None:
    """Let offers be read only once the window is over and the seal opened. Raises StillSealed, BeingOpened."""
    if now < competition.window.closes_at:
        raise StillSealed(competition.window.closes_at)
    if competition.state is State.OPEN or (competition.state is State.CLOSED and competition.unsealed_at is None):
        raise BeingOpened(competition.window.closes_at)


def check_opening(competition: Competition, now: datetime) -> None:
    """Let the seal be opened: once, after the close, while an offer is still wanted (A21).

    Raises StillSealed, AlreadyOpened, and NotNow where there is nothing to open.
    """
    if competition.unsealed_at is not None:
        raise AlreadyOpened(competition.unsealed_at)
    if now < competition.window.closes_at or competition.state is State.OPEN:
        raise StillSealed(competition.window.closes_at)
    move(competition.state, Verb.OPEN_BIDS)


def rank(
    competition: Competition,
    bids: Sequence[Bid],
    invitations: Mapping[UUID, Invitation],
    scores: Mapping[UUID, Mapping[str, int]],
) -> tuple[Ranked, ...]:
    """Rank offers by the published weights, with the working of each (A24, S12, S13).

    Price: lowest weekly cost / this one x weight. Quality and social value: points of the greatest
    possible points x weight. A tie goes to the higher quality, then the lower cost, then the earlier
    receipt. Each part is rounded half up to a hundredth; parts add up to the total.
    """
    costs = {bid.id: cost_of(competition, bid, invitations[bid.invitation_id]) for bid in bids}
    lowest = min((cost for cost, _ in costs.values()), default=Decimal(0))
    rows = []
    for bid in bids:
        cost, lines = costs[bid.id]
        price, price_line = _price_score(lowest, cost, competition.weights.price)
        quality, quality_line = _points(competition, scores[bid.id], "quality", competition.weights.quality)
        social, social_line = _points(competition, scores[bid.id], "social_value", competition.weights.social_value)
        total = price + quality + social
        working = (*lines, price_line, quality_line, social_line, f"Total: {price} + {quality} + {social} = {total}")
        rows.append((bid, cost, price, quality, social, total, working))
    rows.sort(key=lambda row: (-row[5], -row[3], row[1], row[0].received_at, row[0].version, str(row[0].id)))
    return tuple(
        Ranked(
            bid.id,
            bid.provider_id,
            place,
            price,
            quality,
            social,
            total,
            cost,
            cost <= competition.budget_weekly,
            bid.received_at,
            working,
        )
        for place, (bid, cost, price, quality, social, total, working) in enumerate(rows, start=1)
    )


def cost_of(competition: Competition, bid: Bid, invitation: Invitation) -> tuple[Decimal, tuple[str, ...]]:
    """Reckon what an offer would cost the council a week, with the lines (S21, S22, S23)."""
    return cost_of_package(competition, offered(competition, bid), invitation)


def offered(competition: Competition, bid: Bid) -> Package:
    """Give what an offer stands for: its prices for the hours that were asked."""
    return Package(priced_hours(competition.profile), bid.offer.price)


def cost_of_package(
    competition: Competition, package: Package, invitation: Invitation
) -> tuple[Decimal, tuple[str, ...]]:
    """Reckon what a package would cost the council a week, with the lines (S21, S22, S23)."""
    reckoned = weekly_cost(
        package.price,
        package.hours,
        competition.housing_benefit_weekly,
        competition.profile.beds,
        invitation.block_discount,
    )
    return reckoned.total, tuple(f"{line.text}: £{line.amount:,}" for line in reckoned.lines)


def check_scores(
    competition: Competition, bids: Sequence[Bid], scores: Mapping[UUID, Mapping[str, int]]
) -> tuple[tuple[str, str], ...]:
    """List what is missing or wrong in a set of scores, as (place, message)."""
    faults: list[tuple[str, str]] = []
    standing = {bid.id for bid in bids}
    asked = {question.key for question in competition.questions}
    for bid_id, given in scores.items():
        if bid_id not in standing:
            faults.append((f"/scores/{bid_id}", "This offer does not stand in this competition"))
            continue
        for key, value in given.items():
            if key not in asked:
                faults.append((f"/scores/{bid_id}/{key}", f"{key} is not a question of this competition"))
            elif isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= BEST_SCORE:
                faults.append((f"/scores/{bid_id}/{key}", f"A score is a whole number from 0 to {BEST_SCORE}"))
    for bid in bids:
        for question in competition.questions:
            if question.key not in scores.get(bid.id, {}):
                faults.append((f"/scores/{bid.id}/{question.key}", f"Score this answer from 0 to {BEST_SCORE}"))
    return tuple(faults)


def check_choice(ranking: Sequence[Ranked], chosen: Ranked, reason: str, *, negotiated: bool = False) -> None:
    """Ask for a reason where the choice is not the plain one (S14, A10). Raises ReasonNeeded."""
    if len(reason.strip()) >= REASON_LEAST:
        return
    if negotiated:
        raise ReasonNeeded("negotiated", chosen.rank)
    if len(ranking) == 1:
        raise ReasonNeeded("only_offer", 1)
    if chosen.rank != 1:
        raise ReasonNeeded("not_top", chosen.rank)


def check_wanted(competition: Competition) -> None:
    """Refuse to go on with an award whose referral was withdrawn. Raises CompetitionCancelled."""
    if competition.state is State.CANCELLED:
        raise CompetitionCancelled(competition.reference)


def check_funding(award: Award, approver: UUID) -> None:
    """Let a person decide on the money of an award (S16). Raises SamePerson, FundingNotOpen, AlreadySupported."""
    if award.state is not AwardState.AWAITING_FUNDING:
        raise FundingNotOpen(award.state.value)
    if award.awarded_by == approver:
        raise SamePerson
    if any(step.approver == approver for step in award.funding):
        raise AlreadySupported


def funded_by(award: Award, limit: Decimal, beside: Decimal = Decimal(0)) -> bool:
    """Say whether one more approver with this weekly limit settles the money (S16).

    Within the limit one is enough; above it a second approver decides with the first. `beside` is what the other
    part of the placement costs a week: the limit is held against both, so that a split slips under none (A23).
    """
    return award.weekly_cost + beside <= limit or bool(award.funding)


def check_funded(award: Award) -> None:
    """Refuse a start date before the money is authorised (A26). Raises NotFunded."""
    if award.state is not AwardState.FUNDED:
        raise NotFunded(award.state.value)


def _price_score(lowest: Decimal, cost: Decimal, weight: int) -> tuple[Decimal, str]:
    score = Decimal(weight) if cost == lowest else lowest / cost * weight
    score = score.quantize(CENT, rounding=ROUND_HALF_UP)
    return score, f"Price: lowest £{lowest:,} / this £{cost:,} x {weight} = {score}"


def _points(competition: Competition, scores: Mapping[str, int], weighed_as: str, weight: int) -> tuple[Decimal, str]:
    keys = [question.key for question in competition.questions if question.weighed_as == weighed_as]
    title = weighed_as.replace("_", " ").capitalize()
    if not keys:
        return Decimal("0.00"), f"{title}: no question, weight {weight}"
    got, best = sum(scores[key] for key in keys), BEST_SCORE * len(keys)
    score = (Decimal(got) / best * weight).quantize(CENT, rounding=ROUND_HALF_UP)
    return score, f"{title}: {got} of {best} points x {weight} = {score}"
