"""Digests that prove what was received (S10), and secrets that nobody guesses (A28, S9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.model import CompetitionId
from brokerage.competitions.rules import code_hash, new_code, new_token, secret_hash
from brokerage.competitions.rules.content import late_digest, request_name
from lots.model import ProviderId
from tests.pure.competitions.builders import a_gate

AT = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
WHO, WHERE = UUID(int=1), UUID(int=2)
GATE = a_gate(competition_id=CompetitionId(WHERE), provider_id=ProviderId(WHO), now=AT)
OFFER = {"accommodation_weekly": "350.00", "place": {"outward_code": "DE1"}, "answers": {"a": "x", "b": "y"}}


def test_the_digest_of_a_late_offer_never_changes() -> None:
    # Receipts of years ago must still match: this figure is fixed, and changing it needs a new kind of digest.
    assert late_digest(GATE, OFFER) == "a358857c73157873f237d05fae1d6c234b3ff31fd0188d7683f4341d03a95555"


def test_the_digest_of_a_late_offer_depends_on_neither_zone_nor_order_nor_code() -> None:
    tokyo = replace(GATE, now=AT.astimezone(ZoneInfo("Asia/Tokyo")))
    turned = dict(reversed(OFFER.items())) | {"code": "123456"}
    assert late_digest(tokyo, turned) == late_digest(GATE, OFFER)


def test_every_part_of_a_late_offer_is_in_its_digest() -> None:
    others = {
        late_digest(GATE, OFFER),
        late_digest(replace(GATE, competition_id=CompetitionId(WHO)), OFFER),
        late_digest(replace(GATE, provider_id=ProviderId(WHERE)), OFFER),
        late_digest(replace(GATE, now=AT + timedelta(microseconds=1)), OFFER),
        late_digest(GATE, OFFER | {"accommodation_weekly": "350.01"}),
        late_digest(GATE, OFFER | {"answers": {"a": "x", "b": "z"}}),
        late_digest(GATE, {}),
    }
    assert len(others) == 7


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
