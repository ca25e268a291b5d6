"""What follows from what happens to a placement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final, assert_never
from uuid import UUID

from brokerage.desk.clock import long_day, midnight_of, morning_of, short_time
from brokerage.desk.consequences import delivery
from brokerage.desk.consequences.model import EMAIL, NOTHING, Consequences, Notice, SetTimer, TimerKind
from brokerage.people.model import Role
from placements.events import (
    AgreementAccepted,
    AgreementEnded,
    AgreementNotStarted,
    AgreementOpened,
    AgreementStarted,
    AgreementVaried,
    AlarmRang,
    ConcernAcknowledged,
    ConcernEscalated,
    ConcernRaised,
    ExtraReviewPlanned,
    FullInformationShared,
    HoursLinkMade,
    HoursRecorded,
    IdentityReleased,
    InformationWarned,
    LedgerExported,
    MeetingHeld,
    MeetingPlanned,
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
from placements.model import AlarmKind, MeetingKind, OfAgreement, Party, ReviewState
from placements.rules import escalated_from, information_warnings, other_part, overdue_from

Event = (
    AgreementAccepted
    | AgreementEnded
    | AgreementNotStarted
    | AgreementOpened
    | AgreementStarted
    | AgreementVaried
    | AlarmRang
    | ConcernAcknowledged
    | ConcernEscalated
    | ConcernRaised
    | ExtraReviewPlanned
    | FullInformationShared
    | HoursLinkMade
    | HoursRecorded
    | IdentityReleased
    | InformationWarned
    | LedgerExported
    | MeetingHeld
    | MeetingPlanned
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

_COUNCIL: Final = (Role.COORDINATOR, Role.PLACEMENTS)
_MEETINGS: Final[Mapping[MeetingKind, str]] = {
    MeetingKind.MEETING: "a first meeting",
    MeetingKind.VISIT: "a visit to the home",
}


def of(event: Event) -> Consequences:  # noqa: C901  # one case an event, so that none is forgotten
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case AgreementOpened():
            return _agreed(event)
        case AgreementAccepted():
            other = Role.COORDINATOR if event.party is Party.PROVIDER else event.provider_id
            params = {"reference": event.reference, "party": event.party.value, "state": _accepted(event)}
            notice = Notice("agreement_accepted", other, EMAIL, event.agreement_id, params, _path(event))
            return Consequences(notices=(notice,))
        case AgreementNotStarted():
            params = {"reference": event.reference, "why": event.why, "starts_on": long_day(event.starts_on)}
            notice = Notice("not_started", Role.COORDINATOR, EMAIL, event.agreement_id, params, _path(event))
            return Consequences(notices=(notice,))
        case AgreementVaried():
            timers = (*_review_timers(_planned(event)), _end_timer(event.agreement_id, event.ends_on))
            return Consequences(timers, _varied(event))
        case VariationProposed() | VariationDropped() | VariationAwaitsFunding():
            return Consequences(notices=_of_variation(event))
        case NoticeGiven():
            return Consequences((_end_timer(event.agreement_id, event.last_on),), _notice_given(event))
        case AgreementEnded():
            return Consequences(notices=_ended(event))
        case AlarmRang():
            return _alarm(event)
        case IdentityReleased():
            params = {"reference": event.reference}
            notice = Notice("identity_released", event.provider_id, EMAIL, event.agreement_id, params, _path(event))
            return Consequences(notices=(notice,))
        case InformationWarned():
            return _information(event)
        case MeetingPlanned():
            params = {"reference": event.reference, "on": long_day(event.on), "what": _MEETINGS[event.kind]}
            notice = Notice("meeting_planned", event.provider_id, EMAIL, event.meeting_id, params, "/provider")
            return Consequences(notices=(notice,))
        case ExtraReviewPlanned():
            params = {"reference": event.reference, "due_on": long_day(event.due_on)}
            notice = Notice(
                "review_planned", event.provider_id, EMAIL, event.review_id, params, _path(event, "/reviews")
            )
            return Consequences(_review_timers(_planned(event)), (notice,))
        case ReviewFellDue():
            return _review_due(event)
        case ReviewFellLate():
            return _review_late(event)
        case ReviewHeld():
            params = {"reference": event.reference, "held_on": long_day(event.held_on)}
            notice = Notice("review_held", event.provider_id, EMAIL, event.review_id, params, _path(event, "/reviews"))
            return Consequences(_review_timers(_planned(event)), (notice,))
        case AgreementStarted():
            return Consequences((delivery.week_timer(event.authority, event.starts_on),))
        case WeekChecked() | WeekSigned() | ConcernRaised() | ConcernEscalated() | ConcernAcknowledged():
            return delivery.of(event)
        case (
            FullInformationShared()
            | HoursLinkMade()
            | HoursRecorded()
            | LedgerExported()
            | MeetingHeld()
            | SupportPlanMade()
        ):
            return NOTHING
        case _:
            assert_never(event)


def _agreed(event: AgreementOpened) -> Consequences:
    first = event.first_review_on
    params = {
        "reference": event.reference,
        "agreement": event.reference,
        "starts_on": long_day(event.starts_on),
        "first_review_on": long_day(first) if first else "none, the stay is shorter than two weeks",
    }
    notice = Notice(
        "agreement_opened", event.provider_id, EMAIL, event.agreement_id, params, f"/agreements/{event.agreement_id}"
    )
    about = event.agreement_id
    timers = [
        *_review_timers(zip(event.review_ids, event.reviews, strict=True)),
        SetTimer(TimerKind.START_AGREEMENT, about, midnight_of(event.starts_on)),
        _end_timer(about, event.ends_on),
        *(SetTimer(TimerKind(alarm.kind.value), about, morning_of(alarm.on)) for alarm in event.alarms),
    ]
    if event.information_due_at is not None:
        warnings = information_warnings(event.information_due_at)
        timers += [SetTimer(TimerKind.INFORMATION_DUE, about, at) for at in warnings]
    return Consequences(tuple(timers), (notice,))


def _alarm(event: AlarmRang) -> Consequences:
    """Tell the council ahead of a birthday or a last night; the day itself stays out of the message (S7, S19)."""
    about, params, path = event.agreement_id, {"reference": event.reference}, _path(event)
    match event.alarm:
        case AlarmKind.EIGHTEEN_IN_90_DAYS:
            told = tuple(Notice("eighteen_in_ninety_days", role, EMAIL, about, params, path) for role in _COUNCIL)
        case AlarmKind.EIGHTEEN_IN_30_DAYS:
            told = tuple(Notice("eighteen_in_thirty_days", role, EMAIL, about, params, path) for role in _COUNCIL)
        case AlarmKind.LAST_NIGHT_ALLOWED:
            told = tuple(Notice("last_night_allowed", role, EMAIL, about, params, path) for role in _COUNCIL)
        case _:
            assert_never(event.alarm)
    return Consequences(notices=told)


def _information(event: InformationWarned) -> Consequences:
    """Ask the two who share it, and when it is late somebody above as well (A25)."""
    about, params, path = (
        event.agreement_id,
        {"reference": event.reference, "due": short_time(event.due_at)},
        _path(event, "/start"),
    )
    if event.late:
        above = (*_COUNCIL, Role.APPROVER)
        return Consequences(
            notices=tuple(Notice("information_late", role, EMAIL, about, params, path) for role in above)
        )
    until = information_warnings(event.due_at)[event.warning]  # no use once the next warning goes out
    return Consequences(
        notices=tuple(
            Notice("information_due", role, EMAIL, about, params, path, expires_at=until) for role in _COUNCIL
        )
    )


def _review_due(event: ReviewFellDue) -> Consequences:
    late = SetTimer(TimerKind.REVIEW_LATE, event.review_id, morning_of(overdue_from(event.due_on)))
    params = {"reference": event.reference, "due_on": long_day(event.due_on)}
    path = f"/agreements/{event.agreement_id}/reviews"
    return Consequences(
        (late,),
        tuple(
            Notice("review_due", to, EMAIL, event.review_id, params, path)
            for to in (Role.COORDINATOR, event.provider_id)
        ),
    )


def _review_late(event: ReviewFellLate) -> Consequences:
    """Remind of an overdue review, and set when it goes to somebody above; then tell them (A31)."""
    params = {"reference": event.reference, "due_on": long_day(event.due_on)}
    path = _path(event, "/reviews")
    if event.state is ReviewState.ESCALATED:
        above = (Role.APPROVER, Role.COMMISSIONER, Role.COORDINATOR)
        told = tuple(Notice("review_escalated", role, EMAIL, event.review_id, params, path) for role in above)
        return Consequences(notices=told)
    timer = SetTimer(TimerKind.REVIEW_LATE, event.review_id, morning_of(escalated_from(event.due_on)))
    notice = Notice("review_overdue", Role.COORDINATOR, EMAIL, event.review_id, params, path)
    return Consequences((timer,), (notice,))


def _end_timer(agreement_id: UUID, last_on: date) -> SetTimer:
    """Ring when the last day is over in London (S18)."""
    return SetTimer(TimerKind.END_AGREEMENT, agreement_id, midnight_of(last_on + timedelta(days=1)))


def _accepted(event: AgreementAccepted) -> str:
    return "both" if event.by_both else "one"


def _path(event: OfAgreement, page: str = "") -> str:
    return f"/agreements/{event.agreement_id}{page}"


def _varied(event: AgreementVaried) -> tuple[Notice, ...]:
    params = {
        "reference": event.reference,
        "effective_on": long_day(event.effective_on),
        "ends_on": long_day(event.ends_on),
    }
    return tuple(
        Notice("agreement_varied", to, EMAIL, event.variation_id, params, f"/variations/{event.variation_id}")
        for to in (event.provider_id, Role.COORDINATOR)
    )


def _of_variation(event: VariationProposed | VariationDropped | VariationAwaitsFunding) -> tuple[Notice, ...]:
    path, about = f"/variations/{event.variation_id}", event.variation_id
    params = {"reference": event.reference}
    if isinstance(event, VariationProposed):
        to = Role.COORDINATOR if event.proposed_by is Party.PROVIDER else event.provider_id
        params |= {"effective_on": long_day(event.effective_on)}
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
    params = {"reference": event.reference, "served_on": long_day(event.served_on), "last_on": long_day(event.last_on)}
    told = tuple(
        Notice("notice_given", to, EMAIL, event.agreement_id, params, path)
        for to in (event.provider_id, Role.COORDINATOR)
    )
    return told + _goes_on(event, event.last_on)


def _ended(event: AgreementEnded) -> tuple[Notice, ...]:
    path = f"/agreements/{event.agreement_id}/end"
    params = {"reference": event.reference, "ended_on": long_day(event.ended_on)}
    told = tuple(
        Notice("agreement_ended", to, EMAIL, event.agreement_id, params, path)
        for to in (event.provider_id, Role.COORDINATOR)
    )
    return told + _goes_on(event, event.ended_on)


def _goes_on(event: NoticeGiven | AgreementEnded, last_on: date) -> tuple[Notice, ...]:
    """Say to whom it concerns that the other part of a placement does not end with this one (A23)."""
    other = event.sibling
    if other is None:
        return ()
    ends = other_part(other.part).value
    params = {"part": ends, "other": other.part.value, "last_on": long_day(last_on)}
    return tuple(
        Notice("part_ends", to, EMAIL, other.agreement_id, params, f"/agreements/{other.agreement_id}")
        for to in (other.provider_id, Role.COORDINATOR)
    )


def _planned(event: AgreementVaried | ReviewHeld | ExtraReviewPlanned) -> Iterable[tuple[UUID, date]]:
    if isinstance(event, ExtraReviewPlanned):
        return ((event.review_id, event.due_on),)
    return zip(event.planned_ids, event.planned, strict=True)


def _review_timers(planned: Iterable[tuple[UUID, date]]) -> tuple[SetTimer, ...]:
    return tuple(SetTimer(TimerKind.REVIEW_DUE, review_id, morning_of(due_on)) for review_id, due_on in planned)
