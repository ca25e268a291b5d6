"""What follows from what happens to a referral."""

from __future__ import annotations

from typing import assert_never

from brokerage.desk.consequences.model import NOTHING, Consequences
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
    WentToMarket,
)

Event = ExceptionAdmitted | ReferralRaised | ReferralStarted | ReferralWithdrawn | SectionSaved | WentToMarket


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case ExceptionAdmitted() | ReferralRaised() | ReferralStarted() | ReferralWithdrawn() | SectionSaved():
            return NOTHING
        case WentToMarket():
            return NOTHING
        case _:
            assert_never(event)
