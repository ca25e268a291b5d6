"""What follows from what happens in a mini-competition."""

from __future__ import annotations

from typing import assert_never

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
    DifferenceAnswered,
    DifferenceProposed,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
    InvitationDeclined,
    InviteeNotReached,
    NextStepDecided,
    QuestionAnswered,
    QuestionAsked,
    RoundAnswered,
    RoundProposed,
    SealFoundBroken,
    TextAnswered,
    WindowExtended,
)
from brokerage.competitions.model import Ranked, TextAnswer, Weights
from brokerage.desk.clock import short_time
from brokerage.desk.consequences.model import BOTH, EMAIL, NOTHING, SMS, Consequences, Notice, SetTimer, TimerKind
from brokerage.people.model import Role
from lots.model import ProviderId, Wants
from lots.store import category

Event = (
    BidAwarded
    | BidPlaced
    | BidRefusedLate
    | BidsEvaluated
    | BidsOpened
    | BidWithdrawn
    | CodeSent
    | CompetitionCancelledBy
    | CompetitionClosed
    | CompetitionGivenUp
    | CompetitionOpened
    | DifferenceAnswered
    | DifferenceProposed
    | FundingAuthorised
    | FundingRefused
    | FundingSupported
    | InvitationDeclined
    | InviteeNotReached
    | NextStepDecided
    | QuestionAnswered
    | QuestionAsked
    | RoundAnswered
    | RoundProposed
    | SealFoundBroken
    | TextAnswered
    | WindowExtended
)


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
        case DifferenceProposed() | DifferenceAnswered():
            return _difference(event)
        case RoundProposed() | RoundAnswered():
            return _round(event)
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
        case (
            BidPlaced()
            | BidRefusedLate()
            | BidsEvaluated()
            | BidsOpened()
            | BidWithdrawn()
            | FundingAuthorised()
            | FundingSupported()
            | InvitationDeclined()
            | NextStepDecided()
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
        "package": "bespoke" if event.bespoke else f"cat {profile.category.value}",
        "asked": "home only" if event.part is Wants.ACCOMMODATION else f"{profile.hours.normalize():f}h/wk",
        "wanted": _wanted(event),
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


def _wanted(event: CompetitionOpened) -> str:
    """Say what is bought, and of a part what is not (A23)."""
    if event.part is None:
        return " and ".join(sorted(event.profile.wants))
    other = next(one for one in Wants if one != event.part)
    return f"{event.part}; {other} by another offer, of yours or of another provider"


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


def _difference(event: DifferenceProposed | DifferenceAnswered) -> Consequences:
    """Tell the other party, with a link and without the words."""
    to = Role.COORDINATOR if event.by_provider else event.provider_id
    path = (
        f"/competitions/{event.competition_id}/differences"
        if event.by_provider
        else f"/offers/{event.invitation_id}/difference"
    )
    params = {"reference": event.reference}
    if isinstance(event, DifferenceProposed):
        return Consequences(notices=(Notice("difference_proposed", to, EMAIL, event.difference_id, params, path),))
    params |= {"state": event.state}
    return Consequences(notices=(Notice("difference_answered", to, EMAIL, event.difference_id, params, path),))


def _round(event: RoundProposed | RoundAnswered) -> Consequences:
    """Tell the other party of a negotiation, with a link and without words or money."""
    to = Role.COORDINATOR if event.by_provider else event.provider_id
    params, path = {"reference": event.reference}, f"/offers/{event.invitation_id}/negotiation"
    if isinstance(event, RoundProposed):
        return Consequences(notices=(Notice("round_proposed", to, BOTH, event.round_id, params, path),))
    params |= {"state": event.state}
    return Consequences(notices=(Notice("round_answered", to, BOTH, event.round_id, params, path),))


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
            {"reference": event.reference, "weekly_cost": _weekly(event)},
            f"/awards/{event.award_id}",
        ),
    ]
    for row in event.ranking:
        if row.provider_id != event.provider_id:
            params = {"reference": event.reference, "scores": _scores(row, event.weights)}
            notices.append(Notice("outcome_not_awarded", row.provider_id, BOTH, event.award_id, params, "/provider"))
    return Consequences(notices=tuple(notices))


def _weekly(event: BidAwarded) -> str:
    """Write what is to be authorised, and in a placement of two parts what both come to (A23)."""
    alone = f"£{event.weekly_cost:,.2f}"
    return f"{alone}, £{event.weekly_cost + event.beside:,.2f} with the other part" if event.beside else alone


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
