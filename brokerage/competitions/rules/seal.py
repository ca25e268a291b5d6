"""Seal an offer so that nobody reads it before the close, and open it afterwards (A21).

Every competition has a key pair of its own (X25519). Its private half is kept only wrapped: for the opening key,
which the worker holds, and for the recovery key, which lies in a safe. Sealing needs neither. A sealed box hides
what it holds but not who made it: anybody can seal. That an offer is the one its provider sent is proved by its
digest, which stands in the receipt and in the record since that instant.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from brokerage.competitions.errors import SealBroken, WrongKey
from brokerage.competitions.model import Flaw, Gate, KeyKind, Offer, Opener, Recipients, Seal, SealedBid
from brokerage.competitions.rules.content import offer_facts, offer_of

STEP: Final = 4096
"""Offers are padded to whole steps of so many bytes: a price or a short answer does not show in the size."""

OVERHEAD: Final = 48
"""Bytes that a sealed box adds: a key of its own and the mark that shows a change."""

_LENGTH: Final = 4


def new_pair() -> tuple[bytes, bytes]:
    """Make a key pair: private, public."""
    made = PrivateKey.generate()
    return bytes(made), bytes(made.public_key)


def public_half(private: bytes) -> bytes:
    return bytes(PrivateKey(private).public_key)


def new_seal(recipients: Recipients) -> Seal:
    """Make a competition's key pair and wrap its private half for both recipients; nothing else keeps it."""
    private, public = new_pair()
    return Seal(
        public,
        SealedBox(PublicKey(recipients.opening)).encrypt(private),
        SealedBox(PublicKey(recipients.recovery)).encrypt(private),
    )


def seal(gate: Gate, version: int, offer: Offer) -> bytes:
    """Seal an offer as received at the gate, bound to competition, provider, invitation, version and instant."""
    header = _header(gate.competition_id, gate.provider_id, gate.invitation_id, version, gate.now)
    body = json.dumps({"header": header, "offer": offer_facts(offer)}, ensure_ascii=False).encode()
    whole = len(body).to_bytes(_LENGTH, "big") + body
    return SealedBox(PublicKey(gate.seal_key)).encrypt(whole.ljust(-(-len(whole) // STEP) * STEP, b"\0"))


def digest_of(sealed: bytes) -> str:
    """Digest a sealed offer: what receipt and record hold (S10)."""
    return hashlib.sha256(sealed).hexdigest()


def unwrap(made: Seal, opener: Opener) -> bytes:
    """Give a competition's private key. Raises WrongKey."""
    wrapped = made.wrapped if opener.kind is KeyKind.OPENING else made.wrapped_for_recovery
    try:
        return SealedBox(PrivateKey(opener.private)).decrypt(wrapped)
    except CryptoError:
        raise WrongKey(opener.kind) from None


def open_bid(private: bytes, bid: SealedBid, recorded: str | None) -> Offer:
    """Open a sealed offer, holding it against its digest and the one recorded on receipt. Raises SealBroken."""
    if digest_of(bid.sealed) != bid.digest:
        raise SealBroken(Flaw.DIGEST)
    if bid.digest != recorded:
        raise SealBroken(Flaw.RECORD)
    try:
        whole = SealedBox(PrivateKey(private)).decrypt(bid.sealed)
    except CryptoError:
        raise SealBroken(Flaw.CIPHER) from None
    try:
        length = int.from_bytes(whole[:_LENGTH], "big")
        read = json.loads(whole[_LENGTH : _LENGTH + length])
        header, offer = read["header"], offer_of(read["offer"])
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise SealBroken(Flaw.CONTENT) from None
    if header != _header(bid.competition_id, bid.provider_id, bid.invitation_id, bid.version, bid.received_at):
        raise SealBroken(Flaw.HEADER)
    return offer


def _header(
    competition_id: UUID, provider_id: UUID, invitation_id: UUID, version: int, received_at: datetime
) -> dict[str, object]:
    return {
        "competition": str(competition_id),
        "provider": str(provider_id),
        "invitation": str(invitation_id),
        "version": version,
        "received_at": received_at.astimezone(UTC).isoformat(),
    }
