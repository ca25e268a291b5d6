"""What decides about a referral: its life cycle, who it is for, what providers may read."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from brokerage.reading import Fault, NotValid
from brokerage.referrals.errors import IdentityWouldShow, NotEligible, NotNow
from brokerage.referrals.model import (
    Admission,
    CarePeriod,
    MarketText,
    NewReferral,
    State,
    Verb,
    WantedOutcome,
    YoungPerson,
)
from brokerage.referrals.rules.redaction import Known, Redacted, leaks_in, redact_all
from lots.model import CategoryCode
from matrix.model import Assessment, Edition, LegalStatus, Outcome
from matrix.rules import assess, birthday

MOST_HOURS: Final = Decimal(25)
"""Above this a package is bespoke (DPS spec 3.2.4, A7, S20)."""

CARE_WEEKS: Final = timedelta(weeks=13)
"""Looked after this long since the 14th birthday makes a care leaver (DPS spec 3.1.2, A2)."""

LEAVING_CARE: Final = frozenset({LegalStatus.ELIGIBLE, LegalStatus.RELEVANT, LegalStatus.FORMER_RELEVANT})

MOVES: Final[Mapping[tuple[State, Verb], State]] = {
    (State.DRAFT, Verb.RAISE): State.RAISED,
    (State.DRAFT, Verb.RAISE_BESPOKE): State.BESPOKE,
    (State.RAISED, Verb.SEEK): State.SEEKING,
    (State.BESPOKE, Verb.SEEK): State.SEEKING,
    (State.RAISED, Verb.SEEK_PART): State.SEEKING,
    (State.SEEKING, Verb.SEEK_PART): State.SEEKING,
    (State.SEEKING, Verb.RETURN): State.RAISED,
    (State.SEEKING, Verb.RETURN_BESPOKE): State.BESPOKE,
    (State.RAISED, Verb.GO_BESPOKE): State.BESPOKE,
    (State.BESPOKE, Verb.GO_BESPOKE): State.BESPOKE,
    (State.SEEKING, Verb.PLACE): State.PLACED,
    (State.SEEKING, Verb.PLACE_PART): State.SEEKING,  # the other part is still looked for (A23)
    (State.DRAFT, Verb.WITHDRAW): State.WITHDRAWN,
    (State.RAISED, Verb.WITHDRAW): State.WITHDRAWN,
    (State.SEEKING, Verb.WITHDRAW): State.WITHDRAWN,
    (State.BESPOKE, Verb.WITHDRAW): State.WITHDRAWN,
}

_ALPHABET: Final = "23456789BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; nothing that reads like another


def move(state: State, verb: Verb) -> State:
    """Give the state that `verb` leads to. Raises NotNow."""
    try:
        return MOVES[state, verb]
    except KeyError:
        raise NotNow(state, verb) from None


def new_reference(prefix: str) -> str:
    """Make a random reference: it says nothing about who or how many (S7)."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def time_in_care_since_14(date_of_birth: date, periods: Iterable[CarePeriod], on: date) -> timedelta:
    """Add up the days of care from the 14th birthday to `on`; overlapping periods count once (A2)."""
    fourteen = birthday(date_of_birth, 14)
    total, counted_to = timedelta(0), fourteen - timedelta(days=1)
    for period in sorted(periods, key=lambda one: one.since):
        first, last = max(period.since, counted_to + timedelta(days=1)), min(period.until or on, on)
        if first <= last:
            total += last - first + timedelta(days=1)
            counted_to = last
    return total


def assess_referral(edition: Edition, new: NewReferral, exception: Admission | None, today: date) -> Assessment:
    """Score a complete referral. Raises NotEligible, unless an authoriser admitted an exception (A1).

    Scores stand as on the day of the case; who is eligible is asked for that day and for today, so that no
    other day makes somebody old or young enough.
    """
    for on in (today, new.case.on):
        assessment = assess(edition, replace(new.case, on=on))
        if assessment.outcome is Outcome.REFUSED and admits(exception, assessment.rule):
            assessment = assess(edition, replace(new.case, on=on), exception=True)
        if assessment.outcome is Outcome.REFUSED:
            raise NotEligible(assessment.rule, assessment.reasons)
    return assessment


def admits(exception: Admission | None, rule: str) -> bool:
    """Say whether an exception covers this refusal: it was admitted for one rule and no other."""
    return exception is not None and exception.rule == rule


def decided(new: NewReferral, assessment: Assessment) -> tuple[CategoryCode, Decimal]:
    """Give category and hours a week as decided: the matrix's, or the professional's override (S15)."""
    category, hours = assessment.category, assessment.hours
    if category is None or hours is None:
        raise NotEligible(assessment.rule, assessment.reasons)
    if new.override is not None:
        category = new.override.category or category
        hours = hours if new.override.hours is None else new.override.hours
    if category is CategoryCode.ACCOMMODATION_ONLY and hours > 0:
        raise NotValid(
            (
                Fault(
                    "/override/hours",
                    "Category 2.3 is accommodation only: it has no support hours. Choose 2.2 for them",
                ),
            )
        )
    return category, hours


def raising(hours: Decimal) -> Verb:
    """Say how a referral of so many hours goes on: above 25 it is negotiated, never capped (A10, S20)."""
    return Verb.RAISE_BESPOKE if hours > MOST_HOURS else Verb.RAISE


def known(young_person: YoungPerson, authorised_names: Iterable[str] = ()) -> Known:
    """Gather every identifier the referral itself knows."""
    return Known(
        given_name=young_person.given_name,
        family_name=young_person.family_name,
        known_as=young_person.known_as,
        school=young_person.school,
        relatives=young_person.relatives,
        address=young_person.address,
        date_of_birth=young_person.date_of_birth,
        nhs_number=young_person.nhs_number,
        others=tuple(authorised_names),
    )


def redactions(new: NewReferral) -> dict[str, Redacted]:
    """Redact every free text that providers will read, by field, with each replacement shown."""
    who = known(new.young_person)
    texts = {"pathway_plan": new.pathway_plan, "risk_plan": new.risk_plan}
    texts |= {f"outcomes/{outcome.key}": outcome.text for outcome in new.outcomes}
    return dict(redact_all(texts, who))


def for_market(new: NewReferral) -> tuple[MarketText, int]:
    """Make the words providers will read, and count the replacements. Raises IdentityWouldShow.

    The last look is at the result itself: whatever the redaction did, nothing known may be left (S7).
    """
    done = redactions(new)
    who = known(new.young_person)
    keys = " ".join(outcome.key for outcome in new.outcomes).replace("_", " ")
    found = leaks_in((*(redacted.text for redacted in done.values()), keys), who)
    if found:
        raise IdentityWouldShow(found)
    market = MarketText(
        tuple(WantedOutcome(outcome.key, done[f"outcomes/{outcome.key}"].text) for outcome in new.outcomes),
        done["risk_plan"].text,
        done["pathway_plan"].text,
    )
    return market, sum(len(redacted.replacements) for redacted in done.values())
