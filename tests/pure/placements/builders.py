"""Agreements to try the rules on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st

from lots.model import Category, CategoryCode, Price, ProviderId
from lots.store import category
from placements.model import (
    Acceptance,
    Agreement,
    AgreementId,
    AgreementState,
    Changes,
    Introduction,
    Party,
    Terms,
    VariationId,
    Version,
)
from placements.rules import closed_by, next_version, terms_of

DAY = timedelta(days=1)
START, END = date(2026, 12, 1), date(2027, 8, 31)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA, BEN, CARA, DEV = (UUID(int=number) for number in range(11, 15))
TRANSITION = category(CategoryCode.TRANSITION)
LIMITS = Price(Decimal("400.00"), Decimal("25.00"))
OUTCOMES = (("cooking", "Cooks three meals a week"), ("college", "Stays at college"))


def noon(on: date) -> datetime:
    """Give noon UTC of a day, which is that day in London too."""
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def terms(
    hours: str = "12.25",
    accommodation: str = "350.00",
    support: str = "22.50",
    benefit: str = "0.00",
    under: Category = TRANSITION,
    beds: int = 1,
    discount: str = "5.00",
) -> Terms:
    price = Price(Decimal(accommodation), Decimal(support))
    return terms_of(under, price, Decimal(hours), Decimal(benefit), beds, Decimal(discount))


def agreement(
    state: AgreementState = AgreementState.STARTED,
    starts_on: date = START,
    ends_on: date = END,
    ended_on: date | None = None,
    bought: Terms | None = None,
    funded: str | None = None,
) -> Agreement:
    bought = bought or terms()
    accepted = {AgreementState.OPENED: 0, AgreementState.PART_ACCEPTED: 1}.get(state, 2)
    return Agreement(
        authority="derby-city",
        id=AgreementId(UUID(int=1)),
        reference="A1",
        award_id=UUID(int=2),
        referral_id=UUID(int=3),
        provider_id=ProviderId(UUID(int=4)),
        terms=bought,
        introduction=Introduction(starts_on, None),
        starts_on=starts_on,
        ends_on=ends_on,
        state=state,
        agreed_at=NOW,
        outcomes=OUTCOMES,
        funded_weekly=bought.weekly_cost if funded is None else Decimal(funded),
        acceptances=tuple(Acceptance(party, ANNA, NOW) for party in list(Party)[:accepted]),
        ended_on=ended_on,
        notice_on=starts_on if state is AgreementState.UNDER_NOTICE else None,
    )


def first_version(made: Agreement, limits: Price = LIMITS) -> Version:
    return Version(1, made.starts_on, made.ends_on, made.ends_on, made.terms, limits, None, NOW)


def vary(made: Agreement, versions: tuple[Version, ...], on: date, changes: Changes) -> tuple[Version, ...]:
    """Bring changes into force from a day on, without a difference of category."""
    new = next_version(made, versions, VariationId(UUID(int=100 + len(versions))), changes, None, on, NOW)
    return closed_by(versions, new)


quarter_hours = st.integers(0, 100).map(lambda quarters: Decimal(quarters) / 4)


def pounds_up_to(most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most * 100).map(lambda pennies: Decimal(pennies) / 100)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Agreement, tuple[Version, ...]]:
    """Draw an agreement and the versions of up to six variations in order, some reaching for another last day."""
    starts_on = draw(st.dates(date(2026, 1, 1), date(2031, 12, 31)))
    length = draw(st.integers(30, 365))
    made = agreement(starts_on=starts_on, ends_on=starts_on + length * DAY)
    versions: tuple[Version, ...] = (first_version(made),)
    for _ in range(draw(st.integers(0, 6))):
        last = versions[-1]
        if last.from_on >= made.ends_on:
            break
        on = draw(st.dates(last.from_on + DAY, made.ends_on))
        changes = Changes(
            hours=draw(quarter_hours),
            accommodation_weekly=draw(st.none() | pounds_up_to(400)),
            support_hourly=draw(st.none() | pounds_up_to(25)),
            services=(("step", str(len(versions))),),
            ends_on=draw(st.none() | st.dates(on, on + 120 * DAY)),
        )
        versions = vary(made, versions, on, changes)
        made = agreement(starts_on=starts_on, ends_on=versions[-1].ends_on)
    return made, versions
