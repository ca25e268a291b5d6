"""The promises of matrix.md, "Properties": on the shipped edition and on generated ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matrix.model import MOST_HOURS, Case, Edition, LegalStatus, Outcome
from matrix.rules import (
    assess,
    assessment_bytes,
    band_of,
    difference,
    eligibility,
    plain,
    read_assessment,
    read_case,
    score,
)
from tests.pure.matrix.strategies import answers_to, any_edition, editions_with_cases

# Drawing a whole edition takes milliseconds: a part of the profile's examples, so that this stays a matter of seconds.
few = settings(max_examples=max(settings().max_examples // 3, 10), suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=settings().max_examples)

CHILD_IN_NEED_OR_HOMELESS = {LegalStatus.CHILD_IN_NEED, LegalStatus.HOMELESS}


def total(hours: list[Decimal]) -> Decimal:
    return sum(hours, Decimal(0))


@few
@given(editions_with_cases())
def test_every_case_has_exactly_one_outcome_with_hours_that_fit_it(drawn: tuple[Edition, Case]) -> None:
    edition, case = drawn
    got = assess(edition, case)
    refusal = eligibility(case)
    if refusal:
        assert (got.outcome, got.rule) == (Outcome.REFUSED, refusal.rule)
        assert (got.lot, got.category, got.hours, got.working) == (None, None, None, ())
    else:
        assert got.hours is not None
        assert got.hours >= 0
        assert got.hours % Decimal("0.25") == 0
        assert got.outcome is (Outcome.BESPOKE if got.hours > MOST_HOURS else Outcome.CATEGORY)
        assert got.lot == ("2" if case.status in CHILD_IN_NEED_OR_HOMELESS else "1")
        assert got.rule in {row.key for row in edition.category_rules}
    assert (got.edition, got.illustrative) == (edition.id, edition.illustrative)
    assert got.reasons


@many
@given(editions_with_cases())
def test_the_working_adds_up(drawn: tuple[Edition, Case]) -> None:
    edition, case = drawn
    hours, lines = score(edition, case.answers)
    assert total([line.hours for line in lines]) == hours
    assert len({line.rule for line in lines}) == len(lines)
    assert all(line.text for line in lines)


@many
@given(st.data())
def test_a_graver_answer_never_lowers_the_hours(data: st.DataObject) -> None:
    edition = data.draw(any_edition())
    one, other = data.draw(answers_to(edition)), data.draw(answers_to(edition))
    graver = one | {domain.key: max(one[domain.key], other[domain.key]) for domain in edition.domains}
    assert score(edition, graver)[0] >= score(edition, one)[0]


@few
@given(st.data())
def test_one_answer_one_level_up_never_lowers_the_hours(data: st.DataObject) -> None:
    edition = data.draw(any_edition())
    answers = data.draw(answers_to(edition))
    before = score(edition, answers)[0]
    for domain in edition.domains:
        if answers[domain.key] < 4:
            assert score(edition, answers | {domain.key: answers[domain.key] + 1})[0] >= before


@few
@given(editions_with_cases())
def test_floors_hold_whatever_strengths_there_are(drawn: tuple[Edition, Case]) -> None:
    edition, case = drawn
    hours, _ = score(edition, case.answers)
    for floor in edition.floors:
        if all(case.answers[key] >= floor.at_least for key in floor.domains):
            assert hours >= floor.hours


@few
@given(editions_with_cases(), st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(drawn: tuple[Edition, Case], random: object) -> None:
    edition, case = drawn
    shuffled = list(case.answers.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = replace(case, answers=dict(shuffled))
    assert assessment_bytes(assess(edition, other)) == assessment_bytes(assess(edition, case))


@few
@given(editions_with_cases())
def test_a_stored_score_reads_back_and_recomputes_to_the_same_bytes(drawn: tuple[Edition, Case]) -> None:
    edition, case = drawn
    stored = assessment_bytes(assess(edition, case))
    assert read_assessment(stored) == assess(edition, case)
    assert assessment_bytes(read_assessment(stored)) == stored
    assert assessment_bytes(assess(edition, case)) == stored


@few
@given(editions_with_cases())
def test_a_case_reads_back_from_its_own_json(drawn: tuple[Edition, Case]) -> None:
    edition, case = drawn
    raw = {
        "date_of_birth": case.date_of_birth.isoformat(),
        "on": case.on.isoformat(),
        "status": case.status.value,
        "in_education_or_training": case.in_education_or_training,
        "living_now": case.living_now.value,
        "needed": case.needed.value,
        "housing_benefit": case.housing_benefit,
        "answers": dict(case.answers),
    }
    assert read_case(raw, edition) == case


@few
@given(st.data())
def test_the_difference_of_two_assessments_adds_up(data: st.DataObject) -> None:
    edition, case = data.draw(editions_with_cases())
    other = replace(case, answers=data.draw(answers_to(edition)))
    before, after = assess(edition, case, exception=True), assess(edition, other, exception=True)
    change = difference(before, after)
    assert total([line.hours for line in change]) == (after.hours or 0) - (before.hours or 0)
    assert total([line.hours for line in difference(after, before)]) == -total([line.hours for line in change])
    assert difference(before, before) == ()


@few
@given(editions_with_cases())
def test_an_exception_admits_everybody_but_the_under_16s_and_changes_nothing_for_the_eligible(
    drawn: tuple[Edition, Case],
) -> None:
    edition, case = drawn
    usual, excepted, refusal = assess(edition, case), assess(edition, case, exception=True), eligibility(case)
    if refusal is None or case.age < 16:
        assert excepted == usual
    else:
        assert excepted.outcome is not Outcome.REFUSED
        assert excepted.reasons[-1].startswith(f"Admitted as an exception to {refusal.rule}")


@few
@given(any_edition(), st.integers(0, 100).map(lambda quarters: Decimal(quarters) / 4))
def test_every_number_of_hours_is_in_the_lowest_band_that_holds_it(edition: Edition, hours: Decimal) -> None:
    band = band_of(edition, hours)
    assert hours <= band.up_to
    assert not any(hours <= lower.up_to for lower in edition.bands if lower.up_to < band.up_to)


@few
@given(editions_with_cases())
def test_the_answer_for_the_api_has_its_documented_shape(drawn: tuple[Edition, Case]) -> None:
    edition, case = drawn
    got = plain(assess(edition, case))
    assert list(got) == [
        "edition",
        "illustrative",
        "outcome",
        "lot",
        "category",
        "hours",
        "rule",
        "reasons",
        "working",
    ]
    assert got["hours"] is None or type(got["hours"]) is float
    assert all(list(line) == ["rule", "text", "hours"] and type(line["hours"]) is float for line in got["working"])
