"""Load what is kept as data: lots and categories, evidence, criteria, legal profiles, places."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from lots.errors import CatalogueNotValid
from lots.model import Category, CategoryCode, Criterion, EvidenceKind, LegalProfile, Lot, Section

LIMITS: Final = frozenset({"min_nights", "max_nights", "min_months", "max_months", "ends_by_age"})
WORDS: Final = frozenset({"title", "summary"})
FLAGS: Final = frozenset({field.name for field in fields(Category)} - {"code"} - LIMITS - WORDS)


@cache
def catalogue() -> Mapping[CategoryCode, Category]:
    """Give the six categories in order of their code (A12)."""
    return _shipped()[1]


@cache
def lots() -> Mapping[str, Lot]:
    """Give the two lots by their code (A12)."""
    return _shipped()[0]


def category(code: CategoryCode) -> Category:
    """Give one category."""
    return catalogue()[code]


def lot_of(code: CategoryCode) -> tuple[CategoryCode, ...]:
    """Give the categories of a category's lot, itself first: where a bespoke package is advertised (A10)."""
    return (code, *(one for one in catalogue() if one.lot == code.lot and one is not code))


def parse_catalogue(text: str) -> tuple[Mapping[str, Lot], Mapping[CategoryCode, Category]]:
    """Read and check a catalogue in TOML.

    Raise `CatalogueNotValid` for a missing or unknown lot, category or field, or a value that cannot be.
    """
    data = _toml(text)
    _exactly("catalogue", data, {"lots", "categories"}, frozenset())
    for part in ("lots", "categories"):
        if not isinstance(data[part], dict):
            raise CatalogueNotValid(f"{part} must be a table")
    _exactly("lots", data["lots"], {code.lot for code in CategoryCode}, frozenset())
    _exactly("categories", data["categories"], {code.value for code in CategoryCode}, frozenset())
    return (
        MappingProxyType({code: _lot(code, data["lots"][code]) for code in sorted(data["lots"])}),
        MappingProxyType({code: _category(code, data["categories"][code.value]) for code in CategoryCode}),
    )


@cache
def evidence_kinds() -> tuple[EvidenceKind, ...]:
    """Give the kinds of evidence that the register asks for, in the order in which they are asked (A14)."""
    return parse_evidence(_text("evidence.toml"))


def parse_evidence(text: str) -> tuple[EvidenceKind, ...]:
    """Read and check kinds of evidence in TOML; raise `CatalogueNotValid`."""
    data = _toml(text)
    _exactly("evidence", data, {"kinds"}, frozenset())
    found = []
    for key, table in _tables("kinds", data["kinds"]):
        _exactly(f"evidence {key}", table, {"title", "section"}, frozenset({"categories", "months", "per_property"}))
        if not isinstance(table.get("per_property", False), bool) or type(table.get("months", 1)) is not int:
            raise CatalogueNotValid(f"evidence {key}: months is a whole number, per_property true or false")
        try:
            categories = frozenset(map(CategoryCode, table.get("categories", list(CategoryCode))))
            section = Section(table["section"]).value
            found.append(
                EvidenceKind(
                    key,
                    table["title"],
                    categories,
                    table.get("months"),
                    per_property=table.get("per_property", False),
                    section=section,
                )
            )
        except (ValueError, TypeError, AttributeError) as wrong:
            raise CatalogueNotValid(f"evidence {key}: {wrong}") from wrong
    return tuple(found)


@cache
def profiles() -> Mapping[str, LegalProfile]:
    """Give the legal profiles by their key (S24)."""
    return parse_joining(_text("joining.toml"))[0]


@cache
def criteria() -> tuple[Criterion, ...]:
    """Give the published criteria in the order in which they are assessed (A13)."""
    return parse_joining(_text("joining.toml"))[1]


def parse_joining(text: str) -> tuple[Mapping[str, LegalProfile], tuple[Criterion, ...]]:
    """Read and check legal profiles and criteria in TOML; raise `CatalogueNotValid`."""
    data = _toml(text)
    _exactly("joining", data, {"profiles", "criteria"}, frozenset())
    return (
        MappingProxyType({key: _profile(key, table) for key, table in _tables("profiles", data["profiles"])}),
        tuple(_criterion(key, table) for key, table in _tables("criteria", data["criteria"])),
    )


@cache
def places() -> Mapping[str, tuple[float, float]]:
    """Give about where each outward code lies: kilometres east and north on the National Grid."""
    data = _toml(_text("outward.toml"))
    return MappingProxyType({code: (float(east), float(north)) for code, (east, north) in data["codes"].items()})


def _shipped() -> tuple[Mapping[str, Lot], Mapping[CategoryCode, Category]]:
    return parse_catalogue(_text("catalogue.toml"))


def _text(name: str) -> str:
    return files("lots").joinpath(name).read_text(encoding="utf-8")


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise CatalogueNotValid(f"not TOML: {broken}") from broken


def _tables(where: str, found: object) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(found, dict) or not found or not all(isinstance(one, dict) for one in found.values()):
        raise CatalogueNotValid(f"{where} must be tables, at least one")
    return list(found.items())


def _profile(key: str, table: dict[str, Any]) -> LegalProfile:
    where = f"profile {key}"
    words = {"title", "basis", "admission_words", "removal_words", "window_words"}
    _exactly(where, table, words | {"admission_days", "extended_days", "notices"}, frozenset({"ends_by"}))
    for name in words:
        if not isinstance(table[name], str) or not table[name].strip():
            raise CatalogueNotValid(f"{where}: {name} must be words")
    notices, ends_by = table["notices"], table.get("ends_by")
    if not isinstance(notices, list) or not all(isinstance(one, str) for one in notices):
        raise CatalogueNotValid(f"{where}: notices must be a list of words")
    if type(ends_by) not in (date, type(None)):
        raise CatalogueNotValid(f"{where}: ends_by must be a day")
    try:
        return LegalProfile(key=key, **(table | {"notices": tuple(notices), "ends_by": ends_by}))
    except (ValueError, TypeError) as wrong:
        raise CatalogueNotValid(f"{where}: {wrong}") from wrong


def _criterion(key: str, table: dict[str, Any]) -> Criterion:
    _exactly(f"criterion {key}", table, {"title", "asks", "section"}, frozenset())
    try:
        return Criterion(key, str(table["title"]), str(table["asks"]), Section(table["section"]))
    except ValueError as wrong:
        raise CatalogueNotValid(f"criterion {key}: {wrong}") from wrong


def _exactly(where: str, table: Mapping[str, Any], needed: set[str], allowed: frozenset[str]) -> None:
    missing = sorted(needed - table.keys())
    unknown = sorted(table.keys() - needed - allowed)
    if missing or unknown:
        raise CatalogueNotValid(f"{where}: missing {missing}, unknown {unknown}")


def _lot(code: str, table: Mapping[str, Any]) -> Lot:
    _exactly(f"lot {code}", table, set(WORDS), frozenset())
    _words(f"lot {code}", table)
    return Lot(code, table["title"], table["summary"])


def _category(code: CategoryCode, table: Mapping[str, Any]) -> Category:
    where = f"category {code}"
    _exactly(where, table, set(WORDS | FLAGS), LIMITS)
    _words(where, table)
    for name in FLAGS:
        if not isinstance(table[name], bool):
            raise CatalogueNotValid(f"{where}: {name} must be true or false")
    for name in LIMITS & table.keys():
        if type(table[name]) is not int:
            raise CatalogueNotValid(f"{where}: {name} must be a whole number")
    limits: dict[str, Any] = dict.fromkeys(LIMITS)
    try:
        return Category(code=code, **(limits | dict(table)))
    except ValueError as wrong:
        raise CatalogueNotValid(str(wrong)) from wrong


def _words(where: str, table: Mapping[str, Any]) -> None:
    for name in WORDS:
        if not isinstance(table[name], str) or not table[name].strip():
            raise CatalogueNotValid(f"{where}: {name} must be words")
