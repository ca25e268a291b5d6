"""Offers are sealed to a key that only the recipients come by, and opened only as what they were sent as (A21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.competitions.errors import AlreadyOpened, BeingOpened, NotNow, SealBroken, StillSealed, WrongKey
from brokerage.competitions.model import (
    BidId,
    CompetitionId,
    Flaw,
    Gate,
    InvitationId,
    KeyKind,
    Offer,
    Opener,
    Place,
    Recipients,
    SealedBid,
    State,
)
from brokerage.competitions.rules import check_opening, unseal
from brokerage.competitions.rules.seal import OVERHEAD, STEP, digest_of, new_pair, new_seal, open_bid, seal, unwrap
from lots.model import Price, ProviderId
from tests.keys import OPENER, RECIPIENTS, RECOVERY
from tests.pure.competitions.builders import CLOSES, OPENS, a_competition, a_gate

SEAL = new_seal(RECIPIENTS)
PRIVATE = unwrap(SEAL, OPENER)
GATE = a_gate(seal_key=SEAL.public)
MICRO = timedelta(microseconds=1)

money = st.decimals(Decimal("0.00"), Decimal("9999.99"), places=2)
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
offers = st.builds(
    Offer,
    st.builds(Price, st.none() | money, st.none() | money),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.builds(Place, st.sampled_from(["DE1", "NG22"]), st.booleans(), words),
    st.dictionaries(st.text(min_size=1, max_size=20), words, max_size=6),
)
AN_OFFER = Offer(Price(Decimal("350.00"), None), date(2026, 12, 1), Place("DE1", True), {"risk": "We will"})


def a_sealed_bid(offer: Offer, gate: Gate = GATE, version: int = 1) -> SealedBid:
    sealed = seal(gate, version, offer)
    return SealedBid(
        BidId(uuid4()), gate.competition_id, gate.provider_id, gate.invitation_id, version, gate.now,
        digest_of(sealed), sealed,
    )  # fmt: skip


def flaw(bid: SealedBid, private: bytes = PRIVATE, recorded: str | None = "") -> Flaw:
    with pytest.raises(SealBroken) as broken:
        open_bid(private, bid, bid.digest if recorded == "" else recorded)
    return broken.value.flaw


@given(offers)
def test_what_was_sealed_is_what_is_opened_by_either_key(offer: Offer) -> None:
    bid = a_sealed_bid(offer)
    for opener in (OPENER, RECOVERY):
        assert open_bid(unwrap(SEAL, opener), bid, bid.digest) == offer


@given(offers, offers)
def test_the_size_tells_whole_steps_and_nothing_else(one: Offer, other: Offer) -> None:
    sizes = {(len(a_sealed_bid(offer).sealed) - OVERHEAD) / STEP for offer in (one, other)}
    assert all(size >= 1 and size == int(size) for size in sizes)
    dearer = replace(one, price=Price(Decimal("1.00"), Decimal("9999.99")))
    if len(a_sealed_bid(one).sealed) == STEP + OVERHEAD and not one.answers:
        assert len(a_sealed_bid(dearer).sealed) == STEP + OVERHEAD


def test_nothing_of_an_offer_shows_and_the_same_offer_never_looks_the_same() -> None:
    bids = [a_sealed_bid(AN_OFFER) for _ in range(5)]
    assert len({bid.digest for bid in bids}) == len({bid.sealed for bid in bids}) == 5
    for bid in bids:
        for said in (b"350.00", b"DE1", b"We will", str(GATE.provider_id).encode()):
            assert said not in bid.sealed
        assert bid.sealed.hex() not in repr(bid)


def test_no_other_key_leads_to_an_offer() -> None:
    stranger = new_pair()[0]
    for kind in KeyKind:
        with pytest.raises(WrongKey):
            unwrap(SEAL, Opener(kind, stranger))
    with pytest.raises(WrongKey):
        unwrap(SEAL, Opener(KeyKind.OPENING, RECOVERY.private))
    other = unwrap(new_seal(RECIPIENTS), OPENER)
    assert other != PRIVATE
    assert flaw(a_sealed_bid(AN_OFFER), other) is Flaw.CIPHER
    assert OPENER.private.hex() not in repr(OPENER)
    assert repr(OPENER.private) not in repr(OPENER)


@given(st.integers(0, STEP + OVERHEAD - 1), st.integers(1, 255))
def test_one_changed_byte_is_found_with_or_without_a_new_digest(place: int, by: int) -> None:
    bid = a_sealed_bid(AN_OFFER)
    changed = bytearray(bid.sealed)
    changed[place] ^= by
    bent = replace(bid, sealed=bytes(changed))
    assert flaw(bent) is Flaw.DIGEST
    assert flaw(replace(bent, digest=digest_of(bent.sealed))) is Flaw.CIPHER
    assert flaw(replace(bent, digest=digest_of(bent.sealed)), recorded=bid.digest) is Flaw.RECORD


@pytest.mark.parametrize(
    "taken_for",
    [
        {"competition_id": CompetitionId(uuid4())},
        {"provider_id": ProviderId(uuid4())},
        {"invitation_id": InvitationId(uuid4())},
        {"version": 2},
        {"received_at": OPENS + MICRO},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_offer_taken_for_another_is_found(taken_for: dict[str, object]) -> None:
    assert flaw(replace(a_sealed_bid(AN_OFFER), **taken_for)) is Flaw.HEADER  # type: ignore[arg-type]


def test_a_forged_offer_that_fits_in_all_but_the_record_is_found() -> None:
    true, forged = a_sealed_bid(AN_OFFER), a_sealed_bid(replace(AN_OFFER, price=Price(Decimal("1.00"), None)))
    assert flaw(forged, recorded=true.digest) is Flaw.RECORD
    assert flaw(forged, recorded=None) is Flaw.RECORD


@given(st.binary(max_size=200))
def test_what_is_sealed_and_is_no_offer_is_told_so(raw: bytes) -> None:
    from nacl.public import PublicKey, SealedBox

    sealed = SealedBox(PublicKey(SEAL.public)).encrypt(len(raw).to_bytes(4, "big") + raw)
    assert flaw(replace(a_sealed_bid(AN_OFFER), sealed=sealed, digest=digest_of(sealed))) is Flaw.CONTENT


def test_a_recovery_key_is_another_key() -> None:
    with pytest.raises(ValueError):
        Recipients(RECIPIENTS.opening, RECIPIENTS.opening)
    with pytest.raises(ValueError):
        Recipients(b"short", RECIPIENTS.recovery)


def test_the_seal_is_opened_once_after_the_close_and_read_from_then_on() -> None:
    waiting = a_competition(unsealed_at=None)
    running = a_competition(state=State.OPEN, closed_at=None, unsealed_at=None)
    for now in (OPENS, CLOSES - MICRO):
        for one in (waiting, running):
            with pytest.raises(StillSealed):
                check_opening(one, now)
            with pytest.raises(StillSealed):
                unseal(one, now)
    with pytest.raises(StillSealed):
        check_opening(running, CLOSES)
    for one in (waiting, running):
        with pytest.raises(BeingOpened):
            unseal(one, CLOSES)
    check_opening(waiting, CLOSES)
    opened = a_competition()
    unseal(opened, CLOSES)
    with pytest.raises(AlreadyOpened):
        check_opening(opened, CLOSES)
    for state in (State.CANCELLED, State.UNSUCCESSFUL):
        with pytest.raises(NotNow):
            check_opening(a_competition(state=state, unsealed_at=None), CLOSES)
