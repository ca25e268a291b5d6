"""Reading and checking editions: each fault names its file, its line and its key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matrix import store
from matrix.errors import EditionNotValid, NoEditionInForce, NoSuchEdition
from matrix.model import EditionStatus, Fault
from matrix.rules import failed_examples, unsound
from matrix.store import edition, editions, in_force, load, parse
from matrix.store.lines import Place, line_numbers
from tests.pure.matrix.strategies import edition_texts

FILE = store.PACKAGED / "illustrative-2026.toml"
TEXT = FILE.read_text(encoding="utf-8")


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(EditionNotValid) as refusal:
        parse(text, "ours.toml")
    return refusal.value.faults


def changed(old: str, new: str) -> str:
    """Change the first place in the shipped edition that reads `old`."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


DAILY_LIVING = "hours = [0, 0.5, 1, 2, 3]"
FLOOR = 'domains = ["self_harm"]\nat_least = 3\nhours = 7'
PERCENT = "at_most = 1\npercent = 10"
FAMILY_TITLE = 'title = "Family and relationships"'


@pytest.mark.parametrize(
    ("old", "new", "key", "marker", "words"),
    [
        (DAILY_LIVING, "hours = [0, 0.6, 1, 2, 3]", "domain.daily_living.hours", "[0, 0.6", "quarter hours"),
        (DAILY_LIVING, "hours = [0, 2, 1, 2, 3]", "domain.daily_living.hours", "[0, 2, 1", "level 2 gives 1 hours"),
        (DAILY_LIVING, "hours = [0, 1, 1, 2, 26]", "domain.daily_living.hours", "2, 26]", "26 is not between 0 and 25"),
        (DAILY_LIVING, "hours = [-1, 1, 1, 2, 3]", "domain.daily_living.hours", "[-1", "-1 is not between"),
        (DAILY_LIVING, "hours = [0, 1, 2, 3]", "domain.daily_living.hours", "[0, 1, 2, 3]", "must hold 5 values"),
        (DAILY_LIVING, "hours = [0, 1, 2, 3, nan]", "domain.daily_living.hours.[5]", "nan]", "a number of hours"),
        (DAILY_LIVING, "hours = [0, 1, 2, 3, true]", "domain.daily_living.hours.[5]", "true]", "a number of hours"),
        (DAILY_LIVING, "hours = 3", "domain.daily_living.hours", "hours = 3\n", "must be a list"),
        (DAILY_LIVING, "", "domain.daily_living.hours", "[[domain]]\nkey", "is missing"),
        (FAMILY_TITLE, "title = 7", "domain.family.title", "title = 7", "must be text"),
        (FAMILY_TITLE, 'title = " "', "domain.family.title", 'title = " "', "must not be empty"),
        (FAMILY_TITLE, 'tittle = "Family"', "domain.family.tittle", "tittle", "is not known here"),
        ('key = "money"', 'key = "Money!"', "domain.Money!.key", "Money!", "small letters"),
        ('key = "money"', 'key = "daily_living"', "domain.daily_living.key", "", "used more than once"),
        ('key = "engagement"', 'key = "home"', "fact.home.key", "", "used more than once"),
        ('group = "need"', 'group = "want"', "domain.daily_living.group", '"want"', "one of need, risk"),
        ('status = "illustrative"', 'status = "final"', "status", '"final"', "illustrative, draft, published"),
        ("valid_from = 2000-01-01", 'valid_from = "2000"', "valid_from", 'from = "2000"', "a day such as"),
        ("valid_from = 2000-01-01", "valid_from = 2000-01-01T00:00:00", "valid_from", "T00", "a day such as"),
        ("evidence_from = 3", "evidence_from = 9", "evidence_from", "evidence_from", "level from 0 to 4"),
        (FLOOR, FLOOR.replace("self_harm", "self_arm"), "floor.self_harm_3.domains", "self_arm", "no domain self_arm"),
        (FLOOR, FLOOR.replace('"self_harm"', ""), "floor.self_harm_3.domains", "domains = []", "at least one domain"),
        (FLOOR, FLOOR.replace("= 3", "= 5"), "floor.self_harm_3.at_least", "at_least = 5", "level from 0 to 4"),
        (FLOOR, FLOOR.replace("7", "7.1"), "floor.self_harm_3.hours", "hours = 7.1", "quarter hours"),
        (PERCENT, "at_most = 1", "reduction.runs_a_home", "[[reduction]]\n", "either hours or a percentage"),
        (PERCENT, PERCENT + "\nhours = 1", "reduction.runs_a_home", "[[reduction]]\n", "either hours or a percentage"),
        (PERCENT, "at_most = 1\npercent = 101", "reduction.runs_a_home.percent", "= 101", "0 to 100"),
        ("up_to = 0", "up_to = 1", "band.none.up_to", "up_to = 1\n", "first band must be 0"),
        ("up_to = 18", "up_to = 12", "band.up_to_18.up_to", "", "must be above 12"),
        ("up_to = 25", "up_to = 24", "band.up_to_25.up_to", "up_to = 24", "last band must end at 25"),
        ('category = "1.3"', 'category = "2.2"', "category_rule.1.3.independence.status", "", "S31"),
        ("hours_above_zero = false\n", "", "category_rule.2.3.benefit_in_payment.hours_above_zero", "", "0 support"),
        ('needed = ["planned"]\nliving', 'needed = ["later"]\nliving', "category_rule.1.2.leaving_foster_or_residential.needed.[1]", "later", "one of same_day, planned"),  # noqa: E501
        ('needed = ["same_day"]', "", "category_rule.1.2.leaving_foster_or_residential", "", "never be reached"),
        ("hours_above_zero = true", "hours_above_zero = 1", "category_rule.2.2.support_hours.hours_above_zero", "zero = 1\n", "true or false"),  # noqa: E501
        ("hours = 5.25 }", "hours = 5 }", "case.Leaving foster care at 17 with ordinary needs.expect.hours", "hours = 5 }", "expected 5, but the edition gives 5.25"),  # noqa: E501
        ('category = "1.1", hours = 12', 'category = "1.3", hours = 12', "case.Looked after, placement broke down today.expect.category", 'category = "1.3", hours = 12', "expected 1.3"),  # noqa: E501
        ("{ daily_living = 2", "{ daily_life = 2", "case.Leaving foster care at 17 with ordinary needs.answers.daily_life", "{ daily_life", "Did you mean daily_living?"),  # noqa: E501
        ("title = \"Illustrative", "title = Illustrative", "", "title = Illustrative", "is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_names_its_file_line_and_key(old: str, new: str, key: str, marker: str, words: str) -> None:
    text = changed(old, new)
    faults = faults_of(text)
    fault = next((fault for fault in faults if fault.key == key and words in fault.message), None)
    assert fault, [str(fault) for fault in faults]
    assert fault.file == "ours.toml"
    assert fault.line is not None
    if marker:
        assert fault.line == text[: text.index(marker)].count("\n") + 1
    assert f"ours.toml, line {fault.line}" in str(fault)


def test_a_table_with_a_gap_names_a_situation_that_meets_no_row() -> None:
    start = TEXT.index('[[category_rule]]\nkey = "1.3.independence"')
    text = TEXT[:start] + TEXT[TEXT.index("[[category_rule]]", start + 1) :]
    [fault] = faults_of(text)
    assert fault.key == "category_rule"
    assert "196 situations meet no row, such as status looked_after_s20, needed planned" in fault.message


def test_all_faults_of_one_kind_come_at_once() -> None:
    text = TEXT.replace('look_back = "the last 3 months"', "")
    keys = {fault.key for fault in faults_of(text)}
    assert {"domain.daily_living.look_back", "domain.missing.look_back", "fact.engagement.look_back"} <= keys


def test_an_edition_without_questions_or_cases_of_its_own_is_refused() -> None:
    empty = replace(editions()[0], domains=(), floors=(), reductions=(), cases=(), bands=(), category_rules=())
    assert {place[0] for place, _ in unsound(empty)} == {"domain", "band", "category_rule"}
    assert {place[0] for place, _ in failed_examples(empty)} == {"case"}


def test_an_empty_file_misses_everything() -> None:
    assert {"id", "valid_from", "status"} <= {fault.key for fault in faults_of("")}


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(EditionNotValid, match=r"ours\.toml: is not UTF-8"):
        load(path)


def test_a_file_with_other_line_ends_is_the_same_edition(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert load(path) == load(FILE)


def test_every_key_of_the_shipped_file_is_found_on_its_line() -> None:
    numbers, lines = line_numbers(TEXT), TEXT.splitlines()
    for name, value in tomllib.loads(TEXT).items():
        rows = value if isinstance(value, list) and isinstance(value[0], dict) else []
        places: list[Place] = [(name, at, key) for at, row in enumerate(rows) for key in row]
        for place in places or [(name,)]:
            assert lines[numbers[place] - 1].startswith(f"{place[-1]} =")


def test_words_inside_strings_and_comments_are_not_keys() -> None:
    text = '# a = 1\nb = """\nc = 2\n[[d]]\n"""\ne = [\n  "f = [",\n]\n[g]\nh = \'[\' # i = {\nj = 1\n'
    assert line_numbers(text) == {("b",): 2, ("e",): 6, ("g",): 9, ("g", "h"): 10, ("g", "j"): 11}


@settings(max_examples=max(settings().max_examples // 2, 10), suppress_health_check=[HealthCheck.too_slow])
@given(edition_texts(), st.data())
def test_a_damaged_file_is_an_edition_or_faults_and_never_anything_else(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    name = lines[at].partition("=")[0]
    lines[at] = data.draw(
        st.sampled_from(["", f"{name}= []", f"{name}= 3", f"{name}= [[3]]", f"{name}= {{}}", f'{name}= "x"', "["])
    )
    faults: tuple[Fault, ...] = ()
    try:
        parse("\n".join(lines), "ours.toml")
    except EditionNotValid as refusal:
        faults = refusal.faults
    assert all(fault.message and fault.file and fault.line != 0 for fault in faults)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty folder in place of the packaged editions."""
    monkeypatch.setattr(store, "PACKAGED", tmp_path)
    editions.cache_clear()
    yield tmp_path
    editions.cache_clear()


def put(shelf: Path, name: str, status: EditionStatus, valid_from: date) -> None:
    text = TEXT.replace('id = "illustrative-2026"', f'id = "{name}"', 1)
    text = text.replace('status = "illustrative"', f'status = "{status}"', 1)
    (shelf / f"{name}.toml").write_text(text.replace("2000-01-01", valid_from.isoformat(), 1), encoding="utf-8")


def test_the_shipped_edition_is_in_force_and_found_by_its_id() -> None:
    assert in_force(date(2026, 11, 21)).id == "illustrative-2026"
    assert edition("illustrative-2026") is in_force(date(2026, 11, 21))
    assert Decimal("0.5") in edition("illustrative-2026").domains[0].hours


def test_an_edition_that_is_not_there_is_named() -> None:
    with pytest.raises(NoSuchEdition, match="'derby-1999'"):
        edition("derby-1999")


def test_a_new_edition_supersedes_the_old_one_from_its_first_day(shelf: Path) -> None:
    put(shelf, "ours-1", EditionStatus.PUBLISHED, date(2026, 4, 1))
    put(shelf, "ours-2", EditionStatus.PUBLISHED, date(2027, 4, 1))
    assert in_force(date(2027, 3, 31)).id == "ours-1"
    assert in_force(date(2027, 4, 1)).id == "ours-2"
    assert edition("ours-1").valid_from == date(2026, 4, 1)
    with pytest.raises(NoEditionInForce, match="31 March 2026"):
        in_force(date(2026, 3, 31))


def test_a_draft_is_never_in_force(shelf: Path) -> None:
    put(shelf, "ours-1", EditionStatus.PUBLISHED, date(2026, 4, 1))
    put(shelf, "ours-2", EditionStatus.DRAFT, date(2026, 5, 1))
    assert in_force(date(2026, 6, 1)).id == "ours-1"


def test_an_illustration_never_replaces_a_published_edition(shelf: Path) -> None:
    put(shelf, "ours-1", EditionStatus.PUBLISHED, date(2026, 4, 1))
    put(shelf, "illustration", EditionStatus.ILLUSTRATIVE, date(2026, 5, 1))
    assert in_force(date(2026, 6, 1)).id == "ours-1"


def test_two_editions_may_not_begin_on_the_same_day(shelf: Path) -> None:
    put(shelf, "ours-1", EditionStatus.PUBLISHED, date(2026, 4, 1))
    put(shelf, "ours-2", EditionStatus.PUBLISHED, date(2026, 4, 1))
    with pytest.raises(EditionNotValid, match="2 published editions begin on 2026-04-01"):
        editions()
