"""Hours and category on the shipped edition: the arithmetic, the table of matrix.md, and scores that were kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from matrix.errors import CaseNotValid
from matrix.model import Case, Edition, LegalStatus, LivingNow, Needed, Outcome, Reduction
from matrix.rules import (
    assess,
    assessment_bytes,
    band_of,
    describe,
    difference,
    read_assessment,
    read_case,
    score,
    words,
)
from matrix.store import edition as edition_by_id

KEPT = Path(__file__).with_name("kept_scores.json")

LOOKED_AFTER_OR_CARE_LEAVER = [status for status in LegalStatus if status not in ("child_in_need", "homeless")]
FOSTER_OR_RESIDENTIAL = {LivingNow.FOSTER_CARE, LivingNow.CHILDRENS_HOME}


@pytest.fixture
def edition() -> Edition:
    return edition_by_id("illustrative-2026")


@pytest.fixture
def case(edition: Edition) -> Case:
    """A young person of 17 in foster care, a planned move, no needs at all."""
    return Case(
        date_of_birth=date(2009, 5, 1),
        on=date(2026, 11, 21),
        status=LegalStatus.CARE_ORDER_S31,
        in_education_or_training=False,
        living_now=LivingNow.FOSTER_CARE,
        needed=Needed.PLANNED,
        housing_benefit=False,
        answers={domain.key: 0 for domain in edition.domains},
    )


def answered(case: Case, **levels: int) -> Case:
    return replace(case, answers={**case.answers, **levels})


def extra_lines(edition: Edition, case: Case) -> list[tuple[str, str]]:
    _, lines = score(edition, case.answers)
    return [(line.rule, str(line.hours.normalize())) for line in lines if not line.rule.startswith("domain.")]


def test_the_shipped_edition_asks_the_fourteen_domains_and_says_that_it_is_an_illustration(edition: Edition) -> None:
    assert edition.illustrative
    assert "not any council's matrix" in edition.source
    assert [domain.key for domain in edition.domains if domain.group == "need"] == (
        ["daily_living", "money", "home", "education", "physical_health", "emotional_health", "family", "identity"]
    )
    assert [domain.key for domain in edition.domains if domain.group == "risk"] == (
        ["self_harm", "substance_use", "exploitation", "missing", "offending", "risk_from_others"]
    )
    assert [fact.key for fact in edition.facts] == ["engagement", "shared_living"]
    assert [band.up_to for band in edition.bands] == [0, 6, 12, 18, 25]


def test_no_needs_are_no_hours_and_the_gravest_needs_are_bespoke(edition: Edition, case: Case) -> None:
    assert score(edition, case.answers)[0] == 0
    gravest = assess(edition, replace(case, answers=dict.fromkeys(case.answers, 4)))
    assert (gravest.outcome, gravest.lot, gravest.category) == (Outcome.BESPOKE, "1", "1.2")
    assert gravest.hours == Decimal("38.5")
    assert "(S20)" in gravest.reasons[1]


def test_twenty_five_hours_are_a_category_and_a_quarter_more_is_bespoke(edition: Edition, case: Case) -> None:
    all_at_3 = replace(case, answers=dict.fromkeys(case.answers, 3))
    at_the_limit, above = assess(edition, all_at_3), assess(edition, answered(all_at_3, education=4))
    assert (at_the_limit.outcome, at_the_limit.hours) == (Outcome.CATEGORY, Decimal(25))
    assert (above.outcome, above.hours) == (Outcome.BESPOKE, Decimal("25.5"))


def test_a_floor_tops_the_hours_up_in_a_line_of_its_own(edition: Edition, case: Case) -> None:
    grave = answered(case, self_harm=4, family=2, home=2)
    assert score(edition, grave.answers)[0] == 14
    assert extra_lines(edition, grave) == [("floor.self_harm_4", "7.5")]


def test_only_the_highest_of_several_floors_counts(edition: Edition, case: Case) -> None:
    grave = answered(case, exploitation=4, missing=3, family=2, home=2)
    assert score(edition, grave.answers)[0] == 12
    assert extra_lines(edition, grave) == [("floor.exploitation_and_missing", "4")]


def test_strengths_take_hours_off_before_the_floor_and_the_sum_is_rounded(edition: Edition, case: Case) -> None:
    assert extra_lines(edition, answered(case, education=3, identity=1)) == [
        ("reduction.runs_a_home", "-0.125"),
        ("reduction.well_supported", "-0.125"),
    ]
    assert extra_lines(edition, answered(case, education=1, missing=1)) == [
        ("reduction.runs_a_home", "-0.05"),
        ("reduction.well_supported", "-0.05"),
        ("rounding", "0.1"),
    ]
    assert extra_lines(edition, answered(case, self_harm=3)) == [
        ("reduction.runs_a_home", "-0.3"),
        ("reduction.well_supported", "-0.3"),
        ("floor.self_harm_3", "4.6"),
    ]


def test_strengths_never_take_more_hours_off_than_there_are(edition: Edition, case: Case) -> None:
    large = Reduction("large", "A great strength.", ("money",), at_most=4, hours=Decimal(9))
    hours, lines = score(
        replace(edition, reductions=(large, replace(large, key="again"))), answered(case, home=2).answers
    )
    assert hours == 0
    assert [(line.rule, line.hours) for line in lines[14:]] == [("reduction.large", Decimal(-1))]


def test_strengths_never_round_a_small_need_away(edition: Edition, case: Case) -> None:
    for domain in edition.domains:
        assert score(edition, {**case.answers, domain.key: 1})[0] > 0


def test_the_category_is_the_one_that_the_specification_gives(edition: Edition, case: Case) -> None:
    for needed, living_now, level, benefit in product(Needed, LivingNow, (0, 2), (False, True)):
        for status in LegalStatus:
            born = date(2007, 5, 1) if status in ("former_relevant", "qualifying") else date(2009, 5, 1)
            one = replace(
                answered(case, money=level),
                status=status,
                needed=needed,
                living_now=living_now,
                housing_benefit=benefit,
                date_of_birth=born,
            )
            if status in LOOKED_AFTER_OR_CARE_LEAVER:
                planned = "1.2" if living_now in FOSTER_OR_RESIDENTIAL else "1.3"
                expected = "1.1" if needed is Needed.SAME_DAY else planned
            else:
                planned = "2.2" if level else "2.3"
                expected = "2.1" if needed is Needed.SAME_DAY else planned
            got = assess(edition, one)
            assert (got.lot, got.category, got.rule[:3]) == (expected[0], expected, expected)


def test_accommodation_only_reminds_of_a_benefit_that_is_not_in_payment(edition: Edition, case: Case) -> None:
    homeless = replace(case, status=LegalStatus.HOMELESS, living_now=LivingNow.HOMELESS)
    assert "make the claim now" in assess(edition, homeless).reasons[0]
    assert assess(edition, replace(homeless, housing_benefit=True)).rule == "2.3.benefit_in_payment"


def test_facts_carry_no_hours(edition: Edition, case: Case) -> None:
    with_facts = answered(case, money=2, engagement=4, shared_living=4)
    assert assess(edition, with_facts) == assess(edition, answered(case, money=2))


def test_answers_that_do_not_fit_the_edition_are_not_scored(edition: Edition, case: Case) -> None:
    with pytest.raises(CaseNotValid) as refusal:
        score(edition, {"money": 5})
    assert "/answers/money" in {fault.pointer for fault in refusal.value.faults}
    assert len(refusal.value.faults) == 14


def test_a_what_if_shows_each_line_that_changed(edition: Edition, case: Case) -> None:
    before, after = answered(case, money=2, home=2), answered(case, money=1, home=2, missing=3)
    change = difference(assess(edition, before), assess(edition, after))
    assert [(line.rule, str(line.hours.normalize())) for line in change] == [
        ("domain.money", "-0.5"),
        ("domain.missing", "2"),
        ("reduction.well_supported", "-0.15"),
        ("rounding", "0.15"),
    ]
    assert change[0].text.startswith("Now: Money and benefits, level 1: ")
    assert " Before: Money and benefits, level 2: " in change[0].text


def test_a_what_if_names_rules_that_begin_or_cease_to_hold(edition: Edition, case: Case) -> None:
    calm, grave = answered(case, home=2, family=2), answered(case, home=2, family=2, self_harm=4)
    assert difference(assess(edition, calm), assess(edition, grave))[-1].text.startswith("New: Self-harm")
    assert difference(assess(edition, grave), assess(edition, calm))[-1].text.startswith("No longer: Self-harm")


def test_bands_end_with_their_last_hour(edition: Edition) -> None:
    named = [band_of(edition, Decimal(hours)).key for hours in ("0", "0.25", "6", "6.25", "25", "25.25")]
    assert named == ["none", "up_to_6", "up_to_6", "up_to_12", "up_to_25", "over_25"]


def test_scores_kept_from_earlier_releases_recompute_to_the_same_bytes(edition: Edition) -> None:
    """A published edition never changes: if this fails, put the change into a new edition, not into this file."""
    for kept in json.loads(KEPT.read_text(encoding="utf-8")):
        stored = kept["stored"].encode()
        scored_with = edition_by_id(read_assessment(stored).edition)
        assert assessment_bytes(assess(scored_with, read_case(kept["case"], scored_with))) == stored


def test_a_stored_score_of_an_unknown_format_is_not_guessed_at(edition: Edition, case: Case) -> None:
    stored = assessment_bytes(assess(edition, case)).replace(b'"format":1', b'"format":2')
    with pytest.raises(ValueError, match="format 2"):
        read_assessment(stored)


def test_the_edition_can_be_described_as_json_and_read_as_text(edition: Edition) -> None:
    described = json.loads(json.dumps(describe(edition)))
    assert described["status"] == "illustrative"
    assert described["illustrative"] is True
    assert described["domains"][1]["levels"][3].keys() == {"level", "text", "hours"}
    assert described["category_rules"][0]["when"].endswith("; needed the same day")
    text = words(edition)
    assert "Illustrative, valid from" in text
    for domain in edition.domains:
        assert domain.title in text
    assert max(map(len, text.splitlines())) <= 100
