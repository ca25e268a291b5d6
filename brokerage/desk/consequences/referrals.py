"""What follows from what happens to a referral."""

from __future__ import annotations

from typing import assert_never

from brokerage.desk.consequences.model import NOTHING, Consequences, SetTimer, TimerKind
from brokerage.referrals.events import (
    ExceptionAdmitted,
    ReferralRaised,
    ReferralShared,
    ReferralStarted,
    ReferralWithdrawn,
    SectionSaved,
    ShareEnded,
    WentToMarket,
)

Event = (
    ExceptionAdmitted
    | ReferralRaised
    | ReferralShared
    | ReferralStarted
    | ReferralWithdrawn
    | SectionSaved
    | ShareEnded
    | WentToMarket
)


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case ExceptionAdmitted() | ReferralRaised() | ReferralStarted() | ReferralWithdrawn() | SectionSaved():
            return NOTHING
        case ShareEnded() | WentToMarket():
            return NOTHING
        case ReferralShared():
            return Consequences((SetTimer(TimerKind.END_SHARE, event.share_id, event.ends_at),))
        case _:
            assert_never(event)
