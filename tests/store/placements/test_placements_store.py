"""Agreements and reviews in PostgreSQL (A26, A30, A31, S5, S6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from lots.errors import NoSuchProvider
from lots.model import Category, CategoryCode, Price, Provider, ProviderId, Registration, RegistrationId, Suspension
from lots.service import admit_provider, suspend_provider
from lots.store import category
from placements import store
from placements.errors import (
    AlreadyAgreed,
    EndsAfter18,
    NoSuchAgreement,
    NoSuchReview,
    NotInStanding,
    NotIntroduced,
    ReviewNotDueYet,
    TooLong,
)
from placements.events import AgreementOpened
from placements.model import AgreementState, Introduction, ReviewKind, ReviewState
from placements.rules import terms_of
from placements.service import open_agreement, review_falls_due
from placements.tables import AGREEMENT, REVIEW

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = date(2026, 12, 1)
END = date(2027, 8, 31)
BIRTHDAY = date(2027, 10, 1)
DERBY, NOTTINGHAM = "derby-city", "nottingham-city"
TRANSITION = category(CategoryCode.TRANSITION)
MET = Introduction(date(2026, 11, 20), None)
OUTCOMES = (("cooking", "Cooks three meals a week"), ("college", "Stays at college – every day"))


@pytest.fixture
def home(db: Connection) -> Provider:
    provider = Provider(
        id=ProviderId(uuid4()),
        name="Alder Homes",
        email="referrals@alder.example",
        mobile="07700 900101",
        phone="07700 900102",
        out_of_hours="07700 900103",
        ofsted_urn="SC900001",
        ofsted_categories=frozenset({2}),
    )
    admit_provider(db, provider, [registered(provider, code) for code in CategoryCode], NOW)
    return provider


def registered(provider: Provider, code: CategoryCode) -> Registration:
    return Registration(
        RegistrationId(uuid4()),
        provider.id,
        code,
        Decimal(350),
        Decimal("22.50"),
        Decimal(5),
        date(2026, 1, 1),
        date(2027, 3, 31),
    )


@pytest.fixture
def agree(db: Connection, home: Provider) -> Callable[..., AgreementOpened]:
    """Open an agreement that nothing stands against, but for what the test changes."""

    def _agree(
        *,
        authority: str = DERBY,
        award_id: UUID | None = None,
        provider_id: ProviderId = home.id,
        introduction: Introduction = MET,
        starts_on: date = START,
        ends_on: date = END,
        under: Category = TRANSITION,
        turns_18_on: date | None = BIRTHDAY,
        reference: str | None = None,
    ) -> AgreementOpened:
        hours = Decimal("12.25") if under.support_hours else Decimal(0)
        terms = terms_of(under, Price(Decimal("350.00"), Decimal("22.50")), hours, Decimal("98.40"), 1, Decimal("5.00"))
        return open_agreement(
            db,
            authority,
            award_id or uuid4(),
            uuid4(),
            provider_id,
            reference or f"IPA-{uuid4().hex[:6]}",
            terms,
            OUTCOMES,
            introduction,
            starts_on,
            ends_on,
            under,
            turns_18_on,
            date(2026, 11, 25),
            NOW,
        )

    return _agree


Agree = Callable[..., AgreementOpened]


def test_an_agreement_is_read_as_it_was_made(db: Connection, home: Provider, agree: Agree) -> None:
    event = agree()
    found = store.agreement(db, DERBY, event.agreement_id)
    assert (found.award_id, found.referral_id, found.reference) == (event.award_id, event.referral_id, event.reference)
    assert (found.starts_on, found.ends_on, found.agreed_at) == (START, END, NOW)
    assert found.state is AgreementState.OPENED
    assert found.outcomes == OUTCOMES
    assert found.introduction == MET
    assert (found.under_18, found.ofsted_urn) == (True, "SC900001")
    assert found.terms == terms_of(
        category(CategoryCode.TRANSITION),
        Price(Decimal("350.00"), Decimal("22.50")),
        Decimal("12.25"),
        Decimal("98.40"),
        1,
        Decimal("5.00"),
    )
    assert event.weekly_cost == found.terms.weekly_cost == Decimal("527.23")
    assert store.agreement_of_award(db, DERBY, event.award_id) == found
    assert store.agreement_for_provider(db, home.id, event.agreement_id) == found
    assert store.agreements(db, DERBY) == store.agreements_of_provider(db, home.id) == (found,)


def test_its_reviews_are_planned_with_it(db: Connection, agree: Agree) -> None:
    event = agree()
    found = store.reviews(db, DERBY, event.agreement_id)
    assert event.reviews == (date(2026, 12, 15), date(2027, 3, 1), date(2027, 6, 1))
    assert event.first_review_on == date(2026, 12, 15)
    assert [each.due_on for each in found] == list(event.reviews)
    assert [each.id for each in found] == list(event.review_ids)
    assert [each.number for each in found] == [1, 2, 3]
    assert [each.kind for each in found] == [ReviewKind.FIRST, ReviewKind.QUARTERLY, ReviewKind.QUARTERLY]
    assert {each.state for each in found} == {ReviewState.PLANNED}


def test_a_stay_of_seven_nights_has_no_reviews(db: Connection, agree: Agree) -> None:
    event = agree(
        under=category(CategoryCode.SHORT_STAY),
        ends_on=START + timedelta(days=7),
        introduction=Introduction(None, "Arrived at 23:40 by police"),
    )
    assert (event.first_review_on, event.reviews, event.review_ids) == (None, (), ())
    assert store.reviews(db, DERBY, event.agreement_id) == ()
    assert store.agreement(db, DERBY, event.agreement_id).introduction.waiver_reason == "Arrived at 23:40 by police"


def test_no_authority_sees_another_s_agreement(db: Connection, agree: Agree) -> None:
    event = agree()
    with pytest.raises(NoSuchAgreement):
        store.agreement(db, NOTTINGHAM, event.agreement_id)
    with pytest.raises(NoSuchReview):
        review_falls_due(db, NOTTINGHAM, event.review_ids[0], NOW)
    assert store.agreements(db, NOTTINGHAM) == ()
    assert store.reviews(db, NOTTINGHAM, event.agreement_id) == ()
    assert store.upcoming_reviews(db, NOTTINGHAM, END) == ()
    assert store.agreement_of_award(db, NOTTINGHAM, event.award_id) is None


def test_no_provider_sees_another_s_agreement(db: Connection, agree: Agree) -> None:
    event = agree()
    other = ProviderId(uuid4())
    with pytest.raises(NoSuchAgreement):
        store.agreement_for_provider(db, other, event.agreement_id)
    assert store.agreements_of_provider(db, other) == ()


def test_a_provider_sees_its_agreements_with_every_authority_latest_first(
    db: Connection, home: Provider, agree: Agree
) -> None:
    first = agree(authority=NOTTINGHAM)
    second = agree(starts_on=START + timedelta(days=1))
    assert [each.id for each in store.agreements_of_provider(db, home.id)] == [second.agreement_id, first.agreement_id]


def test_an_award_becomes_one_agreement(db: Connection, agree: Agree) -> None:
    award = uuid4()
    event = agree(award_id=award)
    with pytest.raises(AlreadyAgreed):
        agree(award_id=award)
    assert [each.id for each in store.agreements(db, DERBY)] == [event.agreement_id], "the transaction is still good"
    with pytest.raises(IntegrityError, match="uq_agreement_reference"):
        agree(reference=event.reference)


def test_what_the_rules_refuse_leaves_nothing_behind(db: Connection, agree: Agree) -> None:
    with pytest.raises(TooLong):
        agree(ends_on=date(2027, 12, 2))
    with pytest.raises(EndsAfter18):
        agree(under=category(CategoryCode.SHORT_TERM), turns_18_on=date(2027, 8, 30))
    with pytest.raises(NotIntroduced):
        agree(introduction=Introduction(None, None))
    with pytest.raises(NoSuchProvider):
        agree(provider_id=ProviderId(uuid4()))
    assert store.agreements(db, DERBY) == ()


@pytest.mark.parametrize("starts_on", [date(2026, 11, 23), START])
def test_a_suspended_provider_gets_no_agreement(db: Connection, home: Provider, agree: Agree, starts_on: date) -> None:
    suspend_provider(db, home.id, Suspension(starts_on, starts_on, "Safeguarding concern"), NOW)
    with pytest.raises(NotInStanding) as refused:
        agree()
    assert (refused.value.exclusion.rule, refused.value.on, refused.value.rule) == ("A15.suspended", starts_on, "S6")


def test_a_registration_that_has_run_out_by_the_start_gives_no_agreement(agree: Agree) -> None:
    with pytest.raises(NotInStanding) as refused:
        agree(starts_on=date(2027, 4, 1))
    assert refused.value.exclusion.rule == "S4.registration_dates"


def test_under_18_an_agreement_needs_ofsted_and_under_16_there_is_none(db: Connection, agree: Agree) -> None:
    plain = Provider(ProviderId(uuid4()), "Birch House", "b@birch.example", "07700 900201", "07700 900202", "")
    admit_provider(db, plain, [registered(plain, CategoryCode.TRANSITION)], NOW)
    with pytest.raises(NotInStanding) as refused:
        agree(provider_id=plain.id)
    assert refused.value.exclusion.rule == "S5.no_ofsted_urn"
    for adult in (None, START):
        event = agree(provider_id=plain.id, turns_18_on=adult)
        assert not store.agreement(db, DERBY, event.agreement_id).under_18
    with pytest.raises(NotInStanding) as refused:
        agree(turns_18_on=date(2028, 12, 2))
    assert refused.value.exclusion.rule == "S5.under_16"


def test_terms_of_another_category_are_a_fault(db: Connection, home: Provider) -> None:
    terms = terms_of(
        category(CategoryCode.TRANSITION), Price(Decimal(1), Decimal(1)), Decimal(1), Decimal(0), 1, Decimal(0)
    )
    with pytest.raises(ValueError, match="under category"):
        open_agreement(
            db, DERBY, uuid4(), uuid4(), home.id, "IPA-1", terms, (), Introduction(START, None), START, END,
            category(CategoryCode.INDEPENDENCE), None, START, NOW,
        )  # fmt: skip


def test_a_review_falls_due_on_its_day_and_once(db: Connection, agree: Agree) -> None:
    opened = agree()
    first = opened.review_ids[0]
    with pytest.raises(ReviewNotDueYet):
        review_falls_due(db, DERBY, first, datetime(2026, 12, 14, 23, 59, tzinfo=UTC))
    on_the_day = datetime(2026, 12, 15, 0, 0, tzinfo=UTC)
    event = review_falls_due(db, DERBY, first, on_the_day)
    assert event is not None
    assert (event.review_id, event.agreement_id, event.number) == (first, opened.agreement_id, 1)
    assert (event.due_on, event.kind, event.provider_id) == (date(2026, 12, 15), "first", opened.provider_id)
    assert store.reviews(db, DERBY, opened.agreement_id)[0].state is ReviewState.DUE
    assert review_falls_due(db, DERBY, first, on_the_day) is None


def test_a_review_already_held_or_of_an_ended_agreement_does_not_fall_due(db: Connection, agree: Agree) -> None:
    opened = agree()
    later = datetime(2027, 12, 1, tzinfo=UTC)
    store.save_review_state(db, DERBY, opened.review_ids[0], ReviewState.HELD)
    assert review_falls_due(db, DERBY, opened.review_ids[0], later) is None
    db.execute(update(AGREEMENT).values(state="ended", ended_on=END))
    assert review_falls_due(db, DERBY, opened.review_ids[1], later) is None
    assert store.upcoming_reviews(db, DERBY, END) == ()


def test_upcoming_reviews_are_those_not_held_up_to_the_day(db: Connection, agree: Agree) -> None:
    one, two = agree(), agree(starts_on=date(2026, 12, 2))
    assert [each.due_on for each in store.upcoming_reviews(db, DERBY, date(2026, 12, 15))] == [date(2026, 12, 15)]
    assert [each.id for each in store.upcoming_reviews(db, DERBY, date(2027, 3, 1))] == [
        one.review_ids[0],
        two.review_ids[0],
        one.review_ids[1],
    ]
    review_falls_due(db, DERBY, one.review_ids[0], datetime(2026, 12, 15, 9, tzinfo=UTC))
    assert len(store.upcoming_reviews(db, DERBY, date(2027, 3, 1))) == 3, "what is overdue is still to be held"
    store.save_review_state(db, DERBY, one.review_ids[0], ReviewState.HELD)
    assert len(store.upcoming_reviews(db, DERBY, date(2027, 3, 1))) == 2


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"category": "3.1"}, "ck_agreement_category"),
        ({"hours": Decimal("25.25")}, "ck_agreement_hours"),
        ({"hours": Decimal("1.10")}, "ck_agreement_hours_in_quarters"),
        ({"category": "2.3"}, "ck_agreement_no_hours_in_2_3"),
        ({"accommodation_weekly": None, "support_hourly": None}, "ck_agreement_buys_something"),
        ({"weekly_cost": Decimal(-1)}, "ck_agreement_money"),
        ({"housing_benefit_weekly": Decimal(-1)}, "ck_agreement_money"),
        ({"support_hourly": Decimal(-1)}, "ck_agreement_money"),
        ({"accommodation_weekly": Decimal(-1), "support_hourly": None}, "ck_agreement_money"),
        ({"beds": 0}, "ck_agreement_beds"),
        ({"block_discount": Decimal(101)}, "ck_agreement_block_discount"),
        ({"ends_on": date(2026, 11, 30)}, "ck_agreement_dates"),
        ({"category": "2.1"}, "ck_agreement_nights_in_2_1"),
        ({"met_on": None}, "ck_agreement_introduced"),
        ({"met_on": None, "waiver_reason": " "}, "ck_agreement_introduced"),
        ({"met_on": date(2026, 12, 2)}, "ck_agreement_met_before_start"),
        ({"state": "draft"}, "ck_agreement_state"),
        ({"ofsted_urn": None}, "ck_agreement_under_18_ofsted"),
        ({"provider_id": uuid4()}, "fk_agreement_provider"),
    ],
)
def test_the_database_refuses_an_agreement_that_cannot_be(
    db: Connection, agree: Agree, change: dict[str, object], constraint: str
) -> None:
    agree()
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(AGREEMENT).values(**change))


def test_the_database_lets_bespoke_hours_pass(db: Connection, agree: Agree) -> None:
    event = agree()
    db.execute(update(AGREEMENT).values(hours=Decimal("168.00"), bespoke=True))
    found = store.agreement(db, DERBY, event.agreement_id)
    assert found.terms == replace(found.terms, hours=Decimal(168), bespoke=True)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"number": 0}, "ck_review_number"),
        ({"number": 2}, "uq_review_number"),
        ({"kind": "yearly"}, "ck_review_kind"),
        ({"state": "late"}, "ck_review_state"),
        ({"authority": NOTTINGHAM}, "fk_review_agreement"),
    ],
)
def test_the_database_refuses_a_review_that_cannot_be(
    db: Connection, agree: Agree, change: dict[str, object], constraint: str
) -> None:
    first = agree().review_ids[0]
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(REVIEW).where(REVIEW.c.id == first).values(**change))
