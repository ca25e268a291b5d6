"""Agreements, now and on any day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from brokerage.desk.flow import agreement_of, editions
from brokerage.desk.flow.sights import look_as_provider, look_at_listed, look_at_referral
from brokerage.desk.views.parts import OtherPart, other_part
from brokerage.desk.views.standing import decision_waits
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people import store as people_store
from brokerage.people.model import Authority, Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import YoungPerson
from lots import store as lots
from lots.model import Category, CostLine, LegalProfile, Price, Provider, ProviderId
from lots.rules import weekly_cost
from placements import rules
from placements import store as placements
from placements.model import (
    Agreement,
    AgreementState,
    HeldReview,
    Information,
    Meeting,
    Party,
    Release,
    Review,
    SupportPlan,
    Version,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A way from an agreement to one side of its life, with what is behind it."""

    text: str
    href: str
    note: str


@dataclass(frozen=True, slots=True)
class AgreementView:
    """An agreement with what holds on a day (`on`), or now where that is None; every version is kept beside it."""

    agreement: Agreement
    reviews: tuple[Review, ...]
    provider: str
    council: str
    versions: tuple[Version, ...]
    held: tuple[HeldReview, ...]
    released: Release | None
    on: date | None


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """An agreement with all that its page and its paper say.

    `young_person` is None for a provider before the identity was released to it, and for whoever of the council does
    not work with referrals. `party` is whose user asks; None for one who may only read.
    """

    view: AgreementView
    category: Category
    lines: tuple[CostLine, ...]
    firm: Provider
    authority: Authority
    law: LegalProfile
    young_person: YoungPerson | None
    party: Party | None
    information: Information | None
    plans: tuple[SupportPlan, ...]
    names: Mapping[UUID, str]
    doors: tuple[Link, ...]
    other: OtherPart | None


@dataclass(frozen=True, slots=True)
class StartPage:
    """What comes before a start: meetings, the clock of an emergency, the release of the identity."""

    page: AgreementPage
    meetings: tuple[Meeting, ...]
    emergency: bool
    may_lead: bool
    may_release: bool


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """One line of the list of agreements; `young_person` is empty for a provider."""

    agreement: Agreement
    provider: str
    young_person: str
    to_accept: bool


def agreement(work: Work, agreement_id: UUID, on: date | None = None) -> AgreementView:
    """Show an agreement, as it stood on a day, to the authority's staff or to its provider (A33).

    Raises NoSuchAgreement for anybody else, and NotAgreedYet for a day before it was made.
    """
    work.require(Permission.SEE_AGREEMENT)
    found = agreement_of(work, agreement_id)
    versions = placements.versions(work.db, found.authority, found.id)
    held = placements.held_reviews(work.db, found.authority, found.id)
    if on is None:
        shown = replace(found, terms=rules.version_on(versions, work.today).terms)
    else:
        rules.check_on(found, on)
        shown = rules.as_it_stood(found, versions, on)
    return AgreementView(
        shown,
        placements.reviews(work.db, found.authority, found.id),
        lots.provider(work.db, found.provider_id).name,
        work.council(found.authority).name,
        versions,
        held if on is None else tuple(one for one in held if one.minutes.held_on <= on),
        placements.release(work.db, found.authority, found.id),
        on,
    )


def agreement_page(work: Work, agreement_id: UUID, on: date | None = None) -> AgreementPage:
    """Show an agreement with its working and its parties, and the young person to whoever may know (S7)."""
    view = agreement(work, agreement_id, on)
    made, terms = view.agreement, view.agreement.terms
    price = Price(terms.accommodation_weekly, terms.support_hourly)
    council = work.council(made.authority)
    reckoned = weekly_cost(price, terms.hours, terms.housing_benefit_weekly, terms.beds, terms.block_discount)
    return AgreementPage(
        view,
        lots.category(terms.category),
        reckoned.lines,
        lots.provider(work.db, made.provider_id),
        council,
        lots.profiles()[council.legal_profile],
        young_person_of(work, view),
        _party(work),
        placements.information(work.db, made.authority, made.id),
        placements.support_plans(work.db, made.authority, made.id),
        {UUID(str(key)): name for key, name in people_store.names(work.db, made.authority).items()},
        doors(work, made),
        other_part(work, made),
    )


def start_page(work: Work, agreement_id: UUID) -> StartPage:
    """Show what comes before a start and goes with it (A25, A26, S7)."""
    page = agreement_page(work, agreement_id)
    made = page.view.agreement
    emergency = made.introduction.met_on is None or page.information is not None
    accepted = made.state not in (AgreementState.OPENED, AgreementState.PART_ACCEPTED)
    may_open = people_rules.may(work.actor, Permission.OPEN_AGREEMENT)
    open_still = made.state is not AgreementState.ENDED and page.view.released is None
    return StartPage(
        page,
        placements.meetings(work.db, made.authority, made.award_id),
        emergency,
        people_rules.may(work.actor, Permission.REVIEW_PLACEMENT),
        may_open and open_still and (accepted or emergency),
    )


def young_person_of(work: Work, view: AgreementView) -> YoungPerson | None:
    """Give the young person to staff who work with referrals, and to the provider it was released to (S7).

    Every page and answer that shows an identity to a provider takes it from here.
    """
    made = view.agreement
    released = work.actor.provider_id is not None and view.released is not None
    if released:
        look_as_provider(work, made.authority, made.referral_id, "agreement")
    elif people_rules.may(work.actor, Permission.SEE_REFERRAL):
        look_at_referral(work, made.referral_id, "agreement")
    else:
        return None
    return referral_store.referral(work.db, made.authority, made.referral_id, editions()).new.young_person


def doors(work: Work, made: Agreement) -> tuple[Link, ...]:
    """List the ways on from an agreement that are open to the asker."""
    base = f"/agreements/{made.id}"

    def may(permission: Permission) -> bool:
        return people_rules.may(work.actor, permission)

    found = [
        Link("Before the start", f"{base}/start", "Meetings and visits, full information, and who the young person is"),
        Link("Reviews", f"{base}/reviews", "What was found and decided, and how far the young person has come"),
        Link("Support plan", f"{base}/plan", "How the provider works towards each outcome; every version is kept"),
        Link("Changes", f"{base}/variations", "Hours, services, price or dates, agreed by both"),
        Link("Hours", f"{base}/hours", "What was given each week beside what was bought"),
        Link("Concerns and incidents", f"{base}/concerns", "Told the same day, or within 24 hours"),
        Link("Notice and end", f"{base}/notice", "How the placement ends, and where the young person goes"),
    ]
    if decision_waits(work, made):
        found.insert(
            0, Link("Decide about this placement", f"{base}/standing", "Its provider may be given no new work")
        )
    if may(Permission.OPEN_COMPETITION):
        found.append(
            Link("Back to the market", f"{base}/market", "Ask all providers again when this package no longer fits")
        )
    if may(Permission.EXPORT_LEDGER):
        found.append(Link("Payments", "/ledger", "What is paid for all agreements, line by line and to the penny"))
    return tuple(found)


def listed_agreements(
    work: Work, states: Collection[AgreementState], words: str, skipping: int, most: int
) -> tuple[tuple[ListedAgreement, ...], int]:
    """List some of the agreements that concern the asker, for staff with the young person's name, and count them all.

    `words` is a part of the reference.
    """
    work.require(Permission.SEE_AGREEMENT)
    whose = work.authority if work.actor.provider_id is None else ProviderId(work.actor.provider_id)
    found, count = placements.listed_agreements(work.db, whose, states, words, skipping, most)
    names: dict[UUID, str] = {}
    if people_rules.may(work.actor, Permission.SEE_REFERRAL):
        placed = referral_store.listed(work.db, work.authority, among=[one.referral_id for one in found])
        names = {one.id: one.name for one in look_at_listed(work, placed, "list of agreements")}
    party, firms = _party(work), {one.id: one.name for one in lots.providers(work.db)}
    return tuple(
        ListedAgreement(one, firms[one.provider_id], names.get(one.referral_id, ""), waits_for(one, party))
        for one in found
    ), count


def waits_for(made: Agreement, party: Party | None) -> bool:
    """Say whether an agreement waits for a party's acceptance (A30)."""
    open_still = made.state in (AgreementState.OPENED, AgreementState.PART_ACCEPTED)
    return party is not None and open_still and party not in {one.party for one in made.acceptances}


def _party(work: Work) -> Party | None:
    if people_rules.may(work.actor, Permission.DELIVER):
        return Party.PROVIDER
    return Party.COUNCIL if people_rules.may(work.actor, Permission.OPEN_AGREEMENT) else None
