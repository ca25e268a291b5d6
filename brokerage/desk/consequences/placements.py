"""What follows from what happens to a placement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import assert_never
from uuid import UUID

from brokerage.desk.clock import morning_of
from brokerage.desk.consequences.model import EMAIL, NOTHING, Consequences, Notice, SetTimer, TimerKind
from brokerage.people.model import Role
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
from placements.model import Party

Event = (
    AgreementAccepted
    | AgreementEnded
    | AgreementOpened
    | AgreementStarted
    | AgreementVaried
    | ConcernAcknowledged
    | ConcernRaised
    | ExtraReviewPlanned
    | HoursRecorded
    | NoticeGiven
    | ReviewFellDue
    | ReviewFellLate
    | ReviewHeld
    | SupportPlanMade
    | VariationAwaitsFunding
    | VariationDropped
    | VariationProposed
    | WeekSigned
)


def of(event: Event) -> Consequences:  # one case an event, so that none is forgotten
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case AgreementOpened():
            return _agreed(event)
        case AgreementVaried():
            return Consequences(_review_timers(_planned(event)), _varied(event))
        case VariationProposed() | VariationDropped() | VariationAwaitsFunding():
            return Consequences(notices=_of_variation(event))
        case NoticeGiven():
            return Consequences(notices=_notice_given(event))
        case AgreementEnded():
            return Consequences(notices=_ended(event))
        case ReviewHeld() | ExtraReviewPlanned():
            return Consequences(_review_timers(_planned(event)))
        case (
            AgreementAccepted()
            | AgreementStarted()
            | ConcernAcknowledged()
            | ConcernRaised()
            | HoursRecorded()
            | ReviewFellDue()
            | ReviewFellLate()
            | SupportPlanMade()
            | WeekSigned()
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


def _varied(event: AgreementVaried) -> tuple[Notice, ...]:
    params = {"reference": event.reference, "effective_on": _day(event.effective_on), "ends_on": _day(event.ends_on)}
    return tuple(
        Notice("agreement_varied", to, EMAIL, event.variation_id, params, f"/variations/{event.variation_id}")
        for to in (event.provider_id, Role.COORDINATOR)
    )


def _of_variation(event: VariationProposed | VariationDropped | VariationAwaitsFunding) -> tuple[Notice, ...]:
    path, about = f"/variations/{event.variation_id}", event.variation_id
    params = {"reference": event.reference}
    if isinstance(event, VariationProposed):
        to = Role.COORDINATOR if event.proposed_by is Party.PROVIDER else event.provider_id
        params |= {"effective_on": _day(event.effective_on)}
        return (Notice("variation_proposed", to, EMAIL, about, params, path),)
    if isinstance(event, VariationAwaitsFunding):
        # The first word of two was said by somebody who was told with all the others.
        params |= {"weekly_cost": f"£{event.weekly_after:,.2f}", "funded": f"£{event.funded_weekly:,.2f}"}
        return () if event.supported_by else (Notice("variation_funding", Role.APPROVER, EMAIL, about, params, path),)
    params |= {"state": event.state.value}
    return tuple(
        Notice("variation_dropped", to, EMAIL, about, params, path) for to in (event.provider_id, Role.COORDINATOR)
    )


def _notice_given(event: NoticeGiven) -> tuple[Notice, ...]:
    """Tell both parties: each has the last day in writing."""
    path = f"/agreements/{event.agreement_id}/notice"
    params = {"reference": event.reference, "served_on": _day(event.served_on), "last_on": _day(event.last_on)}
    return tuple(
        Notice("notice_given", to, EMAIL, event.agreement_id, params, path)
        for to in (event.provider_id, Role.COORDINATOR)
    )


def _ended(event: AgreementEnded) -> tuple[Notice, ...]:
    path = f"/agreements/{event.agreement_id}/end"
    params = {"reference": event.reference, "ended_on": _day(event.ended_on)}
    return tuple(
        Notice("agreement_ended", to, EMAIL, event.agreement_id, params, path)
        for to in (event.provider_id, Role.COORDINATOR)
    )


def _planned(event: AgreementVaried | ReviewHeld | ExtraReviewPlanned) -> Iterable[tuple[UUID, date]]:
    if isinstance(event, ExtraReviewPlanned):
        return ((event.review_id, event.due_on),)
    return zip(event.planned_ids, event.planned, strict=True)


def _review_timers(planned: Iterable[tuple[UUID, date]]) -> tuple[SetTimer, ...]:
    return tuple(SetTimer(TimerKind.REVIEW_DUE, review_id, morning_of(due_on)) for review_id, due_on in planned)


def _day(day: date) -> str:
    return f"{day:%A} {day:%d} {day:%B %Y}".replace(" 0", " ")
