"""Decide about applications to join: what is lacking, when a decision is due, what it may be (A13, S24, S25)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Final

from lots.errors import ApplicationIncomplete, DecisionAgainstFindings, FindingsNotWhole, NotNow
from lots.model import (
    ApplicationState,
    ApplicationVerb,
    Category,
    CategoryCode,
    Criterion,
    EvidenceKind,
    Finding,
    Gap,
    Joining,
    LegalProfile,
    LinePurpose,
    OfferedHome,
    Section,
)
from lots.rules.days import DAY, NO_CLOSURES, covers, is_working_day, london_day, working_days_after
from lots.rules.evidence import counts_until
from lots.rules.nights import answered_between

NIGHT: Final = (time(22), time(9))
"""Emergency places can be asked for by telephone between these times (DPS spec 3.3.6, A17)."""

LIVE: Final = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.ASSESSED)
"""An application in one of these is not decided yet; a provider has one such at most."""

OUTWARD: Final = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")

MOVES: Final[Mapping[tuple[ApplicationState, ApplicationVerb], ApplicationState]] = {
    (ApplicationState.DRAFT, ApplicationVerb.SAVE): ApplicationState.DRAFT,
    (ApplicationState.DRAFT, ApplicationVerb.SUBMIT): ApplicationState.SUBMITTED,
    (ApplicationState.DRAFT, ApplicationVerb.WITHDRAW): ApplicationState.WITHDRAWN,
    (ApplicationState.SUBMITTED, ApplicationVerb.EXTEND): ApplicationState.SUBMITTED,
    (ApplicationState.SUBMITTED, ApplicationVerb.ASSESS): ApplicationState.ASSESSED,
    (ApplicationState.SUBMITTED, ApplicationVerb.WITHDRAW): ApplicationState.WITHDRAWN,
    (ApplicationState.ASSESSED, ApplicationVerb.EXTEND): ApplicationState.ASSESSED,
    (ApplicationState.ASSESSED, ApplicationVerb.ASSESS): ApplicationState.ASSESSED,
    (ApplicationState.ASSESSED, ApplicationVerb.ADMIT): ApplicationState.ADMITTED,
    (ApplicationState.ASSESSED, ApplicationVerb.REFUSE): ApplicationState.REFUSED,
    (ApplicationState.ASSESSED, ApplicationVerb.WITHDRAW): ApplicationState.WITHDRAWN,
}
"""What was submitted is not changed any more; after a refusal somebody applies anew (A13)."""


def move(state: ApplicationState, verb: ApplicationVerb) -> ApplicationState:
    """Give the application's next state; raise `NotNow`."""
    if (state, verb) not in MOVES:
        raise NotNow("application", state.value, verb.value)
    return MOVES[state, verb]


def decide_by(
    submitted_at: datetime, profile: LegalProfile, *, extended: bool, closure_days: frozenset[date] = NO_CLOSURES
) -> date:
    """Give the last day for a decision: working days in England after the London day of submission (S25)."""
    days = profile.extended_days if extended else profile.admission_days
    return working_days_after(london_day(submitted_at), days, closure_days)


def working_days_left(today: date, due: date, closure_days: frozenset[date] = NO_CLOSURES) -> int:
    """Count the working days from tomorrow to the last day for a decision; below 0 for each one it is late (S25)."""
    step = 1 if due >= today else -1
    first, last = (today, due) if step > 0 else (due, today)
    return step * sum(is_working_day(first + DAY * n, closure_days) for n in range(1, (last - first).days + 1))


def check_complete(
    joining: Joining,
    confirmed: frozenset[str],
    kinds: Iterable[EvidenceKind],
    catalogue: Mapping[CategoryCode, Category],
    today: date,
    *,
    urn_taken: bool = False,
) -> None:
    """Check that an application can be assessed; raise `ApplicationIncomplete` with every gap.

    `confirmed` are the mobiles to which a code was sent and from which it came back; `urn_taken` says that the Ofsted
    number belongs to another provider.
    """
    found = gaps(joining, confirmed, kinds, catalogue, today, urn_taken=urn_taken)
    if found:
        raise ApplicationIncomplete(found)


def gaps(
    joining: Joining,
    confirmed: frozenset[str],
    kinds: Iterable[EvidenceKind],
    catalogue: Mapping[CategoryCode, Category],
    today: date,
    *,
    urn_taken: bool = False,
) -> tuple[Gap, ...]:
    """List what an application lacks, section by section."""
    asked = tuple(kinds)
    found = (
        *_organisation(joining),
        *_categories_and_prices(joining, catalogue),
        *_homes(joining, asked, today),
        *_ofsted(joining, catalogue, urn_taken=urn_taken),
        *_papers(joining, asked, today),
        *_contacts(joining, confirmed),
        *_out_of_hours(joining, catalogue),
    )
    return tuple(Gap(section, message) for section, message in found)


def check_findings(criteria: Iterable[Criterion], findings: Iterable[Finding]) -> None:
    """Check that every published criterion was assessed once; raise `FindingsNotWhole`."""
    published = {each.key for each in criteria}
    named = [each.criterion for each in findings]
    missing = published - set(named)
    unknown = {key for key in named if key not in published or named.count(key) > 1}
    if missing or unknown:
        raise FindingsNotWhole(tuple(sorted(missing)), tuple(sorted(unknown)))


def check_decision(verb: ApplicationVerb, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings that are not met; raise `DecisionAgainstFindings` where the decision does not follow them.

    There is no limit on numbers: nothing but the findings decides (regulation 34(6), S25).
    """
    unmet = tuple(each for each in findings if not each.met)
    if bool(unmet) is (verb is ApplicationVerb.ADMIT):
        raise DecisionAgainstFindings(tuple(each.criterion for each in unmet))
    return unmet


_Gaps = Iterator[tuple[Section, str]]


def _organisation(joining: Joining) -> _Gaps:
    firm = joining.organisation
    for value, name in ((firm.name, "name"), (firm.address, "address"), (firm.email, "e-mail"), (firm.phone, "phone")):
        if not value.strip():
            yield Section.ORGANISATION, f"Enter the organisation's {name}"


def _categories_and_prices(joining: Joining, catalogue: Mapping[CategoryCode, Category]) -> _Gaps:
    if not joining.categories:
        yield Section.CATEGORIES, "Choose at least one category"
    if not joining.areas:
        yield Section.AREAS, "Name at least one area by the first half of its postcode"
    for code in joining.areas:
        if not OUTWARD.fullmatch(code):
            yield Section.AREAS, f"{code} is not the first half of a postcode, such as DE1 or NG7"
    priced = [each.category for each in joining.prices]
    for code in sorted(set(priced) ^ set(joining.categories)):
        where = "has no prices yet" if code in joining.categories else "has prices but was not chosen"
        yield Section.PRICES, f"Category {code} {where}"
    for code in sorted({code for code in priced if priced.count(code) > 1}):
        yield Section.PRICES, f"Category {code} has prices twice"
    for each in joining.prices:
        if not catalogue[each.category].support_hours and each.accommodation_weekly is None:
            yield Section.PRICES, f"Category {each.category} is accommodation and needs a price for it"


def _homes(joining: Joining, kinds: tuple[EvidenceKind, ...], today: date) -> _Gaps:
    houses = any(each.accommodation_weekly is not None for each in joining.prices)
    if houses and not joining.homes:
        yield Section.HOMES, "You offer accommodation: describe at least one home"
    for home in joining.homes:
        if not home.rooms:
            yield Section.HOMES, f"{home.name} has no rooms"
        if not OUTWARD.fullmatch(home.outward_code):
            yield Section.HOMES, f"{home.name}: {home.outward_code} is not the first half of a postcode"
        for kind in kinds:
            if kind.per_property and not _standard_counts(home, kind, today):
                yield Section(kind.section), f"{home.name}: {kind.title.lower()} is not shown for today"


def _standard_counts(home: OfferedHome, kind: EvidenceKind, today: date) -> bool:
    first = home.standard_from
    return first is not None and covers(first, counts_until(kind, first, home.standard_to), today)


def _ofsted(joining: Joining, catalogue: Mapping[CategoryCode, Category], *, urn_taken: bool) -> _Gaps:
    if urn_taken and joining.ofsted is not None:
        yield Section.OFSTED, f"The Ofsted number {joining.ofsted.urn} belongs to another provider on the register"
    for_under_18 = any(catalogue[code].lot == "2" for code in joining.categories)
    if for_under_18 and joining.ofsted is None:
        yield Section.OFSTED, "Lot 2 is for 16 and 17 year olds: give your Ofsted registration"
    held = joining.ofsted.categories if joining.ofsted else frozenset()
    for home in joining.homes:
        if home.ofsted_category is not None and home.ofsted_category not in held:
            yield Section.OFSTED, f"{home.name} is of category {home.ofsted_category}, which is not registered"


def _papers(joining: Joining, kinds: tuple[EvidenceKind, ...], today: date) -> _Gaps:
    chosen = frozenset(joining.categories)
    for kind in kinds:
        if kind.per_property or not chosen & kind.categories:
            continue
        shown = (paper for paper in joining.papers if paper.kind == kind.key)
        lasts = ((paper.valid_from, counts_until(kind, paper.valid_from, paper.valid_to)) for paper in shown)
        if not any(covers(first, last, today) for first, last in lasts):
            yield Section(kind.section), f"{kind.title}: nothing is shown that counts today"
    known = {kind.key for kind in kinds if not kind.per_property}
    for strange in sorted({paper.kind for paper in joining.papers} - known):
        yield Section.INSURANCE, f"There is no kind of evidence called {strange}"


def _contacts(joining: Joining, confirmed: frozenset[str]) -> _Gaps:
    if not joining.contacts:
        yield Section.CONTACTS, "Name at least one contact"
    for each in joining.contacts:
        if each.mobile not in confirmed:
            yield Section.CONTACTS, f"The mobile {each.mobile} of {each.name} is not confirmed yet"


def _out_of_hours(joining: Joining, catalogue: Mapping[CategoryCode, Category]) -> _Gaps:
    if all(line.purpose is not LinePurpose.YOUNG_PEOPLE for line in joining.night_lines):
        yield Section.OUT_OF_HOURS, "Give the number that young people can call out of hours"
    if any(catalogue[code].emergency for code in joining.categories):
        lines = [line for line in joining.night_lines if line.purpose is LinePurpose.EMERGENCY_PLACES]
        if not answered_between(lines, *NIGHT):
            yield (
                Section.OUT_OF_HOURS,
                "An emergency category needs a number that is answered from 22:00 to 09:00 on every day of the week",
            )
