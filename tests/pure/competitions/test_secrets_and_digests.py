"""Digests that prove what was received (S10), and secrets that nobody guesses (A28, S9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.model import Offer, Place
from brokerage.competitions.rules import (
    code_hash,
    content_digest,
    new_code,
    new_token,
    request_name,
    secret_hash,
)
from lots.model import Price

AT = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
WHO, WHERE = UUID(int=1), UUID(int=2)
OFFER = Offer(Price(Decimal("350.00"), Decimal("22.50")), date(2026, 12, 1), Place("DE1", True), {"a": "x", "b": "y"})


def test_the_digest_of_an_offer_never_changes() -> None:
    # Receipts of years ago must still match: this figure is fixed, and changing it needs a new kind of digest.
    assert content_digest(WHERE, WHO, 1, OFFER, AT) == (
        "384cf437a277305f34b65d1ec29467e44f881ff360cc1515ec7cd8462c2614b5"
    )


def test_the_digest_does_not_depend_on_zone_or_order() -> None:
    tokyo = AT.astimezone(ZoneInfo("Asia/Tokyo"))
    turned = replace(OFFER, answers={"b": "y", "a": "x"})
    assert content_digest(WHERE, WHO, 1, turned, tokyo) == content_digest(WHERE, WHO, 1, OFFER, AT)


def test_every_part_of_an_offer_is_in_its_digest() -> None:
    others = {
        content_digest(WHO, WHO, 1, OFFER, AT),
        content_digest(WHERE, WHERE, 1, OFFER, AT),
        content_digest(WHERE, WHO, 2, OFFER, AT),
        content_digest(WHERE, WHO, 1, OFFER, AT + timedelta(microseconds=1)),
        content_digest(WHERE, WHO, 1, replace(OFFER, price=Price(Decimal("350.01"), Decimal("22.50"))), AT),
        content_digest(WHERE, WHO, 1, replace(OFFER, price=Price(Decimal("350.00"), None)), AT),
        content_digest(WHERE, WHO, 1, replace(OFFER, earliest_start=date(2026, 12, 2)), AT),
        content_digest(WHERE, WHO, 1, replace(OFFER, place=Place("DE1", False)), AT),
        content_digest(WHERE, WHO, 1, replace(OFFER, place=Place("DE1", True, "Garden")), AT),
        content_digest(WHERE, WHO, 1, replace(OFFER, answers={"a": "x", "b": "z"}), AT),
        content_digest(WHERE, WHO, 1, OFFER, AT),
    }
    assert len(others) == 11


def test_tokens_are_long_fit_a_link_and_do_not_repeat() -> None:
    tokens = {new_token() for _ in range(500)}
    assert len(tokens) == 500
    assert all(len(token) >= 22 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_codes_are_six_digits_with_their_zeros() -> None:
    codes = [new_code() for _ in range(500)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes)) > 400


@given(st.uuids(), st.uuids(), st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_a_code_serves_only_its_own_invitation(mine: UUID, other: UUID, code: str) -> None:
    assert (code_hash(mine, code) == code_hash(other, code)) == (mine == other)
    assert secret_hash(code) != code_hash(mine, code)


def test_a_request_is_its_key_and_what_it_said_but_not_its_code() -> None:
    offer = {"accommodation_weekly": "350.00", "answers": {"a": "x"}, "code": "123456"}
    name = request_name("key", offer)
    assert name == request_name("key", {**offer, "code": "654321"})
    assert name == request_name("key", dict(reversed(offer.items())))
    assert name != request_name("other", offer)
    assert name != request_name("key", {**offer, "accommodation_weekly": "349.00"})
    assert name != request_name(str(uuid4()), {})
