"""A placement's life in PostgreSQL, from acceptance to its end (A30 to A38)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, insert, update
from sqlalchemy.exc import IntegrityError

from lots.model import CategoryCode, Price, Provider, ProviderId, Registration, RegistrationId, Suspension
from lots.service import admit_provider, suspend_provider
from lots.store import category
from matrix.model import Assessment, Line, Outcome
from placements import store
from placements.errors import (
    AgreementOver,
    AlreadyAccepted,
    AlreadyAcknowledged,
    NoSuchAgreement,
    NoSuchConcern,
    NoSuchReason,
    NoSuchVariation,
    NotInStanding,
    NotNow,
    OutcomesDiffer,
    UnderNotice,
    VariationOpen,
)
from placements.events import AgreementOpened, AgreementVaried, VariationAwaitsFunding
from placements.model import (
    AgreementId,
    AgreementState,
    Attendance,
    Changes,
    ConcernKind,
    Decision,
    EndedBy,
    HoursEntry,
    HoursKind,
    Introduction,
    Minutes,
    Party,
    Plan,
    PlanGoal,
    Progress,
    ReviewCause,
    ReviewKind,
    ReviewState,
    Role,
    VariationState,
)
from placements.rules import ledger, terms_of, weeks
from placements.service import (
    accept_agreement,
    acknowledge_concern,
    agree_variation,
    end_agreement,
    fund_variation,
    give_notice,
    make_support_plan,
    open_agreement,
    plan_extra_review,
    propose_variation,
    raise_concern,
    record_hours,
    record_review,
    refuse_variation,
    review_falls_late,
    sign_week,
    start_agreement,
    withdraw_variation,
)
from placements.tables import AGREEMENT, HOURS, VERSION

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
START, END = date(2026, 12, 1), date(2027, 8, 31)
DERBY, NOTTINGHAM = "derby-city", "nottingham-city"
TRANSITION = category(CategoryCode.TRANSITION)
OUTCOMES = (("cooking", "Cooks three meals a week"), ("college", "Stays at college – every day"))
ANNA, BEN, CARA = uuid4(), uuid4(), uuid4()
BOOK = store.reasons()
TENDERED = Price(Decimal("400.00"), Decimal("25.00"))
TRIED = ("Mediation", " ")


def noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def opened(db: Connection) -> AgreementOpened:
    """Open an agreement of £590 a week with a provider of its own."""
    provider = Provider(
        ProviderId(uuid4()), "Alder Homes", "a@alder.example", "07700 900101", "07700 900102", "",
        ofsted_urn="SC900001", ofsted_categories=frozenset({2}),
    )  # fmt: skip
    registration = Registration(
        RegistrationId(uuid4()), provider.id, CategoryCode.TRANSITION, Decimal(400), Decimal(25), Decimal(5),
        date(2026, 1, 1), None,
    )  # fmt: skip
    admit_provider(db, provider, [registration], NOW)
    terms = terms_of(TRANSITION, Price(Decimal(350), Decimal(20)), Decimal(12), Decimal(0), 1, Decimal(5))
    return open_agreement(
        db, DERBY, uuid4(), uuid4(), provider.id, f"A-{uuid4().hex[:6]}", terms, OUTCOMES,
        Introduction(date(2026, 11, 20), None), START, END, TRANSITION, None, START, NOW, tendered=TENDERED,
    )  # fmt: skip


def running(db: Connection) -> AgreementOpened:
    """Open an agreement that both accept, and start it."""
    event = opened(db)
    accept_agreement(db, DERBY, event.agreement_id, Party.PROVIDER, ANNA, NOW)
    accept_agreement(db, DERBY, event.agreement_id, Party.COUNCIL, BEN, NOW)
    start_agreement(db, DERBY, event.agreement_id, noon(START))
    return event


def proposed(
    db: Connection,
    agreement_id: AgreementId,
    changes: Changes,
    on: date = date(2027, 2, 1),
    reason: str = "review_decision",
) -> Any:
    return propose_variation(
        db, DERBY, agreement_id, reason, changes, None, on, TRANSITION, None, Party.PROVIDER, ANNA, noon(on), BOOK
    )


def score(hours: str) -> Assessment:
    line = Line("sleep", "Sleeps badly", Decimal(hours))
    return Assessment(
        "e-1", True, Outcome.CATEGORY, "1", CategoryCode.TRANSITION, Decimal(hours), "r", ("why",), (line,)
    )


def minutes(held_on: date, cooking: int = 2, hours: str = "10") -> Minutes:
    return Minutes(
        held_on,
        (
            Attendance(Role.YOUNG_PERSON, True),
            Attendance(Role.PROVIDER, True),
            Attendance(Role.COUNCIL, False, "Ill; sent a report"),
        ),
        (Progress("cooking", cooking, "Cooked – twice"), Progress("college", 1, "Went")),
        score(hours),
        Decision.REDUCE,
        frozenset({Plan.SUPPORT, Plan.PEP}),
    )


def test_both_accept_and_it_starts(db: Connection) -> None:
    event = opened(db)
    first = accept_agreement(db, DERBY, event.agreement_id, Party.COUNCIL, BEN, NOW)
    with pytest.raises(AlreadyAccepted):
        accept_agreement(db, DERBY, event.agreement_id, Party.COUNCIL, ANNA, NOW)
    second = accept_agreement(db, DERBY, event.agreement_id, Party.PROVIDER, ANNA, NOW + DAY)
    assert (first.by_both, second.by_both) == (False, True)
    started = start_agreement(db, DERBY, event.agreement_id, noon(START))
    assert (started.reference, started.starts_on, started.ends_on) == (event.reference, START, END)
    found = store.agreement(db, DERBY, event.agreement_id)
    assert found.state is AgreementState.STARTED
    assert [(one.party, one.person_id) for one in found.acceptances] == [(Party.COUNCIL, BEN), (Party.PROVIDER, ANNA)]
    assert store.agreements_of_provider(db, event.provider_id) == (found,)
    assert store.agreement_on(db, DERBY, event.agreement_id, date(2026, 11, 23)).state is AgreementState.PART_ACCEPTED
    with pytest.raises(NoSuchAgreement):
        accept_agreement(db, NOTTINGHAM, event.agreement_id, Party.COUNCIL, BEN, NOW)


def test_standing_is_checked_once_more_at_the_start(db: Connection) -> None:
    event = opened(db)
    for party in Party:
        accept_agreement(db, DERBY, event.agreement_id, party, ANNA, NOW)
    suspend_provider(db, event.provider_id, Suspension(START, START + DAY, "Fire safety"), NOW)
    with pytest.raises(NotInStanding) as refused:
        start_agreement(db, DERBY, event.agreement_id, noon(START))
    assert (refused.value.on, refused.value.exclusion.rule) == (START, "A15.suspended")


def test_a_variation_within_the_money_is_in_force_when_the_other_agrees(db: Connection) -> None:
    event = running(db)
    asked = proposed(db, event.agreement_id, Changes(hours=Decimal(6), services=(("night", "A call at ten"),)))
    assert (asked.weekly_before, asked.weekly_after) == (Decimal("590.00"), Decimal("470.00"))
    varied = agree_variation(db, DERBY, asked.variation_id, Party.COUNCIL, BEN, noon(date(2027, 2, 1)))
    assert isinstance(varied, AgreementVaried)
    assert (varied.version, varied.hours, varied.effective_on, varied.dropped) == (2, 6, date(2027, 2, 1), ())
    versions = store.versions(db, DERBY, event.agreement_id)
    assert [(one.number, one.from_on, one.until_on, one.terms.hours) for one in versions] == [
        (1, START, date(2027, 1, 31), 12),
        (2, date(2027, 2, 1), END, 6),
    ]
    assert versions[1].limits == TENDERED
    assert versions[1].terms.services == (("night", "A call at ten"),)
    before = store.agreement_on(db, DERBY, event.agreement_id, date(2027, 1, 31))
    after = store.agreement_on(db, DERBY, event.agreement_id, date(2027, 2, 1))
    assert (before.terms.weekly_cost, after.terms.weekly_cost) == (Decimal("590.00"), Decimal("470.00"))
    paid = ledger(versions, date(2027, 1, 29), date(2027, 2, 4))
    assert sum(line.days for line in paid.lines) == 7
    (kept,) = store.variations(db, DERBY, event.agreement_id)
    assert (kept.state, kept.changes.services, kept.agreed_by) == (
        VariationState.AGREED,
        (("night", "A call at ten"),),
        BEN,
    )


def test_a_variation_above_the_money_waits_for_two_approvers(db: Connection) -> None:
    event = running(db)
    asked = proposed(db, event.agreement_id, Changes(hours=Decimal(20)))
    waits = agree_variation(db, DERBY, asked.variation_id, Party.COUNCIL, BEN, NOW)
    assert isinstance(waits, VariationAwaitsFunding)
    assert (waits.weekly_after, waits.funded_weekly) == (Decimal("750.00"), Decimal("590.00"))
    assert [one.id for one in store.open_variations(db, DERBY)] == [asked.variation_id]
    supported = fund_variation(db, DERBY, asked.variation_id, CARA, Decimal(700), NOW)
    assert isinstance(supported, VariationAwaitsFunding)
    assert supported.supported_by == (CARA,)
    other = uuid4()
    varied = fund_variation(db, DERBY, asked.variation_id, other, Decimal(700), NOW + DAY)
    assert isinstance(varied, AgreementVaried)
    assert varied.funded_by == (CARA, other)
    assert store.agreement(db, DERBY, event.agreement_id).funded_weekly == Decimal("750.00")
    again = proposed(db, event.agreement_id, Changes(hours=Decimal(19)), date(2027, 3, 1))
    agreed = agree_variation(db, DERBY, again.variation_id, Party.COUNCIL, BEN, NOW)
    assert isinstance(agreed, AgreementVaried), "what was funded once is not funded again"


def test_one_variation_at_a_time_and_a_dropped_one_makes_room(db: Connection) -> None:
    event = running(db)
    first = proposed(db, event.agreement_id, Changes(hours=Decimal(6)))
    with pytest.raises(VariationOpen) as refused:
        proposed(db, event.agreement_id, Changes(hours=Decimal(5)))
    assert refused.value.variation_id == first.variation_id
    withdraw_variation(db, DERBY, first.variation_id, ANNA, NOW)
    second = proposed(db, event.agreement_id, Changes(hours=Decimal(5)))
    assert second.number == 2
    assert refuse_variation(db, DERBY, second.variation_id, BEN, NOW).state is VariationState.REFUSED
    with pytest.raises(NotNow):
        agree_variation(db, DERBY, second.variation_id, Party.COUNCIL, BEN, NOW)
    with pytest.raises(NoSuchVariation):
        withdraw_variation(db, NOTTINGHAM, second.variation_id, ANNA, NOW)
    with pytest.raises(NoSuchReason):
        proposed(db, event.agreement_id, Changes(hours=Decimal(5)), reason="bored")


def test_another_last_day_takes_reviews_away_and_adds_them(db: Connection) -> None:
    event = running(db)
    longer = proposed(db, event.agreement_id, Changes(ends_on=date(2027, 11, 30)))
    varied = agree_variation(db, DERBY, longer.variation_id, Party.COUNCIL, BEN, NOW)
    assert isinstance(varied, AgreementVaried)
    assert list(varied.planned) == [date(2027, 9, 1)]
    shorter = proposed(db, event.agreement_id, Changes(ends_on=date(2027, 5, 1)), date(2027, 3, 15))
    varied = agree_variation(db, DERBY, shorter.variation_id, Party.COUNCIL, BEN, NOW)
    assert isinstance(varied, AgreementVaried)
    assert len(varied.dropped) == 2
    assert [one.due_on for one in store.reviews(db, DERBY, event.agreement_id)] == [
        date(2026, 12, 15),
        date(2027, 3, 1),
    ]
    assert len(store.every_review(db, DERBY, event.agreement_id)) == 4
    assert store.agreement(db, DERBY, event.agreement_id).ends_on == date(2027, 5, 1)
    assert [one.until_on for one in store.versions(db, DERBY, event.agreement_id)][-1] == date(2027, 5, 1)


def test_a_review_is_held_with_its_minutes_and_compared_with_the_one_before(db: Connection) -> None:
    event = running(db)
    first, second = event.review_ids[:2]
    held = record_review(db, DERBY, first, minutes(date(2026, 12, 15)), score("12"), ANNA, noon(date(2026, 12, 16)))
    assert (held.hours_before, held.hours, held.decision) == (Decimal(12), Decimal(10), Decision.REDUCE)
    assert (held.plans, held.dropped, held.planned) == ((Plan.SUPPORT, Plan.PEP), (), ())
    with pytest.raises(NotNow):
        record_review(db, DERBY, first, minutes(date(2026, 12, 15)), None, ANNA, noon(date(2026, 12, 16)))
    later = minutes(date(2027, 3, 1), 4, "8")
    again = record_review(db, DERBY, second, later, score("12"), ANNA, noon(date(2027, 3, 1)))
    assert (again.hours_before, again.hours) == (Decimal(10), Decimal(8))
    assert again.digest != held.digest
    kept = store.held_reviews(db, DERBY, event.agreement_id)
    assert [one.minutes for one in kept] == [minutes(date(2026, 12, 15)), later]
    assert [one.state for one in store.reviews(db, DERBY, event.agreement_id)][:2] == [ReviewState.HELD] * 2
    assert store.held_reviews(db, NOTTINGHAM, event.agreement_id) == ()


def test_an_extra_review_leaves_the_series_alone_unless_the_setting_rebases_it(db: Connection) -> None:
    event = running(db)
    series = [one.due_on for one in store.reviews(db, DERBY, event.agreement_id)]
    asked = plan_extra_review(
        db, DERBY, event.agreement_id, ReviewCause.YOUNG_PERSON_ASKED, date(2027, 1, 20), ANNA, noon(date(2027, 1, 11))
    )
    assert (asked.due_on, asked.number) == (date(2027, 1, 20), 4)
    plain = store.reviews(db, DERBY, event.agreement_id)
    assert [one.due_on for one in plain if one.kind is not ReviewKind.EXTRA] == series
    held = record_review(
        db, DERBY, asked.review_id, minutes(date(2027, 1, 20)), None, ANNA, noon(date(2027, 1, 20)), rebase=True
    )
    assert len(held.dropped) == 2
    assert list(held.planned) == [date(2027, 4, 20), date(2027, 7, 20)]
    longer = proposed(db, event.agreement_id, Changes(ends_on=date(2027, 11, 30)))
    varied = agree_variation(db, DERBY, longer.variation_id, Party.COUNCIL, BEN, NOW)
    assert isinstance(varied, AgreementVaried)
    assert list(varied.planned) == [date(2027, 10, 20)], "the series goes on from where it began anew"


def test_a_late_review_is_told_twice(db: Connection) -> None:
    event = running(db)
    first = event.review_ids[0]
    assert review_falls_late(db, DERBY, first, noon(date(2026, 12, 15))) is None
    overdue = review_falls_late(db, DERBY, first, noon(date(2026, 12, 16)))
    assert overdue is not None
    assert (overdue.state, overdue.due_on) == (ReviewState.OVERDUE, date(2026, 12, 15))
    assert review_falls_late(db, DERBY, first, noon(date(2026, 12, 20))) is None
    escalated = review_falls_late(db, DERBY, first, noon(date(2026, 12, 22)))
    assert escalated is not None
    assert escalated.state is ReviewState.ESCALATED
    assert [one.id for one in store.upcoming_reviews(db, DERBY, date(2026, 12, 31))] == [first]


def test_notice_ends_the_stay_its_money_and_its_reviews(db: Connection) -> None:
    event = running(db)
    today = date(2027, 3, 1)
    future = proposed(db, event.agreement_id, Changes(hours=Decimal(6)), date(2027, 6, 1))
    agree_variation(db, DERBY, future.variation_id, Party.COUNCIL, BEN, NOW)
    given = give_notice(db, DERBY, event.agreement_id, "council_general", today, TRIED, None, BEN, noon(today), BOOK)
    assert (given.by, given.national, given.expected, given.last_on) == (
        EndedBy.COUNCIL, "LAREQ", False, date(2027, 3, 31),
    )  # fmt: skip
    versions = store.versions(db, DERBY, event.agreement_id)
    assert [(one.number, one.until_on, one.held) for one in versions] == [
        (1, date(2027, 3, 31), True),
        (2, date(2027, 5, 31), False),
    ]
    assert given.dropped == (event.review_ids[2],)
    seen = {on: store.agreement_on(db, DERBY, event.agreement_id, on) for on in (today - DAY, today)}
    assert [(one.state, one.ends_on) for one in seen.values()] == [
        (AgreementState.STARTED, END),
        (AgreementState.UNDER_NOTICE, date(2027, 3, 31)),
    ]
    with pytest.raises(UnderNotice):
        give_notice(db, DERBY, event.agreement_id, "council_general", today, TRIED, None, BEN, noon(today), BOOK)
    last = date(2027, 3, 31)
    ended = end_agreement(db, DERBY, event.agreement_id, None, last, "family", True, BEN, noon(last), BOOK)
    assert (ended.by, ended.reason_code, ended.expected, ended.planned_on, ended.ended_on, ended.move_on) == (
        EndedBy.COUNCIL, "council_general", True, END, last, "family",
    )  # fmt: skip
    found = store.agreement(db, DERBY, event.agreement_id)
    assert (found.state, found.ended_on) == (AgreementState.ENDED, last)
    notice, end = store.notice(db, DERBY, event.agreement_id), store.ending(db, DERBY, event.agreement_id)
    assert notice is not None
    assert end is not None
    assert (notice.options, notice.move_on, end.served_on, end.move_on) == (("Mediation",), None, today, "family")
    assert ledger(versions, START, END).lines[-1].until_on == last


def test_an_end_at_once_and_nothing_after_it(db: Connection) -> None:
    event = running(db)
    on = date(2027, 1, 10)
    asked = proposed(db, event.agreement_id, Changes(hours=Decimal(6)))
    ended = end_agreement(db, DERBY, event.agreement_id, "custody", on, "custody", None, BEN, noon(on), BOOK)
    assert (ended.national, ended.expected, len(ended.dropped)) == ("CUSTOD", False, 2)
    for again in (
        lambda: end_agreement(db, DERBY, event.agreement_id, "custody", on, "custody", None, BEN, noon(on), BOOK),
        lambda: give_notice(db, DERBY, event.agreement_id, "council_general", on, TRIED, None, BEN, noon(on), BOOK),
        lambda: agree_variation(db, DERBY, asked.variation_id, Party.COUNCIL, BEN, noon(on)),
        lambda: plan_extra_review(db, DERBY, event.agreement_id, ReviewCause.SIGNIFICANT_CHANGE, on, ANNA, noon(on)),
        lambda: record_review(db, DERBY, event.review_ids[0], minutes(on), None, ANNA, noon(on)),
        lambda: make_support_plan(db, DERBY, event.agreement_id, (), "", True, ANNA, noon(on)),
    ):
        with pytest.raises(AgreementOver):
            again()
    assert ledger(store.versions(db, DERBY, event.agreement_id), START, END).lines[-1].until_on == on


def test_an_agreement_that_fell_through_costs_nothing(db: Connection) -> None:
    event = opened(db)
    end_agreement(db, DERBY, event.agreement_id, "never_came", START - DAY, "not_known", None, BEN, NOW, BOOK)
    assert ledger(store.versions(db, DERBY, event.agreement_id), START, END).total == 0
    assert store.reviews(db, DERBY, event.agreement_id) == ()


def test_support_plans_are_kept_in_versions(db: Connection) -> None:
    event = running(db)
    goals = (PlanGoal("cooking", "Cook together on Tuesdays"), PlanGoal("college", "Travel training – bus 9"))
    make_support_plan(db, DERBY, event.agreement_id, goals, "Tuesday and Friday 4pm", True, ANNA, NOW)
    second = make_support_plan(db, DERBY, event.agreement_id, goals[::-1], "Friday 4pm", False, ANNA, NOW + DAY)
    assert second.number == 2
    kept = store.support_plans(db, DERBY, event.agreement_id)
    assert [(one.number, one.goals, one.weekly, one.with_young_person) for one in kept] == [
        (1, goals, "Tuesday and Friday 4pm", True),
        (2, goals[::-1], "Friday 4pm", False),
    ]
    for missing in (goals[:1], (goals[0], PlanGoal("college", " "))):
        with pytest.raises(OutcomesDiffer):
            make_support_plan(db, DERBY, event.agreement_id, missing, "", True, ANNA, NOW)


def test_hours_are_recorded_signed_and_unsigned_when_they_change(db: Connection) -> None:
    event = running(db)
    monday = date(2027, 1, 4)
    entries = (
        HoursEntry(monday, Decimal("2.5"), HoursKind.INDIVIDUAL),
        HoursEntry(monday, Decimal(8), HoursKind.NIGHT),
        HoursEntry(monday + 8 * DAY, Decimal(3), HoursKind.SHARED),
    )
    later = noon(date(2027, 1, 20))
    first = record_hours(db, DERBY, event.agreement_id, entries, ANNA, later)
    assert (first.entries, first.from_on, first.until_on) == (3, monday, monday + 8 * DAY)
    for week in (monday, monday + 7 * DAY):
        sign_week(db, DERBY, event.agreement_id, week, True, None, ANNA, later)
    assert record_hours(db, DERBY, event.agreement_id, entries, ANNA, later).unsigned == ()
    changed = replace(entries[0], hours=Decimal(3))
    second = record_hours(db, DERBY, event.agreement_id, (changed,), ANNA, later)
    assert (second.entries, second.unsigned) == (1, (monday,))
    assert [one.week for one in store.sign_offs(db, DERBY, event.agreement_id)] == [monday + 7 * DAY]
    given = store.hours_given(db, DERBY, event.agreement_id, monday, monday + 8 * DAY)
    assert set(given) == {changed, *entries[1:]}
    (week, _) = weeks(store.versions(db, DERBY, event.agreement_id), given, monday, monday + 8 * DAY)
    assert (week.commissioned, week.individual, week.night, week.short_by) == (12, 3, 8, 9)


def test_a_concern_is_told_and_acknowledged(db: Connection) -> None:
    event = running(db)
    known, told = datetime(2027, 1, 4, 22, 0, tzinfo=UTC), datetime(2027, 1, 5, 0, 30, tzinfo=UTC)
    late = raise_concern(db, DERBY, event.agreement_id, ConcernKind.SAFEGUARDING, known, "A bruise", ANNA, told)
    in_time = raise_concern(
        db, DERBY, event.agreement_id, ConcernKind.SERIOUS_INCIDENT, known, "Police were called", ANNA, told
    )
    assert (late.late, late.due_by, in_time.late) == (True, datetime(2027, 1, 5, tzinfo=UTC), False)
    assert [one.id for one in store.open_concerns(db, DERBY)] == sorted([late.concern_id, in_time.concern_id])
    acknowledge_concern(db, DERBY, late.concern_id, BEN, told)
    with pytest.raises(AlreadyAcknowledged):
        acknowledge_concern(db, DERBY, late.concern_id, BEN, told)
    with pytest.raises(NoSuchConcern):
        acknowledge_concern(db, NOTTINGHAM, in_time.concern_id, BEN, told)
    assert [one.id for one in store.open_concerns(db, DERBY)] == [in_time.concern_id]
    assert {one.words for one in store.concerns(db, DERBY, event.agreement_id)} == {"A bruise", "Police were called"}


def test_no_two_versions_hold_on_one_day(db: Connection) -> None:
    event = running(db)
    asked = proposed(db, event.agreement_id, Changes(hours=Decimal(6)))
    agree_variation(db, DERBY, asked.variation_id, Party.COUNCIL, BEN, NOW)
    with pytest.raises(IntegrityError, match="ex_agreement_version_no_overlap"):
        db.execute(update(VERSION).where(VERSION.c.number == 1).values(until_on=date(2027, 2, 1)))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"until_on": START - 2 * DAY}, "ck_agreement_version_days"),
        ({"number": 2}, "ck_agreement_version_first"),
        ({"hours": Decimal("25.25")}, "ck_agreement_version_hours"),
        ({"hours": Decimal("1.1")}, "ck_agreement_version_hours_in_quarters"),
        ({"category": "2.3"}, "ck_agreement_version_no_hours_in_2_3"),
        ({"weekly_cost": Decimal(-1)}, "ck_agreement_version_money"),
        ({"accommodation_weekly": Decimal("400.01")}, "ck_agreement_version_limits"),
        ({"limit_support_hourly": None}, "ck_agreement_version_limits"),
    ],
)
def test_the_database_refuses_a_version_that_cannot_be(
    db: Connection, change: dict[str, object], constraint: str
) -> None:
    opened(db)
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(VERSION).values(**change))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "ended"}, "ck_agreement_ended"),
        ({"ended_on": END}, "ck_agreement_ended"),
        ({"state": "ended", "ended_on": START - 2 * DAY}, "ck_agreement_ended_on"),
        ({"state": "under_notice"}, "ck_agreement_notice"),
        ({"funded_weekly": Decimal(-1)}, "ck_agreement_funded"),
    ],
)
def test_the_database_refuses_an_end_that_cannot_be(db: Connection, change: dict[str, object], constraint: str) -> None:
    opened(db)
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(AGREEMENT).values(**change))


@pytest.mark.parametrize("hours", ["0", "24.25", "0.1"])
def test_the_database_refuses_hours_that_cannot_be(db: Connection, hours: str) -> None:
    event = opened(db)
    with pytest.raises(IntegrityError, match="ck_hours_given_hours"):
        db.execute(
            insert(HOURS).values(
                authority=DERBY, agreement_id=event.agreement_id, given_on=START, kind="night", hours=Decimal(hours),
                recorded_by=ANNA, recorded_at=NOW,
            )
        )  # fmt: skip


def test_of_two_ends_at_once_one_is_refused(fresh_engine: Engine) -> None:
    """Both hold the agreement first, so the second sees the first one's end."""
    with fresh_engine.begin() as db:
        agreement_id = running(db).agreement_id
    on = date(2027, 1, 10)
    outcomes: list[type] = []
    together = threading.Barrier(4)

    def end(reason: str, person: UUID) -> None:
        try:
            with fresh_engine.begin() as db:
                together.wait(10)
                outcomes.append(
                    type(end_agreement(db, DERBY, agreement_id, reason, on, "custody", None, person, noon(on), BOOK))
                )
        except AgreementOver as refused:
            outcomes.append(type(refused))

    threads = [
        threading.Thread(target=end, args=(reason, uuid4()))
        for reason in ("custody", "young_person_left", "custody", "council_allegation")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(one.__name__ for one in outcomes) == ["AgreementEnded", *["AgreementOver"] * 3]
