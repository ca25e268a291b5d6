"""Read a referral from the API's JSON shape, whole or section by section of the task list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from brokerage.reading import WEEK_HOURS, Reader
from brokerage.referrals.model import (
    CarePeriod,
    NewReferral,
    Override,
    Provision,
    Source,
    Urgency,
    WantedOutcome,
    YoungPerson,
)
from brokerage.referrals.rules import CARE_WEEKS, LEAVING_CARE, time_in_care_since_14
from lots.model import CategoryCode, Wants
from matrix.errors import CaseNotValid
from matrix.model import Case, Edition, Needed
from matrix.rules import read_case

CASE_FIELDS: Final = (
    "date_of_birth",
    "on",
    "status",
    "in_education_or_training",
    "living_now",
    "needed",
    "housing_benefit",
    "answers",
)
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "young_person": ("young_person", "date_of_birth"),
    "status": (
        "status",
        "in_education_or_training",
        "living_now",
        "needed",
        "source",
        "urgency",
        "care_periods",
    ),
    "matrix": ("answers", "evidence", "override"),
    "outcomes": ("outcomes", "risk_plan", "pathway_plan"),
    "location": ("wants", "provision", "outward_code", "out_of_area_reason", "beds"),
    "budget": ("indicative_budget_weekly", "housing_benefit", "housing_benefit_weekly"),
}
"""The task list: which fields of the document each section holds."""

FIELDS: Final = (*(name for names in SECTIONS.values() for name in names), "on")
RESERVED_KEYS: Final = frozenset({"risk", "social_value"})
DAY_OF_CASE: Final = timedelta(days=5 * 366)
"""A case assessed longer ago, or further ahead, is a slip of the finger."""

EVIDENCE_FROM: Final = 3
"""A level this grave needs a note of what it rests on (spec/matrix.md)."""


def read_referral(document: Mapping[str, object], edition: Edition, today: date, *, strict: bool) -> NewReferral:
    """Read a complete referral. Raises NotValid with every fault.

    `strict` is the task list's reading: it asks for the notes of evidence and the care periods, which
    systems that send referrals by the API may not hold.
    """
    reader = Reader()
    reader.only(document, "", FIELDS)
    case = _case(reader, document, edition, today)
    young_person = _young_person(reader, document.get("young_person"), case)
    source = reader.choice(document.get("source"), "/source", "Who is referring", Source)
    urgency = reader.choice(document.get("urgency"), "/urgency", "How urgent this is", Urgency)
    wants = _wants(reader, document.get("wants"))
    outcomes = _outcomes(reader, document.get("outcomes"))
    risk_plan = reader.text(document.get("risk_plan"), "/risk_plan", "The plan to manage risk", most=6000, least=1)
    pathway_plan = reader.text(document.get("pathway_plan"), "/pathway_plan", "The pathway plan", most=12000, least=1)
    outward = reader.outward_code(document.get("outward_code"), "/outward_code", "The area")
    budget = reader.money(document.get("indicative_budget_weekly"), "/indicative_budget_weekly", "The weekly budget")
    benefit = reader.money(
        document.get("housing_benefit_weekly"),
        "/housing_benefit_weekly",
        "The weekly Housing Benefit",
        required=document.get("housing_benefit") in (True, "yes", "true"),
    )
    beds = reader.count(document.get("beds", 1), "/beds", "The number of beds", least=1, most=50)
    provision = document.get("provision")
    kind = reader.choice(provision, "/provision", "The kind of provision", Provision) if provision else None
    reason = reader.text(
        document.get("out_of_area_reason"), "/out_of_area_reason", "The reason for looking out of area", most=1000
    )
    evidence = _evidence(reader, document, case, edition, strict=strict)
    # As on the day of the case, so that a referral reads the same for ever.
    periods = _care_periods(reader, document.get("care_periods"), case, case.on if case else today, strict=strict)
    override = _override(reader, document.get("override"))
    if strict and case is not None and case.needed is Needed.SAME_DAY and urgency is Urgency.STANDARD:
        reader.fault("/urgency", "A home needed today cannot wait 24 hours for offers: choose urgent")
    reader.done()
    assert case  # the reader has no faults
    assert young_person
    assert source
    assert urgency
    assert budget is not None
    return NewReferral(
        young_person,
        case,
        source,
        urgency,
        wants,
        outcomes,
        risk_plan,
        pathway_plan,
        outward,
        budget,
        benefit if benefit is not None and case.housing_benefit else Decimal("0.00"),
        beds,
        kind,
        reason,
        evidence,
        periods,
        override,
    )


def _case(reader: Reader, document: Mapping[str, object], edition: Edition, today: date) -> Case | None:
    raw = {name: document[name] for name in CASE_FIELDS if name in document}
    raw.setdefault("on", today.isoformat())
    raw.setdefault("in_education_or_training", False)
    raw.setdefault("housing_benefit", False)
    try:
        case = read_case(raw, edition)
    except CaseNotValid as refused:
        for fault in refused.faults:
            reader.fault(fault.pointer, fault.message)
        return None
    if case.date_of_birth > today:
        reader.fault("/date_of_birth", "The date of birth must be in the past")
        return None
    if not today - DAY_OF_CASE <= case.on <= today + DAY_OF_CASE:
        reader.fault("/on", "The day of the assessment must be within five years of today")
        return None
    return case


def _young_person(reader: Reader, raw: object, case: Case | None) -> YoungPerson | None:
    if not isinstance(raw, Mapping):
        reader.fault("/young_person", "Give the young person's name")
        return None
    at = "/young_person"
    reader.only(raw, at, ("given_name", "family_name", "known_as", "school", "relatives", "address", "nhs_number"))

    def text(name: str, title: str, most: int, least: int = 0, emoji: bool = False) -> str:
        return reader.text(raw.get(name), f"{at}/{name}", title, most=most, least=least, emoji=emoji)

    relatives_raw = raw.get("relatives") or []
    relatives: tuple[str, ...] = ()
    if not isinstance(relatives_raw, list):
        reader.fault(f"{at}/relatives", "Relatives must be a list of names")
    elif len(relatives_raw) > 20:
        reader.fault(f"{at}/relatives", "Give 20 relatives or fewer")
    else:
        relatives = tuple(
            reader.text(one, f"{at}/relatives/{number}", "A relative's name", most=120, emoji=False)
            for number, one in enumerate(relatives_raw)
        )
    nhs_number = text("nhs_number", "The NHS number", 20)
    digits = nhs_number.replace(" ", "").replace("-", "")
    if nhs_number and not (digits.isascii() and digits.isdigit() and len(digits) == 10):
        reader.fault(f"{at}/nhs_number", "The NHS number must be 10 digits, such as 999 000 0018")
    given, family = text("given_name", "The given name", 80, 1), text("family_name", "The family name", 80, 1)
    known_as, school = text("known_as", "The name they are known by", 80), text("school", "The school", 160)
    address = text("address", "The address", 400)
    if case is None:
        return None
    return YoungPerson(
        given, family, case.date_of_birth, known_as, school, tuple(filter(None, relatives)), address, nhs_number
    )


def _wants(reader: Reader, raw: object) -> frozenset[Wants]:
    if isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, list) or not raw:
        reader.fault("/wants", "Choose what is wanted: accommodation, support or both")
        return frozenset()
    wants = (reader.choice(one, f"/wants/{number}", "What is wanted", Wants) for number, one in enumerate(raw))
    return frozenset(one for one in wants if one)


def _outcomes(reader: Reader, raw: object) -> tuple[WantedOutcome, ...]:
    if not isinstance(raw, list) or not raw:
        reader.fault("/outcomes", "Give at least one outcome that the placement is to reach")
        return ()
    if len(raw) > 10:
        reader.fault("/outcomes", "Give 10 outcomes or fewer: providers answer each one")
        return ()
    outcomes: list[WantedOutcome] = []
    for number, one in enumerate(raw):
        at = f"/outcomes/{number}"
        if not isinstance(one, Mapping):
            reader.fault(at, "An outcome has a key and a text")
            continue
        reader.only(one, at, ("key", "text"))
        key = reader.key(one.get("key"), f"{at}/key", "The outcome's key")
        if key in RESERVED_KEYS or key in {known.key for known in outcomes}:
            reader.fault(f"{at}/key", f"The key {key} is already in use: give another")
        text = reader.text(one.get("text"), f"{at}/text", "The outcome in words", most=600, least=1)
        outcomes.append(WantedOutcome(key, text))
    return tuple(outcomes)


def _evidence(
    reader: Reader, document: Mapping[str, object], case: Case | None, edition: Edition, *, strict: bool
) -> dict[str, str]:
    raw = document.get("evidence") or {}
    if not isinstance(raw, Mapping):
        reader.fault("/evidence", "Evidence is a note for each domain")
        return {}
    reader.only(raw, "/evidence", [domain.key for domain in edition.domains])
    notes = {
        key: reader.text(note, f"/evidence/{key}", "The evidence note", most=2000) for key, note in raw.items() if note
    }
    answers = case.answers if case else {}
    if strict:
        for domain in edition.domains:
            if answers.get(domain.key, 0) >= EVIDENCE_FROM and not notes.get(domain.key):
                reader.fault(
                    f"/evidence/{domain.key}", f"Say what level {answers[domain.key]} for {domain.title} rests on"
                )
    return notes


def _care_periods(reader: Reader, raw: object, case: Case | None, on: date, *, strict: bool) -> tuple[CarePeriod, ...]:
    if raw is None:
        raw = []
    if not isinstance(raw, list) or len(raw) > 30:
        reader.fault("/care_periods", "Care periods are a list of up to 30, each with since and until")
        return ()
    periods: list[CarePeriod] = []
    for number, one in enumerate(raw):
        at = f"/care_periods/{number}"
        if not isinstance(one, Mapping):
            reader.fault(at, "A care period has a first day and a last day")
            continue
        reader.only(one, at, ("since", "until"))
        since = reader.day(one.get("since"), f"{at}/since", "The first day in care")
        until = reader.day(one["until"], f"{at}/until", "The last day in care") if one.get("until") else None
        if since is None:
            continue
        if since > on or (until is not None and until < since):
            reader.fault(f"{at}/until", "A care period must end after it starts, and start in the past")
            continue
        periods.append(CarePeriod(since, until))
    if case is not None and case.status in LEAVING_CARE and (periods or strict):
        if not periods:
            reader.fault(
                "/care_periods", "Give the periods in care: 13 weeks since the 14th birthday make a care leaver"
            )
        else:
            length = time_in_care_since_14(case.date_of_birth, periods, on)
            if length < CARE_WEEKS:
                reader.fault(
                    "/status",
                    f"The periods in care since the 14th birthday add up to {length.days // 7} weeks and "
                    f"{length.days % 7} days. {case.status.replace('_', ' ').capitalize()} needs 13 weeks: "
                    "check the periods, or choose qualifying",
                )
    return tuple(periods)


def _override(reader: Reader, raw: object) -> Override | None:
    if raw in (None, {}, ""):
        return None
    if not isinstance(raw, Mapping):
        reader.fault("/override", "An override has hours, a category and a reason")
        return None
    reader.only(raw, "/override", ("hours", "category", "reason"))
    typed_hours, typed_category = raw.get("hours"), raw.get("category")
    if typed_hours in (None, "") and typed_category in (None, ""):
        if raw.get("reason"):
            reader.fault("/override/hours", "Give the hours or the category that you judge right")
        return None
    hours = (
        None
        if typed_hours in (None, "")
        else reader.hours(typed_hours, "/override/hours", "The hours you judge right", most=WEEK_HOURS)
    )
    category = (
        None
        if typed_category in (None, "")
        else reader.choice(typed_category, "/override/category", "The category you judge right", CategoryCode)
    )
    if category is CategoryCode.ACCOMMODATION_ONLY and hours is None and typed_hours in (None, ""):
        reader.fault("/override/hours", "Category 2.3 has no support hours: enter 0 hours with it")
    if category is CategoryCode.ACCOMMODATION_ONLY and hours:
        reader.fault(
            "/override/hours", "Category 2.3 is accommodation only: it has no support hours. Enter 0 or choose 2.2"
        )
    reason = reader.text(
        raw.get("reason"), "/override/reason", "The reason for a different judgement", most=2000, least=10
    )
    return Override(hours, category, reason)
