"""Nobody is told from the equality report, also by somebody who knows the rule and the total."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from brokerage.equality.model import QUESTIONS
from brokerage.equality.rules import LEAST, LEAST_TOTAL, reported_until, suppress

counts = st.lists(st.integers(0, 40), min_size=2, max_size=6).map(
    lambda found: {f"choice {place}": count for place, count in enumerate(found)}
)


@given(counts)
def test_what_is_shown_is_true_and_never_small(counted: dict[str, int]) -> None:
    table = suppress("question", counted)
    shown = {choice: count for choice, count in table.counts if count is not None}
    assert shown.items() <= counted.items()
    assert all(count >= LEAST for count in shown.values())
    assert table.total in {None, sum(counted.values())}
    if all(count >= LEAST for count in counted.values()) and sum(counted.values()) >= LEAST_TOTAL:
        assert shown == counted
    assert len(counted) - len(shown) != 1, "one hidden number is a subtraction away"


def test_some_choice_of_every_question_is_large_enough_to_hide_behind() -> None:
    assert all((LEAST - 1) * len(choices) < LEAST_TOTAL for choices in QUESTIONS.values())


def test_who_tries_every_table_that_is_shown_alike_still_does_not_know_a_small_number() -> None:
    for total in (LEAST_TOTAL, LEAST_TOTAL + 3):
        alike = defaultdict(list)
        for found in product(range(total + 1), repeat=3):
            found = (*found, total - sum(found))
            if found[-1] >= 0:
                alike[suppress("question", dict(zip("abcd", found, strict=True)))].append(found)
        for table, tables in alike.items():
            for place, (_, count) in enumerate(table.counts):
                possible = {found[place] for found in tables}
                assert count is not None or len(possible) > 1 or not possible & set(range(1, LEAST)), (table, possible)


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_the_report_stands_still_for_a_quarter(today: date) -> None:
    until = reported_until(today)
    assert until <= today < until + timedelta(days=93)
    assert (until.day, until.month % 3) == (1, 1)
