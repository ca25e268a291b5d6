"""What an offer says, as it is sealed, opened and named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from brokerage.competitions.model import Gate, Offer, Place
from lots.model import Price


def offer_facts(offer: Offer) -> dict[str, object]:
    """Give an offer as plain JSON values."""
    price = offer.price
    return {
        "accommodation_weekly": None if price.accommodation_weekly is None else str(price.accommodation_weekly),
        "support_hourly": None if price.support_hourly is None else str(price.support_hourly),
        "earliest_start": offer.earliest_start.isoformat(),
        "place": {
            "outward_code": offer.place.outward_code,
            "shared": offer.place.shared,
            "description": offer.place.description,
        },
        "answers": dict(sorted(offer.answers.items())),
    }


def offer_of(facts: Mapping[str, Any]) -> Offer:
    """Read an offer from what `offer_facts` gave. Raises LookupError, TypeError or ValueError for anything else."""
    accommodation, support = facts["accommodation_weekly"], facts["support_hourly"]
    price = Price(
        None if accommodation is None else Decimal(accommodation), None if support is None else Decimal(support)
    )
    start = date.fromisoformat(facts["earliest_start"])
    return Offer(price, start, Place(**facts["place"]), {str(key): str(text) for key, text in facts["answers"].items()})


def request_name(request_key: str, document: Mapping[str, object]) -> str:
    """Name a request by its key and what it said: a double click bids once, a changed offer is another offer.

    The code is left out: the same offer sent again with a new code is the same request. The name tells nothing about
    the offer to who does not know the key: forms have one of 128 random bits.
    """
    return _digest([request_key, _without_code(document)])


def late_digest(gate: Gate, document: Mapping[str, object]) -> str:
    """Digest what was sent too late, with who sent it and when: its receipt, since it is not kept (S10)."""
    return _digest(
        {
            "competition": str(gate.competition_id),
            "provider": str(gate.provider_id),
            "received_at": gate.now.astimezone(UTC).isoformat(),
            "sent": _without_code(document),
        }
    )


def words_digest(words: str) -> str:
    """Digest words that the record proves without holding them: reasons, questions, answers, profiles."""
    return hashlib.sha256(words.encode()).hexdigest()


def _without_code(document: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name != "code"}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
