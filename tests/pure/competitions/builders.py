"""Competitions, gates and bids to try the rules on. All made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from brokerage.competitions.model import (
    Award,
    AwardId,
    AwardState,
    Bid,
    BidId,
    Competition,
    CompetitionId,
    Gate,
    Invitation,
    InvitationId,
    Offer,
    Place,
    Profile,
    State,
    Weights,
    Window,
)
from brokerage.competitions.rules import questions
from lots.model import CategoryCode, Price, ProviderId, Wants

OPENS = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=24)
TODAY = date(2026, 11, 21)
OUTCOMES = (("home", "Keeps a home"), ("education", "Stays at college"))
BOTH = frozenset({Wants.ACCOMMODATION, Wants.SUPPORT})


def a_profile(**changes: Any) -> Profile:
    made = Profile(
        "16-17", CategoryCode.TRANSITION, Decimal("10.00"), "over 6 and up to 12 hours a week", BOTH, "DE1",
        (), (), OUTCOMES, "A plan", "A risk plan", 1,
    )  # fmt: skip
    return replace(made, **changes)


def a_competition(**changes: Any) -> Competition:
    weights = changes.get("weights", Weights())
    made = Competition(
        "derby-city", CompetitionId(uuid4()), uuid4(), "R-TESTED", State.CLOSED, "standard", Window(OPENS, CLOSES),
        CLOSES, weights, a_profile(), questions(OUTCOMES, weights), Decimal("900.00"), Decimal("0.00"),
        "A legal basis", 17, None, CLOSES,
    )  # fmt: skip
    return replace(made, **changes)


def a_gate(**changes: Any) -> Gate:
    made = Gate(
        "derby-city", CompetitionId(uuid4()), uuid4(), InvitationId(uuid4()), ProviderId(uuid4()), "R-TESTED",
        State.OPEN, Window(OPENS, CLOSES), Price(Decimal("400.00"), Decimal("23.00")), CategoryCode.TRANSITION,
        Decimal("10.00"), BOTH, questions(OUTCOMES, Weights()), True, 0, None, None, OPENS, bytes(32),
    )  # fmt: skip
    return replace(made, **changes)


def a_document(gate: Gate, **changes: Any) -> dict[str, Any]:
    """Write an offer as a provider would send it."""
    return {
        "accommodation_weekly": "350.00",
        "support_hourly": "22.50",
        "earliest_start": "2026-12-01",
        "place": {"outward_code": "DE1", "shared": True},
        "answers": {question.key: "We will" for question in gate.questions},
        **changes,
    }


def a_bid(competition: Competition, price: Price, received_at: datetime = OPENS, **changes: Any) -> Bid:
    offer = Offer(price, date(2026, 12, 1), Place("DE1", True), {one.key: "We will" for one in competition.questions})
    made = Bid(
        BidId(uuid4()), competition.id, ProviderId(uuid4()), InvitationId(uuid4()), 1, offer, received_at, "digest"
    )
    return replace(made, **changes)


def an_invitation(bid: Bid, block_discount: Decimal = Decimal(0)) -> Invitation:
    tendered = Price(Decimal("9999.00"), Decimal("99.00"))
    return Invitation(
        "derby-city", bid.invitation_id, bid.competition_id, bid.provider_id, tendered, block_discount,
        None, None, None,
    )  # fmt: skip


def invitations_of(bids: list[Bid]) -> dict[UUID, Invitation]:
    return {bid.invitation_id: an_invitation(bid) for bid in bids}


def an_award(**changes: Any) -> Award:
    made = Award(
        "derby-city", AwardId(uuid4()), CompetitionId(uuid4()), BidId(uuid4()), ProviderId(uuid4()),
        AwardState.AWAITING_FUNDING, "", 1, Decimal("500.00"), uuid4(), CLOSES, (),
    )  # fmt: skip
    return replace(made, **changes)
