"""Let the young person answer for hours, watch the weeks, escalate concerns (A35, A38)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection

from placements import rules, store
from placements.events import ConcernEscalated, HoursLinkMade, WeekChecked, WeekSigned
from placements.model import AgreementId, AlarmedWeek, ConcernId, HoursAlarm, HoursLink, SignOff
from placements.service.agreements import about

NAMED: Final = 20
"""So many of the shortest weeks are named in the event of a checked week; all are kept as alarms."""

NO_WORDS: Final = "Did not say more."
"""What stands where a young person says that something is not right and writes nothing."""


def make_link(
    db: Connection,
    authority: str,
    agreement_id: AgreementId,
    week: date,
    token_hash: bytes,
    person_id: UUID,
    now: datetime,
) -> HoursLinkMade:
    """Make the link by which the young person answers for a week; an earlier one of the week dies (A35).

    Raise `NoSuchAgreement` or `NothingToSign`.
    """
    agreement = store.hold_agreement(db, authority, agreement_id)
    rules.check_sign_off(week, store.hours_given(db, authority, agreement_id, week, week + rules.WEEK - rules.DAY))
    store.end_links(db, authority, agreement_id, week, now, answered=False)
    link = HoursLink(
        authority, uuid4(), agreement_id, week, token_hash, person_id, now, expires_at=now + rules.LINK_LASTS
    )
    store.save_link(db, link)
    return HoursLinkMade(
        **about(agreement), link_id=link.id, week=week, expires_at=link.expires_at, person_id=person_id
    )


def answer_by_link(db: Connection, token_hash: bytes, right: bool, words: str, shown: str, now: datetime) -> WeekSigned:
    """Keep the young person's own word on a week, once, whoever taps twice (A35).

    The caller holds the agreement and has read the clock behind that lock. `shown` is the digest of the hours that
    were on the page. Raise `NoSuchLink`, `LinkOver`, `NothingToSign` or `HoursChanged`.
    """
    link = store.link(db, token_hash)
    agreement = store.hold_agreement(db, link.authority, link.agreement_id)
    link = store.link(db, token_hash)  # behind the lock: what a second tap did counts
    given = store.hours_given(db, link.authority, link.agreement_id, link.week, link.week + rules.WEEK - rules.DAY)
    rules.check_link_answer(link, given, shown, now)
    reason = None if right else words.strip() or NO_WORDS
    store.save_sign_off(db, link.authority, link.agreement_id, SignOff(link.week, right, reason, None, now))
    store.end_links(db, link.authority, link.agreement_id, link.week, now, answered=True)
    store.drop_alarms(db, link.authority, link.agreement_id, HoursAlarm.UNSIGNED, (link.week,))
    return WeekSigned(**about(agreement), week=link.week, signed=right, link_id=link.id)


def check_week(db: Connection, authority: str, week: date, now: datetime) -> WeekChecked:
    """Hold every running agreement's hours of a week that is over against what was bought, and keep alarms (A35).

    The week two weeks before is looked at for signatures. A few statements, however many agreements there are.
    """
    sunday = week + rules.WEEK - rules.DAY
    before = week - rules.WEEK
    given = store.every_hour_given(db, authority, before, sunday)
    agreements, short = 0, []
    for one in store.running(db, authority, before, sunday):
        earlier, found = rules.weeks(one.versions, given.get(one.agreement_id, ()), before, sunday)
        if not any(each.until_on >= week for each in one.versions):
            continue
        agreements += 1
        if rules.is_short(found):
            in_a_row = 2 if rules.is_short(earlier) else 1
            short.append(
                AlarmedWeek(
                    one.agreement_id, one.reference, week, HoursAlarm.SHORT, found.commissioned, found.individual,
                    in_a_row,
                )
            )  # fmt: skip
    waiting = rules.unsigned_week(week)
    unsigned = [
        AlarmedWeek(agreement_id, "", waiting, HoursAlarm.UNSIGNED, hours, hours)
        for agreement_id, hours in store.unsigned(db, authority, waiting, waiting + rules.WEEK - rules.DAY)
    ]
    store.save_alarms(db, authority, [*short, *unsigned], now)
    worst = sorted(short, key=lambda one: (one.delivered - one.commissioned, one.reference))[:NAMED]
    return WeekChecked(
        authority=authority,
        week=week,
        agreements=agreements,
        short=len(short),
        unsigned=len(unsigned),
        unsigned_week=waiting,
        references=tuple(one.reference for one in worst),
        delivered=tuple(one.delivered for one in worst),
        commissioned=tuple(one.commissioned for one in worst),
        goes_on=store.runs_after(db, authority, sunday),
    )


def escalate_concern(db: Connection, authority: str, concern_id: ConcernId, now: datetime) -> ConcernEscalated | None:
    """Note that nobody acknowledged a concern in time; `None` where somebody did (A38). Raise `NoSuchConcern`."""
    found = rules.escalate_concern(store.hold_concern(db, authority, concern_id), now)
    if found is None:
        return None
    store.save_escalation(db, found)
    agreement = store.agreement(db, authority, found.agreement_id)
    return ConcernEscalated(**about(agreement), concern_id=found.id, kind=found.kind, told_at=found.told_at)
