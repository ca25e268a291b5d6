"""From a referral to what the market sees of it."""

from __future__ import annotations

from datetime import date

from brokerage.competitions import rules as competition_rules
from brokerage.competitions.model import (
    Coded,
    Profile,
)
from brokerage.desk.work import Work
from brokerage.referrals.model import Referral
from lots import rules as lot_rules
from lots import store as lots
from lots.model import CategoryCode, Eligibility, Need
from matrix import store as matrix
from matrix.model import Edition
from matrix.rules import age_on, band_of


def editions() -> dict[str, Edition]:
    """Give every edition by its id: a score keeps the one it was made with for ever (A9)."""
    return {edition.id: edition for edition in matrix.editions()}


def lots_eligible(work: Work, need: Need, today: date, *, bespoke: bool = False) -> Eligibility:
    """Sort the register into invited and excluded for a need; for a bespoke package in any category of the lot (S4)."""
    if bespoke:
        return lot_rules.eligible_in_any(lots.register(work.db), lots.lot_of(need.category), need, today)
    return lot_rules.eligible(lots.register_for(work.db, need.category, today), need, today)


def categories_for(category: CategoryCode, *, bespoke: bool) -> tuple[CategoryCode, ...]:
    """Give the categories in any of which a provider has to be in standing: all of the lot for a bespoke package."""
    return lots.lot_of(category) if bespoke else (category,)


def profile_of(referral: Referral, today: date, *, bespoke: bool = False) -> Profile:
    """Make what providers see of a referral (S7): bands and codes, and words that were redacted at raising."""
    edition = editions()[referral.assessment.edition]
    answers = referral.new.case.answers
    coded = {
        group: tuple(
            Coded(domain.key, domain.title, answers[domain.key], domain.levels[answers[domain.key]].text)
            for domain in edition.domains
            if domain.group == group and answers[domain.key] > 0
        )
        for group in ("need", "risk")
    }
    return Profile(
        competition_rules.age_band(age_on(referral.new.young_person.date_of_birth, today)),
        referral.category,
        referral.hours,
        band_of(edition, referral.hours).title,
        referral.new.wants,
        referral.new.outward_code,
        coded["need"],
        coded["risk"],
        tuple((outcome.key, outcome.text) for outcome in referral.market.outcomes),
        referral.market.pathway_plan,
        referral.market.risk_plan,
        referral.new.beds,
        bespoke,
    )
