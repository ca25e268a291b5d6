"""What `read_case` says of a case that is not valid: every fault at once, each with its JSON pointer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix.errors import CaseNotValid
from matrix.model import Case, Fault
from matrix.rules import read_case
from matrix.store import editions

EDITION = editions()[0]


def good() -> dict[str, Any]:
    return {
        "date_of_birth": "2009-05-01",
        "on": "2026-11-21",
        "status": "care_order_s31",
        "in_education_or_training": False,
        "living_now": "foster_care",
        "needed": "planned",
        "housing_benefit": False,
        "answers": {domain.key: 1 for domain in EDITION.domains},
    }


def faults_of(raw: object) -> dict[str, str]:
    with pytest.raises(CaseNotValid) as refusal:
        read_case(raw, EDITION)
    return {fault.pointer: fault.message for fault in refusal.value.faults}


def test_a_good_case_is_read() -> None:
    assert read_case(good(), EDITION).age == 17


def test_facts_may_be_answered_or_left_open() -> None:
    raw = good()
    raw["answers"]["shared_living"] = 3
    assert read_case(raw, EDITION).answers["shared_living"] == 3


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("date_of_birth", "2026-11-22", "after 2026-11-21"),
        ("date_of_birth", "2009-02-29", "no such day"),
        ("date_of_birth", "1 May 2009", "year first"),
        ("date_of_birth", "20090501", "year first"),
        ("date_of_birth", "\u0662\u0660\u0660\u0669-\u0660\u0665-\u0660\u0661", "year first"),
        ("date_of_birth", 20090501, "year first"),
        ("on", None, "year first"),
        ("status", "care_order", "Did you mean care_order_s31?"),
        ("status", ["homeless"], "Give one of looked_after_s20"),
        ("living_now", "foster", "foster_care"),
        ("needed", "urgent", "same_day, planned"),
        ("in_education_or_training", "yes", 'true or false, not "yes"'),
        ("housing_benefit", 1, "true or false, not 1"),
        ("answers", [1, 2], "an object"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(field: str, value: object, words: str) -> None:
    faults = faults_of(good() | {field: value})
    assert list(faults) == [f"/{field}"]
    assert words in faults[f"/{field}"]


@pytest.mark.parametrize("level", [5, -1, True, False, 2.0, "2", None, [1], 10**30])
def test_an_answer_that_is_not_a_level_is_named_by_its_title(level: object) -> None:
    raw = good()
    raw["answers"]["money"] = level
    faults = faults_of(raw)
    assert list(faults) == ["/answers/money"]
    assert "“Money and benefits” takes a whole number from 0 to 4" in faults["/answers/money"]


def test_true_is_shown_as_the_json_that_it_was() -> None:
    raw = good()
    raw["answers"]["money"] = True
    assert faults_of(raw)["/answers/money"].endswith("not true.")


def test_a_missing_answer_is_named_by_its_title() -> None:
    raw = good()
    del raw["answers"]["self_harm"]
    assert faults_of(raw) == {"/answers/self_harm": "“Self-harm and suicide” has no answer: give a level from 0 to 4."}


def test_an_unknown_answer_is_refused_with_the_key_that_was_meant() -> None:
    raw = good()
    raw["answers"]["moneys"] = 1
    assert "Did you mean money?" in faults_of(raw)["/answers/moneys"]


def test_an_unknown_field_is_refused() -> None:
    assert "no such field" in faults_of(good() | {"given_name": "Ash"})["/given_name"]


def test_a_pointer_escapes_slash_and_tilde() -> None:
    assert set(faults_of(good() | {"a/b~c": 1})) == {"/a~1b~0c"}


@pytest.mark.parametrize("raw", [None, [], "case", 3, True])
def test_what_is_no_object_is_no_case(raw: object) -> None:
    assert list(faults_of(raw)) == [""]


def test_every_fault_is_named_at_once() -> None:
    raw = good() | {"on": "soon", "needed": "now", "shoe_size": 7}
    del raw["status"]
    raw["answers"] |= {"money": 9}
    del raw["answers"]["home"]
    assert set(faults_of(raw)) == {"/on", "/status", "/needed", "/shoe_size", "/answers/money", "/answers/home"}


def test_an_empty_object_misses_every_field() -> None:
    assert len(faults_of({})) == 8


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=settings().max_examples // 2)
@given(st.data())
def test_whatever_json_comes_in_it_is_a_case_or_faults(data: st.DataObject) -> None:
    raw = good() | data.draw(st.dictionaries(st.sampled_from(list(good())), JSON, max_size=3))
    if isinstance(raw["answers"], dict):
        raw["answers"] |= data.draw(st.dictionaries(st.sampled_from(["money", "home", "else"]), JSON, max_size=2))
    read: Case | tuple[Fault, ...]
    try:
        read = read_case(raw, EDITION)
    except CaseNotValid as refusal:
        read = refusal.faults
    assert isinstance(read, Case) or all(fault.message and fault.pointer.startswith("/") for fault in read)
