"""What the task list shows of a referral that is being written: read-only, one gathering a page.

A section is judged by itself: where another section is still empty or wrong, something harmless stands in for it, so
that every fault of this one is found at once and nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions.model import Profile, Window
from brokerage.competitions.rules import splitting
from brokerage.desk import flow
from brokerage.desk.flow.sights import look_at_listed, look_at_referral
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.model import Permission, PersonId
from brokerage.reading import Fault, NotValid
from brokerage.referrals import rules
from brokerage.referrals import store as referral_store
from brokerage.referrals.errors import NotEligible, NotNow
from brokerage.referrals.model import CarePeriod, Draft, ListedReferral, NewReferral, Referral, State, Verb
from brokerage.referrals.rules.reading import CASE_FIELDS, SECTIONS, read_referral
from brokerage.referrals.rules.redaction import Redacted
from brokerage.referrals.rules.redaction import leaks as leaks_in
from lots.model import CategoryCode, Eligibility, Need, Wants
from matrix.errors import CaseNotValid
from matrix.model import Assessment, Case, Edition, LegalStatus, Line, Refusal
from matrix.rules import age_on, assess, eligibility, read_case, score

STAND_IN_AGE: Final = 24
"""While the date of birth is not known, every period in care counts as after the 14th birthday (A2)."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with what is still missing or wrong, by section, and whether the scheme covers the young person."""

    draft: Draft
    faults: Mapping[str, tuple[Fault, ...]]
    begun: frozenset[str]
    age: int | None
    refusal: Refusal | None
    excepted: bool
    started_by: str
    on: date

    @property
    def complete(self) -> bool:
        return self.refusal is None and not any(self.faults.values())


@dataclass(frozen=True, slots=True)
class Result:
    """What the matrix makes of a draft's answers. Without the other sections there are hours but no category yet."""

    edition: Edition
    hours: Decimal
    working: tuple[Line, ...]
    assessment: Assessment | None
    refused: NotEligible | None


@dataclass(frozen=True, slots=True)
class Market:
    """Whom a referral would be offered to, on this day and with these windows.

    `parts` says whom each part would be offered to where accommodation and support can be bought separately (A23).
    """

    eligibility: Eligibility
    window: Window
    parts: Mapping[Wants, Eligibility]

    @property
    def in_parts(self) -> bool:
        """Say whether there are two parts, and somebody to invite for each."""
        return bool(self.parts) and all(one.invited for one in self.parts.values())


@dataclass(frozen=True, slots=True)
class Ready:
    """A complete draft as it would be raised now. `profile` is None while words still identify somebody."""

    referral: Referral | None
    new: NewReferral
    assessment: Assessment
    category: CategoryCode
    hours: Decimal
    bespoke: bool
    redactions: Mapping[str, Redacted]
    leaks: tuple[str, ...]
    profile: Profile | None
    market: Market


def draft(work: Work, referral_id: UUID) -> DraftView:
    """Show a draft of the authority to its staff. Raises NoSuchReferral, NotNow once it is raised."""
    work.require(Permission.SEE_REFERRAL)
    found = _draft(work, referral_id)
    look_at_referral(work, referral_id, "draft")
    return _view(work, found)


def state(work: Work, referral_id: UUID) -> State:
    """Say how far a referral has come. Raises NoSuchReferral."""
    work.require(Permission.SEE_REFERRAL)
    return referral_store.state_of(work.db, work.authority, referral_id)


def tried(work: Work, referral_id: UUID, section: str, values: Mapping[str, object]) -> DraftView:
    """Show the draft as it would be with one section typed anew; nothing is kept."""
    work.require(Permission.RAISE_REFERRAL)
    found = _draft(work, referral_id)
    document = {name: value for name, value in found.document.items() if name not in SECTIONS[section]} | dict(values)
    return _view(work, replace(found, document=document))


def result(work: Work, view: DraftView) -> Result | None:
    """Work out the hours of a draft's answers; None while an answer is missing."""
    work.require(Permission.ASSESS)
    if view.faults["matrix"]:
        return None
    edition = work.edition
    case, wrong = _case(view.draft.document, edition, work.today)
    if wrong:
        hours, working = score(edition, case.answers)
        return Result(edition, hours, working, None, None)
    assessment = assess(edition, case, exception=view.excepted)
    hours, working = score(edition, case.answers)
    if assessment.category is None:
        return Result(edition, hours, working, None, NotEligible(assessment.rule, assessment.reasons))
    return Result(edition, hours, working, assessment, None)


def ready(work: Work, view: DraftView) -> Ready | None:
    """Show a complete draft as it would be raised now; None while something is missing or refused."""
    if not view.complete:
        return None
    found, today = view.draft, work.today
    new = read_referral({"on": today.isoformat(), **found.document}, work.edition, today, strict=True)
    assessment = rules.assess_referral(work.edition, new, found.exception, today)
    category, hours = rules.decided(new, assessment)
    redactions = rules.redactions(new)
    who = rules.known(new.young_person)
    leaks = tuple(leak for one in redactions.values() for leak in leaks_in(one.text, who))
    profile = None
    if not leaks:
        market, _ = rules.for_market(new)
        shown = Referral(
            found.authority,
            found.id,
            found.reference,
            State.DRAFT,
            new,
            assessment,
            category,
            hours,
            market,
            work.now,
            None,
            found.exception,
        )
        profile = flow.profile_of(shown, today)
    return Ready(
        None,
        new,
        assessment,
        category,
        hours,
        hours > rules.MOST_HOURS,
        redactions,
        leaks,
        profile,
        _market(work, new, category, hours, bespoke=hours > rules.MOST_HOURS),
    )


def raised(work: Work, referral_id: UUID) -> Ready:
    """Show a raised referral as it would be published now, in the words that were made for providers at raising."""
    work.require(Permission.SEE_REFERRAL)
    look_at_referral(work, referral_id, "profile")
    found = referral_store.referral(work.db, work.authority, referral_id, flow.editions())
    return Ready(
        found,
        found.new,
        found.assessment,
        found.category,
        found.hours,
        found.state is State.BESPOKE,
        rules.redactions(found.new),
        (),
        flow.profile_of(found, work.today, bespoke=found.state is State.BESPOKE),
        _market(work, found.new, found.category, found.hours, bespoke=found.state is State.BESPOKE),
    )


def time_in_care(view: DraftView) -> timedelta | None:
    """Add up a draft's periods in care since the 14th birthday (A2); None while a day cannot be read."""
    document = view.draft.document
    try:
        born = date.fromisoformat(str(document.get("date_of_birth")))
        raw = document.get("care_periods")
        periods = [
            CarePeriod(date.fromisoformat(one["since"]), date.fromisoformat(one["until"]) if one.get("until") else None)
            for one in (raw if isinstance(raw, list) else [])
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return rules.time_in_care_since_14(born, periods, view.on) if periods else None


def listed(work: Work, states: tuple[State, ...], words: str) -> tuple[ListedReferral, ...]:
    """List the authority's referrals in these states (all, where none is named), last changed first.

    Its names are for `named` to show.
    """
    work.require(Permission.SEE_REFERRAL)
    return referral_store.listed(work.db, work.authority, states, words)


def named(work: Work, shown: Sequence[ListedReferral]) -> tuple[ListedReferral, ...]:
    """Give one page of a list with the names that the asker may see, each of them a sight that is noted (A47)."""
    return look_at_listed(work, shown, "list of referrals")


def withdrawn_reason(work: Work, referral_id: UUID) -> str:
    """Give the reason for which a referral was withdrawn."""
    work.require(Permission.SEE_REFERRAL)
    return referral_store.withdrawn_reason(work.db, work.authority, referral_id)


def _draft(work: Work, referral_id: UUID) -> Draft:
    reached = referral_store.state_of(work.db, work.authority, referral_id)
    if reached is not State.DRAFT:
        raise NotNow(reached, Verb.RAISE)
    return referral_store.draft(work.db, work.authority, referral_id)


def _market(work: Work, new: NewReferral, category: CategoryCode, hours: Decimal, *, bespoke: bool) -> Market:
    today, council = work.today, work.council(work.authority)
    need = Need(category, age_on(new.young_person.date_of_birth, today), new.wants, hours, new.beds)
    window = competition_rules.window(new.urgency.value, work.now, waits_for_morning=council.urgent_waits_for_morning)
    parts = splitting.PARTS if not bespoke and splitting.can_split(new.wants, hours) else ()
    apart = {one: flow.lots_eligible(work, replace(need, wants=frozenset({one})), today) for one in parts}
    return Market(flow.lots_eligible(work, need, today, bespoke=bespoke), window, apart)


def _view(work: Work, found: Draft) -> DraftView:
    document, edition, today = found.document, work.edition, work.today
    case, wrong = _case(document, edition, today)
    faults = {section: tuple(_faults(document, section, edition, today)) for section in SECTIONS}
    refusal = _refusal(case, wrong)
    excepted = refusal is not None and rules.admits(found.exception, refusal.rule)
    if not any(faults.values()):
        faults["matrix"] = _undecided(found, edition, today)
    begun = frozenset(name for name, fields in SECTIONS.items() if any(_filled(document.get(one)) for one in fields))
    names = people_store.names(work.db, work.authority)
    by = names.get(PersonId(found.started_by), "") if found.started_by else ""
    age = None if "date_of_birth" in wrong else age_on(case.date_of_birth, today)
    return DraftView(found, faults, begun, age, None if excepted else refusal, excepted, by, today)


def _faults(document: Mapping[str, object], section: str, edition: Edition, today: date) -> Iterator[Fault]:
    """Find what is missing or wrong in one section, each place once."""
    mine, places = SECTIONS[section], set()
    case, wrong = _case(document, edition, today)
    mended = {"on": today.isoformat(), **document} | {name: _plain(case, name) for name in wrong}
    others: tuple[Fault, ...] = ()
    try:
        read_referral(mended, edition, today, strict=True)
    except NotValid as refused:
        others = refused.faults
    for fault in (*(fault for found in wrong.values() for fault in found), *others):
        if fault.pointer.split("/")[1] in mine and fault.pointer not in places:
            places.add(fault.pointer)
            yield fault


def _case(
    document: Mapping[str, object], edition: Edition, today: date
) -> tuple[Case, Mapping[str, tuple[Fault, ...]]]:
    """Read the case of a draft; for each field that cannot be read something harmless stands in, and its faults."""
    raw: dict[str, object] = dict.fromkeys(CASE_FIELDS) | {
        name: document[name] for name in CASE_FIELDS if name in document
    }
    raw["on"] = today.isoformat()
    wrong: dict[str, tuple[Fault, ...]] = {}
    try:
        return read_case(raw, edition), wrong
    except CaseNotValid as refused:
        for fault in refused.faults:
            name = fault.pointer.split("/")[1]
            wrong[name] = (*wrong.get(name, ()), Fault(fault.pointer, fault.message))
    given = raw["answers"] if isinstance(raw["answers"], Mapping) else {}
    bad = {fault.pointer.split("/")[2] for fault in wrong.get("answers", ()) if fault.pointer.count("/") > 1}
    stand_in: dict[str, object] = {
        "date_of_birth": f"{today.year - STAND_IN_AGE}-01-01",
        "status": LegalStatus.QUALIFYING.value,
        "in_education_or_training": True,
        "living_now": "other",
        "needed": "planned",
        "housing_benefit": False,
        "answers": {
            domain.key: given[domain.key] if domain.key in given and domain.key not in bad else 0
            for domain in edition.domains
        },
    }
    return read_case(raw | {name: stand_in[name] for name in wrong}, edition), wrong


def _plain(case: Case, name: str) -> object:
    value = getattr(case, name)
    return value.isoformat() if isinstance(value, date) else dict(value) if name == "answers" else value


def _refusal(case: Case, wrong: Mapping[str, tuple[Fault, ...]]) -> Refusal | None:
    """Say which rule refuses, as soon as what is known suffices; what is not known yet is taken generously (A1)."""
    return None if "date_of_birth" in wrong else eligibility(case)


def _undecided(found: Draft, edition: Edition, today: date) -> tuple[Fault, ...]:
    """Find what only the whole shows: hours in category 2.3."""
    new = read_referral({"on": today.isoformat(), **found.document}, edition, today, strict=True)
    try:
        rules.decided(new, assess(edition, new.case, exception=found.exception is not None))
    except NotValid as refused:
        return refused.faults
    except NotEligible:
        return ()
    return ()


def _filled(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_filled(one) for one in value.values())
    if isinstance(value, list):
        return any(_filled(one) for one in value)
    return value not in (None, "", "1") and value != "--"
