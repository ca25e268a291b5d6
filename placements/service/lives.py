"""End agreements; keep plans, hours and concerns (A34, A35, A36, A38)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection

from placements import rules, store
from placements.errors import StillToCome
from placements.events import (
    AgreementEnded,
    ConcernAcknowledged,
    ConcernRaised,
    HoursRecorded,
    NoticeGiven,
    SupportPlanMade,
    WeekSigned,
)
from placements.model import (
    Agreement,
    AgreementId,
    AgreementVerb,
    Concern,
    ConcernId,
    ConcernKind,
    Ending,
    HoursAlarm,
    HoursEntry,
    PlanGoal,
    ReasonBook,
    ReviewId,
    SignOff,
    SupportPlan,
)
from placements.service.agreements import about
from placements.service.reviews import drop_reviews

NO_REASONS: Final[Mapping[date, str]] = {}


def give_notice(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    reason: str,
    served_on: date,
    options: tuple[str, ...],
    expected: bool | None,
    person_id: UUID,
    now: datetime,
    book: ReasonBook,
) -> NoticeGiven:
    """Give notice after the options were explored; the stay, its payments and reviews end with it (A34, S18).

    `expected` is a person's judgement, the reason's own where it is `None`. Raise `NoSuchAgreement`, `NoSuchReason` or
    the refusals of `check_notice`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    why = rules.end_reason(book, reason)
    last_on = rules.check_notice(agreement, why, served_on, options, rules.london_day(now))
    notice = Ending(
        agreement_id=agreement_id,
        by=why.by,
        reason=why.key,
        national=why.national,
        expected=why.expected if expected is None else expected,
        served_on=served_on,
        options=tuple(option for option in options if option.strip()),
        planned_on=agreement.ends_on,
        last_on=last_on,
        recorded_by=person_id,
        recorded_at=now,
    )
    store.save_ending(db, authority, notice)
    state = rules.move(agreement.state, AgreementVerb.GIVE_NOTICE)
    dropped = _cut_short(db, replace(agreement, state=state, ends_on=last_on, notice_on=served_on), last_on)
    return NoticeGiven(
        **about(agreement),
        by=notice.by,
        reason_code=notice.reason,
        national=notice.national,
        expected=notice.expected,
        served_on=served_on,
        planned_on=notice.planned_on,
        last_on=last_on,
        person_id=person_id,
        dropped=dropped,
        sibling=agreement.sibling,
    )


def end_agreement(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    reason: str | None,
    ended_on: date,
    move_on: str,
    expected: bool | None,
    person_id: UUID | None,
    now: datetime,
    book: ReasonBook,
) -> AgreementEnded:
    """End an agreement: on its last day, planned or by notice, or at once for a reason that needs none (A34).

    `expected` is a person's judgement, the notice's or the reason's own where it is `None`. `person_id` is `None` where
    the last day came by itself. Raise `NoSuchAgreement`, `NoSuchReason` or the refusals of `check_end`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    why = None if reason in (None, store.PLANNED) else rules.end_reason(book, reason)
    rules.check_end(agreement, why, ended_on, rules.london_day(now))
    notice = store.notice(db, authority, agreement_id)
    source = notice if why is None and notice is not None else why or book.ends[store.PLANNED]
    end = Ending(
        agreement_id=agreement_id,
        by=source.by,
        reason=source.reason if isinstance(source, Ending) else source.key,
        national=source.national,
        expected=source.expected if expected is None else expected,
        served_on=None if notice is None else notice.served_on,
        options=() if notice is None else notice.options,
        planned_on=agreement.ends_on if notice is None else notice.planned_on,
        last_on=ended_on,
        recorded_by=person_id,
        recorded_at=now,
        move_on=rules.move_on(book, move_on),
    )
    store.save_ending(db, authority, end)
    state = rules.move(agreement.state, AgreementVerb.END)
    dropped = _cut_short(db, replace(agreement, state=state, ended_on=ended_on), ended_on)
    return AgreementEnded(
        **about(agreement),
        by=end.by,
        reason_code=end.reason,
        national=end.national,
        expected=end.expected,
        planned_on=end.planned_on,
        ended_on=ended_on,
        move_on=move_on,
        person_id=person_id,
        dropped=dropped,
        sibling=agreement.sibling,
    )


def make_support_plan(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    goals: tuple[PlanGoal, ...],
    weekly: str,
    with_young_person: bool,
    person_id: UUID,
    now: datetime,
) -> SupportPlanMade:
    """Make the next version of the support plan; each agreed outcome has its place in it (A36).

    Raise `NoSuchAgreement`, `AgreementOver` or `OutcomesDiffer`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    rules.check_not_over(agreement)
    rules.check_outcomes(agreement, [goal.outcome for goal in goals if goal.how.strip()])
    number = len(store.support_plans(db, authority, agreement_id)) + 1
    store.save_support_plan(
        db, authority, SupportPlan(agreement_id, number, goals, weekly, with_young_person, person_id, now)
    )
    return SupportPlanMade(**about(agreement), number=number, with_young_person=with_young_person, person_id=person_id)


def record_hours(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    entries: tuple[HoursEntry, ...],
    person_id: UUID,
    now: datetime,
    *,
    whole: date | None = None,
    reasons: Mapping[date, str] = NO_REASONS,
) -> HoursRecorded:
    """Keep hours given; the last word on a day and kind stands, and a signature under other hours falls away (A35).

    With `whole`, a Monday, the entries are all that was given in its week: what else stood there goes. `reasons` say,
    by the week's Monday, why more was given than was bought; one that was given before still counts.
    Raise `NoSuchAgreement`, `OutsideStay`, `StillToCome` or `AboveCommissioned`.
    """
    touched = {rules.monday_of(each.on) for each in entries} | ({whole} if whole else set())
    if not touched:
        raise ValueError("hours are recorded for a day at least")
    agreement = store.hold_agreement(db, authority, agreement_id)
    rules.check_entries(agreement, entries, rules.london_day(now))
    first, last = min(touched), max(touched) + rules.WEEK - rules.DAY
    kept = {(each.on, each.kind): each for each in store.hours_given(db, authority, agreement_id, first, last)}
    new = {(each.on, each.kind): each for each in entries}
    changed = [each for key, each in new.items() if kept.get(key) != each]
    gone = [key for key in kept if rules.monday_of(key[0]) == whole and key not in new]
    after = {key: each for key, each in kept.items() if key not in gone} | new
    versions = store.versions(db, authority, agreement_id)
    found = [one for one in rules.weeks(versions, after.values(), first, last) if one.monday in touched]
    known = store.hours_reasons(db, authority, agreement_id)
    given = {week: reason.strip() for week, reason in reasons.items() if reason.strip()}
    rules.check_reasons(found, {**known, **given})
    store.drop_hours(db, authority, agreement_id, gone)
    store.save_hours(db, authority, agreement_id, changed, person_id, now)
    store.save_hours_reasons(db, authority, agreement_id, given, person_id, now)
    different = {rules.monday_of(each.on) for each in changed} | {rules.monday_of(on) for on, _ in gone}
    unsigned = store.drop_sign_offs(db, authority, agreement_id, different)
    well = [one.monday for one in found if not rules.is_short(one)]
    store.drop_alarms(db, authority, agreement_id, HoursAlarm.SHORT, well)
    return HoursRecorded(
        **about(agreement),
        entries=len(changed) + len(gone),
        from_on=min((each.on for each in entries), default=first),
        until_on=max((each.on for each in entries), default=last),
        unsigned=unsigned,
        person_id=person_id,
    )


def sign_week(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    week: date,
    signed: bool,
    reason: str | None,
    person_id: UUID,
    now: datetime,
) -> WeekSigned:
    """Keep that the young person signed a week's hours, or why not (A35); raise `NoSuchAgreement`, `NothingToSign`."""
    agreement = store.hold_agreement(db, authority, agreement_id)
    sign_off = SignOff(week, signed, reason, person_id, now)
    rules.check_sign_off(week, store.hours_given(db, authority, agreement_id, week, week + rules.WEEK - rules.DAY))
    store.save_sign_off(db, authority, agreement_id, sign_off)
    store.drop_alarms(db, authority, agreement_id, HoursAlarm.UNSIGNED, (week,))
    return WeekSigned(**about(agreement), week=week, signed=signed, person_id=person_id)


def raise_concern(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    kind: ConcernKind,
    known_at: datetime,
    words: str,
    person_id: UUID,
    now: datetime,
    action: str = "",
) -> ConcernRaised:
    """Tell the council of a concern or an incident, also late, also after the end (A38).

    Raise `NoSuchAgreement`, or `StillToCome` where it was known in the future.
    """
    agreement = store.agreement(db, authority, agreement_id)
    if known_at > now:
        raise StillToCome(rules.london_day(known_at), rules.london_day(now))
    concern = Concern(
        authority=authority,
        id=ConcernId(uuid4()),
        agreement_id=agreement_id,
        kind=kind,
        known_at=known_at,
        due_by=rules.due_by(kind, known_at),
        told_at=now,
        told_by=person_id,
        words=words,
        acknowledge_by=rules.acknowledge_by(now),
        action=action,
    )
    store.save_concern(db, concern)
    return ConcernRaised(
        **about(agreement),
        concern_id=concern.id,
        kind=kind,
        known_at=known_at,
        due_by=concern.due_by,
        told_at=now,
        acknowledge_by=concern.acknowledge_by,
        late=concern.late,
        person_id=person_id,
    )


def acknowledge_concern(
    db: Connection, authority: str, concern_id: ConcernId, person_id: UUID, now: datetime, next_step: str = ""
) -> ConcernAcknowledged:
    """Acknowledge a concern for the council, once, with what it does next (A38).

    Raise `NoSuchConcern` or `AlreadyAcknowledged`.
    """
    concern = rules.acknowledge_concern(store.hold_concern(db, authority, concern_id), person_id, now, next_step)
    store.save_acknowledgement(db, concern)
    agreement = store.agreement(db, authority, concern.agreement_id)
    return ConcernAcknowledged(**about(agreement), concern_id=concern.id, kind=concern.kind, person_id=person_id)


def _cut_short(db: Connection, agreement: Agreement, last_on: date) -> tuple[ReviewId, ...]:
    """Let versions and planned reviews end with the stay; give the reviews dropped."""
    versions = store.versions(db, agreement.authority, agreement.id)
    store.save_versions(db, agreement, rules.cut_versions(versions, last_on))
    store.save_agreement_state(db, agreement)
    every = store.every_review(db, agreement.authority, agreement.id)
    gone = rules.beyond(every, last_on)
    drop_reviews(db, agreement, gone)
    return tuple(one.id for one in gone)
