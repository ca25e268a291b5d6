"""How long evidence counts, and when its provider is warned (A14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.errors import CatalogueNotValid, EvidenceTooOld, NoSuchEvidenceKind, WrongHolder
from lots.model import CategoryCode, Evidence, EvidenceId, EvidenceKind, EvidenceState, Held
from lots.rules import (
    WARN_DAYS,
    add_months,
    check_offered,
    counts_since,
    counts_until,
    covered_until,
    evidence_gap,
    warnings_due,
)
from lots.store import evidence_kinds, kinds_by_key, parse_evidence

ON = date(2026, 11, 23)
PLAIN = EvidenceKind("cover", "Cover", frozenset(CategoryCode), None, per_property=False, section="insurance")
DBS = kinds_by_key()["dbs"]

days = st.integers(0, 400).map(lambda n: ON + timedelta(days=n))


def day(offset: int) -> date:
    return ON + timedelta(days=offset)


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (date(2024, 3, 10), None, date(2027, 3, 10)),
        (date(2024, 2, 29), None, date(2027, 2, 28)),
        (date(2024, 3, 10), date(2026, 1, 1), date(2026, 1, 1)),
        (date(2024, 3, 10), date(2030, 1, 1), date(2027, 3, 10)),
    ],
)
def test_a_dbs_check_is_no_older_than_three_years(first: date, last: date | None, counts: date) -> None:
    assert counts_until(DBS, first, last) == counts
    held = (Held("dbs", first, last),)
    assert evidence_gap([DBS], held, first, counts) is None
    assert evidence_gap([DBS], held, first, counts + timedelta(days=1)) is not None


def test_every_warning_is_given_once_where_somebody_looks_every_day() -> None:
    held = (Held("cover", day(0), day(100)),)
    told = [
        (offset, one.days_left)
        for offset in range(1, 120)
        for one in warnings_due([PLAIN], held, day(offset - 1), day(offset))
    ]
    assert told == [(40, 60), (70, 30), (93, 7)]


@given(st.sets(st.integers(1, 130)), st.integers(10, 120))
def test_whatever_days_somebody_looks_no_warning_is_lost_but_for_a_nearer_one(looks: set[int], last: int) -> None:
    held = (Held("cover", day(0), day(last)),)
    before, found = 0, []
    for now in sorted(looks):
        found += [one.days_left for one in warnings_due([PLAIN], held, day(before), day(now))]
        before = now
    assert found == sorted(found, reverse=True)
    assert len(found) == len(set(found))
    for left in WARN_DAYS:
        came = last - left
        if came < 1 or not [now for now in looks if came <= now <= last]:
            continue
        assert any(one <= left for one in found), f"nobody heard of {left} days"


@given(st.lists(st.tuples(days, st.integers(0, 120)), max_size=5), days)
def test_cover_runs_as_far_as_the_days_do_without_a_gap(pieces: list[tuple[date, int]], on: date) -> None:
    held = [Held("cover", first, first + timedelta(days=length)) for first, length in pieces]
    covered = {first + timedelta(days=n) for first, length in pieces for n in range(length + 1)}
    last = on if on in covered else None
    while last is not None and last + timedelta(days=1) in covered:
        last += timedelta(days=1)
    assert covered_until(PLAIN, held, on) == last
    assert (evidence_gap([PLAIN], held, date.min, on) is None) is (on in covered)


def test_a_renewal_that_begins_the_day_after_ends_the_warnings() -> None:
    held = (Held("cover", day(-300), day(5)),)
    assert [one.days_left for one in warnings_due([PLAIN], held, day(-3), day(0))] == [7]
    assert warnings_due([PLAIN], (*held, Held("cover", day(6), None)), day(-3), day(0)) == ()
    assert warnings_due([PLAIN], (*held, Held("cover", day(7), None)), day(-3), day(0)) != (), "a day without cover"


def a_piece(**changes: object) -> Evidence:
    piece = Evidence(EvidenceId(UUID(int=1)), UUID(int=2), None, "dbs", "12 staff", day(-10), None)
    return replace(piece, **changes)  # type: ignore[arg-type]


def test_what_is_put_forward_is_of_a_known_kind_for_its_holder_and_not_over() -> None:
    check_offered(DBS, a_piece(), ON)
    with pytest.raises(NoSuchEvidenceKind):
        check_offered(None, a_piece(kind="horoscope"), ON)
    with pytest.raises(WrongHolder):
        check_offered(DBS, a_piece(property_id=UUID(int=3)), ON)
    with pytest.raises(WrongHolder):
        check_offered(kinds_by_key()["housing_standard"], a_piece(), ON)
    with pytest.raises(EvidenceTooOld) as refused:
        check_offered(DBS, a_piece(valid_from=date(2020, 1, 1)), ON)
    assert (refused.value.ended_on, refused.value.today) == (date(2023, 1, 1), ON)


def test_evidence_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError):
        a_piece(valid_to=day(-11))
    with pytest.raises(ValueError):
        a_piece(state=EvidenceState.REFUSED)


def test_the_kinds_that_are_shipped_hold_what_the_specification_asks() -> None:
    kinds = kinds_by_key()
    assert DBS.months == 36
    assert kinds["housing_standard"].per_property
    assert {"employers_liability", "public_liability", "safeguarding_policy", "training", "business_continuity"} <= set(
        kinds
    )
    assert all(kind.categories == frozenset(CategoryCode) for kind in evidence_kinds())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kinds = 1",
        "[kinds]",
        "[kinds.dbs]\ntitle = 'DBS'",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'nowhere'",
        "[kinds.dbs]\ntitle = ' '\nsection = 'dbs'",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'dbs'\nmonths = 0",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'dbs'\nmonths = '36'",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'dbs'\ncategories = ['9.9']",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'dbs'\ncategories = []",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'dbs'\nper_property = 'yes'",
        "[kinds.dbs]\ntitle = 'DBS'\nsection = 'dbs'\ncolour = 'red'",
        "[kinds.dbs",
    ],
)
def test_a_file_of_kinds_that_does_not_say_what_it_must_is_refused(text: str) -> None:
    with pytest.raises(CatalogueNotValid):
        parse_evidence(text)


def test_a_council_may_ask_a_kind_in_some_categories_only() -> None:
    (kind,) = parse_evidence("[kinds.x]\ntitle = 'X'\nsection = 'dbs'\ncategories = ['1.1', '2.1']")
    assert kind.categories == {CategoryCode.EMERGENCY, CategoryCode.SHORT_STAY}


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.integers(1, 60), st.integers(-7, 7))
def test_what_began_since_then_still_counts_and_nothing_older_does(on: date, months: int, apart: int) -> None:
    kind = replace(PLAIN, months=months)
    began = add_months(on, -months) + timedelta(days=apart)
    since, last = counts_since(kind, on), counts_until(kind, began, None)
    assert since is not None
    assert last is not None
    assert (began >= since) == (last >= on)


def test_a_kind_without_months_counts_however_old_it_is() -> None:
    assert counts_since(PLAIN, ON) is None
