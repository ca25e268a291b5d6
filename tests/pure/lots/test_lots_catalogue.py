"""The catalogue of lots and categories, and what it will not be (A12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from lots.errors import CatalogueNotValid
from lots.model import CategoryCode, CostLine, Need, Suspension, Wants, WeeklyCost
from lots.store import catalogue, category, lots, parse_catalogue

TEXT = files("lots").joinpath("catalogue.toml").read_text(encoding="utf-8")


def test_there_are_six_categories_in_two_lots() -> None:
    assert list(catalogue()) == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]
    assert list(lots()) == ["1", "2"]
    assert [code.lot for code in catalogue()] == ["1", "1", "1", "2", "2", "2"]


def test_only_the_emergency_categories_start_on_the_same_day() -> None:
    assert [each.code for each in catalogue().values() if each.same_day] == ["1.1", "2.1"]
    assert [each.code for each in catalogue().values() if each.emergency] == ["1.1", "2.1"]


def test_the_short_stay_is_one_to_seven_nights() -> None:
    short = category(CategoryCode.SHORT_STAY)
    assert (short.min_nights, short.max_nights) == (1, 7)


def test_every_category_that_is_no_emergency_lasts_three_to_twelve_months() -> None:
    for each in catalogue().values():
        assert (each.min_months, each.max_months) == ((None, None) if each.emergency else (3, 12))


def test_two_categories_end_by_18_and_one_has_no_support_hours() -> None:
    assert [each.code for each in catalogue().values() if each.ends_by_age == 18] == ["2.2", "2.3"]
    assert [each.code for each in catalogue().values() if not each.support_hours] == ["2.3"]
    assert {each.lot for each in catalogue().values() if each.counts_housing_benefit} == {"2"}


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("max_nights = 7", "max_nights = 0", "1 or more"),
        ("max_nights = 7", "max_nights = 7\nmax_months = 1", "nights or in months"),
        ("max_nights = 7", "max_nites = 7", "max_nites"),
        ("max_nights = 7", 'max_nights = "7"', "whole number"),
        ("max_nights = 7", "max_nights = true", "whole number"),
        ("min_nights = 1\nmax_nights = 7", "min_nights = 9\nmax_nights = 7", "more than most"),
        ("ends_by_age = 18", "ends_by_age = 21", "by 18, not by 21"),
        ("same_day = true\n", "", "same_day"),
        ("same_day = true", "same_day = 1", "true or false"),
        ('[categories."2.3"]', '[categories."2.4"]', "2.4"),
        ("[lots.2]", "[lots.3]", "missing"),
        ('title = "Short-term with support hours"', 'title = " "', "words"),
        ('title = "Children in care and care leavers"', "title = 5", "words"),
        ("[lots.1]", "[lots.1", "not TOML"),
        ("[lots.1]", "[extra]\n[lots.1]", "extra"),
    ],
)
def test_a_catalogue_that_cannot_be_is_refused(was: str, becomes: str, says: str) -> None:
    assert was in TEXT
    with pytest.raises(CatalogueNotValid, match=says):
        parse_catalogue(TEXT.replace(was, becomes, 1))


def test_a_council_may_set_another_limit() -> None:
    _, changed = parse_catalogue(TEXT.replace("max_nights = 84", "max_nights = 28"))
    assert changed[CategoryCode.EMERGENCY] == replace(category(CategoryCode.EMERGENCY), max_nights=28)


def test_nouns_refuse_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="wants"):
        Need(CategoryCode.EMERGENCY, 17, frozenset(), Decimal(1), 1)
    with pytest.raises(ValueError, match="bed"):
        Need(CategoryCode.EMERGENCY, 17, frozenset({Wants.SUPPORT}), Decimal(1), 0)
    with pytest.raises(ValueError, match="hours"):
        Need(CategoryCode.EMERGENCY, 17, frozenset({Wants.SUPPORT}), Decimal(-1), 1)
    with pytest.raises(ValueError, match="before it starts"):
        Suspension(date(2026, 1, 2), date(2026, 1, 1), "Being looked into")
    with pytest.raises(ValueError, match="reason"):
        Suspension(date(2026, 1, 2), None, " ")
    with pytest.raises(ValueError, match="add up"):
        WeeklyCost(Decimal(2), (CostLine("Accommodation", Decimal(1)),))
    with pytest.raises(ValueError, match="negative"):
        WeeklyCost(Decimal(-1), (CostLine("Accommodation", Decimal(-1)),))
