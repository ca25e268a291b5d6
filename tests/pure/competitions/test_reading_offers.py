"""What a provider may send as an offer, and every way in which it is refused (A22, S7, S21)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import OverTendered
from brokerage.competitions.model import DeclineReason, Gate, Offer, Place, Weights
from brokerage.competitions.rules import check_price
from brokerage.competitions.rules.reading import read_code, read_decline, read_offer, read_weights
from brokerage.reading import NotValid
from lots.model import CategoryCode, Price, Wants
from tests.pure.competitions.builders import TODAY, a_document, a_gate

SUPPORT_ONLY = frozenset({Wants.SUPPORT})
RTL = "\u202e"

json_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
json_values = (
    json_scalars | st.lists(json_scalars, max_size=2) | st.dictionaries(st.text(max_size=8), json_scalars, max_size=2)
)


def faults_of(document: dict[str, Any], gate: Gate) -> set[str]:
    with pytest.raises(NotValid) as refused:
        read_offer(document, gate, TODAY)
    return {fault.pointer for fault in refused.value.faults}


def test_a_good_offer_is_read_as_it_was_sent() -> None:
    gate = a_gate()
    offer = read_offer(a_document(gate), gate, TODAY)
    assert offer == Offer(
        Price(Decimal("350.00"), Decimal("22.50")),
        date(2026, 12, 1),
        Place("DE1", True),
        {question.key: "We will" for question in gate.questions},
    )


@pytest.mark.parametrize("pointer", ["accommodation_weekly", "support_hourly"])
@pytest.mark.parametrize(
    "bad",
    [
        "-1", "-0.01", "100000", "9" * 400, "1e3", "1.005", "350.001", "NaN", "Infinity", "-Infinity", "", None, "£",
        ",", "😀", "3😀", f"{RTL}350", "٣٥٠", "３５０", "1_000", "0x10", "1.2.3", "350.", ".5",
        "350 GBP", 350, 350.0, True,
        [],
        {}, ["350"], "\x00", " ",
    ],
)  # fmt: skip
def test_money_that_is_no_money_is_refused_at_its_place(pointer: str, bad: Any) -> None:
    gate = a_gate()
    assert faults_of(a_document(gate, **{pointer: bad}), gate) == {f"/{pointer}"}


@given(st.decimals(Decimal(0), Decimal("99999.99"), places=2))
def test_every_sum_of_pounds_and_pence_is_read_exactly(pounds: Decimal) -> None:
    gate = a_gate()
    offer = read_offer(a_document(gate, accommodation_weekly=f"£{pounds:,}"), gate, TODAY)
    assert offer.price.accommodation_weekly == pounds


@given(st.text(max_size=12))
def test_no_text_becomes_money_unless_it_is_plain_figures(typed: str) -> None:
    gate = a_gate()
    try:
        offer = read_offer(a_document(gate, accommodation_weekly=typed), gate, TODAY)
    except NotValid:
        return
    plain = typed.strip().removeprefix("£").replace(",", "").strip()
    assert plain.isascii()
    assert offer.price.accommodation_weekly == Decimal(plain)
    assert Decimal(0) <= Decimal(plain) <= Decimal("99999.99")


@given(st.dictionaries(st.sampled_from([*a_document(a_gate()), "code", "other", ""]), json_values))
def test_whatever_is_sent_is_read_or_refused_with_its_places_and_never_breaks(document: dict[str, Any]) -> None:
    gate = a_gate()
    try:
        read_offer(document, gate, TODAY)
    except NotValid as refused:
        assert refused.faults
        assert all(fault.pointer.startswith("/") and fault.message for fault in refused.faults)


def test_every_fault_is_told_at_once() -> None:
    gate = a_gate()
    faults = faults_of({"accommodation_weekly": "-1", "unknown": 1}, gate)
    assert {"/accommodation_weekly", "/support_hourly", "/earliest_start", "/place", "/unknown"} <= faults
    assert {f"/answers/{question.key}" for question in gate.questions} <= faults


@pytest.mark.parametrize("missing", [question.key for question in a_gate().questions])
def test_an_answer_that_is_missing_or_empty_is_asked_for(missing: str) -> None:
    gate = a_gate()
    answers = a_document(gate)["answers"]
    without = {key: text for key, text in answers.items() if key != missing}
    assert faults_of(a_document(gate, answers=without), gate) == {f"/answers/{missing}"}
    for empty in ("", "  \n ", None):
        assert faults_of(a_document(gate, answers=answers | {missing: empty}), gate) == {f"/answers/{missing}"}


def test_an_answer_to_a_question_nobody_asked_is_refused() -> None:
    gate = a_gate()
    answers = a_document(gate)["answers"] | {"surprise": "Hello"}
    assert faults_of(a_document(gate, answers=answers), gate) == {"/answers/surprise"}


@pytest.mark.parametrize(
    "bad", [f"We will {RTL}not", "We\u2066 will", "nul \x00", "bell \x07", "half \ud800", 7, ["We will"]]
)
def test_an_answer_that_would_read_otherwise_than_it_is_stored_is_refused(bad: Any) -> None:
    gate = a_gate()
    answers = a_document(gate)["answers"] | {"risk": bad}
    assert faults_of(a_document(gate, answers=answers), gate) == {"/answers/risk"}


def test_an_answer_may_hold_emoji_and_any_script_and_is_kept_in_one_form() -> None:
    gate = a_gate()
    text = "Zoe\u0308 🏠 ١٢ Ελλάδα\r\nline two"
    offer = read_offer(a_document(gate, answers=a_document(gate)["answers"] | {"risk": text}), gate, TODAY)
    assert offer.answers["risk"] == "Zoë 🏠 ١٢ Ελλάδα\nline two"


@pytest.mark.parametrize(
    "start",
    [
        TODAY - timedelta(days=1),
        TODAY + timedelta(days=367),
        "2026-02-30",
        "tomorrow",
        "",
        None,
        20261201,
        "٢٠٢٦-١٢-٠١",
    ],
)
def test_a_start_in_the_past_or_too_far_or_no_day_is_refused(start: Any) -> None:
    gate = a_gate()
    typed = start.isoformat() if isinstance(start, date) else start
    assert faults_of(a_document(gate, earliest_start=typed), gate) == {"/earliest_start"}


@pytest.mark.parametrize("days", [0, 1, 366])
def test_a_start_from_today_on_is_read(days: int) -> None:
    gate = a_gate()
    start = TODAY + timedelta(days=days)
    assert read_offer(a_document(gate, earliest_start=start.isoformat()), gate, TODAY).earliest_start == start


@pytest.mark.parametrize(
    "typed", ["DE1 1AA", "de11aa", "NG7 2RD", "DE22 2AB", "Derby", "1", "", None, "DE1😀", f"{RTL}DE1"]
)
def test_an_area_is_only_ever_the_first_half_of_a_postcode(typed: Any) -> None:
    gate = a_gate()
    place = {"outward_code": typed, "shared": True}
    assert faults_of(a_document(gate, place=place), gate) == {"/place/outward_code"}


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        (None, "/place"),
        ("DE1", "/place"),
        ({"outward_code": "DE1"}, "/place/shared"),
        ({"outward_code": "DE1", "shared": "perhaps"}, "/place/shared"),
        ({"outward_code": "DE1", "shared": True, "address": "1 Elm Road"}, "/place/address"),
        ({"outward_code": "DE1", "shared": True, "description": "x" * 601}, "/place/description"),
    ],
)
def test_a_place_says_where_and_whether_it_is_shared_and_nothing_else(place: Any, pointer: str) -> None:
    gate = a_gate()
    assert faults_of(a_document(gate, place=place), gate) == {pointer}


def test_a_price_for_support_typed_into_a_package_without_hours_is_refused() -> None:
    gate = a_gate(category=CategoryCode.ACCOMMODATION_ONLY, hours=Decimal("0.00"))
    assert faults_of(a_document(gate, support_hourly="22.50"), gate) == {"/support_hourly"}
    assert read_offer(a_document(gate, support_hourly=""), gate, TODAY).price.support_hourly is None


def test_a_price_for_what_is_not_wanted_is_refused() -> None:
    gate = a_gate(wants=SUPPORT_ONLY)
    assert faults_of(a_document(gate), gate) == {"/accommodation_weekly"}
    offer = read_offer(a_document(gate, accommodation_weekly=None, place={"outward_code": "DE1"}), gate, TODAY)
    assert offer.price == Price(None, Decimal("22.50"))


@given(st.decimals(0, 1000, places=2), st.decimals(0, 1000, places=2))
def test_an_offer_over_a_tendered_price_is_refused_naming_both(offered: Decimal, tendered: Decimal) -> None:
    gate = a_gate(tendered=Price(tendered, Decimal("23.00")))
    offer = Offer(Price(offered, Decimal("1.00")), TODAY, Place("DE1", True), {})
    if offered <= tendered:
        check_price(gate, offer)
        return
    with pytest.raises(OverTendered) as over:
        check_price(gate, offer)
    assert (over.value.item, over.value.offered, over.value.tendered) == ("accommodation", offered, tendered)


@given(st.integers(0, 100), st.integers(0, 100))
def test_weights_are_whole_parts_of_a_hundred(price: int, quality: int) -> None:
    social = 100 - price - quality
    raw = {"price": price, "quality": quality, "social_value": social}
    if social >= 0:
        assert read_weights(raw) == Weights(price, quality, social)
        return
    with pytest.raises(NotValid):
        read_weights(raw)
    with pytest.raises(ValueError):
        Weights(price, quality, social)


@pytest.mark.parametrize(
    "raw",
    [{}, [], "40", {"price": 100, "quality": 1}, {"price": -10, "quality": 110}, {"price": True, "quality": 99},
     {"price": 40.0, "quality": 60}, {"price": "4٠", "quality": 60}, {"price": 100, "beauty": 0}],
)  # fmt: skip
def test_weights_that_do_not_add_up_are_refused(raw: Any) -> None:
    with pytest.raises(NotValid):
        read_weights(raw)


def test_no_weights_are_the_usual_ones() -> None:
    assert read_weights(None) == Weights(40, 50, 10)


def test_a_decline_has_a_coded_reason() -> None:
    assert read_decline({"reason": "no_room"}) == (DeclineReason.NO_ROOM, "")
    for bad in ({}, {"reason": "bored"}, {"reason": "no_room", "note": "x" * 501}, {"reason": "no_room", "x": 1}):
        with pytest.raises(NotValid):
            read_decline(bad)


@pytest.mark.parametrize("typed", ["123456", "123 456", " 123-456 "])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", None, "12345", "1234567", "12345a", "١٢٣٤٥٦", "１２３４５６", "²²²²²²"])
def test_a_code_is_six_plain_digits(typed: Any) -> None:
    with pytest.raises(NotValid):
        read_code(typed)
