"""What follows from an event: which timers, which messages. Pure; the only place that knows both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID

from brokerage.competitions.events import (
    BidAwarded,
    BidPlaced,
    BidsEvaluated,
    BidWithdrawn,
    CodeSent,
    CompetitionCancelledBy,
    CompetitionClosed,
    CompetitionOpened,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
    InvitationDeclined,
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
from placements.events import (
    AgreementAccepted,
    AgreementEnded,
    AgreementOpened,
    AgreementStarted,
    AgreementVaried,
    ConcernAcknowledged,
    ConcernRaised,
    ExtraReviewPlanned,
    HoursRecorded,
    NoticeGiven,
    ReviewFellDue,
    ReviewFellLate,
    ReviewHeld,
    SupportPlanMade,
    VariationAwaitsFunding,
    VariationDropped,
    VariationProposed,
    WeekSigned,
)

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
    | InvitationDeclined
    | CompetitionClosed
    | CompetitionCancelledBy
    | BidsEvaluated
    | BidAwarded
    | FundingSupported
    | FundingAuthorised
    | FundingRefused
    | AgreementOpened
    | ReviewFellDue
    | AgreementAccepted
    | AgreementStarted
    | VariationProposed
    | VariationAwaitsFunding
    | AgreementVaried
    | VariationDropped
    | ExtraReviewPlanned
    | ReviewFellLate
    | ReviewHeld
    | NoticeGiven
    | AgreementEnded
    | SupportPlanMade
    | HoursRecorded
    | WeekSigned
    | ConcernRaised
    | ConcernAcknowledged
)


class TimerKind(StrEnum):
    CLOSE_COMPETITION = "close_competition"
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
            return Consequences(notices=(notice,))
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
        case AgreementVaried() | ReviewHeld() | ExtraReviewPlanned():
            return Consequences(_review_timers(_planned(event)))
        case (
            ReferralStarted()
            | SectionSaved()
            | ExceptionAdmitted()
            | ReferralRaised()
            | ReferralWithdrawn()
            | BidPlaced()
            | BidWithdrawn()
            | InvitationDeclined()
            | BidsEvaluated()
            | FundingSupported()
            | FundingAuthorised()
            | ReviewFellDue()
            | AgreementAccepted()
            | AgreementStarted()
            | VariationProposed()
            | VariationAwaitsFunding()
            | VariationDropped()
            | ReviewFellLate()
            | NoticeGiven()
            | AgreementEnded()
            | SupportPlanMade()
            | HoursRecorded()
            | WeekSigned()
            | ConcernRaised()
            | ConcernAcknowledged()
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
    return Consequences(_review_timers(zip(event.review_ids, event.reviews, strict=True)), (notice,))


def _planned(event: AgreementVaried | ReviewHeld | ExtraReviewPlanned) -> Iterable[tuple[UUID, date]]:
    if isinstance(event, ExtraReviewPlanned):
        return ((event.review_id, event.due_on),)
    return zip(event.planned_ids, event.planned, strict=True)


def _review_timers(planned: Iterable[tuple[UUID, date]]) -> tuple[SetTimer, ...]:
    return tuple(SetTimer(TimerKind.REVIEW_DUE, review_id, morning_of(due_on)) for review_id, due_on in planned)


def _day(day: date) -> str:
    return f"{day:%A} {day:%d} {day:%B %Y}".replace(" 0", " ")
