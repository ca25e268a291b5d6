"""What follows from an event: which timers, which messages. Pure; the only place that knows both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID

from brokerage.competitions.events import (
    BidAwarded,
    BidPlaced,
    BidRefusedLate,
    BidsEvaluated,
    BidsOpened,
    BidWithdrawn,
    CodeSent,
    CompetitionCancelledBy,
    CompetitionClosed,
    CompetitionOpened,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
    InvitationDeclined,
    SealFoundBroken,
)
from brokerage.competitions.model import Ranked, Weights
from brokerage.desk.clock import morning_of, short_time
from brokerage.people.model import Role
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
)
from lots.store import category
from notifications.model import Medium
from placements.events import AgreementOpened, ReviewFellDue

Event = (
    ReferralStarted
    | SectionSaved
    | ExceptionAdmitted
    | ReferralRaised
    | ReferralWithdrawn
    | CompetitionOpened
    | CodeSent
    | BidPlaced
    | BidWithdrawn
    | BidRefusedLate
    | InvitationDeclined
    | CompetitionClosed
    | BidsOpened
    | SealFoundBroken
    | CompetitionCancelledBy
    | BidsEvaluated
    | BidAwarded
    | FundingSupported
    | FundingAuthorised
    | FundingRefused
    | AgreementOpened
    | ReviewFellDue
)


class TimerKind(StrEnum):
    CLOSE_COMPETITION = "close_competition"
    OPEN_BIDS = "open_bids"
    REVIEW_DUE = "review_due"


@dataclass(frozen=True, slots=True)
class SetTimer:
    kind: TimerKind
    subject_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to be written: to one provider, or to everybody of a role in the authority."""

    kind: str
    to: UUID | Role
    media: tuple[Medium, ...]
    subject_id: UUID
    params: Mapping[str, str]
    path: str | None = None
    code: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consequences:
    timers: tuple[SetTimer, ...] = ()
    notices: tuple[Notice, ...] = ()


NOTHING: Final = Consequences()
BOTH: Final = (Medium.SMS, Medium.EMAIL)
EMAIL: Final = (Medium.EMAIL,)
SMS: Final = (Medium.SMS,)


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case CompetitionOpened():
            return _opened(event)
        case CodeSent():
            notice = Notice(
                "code",
                event.provider_id,
                SMS,
                event.invitation_id,
                {"reference": event.reference},
                code=event.code,
                expires_at=event.expires_at,
            )
            return Consequences(notices=(notice,))
        case CompetitionClosed():
            params = {
                "reference": event.reference,
                "offers": str(event.bids),
                "closes": short_time(event.closes_at),
            }
            path = f"/competitions/{event.competition_id}"
            notice = Notice("competition_closed", Role.COORDINATOR, EMAIL, event.competition_id, params, path)
            opening = SetTimer(TimerKind.OPEN_BIDS, event.competition_id, event.closes_at)
            return Consequences((opening,) if event.bids else (), (notice,))
        case SealFoundBroken():
            path = f"/competitions/{event.competition_id}"
            return Consequences(
                notices=tuple(
                    Notice("seal_broken", role, EMAIL, event.bid_id, {"reference": event.reference}, path)
                    for role in (Role.COORDINATOR, Role.AUDITOR)
                )
            )
        case CompetitionCancelledBy():
            return Consequences(
                notices=tuple(
                    Notice("referral_cancelled", provider, BOTH, event.competition_id, {"reference": event.reference})
                    for provider in event.invited
                )
            )
        case BidAwarded():
            return _awarded(event)
        case FundingRefused():
            notice = Notice(
                "funding_refused",
                event.provider_id,
                EMAIL,
                event.award_id,
                {"reference": event.reference},
                "/provider",
            )
            return Consequences(notices=(notice,))
        case AgreementOpened():
            return _agreed(event)
        case (
            ReferralStarted()
            | SectionSaved()
            | ExceptionAdmitted()
            | ReferralRaised()
            | ReferralWithdrawn()
            | BidPlaced()
            | BidWithdrawn()
            | BidRefusedLate()
            | InvitationDeclined()
            | BidsOpened()
            | BidsEvaluated()
            | FundingSupported()
            | FundingAuthorised()
            | ReviewFellDue()
        ):
            return NOTHING
        case _:
            assert_never(event)


def _opened(event: CompetitionOpened) -> Consequences:
    profile = event.profile
    params = {
        "reference": event.reference,
        "urgency": event.urgency.capitalize(),
        "age_band": profile.age_band,
        "category": profile.category.value,
        "category_name": category(profile.category).title,
        "hours": f"{profile.hours.normalize():f}",
        "area": profile.outward_code,
        "closes": short_time(event.closes_at),
    }
    notices = tuple(
        Notice(
            "invitation",
            invited.provider_id,
            BOTH,
            invited.invitation_id,
            params,
            f"/b/{token}",
            expires_at=event.closes_at,
        )
        for invited, token in event.links
    )
    close = SetTimer(TimerKind.CLOSE_COMPETITION, event.competition_id, event.closes_at)
    return Consequences((close,), notices)


def _awarded(event: BidAwarded) -> Consequences:
    chosen = {"reference": event.reference}
    notices = [
        Notice("outcome_awarded", event.provider_id, BOTH, event.award_id, chosen, "/provider"),
        Notice(
            "funding_needed",
            Role.APPROVER,
            EMAIL,
            event.award_id,
            {"reference": event.reference, "weekly_cost": f"£{event.weekly_cost:,.2f}"},
            f"/awards/{event.award_id}",
        ),
    ]
    for row in event.ranking:
        if row.provider_id != event.provider_id:
            params = {"reference": event.reference, "scores": _scores(row, event.weights)}
            notices.append(Notice("outcome_not_awarded", row.provider_id, BOTH, event.award_id, params, "/provider"))
    return Consequences(notices=tuple(notices))


def _scores(row: Ranked, weights: Weights) -> str:
    """Write a bidder's own scores, and nobody else's (A24)."""
    return "\n".join(
        (
            f"Price: {row.price_score} of {weights.price}",
            f"Quality: {row.quality_score} of {weights.quality}",
            f"Social value: {row.social_value_score} of {weights.social_value}",
            f"Total: {row.total} of 100",
        )
    )


def _agreed(event: AgreementOpened) -> Consequences:
    first = event.first_review_on
    params = {
        "reference": event.reference,
        "agreement": event.reference,
        "starts_on": _day(event.starts_on),
        "first_review_on": _day(first) if first else "none, the stay is shorter than two weeks",
    }
    notice = Notice(
        "agreement_opened", event.provider_id, EMAIL, event.agreement_id, params, f"/agreements/{event.agreement_id}"
    )
    timers = tuple(
        SetTimer(TimerKind.REVIEW_DUE, review_id, morning_of(due_on))
        for review_id, due_on in zip(event.review_ids, event.reviews, strict=True)
    )
    return Consequences(timers, (notice,))


def _day(day: date) -> str:
    return f"{day:%A} {day:%d} {day:%B %Y}".replace(" 0", " ")
