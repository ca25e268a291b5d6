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
    BidRefusedLate,
    BidsEvaluated,
    BidsOpened,
    BidWithdrawn,
    CodeSent,
    CompetitionCancelledBy,
    CompetitionClosed,
    CompetitionGivenUp,
    CompetitionOpened,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
    InvitationDeclined,
    InviteeNotReached,
    NextStepDecided,
    QuestionAnswered,
    QuestionAsked,
    SealFoundBroken,
    TextAnswered,
    WindowExtended,
)
from brokerage.competitions.model import Ranked, TextAnswer, Weights
from brokerage.desk.clock import morning_of, short_time
from brokerage.people.model import Role
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
)
from lots.model import ProviderId
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
    | BidRefusedLate
    | InvitationDeclined
    | TextAnswered
    | InviteeNotReached
    | CompetitionClosed
    | BidsOpened
    | SealFoundBroken
    | CompetitionCancelledBy
    | WindowExtended
    | CompetitionGivenUp
    | NextStepDecided
    | QuestionAsked
    | QuestionAnswered
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


def of(event: Event) -> Consequences:  # noqa: C901  # one case an event, so that none is forgotten
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
        case TextAnswered():
            return _text_answered(event)
        case InviteeNotReached():
            return _not_reached(event)
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
        case WindowExtended():
            return _extended(event)
        case CompetitionGivenUp():
            return _given_up(event)
        case QuestionAsked():
            path = f"/competitions/{event.competition_id}/questions"
            params = {"reference": event.reference}
            notice = Notice("question_asked", Role.COORDINATOR, EMAIL, event.question_id, params, path)
            return Consequences(notices=(notice,))
        case QuestionAnswered():
            return _answered(event)
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
            | BidRefusedLate()
            | InvitationDeclined()
            | BidsOpened()
            | BidsEvaluated()
            | NextStepDecided()
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


def _extended(event: WindowExtended) -> Consequences:
    params = {
        "reference": event.reference,
        "closes": short_time(event.closes_at),
        "closed_before": short_time(event.closed_before),
    }
    notices = tuple(
        Notice(
            "window_extended",
            provider,
            BOTH,
            invitation,
            params,
            f"/offers/{invitation}",
            expires_at=event.closes_at,
        )
        for invitation, provider in event.invited
    )
    close = SetTimer(TimerKind.CLOSE_COMPETITION, event.competition_id, event.closes_at)
    return Consequences((close,), notices)


def _answered(event: QuestionAnswered) -> Consequences:
    """Tell everybody invited, with a link and without the words: those are on the page alone."""
    params = {"reference": event.reference, "closes": short_time(event.closes_at)}
    return Consequences(
        notices=tuple(
            Notice(
                "question_answered",
                provider,
                EMAIL,
                event.question_id,
                params,
                f"/offers/{invitation}",
                expires_at=event.closes_at,
            )
            for invitation, provider in event.invited
        )
    )


def _given_up(event: CompetitionGivenUp) -> Consequences:
    scored = {row.provider_id: _scores(row, event.weights) for row in event.ranking}
    return Consequences(
        notices=tuple(
            Notice(
                "outcome_none_suitable",
                provider,
                BOTH,
                event.competition_id,
                {"reference": event.reference, "scores": scored.get(ProviderId(provider), "")},
                "/provider",
            )
            for provider in event.bidders
        )
    )


def _text_answered(event: TextAnswered) -> Consequences:
    params = {"reference": event.reference}
    if event.closes_at is not None:
        params["closes"] = short_time(event.closes_at)
    whom, about, until = event.provider_id, event.text_id, event.expires_at
    match event.answer:
        case TextAnswer.LINK:
            notice = Notice("reply_link", whom, SMS, about, params, f"/b/{event.token}", expires_at=until)
        case TextAnswer.DECLINED:
            notice = Notice("reply_declined", whom, SMS, about, params, expires_at=until)
        case TextAnswer.OFFER_STANDS:
            notice = Notice("reply_offer_stands", whom, SMS, about, params, expires_at=until)
        case TextAnswer.HELP:
            notice = Notice("reply_help", whom, SMS, about, params, expires_at=until)
        case _:
            assert_never(event.answer)
    return Consequences(notices=(notice,))


def _not_reached(event: InviteeNotReached) -> Consequences:
    params = {
        "reference": event.reference,
        "provider": event.provider,
        "phone": event.phone,
        "email": event.email,
        "medium": event.medium,
        "why": event.why,
        "other": event.other,
    }
    path = f"/competitions/{event.competition_id}"
    notice = Notice("invitee_not_reached", Role.COORDINATOR, EMAIL, event.message_id, params, path)
    return Consequences(notices=(notice,))


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
