"""How referrals say no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.referrals.model import State, Verb


class ReferralError(Exception):
    """Base of every refusal about a referral."""


@dataclass(eq=False)
class NoSuchReferral(ReferralError):
    """No referral with this id belongs to this authority."""


@dataclass(eq=False)
class NotNow(ReferralError):
    """The referral is not in a state in which this can be done."""

    state: State
    verb: Verb


@dataclass(eq=False)
class AlreadyInMarket(ReferralError):
    """Another referral already looks for what follows this agreement."""

    referral_id: UUID
    reference: str


@dataclass(eq=False)
class NotEligible(ReferralError):
    """The young person is outside who the scheme is for; the rule that refused them is named (A1)."""

    rule: str
    reasons: tuple[str, ...]


@dataclass(eq=False)
class IdentityWouldShow(ReferralError):
    """Words meant for providers still hold something that identifies the young person."""

    found: tuple[str, ...]


@dataclass(eq=False)
class SightNeedsReason(ReferralError):
    """The asker has nothing to do with this young person, and has not said why they must see the record (A47)."""

    referral_id: UUID


@dataclass(eq=False)
class AlreadyShared(ReferralError):
    """The referral is shared with that council already (A4)."""

    until_on: date


@dataclass(eq=False)
class NoSuchShare(ReferralError):
    """No grant of this council has this id, or it has ended."""
