"""Applications: what is lacking, by when they are decided, and that decisions follow the findings (A13, S24, S25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.errors import ApplicationIncomplete, CatalogueNotValid, DecisionAgainstFindings, FindingsNotWhole, NotNow
from lots.model import (
    ApplicationState,
    ApplicationVerb,
    CategoryCode,
    Finding,
    Joining,
    LegalProfile,
    LinePurpose,
    Section,
)
from lots.rules import check_complete, check_decision, check_findings, decide_by, is_working_day, working_days_after
from lots.rules.joining import LIVE, MOVES, gaps, move
from lots.store import catalogue, criteria, evidence_kinds, parse_joining, profiles
from tests.pure.lots.builders import HOUSE, JOINING, MOBILE

ON = date(2026, 11, 23)
CONFIRMED = frozenset({MOBILE})
PROFILE = profiles()["pcr2015_dps"]
OFF = holidays.country_holidays("GB", subdiv="ENG", years=range(2024, 2032))

instants = st.integers(0, 6 * 365 * 1440).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


# The clock -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted", "due", "extended"),
    [
        ("2026-11-23T09:00", "2026-12-07", "2026-12-14"),
        ("2026-11-20T17:00", "2026-12-04", "2026-12-11"),  # a Friday: the weekend does not count
        ("2026-11-21T12:00", "2026-12-04", "2026-12-11"),  # a Saturday
        ("2026-12-18T12:00", "2027-01-06", "2027-01-13"),  # Christmas, its substitute day, New Year
        ("2027-03-24T12:00", "2027-04-09", "2027-04-16"),  # Easter
        ("2026-06-30T23:30", "2026-07-15", "2026-07-22"),  # 00:30 of 1 July in London
    ],
)
def test_the_decision_is_due_ten_working_days_after_or_fifteen(submitted: str, due: str, extended: str) -> None:
    at = datetime.fromisoformat(submitted).replace(tzinfo=UTC)
    assert decide_by(at, PROFILE, extended=False) == date.fromisoformat(due)
    assert decide_by(at, PROFILE, extended=True) == date.fromisoformat(extended)


@given(instants, st.booleans(), st.frozensets(st.dates(date(2025, 1, 1), date(2031, 6, 1)), max_size=5))
def test_exactly_so_many_working_days_lie_between(at: datetime, extended: bool, closed: frozenset[date]) -> None:
    due = decide_by(at, PROFILE, extended=extended, closure_days=closed)
    start = (at + timedelta(hours=1)).date() if _summer(at) else at.date()
    days = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    working = [day for day in days if day.weekday() < 5 and day not in OFF and day not in closed]
    assert len(working) == (15 if extended else 10)
    assert working[-1] == due


@given(st.dates(date(2025, 1, 1), date(2030, 1, 1)), st.integers(1, 30), st.integers(1, 30))
def test_working_days_add_up(start: date, one: int, other: int) -> None:
    assert working_days_after(working_days_after(start, one), other) == working_days_after(start, one + other)
    assert is_working_day(working_days_after(start, one))


def _summer(at: datetime) -> bool:
    def last_sunday(month: int) -> datetime:
        last = datetime(at.year, month, 31, 1, tzinfo=UTC)
        return last - timedelta(days=(last.weekday() + 1) % 7)

    return last_sunday(3) <= at < last_sunday(10)


# The life cycle ------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(ApplicationVerb), max_size=12))
def test_whatever_is_tried_a_decided_application_stays_decided(verbs: list[ApplicationVerb]) -> None:
    state, assessed = ApplicationState.DRAFT, False
    for verb in verbs:
        before = state
        try:
            state = move(state, verb)
        except NotNow as refused:
            assert (refused.kind, refused.state, refused.verb) == ("application", state.value, verb.value)
            assert (before, verb) not in MOVES
            continue
        assert before in LIVE, "nothing leaves a decided state"
        assessed = assessed or verb is ApplicationVerb.ASSESS
        assert assessed or state not in {ApplicationState.ADMITTED, ApplicationState.REFUSED}


def findings(unmet: set[str]) -> list[Finding]:
    return [Finding(each.key, each.key not in unmet, "Not shown" if each.key in unmet else "") for each in criteria()]


@given(st.sets(st.sampled_from([each.key for each in criteria()])))
def test_a_decision_follows_the_findings_and_nothing_else(unmet: set[str]) -> None:
    found = findings(unmet)
    check_findings(criteria(), found)
    right, wrong = (ApplicationVerb.REFUSE, ApplicationVerb.ADMIT) if unmet else (
        ApplicationVerb.ADMIT, ApplicationVerb.REFUSE,
    )  # fmt: skip
    assert {each.criterion for each in check_decision(right, found)} == unmet
    with pytest.raises(DecisionAgainstFindings) as refused:
        check_decision(wrong, found)
    assert set(refused.value.unmet) == unmet


@given(st.data())
def test_every_criterion_is_assessed_once(data: st.DataObject) -> None:
    found = findings(set())
    change = data.draw(st.sampled_from(["leave out", "twice", "strange"]))
    one = data.draw(st.sampled_from(found))
    if change == "leave out":
        found.remove(one)
    elif change == "twice":
        found.append(one)
    else:
        found.append(Finding("horoscope", True))
    with pytest.raises(FindingsNotWhole) as refused:
        check_findings(criteria(), found)
    assert refused.value.missing == ((one.criterion,) if change == "leave out" else ())
    assert refused.value.unknown == {"leave out": (), "twice": (one.criterion,), "strange": ("horoscope",)}[change]


def test_what_is_not_met_says_why() -> None:
    with pytest.raises(ValueError):
        Finding("dbs", False, "  ")


# What is lacking -----------------------------------------------------------------------------------------------------


def lacking(joining: Joining, confirmed: frozenset[str] = CONFIRMED, on: date = ON) -> dict[Section, list[str]]:
    found: dict[Section, list[str]] = {}
    for gap in gaps(joining, confirmed, evidence_kinds(), catalogue(), on):
        found.setdefault(gap.section, []).append(gap.message)
    return found


def test_a_whole_application_lacks_nothing() -> None:
    assert lacking(JOINING) == {}
    check_complete(JOINING, CONFIRMED, evidence_kinds(), catalogue(), ON)


def _change(**parts: object) -> Joining:
    return replace(JOINING, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("joining", "section", "words"),
    [
        (_change(organisation=replace(JOINING.organisation, name=" ")), Section.ORGANISATION, "name"),
        (_change(categories=(), prices=()), Section.CATEGORIES, "at least one category"),
        (_change(areas=()), Section.AREAS, "at least one area"),
        (_change(areas=("DE1 2AB",)), Section.AREAS, "DE1 2AB"),
        (_change(prices=JOINING.prices[:1]), Section.PRICES, "2.2 has no prices yet"),
        (_change(categories=JOINING.categories[:1]), Section.PRICES, "was not chosen"),
        (_change(prices=(*JOINING.prices, JOINING.prices[0])), Section.PRICES, "2.1 has prices twice"),
        (_change(homes=()), Section.HOMES, "at least one home"),
        (_change(homes=(replace(HOUSE, rooms=()),)), Section.HOMES, "no rooms"),
        (_change(homes=(replace(HOUSE, outward_code="Derby"),)), Section.HOMES, "Derby"),
        (_change(homes=(replace(HOUSE, standard_from=None),)), Section.HOUSING_STANDARD, "not shown for today"),
        (_change(homes=(replace(HOUSE, standard_to=date(2026, 11, 22)),)), Section.HOUSING_STANDARD, "not shown"),
        (_change(ofsted=None), Section.OFSTED, "Lot 2"),
        (_change(homes=(replace(HOUSE, ofsted_category=1),)), Section.OFSTED, "category 1"),
        (_change(papers=JOINING.papers[1:]), Section.INSURANCE, "Employers' liability"),
        (_change(papers=()), Section.DBS, "Enhanced DBS"),
        (_change(papers=(*JOINING.papers, replace(JOINING.papers[0], kind="x"))), Section.INSURANCE, "called x"),
        (_change(contacts=()), Section.CONTACTS, "at least one contact"),
        (_change(night_lines=JOINING.night_lines[1:]), Section.OUT_OF_HOURS, "young people"),
        (_change(night_lines=JOINING.night_lines[:1]), Section.OUT_OF_HOURS, "22:00 to 09:00"),
    ],
)  # fmt: skip
def test_each_thing_that_is_lacking_is_named_in_its_section(joining: Joining, section: Section, words: str) -> None:
    found = lacking(joining)
    assert any(words in message for message in found.get(section, [])), found
    with pytest.raises(ApplicationIncomplete) as refused:
        check_complete(joining, CONFIRMED, evidence_kinds(), catalogue(), ON)
    assert section in {gap.section for gap in refused.value.gaps}


def test_a_mobile_that_is_not_confirmed_is_named() -> None:
    assert lacking(JOINING, frozenset()) == {
        Section.CONTACTS: [f"The mobile {MOBILE} of Erin Elm is not confirmed yet"]
    }


def test_papers_are_read_as_of_the_day_of_submission() -> None:
    assert lacking(JOINING, on=date(2026, 12, 31)) == {}
    assert set(lacking(JOINING, on=date(2027, 1, 1))) == {
        Section.INSURANCE, Section.SAFEGUARDING, Section.DBS, Section.TRAINING, Section.CONTINUITY,
    }  # fmt: skip


def test_somebody_for_adults_who_sells_support_alone_needs_neither_home_nor_ofsted() -> None:
    price = replace(JOINING.prices[0], category=CategoryCode.INDEPENDENCE, accommodation_weekly=None)
    own = (CategoryCode.INDEPENDENCE,)
    joining = _change(categories=own, prices=(price,), homes=(), ofsted=None, night_lines=JOINING.night_lines[:1])
    assert lacking(joining) == {}


def test_a_category_of_accommodation_needs_a_price_for_it() -> None:
    price = replace(JOINING.prices[0], category=CategoryCode.ACCOMMODATION_ONLY, accommodation_weekly=None)
    joining = _change(categories=(CategoryCode.ACCOMMODATION_ONLY,), prices=(price,))
    assert lacking(joining) == {Section.PRICES: ["Category 2.3 is accommodation and needs a price for it"]}


@given(
    st.lists(
        st.tuples(st.integers(0, 23), st.integers(0, 23), st.frozensets(st.integers(0, 6), min_size=1)), max_size=4
    )
)
def test_emergency_places_are_asked_for_through_the_whole_of_every_night(
    hours: list[tuple[int, int, frozenset[int]]],
) -> None:
    base = JOINING.night_lines[1]
    lines = [replace(base, opens=time(first), closes=time(last), weekdays=days) for first, last, days in hours]
    answered = {
        (weekday * 24 + first + n) % 168
        for first, last, days in hours
        for weekday in days
        for n in range((last - first) % 24 or 24)
    }
    whole = all((weekday * 24 + 22 + n) % 168 in answered for weekday in range(7) for n in range(11))
    found = lacking(_change(night_lines=(JOINING.night_lines[0], *lines)))
    assert (Section.OUT_OF_HOURS not in found) is whole


def test_prices_that_cannot_be_are_refused() -> None:
    for wrong in ({"block_discount": Decimal(101)}, {"accommodation_weekly": Decimal(-1)},
                  {"accommodation_weekly": None, "support_hourly": None}):  # fmt: skip
        with pytest.raises(ValueError):
            replace(JOINING.prices[0], **wrong)  # type: ignore[arg-type]
    assert {line.purpose for line in JOINING.night_lines} == set(LinePurpose)


# Profiles and criteria as data ---------------------------------------------------------------------------------------


def test_the_four_legal_profiles_are_there_with_their_clocks_and_words() -> None:
    assert set(profiles()) == {"pcr2015_dps", "pcr2015_light_touch", "pa2023_dynamic_market", "pa2023_light_touch"}
    for profile in profiles().values():
        assert (profile.admission_days, profile.extended_days) == (10, 15)
        assert profile.notices
    assert profiles()["pcr2015_dps"].ends_by == date(2029, 2, 23)
    assert profiles()["pa2023_light_touch"].ends_by is None


def test_the_criteria_cover_every_section_that_is_assessed() -> None:
    assert {each.section for each in criteria()} >= set(Section) - {Section.CATEGORIES, Section.AREAS, Section.CONTACTS}


PROFILE_TEXT = """
[profiles.x]
title = "X"
basis = "B"
admission_days = 10
extended_days = 15
admission_words = "A"
removal_words = "R"
window_words = "W"
notices = ["N"]
[criteria.dbs]
title = "DBS"
asks = "?"
section = "dbs"
"""


def test_a_profile_of_a_council_s_own_is_read() -> None:
    found, asked = parse_joining(PROFILE_TEXT.replace("extended_days = 15", "extended_days = 12"))
    assert isinstance(found["x"], LegalProfile)
    assert found["x"].extended_days == 12
    assert [each.key for each in asked] == ["dbs"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("extended_days = 15", "extended_days = 9"),
        ("admission_days = 10", "admission_days = 'ten'"),
        ('basis = "B"', 'basis = " "'),
        ('notices = ["N"]', 'notices = "N"'),
        ('section = "dbs"', 'section = "nowhere"'),
        ('title = "X"', 'title = "X"\ncolour = "red"'),
        ('asks = "?"', ""),
        ("[profiles.x]", "[profiles.x]\nends_by = 'soon'"),
        ("[profiles.x]", "[profiles.x"),
    ],
)
def test_profiles_and_criteria_that_do_not_say_what_they_must_are_refused(old: str, new: str) -> None:
    with pytest.raises(CatalogueNotValid):
        parse_joining(PROFILE_TEXT.replace(old, new, 1))
