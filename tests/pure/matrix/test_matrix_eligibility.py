"""A1, rule by rule: who may be placed, and on which day that changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.model import Case, LegalStatus, LivingNow, Needed, Outcome
from matrix.rules import age_on, assess, birthday, eligibility
from matrix.store import editions

ON = date(2026, 11, 21)
NOT_IN_EDUCATION, IN_EDUCATION = False, True

CHILD = dict.fromkeys((16, 17)) | {15: "A1.under_16", 25: "A1.over_24"}
GROWN = (18, 20, 21, 24)
EXPECTED: dict[str, dict[int, str | None]] = {
    "looked_after_s20": CHILD | dict.fromkeys(GROWN, "A1.looked_after_is_16_17"),
    "care_order_s31": CHILD | dict.fromkeys(GROWN, "A1.looked_after_is_16_17"),
    "remanded": CHILD | dict.fromkeys(GROWN, "A1.looked_after_is_16_17"),
    "eligible": CHILD | dict.fromkeys(GROWN, "A1.eligible_or_relevant_is_16_17"),
    "relevant": CHILD | dict.fromkeys(GROWN, "A1.eligible_or_relevant_is_16_17"),
    "child_in_need": CHILD | dict.fromkeys(GROWN, "A1.need_or_homeless_is_16_17"),
    "homeless": CHILD | dict.fromkeys(GROWN, "A1.need_or_homeless_is_16_17"),
}
"""What refuses whom at which age, in education or not; None is eligible."""

FORMER_RELEVANT = dict.fromkeys((16, 17), "A1.former_relevant_is_18_or_over")
NO_COURSE = dict.fromkeys((21, 24), "A1.21_24_not_in_education")

TABLE = [
    (status, age, education, rule)
    for status, rules in EXPECTED.items()
    for age, rule in rules.items()
    for education in (NOT_IN_EDUCATION, IN_EDUCATION)
]
TABLE += [
    (status, age, education, rule)
    for status, own in (("former_relevant", FORMER_RELEVANT), ("qualifying", {}))
    for education, by_education in ((NOT_IN_EDUCATION, NO_COURSE), (IN_EDUCATION, {}))
    for age, rule in (CHILD | dict.fromkeys(GROWN) | own | by_education).items()
]


def case(status: str, born: date, on: date = ON, *, education: bool = False) -> Case:
    return Case(
        date_of_birth=born,
        on=on,
        status=LegalStatus(status),
        in_education_or_training=education,
        living_now=LivingNow.OTHER,
        needed=Needed.PLANNED,
        housing_benefit=False,
        answers={domain.key: 0 for domain in editions()[0].domains},
    )


def rule_for(one: Case) -> str | None:
    refusal = eligibility(one)
    return refusal.rule if refusal else None


@pytest.mark.parametrize(("status", "age", "education", "rule"), TABLE)
def test_each_status_at_each_age_is_admitted_or_refused_by_its_rule(
    status: str, age: int, education: bool, rule: str | None
) -> None:
    on_the_birthday = case(status, ON.replace(year=ON.year - age), education=education)
    day_before_the_next = case(status, ON.replace(year=ON.year - age - 1) + timedelta(days=1), education=education)
    assert on_the_birthday.age == day_before_the_next.age == age
    assert rule_for(on_the_birthday) == rule_for(day_before_the_next) == rule


@pytest.mark.parametrize(
    ("status", "birthday_number", "day_before", "on_the_day"),
    [
        ("homeless", 16, "A1.under_16", None),
        ("homeless", 18, None, "A1.need_or_homeless_is_16_17"),
        ("care_order_s31", 18, None, "A1.looked_after_is_16_17"),
        ("former_relevant", 18, "A1.former_relevant_is_18_or_over", None),
        ("former_relevant", 21, None, "A1.21_24_not_in_education"),
        ("former_relevant", 25, "A1.21_24_not_in_education", "A1.over_24"),
        ("qualifying", 21, None, "A1.21_24_not_in_education"),
    ],
)
@pytest.mark.parametrize("born", [date(2008, 6, 15), date(2008, 2, 29), date(2009, 3, 1), date(2009, 12, 31)])
def test_the_rule_changes_on_the_birthday_itself(
    status: str, birthday_number: int, day_before: str | None, on_the_day: str | None, born: date
) -> None:
    day = birthday(born, birthday_number)
    assert rule_for(case(status, born, day - timedelta(days=1))) == day_before
    assert rule_for(case(status, born, day)) == on_the_day


def test_somebody_born_on_29_february_turns_18_on_1_march_in_a_common_year() -> None:
    born = date(2008, 2, 29)
    assert birthday(born, 18) == date(2026, 3, 1)
    assert age_on(born, date(2026, 2, 28)) == 17
    assert age_on(born, date(2026, 3, 1)) == 18


def test_somebody_born_on_29_february_turns_16_on_29_february_in_a_leap_year() -> None:
    born = date(2008, 2, 29)
    assert birthday(born, 16) == date(2024, 2, 29)
    assert age_on(born, date(2024, 2, 28)) == 15
    assert age_on(born, date(2024, 2, 29)) == 16


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 60), st.integers(-2, 2))
def test_an_age_is_reached_exactly_on_its_birthday(born: date, years: int, days: int) -> None:
    on = birthday(born, years) + timedelta(days=days)
    assert (age_on(born, on) >= years) == (days >= 0)


def test_a_refusal_says_the_rule_and_what_to_do_next() -> None:
    got = assess(editions()[0], case("former_relevant", date(2004, 5, 1)))
    assert got.outcome is Outcome.REFUSED
    assert got.reasons[0] == "A care leaver of 21 to 24 is eligible only while in education or training."
    assert "named authoriser" in got.reasons[1]


def test_an_exception_admits_a_care_leaver_of_22_without_a_course_and_says_so() -> None:
    got = assess(editions()[0], case("former_relevant", date(2004, 5, 1)), exception=True)
    assert (got.outcome, got.category) == (Outcome.CATEGORY, "1.3")
    assert "exception to A1.21_24_not_in_education" in got.reasons[-1]


def test_no_exception_admits_a_child_of_15() -> None:
    got = assess(editions()[0], case("homeless", date(2011, 5, 1)), exception=True)
    assert (got.outcome, got.rule) == (Outcome.REFUSED, "A1.under_16")


def test_somebody_not_yet_born_is_no_case() -> None:
    with pytest.raises(ValueError, match="born"):
        case("homeless", ON + timedelta(days=1))
