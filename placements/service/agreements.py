"""Open, accept and start agreements (A26, A30)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID, uuid4

from sqlalchemy import Connection

from lots.model import Category, CategoryCode, Price, ProviderId, Wants
from lots.rules import OFSTED_UNDER, out_of_standing_in_all
from lots.store import hold_standing, lot_of
from placements import rules, store
from placements.errors import NotInStanding
from placements.events import AgreementAccepted, AgreementOpened, AgreementStarted
from placements.model import (
    Agreement,
    AgreementId,
    AgreementState,
    Information,
    Introduction,
    Party,
    Review,
    ReviewId,
    ReviewKind,
    ReviewState,
    Sibling,
    Terms,
    Version,
)


class About(TypedDict):
    """Name an agreement in an event."""

    authority: str
    agreement_id: AgreementId
    reference: str
    referral_id: UUID
    provider_id: ProviderId


def open_agreement(
    db: Connection,
    authority: str,
    award_id: UUID,
    referral_id: UUID,
    provider_id: ProviderId,
    reference: str,
    terms: Terms,
    outcomes: tuple[tuple[str, str], ...],
    introduction: Introduction,
    starts_on: date,
    ends_on: date,
    category: Category,
    turns_18_on: date | None,
    earliest_start: date,
    now: datetime,
    closure_days: frozenset[date] = rules.NO_CLOSURES,
    *,
    urgent: bool = False,
    tendered: Price | None = None,
    part: Wants | None = None,
    sibling: Agreement | None = None,
    apart_reason: str | None = None,
) -> AgreementOpened:
    """Make the individual placement agreement of an award whose funding is authorised (A26, A30, A31).

    The caller holds the award. Standing is checked today and on the first day, under a lock that a suspension waits
    for (S5, S6). `turns_18_on` is `None` for who is 18 already.
    An `urgent` referral is an emergency in any category (DPS spec 3.3.5). `tendered` are the prices that no variation
    may pass (A22), the agreed ones where it is left out; the weekly cost is what was funded.
    `part` says which of two parts of a placement it is and `sibling` is the other part's agreement, where there is
    one: both are linked (A23).
    Raise the refusals of `check_dates`, `check_apart` and `check_introduction`, `NotInStanding`, `AlreadyAgreed` or
    `NoSuchProvider`.
    """
    if terms.category is not category.code:
        raise ValueError(f"terms in category {terms.category} under category {category.code}")
    rules.check_dates(category, starts_on, ends_on, turns_18_on, earliest_start)
    said = rules.check_apart(part, starts_on, ends_on, sibling, apart_reason)
    emergency = category.emergency or urgent
    met = rules.check_introduction(emergency, introduction.met_on, introduction.waiver_reason, starts_on)
    provider, registrations = hold_standing(db, provider_id)
    age = rules.age_at_start(starts_on, turns_18_on)
    for day in sorted({rules.london_day(now), starts_on}):
        exclusion = out_of_standing_in_all(provider, registrations, categories_of(terms), age, day)
        if exclusion is not None:
            raise NotInStanding(exclusion, day)
    agreement = Agreement(
        authority=authority,
        id=AgreementId(uuid4()),
        reference=reference,
        award_id=award_id,
        referral_id=referral_id,
        provider_id=provider_id,
        terms=terms,
        introduction=met,
        starts_on=starts_on,
        ends_on=ends_on,
        state=AgreementState.OPENED,
        agreed_at=now,
        outcomes=outcomes,
        under_18=age < OFSTED_UNDER,
        ofsted_urn=provider.ofsted_urn,
        funded_weekly=terms.weekly_cost,
        part=part,
        sibling=Sibling(sibling.id, sibling.provider_id, rules.other_part(part)) if sibling and part else None,
        apart_reason=said,
    )
    first = Version(1, starts_on, ends_on, ends_on, terms, tendered or terms.price, None, now)
    days = rules.review_dates(starts_on, ends_on, closure_days)
    reviews = tuple(
        Review(
            ReviewId(uuid4()),
            agreement.id,
            number,
            due_on,
            ReviewKind.FIRST if number == 1 else ReviewKind.QUARTERLY,
            ReviewState.PLANNED,
        )
        for number, due_on in enumerate(days, start=1)
    )
    store.save_agreement(db, agreement)
    if sibling is not None and part is not None:
        store.save_sibling(db, replace(sibling, sibling=Sibling(agreement.id, provider_id, part)))
    store.save_versions(db, agreement, (first,))
    store.save_reviews(db, authority, reviews)
    information_due_at = rules.information_due(now) if emergency else None
    if information_due_at is not None:
        store.save_information(db, authority, Information(agreement.id, information_due_at, 0, None, None))
    return AgreementOpened(
        authority=authority,
        agreement_id=agreement.id,
        reference=reference,
        award_id=award_id,
        referral_id=referral_id,
        provider_id=provider_id,
        category=category.code,
        weekly_cost=terms.weekly_cost,
        starts_on=starts_on,
        ends_on=ends_on,
        first_review_on=days[0] if days else None,
        reviews=days,
        review_ids=tuple(each.id for each in reviews),
        information_due_at=information_due_at,
        # Also what lies after the last day: a variation may move it, and a timer asks again when it rings.
        alarms=rules.alarms(category, starts_on, date.max, turns_18_on),
        part=part,
        sibling_id=sibling.id if sibling else None,
    )


def accept_agreement(
    db: Connection, authority: str, agreement_id: AgreementId, party: Party, person_id: UUID, now: datetime
) -> AgreementAccepted:
    """Accept an agreement for a party, once (A30).

    Raise `NoSuchAgreement`, `AgreementOver`, `AlreadyAccepted` or `NotNow`.
    """
    agreement = rules.accept_agreement(store.hold_agreement(db, authority, agreement_id), party, person_id, now)
    store.save_agreement_state(db, agreement)
    store.save_acceptance(db, agreement, agreement.acceptances[-1])
    return AgreementAccepted(
        **about(agreement),
        party=party,
        person_id=person_id,
        by_both=agreement.state is AgreementState.ACCEPTED,
    )


def start_agreement(db: Connection, authority: str, agreement_id: AgreementId, now: datetime) -> AgreementStarted:
    """Start an accepted agreement on its first day or later; standing is checked once more (A30, S6).

    Raise `NoSuchAgreement`, `AgreementOver`, `NotItsDay`, `NotNow` or `NotInStanding`.
    """
    agreement = rules.start_agreement(store.hold_agreement(db, authority, agreement_id), now)
    provider, registrations = hold_standing(db, agreement.provider_id)
    age = OFSTED_UNDER - 1 if agreement.under_18 else OFSTED_UNDER
    exclusion = out_of_standing_in_all(
        provider, registrations, categories_of(agreement.terms), age, agreement.starts_on
    )
    if exclusion is not None:
        raise NotInStanding(exclusion, agreement.starts_on)
    store.save_agreement_state(db, agreement)
    return AgreementStarted(**about(agreement), starts_on=agreement.starts_on, ends_on=agreement.ends_on)


def categories_of(terms: Terms) -> tuple[CategoryCode, ...]:
    """Give the categories in any of which a provider has to be in standing: all of the lot for a bespoke package."""
    return lot_of(terms.category) if terms.bespoke else (terms.category,)


def about(agreement: Agreement) -> About:
    """Name the agreement that an event is about."""
    return {
        "authority": agreement.authority,
        "agreement_id": agreement.id,
        "reference": agreement.reference,
        "referral_id": agreement.referral_id,
        "provider_id": agreement.provider_id,
    }
