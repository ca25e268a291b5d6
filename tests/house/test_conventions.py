"""The conventions themselves: what a reader may rely on without looking."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import CheckConstraint, DateTime, Float, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import SQLModel

from brokerage import migrations
from brokerage.migrations import walls
from brokerage.web.pages import templates_dir
from brokerage.web.problems import KINDS, word_book
from notifications.wording import SAMPLES

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("brokerage", "monitoring", "placements", "matrix", "lots", "notifications")
# Refusals that reach an operator or a developer, never a page: each is told on the command line or at start.
INSIDE: Final = {
    "CatalogueNotValid",
    "EditionNotValid",
    "NoEditionInForce",
    "NoSuchEdition",
    "NotAMobile",
    "ReasonsNotValid",
    "NoWording",
    "WordingUnfit",
    "notifications.NotNow",
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path


def refusals() -> Iterator[type[Exception]]:
    for path in sources():
        if path.name == "errors.py" or path.parent.name == "errors":
            module = importlib.import_module(
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            )
            for _, found in inspect.getmembers(module, inspect.isclass):
                if (
                    issubclass(found, Exception)
                    and found.__module__ == module.__name__
                    and not found.__name__.endswith("Error")
                ):
                    yield found


def test_every_package_is_this_projects_own() -> None:
    for package in PACKAGES:
        assert Path(str(importlib.import_module(package).__file__)).is_relative_to(ROOT)


def test_every_refusal_has_a_place_on_the_web_and_words_that_are_used() -> None:
    for refusal in refusals():
        if refusal.__name__ in INSIDE or f"{refusal.__module__.partition('.')[0]}.{refusal.__name__}" in INSIDE:
            continue
        assert refusal in KINDS, f"{refusal.__module__}.{refusal.__name__} has no status and slug in web/problems.py"
        assert refusal.__doc__, f"{refusal.__name__} does not say in plain English what it means"
    used = {kind.slug for kind in KINDS.values()} | {"no-such-page", "no-such-method", "fault", "busy", "cut-off"}
    assert used == set(word_book())


def test_the_words_of_a_problem_use_only_its_own_facts() -> None:
    for refusal, kind in KINDS.items():
        facts = set(inspect.signature(refusal).parameters) if refusal.__init__ is not Exception.__init__ else set()
        text = " ".join(str(part) for part in word_book()[kind.slug].values())
        facts |= {name for pair in re.findall(r"for ([a-z_, ]+) in", text) for name in pair.split(", ")}
        for name in re.findall(r"\{\{\s*([a-z_0-9]+)", text):
            assert name in facts, f"{kind.slug} speaks of {name}, which {refusal.__name__} does not carry"


def test_every_page_named_in_code_has_its_template_and_every_template_is_named() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources())
    named = set(re.findall(r'"((?:pages|papers|problems)/[a-z_/-]+\.html)"', text))
    for folder_name in re.findall(r'f"(pages/[a-z_]+)/\{', text):  # the stem stands as a word of its own nearby
        named |= {
            f"{folder_name}/{path.name}"
            for path in (templates_dir() / folder_name).glob("*.html")
            if f'"{path.stem}"' in text
        }
    folder = templates_dir()
    templates = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")
    }
    inner = "\n".join(templates.values())
    for name in named:
        assert name in templates, f"{name} is named in code and is not there"
    for name in templates:
        if name.startswith(("pages/", "papers/", "problems/")):
            assert name in named or f'"{name}"' in inner, f"{name} is named nowhere"


def test_every_notice_has_its_words_and_no_words_are_left_over() -> None:
    rooms = (ROOT / "brokerage/desk/consequences").glob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    kinds = set(re.findall(r'Notice\(\s*"([a-z_]+)"', text))
    written = {path.name.partition(".")[0] for path in (templates_dir() / "messages").iterdir()}
    assert kinds == written == set(SAMPLES)


def test_no_template_trusts_what_somebody_typed() -> None:
    for path in templates_dir().rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), path
        assert "autoescape false" not in text, path


def test_no_statement_asks_the_database_for_the_time_of_its_transaction() -> None:
    for path in sources():
        if "migrations" in path.parts or path.name == "clock.py":
            continue
        code = path.read_text(encoding="utf-8")
        assert not re.search(r"(?i)\bCURRENT_TIMESTAMP\b|[^_.\w]now\(\)|func\.now", code.replace("says now()", "")), (
            path
        )


def test_times_have_zones_money_is_exact_and_every_constraint_has_a_name() -> None:
    migrations.metadata()
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, DateTime):
                assert column.type.timezone, f"{table.name}.{column.name} has no time zone"
            assert not (isinstance(column.type, Float) and not column.type.asdecimal), (
                f"{table.name}.{column.name} is a float"
            )
            assert column.server_default is None or "now" not in str(column.server_default), (
                f"{table.name}.{column.name}"
            )
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint | ForeignKeyConstraint | UniqueConstraint):
                assert constraint.name, f"a constraint of {table.name} has no name"


def test_everything_an_authority_owns_leads_its_key_with_the_authority() -> None:
    migrations.metadata()
    for table in SQLModel.metadata.tables.values():
        if table.name not in walls.SHARED and table.name not in walls.WITHOUT_COUNCIL_KEY:
            assert next(iter(table.primary_key.columns)).name == "authority", table.name


@pytest.mark.parametrize("room", ["rules", "service", "flow", "views"])
def test_every_public_verb_says_in_one_line_what_it_does(room: str) -> None:
    for path in sources():
        if path.stem == room or room in path.parts[-2:-1]:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and len(node.body) > 2:
                    assert ast.get_docstring(node), f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def test_a_verb_keeps_its_name_on_every_floor() -> None:
    floors = ("brokerage/desk/flow/bids.py", "brokerage/web/api/invitations.py")
    for verb in ("place_bid", "withdraw_bid", "decline", "send_code"):
        for floor in floors:
            assert f"def {verb}(" in (ROOT / floor).read_text(encoding="utf-8"), (verb, floor)


# Documents that must stay true ---------------------------------------------------------------------------------------


def ids() -> list[str]:
    return [
        *(f"A{number}" for number in range(1, 49)),
        *(f"B{number}" for number in range(1, 6)),
        *(f"C{number}" for number in range(1, 6)),
        *(f"D{number}" for number in range(1, 5)),
        *(f"E{number}" for number in range(1, 6)),
    ]


def rows() -> dict[str, list[str]]:
    found = {}
    for line in (ROOT / "docs/traceability.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if re.fullmatch(r"[A-E][0-9]+", cells[0]):
            found[cells[0]] = cells
    return found


def test_every_requirement_has_a_row_that_points_at_real_code_and_real_tests() -> None:
    found = rows()
    assert list(found) == ids()
    for requirement, (_, _, state, code, test) in found.items():
        assert state in {"done", "part", "to come"}, requirement
        if state == "to come":
            continue
        for cell in (code, test):
            places = re.findall(r"`([^`]+)`", cell)
            assert places, f"{requirement} names no place"
            for place in places:
                path, _, name = place.partition(":")
                assert (ROOT / path).exists(), f"{requirement}: {path} is not there"
                if name:
                    assert name in (ROOT / path).read_text(encoding="utf-8"), f"{requirement}: {path} has no {name}"


def test_the_readme_prints_both_commands_and_names_only_what_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "<!-- demo command -->" in text
    assert "<!-- test command -->" in text
    for place in re.findall(r"\]\((docs/[^)]+)\)", text):
        assert (ROOT / place).exists(), place


def test_the_words_that_are_never_used_are_not_used() -> None:
    for path in [*templates_dir().rglob("*.html"), *templates_dir().rglob("*.txt"), *templates_dir().rglob("*.toml")]:
        text = path.read_text(encoding="utf-8").lower()
        for word in ("auction", "live ranking", "price war", "bid on a"):
            assert word not in text, f"{path.name} says {word}"


def test_only_the_desk_opens_a_transaction_so_that_each_says_whose_rows_it_means() -> None:
    may = {"desk/work.py", "desk/reach.py", "migrations/__init__.py", "doctor.py", "opening.py", "demo/run.py"}
    may |= {"desk/setup.py", "desk/witness.py"}  # commands of the operator, by `reach.open_outside`
    for path in (ROOT / "brokerage").rglob("*.py"):
        name = path.relative_to(ROOT / "brokerage").as_posix()
        code = path.read_text(encoding="utf-8")
        assert name in may or not re.search(r"engine\.(connect|begin)\(|create_engine\(", code), name
        assert name == "desk/reach.py" or not re.search(r"(?i)\bset\s+(session\s+)?(role|app\.)", code), name


def test_what_reaches_beyond_the_walls_is_listed() -> None:
    users = {path.relative_to(ROOT).as_posix() for path in sources() if ".beyond_walls()" in path.read_text("utf-8")}
    assert users == {
        "brokerage/desk/flow/applications.py",
        "brokerage/desk/views/providers.py",
        "brokerage/desk/work.py",
    }
