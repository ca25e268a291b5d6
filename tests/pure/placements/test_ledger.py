"""The ledger: to the penny, whichever way the days are cut (A33, S21)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from placements.model import Agreement, Changes, Version
from placements.rules import cut_versions, ledger
from tests.pure.placements.builders import DAY, END, START, agreement, first_version, histories, terms, vary

History = tuple[Agreement, tuple[Version, ...]]


def half_up(pounds: Fraction) -> Decimal:
    """Round to pennies by whole numbers alone, as the code does not."""
    return Decimal((pounds * 200 + 1) // 2) / 100


def test_two_weeks_and_three_days_by_hand() -> None:
    made = agreement(bought=terms(hours="10", accommodation="300.00", support="20.00"))
    found = ledger((first_version(made),), START, START + 16 * DAY)
    assert found.total == Decimal("1214.29")  # 500 x 17 / 7 = 1214.285...
    assert [(line.days, line.weekly) for line in found.lines] == [(17, Decimal("500.00"))]


def test_a_change_in_the_middle_of_a_week() -> None:
    made = agreement(bought=terms(hours="10", accommodation="300.00", support="20.00"))
    versions = vary(made, (first_version(made),), START + 3 * DAY, Changes(hours=Decimal(5)))
    found = ledger(versions, START, START + 6 * DAY)
    # 500 x 3 / 7 = 214.2857, 400 x 4 / 7 = 228.5714
    assert [line.amount for line in found.lines] == [Decimal("214.29"), Decimal("228.57")]
    assert found.total == Decimal("442.86")


def test_days_outside_the_stay_cost_nothing() -> None:
    made = agreement()
    versions = (first_version(made),)
    assert ledger(versions, START - 20 * DAY, START - DAY).total == 0
    assert ledger(versions, END + DAY, END + 20 * DAY).lines == ()
    assert ledger(versions, START - 20 * DAY, END + 20 * DAY) == ledger(versions, START, END)


@given(histories())
def test_a_whole_version_is_rounded_once(history: History) -> None:
    made, versions = history
    found = ledger(versions, made.starts_on, made.ends_on)
    for line in found.lines:
        assert line.amount == half_up(Fraction(line.weekly) * line.days / 7)
    assert found.total == sum(line.amount for line in found.lines)


@given(histories(), st.lists(st.integers(0, 500), max_size=12))
def test_however_the_days_are_cut_the_parts_are_the_whole(history: History, cuts: list[int]) -> None:
    made, versions = history
    edges = sorted({made.starts_on, made.ends_on + DAY, *(made.starts_on + n * DAY for n in cuts)})
    edges = [on for on in edges if on <= made.ends_on + DAY]
    parts = [ledger(versions, first, after - DAY) for first, after in pairwise(edges)]
    assert sum(part.total for part in parts) == ledger(versions, made.starts_on, made.ends_on).total
    for part in parts:
        for line in part.lines:
            assert abs(Fraction(line.amount) - Fraction(line.weekly) * line.days / 7) < Fraction(1, 100)
            assert line.amount >= 0


@given(histories(), st.integers(0, 500), st.integers(1, 300))
def test_a_later_variation_or_end_changes_no_day_before_it(history: History, ahead: int, more: int) -> None:
    made, versions = history
    paid_to = min(made.starts_on + ahead * DAY, made.ends_on)
    before = ledger(versions, made.starts_on, paid_to)
    on = min(max(paid_to, versions[-1].from_on) + more * DAY, made.ends_on)
    assert ledger(cut_versions(versions, max(on, paid_to)), made.starts_on, paid_to) == before
    if on > max(paid_to, versions[-1].from_on):
        later = vary(made, versions, on, Changes(hours=Decimal("0.25"), services=(("new", "x"),)))
        assert ledger(later, made.starts_on, paid_to) == before


@given(st.dates(date(2026, 1, 1), date(2031, 1, 1)), st.integers(0, 200))
def test_each_further_day_costs_about_a_seventh(start: date, days: int) -> None:
    made = agreement(starts_on=start, ends_on=start + 300 * DAY)
    priced = first_version(made)
    daily = ledger((priced,), start + days * DAY, start + days * DAY).total
    assert abs(Fraction(daily) - Fraction(priced.terms.weekly_cost) / 7) < Fraction(1, 100)
    assert (
        ledger((priced,), start, start + days * DAY).total <= ledger((priced,), start, start + (days + 1) * DAY).total
    )
