"""Agreements, now and on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.desk.clock import day_in_london
from brokerage.desk.flow import agreement_of, editions
from brokerage.desk.flow.sights import look_at_listed, look_at_referral
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Authority, Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import State as ReferralState
from brokerage.referrals.model import YoungPerson
from lots import store as lots
from lots.model import Category, CostLine, Price, Provider, ProviderId
from lots.rules import weekly_cost
from placements import store as placements
from placements.errors import NoSuchAgreement
from placements.model import Agreement, Review


@dataclass(frozen=True, slots=True)
class AgreementView:
    agreement: Agreement
    reviews: tuple[Review, ...]
    provider: str
    council: str


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """An agreement with all that its page and its paper say; `young_person` is None for a provider."""

    view: AgreementView
    category: Category
    lines: tuple[CostLine, ...]
    firm: Provider
    authority: Authority
    young_person: YoungPerson | None


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """One line of the list of agreements; `young_person` is empty for a provider."""

    agreement: Agreement
    provider: str
    young_person: str


def agreement(work: Work, agreement_id: UUID, on: date | None = None) -> AgreementView:
    """Show an agreement to the authority's staff or to its provider. Raises NoSuchAgreement for anybody else."""
    work.require(Permission.SEE_AGREEMENT)
    found = agreement_of(work, agreement_id)
    if on is not None and on < day_in_london(found.agreed_at):
        raise NoSuchAgreement(agreement_id)
    return AgreementView(
        found,
        placements.reviews(work.db, found.authority, found.id),
        lots.provider(work.db, found.provider_id).name,
        work.council(found.authority).name,
    )


def agreement_page(work: Work, agreement_id: UUID) -> AgreementPage:
    """Show an agreement with its working and its parties; the young person is named to the authority's staff only."""
    view = agreement(work, agreement_id)
    made, terms = view.agreement, view.agreement.terms
    person = None
    if people_rules.may(work.actor, Permission.SEE_REFERRAL):
        look_at_referral(work, made.referral_id, "agreement")
        person = referral_store.referral(work.db, made.authority, made.referral_id, editions()).new.young_person
    price = Price(terms.accommodation_weekly, terms.support_hourly)
    reckoned = weekly_cost(price, terms.hours, terms.housing_benefit_weekly, terms.beds, terms.block_discount)
    return AgreementPage(
        view,
        lots.category(terms.category),
        reckoned.lines,
        lots.provider(work.db, made.provider_id),
        work.council(made.authority),
        person,
    )


def listed_agreements(work: Work) -> tuple[ListedAgreement, ...]:
    """List the agreements that concern the asker, for staff with the young person's name."""
    found = agreements(work)
    names: dict[UUID, str] = {}
    if people_rules.may(work.actor, Permission.SEE_REFERRAL):
        placed = referral_store.listed(work.db, work.authority, (ReferralState.PLACED,))
        names = {one.id: one.name for one in look_at_listed(work, placed, "list of agreements")}
    return tuple(ListedAgreement(one, provider, names.get(one.referral_id, "")) for one, provider in found)


def agreements(work: Work) -> tuple[tuple[Agreement, str], ...]:
    """List the agreements that concern the asker, with the provider's name."""
    work.require(Permission.SEE_AGREEMENT)
    if work.actor.provider_id is not None:
        found = placements.agreements_of_provider(work.db, ProviderId(work.actor.provider_id))
    else:
        found = placements.agreements(work.db, work.authority)
    names = {one.id: one.name for one in lots.providers(work.db)}
    return tuple((one, names[one.provider_id]) for one in found)
