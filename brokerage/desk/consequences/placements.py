"""What follows from what happens to a placement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import assert_never
from uuid import UUID

from brokerage.desk.clock import morning_of
from brokerage.desk.consequences import delivery
from brokerage.desk.consequences.model import EMAIL, NOTHING, Consequences, Notice, SetTimer, TimerKind
from placements.events import (
    AgreementAccepted,
    AgreementEnded,
    AgreementOpened,
    AgreementStarted,
    AgreementVaried,
    ConcernAcknowledged,
    ConcernEscalated,
    ConcernRaised,
    ExtraReviewPlanned,
    HoursLinkMade,
    HoursRecorded,
    LedgerExported,
    NoticeGiven,
    ReviewFellDue,
    ReviewFellLate,
    ReviewHeld,
    SupportPlanMade,
    VariationAwaitsFunding,
    VariationDropped,
    VariationProposed,
    WeekChecked,
    WeekSigned,
)

Event = (
    AgreementAccepted
    | AgreementEnded
    | AgreementOpened
    | AgreementStarted
    | AgreementVaried
    | ConcernAcknowledged
    | ConcernEscalated
    | ConcernRaised
    | ExtraReviewPlanned
    | HoursLinkMade
    | HoursRecorded
    | LedgerExported
    | NoticeGiven
    | ReviewFellDue
    | ReviewFellLate
    | ReviewHeld
    | SupportPlanMade
    | VariationAwaitsFunding
    | VariationDropped
    | VariationProposed
    | WeekChecked
    | WeekSigned
)


def of(event: Event) -> Consequences:  # one case an event, so that none is forgotten
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case AgreementOpened():
            return _agreed(event)
        case AgreementVaried() | ReviewHeld() | ExtraReviewPlanned():
            return Consequences(_review_timers(_planned(event)))
        case AgreementStarted():
            return Consequences((delivery.week_timer(event.authority, event.starts_on),))
        case WeekChecked() | WeekSigned() | ConcernRaised() | ConcernEscalated() | ConcernAcknowledged():
            return delivery.of(event)
        case (
            AgreementAccepted()
            | AgreementEnded()
            | HoursLinkMade()
            | HoursRecorded()
            | LedgerExported()
            | NoticeGiven()
            | ReviewFellDue()
            | ReviewFellLate()
            | SupportPlanMade()
            | VariationAwaitsFunding()
            | VariationDropped()
            | VariationProposed()
        ):
            return NOTHING
        case _:
            assert_never(event)


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
